# What the assistant says by itself. One file a language, the same keys in each.
ai-notice = You are talking to { $name }, an AI assistant. Its answers come from approved information.
greeting = Hello! I am { $name }, an AI assistant. I answer questions from approved information: what would you like to know?
quote-lead = I quote from our approved information, “{ $title }”:
refusal = I have no approved information that answers this, so I would rather not guess. A colleague can help you with it.
refusal-handoff = I cannot answer this from approved information either. I have asked a colleague to take over this conversation.
failure = I am sorry, something went wrong and I could not answer. I have asked a colleague to take over this conversation.
away = I cannot answer right now. I have asked a colleague to take over this conversation; they will reply here.
plans-title = Plans and prices
plans-text = There are { $count } plans: { $plans }, each per month.
plan-in-list = { $name } for { $price }
plan-title = Plan { $name }: price and AI credits
plan-price = The { $name } plan costs { $price } per month and includes { $credits } AI credits per month.
plan-includes = It includes { $seats } seats for users, { $integrations } standard integrations, { $personas } personas and { $items } knowledge entries; support: { $support }. Conversations are kept for { $days } days.
unlimited = unlimited
