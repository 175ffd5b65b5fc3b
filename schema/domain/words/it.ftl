# Ciò che l'assistente dice da sé. Un file per lingua, con le stesse chiavi in ciascuno.
ai-notice = Sta parlando con { $name }, un assistente IA. Le sue risposte provengono da informazioni approvate.
launcher-label = Scrivici in chat
greeting = Buongiorno! Sono { $name }, un assistente IA. Rispondo alle domande con informazioni approvate: che cosa desidera sapere?
quote-lead = Cito dalle nostre informazioni approvate, «{ $title }»:
refusal = Non ho informazioni approvate che rispondano a questa domanda, quindi preferisco non tirare a indovinare. Un collega può aiutarLa.
refusal-handoff = Nemmeno a questa domanda posso rispondere in base a informazioni approvate. Ho chiesto a un collega di subentrare in questa conversazione.
failure = Mi dispiace, qualcosa è andato storto e non ho potuto rispondere. Ho chiesto a un collega di subentrare in questa conversazione.
away = In questo momento non posso rispondere. Ho chiesto a un collega di occuparsi di questa conversazione; le risponderà qui.
person-asked = Ho chiesto a un collega di unirsi a questa conversazione; risponderà qui.
person-away = In questo momento non c'è nessuno del nostro team. Il suo messaggio è conservato e un collega risponderà qui al nostro ritorno.
person-joined = Si è unito un collega: ora sta parlando con una persona.
person-left = Da qui in poi risponde di nuovo l'assistente IA.
person-late = Ci vuole più tempo del solito prima che un collega possa rispondere. Il suo messaggio non va perso; può lasciare il suo indirizzo e-mail e le scriveremo.
plans-title = Piani e prezzi
plans-text = Ci sono { $count } piani: { $plans }, ciascuno al mese.
plan-in-list = { $name } a { $price }
plan-title = Piano { $name }: prezzo e crediti IA
plan-price = Il piano { $name } costa { $price } al mese e comprende { $credits } crediti IA al mese.
plan-includes = Comprende { $seats } postazioni utente, { $integrations } integrazioni standard, { $personas } personas e { $items } voci di conoscenza; assistenza: { $support }. Le conversazioni si conservano per { $days } giorni.
unlimited = illimitati

# Ciò che dicono le e-mail: una chiave per l'oggetto, una per il testo.
mail-invitation-subject = { $business } La invita a far parte del team Frontoffice
mail-invitation-body =
    Ha ricevuto un invito a far parte del team di { $business }. Apra questo link per accettarlo:

    { $link }

    Il link è valido per { $days ->
        [one] un giorno
       *[other] { $days } giorni
    }. Se non si aspettava questo invito, può ignorare questa e-mail; senza il Suo consenso non succede nulla.
mail-signup-subject = Confermi il Suo indirizzo e-mail
mail-signup-body =
    Con questo indirizzo e-mail è stata richiesta la registrazione di { $business } su Frontoffice. Apra questo link per confermare l'indirizzo e scegliere una password:

    { $link }

    Il link è valido per { $hours ->
        [one] un'ora
       *[other] { $hours } ore
    }. Se la richiesta non proviene da Lei, può ignorare questa e-mail; non verrà registrato nulla.
mail-known-subject = Ha già un account
mail-known-body =
    Qualcuno, probabilmente Lei, voleva registrarsi con questo indirizzo e-mail, al quale è già associato un account. Può accedere come di consueto. Se ha dimenticato la password, ne scelga una nuova qui:

    { $link }

    Altrimenti può ignorare questa e-mail.
mail-reset-subject = Scelga una nuova password
mail-reset-body =
    Qualcuno, probabilmente Lei, ha chiesto una nuova password per questo account. Apra questo link per sceglierla:

    { $link }

    Il link è valido per { $hours ->
        [one] un'ora
       *[other] { $hours } ore
    }. Se la richiesta non proviene da Lei, può ignorare questa e-mail; la Sua password resta invariata.
mail-changed-subject = La Sua password è stata cambiata
mail-changed-body =
    La password del Suo account è stata cambiata e tutte le altre sessioni sono state chiuse. Se non ha richiesto Lei questa modifica, scelga subito una nuova password:

    { $link }
mail-credits-50-subject = { $business } ha usato metà dei suoi crediti IA
mail-credits-50-body =
    Metà dei crediti IA che { $business } ha per il periodo in corso è stata usata.

    Il portale mostra per che cosa e quanto durerà probabilmente il resto.
mail-credits-80-subject = { $business } ha usato l’80 % dei suoi crediti IA
mail-credits-80-body =
    L’80 % dei crediti IA che { $business } ha per il periodo in corso è stato usato.

    Il portale mostra quando probabilmente finiranno. Una ricarica o un piano più grande evita che dei visitatori restino senza risposta.
mail-credits-100-subject = { $business } ha usato tutti i suoi crediti IA
mail-credits-100-body =
    Tutti i crediti IA che { $business } ha per il periodo in corso sono stati usati.

    Si continua a rispondere finché ci sono altri crediti, per esempio di una ricarica. Il portale mostra che cosa resta e quando comincia il periodo successivo.
mail-credits-exhausted-subject = { $business } non ha più crediti IA
mail-credits-exhausted-body =
    Un visitatore di { $business } non ha potuto ricevere risposta perché non ci sono più crediti IA. Ora i visitatori ricevono il testo di assenza e si chiede di una persona.

    Una ricarica o un piano più grande cambia subito le cose; altrimenti si continua quando comincia il periodo successivo.
mail-plan-ended-subject = Il piano di { $business } è terminato
mail-plan-ended-body =
    L’abbonamento di { $business } è terminato. Ora i visitatori ricevono il testo di assenza; nulla di ciò che è salvato va perso.

    Scelga un piano nel portale per continuare.
mail-charges-differ-subject = { $business }: addebiti da controllare
mail-charges-differ-body =
    Gli addebiti di ieri sono stati ricalcolati, e almeno uno dà un risultato diverso da quanto addebitato. Il registro di { $business } indica le risposte; nulla è stato cambiato.

# Ciò che dice la pagina dell'account.
account-invitation-title = Entrare nel team di { $business }
account-signup-title = Confermi il Suo indirizzo e-mail
account-reset-title = Scelga una nuova password
account-forgot-title = Ha dimenticato la password?
account-email = Indirizzo e-mail
account-name = Il Suo nome
account-password = Nuova password
account-password-hint = Da 8 a 1000 caratteri; non il Suo indirizzo e-mail né una delle password più comuni.
account-submit-invitation = Entra nel team
account-submit-signup = Completa la registrazione
account-submit-reset = Salva la password
account-submit-forgot = Invia il link
account-done-invitation = Ora fa parte del team di { $business }. Può già accedere.
account-done-signup = È tutto pronto. Ora può accedere.
account-done-reset = La nuova password è stata salvata e tutte le sessioni sono state chiuse. Ora può accedere.
account-done-forgot = Se a questo indirizzo è associato un account, è in arrivo un'e-mail con un link.
account-link-over = Questo link non è valido o non lo è più. Ne richieda uno nuovo.
account-failed = Non ha funzionato. Riprovi tra un momento.

statement-title = Rendiconto per { $business }
statement-total = Totale del periodo
statement-from = Dal
statement-to = Al
statement-item = Voce
statement-version = Prezzi della versione
statement-credits = Crediti IA
statement-amount = Importo
statement-plan = Piano { $name } per il periodo
statement-proration = Piano { $name }, resto del periodo
statement-overage = Crediti usati oltre il piano
statement-top-up = Crediti acquistati
statement-final = Il periodo è terminato; questo rendiconto non cambia più. L’ultimo giorno non ne fa parte.
statement-running = Il periodo è ancora in corso, quindi questo può cambiare. L’ultimo giorno non ne fa parte.
statement-utc = Tutti i giorni sono in UTC.

# Ciò che dice la chat sul sito web di un'attività.
widget-close = Chiudi la chat
widget-log = Conversazione
widget-input = Il suo messaggio
widget-placeholder = Scriva un messaggio…
widget-send = Invia messaggio
widget-stop = Interrompi la risposta
widget-stopped = Interrotta
widget-typing = { $name } sta scrivendo…
widget-you = Lei
widget-agent = Il nostro team
widget-ai = Assistente IA
widget-greeting = Buongiorno! Come posso aiutarLa?
widget-handoff = Parla con una persona
widget-handoff_requested = È stata chiamata una persona
widget-late = Ci vuole più tempo del solito
widget-human = Sta parlando con una persona
widget-resolved = Questa conversazione è conclusa
widget-email = Lasci il suo indirizzo e-mail: le scriveremo se non sarà più qui.
widget-email-label = Indirizzo e-mail
widget-email-send = Lascia indirizzo
widget-email-done = Grazie. Le scriveremo.
widget-email-wrong = Inserisca un indirizzo e-mail come nome@example.com.
widget-up = Utile
widget-down = Non utile
widget-rate = Com’è andata questa conversazione?
widget-rate-label = Che cosa vuole dirci? (facoltativo)
widget-rate-send = Invia parere
widget-rate-done = Grazie per il suo parere.
widget-sources = Fonti
widget-queued = In attesa di invio
widget-failed = Non inviato.
widget-retry = Riprova
widget-discard = Elimina
widget-offline = È offline. Ciò che scrive verrà inviato appena torna online.
widget-reconnecting = Connessione persa. Nuovo tentativo…
widget-limited-one = Troppi messaggi. Nuovo tentativo tra { $count } secondo.
widget-limited-few = Troppi messaggi. Nuovo tentativo tra { $count } secondi.
widget-limited-many = Troppi messaggi. Nuovo tentativo tra { $count } secondi.
widget-limited-other = Troppi messaggi. Nuovo tentativo tra { $count } secondi.
widget-spent = È stato raggiunto il limite di oggi. Il suo messaggio è conservato; può parlare con una persona.
widget-error = Qualcosa è andato storto. Riprovi.
widget-no-connection = La chat non è raggiungibile in questo momento.
widget-identify = Acceda a questo sito web per scriverci.
widget-latest = Vai al messaggio più recente
widget-unread-one = { $count } nuovo messaggio
widget-unread-few = { $count } nuovi messaggi
widget-unread-many = { $count } nuovi messaggi
widget-unread-other = { $count } nuovi messaggi
