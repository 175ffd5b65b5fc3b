# What the assistant says by itself. One file a language, the same keys in each.
ai-notice = You are talking to { $name }, an AI assistant. Its answers come from approved information.
launcher-label = Chat with us
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
mail-credits-50-subject = { $business } has used half of its AI credits
mail-credits-50-body =
    Half of the AI credits that { $business } has for the running period are used up.

    The portal shows what they were used for and how long the rest will probably last.
mail-credits-80-subject = { $business } has used 80 % of its AI credits
mail-credits-80-body =
    80 % of the AI credits that { $business } has for the running period are used up.

    The portal shows when they will probably run out. A top-up or a larger plan prevents that visitors are sent away.
mail-credits-100-subject = { $business } has used all of its AI credits
mail-credits-100-body =
    All AI credits that { $business } has for the running period are used up.

    Answers go on as long as there are other credits, such as a top-up. The portal shows what is left and when the next period begins.
mail-credits-exhausted-subject = { $business } has no AI credits left
mail-credits-exhausted-body =
    A visitor of { $business } could not be answered because there are no AI credits left. Visitors get the away text now, and people are asked for.

    A top-up or a larger plan changes that at once; otherwise answers go on when the next period begins.
mail-plan-ended-subject = The plan of { $business } has ended
mail-plan-ended-body =
    What { $business } was subscribed to has ended. Visitors get the away text now; nothing that is stored is lost by this.

    Choose a plan in the portal to go on.
mail-charges-differ-subject = { $business }: charges need to be looked at
mail-charges-differ-body =
    Charges of yesterday were reckoned once more, and at least one came out differently from what was charged. The log of { $business } names the turns; nothing was changed.

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
statement-utc = All days are in UTC.

# What the chat on a business' own website says.
widget-close = Close chat
widget-log = Conversation
widget-input = Your message
widget-placeholder = Write a message…
widget-send = Send message
widget-stop = Stop this answer
widget-stopped = Stopped
widget-typing = { $name } is writing…
widget-you = You
widget-agent = Our team
widget-ai = AI assistant
widget-greeting = Hello! How can I help you?
widget-handoff = Talk to a person
widget-handoff_requested = A person has been asked to join
widget-late = It is taking longer than usual
widget-human = You are talking to a person
widget-resolved = This conversation is closed
widget-email = Leave your e-mail address, and we will write to you if you are no longer here.
widget-email-label = E-mail address
widget-email-send = Leave address
widget-email-done = Thank you. We will write to you.
widget-email-wrong = Please enter an e-mail address such as name@example.com.
widget-up = Helpful
widget-down = Not helpful
widget-rate = How was this conversation?
widget-rate-label = What would you like to tell us? (optional)
widget-rate-send = Send feedback
widget-rate-done = Thank you for your feedback.
widget-sources = Sources
widget-queued = Waiting to be sent
widget-failed = Not sent.
widget-retry = Try again
widget-discard = Discard
widget-offline = You are offline. What you write is sent as soon as you are back.
widget-reconnecting = Connection lost. Trying to reconnect…
widget-limited-one = Too many messages. Trying again in { $count } second.
widget-limited-few = Too many messages. Trying again in { $count } seconds.
widget-limited-many = Too many messages. Trying again in { $count } seconds.
widget-limited-other = Too many messages. Trying again in { $count } seconds.
widget-spent = The limit for today has been reached. Your message is kept; you can talk to a person instead.
widget-error = Something went wrong. Please try again.
widget-no-connection = The chat cannot be reached right now.
widget-identify = Please sign in on this website to write to us.
widget-latest = Go to the newest message
widget-unread-one = { $count } new message
widget-unread-few = { $count } new messages
widget-unread-many = { $count } new messages
widget-unread-other = { $count } new messages
