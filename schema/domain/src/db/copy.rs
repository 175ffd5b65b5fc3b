//! Moving to Postgres: everything that is in a SQLite file, copied into an empty store, in one transaction.
//!
//! The rules of the new store hold for every row that comes in, and in the end nothing may be found that must never be; else nothing was
//! copied. The file is only read.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use diesel::{
    Connection, QueryableByName, SqliteConnection,
    connection::SimpleConnection,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use tokio::sync::mpsc;

use super::{Conn, conn::run};
use crate::{
    clock::Instant,
    fault::Fault,
    invariants::{self, Violation},
    tenancy::Platform,
};

/// It could not be copied; nothing was.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The new store is no Postgres.
    #[error("only Postgres can take a copy")]
    NotPostgres,
    /// There is something in the new store already.
    #[error("the new store is not empty: there is something in `{0}`")]
    NotEmpty(String),
    /// The file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    Source {
        /// The file.
        file: PathBuf,
        /// What it said.
        reason: String,
    },
    /// Something was found in the copy that must never be.
    #[error("the copy is not sound: {}: {}", .0.invariant, .0.row)]
    Unsound(Violation),
    /// Not all rows arrived.
    #[error("{arrived} of {sent} rows of `{table}` arrived")]
    Incomplete {
        /// The table.
        table: String,
        /// How many were read.
        sent: u64,
        /// How many are there.
        arrived: u64,
    },
    /// The new store failed or refused.
    #[error("the new store failed")]
    Store(#[from] Fault),
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
}

/// So many rows travel together.
const BATCH: i64 = 500;

/// What says who runs is not copied: nobody does.
const NOT_COPIED: &str = "('processes')";

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Text)]
    is_identity: String,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    json: String,
}

/// A table and what each row is read as.
struct Plan {
    table: String,
    columns: Vec<Column>,
}

/// Rows of a table, as a JSON array, and how many.
struct Batch {
    table: usize,
    json: String,
    rows: u64,
}

/// Copies everything; which tables, and how many rows of each. `told` hears of each table when it is done.
///
/// # Errors
/// If the new store is not an empty Postgres, the file cannot be read, or a rule would be broken; then nothing was copied.
pub async fn copy(
    conn: &mut Conn,
    platform: &Platform,
    from: &Path,
    now: Instant,
    told: impl Fn(&Copied) + Send,
) -> Result<Vec<Copied>, CopyError> {
    if !conn.is_postgres() {
        return Err(CopyError::NotPostgres);
    }
    conn.transaction("copy", async |tx| {
        let plans = plans(tx).await?;
        for plan in &plans {
            if count(tx, &plan.table).await? > 0 {
                return Err(CopyError::NotEmpty(plan.table.clone()));
            }
        }
        let reads = plans.iter().map(Plan::read).collect();
        let (sender, mut batches) = mpsc::channel(2);
        let path = from.to_owned();
        let reading = tokio::task::spawn_blocking(move || read(&path, reads, &sender));
        let mut rows = vec![0_u64; plans.len()];
        while let Some(batch) = batches.recv().await {
            let (Some(plan), Some(sent)) = (plans.get(batch.table), rows.get_mut(batch.table)) else { continue };
            plan.write(tx, &batch.json).await?;
            *sent = sent.saturating_add(batch.rows);
        }
        let read = reading.await.map_err(Fault::Ended)?;
        read.map_err(|error| CopyError::Source { file: from.to_owned(), reason: error.to_string() })?;
        let mut copied = Vec::new();
        for (plan, sent) in plans.into_iter().zip(rows) {
            plan.count_on(tx).await?;
            let arrived = count(tx, &plan.table).await?;
            if arrived != sent {
                return Err(CopyError::Incomplete { table: plan.table, sent, arrived });
            }
            let done = Copied { table: plan.table, rows: sent };
            told(&done);
            copied.push(done);
        }
        match invariants::check(tx, platform, now).await?.into_iter().next() {
            Some(violation) => Err(CopyError::Unsound(violation)),
            None => Ok(copied),
        }
    })
    .await
}

async fn count(tx: &mut Conn, table: &str) -> Result<u64, Fault> {
    let text = format!("SELECT COUNT(*) AS count FROM {table}");
    let found: Count = run!(tx, |c| diesel::sql_query(&text).get_result(c))?;
    Ok(u64::try_from(found.count).unwrap_or(0))
}

/// All tables, parents before their children.
async fn plans(tx: &mut Conn) -> Result<Vec<Plan>, Fault> {
    let columns = format!(
        "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_identity::text FROM information_schema.columns c \
         JOIN information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema = 'public' \
         AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER' AND left(c.table_name, 8) <> '__diesel' \
         AND c.table_name NOT IN {NOT_COPIED} ORDER BY c.table_name, c.ordinal_position"
    );
    let references = "SELECT f.conrelid::regclass::text AS child, f.confrelid::regclass::text AS parent FROM pg_constraint f \
         WHERE f.contype = 'f' AND f.conrelid <> f.confrelid";
    let columns: Vec<Column> = run!(tx, |c| diesel::sql_query(&columns).load(c))?;
    let references: Vec<Reference> = run!(tx, |c| diesel::sql_query(references).load(c))?;
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns {
        tables.entry(column.table_name.clone()).or_default().push(column);
    }
    let (mut plans, mut done) = (Vec::new(), BTreeSet::new());
    while !tables.is_empty() {
        let waits = |table: &String| references.iter().any(|found| found.child == *table && !done.contains(&found.parent));
        // Tables that waited for each other could not be filled at all; their rows would be refused.
        let next = tables.keys().find(|table| !waits(table)).or_else(|| tables.keys().next()).cloned();
        let Some((table, columns)) = next.and_then(|table| tables.remove_entry(&table)) else { break };
        done.insert(table.clone());
        plans.push(Plan { table, columns });
    }
    Ok(plans)
}

impl Plan {
    /// How a row is read from the file: as JSON that Postgres takes for its own types.
    fn read(&self) -> String {
        let value = |column: &Column| {
            let name = &column.column_name;
            let value = match column.data_type.as_str() {
                "uuid" => format!("CASE WHEN {name} IS NOT NULL THEN hex({name}) END"),
                "bytea" => format!("CASE WHEN {name} IS NOT NULL THEN '\\x' || hex({name}) END"),
                "jsonb" => format!("json({name})"),
                "boolean" => format!("json(CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"),
                "timestamp with time zone" => {
                    format!("strftime('%Y-%m-%dT%H:%M:%S', {name} / 1000000, 'unixepoch') || printf('.%06dZ', {name} % 1000000)")
                }
                _ => name.clone(),
            };
            format!("'{name}', {value}")
        };
        let values: Vec<String> = self.columns.iter().map(value).collect();
        format!(
            "SELECT rowid AS place, json_object({}) AS json FROM {} WHERE rowid > $1 ORDER BY rowid LIMIT {BATCH}",
            values.join(", "),
            self.table
        )
    }

    async fn write(&self, tx: &mut Conn, rows: &str) -> Result<(), Fault> {
        let columns = self.columns.iter().map(|column| column.column_name.as_str()).collect::<Vec<_>>().join(", ");
        let text = format!(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)",
            table = self.table
        );
        run!(tx, |c| diesel::sql_query(&text).bind::<Text, _>(rows).execute(c))?;
        Ok(())
    }

    /// Lets the numbers that the store gives go on where the file's ended.
    async fn count_on(&self, tx: &mut Conn) -> Result<(), Fault> {
        for column in self.columns.iter().filter(|column| column.is_identity == "YES") {
            let (table, name) = (&self.table, &column.column_name);
            let text = format!(
                "SELECT setval(pg_get_serial_sequence('{table}', '{name}'), COALESCE(MAX({name}), 1), MAX({name}) IS NOT NULL) AS count \
                 FROM {table}"
            );
            let _: Count = run!(tx, |c| diesel::sql_query(&text).get_result(c))?;
        }
        Ok(())
    }
}

/// Reads the file, as it is at one moment; nobody writes to it meanwhile.
fn read(path: &Path, reads: Vec<String>, sender: &mpsc::Sender<Batch>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut link = SqliteConnection::establish(&path.to_string_lossy())?;
    link.batch_execute("PRAGMA busy_timeout = 1000; BEGIN IMMEDIATE")?;
    for (table, text) in reads.iter().enumerate() {
        let mut last = i64::MIN;
        loop {
            let rows: Vec<Row> = diesel::RunQueryDsl::load(diesel::sql_query(text).bind::<BigInt, _>(last), &mut link)?;
            let Some(end) = rows.last().map(|row| row.place) else { break };
            let array: Vec<&str> = rows.iter().map(|row| row.json.as_str()).collect();
            let batch = Batch { table, json: format!("[{}]", array.join(",")), rows: u64::try_from(rows.len())? };
            if sender.blocking_send(batch).is_err() {
                // Whoever writes has failed and says why.
                return Ok(());
            }
            last = end;
        }
    }
    link.batch_execute("ROLLBACK")?;
    Ok(())
}
