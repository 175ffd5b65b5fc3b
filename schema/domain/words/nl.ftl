# Wat de assistent zelf zegt. Eén bestand per taal, met in elk dezelfde sleutels.
ai-notice = U praat met { $name }, een AI-assistent. De antwoorden komen uit goedgekeurde informatie.
greeting = Hallo! Ik ben { $name }, een AI-assistent. Ik beantwoord vragen uit goedgekeurde informatie: wat wilt u weten?
quote-lead = Ik citeer uit onze goedgekeurde informatie, “{ $title }”:
refusal = Ik heb geen goedgekeurde informatie die hierop antwoord geeft, dus ik wil liever niet gokken. Een collega kan u hiermee helpen.
refusal-handoff = Ook hierop kan ik niet antwoorden op basis van goedgekeurde informatie. Ik heb een collega gevraagd dit gesprek over te nemen.
failure = Het spijt me, er is iets misgegaan en ik kon geen antwoord geven. Ik heb een collega gevraagd dit gesprek over te nemen.
away = Ik kan op dit moment niet antwoorden. Ik heb een collega gevraagd dit gesprek over te nemen; die antwoordt hier.
plans-title = Abonnementen en prijzen
plans-text = Er zijn { $count } abonnementen: { $plans }, telkens per maand.
plan-in-list = { $name } voor { $price }
plan-title = Abonnement { $name }: prijs en AI-credits
plan-price = Het abonnement { $name } kost { $price } per maand en bevat { $credits } AI-credits per maand.
plan-includes = Inbegrepen zijn { $seats } plaatsen voor gebruikers, { $integrations } standaardintegraties, { $personas } persona's en { $items } kennisitems; ondersteuning: { $support }. Gesprekken worden { $days } dagen bewaard.
unlimited = onbeperkt
