# Was der Assistent von sich aus sagt. Eine Datei je Sprache, mit denselben Schlüsseln in jeder.
ai-notice = Sie sprechen mit { $name }, einem KI-Assistenten. Die Antworten stammen aus freigegebenen Informationen.
launcher-label = Schreiben Sie uns
greeting = Guten Tag! Ich bin { $name }, ein KI-Assistent. Ich beantworte Fragen aus freigegebenen Informationen: Was möchten Sie wissen?
quote-lead = Ich zitiere aus unseren freigegebenen Informationen, „{ $title }“:
refusal = Mir liegen keine freigegebenen Informationen vor, die das beantworten, daher möchte ich lieber nicht raten. Ein Kollege kann Ihnen dabei helfen.
refusal-handoff = Auch das kann ich nicht aus freigegebenen Informationen beantworten. Ich habe einen Kollegen gebeten, dieses Gespräch zu übernehmen.
failure = Es tut mir leid, es ist etwas schiefgegangen und ich konnte nicht antworten. Ich habe einen Kollegen gebeten, dieses Gespräch zu übernehmen.
away = Ich kann im Moment nicht antworten. Ich habe eine Kollegin oder einen Kollegen gebeten, dieses Gespräch zu übernehmen; die Antwort kommt hier.
person-asked = Ich habe eine Kollegin oder einen Kollegen in dieses Gespräch gebeten; die Antwort kommt hier.
person-away = Im Moment ist niemand aus unserem Team da. Ihre Nachricht bleibt erhalten, und jemand antwortet hier, sobald wir zurück sind.
person-joined = Jemand aus unserem Team ist da: Sie sprechen jetzt mit einem Menschen.
person-left = Ab hier antwortet wieder der KI-Assistent.
person-late = Es dauert länger als üblich, bis jemand antworten kann. Ihre Nachricht geht nicht verloren; Sie können Ihre E-Mail-Adresse hinterlassen, dann schreiben wir Ihnen.
plans-title = Tarife und Preise
plans-text = Es gibt { $count } Tarife: { $plans }, jeweils pro Monat.
plan-in-list = { $name } für { $price }
plan-title = Tarif { $name }: Preis und KI-Credits
plan-price = Der Tarif { $name } kostet { $price } pro Monat und enthält { $credits } KI-Credits (AI Credits) pro Monat.
plan-includes = Enthalten sind { $seats } Plätze für Benutzer, { $integrations } Standardintegrationen, { $personas } Personas und { $items } Wissenseinträge; Support: { $support }. Gespräche werden { $days } Tage aufbewahrt.
unlimited = unbegrenzt

# Was in E-Mails steht: ein Schlüssel für den Betreff, einer für den Text.
mail-invitation-subject = { $business } lädt Sie in das Frontoffice-Team ein
mail-invitation-body =
    Sie sind eingeladen, dem Team von { $business } beizutreten. Öffnen Sie diesen Link, um die Einladung anzunehmen:

    { $link }

    Der Link gilt { $days ->
        [one] einen Tag
       *[other] { $days } Tage
    }. Falls Sie das nicht erwartet haben, können Sie diese E-Mail ignorieren; ohne Ihre Zustimmung geschieht nichts.
mail-signup-subject = Bitte bestätigen Sie Ihre E-Mail-Adresse
mail-signup-body =
    { $business } soll mit dieser E-Mail-Adresse bei Frontoffice eingerichtet werden. Öffnen Sie diesen Link, um die Adresse zu bestätigen und ein Passwort zu wählen:

    { $link }

    Der Link gilt { $hours ->
        [one] eine Stunde
       *[other] { $hours } Stunden
    }. Falls Sie das nicht waren, können Sie diese E-Mail ignorieren; es wird dann nichts eingerichtet.
mail-known-subject = Sie haben bereits ein Konto
mail-known-body =
    Jemand, vermutlich Sie selbst, wollte sich mit dieser E-Mail-Adresse registrieren; für sie gibt es aber bereits ein Konto. Sie können sich wie gewohnt anmelden. Falls Sie Ihr Passwort vergessen haben, wählen Sie hier ein neues:

    { $link }

    Andernfalls können Sie diese E-Mail ignorieren.
mail-reset-subject = Wählen Sie ein neues Passwort
mail-reset-body =
    Jemand, vermutlich Sie selbst, hat für dieses Konto ein neues Passwort angefordert. Öffnen Sie diesen Link, um es festzulegen:

    { $link }

    Der Link gilt { $hours ->
        [one] eine Stunde
       *[other] { $hours } Stunden
    }. Falls Sie das nicht waren, können Sie diese E-Mail ignorieren; Ihr Passwort bleibt, wie es ist.
mail-changed-subject = Ihr Passwort wurde geändert
mail-changed-body =
    Das Passwort Ihres Kontos wurde geändert, und alle anderen Sitzungen wurden beendet. Falls Sie das nicht waren, wählen Sie sofort ein neues Passwort:

    { $link }
mail-credits-50-subject = { $business } hat die Hälfte der KI-Credits verbraucht
mail-credits-50-body =
    Die Hälfte der KI-Credits, die { $business } im laufenden Zeitraum hat, ist verbraucht.

    Das Portal zeigt, wofür, und wie lange der Rest voraussichtlich reicht.
mail-credits-80-subject = { $business } hat 80 % der KI-Credits verbraucht
mail-credits-80-body =
    80 % der KI-Credits, die { $business } im laufenden Zeitraum hat, sind verbraucht.

    Das Portal zeigt, wann sie voraussichtlich aufgebraucht sind. Eine Aufladung oder ein größerer Tarif verhindert, dass Besucher abgewiesen werden.
mail-credits-100-subject = { $business } hat alle KI-Credits verbraucht
mail-credits-100-body =
    Alle KI-Credits, die { $business } im laufenden Zeitraum hat, sind verbraucht.

    Es wird weiter geantwortet, solange andere Credits da sind, etwa aus einer Aufladung. Das Portal zeigt, was noch da ist und wann der nächste Zeitraum beginnt.
mail-credits-exhausted-subject = { $business } hat keine KI-Credits mehr
mail-credits-exhausted-body =
    Ein Besucher von { $business } konnte keine Antwort bekommen, weil keine KI-Credits mehr da sind. Besucher bekommen jetzt den Abwesenheitstext, und Menschen werden gerufen.

    Eine Aufladung oder ein größerer Tarif ändert das sofort; sonst geht es weiter, wenn der nächste Zeitraum beginnt.
mail-plan-ended-subject = Der Tarif von { $business } ist beendet
mail-plan-ended-body =
    Was { $business } abonniert hatte, ist beendet. Besucher bekommen jetzt den Abwesenheitstext; von dem, was gespeichert ist, geht dadurch nichts verloren.

    Wählen Sie im Portal einen Tarif, um weiterzumachen.
mail-charges-differ-subject = { $business }: Abbuchungen müssen geprüft werden
mail-charges-differ-body =
    Die Abbuchungen von gestern wurden nachgerechnet, und bei mindestens einer kam etwas anderes heraus, als abgebucht wurde. Das Protokoll von { $business } nennt die Antworten; geändert wurde nichts.

# Was auf der Kontoseite steht.
account-invitation-title = Dem Team von { $business } beitreten
account-signup-title = E-Mail-Adresse bestätigen
account-reset-title = Neues Passwort wählen
account-forgot-title = Passwort vergessen?
account-email = E-Mail-Adresse
account-name = Ihr Name
account-password = Neues Passwort
account-password-hint = 8 bis 1.000 Zeichen; weder Ihre E-Mail-Adresse noch eines der gängigen Passwörter.
account-submit-invitation = Beitreten
account-submit-signup = Einrichten
account-submit-reset = Passwort speichern
account-submit-forgot = Link anfordern
account-done-invitation = Sie gehören jetzt zum Team von { $business }. Sie können sich nun anmelden.
account-done-signup = Alles ist eingerichtet. Sie können sich nun anmelden.
account-done-reset = Ihr neues Passwort ist gespeichert, und alle Sitzungen wurden beendet. Sie können sich nun anmelden.
account-done-forgot = Falls es zu dieser Adresse ein Konto gibt, ist eine E-Mail mit einem Link unterwegs.
account-link-over = Dieser Link ist ungültig oder nicht mehr gültig. Bitte fordern Sie einen neuen an.
account-failed = Das hat nicht geklappt. Bitte versuchen Sie es gleich noch einmal.

statement-title = Abrechnung für { $business }
statement-total = Summe des Zeitraums
statement-from = Von
statement-to = Bis
statement-item = Wofür
statement-version = Preise der Version
statement-credits = KI-Credits
statement-amount = Betrag
statement-plan = Tarif { $name } für den Zeitraum
statement-proration = Tarif { $name }, Rest des Zeitraums
statement-overage = Über den Tarif hinaus verbrauchte Credits
statement-top-up = Gekaufte Credits
statement-final = Der Zeitraum ist vorbei; diese Abrechnung ändert sich nicht mehr. Der letzte Tag gehört nicht dazu.
statement-running = Der Zeitraum läuft noch, deshalb kann sich dies ändern. Der letzte Tag gehört nicht dazu.
statement-utc = Alle Tage gelten in UTC.

# Was der Chat auf der Website eines Unternehmens sagt.
widget-close = Chat schließen
widget-log = Gesprächsverlauf
widget-input = Ihre Nachricht
widget-placeholder = Nachricht schreiben …
widget-send = Nachricht senden
widget-stop = Antwort anhalten
widget-stopped = Angehalten
widget-typing = { $name } schreibt …
widget-you = Sie
widget-agent = Unser Team
widget-ai = KI-Assistent
widget-greeting = Guten Tag! Wie kann ich Ihnen helfen?
widget-handoff = Mit einem Menschen sprechen
widget-handoff_requested = Ein Mensch wurde gerufen
widget-late = Es dauert länger als üblich
widget-human = Sie sprechen mit einem Menschen
widget-resolved = Dieses Gespräch ist abgeschlossen
widget-email = Hinterlassen Sie Ihre E-Mail-Adresse: Wir schreiben Ihnen, wenn Sie nicht mehr hier sind.
widget-email-label = E-Mail-Adresse
widget-email-send = Adresse hinterlassen
widget-email-done = Vielen Dank. Wir schreiben Ihnen.
widget-email-wrong = Bitte geben Sie eine E-Mail-Adresse wie name@example.com ein.
widget-up = Hilfreich
widget-down = Nicht hilfreich
widget-rate = Wie war dieses Gespräch?
widget-rate-label = Was möchten Sie uns sagen? (freiwillig)
widget-rate-send = Rückmeldung senden
widget-rate-done = Vielen Dank für Ihre Rückmeldung.
widget-sources = Quellen
widget-queued = Wird gesendet
widget-failed = Nicht gesendet.
widget-retry = Erneut versuchen
widget-discard = Verwerfen
widget-offline = Sie sind offline. Was Sie schreiben, wird gesendet, sobald Sie wieder online sind.
widget-reconnecting = Verbindung unterbrochen. Sie wird wiederhergestellt …
widget-limited-one = Zu viele Nachrichten. Neuer Versuch in { $count } Sekunde.
widget-limited-few = Zu viele Nachrichten. Neuer Versuch in { $count } Sekunden.
widget-limited-many = Zu viele Nachrichten. Neuer Versuch in { $count } Sekunden.
widget-limited-other = Zu viele Nachrichten. Neuer Versuch in { $count } Sekunden.
widget-spent = Das Limit für heute ist erreicht. Ihre Nachricht bleibt erhalten; Sie können mit einem Menschen sprechen.
widget-error = Etwas ist schiefgegangen. Bitte versuchen Sie es noch einmal.
widget-no-connection = Der Chat ist im Moment nicht erreichbar.
widget-identify = Bitte melden Sie sich auf dieser Website an, um uns zu schreiben.
widget-latest = Zur neuesten Nachricht
widget-unread-one = { $count } neue Nachricht
widget-unread-few = { $count } neue Nachrichten
widget-unread-many = { $count } neue Nachrichten
widget-unread-other = { $count } neue Nachrichten
