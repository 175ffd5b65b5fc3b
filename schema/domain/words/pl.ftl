# To, co asystent mówi sam od siebie. Jeden plik na język, w każdym te same klucze.
ai-notice = Rozmawiają Państwo z asystentem AI o imieniu { $name }. Jego odpowiedzi pochodzą z zatwierdzonych informacji.
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
