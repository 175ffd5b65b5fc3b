//! Words that say nothing by themselves, and words that say everything, in every language that is spoken here.

use frontoffice_domain::locale::Locale;
use unicode_segmentation::UnicodeSegmentation;

use super::plain::is_japanese;

/// Words of which a sentence may be made that claims nothing: greetings, thanks, offers to help.
fn is_small_talk(word: &str, locale: Locale) -> bool {
    let words = match locale {
        Locale::En => {
            "hello hi hey dear welcome thanks thank please sure certainly course gladly happy glad help helps helping assist let know want \
             like anything something else question questions further more feel ask asking tell great good day morning afternoon evening \
             sorry understand look information details here's following below today unfortunately"
        }
        Locale::Nl => {
            "hallo dag goedemorgen goedemiddag goedenavond beste welkom bedankt dank graag natuurlijk zeker helpen hulp laat weten wil wilt \
             nog iets anders vraag vragen verder meer stel gerust sorry begrijp informatie volgende vandaag helaas"
        }
        Locale::De => {
            "hallo guten tag morgen abend liebe lieber willkommen danke dank bitte gern gerne natürlich sicher selbstverständlich helfen \
             hilfe lassen wissen möchten möchtest noch etwas weiteres anderes frage fragen weitere mehr jederzeit leid verstehe \
             informationen folgende folgenden heute leider"
        }
        Locale::Es => {
            "hola buenos buenas días tardes noches estimado estimada bienvenido bienvenida gracias favor claro seguro supuesto gusto encantado \
             encantada ayudar ayuda ayudarte ayudarle decir saber quiere quieres algo más otra otro pregunta preguntas siento entiendo \
             información siguiente siguientes hoy lamentablemente"
        }
        Locale::It => {
            "ciao salve buongiorno buonasera gentile benvenuto benvenuta grazie prego favore certo certamente volentieri piacere lieto aiutare \
             aiuto aiutarti aiutarla sapere vuole vuoi altro altra domanda domande dispiace capisco informazioni seguente seguenti oggi purtroppo"
        }
        Locale::Pl => {
            "dzień dobry cześć witaj witam dziękuję dzięki proszę oczywiście pewnie chętnie pomóc pomogę pomoc daj znać wiedzieć chcesz chciałbyś \
             jeszcze coś innego pytanie pytania dalsze więcej przykro rozumiem informacje następujące dziś dzisiaj niestety"
        }
        Locale::PtBr => {
            "olá oi bom dia boa tarde noite prezado prezada bem-vindo bem-vinda obrigado obrigada favor claro certo certamente prazer ajudar \
             ajuda ajudá-lo saber quer mais alguma algo outra outro pergunta perguntas dúvida desculpe entendo informações seguinte seguintes hoje infelizmente"
        }
        Locale::Fr => {
            "bonjour bonsoir salut cher chère bienvenue merci plaît bien sûr certainement volontiers plaisir heureux heureuse aider aide savoir \
             souhaitez voulez autre chose question questions davantage plus désolé désolée comprends informations suivant suivante suivants aujourd'hui malheureusement"
        }
        Locale::Ja => "",
    };
    words.split_whitespace().any(|known| known == word)
}

/// A text without such words.
pub(super) fn without_small_talk(text: &str, locale: Locale) -> String {
    text.split_word_bounds().filter(|word| !is_small_talk(&word.to_lowercase(), locale)).collect()
}

/// Sentences of Japanese, which has no spaces between words, that claim nothing.
pub(super) const JAPANESE_SMALL_TALK: [&str; 9] = [
    "こんにちは",
    "ありがとうございます",
    "お問い合わせありがとうございます",
    "かしこまりました",
    "承知いたしました",
    "承知しました",
    "他にご質問はございますか",
    "ほかにご質問はありますか",
    "お気軽にお尋ねください",
];

/// Whether a sentence is nothing but a yes or a no.
pub(super) fn is_yes_or_no(sentence: &str) -> bool {
    const WORDS: &str = "yes no ja nee nein sí si no sì tak nie sim não oui non はい いいえ";
    let bare: String = sentence.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    !bare.is_empty() && WORDS.split_whitespace().any(|word| word == bare)
}

/// Words that make a claim without bounds, by what they claim, and others that say it with bounds. One that ends with `*` stands for all
/// that begin like it.
const ABSOLUTES: [(&str, &str); 7] = [
    ("free kostenlos* kostenfrei* umsonst gratis darmo* bezpłatn* gratuit* grátis 無料 無償 タダ", ""),
    ("nothing nichts niets nada niente nulla nic rien", ""),
    (
        "everything alles todo tutto wszystko tudo tout",
        "all any every each alle allen jede* elk* ieder* todo* toda* cualquier* cada tutt* qualsiasi qualunque ogni wszystk* każd* dowoln* \
         qualquer tous chaque 全て 全部 すべて どの",
    ),
    ("always immer altijd siempre sempre zawsze toujours 常に いつでも", ""),
    ("never niemals nooit nunca jamás nigdy jamais 決して", ""),
    ("unlimited unbegrenzt* unbeschränkt* onbeperkt* ilimitad* illimit* nieograniczon* 無制限", ""),
    (
        "guaranteed garantiert* gegarandeerd* garantizad* garantit* gwarantowan* garantid* garanti garantis forever lifetime lebenslang* \
         levenslang* vitalici* dożywotni* 永久 一生",
        "",
    ),
];

/// The claims without bounds in a lower-case text that none of the lower-case texts makes, in whatever language.
pub(super) fn absolutes<'t>(lower: &str, told: impl Iterator<Item = &'t str> + Clone) -> Vec<String> {
    let claimed = ABSOLUTES.iter().filter_map(|(says, others)| Some((claim(lower, says)?, says, others)));
    let supported = |words: &str| told.clone().any(|text| claim(text, words).is_some());
    claimed.filter(|(_, says, others)| !supported(says) && !supported(others)).map(|(word, ..)| word).collect()
}

/// The first word of a lower-case text that is one of these.
fn claim(lower: &str, words: &str) -> Option<String> {
    let is = |word: &str, known: &str| known.strip_suffix('*').map_or(known == word, |begin| word.starts_with(begin));
    let japanese = |known: &&str| known.chars().all(is_japanese) && lower.contains(*known);
    let mut spaced = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let found = spaced.find(|word| words.split_whitespace().any(|known| is(word, known)));
    found.or_else(|| words.split_whitespace().find(japanese)).map(str::to_owned)
}
