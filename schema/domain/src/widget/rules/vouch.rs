//! What a website says of its visitors (JSON Web Tokens, RFC 7519, signed with HMAC-SHA256), and whether it may be believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::Number;
use sha2::Sha256;

use crate::{clock::Instant, identity, widget::model::Vouched};

/// The longest token that is looked at.
const LONGEST: usize = 8 * 1024;

/// How far ahead a token may end, so that one that was seen by somebody is of no use for long.
const FARTHEST: i64 = 3_600;

/// How much clocks may differ.
const SKEW: i64 = 60;

/// The most characters of a subject, and of a name.
const MOST: usize = 200;

#[derive(Deserialize)]
struct Head {
    alg: String,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<Number>,
    nbf: Option<Number>,
    iat: Option<Number>,
    aud: Option<Audience>,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// A token in its three parts, with what was signed of it.
struct Parts<'a> {
    head: Vec<u8>,
    claims: Vec<u8>,
    signature: Vec<u8>,
    signed: &'a str,
}

fn parts(token: &str) -> Option<Parts<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (head, claims) = signed.split_once('.')?;
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    Some(Parts { head: read(head)?, claims: read(claims)?, signature: read(signature)?, signed })
}

/// Which of the secrets a token is signed with, by its place among them, and what it says, if it may be believed at this instant by the
/// tenant that is known by this UUID.
///
/// # Errors
/// Why not, in a sentence for whoever makes the tokens. It repeats nothing of the token.
pub fn believed(token: &str, secrets: &[&[u8]], audience: &str, now: Instant) -> Result<(usize, Vouched), &'static str> {
    const FORM: &str = "It is no JSON Web Token in its compact form, of at most 8 KiB.";
    if token.len() > LONGEST {
        return Err(FORM);
    }
    let Parts { head, claims, signature, signed } = parts(token).ok_or(FORM)?;
    let head: Head = serde_json::from_slice(&head).map_err(|_| FORM)?;
    // Whoever may choose the algorithm chooses one that anybody can sign with.
    if head.alg != "HS256" || head.crit.is_some() {
        return Err("Its header's `alg` must be `HS256`, without `crit`.");
    }
    let is_by = |secret: &&[u8]| {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).map(|mac| mac.chain_update(signed.as_bytes()));
        mac.is_ok_and(|mac| mac.verify_slice(&signature).is_ok())
    };
    let which = secrets.iter().position(is_by);
    let which = which.ok_or("Its signature is not by the secret of this business (`fo_ids_…`, the whole text).")?;
    // Only now, because what nobody has signed is not even read.
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| "Its claims are no JSON object as they must be.")?;
    check(&claims, audience, now)?;
    let subject = claims.sub.unwrap_or_default();
    Ok((
        which,
        Vouched {
            subject,
            name: claims.name.as_deref().and_then(name),
            email: claims.email.as_deref().and_then(identity::email),
        },
    ))
}

fn check(claims: &Claims, audience: &str, now: Instant) -> Result<(), &'static str> {
    let now = now.as_micros().div_euclid(1_000_000);
    let exp = claims.exp.as_ref().and_then(seconds).ok_or("`exp` must say when it ends, in seconds since 1970.")?;
    if exp.saturating_add(SKEW) <= now {
        return Err("`exp` is over.");
    }
    if exp > now.saturating_add(FARTHEST).saturating_add(SKEW) {
        return Err("`exp` may be an hour ahead at most.");
    }
    for (claim, fault) in [(&claims.nbf, "`nbf` is still to come."), (&claims.iat, "`iat` is still to come.")] {
        let begins = claim.as_ref().map(|claim| seconds(claim).ok_or(fault)).transpose()?;
        if begins.is_some_and(|begins| begins > now.saturating_add(SKEW)) {
            return Err(fault);
        }
    }
    let is_for = |one: &String| one.eq_ignore_ascii_case(audience);
    let is_ours = match &claims.aud {
        None => false,
        Some(Audience::One(one)) => is_for(one),
        Some(Audience::Several(several)) => several.iter().any(is_for),
    };
    if !is_ours {
        return Err("`aud` must be the UUID of this business.");
    }
    match claims.sub.as_deref().map(|sub| (sub.chars().count(), sub.contains('\0'))) {
        Some((1..=MOST, false)) => Ok(()),
        _ => Err("`sub` must be what the website knows the visitor by: a text of 1 to 200 characters."),
    }
}

/// Whole seconds; some libraries write fractions.
fn seconds(number: &Number) -> Option<i64> {
    let text = number.to_string();
    text.split('.').next().filter(|_| !text.contains(['e', 'E']))?.parse().ok()
}

/// A name as it is shown: on one line, and not longer than names are.
fn name(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let short: String = plain.trim().chars().take(MOST).collect();
    (!short.trim().is_empty()).then(|| short.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &[u8] = b"fo_ids_one";
    const OWN: &str = "0193a1de-0000-7000-8000-000000000001";
    /// 2026-11-22T12:00:00Z
    const NOW: Instant = Instant::from_micros(1_795_348_800_000_000);

    fn token(head: &Value, claims: &Value, secret: &[u8]) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).unwrap().chain_update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn good() -> Value {
        json!({"sub": "42", "exp": 1_795_348_800_i64 + 600, "aud": OWN, "name": " Vi\u{7} ", "email": "Vi@Example.com"})
    }

    fn with(field: &str, value: Value) -> Value {
        let mut claims = good();
        claims[field] = value;
        claims
    }

    fn why(claims: &Value) -> &'static str {
        believed(&token(&json!({"alg": "HS256"}), claims, SECRET), &[SECRET], OWN, NOW).map(|_| "").unwrap_or_else(|why| why)
    }

    #[test]
    fn a_good_one_is_believed_by_whichever_secret() {
        let one = token(&json!({"alg": "HS256", "typ": "JWT"}), &good(), SECRET);
        let vouched = Vouched { subject: "42".into(), name: Some("Vi".into()), email: Some("vi@example.com".into()) };
        assert_eq!(believed(&one, &[b"fo_ids_new", SECRET], OWN, NOW), Ok((1, vouched)));
        assert_eq!(why(&with("aud", json!(["other", OWN]))), "");
        assert_eq!(why(&with("exp", json!(1_795_348_800.5))), "", "clocks differ by a minute");
    }

    #[test]
    fn whatever_is_wrong_is_told_and_not_believed() {
        let noon = 1_795_348_800_i64;
        for (field, value, told) in [
            ("exp", json!(noon - 60), "`exp` is over."),
            ("exp", json!(noon + 3_661), "`exp` may be"),
            ("exp", Value::Null, "`exp` must say"),
            ("exp", json!(1e300), "`exp` must say"),
            ("nbf", json!(noon + 61), "`nbf`"),
            ("iat", json!(noon + 61), "`iat`"),
            ("aud", json!("0193a1de-0000-7000-8000-000000000002"), "`aud`"),
            ("aud", json!([]), "`aud`"),
            ("aud", Value::Null, "`aud`"),
            ("sub", json!(""), "`sub`"),
            ("sub", json!("x".repeat(201)), "`sub`"),
            ("sub", Value::Null, "`sub`"),
            ("sub", json!(42), "Its claims"),
        ] {
            let found = why(&with(field, value.clone()));
            assert!(found.starts_with(told), "{field} {value}: {found}");
        }
        let by = |head: Value, secret: &[u8]| believed(&token(&head, &good(), secret), &[SECRET], OWN, NOW).unwrap_err();
        for head in
            [json!({"alg": "none"}), json!({"alg": "hs256"}), json!({"alg": "HS512"}), json!({"alg": "HS256", "crit": ["b64"]})]
        {
            assert!(by(head.clone(), SECRET).contains("`alg`"), "{head}");
        }
        assert!(by(json!({"alg": "HS256"}), b"fo_ids_other").contains("signature"));
        assert!(by(json!({"alg": "HS256"}), b"").contains("signature"));
        // Unsigned, cut off, changed, and what is no token.
        let one = token(&json!({"alg": "HS256"}), &good(), SECRET);
        let (signed, signature) = one.rsplit_once('.').unwrap();
        let forged = format!("{signed}A.{signature}");
        for wrong in [
            format!("{signed}."),
            signed.to_owned(),
            forged,
            String::new(),
            "..".into(),
            "x".repeat(9_000),
            format!("{one}.{one}"),
        ] {
            assert!(believed(&wrong, &[SECRET], OWN, NOW).is_err(), "{wrong}");
        }
        assert!(believed(&one, &[], OWN, NOW).is_err(), "where there is no secret nobody is believed");
    }
}
