# Wat de assistent zelf zegt. Eén bestand per taal, met in elk dezelfde sleutels.
ai-notice = U praat met { $name }, een AI-assistent. De antwoorden komen uit goedgekeurde informatie.
launcher-label = Chat met ons
greeting = Hallo! Ik ben { $name }, een AI-assistent. Ik beantwoord vragen uit goedgekeurde informatie: wat wilt u weten?
quote-lead = Ik citeer uit onze goedgekeurde informatie, “{ $title }”:
refusal = Ik heb geen goedgekeurde informatie die hierop antwoord geeft, dus ik wil liever niet gokken. Een collega kan u hiermee helpen.
refusal-handoff = Ook hierop kan ik niet antwoorden op basis van goedgekeurde informatie. Ik heb een collega gevraagd dit gesprek over te nemen.
failure = Het spijt me, er is iets misgegaan en ik kon geen antwoord geven. Ik heb een collega gevraagd dit gesprek over te nemen.
away = Ik kan op dit moment niet antwoorden. Ik heb een collega gevraagd dit gesprek over te nemen; die antwoordt hier.
person-asked = Ik heb een collega gevraagd om bij dit gesprek te komen; die antwoordt hier.
person-away = Er is nu niemand van ons team aanwezig. Uw bericht blijft bewaard en een collega antwoordt hier zodra we terug zijn.
person-joined = Een collega doet nu mee: u praat nu met een mens.
person-left = Vanaf hier antwoordt de AI-assistent weer.
person-late = Het duurt langer dan normaal tot een collega kan antwoorden. Uw bericht gaat niet verloren; u kunt uw e-mailadres achterlaten, dan schrijven we u.
plans-title = Abonnementen en prijzen
plans-text = Er zijn { $count } abonnementen: { $plans }, telkens per maand.
plan-in-list = { $name } voor { $price }
plan-title = Abonnement { $name }: prijs en AI-credits
plan-price = Het abonnement { $name } kost { $price } per maand en bevat { $credits } AI-credits per maand.
plan-includes = Inbegrepen zijn { $seats } plaatsen voor gebruikers, { $integrations } standaardintegraties, { $personas } persona's en { $items } kennisitems; ondersteuning: { $support }. Gesprekken worden { $days } dagen bewaard.
unlimited = onbeperkt

# Wat e-mails zeggen: één sleutel voor het onderwerp, één voor de tekst.
mail-invitation-subject = { $business } nodigt u uit voor het Frontoffice-team
mail-invitation-body =
    U bent uitgenodigd om deel uit te maken van het team van { $business }. Open deze link om de uitnodiging te accepteren:

    { $link }

    De link is { $days ->
        [one] één dag
       *[other] { $days } dagen
    } geldig. Had u dit niet verwacht, dan kunt u dit bericht negeren; zonder uw toestemming gebeurt er niets.
mail-signup-subject = Bevestig uw e-mailadres
mail-signup-body =
    Met dit e-mailadres wil iemand { $business } bij Frontoffice inrichten. Open deze link om het adres te bevestigen en een wachtwoord te kiezen:

    { $link }

    De link is { $hours ->
        [one] één uur
       *[other] { $hours } uur
    } geldig. Was u dit niet, dan kunt u dit bericht negeren; er wordt dan niets ingericht.
mail-known-subject = U hebt al een account
mail-known-body =
    Iemand, waarschijnlijk uzelf, wilde zich registreren met dit e-mailadres, maar daarvoor bestaat al een account. U kunt inloggen zoals altijd. Bent u uw wachtwoord vergeten, kies dan hier een nieuw wachtwoord:

    { $link }

    Anders kunt u dit bericht negeren.
mail-reset-subject = Kies een nieuw wachtwoord
mail-reset-body =
    Iemand, waarschijnlijk uzelf, heeft een nieuw wachtwoord voor dit account aangevraagd. Open deze link om het te kiezen:

    { $link }

    De link is { $hours ->
        [one] één uur
       *[other] { $hours } uur
    } geldig. Was u dit niet, dan kunt u dit bericht negeren; uw wachtwoord blijft zoals het is.
mail-changed-subject = Uw wachtwoord is gewijzigd
mail-changed-body =
    Het wachtwoord van uw account is gewijzigd en alle andere sessies zijn beëindigd. Was u dit niet, kies dan meteen een nieuw wachtwoord:

    { $link }
mail-credits-50-subject = { $business } heeft de helft van de AI-credits verbruikt
mail-credits-50-body =
    De helft van de AI-credits die { $business } in de lopende periode heeft, is verbruikt.

    Het portaal laat zien waarvoor, en hoe lang de rest waarschijnlijk meegaat.
mail-credits-80-subject = { $business } heeft 80 % van de AI-credits verbruikt
mail-credits-80-body =
    80 % van de AI-credits die { $business } in de lopende periode heeft, is verbruikt.

    Het portaal laat zien wanneer ze waarschijnlijk op zijn. Met een opwaardering of een groter abonnement worden er geen bezoekers weggestuurd.
mail-credits-100-subject = { $business } heeft alle AI-credits verbruikt
mail-credits-100-body =
    Alle AI-credits die { $business } in de lopende periode heeft, zijn verbruikt.

    Er wordt nog geantwoord zolang er andere credits zijn, zoals uit een opwaardering. Het portaal laat zien wat er over is en wanneer de volgende periode begint.
mail-credits-exhausted-subject = { $business } heeft geen AI-credits meer
mail-credits-exhausted-body =
    Een bezoeker van { $business } kon geen antwoord krijgen, omdat er geen AI-credits meer zijn. Bezoekers krijgen nu de afwezigheidstekst, en er wordt om mensen gevraagd.

    Een opwaardering of een groter abonnement verandert dat meteen; anders gaat het verder wanneer de volgende periode begint.
mail-plan-ended-subject = Het abonnement van { $business } is afgelopen
mail-plan-ended-body =
    Waarop { $business } geabonneerd was, is afgelopen. Bezoekers krijgen nu de afwezigheidstekst; van wat bewaard is, gaat hierdoor niets verloren.

    Kies in het portaal een abonnement om verder te gaan.
mail-charges-differ-subject = { $business }: afschrijvingen moeten worden bekeken
mail-charges-differ-body =
    De afschrijvingen van gisteren zijn nagerekend, en bij minstens één kwam iets anders uit dan is afgeschreven. Het logboek van { $business } noemt de antwoorden; er is niets gewijzigd.

# Wat de accountpagina zegt.
account-invitation-title = Deelnemen aan het team van { $business }
account-signup-title = Uw e-mailadres bevestigen
account-reset-title = Een nieuw wachtwoord kiezen
account-forgot-title = Wachtwoord vergeten?
account-email = E-mailadres
account-name = Uw naam
account-password = Nieuw wachtwoord
account-password-hint = 8 tot 1.000 tekens; niet uw e-mailadres en niet een van de veelgebruikte wachtwoorden.
account-submit-invitation = Deelnemen
account-submit-signup = Inrichten
account-submit-reset = Wachtwoord opslaan
account-submit-forgot = Stuur mij een link
account-done-invitation = U maakt nu deel uit van het team van { $business }. U kunt nu inloggen.
account-done-signup = Alles is ingericht. U kunt nu inloggen.
account-done-reset = Uw nieuwe wachtwoord is opgeslagen en alle sessies zijn beëindigd. U kunt nu inloggen.
account-done-forgot = Als er bij dit adres een account hoort, is er een e-mail met een link onderweg.
account-link-over = Deze link is ongeldig of niet meer geldig. Vraag een nieuwe aan.
account-failed = Dat is niet gelukt. Probeer het zo meteen opnieuw.

statement-title = Overzicht voor { $business }
statement-total = Totaal van de periode
statement-from = Van
statement-to = Tot
statement-item = Waarvoor
statement-version = Prijzen van versie
statement-credits = AI-credits
statement-amount = Bedrag
statement-plan = Abonnement { $name } voor de periode
statement-proration = Abonnement { $name }, rest van de periode
statement-overage = Credits gebruikt boven het abonnement
statement-top-up = Gekochte credits
statement-final = De periode is voorbij; dit overzicht verandert niet meer. De laatste dag hoort er niet bij.
statement-running = De periode loopt nog, dus dit kan veranderen. De laatste dag hoort er niet bij.
statement-utc = Alle dagen zijn in UTC.

# Wat de chat op de website van een bedrijf zegt.
widget-close = Chat sluiten
widget-log = Gesprek
widget-input = Uw bericht
widget-placeholder = Schrijf een bericht…
widget-send = Bericht versturen
widget-stop = Antwoord stoppen
widget-stopped = Gestopt
widget-typing = { $name } schrijft…
widget-you = U
widget-agent = Ons team
widget-ai = AI-assistent
widget-greeting = Hallo! Waarmee kan ik u helpen?
widget-handoff = Met een medewerker praten
widget-handoff_requested = Er is een medewerker gevraagd
widget-late = Het duurt langer dan normaal
widget-human = U praat met een mens
widget-resolved = Dit gesprek is afgesloten
widget-email = Laat uw e-mailadres achter, dan schrijven we u als u hier niet meer bent.
widget-email-label = E-mailadres
widget-email-send = Adres achterlaten
widget-email-done = Dank u. We schrijven u.
widget-email-wrong = Vul een e-mailadres in zoals naam@example.com.
widget-up = Nuttig
widget-down = Niet nuttig
widget-rate = Hoe was dit gesprek?
widget-rate-label = Wat wilt u ons laten weten? (optioneel)
widget-rate-send = Reactie versturen
widget-rate-done = Dank u voor uw reactie.
widget-sources = Bronnen
widget-queued = Wacht op verzending
widget-failed = Niet verzonden.
widget-retry = Opnieuw proberen
widget-discard = Verwijderen
widget-offline = U bent offline. Wat u schrijft, wordt verzonden zodra u weer online bent.
widget-reconnecting = Verbinding verbroken. Opnieuw verbinden…
widget-limited-one = Te veel berichten. Nieuwe poging over { $count } seconde.
widget-limited-few = Te veel berichten. Nieuwe poging over { $count } seconden.
widget-limited-many = Te veel berichten. Nieuwe poging over { $count } seconden.
widget-limited-other = Te veel berichten. Nieuwe poging over { $count } seconden.
widget-spent = De limiet voor vandaag is bereikt. Uw bericht blijft bewaard; u kunt met een medewerker praten.
widget-error = Er is iets misgegaan. Probeer het opnieuw.
widget-no-connection = De chat is nu niet bereikbaar.
widget-identify = Meld u aan op deze website om ons te schrijven.
widget-latest = Naar het nieuwste bericht
widget-unread-one = { $count } nieuw bericht
widget-unread-few = { $count } nieuwe berichten
widget-unread-many = { $count } nieuwe berichten
widget-unread-other = { $count } nieuwe berichten
