//! Statements that a connection prepares once.
//!
//! Diesel prepares a statement anew each time if its text could differ from call to call: every update and upsert, every insert on
//! Postgres, and every text of ours. Where we know that there are only a few texts of it, we say so.

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// A statement of which there are only a few texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared<Q>(Q);

/// Says of a statement that a connection may keep it prepared.
pub(crate) trait Prepare: Sized {
    /// The same statement, prepared once. Not for texts that hold values: each would be kept for ever.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q> Prepare for Q {}

impl<Q, C> diesel::RunQueryDsl<C> for Prepared<Q> {}

/// Known by its text, which is all that can differ.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};

    use super::*;
    use crate::tables::tenants;

    #[test]
    fn diesel_keeps_what_we_say_it_may() {
        let update = || diesel::update(tenants::table).set(tenants::public_chat.eq(true));
        let kept = |on_postgres: QueryResult<bool>, on_sqlite: QueryResult<bool>| (on_postgres.unwrap(), on_sqlite.unwrap());
        let plain = update();
        let ours = update().prepared();
        let by = (Pg, Sqlite);
        // Once Diesel keeps it by itself, this module may go.
        assert_eq!(kept(plain.is_safe_to_cache_prepared(&by.0), plain.is_safe_to_cache_prepared(&by.1)), (false, false));
        assert_eq!(kept(ours.is_safe_to_cache_prepared(&by.0), ours.is_safe_to_cache_prepared(&by.1)), (true, true));
    }
}
