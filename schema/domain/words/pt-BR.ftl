# O que o assistente diz por conta própria. Um arquivo por idioma, com as mesmas chaves em cada um.
ai-notice = Você está conversando com { $name }, um assistente de IA. As respostas vêm de informações aprovadas.
greeting = Olá! Sou { $name }, um assistente de IA. Respondo a perguntas com informações aprovadas: o que você gostaria de saber?
quote-lead = Cito nossas informações aprovadas, “{ $title }”:
refusal = Não tenho informações aprovadas que respondam a isso, por isso prefiro não adivinhar. Um colega pode ajudar você com isso.
refusal-handoff = Também não consigo responder a isso com base em informações aprovadas. Pedi a um colega que assuma esta conversa.
failure = Sinto muito, algo deu errado e não consegui responder. Pedi a um colega que assuma esta conversa.
away = Não posso responder agora. Pedi a um colega que assuma esta conversa; a resposta virá aqui.
plans-title = Planos e preços
plans-text = Há { $count } planos: { $plans }, cada um por mês.
plan-in-list = { $name } por { $price }
plan-title = Plano { $name }: preço e créditos de IA
plan-price = O plano { $name } custa { $price } por mês e inclui { $credits } créditos de IA por mês.
plan-includes = Inclui { $seats } lugares para usuários, { $integrations } integrações padrão, { $personas } personas e { $items } itens de conhecimento; suporte: { $support }. As conversas são guardadas por { $days } dias.
unlimited = ilimitados
