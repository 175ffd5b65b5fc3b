//! The change note: what prices change, and what they would have done to the last month of all customers.

use frontoffice_domain::{
    clock::Instant,
    credit,
    db::Conn,
    fault::Fault,
    money::{Credits, Money},
    page::Page,
    pricing::{
        self, Effect, Foreseen, Of, Policy, Sight, Status, Summary, Version,
        rules::{self, hex},
    },
    tenancy::Platform,
};
use serde::{Serialize, Serializer};

use super::{PublicDifference, PublicFlaw, PublicWarning};

/// A change note.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeNote {
    #[serde(skip)]
    file_name: String,
    /// The version's number; none for the draft.
    pub(super) number: Option<i32>,
    /// The draft's revision; none for a version.
    pub(super) revision: Option<i64>,
    pub(super) status: Status,
    pub(super) content_hash: String,
    /// Why prices change.
    pub(super) note: String,
    /// Whom of those who are customers already it reaches.
    pub(super) policy: Policy,
    /// From when it is in force, as far as that is decided.
    pub(super) effective_from: Option<Instant>,
    /// The version it is compared with: the live one before it.
    pub(super) compared_with: Option<i32>,
    pub(super) differences: Vec<PublicDifference>,
    pub(super) warnings: Vec<PublicWarning>,
    pub(super) flaws: Vec<PublicFlaw>,
    pub(super) impact: Impact,
    pub(super) made_at: Instant,
}

/// What prices would have done. Amounts are decimals.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Impact {
    /// So many days of usage were looked at.
    pub(super) days: u32,
    pub(super) tenants: u64,
    pub(super) affected: u64,
    pub(super) kept: u64,
    pub(super) revenue_before: Vec<Amount>,
    pub(super) revenue_after: Vec<Amount>,
    pub(super) credits_before: Decimal,
    pub(super) credits_after: Decimal,
    pub(super) run_out_before: u64,
    pub(super) run_out_after: u64,
    /// Whether the policy lets it reach those who are customers already.
    pub(super) reaches_existing: bool,
    pub(super) largest: Vec<Move>,
    pub(super) running_out: Vec<Move>,
}

/// Money, written as `{amount, currency}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount(pub(super) Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            amount: String,
            currency: String,
        }
        Written { amount: self.0.decimal(), currency: self.0.currency.code() }.serialize(serializer)
    }
}

/// Credits, written as a decimal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal(pub(super) Credits);

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.decimal())
    }
}

/// What a customer's month would have been.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Move {
    pub(super) name: String,
    pub(super) plan: String,
    pub(super) trial: bool,
    pub(super) price_before: Option<Amount>,
    pub(super) price_after: Option<Amount>,
    pub(super) credits_before: Decimal,
    pub(super) credits_after: Decimal,
    pub(super) allowance_before: Decimal,
    pub(super) allowance_after: Decimal,
    pub(super) runs_out_before: bool,
    pub(super) runs_out_after: bool,
}

impl From<Effect> for Move {
    fn from(effect: Effect) -> Self {
        Self {
            name: effect.name,
            plan: effect.plan,
            trial: effect.trial,
            price_before: effect.price_before.map(Amount),
            price_after: effect.price_after.map(Amount),
            credits_before: Decimal(effect.credits_before),
            credits_after: Decimal(effect.credits_after),
            allowance_before: Decimal(effect.allowance_before),
            allowance_after: Decimal(effect.allowance_after),
            runs_out_before: effect.runs_out_before,
            runs_out_after: effect.runs_out_after,
        }
    }
}

impl Impact {
    fn of(summary: Summary, reaches_existing: bool) -> Self {
        Self {
            days: credit::IMPACT_DAYS,
            tenants: summary.tenants,
            affected: summary.affected,
            kept: summary.kept,
            revenue_before: summary.revenue_before.into_iter().map(Amount).collect(),
            revenue_after: summary.revenue_after.into_iter().map(Amount).collect(),
            credits_before: Decimal(summary.credits_before),
            credits_after: Decimal(summary.credits_after),
            run_out_before: summary.run_out_before,
            run_out_after: summary.run_out_after,
            reaches_existing,
            largest: summary.largest.into_iter().map(Into::into).collect(),
            running_out: summary.running_out.into_iter().map(Into::into).collect(),
        }
    }
}

/// The note on the draft, or on a version; `None` if there is none.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn change_note(conn: &mut Conn, platform: &Platform, of: Of, now: Instant) -> Result<Option<ChangeNote>, Fault> {
    let Some(Foreseen { subject, summary }) = pricing::foresee(conn, platform, of, now).await? else { return Ok(None) };
    let sight = Sight::Inside(platform.clone());
    let before = match of {
        Of::Draft => pricing::latest(conn, &sight, now).await?,
        Of::Version(number) => live_before(conn, &sight, number, now).await?,
    };
    let (mut differences, mut warnings) = (Vec::new(), Vec::new());
    if let Some(before) = &before {
        differences = rules::differences(&before.pricebook, &subject.pricebook);
        warnings = rules::impact::warnings(&before.pricebook, &subject.pricebook);
    }
    Ok(Some(ChangeNote {
        file_name: format!("{}-impact", super::file_name(&subject)),
        impact: Impact::of(summary, subject.reaches_existing()),
        number: subject.number,
        revision: subject.revision,
        status: subject.status,
        content_hash: hex(&subject.content_hash),
        note: subject.note,
        policy: subject.policy,
        effective_from: subject.effective_from,
        compared_with: before.map(|before| before.number),
        differences: differences.into_iter().map(Into::into).collect(),
        warnings: warnings.into_iter().map(Into::into).collect(),
        flaws: rules::flaws(&subject.pricebook).into_iter().map(Into::into).collect(),
        made_at: now,
    }))
}

/// The version that is live and takes effect last before one. Those that are live take effect in the order of their numbers.
async fn live_before(conn: &mut Conn, sight: &Sight, number: i32, now: Instant) -> Result<Option<Version>, Fault> {
    let mut page = Page { after: Some(number), ..Page::first(20) };
    loop {
        let slice = pricing::versions(conn, sight, page, now).await?;
        page.after = slice.items.last().map(|version| version.number);
        if let Some(live) = slice.items.into_iter().find(|version| version.status != Status::Withdrawn) {
            return Ok(Some(live));
        }
        if !slice.has_next || page.after.is_none() {
            return Ok(None);
        }
    }
}

impl ChangeNote {
    /// What a file of it is called before the last point.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// As a page that can be printed and sent on.
    #[must_use]
    pub fn html(&self) -> String {
        super::page::html(self)
    }

    /// As one table.
    ///
    /// # Errors
    /// None that can happen; writing to memory says so in a type.
    pub fn csv(&self) -> std::io::Result<Vec<u8>> {
        super::page::csv(self)
    }
}
