# O que o assistente diz por conta própria. Um arquivo por idioma, com as mesmas chaves em cada um.
ai-notice = Você está conversando com { $name }, um assistente de IA. As respostas vêm de informações aprovadas.
launcher-label = Fale conosco
greeting = Olá! Sou { $name }, um assistente de IA. Respondo a perguntas com informações aprovadas: o que você gostaria de saber?
quote-lead = Cito nossas informações aprovadas, “{ $title }”:
refusal = Não tenho informações aprovadas que respondam a isso, por isso prefiro não adivinhar. Um colega pode ajudar você com isso.
refusal-handoff = Também não consigo responder a isso com base em informações aprovadas. Pedi a um colega que assuma esta conversa.
failure = Sinto muito, algo deu errado e não consegui responder. Pedi a um colega que assuma esta conversa.
away = Não posso responder agora. Pedi a um colega que assuma esta conversa; a resposta virá aqui.
person-asked = Pedi a um colega que entre nesta conversa; ele responderá aqui.
person-away = No momento não há ninguém da nossa equipe. Sua mensagem fica guardada e um colega responderá aqui quando voltarmos.
person-joined = Um colega entrou: agora você está falando com uma pessoa.
person-left = A partir daqui o assistente de IA volta a responder.
person-late = Está demorando mais que o normal até um colega poder responder. Sua mensagem não se perde; você pode deixar seu e-mail e nós escreveremos.
plans-title = Planos e preços
plans-text = Há { $count } planos: { $plans }, cada um por mês.
plan-in-list = { $name } por { $price }
plan-title = Plano { $name }: preço e créditos de IA
plan-price = O plano { $name } custa { $price } por mês e inclui { $credits } créditos de IA por mês.
plan-includes = Inclui { $seats } lugares para usuários, { $integrations } integrações padrão, { $personas } personas e { $items } itens de conhecimento; suporte: { $support }. As conversas são guardadas por { $days } dias.
unlimited = ilimitados

# O que dizem os e-mails: uma chave para o assunto, outra para o texto.
mail-invitation-subject = { $business } convida você para a equipe no Frontoffice
mail-invitation-body =
    Você recebeu um convite para fazer parte da equipe de { $business }. Abra este link para aceitar:

    { $link }

    O link vale por { $days ->
        [one] um dia
       *[other] { $days } dias
    }. Se você não esperava este convite, pode ignorar este e-mail; nada acontece sem o seu consentimento.
mail-signup-subject = Confirme seu endereço de e-mail
mail-signup-body =
    O cadastro de { $business } no Frontoffice será feito com este endereço de e-mail. Abra este link para confirmar o endereço e escolher uma senha:

    { $link }

    O link vale por { $hours ->
        [one] uma hora
       *[other] { $hours } horas
    }. Se não foi você, pode ignorar este e-mail; nenhum cadastro será feito.
mail-known-subject = Você já tem uma conta
mail-known-body =
    Alguém, provavelmente você, quis se cadastrar com este endereço de e-mail, que já tem uma conta. Você pode entrar como de costume. Se esqueceu a senha, escolha uma nova aqui:

    { $link }

    Caso contrário, pode ignorar este e-mail.
mail-reset-subject = Escolha uma nova senha
mail-reset-body =
    Alguém, provavelmente você, pediu uma nova senha para esta conta. Abra este link para escolhê-la:

    { $link }

    O link vale por { $hours ->
        [one] uma hora
       *[other] { $hours } horas
    }. Se não foi você, pode ignorar este e-mail; sua senha continua a mesma.
mail-changed-subject = Sua senha foi alterada
mail-changed-body =
    A senha da sua conta foi alterada e todas as outras sessões foram encerradas. Se não foi você, escolha uma nova senha imediatamente:

    { $link }
mail-credits-50-subject = { $business } usou metade dos créditos de IA
mail-credits-50-body =
    Metade dos créditos de IA que { $business } tem para o período atual foi usada.

    O portal mostra em quê e por quanto tempo o resto provavelmente vai durar.
mail-credits-80-subject = { $business } usou 80 % dos créditos de IA
mail-credits-80-body =
    80 % dos créditos de IA que { $business } tem para o período atual foram usados.

    O portal mostra quando eles provavelmente vão acabar. Uma recarga ou um plano maior evita que visitantes fiquem sem resposta.
mail-credits-100-subject = { $business } usou todos os créditos de IA
mail-credits-100-body =
    Todos os créditos de IA que { $business } tem para o período atual foram usados.

    As respostas continuam enquanto houver outros créditos, como os de uma recarga. O portal mostra o que resta e quando começa o próximo período.
mail-credits-exhausted-subject = { $business } não tem mais créditos de IA
mail-credits-exhausted-body =
    Um visitante de { $business } não pôde receber resposta porque não há mais créditos de IA. Os visitantes recebem agora o texto de ausência, e uma pessoa é chamada.

    Uma recarga ou um plano maior muda isso na hora; caso contrário, as respostas voltam quando o próximo período começar.
mail-plan-ended-subject = O plano de { $business } terminou
mail-plan-ended-body =
    A assinatura de { $business } terminou. Os visitantes recebem agora o texto de ausência; nada do que está guardado se perde com isso.

    Escolha um plano no portal para continuar.
mail-charges-differ-subject = { $business }: há cobranças a verificar
mail-charges-differ-body =
    As cobranças de ontem foram recalculadas, e pelo menos uma deu um resultado diferente do que foi cobrado. O registro de { $business } indica as respostas; nada foi alterado.

# O que diz a página da conta.
account-invitation-title = Entrar na equipe de { $business }
account-signup-title = Confirme seu endereço de e-mail
account-reset-title = Escolha uma nova senha
account-forgot-title = Esqueceu sua senha?
account-email = Endereço de e-mail
account-name = Seu nome
account-password = Nova senha
account-password-hint = De 8 a 1.000 caracteres; não pode ser seu endereço de e-mail nem uma das senhas mais comuns.
account-submit-invitation = Entrar na equipe
account-submit-signup = Concluir o cadastro
account-submit-reset = Salvar a senha
account-submit-forgot = Receber um link
account-done-invitation = Agora você faz parte da equipe de { $business }. Já pode entrar na sua conta.
account-done-signup = Está tudo pronto. Já pode entrar na sua conta.
account-done-reset = Sua nova senha foi salva e todas as sessões foram encerradas. Já pode entrar na sua conta.
account-done-forgot = Se este endereço tiver uma conta, um e-mail com um link está a caminho.
account-link-over = Este link não é válido ou deixou de ser. Peça um novo.
account-failed = Não deu certo. Tente novamente em instantes.

statement-title = Demonstrativo de { $business }
statement-total = Total do período
statement-from = De
statement-to = Até
statement-item = Descrição
statement-version = Preços da versão
statement-credits = Créditos IA
statement-amount = Valor
statement-plan = Plano { $name } para o período
statement-proration = Plano { $name }, restante do período
statement-overage = Créditos usados além do plano
statement-top-up = Créditos adquiridos
statement-final = O período terminou; este demonstrativo não muda mais. O último dia não faz parte dele.
statement-running = O período ainda está em curso, portanto isto pode mudar. O último dia não faz parte dele.
statement-utc = Todos os dias estão em UTC.

# O que o chat diz no site de uma empresa.
widget-close = Fechar o chat
widget-log = Conversa
widget-input = Sua mensagem
widget-placeholder = Escreva uma mensagem…
widget-send = Enviar mensagem
widget-stop = Parar a resposta
widget-stopped = Interrompida
widget-typing = { $name } está escrevendo…
widget-you = Você
widget-agent = Nossa equipe
widget-ai = Assistente de IA
widget-greeting = Olá! Como posso ajudar?
widget-handoff = Falar com uma pessoa
widget-handoff_requested = Uma pessoa foi chamada
widget-late = Está demorando mais que o normal
widget-human = Você está falando com uma pessoa
widget-resolved = Esta conversa foi encerrada
widget-email = Deixe seu e-mail e escreveremos se você não estiver mais aqui.
widget-email-label = Endereço de e-mail
widget-email-send = Deixar e-mail
widget-email-done = Obrigado. Escreveremos para você.
widget-email-wrong = Informe um e-mail como nome@example.com.
widget-up = Ajudou
widget-down = Não ajudou
widget-rate = Como foi esta conversa?
widget-rate-label = O que você gostaria de nos dizer? (opcional)
widget-rate-send = Enviar opinião
widget-rate-done = Obrigado pela sua opinião.
widget-sources = Fontes
widget-queued = Aguardando envio
widget-failed = Não enviada.
widget-retry = Tentar de novo
widget-discard = Excluir
widget-offline = Você está sem conexão. O que escrever será enviado assim que ela voltar.
widget-reconnecting = Conexão perdida. Reconectando…
widget-limited-one = Mensagens demais. Nova tentativa em { $count } segundo.
widget-limited-few = Mensagens demais. Nova tentativa em { $count } segundos.
widget-limited-many = Mensagens demais. Nova tentativa em { $count } segundos.
widget-limited-other = Mensagens demais. Nova tentativa em { $count } segundos.
widget-spent = O limite de hoje foi atingido. Sua mensagem fica guardada; você pode falar com uma pessoa.
widget-error = Algo deu errado. Tente de novo.
widget-no-connection = O chat não está acessível agora.
widget-identify = Entre neste site para escrever para nós.
widget-latest = Ir para a mensagem mais recente
widget-unread-one = { $count } nova mensagem
widget-unread-few = { $count } novas mensagens
widget-unread-many = { $count } novas mensagens
widget-unread-other = { $count } novas mensagens
