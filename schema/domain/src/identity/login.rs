//! Signing in, and being signed in: what is done around the acts on the store.

use std::{net::IpAddr, time::Duration};

use super::{
    key::InstanceKey,
    model::{SessionKind, SessionLengths, SignedIn},
    password::{Checked, Password, Passwords},
    rules,
    secret::{self, Token},
    store::{self, Admission, Opened},
};
use crate::{
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    tenancy::Platform,
};

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct LogIn {
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
    /// Too many guesses; the next is let in after this.
    Throttled(Duration),
    /// Too many passwords are waiting to be looked at.
    Busy,
}

/// Signs somebody in who works for the platform. The guess is counted, then the password is looked at, while nothing waits for it.
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
    let LogIn { email, password, kind, device, address } = asked;
    let (email, device, key) =
        (rules::plain_email(&email), device.and_then(|text| Token::read(secret::DEVICE, &text)), key.clone());
    // Before the guess is counted: what is not looked at must not hold anybody up later.
    let Some(mut place) = passwords.place(device.is_some()) else { return Ok(LoggedIn::Busy) };
    let admission = db
        .platform(&platform, async move |mut conn: Conn| store::admit(&mut conn, &key, &email, address, device, now).await)
        .await?;
    let admitted = match admission {
        Admission::Admitted(admitted) => admitted,
        Admission::Throttled(wait) => return Ok(LoggedIn::Throttled(wait)),
    };
    if place.is_for_devices() && !admitted.has_device() {
        // A device that is not known is none; it waits where everybody waits.
        let Some(other) = passwords.place(false) else { return Ok(LoggedIn::Busy) };
        place = other;
    }
    let rehashed = match passwords.check(place, &password, admitted.password_hash()).await? {
        Checked::Right { rehashed } => rehashed,
        Checked::Wrong => return Ok(LoggedIn::Failed),
    };
    let opened = db
        .platform(&platform, async move |mut conn: Conn| {
            store::open(&mut conn, &admitted, rehashed.as_deref(), kind, lengths, now).await
        })
        .await?;
    Ok(match opened {
        Some(Opened { signed_in, token, device }) => LoggedIn::In { signed_in: Box::new(signed_in), token, device },
        None => LoggedIn::Failed,
    })
}

/// Whose session this token is, if it is good now. Looking keeps it from ending for want of use.
///
/// # Errors
/// If the store fails.
pub async fn signed_in(
    db: &Db,
    kind: SessionKind,
    token: &str,
    lengths: SessionLengths,
    now: Instant,
) -> Result<Option<SignedIn>, Fault> {
    let Some(token) = Token::read(secret::STAFF, token) else { return Ok(None) };
    let platform = Platform::of_this_process();
    let found = db
        .platform_read(&platform, async move |mut conn: Conn| store::session(&mut conn, kind, &token, lengths, now).await)
        .await?;
    let Some((signed_in, seen_at)) = found else { return Ok(None) };
    if store::to_be_noted(seen_at, now) {
        let session = signed_in.session;
        db.platform(&platform, async move |mut conn: Conn| store::note_use(&mut conn, session, now).await).await?;
    }
    Ok(Some(signed_in))
}
