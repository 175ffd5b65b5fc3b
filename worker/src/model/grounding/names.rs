//! Numbers, months, days and units as words, in every language that is spoken here.

use frontoffice_domain::locale::Locale;

/// Two to twelve, the tens, a hundred and a thousand. One is left out: in most languages it is an article.
const VALUES: [&str; 21] =
    ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "20", "30", "40", "50", "60", "70", "80", "90", "100", "1000"];

/// The words for [`VALUES`], those of the same value joined by `/`.
fn values(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "two/twice/double three/triple four five six seven eight nine ten eleven twelve/dozen twenty thirty forty fifty sixty seventy \
             eighty ninety hundred thousand"
        }
        Locale::Nl => {
            "twee/dubbel drie vier vijf zes zeven acht negen tien elf twaalf twintig dertig veertig vijftig zestig zeventig tachtig \
             negentig honderd duizend"
        }
        Locale::De => {
            "zwei/doppelt drei/dreifach vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig siebzig \
             achtzig neunzig hundert tausend"
        }
        Locale::Es => {
            "dos/doble tres/triple cuatro cinco seis siete ocho nueve diez once doce/docena veinte treinta cuarenta cincuenta sesenta \
             setenta ochenta noventa cien/ciento mil"
        }
        Locale::It => {
            "due/doppio tre/triplo quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta cinquanta sessanta settanta \
             ottanta novanta cento mille"
        }
        Locale::Pl => {
            "dwa/dwie/dwóch/dwu trzy/trzech cztery/czterech pięć/pięciu sześć/sześciu siedem/siedmiu osiem/ośmiu dziewięć/dziewięciu \
             dziesięć/dziesięciu jedenaście/jedenastu dwanaście/dwunastu dwadzieścia/dwudziestu trzydzieści/trzydziestu \
             czterdzieści/czterdziestu pięćdziesiąt/pięćdziesięciu sześćdziesiąt/sześćdziesięciu siedemdziesiąt/siedemdziesięciu \
             osiemdziesiąt/osiemdziesięciu dziewięćdziesiąt/dziewięćdziesięciu sto/stu tysiąc/tysiąca"
        }
        Locale::PtBr => {
            "dois/duas/dobro três/triplo quatro cinco seis sete oito nove dez onze doze/dúzia vinte trinta quarenta cinquenta sessenta \
             setenta oitenta noventa cem/cento mil"
        }
        Locale::Fr => {
            "deux/double trois/triple quatre cinq six sept huit neuf dix onze douze/douzaine vingt trente quarante cinquante soixante \
             septante quatre-vingts nonante cent mille"
        }
        // Their signs stand in many words that are no numbers.
        Locale::Ja => "",
    }
}

/// The number that a lower-case word says in a language.
pub(super) fn number(word: &str, locale: Locale) -> Option<&'static str> {
    let place = values(locale).split_whitespace().position(|forms| forms.split('/').any(|form| form == word))?;
    // `acht` and `sei` are also words of little meaning; these are not.
    if matches!((locale, word), (Locale::It, "sei") | (Locale::De | Locale::Nl, "acht")) {
        return None;
    }
    VALUES.get(place).copied()
}

/// Months and days of the week in English, and their words in the other languages.
const DAYS: [(&str, &str); 19] = [
    ("january", "januari januar jänner enero gennaio styczeń stycznia styczniu janeiro janvier"),
    ("february", "februari februar febrero febbraio luty lutego lutym fevereiro février"),
    ("march", "maart märz marzo marzec marca marcu março mars"),
    ("april", "abril aprile kwiecień kwietnia kwietniu avril"),
    ("may", "mei mai mayo maggio maj maja maju maio"),
    ("june", "juni junio giugno czerwiec czerwca czerwcu junho juin"),
    ("july", "juli julio luglio lipiec lipca lipcu julho juillet"),
    ("august", "augustus agosto sierpień sierpnia sierpniu août"),
    ("september", "septiembre settembre wrzesień września wrześniu setembro septembre"),
    ("october", "oktober octubre ottobre październik października październiku outubro octobre"),
    ("november", "noviembre novembre listopad listopada listopadzie novembro"),
    ("december", "dezember diciembre dicembre grudzień grudnia grudniu dezembro décembre"),
    (
        "monday",
        "mondays maandag montag montags lunes lunedì poniedziałek poniedziałku poniedziałki segunda-feira lundi 月曜 月曜日",
    ),
    ("tuesday", "tuesdays dinsdag dienstag dienstags martes martedì wtorek wtorku wtorki terça-feira mardi 火曜 火曜日"),
    (
        "wednesday",
        "wednesdays woensdag mittwoch mittwochs miércoles mercoledì środa środę środy quarta-feira mercredi 水曜 水曜日",
    ),
    (
        "thursday",
        "thursdays donderdag donnerstag donnerstags jueves giovedì czwartek czwartku czwartki quinta-feira jeudi 木曜 木曜日",
    ),
    ("friday", "fridays vrijdag freitag freitags viernes venerdì piątek piątku piątki sexta-feira vendredi 金曜 金曜日"),
    ("saturday", "saturdays zaterdag samstag samstags sábado sabato sobota sobotę soboty samedi 土曜 土曜日"),
    ("sunday", "sundays zondag sonntag sonntags domingo domenica niedziela niedzielę niedziele dimanche 日曜 日曜日"),
];

/// The month or day that a lower-case word names; words that mean something else as well only beside a number.
pub(super) fn day(word: &str, locale: Locale, dated: bool) -> Option<&'static str> {
    let doubtful = matches!((locale, word), (Locale::En, "may" | "march") | (Locale::Pl, "maju" | "maja") | (Locale::Fr, "mars"));
    if doubtful && !dated {
        return None;
    }
    DAYS.iter()
        .find(|(name, others)| *name == word || others.split_whitespace().any(|other| other == word))
        .map(|(name, _)| *name)
}

const UNITS: [(&str, &str); 7] = [
    ("EUR", "€ eur euro euros"),
    ("USD", "$ usd us$ dollar dollars dólar dólares dollari dolarów dolary dolar dollaro"),
    ("GBP", "£ gbp pound pounds pfund libras livres funtów"),
    ("JPY", "¥ jpy yen 円"),
    ("PLN", "zł pln złoty złotych złote zloty"),
    ("BRL", "r$ brl reais real"),
    ("%", "% percent procent prozent pourcent"),
];

/// What a lower-case word or sign says a number counts.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    UNITS.iter().find(|(_, words)| words.split_whitespace().any(|known| known == word)).map(|(unit, _)| *unit)
}

/// The same for words of two, and for a script without spaces.
pub(super) fn unit_at_start(after: &str) -> Option<&'static str> {
    const STARTS: [(&str, &str); 8] = [
        ("円", "JPY"),
        ("ユーロ", "EUR"),
        ("ドル", "USD"),
        ("パーセント", "%"),
        ("per cent", "%"),
        ("por ciento", "%"),
        ("pour cent", "%"),
        ("por cento", "%"),
    ];
    STARTS.iter().find(|(start, _)| after.starts_with(start)).map(|(_, unit)| *unit)
}

/// Words of which a sentence may be made that claims nothing: greetings, thanks, offers to help.
pub(super) fn is_small_talk(word: &str, locale: Locale) -> bool {
    let words = match locale {
        Locale::En => {
            "hello hi hey dear welcome thanks thank please sure certainly course gladly happy glad help helps helping assist let know want \
             like anything something else question questions further more feel ask asking tell great good day morning afternoon evening \
             sorry understand look information details here's following below"
        }
        Locale::Nl => {
            "hallo dag goedemorgen goedemiddag goedenavond beste welkom bedankt dank graag natuurlijk zeker helpen hulp laat weten wil wilt \
             nog iets anders vraag vragen verder meer stel gerust sorry begrijp informatie volgende"
        }
        Locale::De => {
            "hallo guten tag morgen abend liebe lieber willkommen danke dank bitte gern gerne natürlich sicher selbstverständlich helfen \
             hilfe lassen wissen möchten möchtest noch etwas weiteres anderes frage fragen weitere mehr jederzeit leid verstehe \
             informationen folgende folgenden"
        }
        Locale::Es => {
            "hola buenos buenas días tardes noches estimado estimada bienvenido bienvenida gracias favor claro seguro supuesto gusto encantado \
             encantada ayudar ayuda ayudarte ayudarle decir saber quiere quieres algo más otra otro pregunta preguntas siento entiendo \
             información siguiente siguientes"
        }
        Locale::It => {
            "ciao salve buongiorno buonasera gentile benvenuto benvenuta grazie prego favore certo certamente volentieri piacere lieto aiutare \
             aiuto aiutarti aiutarla sapere vuole vuoi altro altra domanda domande dispiace capisco informazioni seguente seguenti"
        }
        Locale::Pl => {
            "dzień dobry cześć witaj witam dziękuję dzięki proszę oczywiście pewnie chętnie pomóc pomogę pomoc daj znać wiedzieć chcesz chciałbyś \
             jeszcze coś innego pytanie pytania dalsze więcej przykro rozumiem informacje następujące"
        }
        Locale::PtBr => {
            "olá oi bom dia boa tarde noite prezado prezada bem-vindo bem-vinda obrigado obrigada favor claro certo certamente prazer ajudar \
             ajuda ajudá-lo saber quer mais alguma algo outra outro pergunta perguntas dúvida desculpe entendo informações seguinte seguintes"
        }
        Locale::Fr => {
            "bonjour bonsoir salut cher chère bienvenue merci plaît bien sûr certainement volontiers plaisir heureux heureuse aider aide savoir \
             souhaitez voulez autre chose question questions davantage plus désolé désolée comprends informations suivant suivante suivants"
        }
        Locale::Ja => "",
    };
    words.split_whitespace().any(|known| known == word)
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

/// Words that make a claim without bounds: they must stand in the passages themselves.
pub(super) fn absolutes(plain: &str) -> Vec<String> {
    const WORDS: &str = "free nothing everything always never unlimited guaranteed forever lifetime \
        kostenlos gratis nichts alles immer niemals unbegrenzt garantiert niets altijd nooit onbeperkt gegarandeerd \
        nada todo siempre nunca ilimitado garantizado gratuito gratuita niente tutto sempre illimitato garantito \
        darmowy bezpłatnie bezpłatny nic wszystko zawsze nigdy nieograniczony gwarantowany grátis tudo ilimitado garantido \
        gratuit gratuite gratuitement rien toujours jamais illimité garanti 無料 無制限";
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let plain = plain.to_lowercase();
    let spaced = plain.split(|c: char| !c.is_alphabetic()).filter(|word| words.contains(word)).map(str::to_owned);
    let japanese = words.iter().filter(|word| !word.is_ascii() && word.chars().all(|c| c > '\u{3000}') && plain.contains(**word));
    spaced.chain(japanese.map(|word| (*word).to_owned())).collect()
}
