# What the assistant says by itself. One file a language, the same keys in each.
ai-notice = You are talking to { $name }, an AI assistant. Its answers come from approved information.
greeting = Hello! I am { $name }, an AI assistant. I answer questions from approved information: what would you like to know?
quote-lead = I quote from our approved information, “{ $title }”:
refusal = I have no approved information that answers this, so I would rather not guess. A colleague can help you with it.
refusal-handoff = I cannot answer this from approved information either. I have asked a colleague to take over this conversation.
failure = I am sorry, something went wrong and I could not answer. I have asked a colleague to take over this conversation.
away = I cannot answer right now. I have asked a colleague to take over this conversation; they will reply here.
person-asked = I have asked a colleague to join this conversation; they will reply here.
person-away = Nobody of our team is here right now. Your message is kept, and a colleague will reply here when we are back.
person-joined = A colleague has joined: you are talking to a person now.
person-left = The AI assistant answers again from here on.
person-late = It is taking longer than usual until a colleague can reply. Your message is not lost; you can leave your e-mail address, and we will write to you.
plans-title = Plans and prices
plans-text = There are { $count } plans: { $plans }, each per month.
plan-in-list = { $name } for { $price }
plan-title = Plan { $name }: price and AI credits
plan-price = The { $name } plan costs { $price } per month and includes { $credits } AI credits per month.
plan-includes = It includes { $seats } seats for users, { $integrations } standard integrations, { $personas } personas and { $items } knowledge entries; support: { $support }. Conversations are kept for { $days } days.
unlimited = unlimited

# What letters say: one key for the subject, one for the text.
mail-invitation-subject = { $business } invites you to its Frontoffice team
mail-invitation-body =
    You have been invited to join the team of { $business }. Open this link to accept:

    { $link }

    The link works for { $days ->
        [one] one day
       *[other] { $days } days
    }. If you did not expect this, you can ignore this letter; nothing happens without your consent.
mail-signup-subject = Please confirm your e-mail address
mail-signup-body =
    { $business } is to be set up on Frontoffice with this e-mail address. Open this link to confirm the address and choose a password:

    { $link }

    The link works for { $hours ->
        [one] one hour
       *[other] { $hours } hours
    }. If it was not you, you can ignore this letter; nothing is set up then.
mail-known-subject = You already have an account
mail-known-body =
    Somebody, probably you, wanted to sign up with this e-mail address, which already has an account. You can sign in as usual. If you have forgotten your password, choose a new one here:

    { $link }

    Otherwise you can ignore this letter.
mail-reset-subject = Choose a new password
mail-reset-body =
    Somebody, probably you, asked for a new password for this account. Open this link to choose it:

    { $link }

    The link works for { $hours ->
        [one] one hour
       *[other] { $hours } hours
    }. If it was not you, you can ignore this letter; your password stays as it is.
mail-changed-subject = Your password was changed
mail-changed-body =
    The password of your account was changed, and all other sessions were ended. If it was not you, choose a new password at once:

    { $link }

# What the account page says.
account-invitation-title = Join { $business }
account-signup-title = Confirm your e-mail address
account-reset-title = Choose a new password
account-forgot-title = Forgotten your password?
account-email = E-mail address
account-name = Your name
account-password = New password
account-password-hint = 8 to 1,000 characters; not your e-mail address and not one of the common passwords.
account-submit-invitation = Join
account-submit-signup = Set up
account-submit-reset = Save password
account-submit-forgot = Send me a link
account-done-invitation = You have joined { $business }. You can sign in now.
account-done-signup = Everything is set up. You can sign in now.
account-done-reset = Your new password is saved, and all sessions were ended. You can sign in now.
account-done-forgot = If this address has an account, a letter with a link is on its way.
account-link-over = This link is not good, or no longer. Please ask for a new one.
account-failed = That did not work. Please try again in a moment.

# What a statement says.
statement-title = Statement for { $business }
statement-total = Total of the period
statement-from = From
statement-to = Until
statement-item = What for
statement-version = Prices of version
statement-credits = AI credits
statement-amount = Amount
statement-plan = Plan { $name } for the period
statement-proration = Plan { $name }, rest of the period
statement-overage = Credits used beyond the plan
statement-top-up = Credits bought
statement-final = The period is over; this statement never changes. The last day is not part of it.
statement-running = The period is still running, so this may change. The last day is not part of it.
