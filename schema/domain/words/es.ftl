# Lo que el asistente dice por sí mismo. Un archivo por idioma, con las mismas claves en cada uno.
ai-notice = Está hablando con { $name }, un asistente de IA. Sus respuestas son citas de información aprobada.
quote-lead = Cito nuestra información aprobada, «{ $title }»:
refusal = No tengo información aprobada que responda a esto, así que prefiero no hacer suposiciones. Un compañero puede ayudarle.
refusal-handoff = Tampoco puedo responder a esto con información aprobada. He pedido a un compañero que se haga cargo de esta conversación.
failure = Lo siento, algo ha salido mal y no he podido responder. He pedido a un compañero que se haga cargo de esta conversación.
