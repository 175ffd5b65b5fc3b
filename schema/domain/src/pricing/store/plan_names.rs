//! What people call the plans that bills speak of.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::content;
use crate::{db::Conn, fault::Fault, pricing::billing::Line, run, tables::pricebook_versions};

/// Names of plans, by version and key.
#[derive(Clone, Debug, Default)]
pub struct PlanNames(BTreeMap<(i32, String), String>);

impl PlanNames {
    /// What people call the plan that a line is of: its name in the version that says what the line costs. The key, if that has no such plan;
    /// `None` if the line is of no plan.
    #[must_use]
    pub fn of<'a>(&'a self, line: &'a Line) -> Option<&'a str> {
        let key = line.plan.as_ref()?;
        let name = line.version.and_then(|version| self.0.get(&(version, key.clone())));
        Some(name.unwrap_or(key))
    }
}

/// What people call the plans of a bill's lines. What a version calls its plans is public and never changes, so that lines keep keys alone.
///
/// # Errors
/// If the store fails.
pub async fn plan_names(conn: &mut Conn, lines: &[Line]) -> Result<PlanNames, Fault> {
    let numbers: BTreeSet<i32> = lines.iter().filter(|line| line.plan.is_some()).filter_map(|line| line.version).collect();
    let mut names = BTreeMap::new();
    if numbers.is_empty() {
        return Ok(PlanNames(names));
    }
    let versions: Vec<(i32, Vec<u8>)> = run!(conn, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::number.eq_any(&numbers))
            .select((pricebook_versions::number, pricebook_versions::content_hash))
            .load(c)
    })?;
    for (number, hash) in versions {
        let (pricebook, _) = content(conn, number, &hash).await?;
        names.extend(pricebook.plans.iter().map(|plan| ((number, plan.key.clone()), plan.name.clone())));
    }
    Ok(PlanNames(names))
}
