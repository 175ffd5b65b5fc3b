//! Whether a visitor asks for a person, in whatever language.

use unicode_segmentation::UnicodeSegmentation;

/// People one can ask for, and what one wants with them, by language. The first of the people are asked for also by nothing but their name.
const WORDS: [(&str, &str, &str); 8] = [
    (
        "human person agent representative operator",
        "someone somebody advisor employee colleague staff",
        "talk speak talking speaking chat connect transfer escalate",
    ),
    (
        "mensch menschen mitarbeiter mitarbeiterin",
        "person jemand jemandem berater beraterin kollegen kollegin ansprechpartner",
        "sprechen reden verbinden verbinde weiterleiten chatten",
    ),
    ("mens medewerker", "persoon iemand collega adviseur", "praten spreken doorverbinden verbinden chatten"),
    (
        "humano humana agente operador",
        "persona alguien asesor asesora",
        "hablar comunicarme conectar conectarme pasarme contactar",
    ),
    ("umano operatore operatrice", "persona qualcuno agente consulente", "parlare passarmi contattare collegarmi"),
    (
        "człowiek człowieka człowiekiem konsultant konsultanta konsultantem",
        "osobą pracownikiem kimś agentem doradcą",
        "rozmawiać porozmawiać połączyć połącz pogadać",
    ),
    ("atendente humano", "pessoa alguém agente operador consultor", "falar conversar transferir conectar"),
    (
        "humain conseiller conseillère",
        "personne quelqu agent opérateur collaborateur",
        "parler discuter contacter joindre transférer",
    ),
];
const JAPANESE: ([&str; 5], [&str; 7]) = (
    ["担当者", "オペレーター", "オペレータ", "人間", "スタッフ"],
    ["話し", "話せ", "話す", "つない", "繋い", "代わって", "お願い"],
);
/// Words that are said around a name that is all there is.
const AROUND: &str = "a an the real live please pls ein eine einen echten echter bitte een echte graag un una real por favor vero per favore \
    żywy proszę um uma de verdade s il vous plaît vrai hello hi hallo hola ciao";
const NOT: &str = "not don t nicht kein keinen niet geen nie não pas non";
/// Who tells a long story asks for more than that.
const LONGEST: usize = 40;

/// Whether a message asks to be put through to a person.
#[must_use]
pub fn asks_for_person(text: &str) -> bool {
    let plain = text.to_lowercase();
    let has = |words: &str, word: &str| words.split_whitespace().any(|known| known == word);
    let words: Vec<&str> =
        plain.unicode_words().flat_map(|word| word.split(['\'', '’'])).filter(|word| !word.is_empty()).collect();
    if words.len() > LONGEST || words.iter().any(|word| has(NOT, word)) {
        return false;
    }
    let in_words = WORDS.iter().any(|(people, others, wishes)| {
        let someone = words.iter().any(|word| has(people, word) || has(others, word));
        let wish = words.iter().any(|word| has(wishes, word));
        let bare = words.len() <= 6 && words.iter().all(|word| has(people, word) || has(AROUND, word));
        someone && (wish || bare && words.iter().any(|word| has(people, word)))
    });
    let (people, wishes) = JAPANESE;
    in_words || people.iter().any(|word| plain.contains(word)) && wishes.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_a_person_is_understood_in_every_language() {
        for text in [
            "Can I talk to a human?",
            "I want to speak with someone from your team please",
            "a real person please",
            "AGENT",
            "Please connect me to an operator.",
            "Ich möchte mit einem Menschen sprechen",
            "Können Sie mich mit einem Mitarbeiter verbinden?",
            "Mitarbeiter bitte",
            "Ik wil een medewerker spreken",
            "Kan ik met iemand praten?",
            "Quiero hablar con una persona",
            "¿Puedo hablar con un agente?",
            "Vorrei parlare con un operatore",
            "Chcę rozmawiać z człowiekiem",
            "Proszę połączyć mnie z konsultantem",
            "Quero falar com um atendente",
            "Je voudrais parler à quelqu'un",
            "Un conseiller s'il vous plaît",
            "担当者と話したいです",
            "オペレーターにつないでください",
        ] {
            assert!(asks_for_person(text), "{text}");
        }
    }

    #[test]
    fn who_only_mentions_one_asks_for_none() {
        for text in [
            "How many persons fit in the room?",
            "What does a seat per person cost?",
            "Do you have an agent in Berlin?",
            "I do not want to talk to a person",
            "Ich will nicht mit einem Menschen sprechen",
            "Wie viele Personen passen hinein?",
            "¿Cuánto cuesta por persona?",
            "When does the shop open?",
            "Bin ich hier richtig?",
            "何人まで入れますか",
            "hello",
            "",
        ] {
            assert!(!asks_for_person(text), "{text}");
        }
        assert!(!asks_for_person(&"I want to talk to a human ".repeat(20)));
    }
}
