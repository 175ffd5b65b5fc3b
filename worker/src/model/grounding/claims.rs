//! Claims to have done something, or to be about to: the assistant can do nothing but answer, so none of them is true.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::plain::undisguised;

/// What is done for visitors, as past participles of English.
const DONE: &str = "booked|cancell?ed|sent|e-?mailed|mailed|forwarded|changed|updated|reserved|ordered|refunded|scheduled|submitted|\
    created|processed|contacted|called|notified|registered|deleted|removed|added|arranged|confirmed|issued|applied|escalated|transferred|\
    checked|verified|upgraded|reset|activated|deactivated|unlocked|closed|opened|shipped|credited|recorded|reported|informed|extended|approved";

/// What of that nobody says of a business in general: `we opened in 2019` is none.
const DONE_FOR_ONE: &str = "booked|cancell?ed|sent|e-?mailed|mailed|forwarded|reserved|refunded|scheduled|submitted|processed|contacted|notified|\
    issued|credited|approved|confirmed|escalated|transferred|shipped";
const DONE_DE: &str = "storniert|gebucht|reserviert|(zu)?(rück)?erstattet|verschickt|versandt|gesendet|geändert|aktualisiert|bestätigt|weitergeleitet|\
    verlängert|gelöscht|überwiesen|veranlasst|angelegt|registriert|gutgeschrieben|freigegeben|ausgezahlt|zurückgezahlt|informiert|beauftragt";
const DONE_NL: &str = "geannuleerd|geboekt|gereserveerd|verzonden|verstuurd|gewijzigd|bevestigd|terugbetaald|teruggestort|overgemaakt|bijgewerkt|\
    verlengd|verwijderd|doorgestuurd|aangepast|ingediend|geregistreerd|goedgekeurd|uitbetaald|verwerkt|gecrediteerd";
const DONE_ES: &str = "(reservad|cancelad|enviad|cambiad|actualizad|confirmad|reembolsad|anulad|modificad|devuelt|tramitad|procesad|aprobad|emitid|\
    abonad|registrad)[oa]s?";
const DONE_IT: &str = "(prenotat|annullat|inviat|modificat|aggiornat|confermat|rimborsat|cancellat|emess|accreditat|approvat|elaborat|registrat|\
    spedit)[oaie]";
const DONE_PL: &str = "zarezerwowan|anulowan|wysłan|zmienion|zaktualizowan|potwierdzon|zwrócon|odwołan|przelan|przekazan|zatwierdzon|zlecon|złożon|usunięt";
const DONE_PT: &str = "(reservad|cancelad|enviad|alterad|atualizad|confirmad|reembolsad|devolvid|estornad|processad|aprovad|emitid|creditad|registrad)[oa]s?";
const DONE_FR: &str = "(réservé|annulé|envoyé|modifié|mis à jour|confirmé|remboursé|enregistré|prolongé|émis|crédité|approuvé|traité|versé|\
    transmis|expédié)(e|s|es)?";

/// Reports that something was done, whoever did it. A passage may report something too, and then an answer may.
static REPORTS: LazyLock<Option<Vec<Regex>>> = LazyLock::new(|| {
    let patterns = [
        format!(r"\b(has|have)( now| just| already| also)* been( now| successfully| just| already)? ({DONE})\b"),
        format!(r"\b(is|are)( now| currently| already)* being ({DONE})\b"),
        format!(r"\bwe(['’]ve| have)( just| now| already| also)* ({DONE})\b"),
        format!(r"\bwe( just| now| already| also)* ({DONE_FOR_ONE})\b"),
        format!(r"\b(was|were)( just| now| already| successfully)* ({DONE_FOR_ONE})\b"),
        r"\b(refund|order|booking|payment|money|request|ticket|cancellation)\b.{0,20}\b(is|are)( now| already)? (on (its|the|their) way|under ?way|in progress|completed?|done|through)\b".to_owned(),
        format!(r"\b(refund|order|booking|payment|request|ticket|cancellation|e-?mail)s? (now |successfully )?({DONE_FOR_ONE}|done|complete)\W*$"),
        format!(r"\b(wurden?|worden|wir haben)\b.{{0,60}}\b({DONE_DE})\b"),
        format!(r"\b(is|zijn|werd|werden|hebben (wij|we)|(wij|we) hebben)\b.{{0,60}}\b({DONE_NL})\b"),
        format!(r"\b((ha|han) sido|(ha|han)|fue|fueron)( \p{{L}}+)? ({DONE_ES})\b"),
        format!(r"\b(è|sono)( \p{{L}}+)? stat[oaie]( \p{{L}}+)? ({DONE_IT})\b"),
        format!(r"\bzosta(ł|ła|ło|ły|li)\b.{{0,40}}\b({DONE_PL})"),
        format!(r"\b({DONE_PL})o\b"),
        format!(r"\b(foi|foram)( \p{{L}}+)? ({DONE_PT})\b"),
        format!(r"\b(a|ont)( \p{{L}}+)? été( \p{{L}}+)? ({DONE_FR})\b"),
        r"(予約|キャンセル|取り消|送信|送付|変更|更新|手配|返金|登録|注文|転送|処理|確認|承認|発行)(が|は|を)?(されました|されています|完了|済み)".to_owned(),
    ];
    let read: Result<Vec<Regex>, regex::Error> = patterns.iter().map(|pattern| Regex::new(pattern)).collect();
    read.inspect_err(|error| tracing::error!(%error, "the patterns of reports cannot be read; every sentence counts as one")).ok()
});

/// Whether a lower-case text reports that something was done, and not what follows if it was: `once it has been shipped`.
fn reports(lower: &str) -> bool {
    const CONDITIONS: &str = "if once when unless until whether wenn sobald nachdem falls sofern bevor zodra nadat wanneer cuando quando si se lorsque dès \
        gdy jeśli jeżeli";
    const RELATIVES: &str = "that which who que qui che die das der dat który która które";
    let one_of = |words: &str, word: &str| words.split_whitespace().any(|known| known == word);
    REPORTS.as_ref().is_none_or(|patterns| {
        patterns.iter().flat_map(|pattern| pattern.find_iter(lower)).any(|found| {
            let before = lower.get(..found.start()).unwrap_or_default();
            let clause = before.rsplit([',', ';', ':', '.', '!', '?', '、', '。']).next().unwrap_or_default();
            let mut words = clause.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
            let related = words.clone().next_back().is_some_and(|word| one_of(RELATIVES, word));
            !related && !words.any(|word| one_of(CONDITIONS, word))
        })
    })
}

/// The patterns, by language. What a business does ("we send invoices by e-mail") is none of them; what somebody has done for this visitor is.
static CLAIMS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let patterns = [
        format!(r"\bi(['’]ve| have)\b.{{0,30}}\b({DONE}|taken care|made|found your|looked up|placed|filed|passed)\b"),
        format!(r"\bi( just| now| already| also)? ({DONE})\b"),
        r"\b(i|we)( just| now| already| also)* (went ahead|took the liberty|managed to|proceeded to|made sure|took care|put (it )?(in|through))\b".to_owned(),
        r"^\W*((it|that)(['’]s| is) )?(all )?done\W*$".to_owned(),
        r"\bi(['’]ll| will| am going to|['’]m going to| shall)\b.{0,30}\b(book|cancel|send|e-?mail|forward|change|update|reserve|order|refund|schedule|submit|create|process|contact|call|notify|register|delete|remove|add|arrange|confirm|issue|apply|escalate|transfer|pass|check|look|verify|upgrade|reset|activate|connect|have someone|get back|take care|make sure|place|file|open|ask)\b".to_owned(),
        r"\bi(['’]m| am)( now| currently| just)? (booking|cancell?ing|sending|forwarding|changing|updating|reserving|ordering|refunding|scheduling|submitting|creating|processing|contacting|calling|checking|connecting|transferring|arranging|placing)\b".to_owned(),
        format!(r"\bwe(['’]ve| have)( just| now| already| also)* ({DONE}) (you|your|it|that|this)\b"),
        format!(r"\byour( [\w'’-]+){{1,5}} (has|have)( now| just| already| also)? been( now| successfully)? ({DONE})\b"),
        format!(r"\byour( [\w'’-]+){{1,4}} (is|are|was|were) (now |already |successfully |hereby )+({DONE})\b"),
        r"\bich habe\b.{0,60}\b(ge\p{L}+(t|en)|storniert|reserviert|informiert|aktualisiert|weiter\p{L}+|erstattet|registriert|ver(schickt|sandt|sendet|anlasst|längert)|bestätigt|ein\p{L}+|an\p{L}+|überprüft)\b".to_owned(),
        r"\bich (werde|buche|storniere|sende|schicke|leite|ändere|erstatte|veranlasse|reserviere|kümmere|verbinde|prüfe|bestelle)\b".to_owned(),
        r"\b(ihre?|ihren|deine?|deinen)( [\p{L}-]+){1,4} (wurde|wurden|ist|sind)\b.{0,30}\b(storniert|gebucht|reserviert|erstattet|verschickt|versandt|geändert|aktualisiert|bestätigt|weitergeleitet|verlängert|gelöscht)\b".to_owned(),
        format!(r"\b(soeben|hiermit)\b.{{0,40}}\b({DONE_DE})\b"),
        r"\bik heb\b.{0,60}\b(\p{L}*ge\p{L}{2,}(d|t|en)|ver\p{L}+|be\p{L}+d|aan\p{L}+|door\p{L}+|(terug|over|uit|in|op|af|om|na|mee|bij|toe|vast|klaar|weg)\p{L}{3,}(d|t|en))\b".to_owned(),
        r"\bik (zal|ga|boek|annuleer|stuur|wijzig|regel|verbind|controleer|bestel)\b".to_owned(),
        r"\b(uw|je|jouw)( [\p{L}-]+){1,4} (is|zijn|werd|werden)( \p{L}+){0,2} (geannuleerd|geboekt|gereserveerd|verzonden|gewijzigd|bevestigd|terugbetaald|bijgewerkt|verlengd|verwijderd)\b".to_owned(),
        r"\b(he|hemos)( \p{L}+)? (reservado|cancelado|enviado|cambiado|actualizado|confirmado|reembolsado|registrado|creado|añadido|solicitado|tramitado|contactado|procesado|programado|anulado|modificado|comprobado|verificado|hecho)\b".to_owned(),
        r"\b(voy a|acabo de|acabamos de|vamos a|acabei de|acabamos de) \p{L}+r(te|le|les|se|lo|la)?\b".to_owned(),
        r"\b(tu|su)( [\p{L}-]+){1,4} (ha sido|han sido|fue|está|queda)( ya)? (reservad|cancelad|enviad|cambiad|actualizad|confirmad|reembolsad|anulad|modificad)[oa]s?\b".to_owned(),
        r"(\bj['’]ai|\bje (vous|t|te|l)['’ ]?ai|\bnous (vous )?avons)( \p{L}+){0,2} (réservé|annulé|envoyé|modifié|mis à jour|confirmé|remboursé|enregistré|créé|ajouté|contacté|transmis|traité|programmé|vérifié|changé)".to_owned(),
        r"\b(nous venons de|vient d['’]être)\b|\bje (vais|viens de|vous (envoie|transfère|mets|réserve)|m['’]occupe)\b".to_owned(),
        r"\b(votre|vos|ta|ton|tes)( [\p{L}-]+){1,4} (a été|ont été|est maintenant|est désormais) (réservé|annulé|envoyé|modifié|mis|confirmé|remboursé|enregistré|prolongé)".to_owned(),
        r"\b(ho|abbiamo)( \p{L}+)? (prenotato|annullato|inviato|modificato|aggiornato|confermato|rimborsato|registrato|creato|aggiunto|contattato|inoltrato|elaborato|cancellato|verificato|cambiato)\b".to_owned(),
        r"\b(provvedo|provvederò|invierò|prenoterò|annullerò|contatterò|sto (per )?(inviando|prenotando|annullando|inviare|prenotare|annullare))\b".to_owned(),
        r"\b(suo|sua|tuo|tua)( [\p{L}-]+){1,4} (è|sono) stat[oaie] (prenotat|annullat|inviat|modificat|aggiornat|confermat|rimborsat|cancellat)[oaie]\b".to_owned(),
        r"\b(zarezerwowa|anulowa|wysła|zmieni|zaktualizowa|potwierdzi|zwróci|zarejestrowa|utworzy|doda|przekaza|skontaktowa|zamówi|złoży|zapisa|sprawdzi|odwoła)ł(em|am|iśmy|yśmy)\b".to_owned(),
        r"\b(pana|pani|twoj[ea]|twój|państwa)( [\p{L}-]+){1,4} został[aoy]? (\p{L}+ )?(zarezerwowan|anulowan|wysłan|zmienion|zaktualizowan|potwierdzon|zwrócon|odwołan)".to_owned(),
        r"\b(zarezerwuję|anuluję|wyślę|zmienię|przekażę|skontaktuję|sprawdzę|połączę)\b".to_owned(),
        r"\b(reservei|cancelei|enviei|alterei|atualizei|confirmei|reembolsei|registrei|criei|adicionei|solicitei|contatei|encaminhei|processei|agendei|verifiquei|mudei)\b".to_owned(),
        r"\b(vou|irei) (te |lhe )?(reservar|cancelar|enviar|alterar|atualizar|confirmar|reembolsar|registrar|encaminhar|verificar|agendar|transferir|entrar)\b".to_owned(),
        r"\b(seu|sua)( [\p{L}-]+){1,4} (foi|está|já foi) (reservad|cancelad|enviad|alterad|atualizad|confirmad|reembolsad)[oa]\b".to_owned(),
        r"(予約|キャンセル|取り消し|送信|送付|変更|更新|手配|返金|登録|注文|ご連絡|転送|処理|確認)(を|は)?(いた)?(しました|完了しました|しておきました|しておきます|いたします|させていただきました)".to_owned(),
    ];
    match RegexSet::new(patterns) {
        Ok(set) => Some(set),
        Err(error) => {
            tracing::error!(%error, "the patterns of claims cannot be read; every sentence counts as one");
            None
        }
    }
});

/// Whether a text, as it is seen, claims an action in whatever language, and none of the lower-case texts it cites reports one.
pub(super) fn claims_action<'t>(text: &str, mut cited: impl Iterator<Item = &'t str>) -> bool {
    let lower = undisguised(&text.to_lowercase());
    CLAIMS.as_ref().is_none_or(|claims| claims.is_match(&lower)) || reports(&lower) && !cited.any(reports)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> bool {
        claims_action(text, std::iter::empty())
    }

    #[test]
    fn what_the_assistant_says_it_did_is_a_claim() {
        for claim in [
            "I have cancelled your order.",
            "I've just booked a table for you",
            "I will forward this to a colleague.",
            "I'm now checking your account.",
            "We have refunded your payment.",
            "Your booking for tomorrow has been confirmed.",
            "Your order is now cancelled",
            "I sent you an e-mail.",
            "Ich habe Ihre Bestellung storniert.",
            "Ich werde das weiterleiten.",
            "Ihre Buchung wurde bestätigt.",
            "Ik heb uw bestelling geannuleerd.",
            "Uw reservering is bevestigd.",
            "He cancelado su pedido.",
            "Voy a enviarle un correo.",
            "Su reserva ha sido confirmada.",
            "J'ai annulé votre commande.",
            "Votre commande a été annulée.",
            "Ho prenotato un tavolo.",
            "Il suo ordine è stato annullato.",
            "Anulowałem zamówienie.",
            "Pani rezerwacja została potwierdzona.",
            "Cancelei o seu pedido.",
            "Seu pedido foi cancelado.",
            "ご注文をキャンセルしました。",
            "The refund has been issued to the card you used.",
            "We have refunded the card you used.",
            "I went ahead and refunded the card.",
            "Refund issued.",
            "I h\u{430}ve sent it.",
            "Ik heb het bedrag terugbetaald.",
            "Het bedrag is teruggestort.",
            "Der Betrag wurde Ihnen soeben erstattet.",
            "Acabamos de reembolsar el importe.",
            "El importe ha sido reembolsado.",
            "L'importo è stato rimborsato.",
            "Kwota została zwrócona.",
            "Acabei de reembolsar o valor.",
            "O valor foi reembolsado.",
            "代金を返金しておきます。",
            "Le montant vous a été remboursé.",
        ] {
            assert!(claims(claim), "{claim}");
        }
    }

    #[test]
    fn what_a_business_does_is_none() {
        for fair in [
            "We send invoices by e-mail.",
            "You can cancel your order within 14 days.",
            "Your order is shipped within two days.",
            "Orders that have been cancelled are refunded.",
            "I can only answer questions.",
            "Once it has been shipped, you get a number.",
            "Ik heb geen informatie over dat onderwerp.",
            "Das Geld wird erstattet, sobald die Ware geprüft wurde.",
            "Die Ware, die Sie bestellt haben.",
            "Le montant est remboursé sous 14 jours.",
            "El importe se reembolsa en 14 días.",
            "Het bedrag wordt binnen 14 dagen terugbetaald.",
            "Kwota jest zwracana w ciągu 14 dni.",
            "代金は14日以内に返金されます。",
            "Sie können Ihre Bestellung stornieren.",
            "Ihre Bestellung wird innerhalb von zwei Tagen versandt.",
            "Je kunt je bestelling annuleren.",
            "Puede cancelar su pedido.",
            "Vous pouvez annuler votre commande.",
            "Può annullare il suo ordine.",
            "Zamówienie można anulować.",
            "Você pode cancelar o pedido.",
            "注文はキャンセルできます。",
        ] {
            assert!(!claims(fair), "{fair}");
        }
    }

    #[test]
    fn what_a_passage_reports_an_answer_may_report() {
        let passage = "the café has been closed since may.";
        assert!(claims("The café has been closed.") && !claims_action("The café has been closed.", [passage].into_iter()));
        assert!(claims_action("I have closed the café.", [passage].into_iter()));
    }
}
