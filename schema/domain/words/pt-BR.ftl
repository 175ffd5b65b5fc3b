# O que o assistente diz por conta própria. Um arquivo por idioma, com as mesmas chaves em cada um.
ai-notice = Você está conversando com { $name }, um assistente de IA. As respostas vêm de informações aprovadas.
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
