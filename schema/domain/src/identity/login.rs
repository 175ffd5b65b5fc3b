//! Signing in, and being signed in: what is done around the acts on the store.

use std::{net::IpAddr, time::Duration};

use super::{
    key::InstanceKey,
    model::{Audience, Choice, Principal, SessionKind, SessionLengths, SignedIn},
    password::{Checked, Password, Passwords},
    rules,
    secret::{self, Token},
    store::{self, Admission, Found, Opened, Opening, Wanted},
};
use crate::{
    audit::Trace,
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    tenancy::Platform,
};

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// Through which door.
    pub audience: Audience,
    /// A member's tenant, by its UUID or slug.
    pub tenant: Option<String>,
    /// Whatever they typed.
    pub email: String,
    /// The same.
    pub password: Password,
    /// What they want.
    pub kind: SessionKind,
    /// The token of a device of an earlier login.
    pub device: Option<String>,
    /// Where they are.
    pub address: IpAddr,
    /// As the audit log notes it.
    pub trace: Trace,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum LoggedIn {
    /// Signed in.
    In {
        /// Who, and in which session.
        signed_in: Box<SignedIn>,
        /// The session's token.
        token: Token,
        /// The device's.
        device: Token,
    },
    /// Nobody has this e-mail and this password.
    Failed,
    /// They are a member of several tenants and named none. They knew the password.
    Choose(Vec<Choice>),
    /// They are no member of the tenant they named, if there is one. They knew the password.
    NotThere,
    /// Too many guesses; the next is let in after this.
    Throttled(Duration),
    /// Too many passwords are waiting to be looked at.
    Busy,
}

/// Signs somebody in. The guess is counted, then the password is looked at, while nothing waits for it.
///
/// # Errors
/// If the store fails, or the password could not be looked at.
pub async fn log_in(
    db: &Db,
    key: &InstanceKey,
    passwords: &Passwords,
    asked: LogIn,
    lengths: SessionLengths,
    now: Instant,
) -> Result<LoggedIn, Fault> {
    let platform = Platform::of_this_process();
    let LogIn { audience, tenant, email, password, kind, device, address, trace } = asked;
    let (email, device, key) =
        (rules::plain_email(&email), device.and_then(|text| Token::read(secret::DEVICE, &text)), key.clone());
    let admission = db
        .platform(&platform, async move |mut conn: Conn| {
            store::admit(&mut conn, &key, audience, &email, address, device, now).await
        })
        .await?;
    let admitted = match admission {
        Admission::Admitted(admitted) => admitted,
        Admission::Throttled(wait) => return Ok(LoggedIn::Throttled(wait)),
    };
    // After it was counted, so that nobody fills the places with guesses that are let in nowhere; the places of those who come from a
    // known device are theirs alone.
    let Some(place) = passwords.place(admitted.has_device()) else {
        // What is not looked at must not hold anybody up later.
        let back = async move |mut conn: Conn| store::give_back(&mut conn, &admitted, now).await;
        db.platform(&platform, back).await?;
        return Ok(LoggedIn::Busy);
    };
    let rehashed = match passwords.check(place, &password, admitted.password_hash()).await? {
        Checked::Right { rehashed } => rehashed,
        Checked::Wrong => return Ok(LoggedIn::Failed),
    };
    let wanted = Wanted { audience, tenant, kind, lengths, trace };
    let opening = db
        .platform(&platform, async move |mut conn: Conn| {
            store::open(&mut conn, &admitted, rehashed.as_deref(), &wanted, now).await
        })
        .await?;
    Ok(match opening {
        Opening::Opened(opened) => {
            let Opened { signed_in, token, device } = *opened;
            LoggedIn::In { signed_in: Box::new(signed_in), token, device }
        }
        Opening::Choose(choices) => LoggedIn::Choose(choices),
        Opening::NotThere => LoggedIn::NotThere,
        Opening::Gone => LoggedIn::Failed,
    })
}

/// A credential as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// In the `Authorization` header; what it is its beginning says.
    Bearer(&'a str),
    /// In the cookie of an audience.
    Cookie(Audience, &'a str),
}

/// Whose credential this is, if it is good now. Looking keeps a session from ending for want of use.
///
/// # Errors
/// If the store fails.
pub async fn signed_in(
    db: &Db,
    shown: Shown<'_>,
    lengths: SessionLengths,
    trace: Trace,
    now: Instant,
) -> Result<Option<SignedIn>, Fault> {
    let (text, kind, audiences) = match shown {
        Shown::Bearer(text) => (text, SessionKind::Bearer, Audience::ALL),
        Shown::Cookie(Audience::Staff, text) => (text, SessionKind::Cookie, &[Audience::Staff][..]),
        Shown::Cookie(Audience::Member, text) => (text, SessionKind::Cookie, &[Audience::Member][..]),
    };
    let of_session = audiences.iter().find_map(|audience| Some((*audience, Token::read(secret::of_session(*audience), text)?)));
    if let Some((audience, token)) = of_session {
        return in_session(db, audience, kind, token, lengths, trace, now).await;
    }
    match Token::read(secret::API_KEY, text).filter(|_| kind == SessionKind::Bearer) {
        Some(token) => with_key(db, token, trace, now).await,
        None => Ok(None),
    }
}

async fn in_session(
    db: &Db,
    audience: Audience,
    kind: SessionKind,
    token: Token,
    lengths: SessionLengths,
    trace: Trace,
    now: Instant,
) -> Result<Option<SignedIn>, Fault> {
    let platform = Platform::of_this_process();
    let look = async move |mut conn: Conn| store::session(&mut conn, audience, kind, &token, lengths, now).await;
    let Some(Found { principal, session, seen_at }) = db.platform_read(&platform, look).await? else { return Ok(None) };
    if store::to_be_noted(seen_at, now) {
        let id = session.id;
        db.platform(&platform, async move |mut conn: Conn| store::note_use(&mut conn, id, now).await).await?;
    }
    Ok(Some(SignedIn { principal, session: Some(session), trace }))
}

async fn with_key(db: &Db, token: Token, trace: Trace, now: Instant) -> Result<Option<SignedIn>, Fault> {
    let platform = Platform::of_this_process();
    let look = async move |mut conn: Conn| store::key_holder(&mut conn, &token, now).await;
    let Some((holder, used_at)) = db.platform_read(&platform, look).await? else { return Ok(None) };
    if used_at.is_none_or(|used_at| store::to_be_noted(used_at, now)) {
        let id = holder.key();
        db.platform(&platform, async move |mut conn: Conn| store::note_key_use(&mut conn, id, now).await).await?;
    }
    Ok(Some(SignedIn { principal: Principal::Key(holder), session: None, trace }))
}

/// Ends this session, or every one of the person's. An API key has none, and nothing happens.
///
/// # Errors
/// If the store fails.
pub async fn log_out(db: &Db, signed_in: &SignedIn, everywhere: bool, now: Instant) -> Result<(), Fault> {
    let Some(session) = signed_in.session.clone() else { return Ok(()) };
    let (principal, trace) = (signed_in.principal.clone(), signed_in.trace.clone());
    let end = async move |mut conn: Conn| {
        if everywhere {
            store::end_all(&mut conn, &principal, session.user.id, &trace, now).await
        } else {
            store::end(&mut conn, &principal, session.id, &trace, now).await
        }
    };
    db.platform(&Platform::of_this_process(), end).await
}
