# Ce que l'assistant dit de lui-même. Un fichier par langue, avec les mêmes clés dans chacun.
ai-notice = Vous parlez avec { $name }, un assistant IA. Ses réponses proviennent d'informations approuvées.
launcher-label = Écrivez-nous
greeting = Bonjour ! Je suis { $name }, un assistant IA. Je réponds aux questions à partir d'informations approuvées : que souhaitez-vous savoir ?
quote-lead = Je cite nos informations approuvées, « { $title } » :
refusal = Je n'ai pas d'information approuvée qui réponde à cette question, je préfère donc ne pas deviner. Un collègue peut vous aider.
refusal-handoff = Je ne peux pas non plus répondre à cette question à partir d'informations approuvées. J'ai demandé à un collègue de reprendre cette conversation.
failure = Je suis désolé, un problème est survenu et je n'ai pas pu répondre. J'ai demandé à un collègue de reprendre cette conversation.
away = Je ne peux pas répondre pour le moment. J’ai demandé à un collègue de reprendre cette conversation ; il vous répondra ici.
person-asked = J'ai demandé à un collègue de rejoindre cette conversation ; il répondra ici.
person-away = Personne de notre équipe n'est là pour le moment. Votre message est conservé et un collègue répondra ici à notre retour.
person-joined = Un collègue est là : vous parlez maintenant à une personne.
person-left = À partir d'ici, l'assistant IA répond de nouveau.
person-late = Il faut plus de temps que d'habitude pour qu'un collègue puisse répondre. Votre message n'est pas perdu ; vous pouvez laisser votre adresse e-mail et nous vous écrirons.
plans-title = Formules et prix
plans-text = Il existe { $count } formules : { $plans }, chacune par mois.
plan-in-list = { $name } à { $price }
plan-title = Formule { $name } : prix et crédits IA
plan-price = La formule { $name } (forfait, abonnement) coûte { $price } par mois et comprend { $credits } crédits IA par mois.
plan-includes = Elle comprend { $seats } places pour utilisateurs, { $integrations } intégrations standard, { $personas } personas et { $items } entrées de connaissances ; assistance : { $support }. Les conversations sont conservées { $days } jours.
unlimited = illimité

# Ce que disent les e-mails : une clé pour l'objet, une pour le texte.
mail-invitation-subject = { $business } vous invite à rejoindre son équipe Frontoffice
mail-invitation-body =
    { $business } vous invite à rejoindre son équipe. Ouvrez ce lien pour accepter :

    { $link }

    Le lien est valable pendant { $days ->
        [one] un jour
       *[other] { $days } jours
    }. Si vous ne vous y attendiez pas, vous pouvez ignorer cet e-mail ; rien ne se passe sans votre accord.
mail-signup-subject = Veuillez confirmer votre adresse e-mail
mail-signup-body =
    Un espace Frontoffice doit être créé pour { $business } avec cette adresse e-mail. Ouvrez ce lien pour confirmer l'adresse et choisir un mot de passe :

    { $link }

    Le lien est valable pendant { $hours ->
        [one] une heure
       *[other] { $hours } heures
    }. Si vous n'êtes pas à l'origine de cette demande, vous pouvez ignorer cet e-mail ; rien ne sera créé.
mail-known-subject = Vous avez déjà un compte
mail-known-body =
    Quelqu'un, probablement vous, a voulu s'inscrire avec cette adresse e-mail, à laquelle un compte est déjà associé. Vous pouvez vous connecter comme d'habitude. Si vous avez oublié votre mot de passe, choisissez-en un nouveau ici :

    { $link }

    Sinon, vous pouvez ignorer cet e-mail.
mail-reset-subject = Choisissez un nouveau mot de passe
mail-reset-body =
    Quelqu'un, probablement vous, a demandé un nouveau mot de passe pour ce compte. Ouvrez ce lien pour le choisir :

    { $link }

    Le lien est valable pendant { $hours ->
        [one] une heure
       *[other] { $hours } heures
    }. Si ce n'était pas vous, vous pouvez ignorer cet e-mail ; votre mot de passe reste inchangé.
mail-changed-subject = Votre mot de passe a été modifié
mail-changed-body =
    Le mot de passe de votre compte a été modifié et toutes les autres sessions ont été fermées. Si ce n'était pas vous, choisissez immédiatement un nouveau mot de passe :

    { $link }
mail-credits-50-subject = { $business } a utilisé la moitié de ses crédits d’IA
mail-credits-50-body =
    La moitié des crédits d’IA dont { $business } dispose pour la période en cours est utilisée.

    Le portail montre à quoi ils ont servi et combien de temps le reste devrait durer.
mail-credits-80-subject = { $business } a utilisé 80 % de ses crédits d’IA
mail-credits-80-body =
    80 % des crédits d’IA dont { $business } dispose pour la période en cours sont utilisés.

    Le portail montre quand ils seront probablement épuisés. Une recharge ou une offre plus grande évite que des visiteurs restent sans réponse.
mail-credits-100-subject = { $business } a utilisé tous ses crédits d’IA
mail-credits-100-body =
    Tous les crédits d’IA dont { $business } dispose pour la période en cours sont utilisés.

    Les réponses continuent tant qu’il y a d’autres crédits, par exemple une recharge. Le portail montre ce qui reste et quand commence la période suivante.
mail-credits-exhausted-subject = { $business } n’a plus de crédits d’IA
mail-credits-exhausted-body =
    Un visiteur de { $business } n’a pas pu recevoir de réponse, car il n’y a plus de crédits d’IA. Les visiteurs reçoivent maintenant le message d’absence, et une personne est demandée.

    Une recharge ou une offre plus grande y remédie aussitôt ; sinon les réponses reprennent au début de la période suivante.
mail-plan-ended-subject = L’offre de { $business } a pris fin
mail-plan-ended-body =
    Ce à quoi { $business } était abonné a pris fin. Les visiteurs reçoivent maintenant le message d’absence ; rien de ce qui est enregistré n’est perdu pour autant.

    Choisissez une offre dans le portail pour continuer.
mail-charges-differ-subject = { $business } : des débits sont à vérifier
mail-charges-differ-body =
    Les débits d’hier ont été recalculés, et au moins un donne un autre résultat que ce qui a été débité. Le journal de { $business } nomme les réponses ; rien n’a été modifié.

# Ce que dit la page du compte.
account-invitation-title = Rejoindre { $business }
account-signup-title = Confirmer votre adresse e-mail
account-reset-title = Choisir un nouveau mot de passe
account-forgot-title = Mot de passe oublié ?
account-email = Adresse e-mail
account-name = Votre nom
account-password = Nouveau mot de passe
account-password-hint = De 8 à 1 000 caractères ; ni votre adresse e-mail ni l'un des mots de passe courants.
account-submit-invitation = Rejoindre
account-submit-signup = Créer l'espace
account-submit-reset = Enregistrer le mot de passe
account-submit-forgot = M'envoyer un lien
account-done-invitation = Vous avez rejoint { $business }. Vous pouvez maintenant vous connecter.
account-done-signup = Tout est en place. Vous pouvez maintenant vous connecter.
account-done-reset = Votre nouveau mot de passe est enregistré et toutes les sessions ont été fermées. Vous pouvez maintenant vous connecter.
account-done-forgot = Si un compte existe pour cette adresse, un e-mail contenant un lien est en route.
account-link-over = Ce lien n'est pas valable ou ne l'est plus. Veuillez en demander un nouveau.
account-failed = L'opération a échoué. Veuillez réessayer dans un instant.

statement-title = Relevé pour { $business }
statement-total = Total de la période
statement-from = Du
statement-to = Au
statement-item = Désignation
statement-version = Prix de la version
statement-credits = Crédits d’IA
statement-amount = Montant
statement-plan = Formule { $name } pour la période
statement-proration = Formule { $name }, reste de la période
statement-overage = Crédits utilisés au-delà de la formule
statement-top-up = Crédits achetés
statement-final = La période est terminée ; ce relevé ne change plus. Le dernier jour n’en fait pas partie.
statement-running = La période est encore en cours, ce relevé peut donc changer. Le dernier jour n’en fait pas partie.
statement-utc = Tous les jours sont indiqués en UTC.

# Ce que dit la discussion sur le site d'une entreprise.
widget-close = Fermer la discussion
widget-log = Fil de la discussion
widget-input = Votre message
widget-placeholder = Écrivez un message…
widget-send = Envoyer le message
widget-stop = Arrêter la réponse
widget-stopped = Arrêtée
widget-typing = { $name } écrit…
widget-you = Vous
widget-agent = Notre équipe
widget-ai = Assistant IA
widget-greeting = Bonjour ! Comment puis-je vous aider ?
widget-handoff = Parler à une personne
widget-handoff_requested = Une personne a été prévenue
widget-late = Cela prend plus de temps que d’habitude
widget-human = Vous parlez à une personne
widget-resolved = Cette conversation est terminée
widget-email = Laissez votre adresse e-mail : nous vous écrirons si vous n’êtes plus ici.
widget-email-label = Adresse e-mail
widget-email-send = Laisser l’adresse
widget-email-done = Merci. Nous vous écrirons.
widget-email-wrong = Saisissez une adresse e-mail comme nom@example.com.
widget-up = Réponse utile
widget-down = Réponse inutile
widget-rate = Comment s’est passée cette discussion ?
widget-rate-label = Que souhaitez-vous nous dire ? (facultatif)
widget-rate-send = Envoyer l’avis
widget-rate-done = Merci pour votre avis.
widget-sources = Sources de la réponse
widget-queued = En attente d’envoi
widget-failed = Non envoyé.
widget-retry = Réessayer
widget-discard = Supprimer
widget-offline = Vous êtes hors ligne. Ce que vous écrivez sera envoyé dès votre retour.
widget-reconnecting = Connexion perdue. Nouvelle tentative…
widget-limited-one = Trop de messages. Nouvel essai dans { $count } seconde.
widget-limited-few = Trop de messages. Nouvel essai dans { $count } secondes.
widget-limited-many = Trop de messages. Nouvel essai dans { $count } secondes.
widget-limited-other = Trop de messages. Nouvel essai dans { $count } secondes.
widget-spent = La limite du jour est atteinte. Votre message est conservé ; vous pouvez parler à une personne.
widget-error = Un problème est survenu. Veuillez réessayer.
widget-no-connection = La discussion est injoignable pour le moment.
widget-identify = Connectez-vous à ce site pour nous écrire.
widget-latest = Aller au dernier message
widget-unread-one = { $count } nouveau message
widget-unread-few = { $count } nouveaux messages
widget-unread-many = { $count } nouveaux messages
widget-unread-other = { $count } nouveaux messages
