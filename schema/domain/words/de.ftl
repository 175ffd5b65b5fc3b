# Was der Assistent von sich aus sagt. Eine Datei je Sprache, mit denselben Schlüsseln in jeder.
ai-notice = Sie sprechen mit { $name }, einem KI-Assistenten. Die Antworten stammen aus freigegebenen Informationen.
greeting = Guten Tag! Ich bin { $name }, ein KI-Assistent. Ich beantworte Fragen aus freigegebenen Informationen: Was möchten Sie wissen?
quote-lead = Ich zitiere aus unseren freigegebenen Informationen, „{ $title }“:
refusal = Mir liegen keine freigegebenen Informationen vor, die das beantworten, daher möchte ich lieber nicht raten. Ein Kollege kann Ihnen dabei helfen.
refusal-handoff = Auch das kann ich nicht aus freigegebenen Informationen beantworten. Ich habe einen Kollegen gebeten, dieses Gespräch zu übernehmen.
failure = Es tut mir leid, es ist etwas schiefgegangen und ich konnte nicht antworten. Ich habe einen Kollegen gebeten, dieses Gespräch zu übernehmen.
away = Ich kann im Moment nicht antworten. Ich habe eine Kollegin oder einen Kollegen gebeten, dieses Gespräch zu übernehmen; die Antwort kommt hier.
plans-title = Tarife und Preise
plans-text = Es gibt { $count } Tarife: { $plans }, jeweils pro Monat.
plan-in-list = { $name } für { $price }
plan-title = Tarif { $name }: Preis und KI-Credits
plan-price = Der Tarif { $name } kostet { $price } pro Monat und enthält { $credits } KI-Credits (AI Credits) pro Monat.
plan-includes = Enthalten sind { $seats } Plätze für Benutzer, { $integrations } Standardintegrationen, { $personas } Personas und { $items } Wissenseinträge; Support: { $support }. Gespräche werden { $days } Tage aufbewahrt.
unlimited = unbegrenzt
