//! An account taken for this transaction, and the entries that are written to its ledger.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::{future::try_join_all, try_join};

use crate::{
    audit::Actor,
    clock::Instant,
    credit::{
        model::{Account, EntryKind},
        rules::{self, Block, Draw, standing::Known},
    },
    db::{Conn, Prepare},
    fault::Fault,
    id::{AuditEntryId, GrantId, HoldId, TenantId, TurnId},
    money::Credits,
    pricing, run,
    tables::{credit_accounts, credit_entries, credit_grants},
    tenancy::Scope,
};

/// The prices a tenant is on.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    pub(super) number: i32,
    pub(super) hash: [u8; 32],
    pub(super) pricebook: std::sync::Arc<pricing::Pricebook>,
}

impl Prices {
    pub(super) fn of(version: Known) -> Self {
        Self { number: version.number, hash: version.hash, pricebook: version.pricebook }
    }
}

/// The prices of a version.
pub(super) async fn of_version(conn: &mut Conn, number: i32, hash: &[u8]) -> Result<Prices, Fault> {
    let (pricebook, hash) = pricing::content(conn, number, hash).await?;
    Ok(Prices { number, hash, pricebook })
}

/// What an entry is about.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) hold: Option<HoldId>,
    pub(super) turn: Option<TurnId>,
    pub(super) version: Option<(i32, [u8; 32])>,
    /// Who is behind it, if a person is, and why.
    pub(super) by: Option<(Actor, Option<String>)>,
}

/// What a transaction does to an account, beside its row.
enum Noted {
    Block { id: GrantId, remaining: i64, held: i64 },
    Entry(Box<Entry>),
}

struct Entry {
    kind: EntryKind,
    draw: Draw,
    about: About,
    before: Account,
    after: Account,
    occurred_at: Instant,
}

/// An account whose row this transaction has taken. What it does is noted, and written together by [`Ledger::close`].
pub(super) struct Ledger {
    tenant: TenantId,
    pub(super) account: Account,
    pub(super) period: (Instant, Instant),
    pub(super) next_event_at: Option<Instant>,
    now: Instant,
    /// What is still to be written of this transaction.
    noted: Vec<Noted>,
    /// What the row says now.
    written: Changing,
}

/// What is read of an account's row.
type Row = (i64, i64, i64, Instant, Instant, Option<Instant>);

impl Ledger {
    /// Takes the account's row until the transaction ends. `None` if the tenant has no account.
    pub(super) async fn take(tx: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Self>, Fault> {
        let tenant = scope.tenant();
        let row: Option<Row> = run!(tx, |c| {
            diesel::update(credit_accounts::table.find(tenant))
                .set(credit_accounts::held.eq(credit_accounts::held))
                .returning(COLUMNS)
                .prepared()
                .get_result(c)
        })
        .optional()?;
        Ok(row.map(|row| Self::of(tenant, row, now)))
    }

    /// Takes the account's row and sets an amount aside, if that much is there and nothing is due before; `None` if not, and then
    /// nothing was changed. The account is as it was *before*: the entries are still to be written.
    #[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
    pub(super) async fn take_and_hold(
        tx: &mut Conn,
        scope: &Scope,
        amount: Credits,
        now: Instant,
    ) -> Result<Option<Self>, Fault> {
        let tenant = scope.tenant();
        let row: Option<Row> = run!(tx, |c| {
            diesel::update(credit_accounts::table.find(tenant))
                .filter((credit_accounts::balance - credit_accounts::held).ge(amount.micro()))
                .filter(credit_accounts::next_event_at.is_null().or(credit_accounts::next_event_at.gt(now)))
                .set((
                    credit_accounts::held.eq(credit_accounts::held + amount.micro()),
                    credit_accounts::last_entry.eq(credit_accounts::last_entry + 1),
                ))
                .returning(COLUMNS)
                .prepared()
                .get_result(c)
        })
        .optional()?;
        let Some((balance, held, last_entry, from, to, next)) = row else { return Ok(None) };
        let before = |number: i64, part: i64| number.checked_sub(part).ok_or(Fault::Amount { what: "what is held" });
        let written = Self::of(tenant, (balance, held, last_entry, from, to, next), now).written;
        let row = (balance, before(held, amount.micro())?, before(last_entry, 1)?, from, to, next);
        Ok(Some(Self { written, ..Self::of(tenant, row, now) }))
    }

    /// A new account of a tenant that has none.
    pub(super) fn new(scope: &Scope, period: (Instant, Instant), now: Instant) -> Self {
        Self::of(scope.tenant(), (0, 0, 0, period.0, period.1, None), now)
    }

    fn of(tenant: TenantId, row: Row, now: Instant) -> Self {
        let (balance, held, last_entry, from, to, next_event_at) = row;
        let account = Account { balance: Credits::from_micro(balance), held: Credits::from_micro(held), last_entry };
        let written = (account, (from, to), next_event_at);
        Self { tenant, account, period: (from, to), next_event_at, now, noted: Vec::new(), written }
    }

    /// Notes an entry, to be written by [`Ledger::write`].
    pub(super) fn post(&mut self, kind: EntryKind, draw: Draw, about: &About, occurred_at: Instant) -> Result<(), Fault> {
        let before = self.account;
        let after = rules::post(before, kind, draw.amount).ok_or(Fault::Amount { what: "what an entry does to its account" })?;
        let entry = Entry { kind, draw, about: about.clone(), before, after, occurred_at };
        self.noted.push(Noted::Entry(Box::new(entry)));
        self.account = after;
        Ok(())
    }

    /// Notes a change of what remains of a block and what of it is held, to be written by [`Ledger::write`].
    pub(super) fn change_block(&mut self, id: GrantId, remaining: i64, held: i64) {
        self.noted.push(Noted::Block { id, remaining, held });
    }

    /// Writes what was noted, in that order.
    pub(super) async fn write(&mut self, tx: &Conn) -> Result<(), Fault> {
        let noted = std::mem::take(&mut self.noted);
        // So many at once as are certain to be sent in their order.
        for some in noted.chunks(16) {
            let writes = some.iter().map(async |noted| {
                let mut tx = tx.beside();
                match noted {
                    Noted::Block { id, remaining, held } => self.write_block(&mut tx, *id, *remaining, *held).await,
                    Noted::Entry(entry) => self.write_entry(&mut tx, entry).await,
                }
            });
            try_join_all(writes).await?;
        }
        Ok(())
    }

    async fn write_entry(&self, tx: &mut Conn, entry: &Entry) -> Result<(), Fault> {
        let Entry { kind, draw, about, before, after, occurred_at } = entry;
        run!(tx, |c| {
            diesel::insert_into(credit_entries::table)
                .values((
                    credit_entries::tenant_id.eq(self.tenant),
                    credit_entries::number.eq(after.last_entry),
                    credit_entries::kind.eq(*kind),
                    credit_entries::amount.eq(draw.amount.micro()),
                    (
                        credit_entries::balance_before.eq(before.balance.micro()),
                        credit_entries::balance_after.eq(after.balance.micro()),
                        credit_entries::held_before.eq(before.held.micro()),
                        credit_entries::held_after.eq(after.held.micro()),
                    ),
                    credit_entries::grant_id.eq(draw.id),
                    credit_entries::hold_id.eq(about.hold),
                    credit_entries::turn_id.eq(about.turn),
                    credit_entries::pricebook_version.eq(about.version.map(|(number, _)| number)),
                    credit_entries::content_hash.eq(about.version.map(|(_, hash)| hash.to_vec())),
                    credit_entries::occurred_at.eq(occurred_at),
                    credit_entries::created_at.eq(self.now),
                    (
                        credit_entries::actor.eq(about.by.as_ref().map(|(actor, _)| actor.kind)),
                        credit_entries::actor_id.eq(about.by.as_ref().and_then(|(actor, _)| actor.id).map(AuditEntryId::from)),
                        credit_entries::reason.eq(about.by.as_ref().and_then(|(_, reason)| reason.as_deref())),
                    ),
                ))
                .prepared()
                .execute(c)
        })?;
        Ok(())
    }

    #[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
    async fn write_block(&self, tx: &mut Conn, id: GrantId, remaining: i64, held: i64) -> Result<(), Fault> {
        run!(tx, |c| {
            diesel::update(credit_grants::table.find(id))
                .filter(credit_grants::tenant_id.eq(self.tenant))
                .set((
                    credit_grants::remaining.eq(credit_grants::remaining + remaining),
                    credit_grants::held.eq(credit_grants::held + held),
                ))
                .prepared()
                .execute(c)
        })?;
        Ok(())
    }

    /// When this transaction takes place.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Something is due at this moment; what is due earlier stays due first.
    pub(super) fn expects(&mut self, event: Option<Instant>) {
        self.next_event_at = [self.next_event_at, event].into_iter().flatten().min();
    }

    /// The blocks that still have something, after what was noted.
    pub(super) async fn blocks(&mut self, tx: &mut Conn) -> Result<Vec<Block>, Fault> {
        self.write(tx).await?;
        blocks(tx, self.tenant).await
    }

    /// Writes what was noted and the account's row as it is after that, if it does not say so already.
    pub(super) async fn close(mut self, tx: &Conn) -> Result<(), Fault> {
        let (tenant, now) = (self.tenant, (self.account, self.period, self.next_event_at));
        if self.written == now {
            return self.write(tx).await;
        }
        let mut beside = tx.beside();
        try_join!(self.write(tx), write_account(&mut beside, tenant, now))?;
        Ok(())
    }
}

/// What changes of an account's row.
type Changing = (Account, (Instant, Instant), Option<Instant>);

async fn write_account(tx: &mut Conn, tenant: TenantId, (account, period, next_event_at): Changing) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(credit_accounts::table.find(tenant))
            .set((
                credit_accounts::balance.eq(account.balance.micro()),
                credit_accounts::held.eq(account.held.micro()),
                credit_accounts::last_entry.eq(account.last_entry),
                credit_accounts::period_from.eq(period.0),
                credit_accounts::period_to.eq(period.1),
                credit_accounts::next_event_at.eq(next_event_at),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

type Columns = (
    credit_accounts::balance,
    credit_accounts::held,
    credit_accounts::last_entry,
    credit_accounts::period_from,
    credit_accounts::period_to,
    credit_accounts::next_event_at,
);
const COLUMNS: Columns = (
    credit_accounts::balance,
    credit_accounts::held,
    credit_accounts::last_entry,
    credit_accounts::period_from,
    credit_accounts::period_to,
    credit_accounts::next_event_at,
);

/// The blocks of a tenant that still have something.
pub(super) async fn blocks(conn: &mut Conn, tenant: TenantId) -> Result<Vec<Block>, Fault> {
    type Row = (GrantId, crate::credit::GrantKind, i16, Instant, Option<Instant>, i64, i64);
    let rows: Vec<Row> = run!(conn, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(tenant))
            // In so many words, because only then an index of those alone is of use.
            .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("remaining > 0"))
            .select((
                credit_grants::id,
                credit_grants::kind,
                credit_grants::priority,
                credit_grants::effective_from,
                credit_grants::expires_at,
                credit_grants::remaining,
                credit_grants::held,
            ))
            .load(c)
    })?;
    rows.into_iter()
        .map(|(id, kind, priority, effective_from, expires_at, remaining, held)| {
            let available = Credits::from_micro(remaining).minus(Credits::from_micro(held));
            let available = available.ok_or(Fault::Amount { what: "what a block has" })?;
            Ok(Block { id, kind, priority, effective_from, expires_at, available })
        })
        .collect()
}
