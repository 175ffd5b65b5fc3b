//! `frontoffice doctor`: is everything there that the program needs, and is nothing in the store that must never be. It changes
//! nothing.

use std::time::Duration;

use comfy_table::{Table, presets};
use frontoffice_domain::{
    clock::Clock,
    db::{Conn, Db, with_causes},
    invariants::{self, Violation},
    tenancy::{self, Platform},
};
use serde::Serialize;

use crate::{model, settings::Settings};

/// Clocks further apart than this (in microseconds) are worth a look.
const CLOCKS_APART: u64 = 1_000_000;

/// How long Redis may take to answer.
const REDIS: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
}

/// Looks, prints what it found, and says whether all is well.
///
/// # Errors
/// If the report cannot be printed.
pub(crate) async fn run(settings: &Settings, with_invariants: bool, json: bool) -> anyhow::Result<bool> {
    let mut findings = Vec::new();
    match Db::connect(&settings.store, 2, &Clock::system()).await {
        Err(error) => findings.push(Finding { check: "store", ok: false, detail: with_causes(&error) }),
        Ok(db) => {
            findings.push(Finding { check: "store", ok: true, detail: settings.store.to_string() });
            findings.push(clock(&db).await);
            findings.push(set_up(&db).await);
            if with_invariants {
                findings.push(invariants(&db).await);
            }
        }
    }
    findings.push(bus(settings).await);
    findings.push(match model::look(settings).await {
        Ok(detail) => Finding { check: "model", ok: true, detail },
        Err(detail) => Finding { check: "model", ok: false, detail },
    });
    let well = findings.iter().all(|finding| finding.ok);
    if json {
        crate::print(&serde_json::to_string_pretty(&serde_json::json!({ "ok": well, "findings": findings }))?);
    } else {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        for finding in findings {
            table.add_row([finding.check, if finding.ok { "ok" } else { "WRONG" }, &finding.detail]);
        }
        crate::print(&table.to_string());
    }
    Ok(well)
}

async fn bus(settings: &Settings) -> Finding {
    let Some(memory) = &settings.memory else {
        return Finding { check: "bus", ok: true, detail: "in this process".into() };
    };
    match memory.ping(REDIS).await {
        Ok(()) => Finding { check: "bus", ok: true, detail: format!("Redis, {}", memory.place()) },
        Err(absent) => Finding { check: "bus", ok: false, detail: format!("Redis, {}: {absent}", memory.place()) },
    }
}

async fn clock(db: &Db) -> Finding {
    match db.now(&Platform::of_this_process()).await {
        Err(fault) => Finding { check: "clock", ok: false, detail: with_causes(&fault) },
        Ok(store) => {
            let apart = Clock::system().now().as_micros().abs_diff(store.as_micros());
            let detail = format!("this machine and the store are {} ms apart", apart.checked_div(1_000).unwrap_or(apart));
            Finding { check: "clock", ok: apart < CLOCKS_APART, detail }
        }
    }
}

async fn set_up(db: &Db) -> Finding {
    let platform = Platform::of_this_process();
    match db.platform_read(&platform, async |mut conn: Conn| tenancy::platform_tenant(&mut conn).await).await {
        Ok(Some(tenant)) => Finding { check: "set-up", ok: true, detail: format!("the platform's tenant is `{}`", tenant.slug) },
        Ok(None) => Finding { check: "set-up", ok: false, detail: "has not happened; start the program once".into() },
        Err(fault) => Finding { check: "set-up", ok: false, detail: with_causes(&fault) },
    }
}

async fn invariants(db: &Db) -> Finding {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), Clock::system().now());
    let found = db.platform_read(&platform, async move |mut conn: Conn| invariants::check(&mut conn, &this, now).await).await;
    match found {
        Ok(found) if found.is_empty() => Finding { check: "invariants", ok: true, detail: "nothing that must not be".into() },
        Ok(found) => {
            let lines: Vec<String> = found.iter().map(|Violation { invariant, row }| format!("{invariant}: {row}")).collect();
            Finding { check: "invariants", ok: false, detail: lines.join("\n") }
        }
        Err(fault) => Finding { check: "invariants", ok: false, detail: with_causes(&fault) },
    }
}
