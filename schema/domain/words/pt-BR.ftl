# O que o assistente diz por conta própria. Um arquivo por idioma, com as mesmas chaves em cada um.
ai-notice = Você está conversando com { $name }, um assistente de IA. As respostas são citações de informações aprovadas.
quote-lead = Cito nossas informações aprovadas, “{ $title }”:
refusal = Não tenho informações aprovadas que respondam a isso, por isso prefiro não adivinhar. Um colega pode ajudar você com isso.
refusal-handoff = Também não consigo responder a isso com base em informações aprovadas. Pedi a um colega que assuma esta conversa.
failure = Sinto muito, algo deu errado e não consegui responder. Pedi a um colega que assuma esta conversa.
