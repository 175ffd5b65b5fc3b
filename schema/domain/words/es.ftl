# Lo que el asistente dice por sí mismo. Un archivo por idioma, con las mismas claves en cada uno.
ai-notice = Está hablando con { $name }, un asistente de IA. Sus respuestas proceden de información aprobada.
launcher-label = Chatee con nosotros
greeting = ¡Hola! Soy { $name }, un asistente de IA. Respondo preguntas con información aprobada: ¿qué le gustaría saber?
quote-lead = Cito nuestra información aprobada, «{ $title }»:
refusal = No tengo información aprobada que responda a esto, así que prefiero no hacer suposiciones. Un compañero puede ayudarle.
refusal-handoff = Tampoco puedo responder a esto con información aprobada. He pedido a un compañero que se haga cargo de esta conversación.
failure = Lo siento, algo ha salido mal y no he podido responder. He pedido a un compañero que se haga cargo de esta conversación.
away = Ahora mismo no puedo responder. He pedido a un compañero que se haga cargo de esta conversación; le responderá aquí.
person-asked = He pedido a un compañero que se una a esta conversación; le responderá aquí.
person-away = Ahora mismo no hay nadie de nuestro equipo. Su mensaje queda guardado y un compañero le responderá aquí cuando volvamos.
person-joined = Se ha unido un compañero: ahora habla con una persona.
person-left = A partir de aquí vuelve a responder el asistente de IA.
person-late = Un compañero tarda más de lo habitual en responder. Su mensaje no se pierde; puede dejar su correo electrónico y le escribiremos.
plans-title = Planes y precios
plans-text = Hay { $count } planes: { $plans }, cada uno al mes.
plan-in-list = { $name } por { $price }
plan-title = Plan { $name }: precio y créditos de IA
plan-price = El plan { $name } cuesta { $price } al mes e incluye { $credits } créditos de IA al mes.
plan-includes = Incluye { $seats } puestos de usuario, { $integrations } integraciones estándar, { $personas } personas y { $items } entradas de conocimiento; soporte: { $support }. Las conversaciones se conservan { $days } días.
unlimited = ilimitados

# Lo que dicen los correos: una clave para el asunto y otra para el texto.
mail-invitation-subject = { $business } le invita a su equipo de Frontoffice
mail-invitation-body =
    Ha recibido una invitación para unirse al equipo de { $business }. Abra este enlace para aceptarla:

    { $link }

    El enlace es válido durante { $days ->
        [one] un día
       *[other] { $days } días
    }. Si no lo esperaba, puede ignorar este mensaje; no ocurrirá nada sin su consentimiento.
mail-signup-subject = Confirme su dirección de correo electrónico
mail-signup-body =
    Se ha solicitado dar de alta { $business } en Frontoffice con esta dirección de correo electrónico. Abra este enlace para confirmar la dirección y elegir una contraseña:

    { $link }

    El enlace es válido durante { $hours ->
        [one] una hora
       *[other] { $hours } horas
    }. Si no ha sido usted, puede ignorar este mensaje; el alta no se llevará a cabo.
mail-known-subject = Ya tiene una cuenta
mail-known-body =
    Alguien, probablemente usted, ha querido registrarse con esta dirección de correo electrónico, que ya tiene una cuenta. Puede iniciar sesión como siempre. Si ha olvidado su contraseña, elija una nueva aquí:

    { $link }

    En caso contrario, puede ignorar este mensaje.
mail-reset-subject = Elija una contraseña nueva
mail-reset-body =
    Alguien, probablemente usted, ha pedido una contraseña nueva para esta cuenta. Abra este enlace para elegirla:

    { $link }

    El enlace es válido durante { $hours ->
        [one] una hora
       *[other] { $hours } horas
    }. Si no ha sido usted, puede ignorar este mensaje; su contraseña seguirá siendo la misma.
mail-changed-subject = Se ha cambiado su contraseña
mail-changed-body =
    Se ha cambiado la contraseña de su cuenta y se han cerrado todas las demás sesiones. Si no ha sido usted, elija una contraseña nueva de inmediato:

    { $link }
mail-credits-50-subject = { $business } ha usado la mitad de sus créditos de IA
mail-credits-50-body =
    La mitad de los créditos de IA que { $business } tiene para el período en curso está usada.

    El portal muestra en qué se usaron y cuánto durará probablemente el resto.
mail-credits-80-subject = { $business } ha usado el 80 % de sus créditos de IA
mail-credits-80-body =
    El 80 % de los créditos de IA que { $business } tiene para el período en curso está usado.

    El portal muestra cuándo se agotarán probablemente. Una recarga o un plan mayor evita que haya visitantes sin respuesta.
mail-credits-100-subject = { $business } ha usado todos sus créditos de IA
mail-credits-100-body =
    Todos los créditos de IA que { $business } tiene para el período en curso están usados.

    Se sigue respondiendo mientras haya otros créditos, por ejemplo de una recarga. El portal muestra lo que queda y cuándo empieza el período siguiente.
mail-credits-exhausted-subject = { $business } no tiene más créditos de IA
mail-credits-exhausted-body =
    Un visitante de { $business } no pudo recibir respuesta porque no quedan créditos de IA. Los visitantes reciben ahora el texto de ausencia, y se pide la ayuda de una persona.

    Una recarga o un plan mayor lo cambia de inmediato; si no, se sigue cuando empiece el período siguiente.
mail-plan-ended-subject = El plan de { $business } ha terminado
mail-plan-ended-body =
    La suscripción de { $business } ha terminado. Los visitantes reciben ahora el texto de ausencia; no se pierde nada de lo guardado.

    Elija un plan en el portal para continuar.
mail-charges-differ-subject = { $business }: hay cargos que revisar
mail-charges-differ-body =
    Se volvieron a calcular los cargos de ayer, y al menos uno dio un resultado distinto de lo que se cargó. El registro de { $business } nombra las respuestas; no se ha cambiado nada.

# Lo que dice la página de la cuenta.
account-invitation-title = Unirse al equipo de { $business }
account-signup-title = Confirmar la dirección de correo electrónico
account-reset-title = Elegir una contraseña nueva
account-forgot-title = ¿Ha olvidado su contraseña?
account-email = Dirección de correo electrónico
account-name = Su nombre
account-password = Contraseña nueva
account-password-hint = De 8 a 1000 caracteres; no puede ser su dirección de correo electrónico ni una de las contraseñas más comunes.
account-submit-invitation = Unirse
account-submit-signup = Dar de alta
account-submit-reset = Guardar la contraseña
account-submit-forgot = Enviarme un enlace
account-done-invitation = Se ha unido al equipo de { $business }. Ya puede iniciar sesión.
account-done-signup = Todo está listo. Ya puede iniciar sesión.
account-done-reset = Su contraseña nueva se ha guardado y se han cerrado todas las sesiones. Ya puede iniciar sesión.
account-done-forgot = Si esta dirección tiene una cuenta, le llegará en breve un correo con un enlace.
account-link-over = Este enlace no es válido o ha dejado de serlo. Solicite uno nuevo.
account-failed = No ha funcionado. Vuelva a intentarlo dentro de un momento.

statement-title = Extracto de { $business }
statement-total = Total del período
statement-from = Desde
statement-to = Hasta
statement-item = Concepto
statement-version = Precios de la versión
statement-credits = Créditos de IA
statement-amount = Importe
statement-plan = Plan { $name } para el período
statement-proration = Plan { $name }, resto del período
statement-overage = Créditos usados además del plan
statement-top-up = Créditos comprados
statement-final = El período ha terminado; este extracto ya no cambia. El último día no forma parte de él.
statement-running = El período sigue en curso, así que esto puede cambiar. El último día no forma parte de él.
statement-utc = Todos los días se cuentan en UTC.

# Lo que dice el chat en el sitio web de un negocio.
widget-close = Cerrar el chat
widget-log = Conversación
widget-input = Su mensaje
widget-placeholder = Escriba un mensaje…
widget-send = Enviar mensaje
widget-stop = Detener la respuesta
widget-stopped = Detenida
widget-typing = { $name } está escribiendo…
widget-you = Usted
widget-agent = Nuestro equipo
widget-ai = Asistente de IA
widget-greeting = ¡Hola! ¿En qué puedo ayudarle?
widget-handoff = Hablar con una persona
widget-handoff_requested = Se ha avisado a una persona
widget-late = Está tardando más de lo habitual
widget-human = Está hablando con una persona
widget-resolved = Esta conversación está cerrada
widget-email = Deje su correo electrónico y le escribiremos si ya no está aquí.
widget-email-label = Correo electrónico
widget-email-send = Dejar correo
widget-email-done = Gracias. Le escribiremos.
widget-email-wrong = Escriba un correo electrónico como nombre@example.com.
widget-up = Útil
widget-down = No me ayuda
widget-rate = ¿Qué le ha parecido esta conversación?
widget-rate-label = ¿Qué quiere decirnos? (opcional)
widget-rate-send = Enviar opinión
widget-rate-done = Gracias por su opinión.
widget-sources = Fuentes
widget-queued = Pendiente de envío
widget-failed = No se ha enviado.
widget-retry = Reintentar
widget-discard = Descartar
widget-offline = No tiene conexión. Lo que escriba se enviará en cuanto vuelva a tenerla.
widget-reconnecting = Se ha perdido la conexión. Reconectando…
widget-limited-one = Demasiados mensajes. Nuevo intento en { $count } segundo.
widget-limited-few = Demasiados mensajes. Nuevo intento en { $count } segundos.
widget-limited-many = Demasiados mensajes. Nuevo intento en { $count } segundos.
widget-limited-other = Demasiados mensajes. Nuevo intento en { $count } segundos.
widget-spent = Se ha alcanzado el límite de hoy. Su mensaje se conserva; puede hablar con una persona.
widget-error = Algo ha salido mal. Inténtelo de nuevo.
widget-no-connection = Ahora mismo no se puede acceder al chat.
widget-identify = Inicie sesión en este sitio web para escribirnos.
widget-latest = Ir al mensaje más reciente
widget-unread-one = { $count } mensaje nuevo
widget-unread-few = { $count } mensajes nuevos
widget-unread-many = { $count } mensajes nuevos
widget-unread-other = { $count } mensajes nuevos
