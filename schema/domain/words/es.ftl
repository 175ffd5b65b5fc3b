# Lo que el asistente dice por sí mismo. Un archivo por idioma, con las mismas claves en cada uno.
ai-notice = Está hablando con { $name }, un asistente de IA. Sus respuestas proceden de información aprobada.
greeting = ¡Hola! Soy { $name }, un asistente de IA. Respondo preguntas con información aprobada: ¿qué le gustaría saber?
quote-lead = Cito nuestra información aprobada, «{ $title }»:
refusal = No tengo información aprobada que responda a esto, así que prefiero no hacer suposiciones. Un compañero puede ayudarle.
refusal-handoff = Tampoco puedo responder a esto con información aprobada. He pedido a un compañero que se haga cargo de esta conversación.
failure = Lo siento, algo ha salido mal y no he podido responder. He pedido a un compañero que se haga cargo de esta conversación.
away = Ahora mismo no puedo responder. He pedido a un compañero que se haga cargo de esta conversación; le responderá aquí.
plans-title = Planes y precios
plans-text = Hay { $count } planes: { $plans }, cada uno al mes.
plan-in-list = { $name } por { $price }
plan-title = Plan { $name }: precio y créditos de IA
plan-price = El plan { $name } cuesta { $price } al mes e incluye { $credits } créditos de IA al mes.
plan-includes = Incluye { $seats } puestos de usuario, { $integrations } integraciones estándar, { $personas } personas y { $items } entradas de conocimiento; soporte: { $support }. Las conversaciones se conservan { $days } días.
unlimited = ilimitados
