# To, co asystent mówi sam od siebie. Jeden plik na język, w każdym te same klucze.
ai-notice = Rozmawiają Państwo z asystentem AI o imieniu { $name }. Jego odpowiedzi pochodzą z zatwierdzonych informacji.
launcher-label = Napisz do nas
greeting = Dzień dobry! Nazywam się { $name } i jestem asystentem AI. Odpowiadam na pytania na podstawie zatwierdzonych informacji. O co chcą Państwo zapytać?
quote-lead = Cytuję nasze zatwierdzone informacje, „{ $title }”:
refusal = Nie mam zatwierdzonych informacji, które odpowiadałyby na to pytanie, dlatego wolę nie zgadywać. Może w tym pomóc mój współpracownik.
refusal-handoff = Na to pytanie również nie mogę odpowiedzieć na podstawie zatwierdzonych informacji. Współpracownik został poproszony o przejęcie tej rozmowy.
failure = Przepraszam, coś poszło nie tak i nie udało mi się odpowiedzieć. Współpracownik został poproszony o przejęcie tej rozmowy.
away = W tej chwili nie mogę odpowiedzieć. Osoba z naszego zespołu została poproszona o przejęcie tej rozmowy i odpowie tutaj.
person-asked = Poprosiłem współpracownika o dołączenie do tej rozmowy; odpowie tutaj.
person-away = W tej chwili nie ma nikogo z naszego zespołu. Wiadomość została zachowana i ktoś odpowie tutaj, gdy wrócimy.
person-joined = Dołączył współpracownik: rozmawiasz teraz z człowiekiem.
person-left = Od tej chwili znów odpowiada asystent AI.
person-late = Odpowiedź współpracownika trwa dłużej niż zwykle. Wiadomość nie zginie; możesz zostawić swój adres e-mail, a napiszemy do Ciebie.
plans-title = Plany i ceny
plans-text = Dostępne plany ({ $count }): { $plans }, każdy za miesiąc.
plan-in-list = { $name } za { $price }
plan-title = Plan { $name }: cena i kredyty AI
plan-price = Plan { $name } kosztuje { $price } miesięcznie i obejmuje { $credits } kredytów AI na miesiąc.
plan-includes = Zawiera: miejsca dla użytkowników: { $seats }, standardowe integracje: { $integrations }, persony: { $personas }, wpisy wiedzy: { $items }; wsparcie: { $support }. Rozmowy są przechowywane przez { $days } dni.
unlimited = bez ograniczeń

# Co mówią listy: jeden klucz na temat, jeden na treść.
mail-invitation-subject = { $business } zaprasza Państwa do zespołu Frontoffice
mail-invitation-body =
    Otrzymali Państwo zaproszenie do zespołu firmy { $business }. Aby je przyjąć, proszę otworzyć ten link:

    { $link }

    Link jest ważny przez { $days ->
        [one] jeden dzień
        [few] { $days } dni
        [many] { $days } dni
       *[other] { $days } dnia
    }. Jeśli nie spodziewali się Państwo tej wiadomości, można ją zignorować; bez Państwa zgody nic się nie stanie.
mail-signup-subject = Prosimy o potwierdzenie adresu e-mail
mail-signup-body =
    Z użyciem tego adresu e-mail ma zostać założone konto firmy { $business } w serwisie Frontoffice. Aby potwierdzić adres i wybrać hasło, proszę otworzyć ten link:

    { $link }

    Link jest ważny przez { $hours ->
        [one] jedną godzinę
        [few] { $hours } godziny
        [many] { $hours } godzin
       *[other] { $hours } godziny
    }. Jeśli to nie Państwo o to prosili, można zignorować tę wiadomość; żadne konto nie zostanie wtedy założone.
mail-known-subject = Mają już Państwo konto
mail-known-body =
    Ktoś, prawdopodobnie Państwo, próbował zarejestrować się z tym adresem e-mail, jednak konto z tym adresem już istnieje. Mogą się Państwo zalogować jak zwykle. Jeśli nie pamiętają Państwo hasła, nowe można wybrać tutaj:

    { $link }

    W przeciwnym razie można zignorować tę wiadomość.
mail-reset-subject = Proszę wybrać nowe hasło
mail-reset-body =
    Ktoś, prawdopodobnie Państwo, poprosił o nowe hasło do tego konta. Aby je wybrać, proszę otworzyć ten link:

    { $link }

    Link jest ważny przez { $hours ->
        [one] jedną godzinę
        [few] { $hours } godziny
        [many] { $hours } godzin
       *[other] { $hours } godziny
    }. Jeśli to nie Państwo o to prosili, można zignorować tę wiadomość; hasło pozostanie bez zmian.
mail-changed-subject = Państwa hasło zostało zmienione
mail-changed-body =
    Hasło do Państwa konta zostało zmienione, a wszystkie pozostałe sesje zakończone. Jeśli to nie Państwo dokonali tej zmiany, proszę natychmiast wybrać nowe hasło:

    { $link }
mail-credits-50-subject = { $business }: wykorzystano połowę kredytów AI
mail-credits-50-body =
    Połowa kredytów AI, które { $business } ma na bieżący okres, została wykorzystana.

    Portal pokazuje, na co, i na jak długo prawdopodobnie wystarczy reszta.
mail-credits-80-subject = { $business }: wykorzystano 80 % kredytów AI
mail-credits-80-body =
    80 % kredytów AI, które { $business } ma na bieżący okres, zostało wykorzystane.

    Portal pokazuje, kiedy prawdopodobnie się skończą. Doładowanie lub większy plan sprawi, że nikt nie zostanie bez odpowiedzi.
mail-credits-100-subject = { $business }: wykorzystano wszystkie kredyty AI
mail-credits-100-body =
    Wszystkie kredyty AI, które { $business } ma na bieżący okres, zostały wykorzystane.

    Odpowiedzi są nadal udzielane, dopóki są inne kredyty, na przykład z doładowania. Portal pokazuje, co zostało i kiedy zaczyna się następny okres.
mail-credits-exhausted-subject = { $business } nie ma już kredytów AI
mail-credits-exhausted-body =
    Odwiedzający stronę { $business } nie otrzymał odpowiedzi, ponieważ nie ma już kredytów AI. Odwiedzający otrzymują teraz tekst o nieobecności, a o pomoc proszony jest człowiek.

    Doładowanie lub większy plan zmienia to od razu; w przeciwnym razie odpowiedzi wrócą z początkiem następnego okresu.
mail-plan-ended-subject = Plan { $business } wygasł
mail-plan-ended-body =
    Subskrypcja { $business } wygasła. Odwiedzający otrzymują teraz tekst o nieobecności; nic z tego, co zapisano, nie przepada.

    Aby kontynuować, proszę wybrać plan w portalu.
mail-charges-differ-subject = { $business }: obciążenia do sprawdzenia
mail-charges-differ-body =
    Wczorajsze obciążenia przeliczono ponownie i co najmniej jedno wyszło inaczej, niż naliczono. Dziennik { $business } wymienia odpowiedzi; niczego nie zmieniono.

# Co mówi strona konta.
account-invitation-title = Dołączenie do zespołu firmy { $business }
account-signup-title = Potwierdzenie adresu e-mail
account-reset-title = Wybór nowego hasła
account-forgot-title = Nie pamiętają Państwo hasła?
account-email = Adres e-mail
account-name = Imię i nazwisko
account-password = Nowe hasło
account-password-hint = Od 8 do 1000 znaków; nie może to być Państwa adres e-mail ani jedno z popularnych haseł.
account-submit-invitation = Dołącz
account-submit-signup = Załóż konto
account-submit-reset = Zapisz hasło
account-submit-forgot = Wyślij link
account-done-invitation = Dołączyli Państwo do zespołu firmy { $business }. Można się już zalogować.
account-done-signup = Wszystko jest gotowe. Można się już zalogować.
account-done-reset = Nowe hasło zostało zapisane, a wszystkie sesje zakończone. Można się już zalogować.
account-done-forgot = Jeśli z tym adresem jest powiązane konto, wiadomość z linkiem jest już w drodze.
account-link-over = Ten link jest nieprawidłowy lub stracił ważność. Należy poprosić o nowy.
account-failed = Nie udało się. Proszę spróbować ponownie za chwilę.

statement-title = Rozliczenie dla { $business }
statement-total = Razem za okres
statement-from = Od
statement-to = Do
statement-item = Za co
statement-version = Ceny wersji
statement-credits = Kredyty AI
statement-amount = Kwota
statement-plan = Plan { $name } na okres
statement-proration = Plan { $name }, reszta okresu
statement-overage = Kredyty zużyte ponad plan
statement-top-up = Kupione kredyty
statement-final = Okres się zakończył; to rozliczenie już się nie zmieni. Ostatni dzień do niego nie należy.
statement-running = Okres jeszcze trwa, więc to może się zmienić. Ostatni dzień do niego nie należy.
statement-utc = Wszystkie dni są podane w UTC.

# Co mówi czat na stronie firmy.
widget-close = Zamknij czat
widget-log = Rozmowa
widget-input = Treść wiadomości
widget-placeholder = Napisz wiadomość…
widget-send = Wyślij wiadomość
widget-stop = Zatrzymaj odpowiedź
widget-stopped = Zatrzymano
widget-typing = { $name } pisze…
widget-you = Ty
widget-agent = Nasz zespół
widget-ai = Asystent AI
widget-greeting = Dzień dobry! W czym mogę pomóc?
widget-handoff = Porozmawiaj z człowiekiem
widget-handoff_requested = Poproszono o dołączenie pracownika
widget-late = Trwa to dłużej niż zwykle
widget-human = Rozmawiasz z człowiekiem
widget-resolved = Ta rozmowa jest zakończona
widget-email = Zostaw swój adres e-mail, a napiszemy, jeśli już Cię tu nie będzie.
widget-email-label = Adres e-mail
widget-email-send = Zostaw adres
widget-email-done = Dziękujemy. Napiszemy do Ciebie.
widget-email-wrong = Podaj adres e-mail, na przykład imie@example.com.
widget-up = Pomocne
widget-down = Niepomocne
widget-rate = Jak oceniasz tę rozmowę?
widget-rate-label = Co chcesz nam przekazać? (opcjonalnie)
widget-rate-send = Wyślij opinię
widget-rate-done = Dziękujemy za opinię.
widget-sources = Źródła
widget-queued = Czeka na wysłanie
widget-failed = Nie wysłano.
widget-retry = Spróbuj ponownie
widget-discard = Odrzuć
widget-offline = Jesteś offline. To, co napiszesz, zostanie wysłane po odzyskaniu połączenia.
widget-reconnecting = Utracono połączenie. Ponowne łączenie…
widget-limited-one = Zbyt wiele wiadomości. Ponowna próba za { $count } sekundę.
widget-limited-few = Zbyt wiele wiadomości. Ponowna próba za { $count } sekundy.
widget-limited-many = Zbyt wiele wiadomości. Ponowna próba za { $count } sekund.
widget-limited-other = Zbyt wiele wiadomości. Ponowna próba za { $count } sekund.
widget-spent = Dzisiejszy limit został wyczerpany. Wiadomość została zachowana; możesz porozmawiać z człowiekiem.
widget-error = Coś poszło nie tak. Spróbuj ponownie.
widget-no-connection = Czat jest teraz niedostępny.
widget-identify = Zaloguj się na tej stronie, aby do nas napisać.
widget-latest = Przejdź do najnowszej wiadomości
widget-unread-one = { $count } nowa wiadomość
widget-unread-few = { $count } nowe wiadomości
widget-unread-many = { $count } nowych wiadomości
widget-unread-other = { $count } nowych wiadomości
