//! The change note as a page and as a table.

use frontoffice_domain::{clock::Instant, locale::Locale, pricing::Policy, words::grouped};

use super::{
    csv::{Cell, Table},
    note::{Amount, ChangeNote, Decimal, Impact, Move},
};
use crate::pages::document::{Column, Document};

fn subject(note: &ChangeNote) -> String {
    match (note.number, note.revision) {
        (Some(number), _) => format!("version {number}"),
        (None, Some(revision)) => format!("draft, revision {revision}"),
        (None, None) => "draft".into(),
    }
}

fn amount(amount: Amount) -> String {
    format!("{} {}", amount.0.currency.code(), grouped(&amount.0.decimal(), Locale::En))
}

fn price(price: Option<Amount>) -> String {
    price.map_or_else(|| "no such plan".into(), amount)
}

fn credits(credits: Decimal) -> String {
    grouped(&credits.0.decimal(), Locale::En)
}

fn effective(at: Option<Instant>) -> String {
    at.map_or_else(|| "not decided".into(), |at| at.to_string())
}

fn yes(yes: bool) -> String {
    if yes { "yes".into() } else { "no".into() }
}

fn reach(policy: Policy) -> &'static str {
    match policy {
        Policy::NewCustomers => "NEW_CUSTOMERS: only customers who come from then on; those there are stay on what they have",
        Policy::AtRenewal => "AT_RENEWAL: new customers, and each of those there are when their next period begins",
        Policy::AllCustomers => "ALL_CUSTOMERS: everybody, from the moment it takes effect",
    }
}

pub(super) fn html(note: &ChangeNote) -> String {
    let mut page = Document::new(Locale::En, &format!("Pricebook: {}", subject(note)));
    page.facts(&[
        ("Status", note.status.to_string()),
        ("Takes effect", effective(note.effective_from)),
        ("Reaches", reach(note.policy).to_owned()),
        (
            "Compared with",
            note.compared_with.map_or_else(|| "nothing: it is the first".into(), |number| format!("version {number}")),
        ),
        ("Content hash", note.content_hash.clone()),
        ("Why", note.note.clone()),
    ]);
    page.heading("What changes");
    if note.differences.is_empty() {
        page.line("Nothing.");
    } else {
        let row = |difference: &super::PublicDifference| {
            let said = |value: &Option<String>| value.clone().unwrap_or_default();
            vec![difference.path.clone(), difference.kind.to_owned(), said(&difference.before), said(&difference.after)]
        };
        // What is different may be a name as well as a number.
        let columns = [Column::Text("Where"), Column::Text("What"), Column::Text("Before"), Column::Text("After")];
        page.table(&columns, &note.differences.iter().map(row).collect::<Vec<_>>(), None);
    }
    if !note.warnings.is_empty() {
        page.heading("To be acknowledged by name");
        for warning in &note.warnings {
            page.warning(&format!("{} at {}: from {} to {}.", warning.guard, warning.path, warning.before, warning.after));
        }
    }
    if !note.flaws.is_empty() {
        page.heading("To be put right");
        for flaw in &note.flaws {
            page.warning(&format!("{}: found {}, where {} is allowed: {}.", flaw.path, flaw.found, flaw.allowed, flaw.fix));
        }
    }
    effects(&mut page, &note.impact);
    page.aside(&format!("Made at {}.", note.made_at));
    page.html()
}

fn effects(page: &mut Document, impact: &Impact) {
    page.heading(&format!("What it would have done in the last {} days", impact.days));
    let mut rows: Vec<Vec<String>> = by_currency(impact)
        .into_iter()
        .map(|(currency, before, after)| {
            vec![format!("Revenue of a month, {currency}"), grouped(&before, Locale::En), grouped(&after, Locale::En)]
        })
        .collect();
    rows.push(vec!["Credits that were used".into(), credits(impact.credits_before), credits(impact.credits_after)]);
    rows.push(vec![
        "Customers who need more credits than they have".into(),
        impact.run_out_before.to_string(),
        impact.run_out_after.to_string(),
    ]);
    page.table(&[Column::Text(""), Column::Number("Before"), Column::Number("After")], &rows, None);
    page.line(&format!(
        "Of {} customers it would be another month for {}; {} would stay on what they have, because their plan is not in it.",
        impact.tenants, impact.affected, impact.kept
    ));
    if !impact.reaches_existing {
        page.aside("The policy leaves those who are customers already on what they have: this is what it would have been, had it reached them.");
    }
    for (heading, moves) in [("Largest moves", &impact.largest), ("Who would run out, and did not", &impact.running_out)] {
        if !moves.is_empty() {
            page.heading(heading);
            let columns = [
                Column::Text("Customer"),
                Column::Text("Plan"),
                Column::Under("Price", "before"),
                Column::Under("Price", "after"),
                Column::Under("Credits used", "before"),
                Column::Under("Credits used", "after"),
                Column::Under("Credits had", "before"),
                Column::Under("Credits had", "after"),
            ];
            page.table(&columns, &moves.iter().map(moved).collect::<Vec<_>>(), None);
        }
    }
}

fn moved(of: &Move) -> Vec<String> {
    let plan = if of.trial { format!("{} (trial)", of.plan) } else { of.plan.clone() };
    vec![
        of.name.clone(),
        plan,
        price(of.price_before),
        price(of.price_after),
        credits(of.credits_before),
        credits(of.credits_after),
        credits(of.allowance_before),
        credits(of.allowance_after),
    ]
}

/// Revenue by currency, before and after, as decimals; where nothing is priced in a currency, nothing.
fn by_currency(impact: &Impact) -> Vec<(String, String, String)> {
    let mut currencies: Vec<String> =
        impact.revenue_before.iter().chain(&impact.revenue_after).map(|amount| amount.0.currency.code()).collect();
    currencies.sort();
    currencies.dedup();
    let of = |amounts: &[Amount], currency: &str| {
        let found = amounts.iter().find(|amount| amount.0.currency.code() == currency);
        found.map_or_else(|| "0".into(), |amount| amount.0.decimal())
    };
    let row = |currency: String| {
        let (before, after) = (of(&impact.revenue_before, &currency), of(&impact.revenue_after, &currency));
        (currency, before, after)
    };
    currencies.into_iter().map(row).collect()
}

/// One table for all kinds of rows, as the pricebook's own is.
pub(super) fn csv(note: &ChangeNote) -> std::io::Result<Vec<u8>> {
    let mut table = Table::new(&["part", "subject", "what", "before", "after"])?;
    let own = |text: &str| Cell::Own(text.to_owned());
    let mut row = |part: &str, subject: &str, what: &str, before: &str, after: &str| {
        table.row([
            own(part),
            Cell::Text(subject.to_owned()),
            own(what),
            Cell::Text(before.to_owned()),
            Cell::Text(after.to_owned()),
        ])
    };
    for (what, value) in [
        ("of", subject(note)),
        ("status", note.status.to_string()),
        ("effective_from", note.effective_from.map(|at| at.to_string()).unwrap_or_default()),
        ("policy", note.policy.to_string()),
        ("compared_with", note.compared_with.map(|number| number.to_string()).unwrap_or_default()),
        ("content_hash", note.content_hash.clone()),
        ("note", note.note.clone()),
        ("made_at", note.made_at.to_string()),
    ] {
        row("about", "", what, "", &value)?;
    }
    for difference in &note.differences {
        let said = |value: &Option<String>| value.clone().unwrap_or_default();
        row("difference", &difference.path, difference.kind, &said(&difference.before), &said(&difference.after))?;
    }
    for warning in &note.warnings {
        row("warning", &warning.path, warning.guard, &warning.before, &warning.after)?;
    }
    for flaw in &note.flaws {
        row("flaw", &flaw.path, "to_be_put_right", &flaw.found, &flaw.fix)?;
    }
    let impact = &note.impact;
    for (what, count) in
        [("days", u64::from(impact.days)), ("tenants", impact.tenants), ("affected", impact.affected), ("kept", impact.kept)]
    {
        row("impact", "", what, "", &count.to_string())?;
    }
    for (currency, before, after) in by_currency(impact) {
        row("impact", &currency, "revenue", &before, &after)?;
    }
    row("impact", "", "credits", &impact.credits_before.0.decimal(), &impact.credits_after.0.decimal())?;
    row("impact", "", "run_out", &impact.run_out_before.to_string(), &impact.run_out_after.to_string())?;
    for (part, moves) in [("largest", &impact.largest), ("running_out", &impact.running_out)] {
        for of in moves {
            let written = |price: Option<Amount>| {
                price.map(|amount| format!("{} {}", amount.0.currency.code(), amount.0.decimal())).unwrap_or_default()
            };
            row(part, &of.name, "plan", &of.plan, &of.plan)?;
            row(part, &of.name, "price", &written(of.price_before), &written(of.price_after))?;
            row(part, &of.name, "credits", &of.credits_before.0.decimal(), &of.credits_after.0.decimal())?;
            row(part, &of.name, "allowance", &of.allowance_before.0.decimal(), &of.allowance_after.0.decimal())?;
            row(part, &of.name, "runs_out", &yes(of.runs_out_before), &yes(of.runs_out_after))?;
        }
    }
    table.bytes()
}
