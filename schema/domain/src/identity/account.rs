//! Making an account and getting back into one: what is done around the acts on the store. Passwords are hashed while nothing waits.

use std::{net::IpAddr, time::Duration};

use super::{
    key::InstanceKey,
    model::SignedIn,
    password::{Checked, Password, Passwords},
    rules::{self, PasswordFault},
    secret::{self, Token},
    store::{self, Followed, LetterWanted, Made, NewPassword, NewPerson},
};
use crate::{
    audit::Trace,
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    locale::Locale,
    mail::{Kind, LinkLengths},
    tenancy::Platform,
};

/// What accounts are made with.
#[derive(Clone)]
pub struct Accounts {
    /// The store.
    pub db: Db,
    /// Makes links, and keys the hashes of what is counted.
    pub key: InstanceKey,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// How long links work.
    pub lengths: LinkLengths,
}

/// Who asks for a letter without being signed in.
#[derive(Clone, Debug)]
pub struct Stranger {
    /// Their e-mail, as [`rules::plain_email`] makes it, if it may be somebody's.
    pub email: String,
    /// The language they read.
    pub locale: Locale,
    /// Where they are.
    pub address: IpAddr,
}

/// What became of changing a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is changed, and all other sessions ended.
    Done,
    /// The present password is another.
    Wrong,
    /// The new one may not be chosen.
    Refused(PasswordFault),
    /// Too many guesses; the next is let in after this.
    Throttled(Duration),
    /// Too many passwords are waiting to be looked at.
    Busy,
}

/// What became of choosing a password by a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// As the act says.
    Made(Made),
    /// It may not be chosen.
    Refused(PasswordFault),
    /// Too many passwords are waiting to be hashed.
    Busy,
}

/// An invitation somebody followed a link to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The business that asks.
    pub business: String,
    /// Whom it asks.
    pub email: String,
    /// Whether they have an account, and need no password for one.
    pub has_account: bool,
    /// Until when they may say yes.
    pub expires_at: Instant,
}

impl Accounts {
    /// Sends a letter to choose a new password, if somebody has the e-mail; or says how long the next has to wait.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn forgot(&self, who: Stranger, now: Instant) -> Result<Option<Duration>, Fault> {
        self.ask_for_letter(Kind::Reset, who, None, now).await
    }

    /// Sends a letter to confirm a sign-up, or one that there is an account already; or says how long the next has to wait.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn sign_up(&self, who: Stranger, business: String, now: Instant) -> Result<Option<Duration>, Fault> {
        self.ask_for_letter(Kind::Signup, who, Some(business), now).await
    }

    async fn ask_for_letter(
        &self,
        kind: Kind,
        who: Stranger,
        business: Option<String>,
        now: Instant,
    ) -> Result<Option<Duration>, Fault> {
        let Stranger { email, locale, address } = who;
        let (wanted, key) =
            (LetterWanted { kind, email, business, locale, address, lasts: self.lengths.of(kind) }, self.key.clone());
        let ask = async move |mut conn: Conn| store::ask_for_letter(&mut conn, &key, &wanted, now).await;
        self.db.platform(&Platform::of_this_process(), ask).await
    }

    async fn follow(&self, token: &str, kind: Kind, now: Instant) -> Result<Option<Followed>, Fault> {
        let Some(token) = Token::read(secret::LINK, token) else { return Ok(None) };
        let look = async move |mut conn: Conn| store::follow(&mut conn, &token, kind, now).await;
        self.db.platform_read(&Platform::of_this_process(), look).await
    }

    /// What a link of an invitation leads to; `None` if it is not good, or no longer.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn invitation(&self, token: &str, now: Instant) -> Result<Option<Invited>, Fault> {
        let followed = self.follow(token, Kind::Invitation, now).await?;
        Ok(followed.map(|Followed { link, has_account }| Invited {
            business: link.business,
            email: link.email,
            has_account,
            expires_at: link.expires_at,
        }))
    }

    /// Hashes a password that somebody chose by a link.
    async fn choose(&self, password: String, email: &str) -> Result<Result<String, Chosen>, Fault> {
        let password = match Password::choose(password, email) {
            Ok(password) => password,
            Err(fault) => return Ok(Err(Chosen::Refused(fault))),
        };
        let Some(_place) = self.passwords.place(false) else { return Ok(Err(Chosen::Busy)) };
        Ok(Ok(self.passwords.hash(&password).await?))
    }

    /// Joins, as the invitation says whose link this is. Who has an account needs neither name nor password, and keeps what they have.
    ///
    /// # Errors
    /// If the store fails, or the password could not be hashed.
    pub async fn join(
        &self,
        token: &str,
        name: Option<String>,
        password: Option<String>,
        trace: Trace,
        now: Instant,
    ) -> Result<Chosen, Fault> {
        let Some(Followed { link, has_account }) = self.follow(token, Kind::Invitation, now).await? else {
            return Ok(Chosen::Made(Made::Over));
        };
        let person = match password.filter(|_| !has_account) {
            None => None,
            Some(password) => match self.choose(password, &link.email).await? {
                Ok(password_hash) => Some(NewPerson { name, password_hash }),
                Err(refused) => return Ok(refused),
            },
        };
        let join = async move |mut conn: Conn| {
            let done = store::join(&mut conn, &link, person.as_ref(), &trace, now).await;
            match done.as_ref().err().and_then(Fault::rule) {
                // The same person, by another link, at this very moment: the account is there now.
                Some("users_email_unique") => store::join(&mut conn, &link, person.as_ref(), &trace, now).await,
                _ => done,
            }
        };
        self.db.platform(&Platform::of_this_process(), join).await.map(Chosen::Made)
    }

    /// Opens the business whose sign-up this link confirms.
    ///
    /// # Errors
    /// If the store fails, or the password could not be hashed.
    pub async fn confirm_sign_up(
        &self,
        token: &str,
        name: Option<String>,
        password: String,
        trace: Trace,
        now: Instant,
    ) -> Result<Chosen, Fault> {
        let followed = self.follow(token, Kind::Signup, now).await?;
        // Whoever got an account meanwhile signs up no second time.
        let Some(Followed { link, has_account: false }) = followed else { return Ok(Chosen::Made(Made::Over)) };
        let password_hash = match self.choose(password, &link.email).await? {
            Ok(hash) => hash,
            Err(refused) => return Ok(refused),
        };
        let person = NewPerson { name, password_hash };
        let confirm = async move |mut conn: Conn| {
            let done = store::confirm_sign_up(&mut conn, &link, &person, &trace, now).await;
            match done.as_ref().err().and_then(Fault::rule) {
                // Somebody else took the business' name in addresses at this very moment; the next one is free.
                Some("tenants_slug_unique") => store::confirm_sign_up(&mut conn, &link, &person, &trace, now).await,
                // The same person, by another link, at this very moment.
                Some("users_email_unique") => Ok(Made::Over),
                _ => done,
            }
        };
        self.db.platform(&Platform::of_this_process(), confirm).await.map(Chosen::Made)
    }

    /// Gives somebody the password they chose by a link. All their sessions end.
    ///
    /// # Errors
    /// If the store fails, or the password could not be hashed.
    pub async fn reset(&self, token: &str, password: String, trace: Trace, now: Instant) -> Result<Chosen, Fault> {
        let Some(Followed { link, .. }) = self.follow(token, Kind::Reset, now).await? else {
            return Ok(Chosen::Made(Made::Over));
        };
        let hash = match self.choose(password, &link.email).await? {
            Ok(hash) => hash,
            Err(refused) => return Ok(refused),
        };
        let (key, new) = (self.key.clone(), NewPassword { hash, locale: link.locale, lasts: self.lengths.of(Kind::Changed) });
        let reset = async move |mut conn: Conn| store::reset_password(&mut conn, &key, &link, &new, &trace, now).await;
        self.db.platform(&Platform::of_this_process(), reset).await.map(Chosen::Made)
    }

    /// Changes the password of somebody who is signed in and knows the present one. All their other sessions end. An API key has none:
    /// what it says is wrong.
    ///
    /// # Errors
    /// If the store fails, or a password could not be hashed.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        present: String,
        new: String,
        locale: Locale,
        now: Instant,
    ) -> Result<Changed, Fault> {
        let Some(session) = signed_in.session.clone() else { return Ok(Changed::Wrong) };
        let new = match Password::choose(new, &session.user.email) {
            Ok(new) => new,
            Err(fault) => return Ok(Changed::Refused(fault)),
        };
        let Some(place) = self.passwords.place(true) else { return Ok(Changed::Busy) };
        let platform = Platform::of_this_process();
        let (key, whose) = (self.key.clone(), session.clone());
        let admit = async move |mut conn: Conn| store::admit_change(&mut conn, &key, &whose, now).await;
        let looked_at = match self.db.platform(&platform, admit).await? {
            Ok(hash) => hash,
            Err(wait) => return Ok(Changed::Throttled(wait)),
        };
        if self.passwords.check(place, &Password::typed(present), Some(&looked_at)).await? == Checked::Wrong {
            return Ok(Changed::Wrong);
        }
        let new = NewPassword { hash: self.passwords.hash(&new).await?, locale, lasts: self.lengths.of(Kind::Changed) };
        let (key, principal, trace) = (self.key.clone(), signed_in.principal.clone(), signed_in.trace.clone());
        let change = async move |mut conn: Conn| {
            store::change_password(&mut conn, &key, (&principal, &session, &trace), &looked_at, &new, now).await
        };
        // Whoever changed it meanwhile knew the present one before.
        Ok(if self.db.platform(&platform, change).await? { Changed::Done } else { Changed::Wrong })
    }
}

/// An e-mail as it is stored, if it may be somebody's.
#[must_use]
pub fn email(text: &str) -> Option<String> {
    let email = rules::plain_email(text);
    rules::email_allowed(&email).then_some(email)
}
