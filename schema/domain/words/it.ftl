# Ciò che l'assistente dice da sé. Un file per lingua, con le stesse chiavi in ciascuno.
ai-notice = Sta parlando con { $name }, un assistente IA. Le sue risposte sono citazioni di informazioni approvate.
quote-lead = Cito dalle nostre informazioni approvate, «{ $title }»:
refusal = Non ho informazioni approvate che rispondano a questa domanda, quindi preferisco non tirare a indovinare. Un collega può aiutarLa.
refusal-handoff = Nemmeno a questa domanda posso rispondere in base a informazioni approvate. Ho chiesto a un collega di subentrare in questa conversazione.
failure = Mi dispiace, qualcosa è andato storto e non ho potuto rispondere. Ho chiesto a un collega di subentrare in questa conversazione.
