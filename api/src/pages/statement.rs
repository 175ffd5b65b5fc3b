//! A statement as a page and as a table.

use frontoffice_domain::{
    clock::Instant,
    credit::Statement,
    locale::Locale,
    money::Money,
    pricing::{Line, LineKind, PlanNames},
    words::{self, grouped},
};

use super::document::{Column, Document};
use crate::prices::csv::{Cell, Table};

/// The day of an instant in UTC, for names of files.
pub(crate) fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

fn amount(money: Money, locale: Locale) -> String {
    let decimal = money.decimal();
    // The sign is no digit of a group.
    let (sign, size) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |size| ("-", size));
    format!("{} {sign}{}", money.currency.code(), grouped(size, locale))
}

fn what(line: &Line, names: &PlanNames, locale: Locale) -> String {
    let plan = names.of(line).unwrap_or_default();
    let key = match line.kind {
        LineKind::Plan => "plan",
        LineKind::Proration => "proration",
        LineKind::Overage => "overage",
        LineKind::TopUp => "top-up",
    };
    words::statement(locale, key, &[("name", plan)])
}

pub(crate) fn html(business: &str, statement: &Statement, names: &PlanNames, locale: Locale) -> String {
    let say = |key: &str| words::statement(locale, key, &[]);
    let mut page = Document::new(locale, &words::statement(locale, "title", &[("business", business)]));
    let until = if statement.is_final { "final" } else { "running" };
    page.facts(&[
        (&say("from"), words::day(statement.from, locale)),
        (&say("to"), words::day(statement.to, locale)),
        (&say("total"), amount(statement.total, locale)),
    ]);
    let rows: Vec<Vec<String>> = statement
        .lines
        .iter()
        .map(|line| {
            vec![
                what(line, names, locale),
                line.version.map(|version| version.to_string()).unwrap_or_default(),
                words::day(line.from, locale),
                words::day(line.to, locale),
                line.quantity.map(|credits| grouped(&credits.decimal(), locale)).unwrap_or_default(),
                amount(line.amount, locale),
            ]
        })
        .collect();
    let heads = ["item", "version", "from", "to", "credits", "amount"].map(say);
    let [item, version, from, to, credits, price] = &heads;
    let columns = [
        Column::Text(item),
        // A name rather than an amount.
        Column::Text(version),
        Column::Text(from),
        Column::Text(to),
        Column::Number(credits),
        Column::Number(price),
    ];
    let mut total = vec![say("total")];
    total.resize(5, String::new());
    total.push(amount(statement.total, locale));
    page.table(&columns, &rows, Some(&total));
    page.aside(&say(until));
    page.aside(&say("utc"));
    page.html()
}

/// Amounts are decimals there and instants exact, whatever the reader's language.
pub(crate) fn csv(statement: &Statement, names: &PlanNames) -> std::io::Result<Vec<u8>> {
    let mut table =
        Table::new(&["kind", "plan", "pricebook_version", "from", "to", "credits", "amount", "currency", "plan_name"])?;
    let own = |text: Option<String>| Cell::Own(text.unwrap_or_default());
    for line in &statement.lines {
        table.row([
            own(Some(line.kind.to_string())),
            Cell::Text(line.plan.clone().unwrap_or_default()),
            own(line.version.map(|version| version.to_string())),
            own(Some(line.from.to_string())),
            own(Some(line.to.to_string())),
            own(line.quantity.map(|credits| credits.decimal())),
            own(Some(line.amount.decimal())),
            own(Some(line.amount.currency.code())),
            Cell::Text(names.of(line).unwrap_or_default().to_owned()),
        ])?;
    }
    table.row([
        own(Some("total".into())),
        own(None),
        own(None),
        own(Some(statement.from.to_string())),
        own(Some(statement.to.to_string())),
        own(None),
        own(Some(statement.total.decimal())),
        own(Some(statement.total.currency.code())),
        own(None),
    ])?;
    table.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_written_as_the_language_does_it() {
        let back = Money { minor: -1_234_567, currency: "USD".to_owned().try_into().unwrap() };
        assert_eq!(amount(back, Locale::En), "USD -12,345.67");
        assert_eq!(amount(back, Locale::De), "USD -12.345,67");
        assert_eq!(amount(Money { minor: -12_345, ..back }, Locale::En), "USD -123.45");
    }
}
