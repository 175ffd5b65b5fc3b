//! What is behind an answer: how its turn went, the jobs that did it, and what it was charged. For pages that show the product at work.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::model::{AnswerTurn, TurnState};
use crate::{
    clock::Instant,
    credit::{self, Charge, MeterUsage},
    db::Conn,
    fault::Fault,
    id::TurnId,
    identity::Permission,
    job::{self, Job, Progress},
    run,
    tables::{conversations, turns, visitors},
    tenancy::Scope,
};

/// How a turn went.
#[derive(Clone, Debug)]
pub struct Behind {
    /// How far it is.
    pub state: TurnState,
    /// How often further messages restarted it.
    pub restarts: i32,
    /// When it began.
    pub created_at: Instant,
    /// When its first words were said, if it was said in pieces.
    pub speaking_at: Option<Instant>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// The jobs that did it, in the order they were called for.
    pub jobs: Vec<Progress>,
    /// What it was charged; `None` until it was metered.
    pub charge: Option<Charge>,
}

/// What is behind one of the calling visitor's turns; `None` if there is no such turn.
///
/// # Errors
/// If the store fails.
pub async fn behind(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Behind>, Fault> {
    scope.require(Permission::ChatVisit)?;
    let (tenant, key) = (scope.tenant(), scope.visitor()?);
    type Row = (TurnState, i32, Instant, Option<Instant>, Option<Instant>);
    let row: Option<Row> = run!(conn, |c| {
        turns::table
            .inner_join(conversations::table)
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn)).and(visitors::key.eq(key.as_bytes())))
            .select((turns::state, turns::restarts, turns::created_at, turns::speaking_at, turns::ended_at))
            .first(c)
    })
    .optional()?;
    let Some((state, restarts, created_at, speaking_at, ended_at)) = row else { return Ok(None) };
    // In this order: a charge that is there was made by a job that is seen to be done.
    let charge = credit::charge(conn, scope, turn).await?;
    let jobs = job::about(conn, scope, &[AnswerTurn::NAME, MeterUsage::NAME], &turn.to_string()).await?;
    Ok(Some(Behind { state, restarts, created_at, speaking_at, ended_at, jobs, charge }))
}
