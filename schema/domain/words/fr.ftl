# Ce que l'assistant dit de lui-même. Un fichier par langue, avec les mêmes clés dans chacun.
ai-notice = Vous parlez avec { $name }, un assistant IA. Ses réponses proviennent d'informations approuvées.
greeting = Bonjour ! Je suis { $name }, un assistant IA. Je réponds aux questions à partir d'informations approuvées : que souhaitez-vous savoir ?
quote-lead = Je cite nos informations approuvées, « { $title } » :
refusal = Je n'ai pas d'information approuvée qui réponde à cette question, je préfère donc ne pas deviner. Un collègue peut vous aider.
refusal-handoff = Je ne peux pas non plus répondre à cette question à partir d'informations approuvées. J'ai demandé à un collègue de reprendre cette conversation.
failure = Je suis désolé, un problème est survenu et je n'ai pas pu répondre. J'ai demandé à un collègue de reprendre cette conversation.
away = Je ne peux pas répondre pour le moment. J’ai demandé à un collègue de reprendre cette conversation ; il vous répondra ici.
plans-title = Formules et prix
plans-text = Il existe { $count } formules : { $plans }, chacune par mois.
plan-in-list = { $name } à { $price }
plan-title = Formule { $name } : prix et crédits IA
plan-price = La formule { $name } (forfait, abonnement) coûte { $price } par mois et comprend { $credits } crédits IA par mois.
plan-includes = Elle comprend { $seats } places pour utilisateurs, { $integrations } intégrations standard, { $personas } personas et { $items } entrées de connaissances ; assistance : { $support }. Les conversations sont conservées { $days } jours.
unlimited = illimité
