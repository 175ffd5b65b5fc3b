//! Acts on letters.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    model::{Kind, Letter, Link, NewMail, SendMail},
    rules,
};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{InvitationId, MailId, TenantId, UserId},
    identity::{InstanceKey, Permission, Token},
    job::{self, Lease},
    locale::Locale,
    run,
    tables::{invitations, mails},
    tenancy::Scope,
};

/// Writes a letter and calls for it to be sent, in the transaction of the fact it tells of.
pub(crate) async fn write(
    conn: &mut Conn,
    scope: &Scope,
    key: &InstanceKey,
    new: NewMail<'_>,
    now: Instant,
) -> Result<MailId, Fault> {
    let (id, nonce, tenant) = (MailId::new(), rand::random::<[u8; 32]>(), scope.tenant());
    let hash = key.link(&nonce).hash();
    run!(conn, |c| {
        diesel::insert_into(mails::table)
            .values((
                mails::id.eq(id),
                mails::tenant_id.eq(tenant),
                mails::kind.eq(new.kind),
                mails::email.eq(new.email),
                mails::locale.eq(new.locale),
                mails::business.eq(new.business),
                mails::user_id.eq(new.user),
                mails::invitation_id.eq(new.invitation),
                mails::nonce.eq(nonce.as_slice()),
                mails::token_hash.eq(hash.as_slice()),
                mails::created_at.eq(now),
                mails::expires_at.eq(now.after(new.lasts)),
            ))
            .execute(c)
    })?;
    job::enqueue(conn, scope, &SendMail { mail_id: id }, scope.span().as_deref(), now).await?;
    Ok(id)
}

/// A letter that is to be sent; `None` if there is nobody to send it to, or no point any more.
///
/// # Errors
/// If the store fails.
pub async fn take(conn: &mut Conn, scope: &Scope, key: &InstanceKey, id: MailId, now: Instant) -> Result<Option<Letter>, Fault> {
    scope.require(Permission::MailSend)?;
    type Row = (Kind, String, Locale, String, Option<UserId>, Vec<u8>, Instant, Instant);
    let tenant = scope.tenant();
    let row: Option<Row> = run!(conn, |c| {
        mails::table
            .filter(mails::tenant_id.eq(tenant).and(mails::id.eq(id)))
            .filter(mails::used_at.is_null().and(mails::expires_at.gt(now)))
            .filter(
                mails::invitation_id.is_null().or(exists(
                    // An invitation that was taken back asks nobody any more.
                    invitations::table
                        .filter(invitations::id.nullable().eq(mails::invitation_id))
                        .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null())),
                )),
            )
            .select((
                mails::kind,
                mails::email,
                mails::locale,
                mails::business,
                mails::user_id,
                mails::nonce,
                mails::created_at,
                mails::expires_at,
            ))
            .first(c)
    })
    .optional()?;
    let Some((kind, email, locale, business, user, nonce, created_at, expires_at)) = row else { return Ok(None) };
    let Some(nonce) = nonce.try_into().ok().filter(|_| rules::is_sent(kind, user.is_some())) else { return Ok(None) };
    let token = key.link(&nonce).reveal().to_owned();
    Ok(Some(Letter { id, kind, email, locale, business, token, lasts: expires_at.since(created_at) }))
}

/// Notes that a letter was sent, or was not to be, together with its job's end, and forgets letters whose links ended long ago.
///
/// # Errors
/// If the store fails.
pub async fn sent(conn: &mut Conn, scope: &Scope, lease: &Lease, id: MailId, was: bool, now: Instant) -> Result<bool, Fault> {
    scope.require(Permission::MailSend)?;
    let tenant = scope.tenant();
    conn.transaction("mail.sent", async |tx| {
        if !job::complete(tx, lease, now).await? {
            return Ok(false);
        }
        let its = mails::table.filter(mails::tenant_id.eq(tenant).and(mails::id.eq(id)));
        if was {
            run!(tx, |c| diesel::update(its).set(mails::sent_at.eq(now)).execute(c))?;
        } else {
            // What somebody typed who has no account is nobody's to keep.
            run!(tx, |c| diesel::delete(its.filter(mails::used_at.is_null())).execute(c))?;
        }
        let long_ago = now.before(rules::KEPT);
        run!(tx, |c| diesel::delete(mails::table.filter(mails::expires_at.lt(long_ago))).execute(c))?;
        Ok(true)
    })
    .await
}

/// The link that carries this token, if it is of this kind and good now. A token makes its own authority.
pub(crate) async fn link(conn: &mut Conn, token: &Token, kind: Kind, now: Instant) -> Result<Option<Link>, Fault> {
    let hash = token.hash();
    type Row = (MailId, TenantId, String, Locale, String, Option<UserId>, Option<InvitationId>, Instant);
    let row: Option<Row> = run!(conn, |c| {
        mails::table
            .filter(mails::token_hash.eq(hash.as_slice()).and(mails::kind.eq(kind)))
            .filter(mails::used_at.is_null().and(mails::expires_at.gt(now)))
            .select((
                mails::id,
                mails::tenant_id,
                mails::email,
                mails::locale,
                mails::business,
                mails::user_id,
                mails::invitation_id,
                mails::expires_at,
            ))
            .first(c)
    })
    .optional()?;
    Ok(row.map(|(id, tenant, email, locale, business, user, invitation, expires_at)| Link {
        id,
        tenant,
        email,
        locale,
        business,
        user,
        invitation,
        expires_at,
    }))
}

/// Uses a link up; `false` if somebody was faster.
pub(crate) async fn use_link(tx: &mut Conn, link: &Link, now: Instant) -> Result<bool, Fault> {
    let unused = mails::table.find(link.id).filter(mails::used_at.is_null());
    let used = run!(tx, |c| diesel::update(unused).set(mails::used_at.eq(now)).execute(c))?;
    Ok(used == 1)
}

/// Takes the effect from all other links of a kind that were sent to somebody.
pub(crate) async fn void(tx: &mut Conn, kind: Kind, email: &str, now: Instant) -> Result<(), Fault> {
    let others = mails::table.filter(mails::kind.eq(kind).and(mails::email.eq(email)).and(mails::used_at.is_null()));
    run!(tx, |c| diesel::update(others).set(mails::used_at.eq(now)).execute(c))?;
    Ok(())
}
