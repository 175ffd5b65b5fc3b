# Ciò che l'assistente dice da sé. Un file per lingua, con le stesse chiavi in ciascuno.
ai-notice = Sta parlando con { $name }, un assistente IA. Le sue risposte provengono da informazioni approvate.
greeting = Buongiorno! Sono { $name }, un assistente IA. Rispondo alle domande con informazioni approvate: che cosa desidera sapere?
quote-lead = Cito dalle nostre informazioni approvate, «{ $title }»:
refusal = Non ho informazioni approvate che rispondano a questa domanda, quindi preferisco non tirare a indovinare. Un collega può aiutarLa.
refusal-handoff = Nemmeno a questa domanda posso rispondere in base a informazioni approvate. Ho chiesto a un collega di subentrare in questa conversazione.
failure = Mi dispiace, qualcosa è andato storto e non ho potuto rispondere. Ho chiesto a un collega di subentrare in questa conversazione.
away = In questo momento non posso rispondere. Ho chiesto a un collega di occuparsi di questa conversazione; le risponderà qui.
plans-title = Piani e prezzi
plans-text = Ci sono { $count } piani: { $plans }, ciascuno al mese.
plan-in-list = { $name } a { $price }
plan-title = Piano { $name }: prezzo e crediti IA
plan-price = Il piano { $name } costa { $price } al mese e comprende { $credits } crediti IA al mese.
plan-includes = Comprende { $seats } postazioni utente, { $integrations } integrazioni standard, { $personas } personas e { $items } voci di conoscenza; assistenza: { $support }. Le conversazioni si conservano per { $days } giorni.
unlimited = illimitati
