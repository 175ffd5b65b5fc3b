# To, co asystent mówi sam od siebie. Jeden plik na język, w każdym te same klucze.
ai-notice = Rozmawiają Państwo z asystentem AI o imieniu { $name }. Jego odpowiedzi pochodzą z zatwierdzonych informacji.
greeting = Dzień dobry! Nazywam się { $name } i jestem asystentem AI. Odpowiadam na pytania na podstawie zatwierdzonych informacji. O co chcą Państwo zapytać?
quote-lead = Cytuję nasze zatwierdzone informacje, „{ $title }”:
refusal = Nie mam zatwierdzonych informacji, które odpowiadałyby na to pytanie, dlatego wolę nie zgadywać. Może w tym pomóc mój współpracownik.
refusal-handoff = Na to pytanie również nie mogę odpowiedzieć na podstawie zatwierdzonych informacji. Współpracownik został poproszony o przejęcie tej rozmowy.
failure = Przepraszam, coś poszło nie tak i nie udało mi się odpowiedzieć. Współpracownik został poproszony o przejęcie tej rozmowy.
away = W tej chwili nie mogę odpowiedzieć. Osoba z naszego zespołu została poproszona o przejęcie tej rozmowy i odpowie tutaj.
plans-title = Plany i ceny
plans-text = Dostępne plany ({ $count }): { $plans }, każdy za miesiąc.
plan-in-list = { $name } za { $price }
plan-title = Plan { $name }: cena i kredyty AI
plan-price = Plan { $name } kosztuje { $price } miesięcznie i obejmuje { $credits } kredytów AI na miesiąc.
plan-includes = Zawiera: miejsca dla użytkowników: { $seats }, standardowe integracje: { $integrations }, persony: { $personas }, wpisy wiedzy: { $items }; wsparcie: { $support }. Rozmowy są przechowywane przez { $days } dni.
unlimited = bez ograniczeń
