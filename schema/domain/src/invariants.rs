//! What must never be found in the store, at any moment, under any fault. Each is a query that must return nothing.

use std::time::Duration;

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, now_sql},
    fault::Fault,
    pricing, run,
    tenancy::Platform,
};

/// A finding: something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant is broken.
    pub invariant: &'static str,
    /// The row that breaks it.
    pub row: String,
}

#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Every invariant that is broken now, at most a hundred rows each.
///
/// # Errors
/// If the store fails.
pub async fn check(conn: &mut Conn, _platform: &Platform, now: Instant) -> Result<Vec<Violation>, Fault> {
    let mut found = Vec::new();
    let texts = invariants(conn).into_iter().chain(credits(conn, now));
    for (invariant, text) in texts {
        let id = if conn.is_postgres() { "CAST(found.id AS text)" } else { "hex(found.id)" };
        let text = format!("SELECT {id} AS id FROM ({text}) found LIMIT 100");
        let rows: Vec<Row> = run!(conn, |c| diesel::sql_query(&text).load(c))?;
        found.extend(rows.into_iter().map(|row| Violation { invariant, row: row.id }));
    }
    if let Some(line) = pricing::rules::broken_line(&pricing::log(conn).await?) {
        found.push(Violation {
            invariant: "a line of the publication log that does not follow from the one before",
            row: line.to_string(),
        });
    }
    for number in pricing::store::not_as_hashed(conn).await? {
        found.push(Violation { invariant: "a published version whose hash does not match its content", row: number.to_string() });
    }
    Ok(found)
}

fn invariants(conn: &Conn) -> Vec<(&'static str, String)> {
    let now = now_sql(conn);
    let half_a_minute_ago =
        if conn.is_postgres() { format!("{now} - interval '30 seconds'") } else { format!("{now} - 30000000") };
    let mut all = vec![
        (
            "a leased job whose lease ended half a minute ago",
            format!("SELECT id FROM jobs WHERE state = 'leased' AND lease_until < {half_a_minute_ago}"),
        ),
        (
            "a conversation with a gap in its sequence",
            "SELECT c.id FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id GROUP BY c.id, c.last_sequence \
             HAVING COUNT(m.id) <> c.last_sequence OR COALESCE(MAX(m.sequence), 0) <> c.last_sequence"
                .to_owned(),
        ),
        (
            "a conversation with two live turns",
            "SELECT conversation_id AS id FROM turns WHERE state = 'live' GROUP BY conversation_id HAVING COUNT(*) > 1".to_owned(),
        ),
        (
            "a live turn without a job that will answer it",
            "SELECT t.id FROM turns t WHERE t.state = 'live' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = t.tenant_id \
             AND j.name = 'answer_turn' AND j.state IN ('queued', 'leased') AND j.unique_key = "
                .to_owned()
                + if conn.is_postgres() { "CAST(t.id AS text))" } else { SQLITE_UUID_TEXT },
        ),
        (
            "a waiting turn behind no live one",
            "SELECT t.id FROM turns t WHERE t.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM turns l \
             WHERE l.conversation_id = t.conversation_id AND l.state = 'live')"
                .to_owned(),
        ),
        (
            "a visitor's message in no turn or in two",
            "SELECT m.id FROM messages m LEFT JOIN turns t \
             ON t.conversation_id = m.conversation_id AND t.first_sequence <= m.sequence AND t.last_sequence >= m.sequence \
             WHERE m.role = 'visitor' GROUP BY m.id HAVING COUNT(t.id) <> 1"
                .to_owned(),
        ),
    ];
    all.push((
        "something said in a conversation that was erased",
        "SELECT m.id FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id \
         WHERE c.erased_at IS NOT NULL AND m.text <> ''"
            .to_owned(),
    ));
    all.push((
        "an open turn in a conversation that was erased",
        "SELECT t.id FROM turns t JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id \
         WHERE c.erased_at IS NOT NULL AND t.ended_at IS NULL"
            .to_owned(),
    ));
    for (child, column, parent) in [
        ("persona_versions", "persona_id", "personas"),
        ("passages", "entry_id", "knowledge_entries"),
        ("conversations", "visitor_id", "visitors"),
        ("messages", "conversation_id", "conversations"),
        ("messages", "persona_version_id", "persona_versions"),
        ("turns", "conversation_id", "conversations"),
        ("turns", "question_id", "messages"),
        ("turns", "answer_id", "messages"),
        ("credit_holds", "turn_id", "turns"),
        ("credit_charges", "turn_id", "turns"),
        ("credit_charges", "hold_id", "credit_holds"),
        ("credit_entries", "grant_id", "credit_grants"),
        ("credit_entries", "hold_id", "credit_holds"),
        ("credit_entries", "turn_id", "turns"),
        ("idempotency_keys", "visitor_id", "visitors"),
        ("idempotency_keys", "message_id", "messages"),
        ("privacy_receipts", "visitor_id", "visitors"),
    ] {
        all.push((
            "a row whose tenant is not its parent's",
            format!("SELECT p.id FROM {child} c JOIN {parent} p ON p.id = c.{column} WHERE p.tenant_id <> c.tenant_id"),
        ));
    }
    all
}

/// What must never be found of credits.
fn credits(conn: &Conn, now: Instant) -> Vec<(&'static str, String)> {
    let minute_ago = now.before(Duration::from_secs(60)).as_micros();
    let ended = if conn.is_postgres() {
        format!("t.ended_at < to_timestamp({minute_ago} / 1000000.0)")
    } else {
        format!("t.ended_at < {minute_ago}")
    };
    // What each kind of entry does to the balance.
    let sum = "COALESCE(SUM(CASE e.kind WHEN 'grant' THEN e.amount WHEN 'adjust' THEN e.amount WHEN 'refund' THEN e.amount \
        WHEN 'capture' THEN -e.amount WHEN 'expire' THEN -e.amount WHEN 'void' THEN -e.amount WHEN 'overage' THEN -e.amount ELSE 0 END), 0)";
    let of = |table: &str, column: &str, more: &str| {
        format!("(SELECT COALESCE(SUM(x.{column}), 0) FROM {table} x WHERE x.tenant_id = a.tenant_id{more})")
    };
    let account = |wrong: String| format!("SELECT a.tenant_id AS id FROM credit_accounts a WHERE {wrong}");
    vec![
        (
            "an account whose balance is not the sum of its entries",
            account(format!("a.balance <> (SELECT {sum} FROM credit_entries e WHERE e.tenant_id = a.tenant_id)")),
        ),
        (
            "an account whose balance is not what remains of its blocks",
            account(format!("a.balance <> {}", of("credit_grants", "remaining", ""))),
        ),
        (
            "an account whose held is not the sum of its open holds",
            account(format!(
                "a.held <> {} OR a.held <> {}",
                of("credit_holds", "amount", " AND x.settled_at IS NULL"),
                of("credit_grants", "held", "")
            )),
        ),
        ("an account below zero", account("a.balance < a.held OR a.held < 0".into())),
        (
            "a ledger that does not end where its account is",
            account(
                "NOT EXISTS (SELECT 1 FROM credit_entries e WHERE e.tenant_id = a.tenant_id AND e.number = a.last_entry \
                AND e.balance_after = a.balance AND e.held_after = a.held) AND a.last_entry > 0"
                    .into(),
            ),
        ),
        (
            "a charge that is not the sum of its captures",
            "SELECT c.turn_id AS id FROM credit_charges c WHERE c.captured <> (SELECT COALESCE(SUM(e.amount), 0) FROM credit_entries e \
             WHERE e.tenant_id = c.tenant_id AND e.turn_id = c.turn_id AND e.kind = 'capture')"
                .into(),
        ),
        (
            "a charge beyond its hold that is not the sum of its entries",
            "SELECT c.turn_id AS id FROM credit_charges c WHERE c.overage <> (SELECT COALESCE(SUM(e.amount), 0) FROM credit_entries e \
             WHERE e.tenant_id = c.tenant_id AND e.turn_id = c.turn_id AND e.kind = 'overage')"
                .into(),
        ),
        (
            "a refund that is not the sum of its entries",
            "SELECT r.turn_id AS id FROM credit_refunds r WHERE r.amount <> (SELECT COALESCE(SUM(e.amount), 0) FROM credit_entries e \
             WHERE e.tenant_id = r.tenant_id AND e.turn_id = r.turn_id AND e.kind = 'refund')"
                .into(),
        ),
        (
            "an entry that gives back what no refund says",
            "SELECT e.turn_id AS id FROM credit_entries e WHERE e.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM credit_refunds r \
             WHERE r.tenant_id = e.tenant_id AND r.turn_id = e.turn_id)"
                .into(),
        ),
        (
            "a statement that is not the sum of its lines",
            "SELECT s.tenant_id AS id FROM statements s WHERE s.total <> (SELECT COALESCE(SUM(l.amount), 0) FROM statement_lines l \
             WHERE l.tenant_id = s.tenant_id AND l.period_from = s.period_from)"
                .into(),
        ),
        (
            "a capture without its charge",
            "SELECT e.turn_id AS id FROM credit_entries e WHERE e.kind = 'capture' AND NOT EXISTS (SELECT 1 FROM credit_charges c \
             WHERE c.tenant_id = e.tenant_id AND c.turn_id = e.turn_id)"
                .into(),
        ),
        (
            "a settled hold without its charge",
            "SELECT h.id FROM credit_holds h WHERE h.settled_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_charges c \
             WHERE c.tenant_id = h.tenant_id AND c.hold_id = h.id)"
                .into(),
        ),
        (
            "an answer of a minute ago that was never charged",
            format!(
                "SELECT t.id FROM turns t JOIN credit_entries first ON first.tenant_id = t.tenant_id AND first.number = 1 \
                 WHERE t.state = 'answered' AND {ended} AND t.created_at >= first.created_at \
                 AND NOT EXISTS (SELECT 1 FROM credit_charges c WHERE c.tenant_id = t.tenant_id AND c.turn_id = t.id)"
            ),
        ),
        (
            "an open hold whose turn ended a minute ago",
            format!(
                "SELECT h.id FROM credit_holds h JOIN turns t ON t.tenant_id = h.tenant_id AND t.id = h.turn_id \
                 WHERE h.settled_at IS NULL AND {ended}"
            ),
        ),
    ]
}

/// A sixteen-byte id of SQLite as UUIDs are written, the way a job's key has it.
const SQLITE_UUID_TEXT: &str = "lower(substr(hex(t.id), 1, 8) || '-' || substr(hex(t.id), 9, 4) || '-' || substr(hex(t.id), 13, 4) \
    || '-' || substr(hex(t.id), 17, 4) || '-' || substr(hex(t.id), 21)))";
