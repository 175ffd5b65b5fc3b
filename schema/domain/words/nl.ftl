# Wat de assistent zelf zegt. Eén bestand per taal, met in elk dezelfde sleutels.
ai-notice = U praat met { $name }, een AI-assistent. De antwoorden komen uit goedgekeurde informatie.
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
