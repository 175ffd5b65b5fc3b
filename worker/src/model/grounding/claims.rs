//! Claims to have done something, or to be about to: the assistant can do nothing but answer, so none of them is true.

use std::sync::LazyLock;

use regex::RegexSet;

/// What is done for visitors, as past participles of English.
const DONE: &str = "booked|cancell?ed|sent|e-?mailed|mailed|forwarded|changed|updated|reserved|ordered|refunded|scheduled|submitted|\
    created|processed|contacted|called|notified|registered|deleted|removed|added|arranged|confirmed|issued|applied|escalated|transferred|\
    checked|verified|upgraded|reset|activated|deactivated|unlocked|closed|opened|shipped|credited|recorded|reported|informed|extended|approved";

/// The patterns, by language. What a business does ("we send invoices by e-mail") is none of them; what somebody has done for this visitor is.
static CLAIMS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let patterns = [
        format!(r"\bi(['’]ve| have)\b.{{0,30}}\b({DONE}|taken care|made|found your|looked up|placed|filed|passed)\b"),
        format!(r"\bi( just| now| already| also)? ({DONE})\b"),
        r"\bi(['’]ll| will| am going to|['’]m going to| shall)\b.{0,30}\b(book|cancel|send|e-?mail|forward|change|update|reserve|order|refund|schedule|submit|create|process|contact|call|notify|register|delete|remove|add|arrange|confirm|issue|apply|escalate|transfer|pass|check|look|verify|upgrade|reset|activate|connect|have someone|get back|take care|make sure|place|file|open|ask)\b".to_owned(),
        r"\bi(['’]m| am)( now| currently| just)? (booking|cancell?ing|sending|forwarding|changing|updating|reserving|ordering|refunding|scheduling|submitting|creating|processing|contacting|calling|checking|connecting|transferring|arranging|placing)\b".to_owned(),
        format!(r"\bwe(['’]ve| have)( just| now| already| also)* ({DONE}) (you|your|it|that|this)\b"),
        format!(r"\byour( [\w'’-]+){{1,5}} (has|have)( now| just| already| also)? been( now| successfully)? ({DONE})\b"),
        format!(r"\byour( [\w'’-]+){{1,4}} (is|are|was|were) (now |already |successfully |hereby )+({DONE})\b"),
        r"\bich habe\b.{0,60}\b(ge\p{L}+(t|en)|storniert|reserviert|informiert|aktualisiert|weiter\p{L}+|erstattet|registriert|ver(schickt|sandt|sendet|anlasst|längert)|bestätigt|ein\p{L}+|an\p{L}+|überprüft)\b".to_owned(),
        r"\bich (werde|buche|storniere|sende|schicke|leite|ändere|erstatte|veranlasse|reserviere|kümmere|verbinde|prüfe|bestelle)\b".to_owned(),
        r"\b(ihre?|ihren|deine?|deinen)( [\p{L}-]+){1,4} (wurde|wurden|ist|sind)\b.{0,30}\b(storniert|gebucht|reserviert|erstattet|verschickt|versandt|geändert|aktualisiert|bestätigt|weitergeleitet|verlängert|gelöscht)\b".to_owned(),
        r"\bik heb\b.{0,60}\b(ge\p{L}+|ver\p{L}+|be\p{L}+d|aan\p{L}+|door\p{L}+)\b".to_owned(),
        r"\bik (zal|ga|boek|annuleer|stuur|wijzig|regel|verbind|controleer|bestel)\b".to_owned(),
        r"\b(uw|je|jouw)( [\p{L}-]+){1,4} (is|zijn|werd|werden)( \p{L}+){0,2} (geannuleerd|geboekt|gereserveerd|verzonden|gewijzigd|bevestigd|terugbetaald|bijgewerkt|verlengd|verwijderd)\b".to_owned(),
        r"\b(he|hemos)( \p{L}+)? (reservado|cancelado|enviado|cambiado|actualizado|confirmado|reembolsado|registrado|creado|añadido|solicitado|tramitado|contactado|procesado|programado|anulado|modificado|comprobado|verificado|hecho)\b".to_owned(),
        r"\b(voy a|acabo de) \p{L}+r(te|le|se|lo|la)?\b".to_owned(),
        r"\b(tu|su)( [\p{L}-]+){1,4} (ha sido|han sido|fue|está|queda)( ya)? (reservad|cancelad|enviad|cambiad|actualizad|confirmad|reembolsad|anulad|modificad)[oa]s?\b".to_owned(),
        r"(\bj['’]ai|\bje (vous|t|te|l)['’ ]?ai|\bnous (vous )?avons)( \p{L}+){0,2} (réservé|annulé|envoyé|modifié|mis à jour|confirmé|remboursé|enregistré|créé|ajouté|contacté|transmis|traité|programmé|vérifié|changé)".to_owned(),
        r"\bje (vais|viens de|vous (envoie|transfère|mets|réserve)|m['’]occupe)\b".to_owned(),
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
        r"(予約|キャンセル|取り消し|送信|送付|変更|更新|手配|返金|登録|注文|ご連絡|転送|処理|確認)(を|は)?(いた)?(しました|完了しました|しておきました|いたします)".to_owned(),
    ];
    match RegexSet::new(patterns) {
        Ok(set) => Some(set),
        Err(error) => {
            tracing::error!(%error, "the patterns of claims cannot be read; every sentence counts as one");
            None
        }
    }
});

/// Whether a text claims an action, in whatever language.
pub(super) fn claims_action(text: &str) -> bool {
    let plain = text.to_lowercase();
    CLAIMS.as_ref().is_none_or(|claims| claims.is_match(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert!(claims_action(claim), "{claim}");
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
            assert!(!claims_action(fair), "{fair}");
        }
    }
}
