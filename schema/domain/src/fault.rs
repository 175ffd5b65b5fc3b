//! What can go wrong unexpectedly. What is expected is a value: each act's outcome enum.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::deadpool::PoolError;

use crate::{db::rule, identity::Permission};

/// An act could not be done, and nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The caller lacks the permission the act requires.
    #[error("this needs the permission `{0}`")]
    Denied(Permission),
    /// The caller has the permission only with a stated reason, and stated none.
    #[error("the permission `{0}` needs a stated reason here")]
    ReasonMissing(Permission),
    /// The platform has not been set up.
    #[error("the store was never set up")]
    NotSetUp,
    /// No connection to the store could be had.
    #[error("no connection to the store could be had")]
    Checkout(#[source] PoolError),
    /// A transaction could not be begun.
    #[error("transaction `{act}` could not begin")]
    Begin {
        /// The act's name.
        act: &'static str,
        /// What the store said.
        source: DieselError,
    },
    /// A transaction's commit got no good answer; whether it took effect is for the caller's retry to find out.
    #[error("transaction `{act}` could not commit")]
    Commit {
        /// The act's name.
        act: &'static str,
        /// What the store said.
        source: DieselError,
    },
    /// The store refused because a named rule would have been broken.
    #[error("the store refused: rule `{rule}`")]
    Rule {
        /// The constraint or trigger, named after the rule it keeps.
        rule: String,
        /// What the store said.
        source: DieselError,
    },
    /// A secret could not be encrypted.
    #[error("a secret could not be encrypted")]
    Sealing,
    /// A query failed.
    #[error("a query failed")]
    Query(#[source] DieselError),
    /// Something stored cannot be read as what it should be.
    #[error("stored {what} cannot be read")]
    Stored {
        /// What it should have been.
        what: &'static str,
        /// Why it is not.
        source: serde_json::Error,
    },
    /// An amount cannot be: it is too large to be written down, or takes what is not there.
    #[error("{what} cannot be")]
    Amount {
        /// Which amount.
        what: &'static str,
    },
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Hash(#[source] argon2::password_hash::Error),
    /// The task that did the work panicked or was stopped.
    #[error("the task doing the work ended early")]
    Ended(#[source] tokio::task::JoinError),
    /// The work panicked.
    #[error("the work panicked")]
    Panicked,
    /// What became of others became of this too, because they shared a transaction.
    #[error(transparent)]
    Together(std::sync::Arc<Fault>),
}

impl Fault {
    /// Whether the store was not there, or went away before anything was committed; trying again later may help.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Checkout(_) | Self::Begin { .. } => true,
            Self::Query(source) => went_away(source),
            Self::Together(shared) => shared.is_absence(),
            _ => false,
        }
    }

    /// Whether the store went away when it was told to keep what was written: whether it did is not known, and whoever can ask again
    /// under the same key finds out.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        match self {
            Self::Commit { source, .. } => went_away(source),
            Self::Together(shared) => shared.is_uncertain(),
            _ => false,
        }
    }

    /// The rule of the house that the store kept, if that is what happened.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Rule { rule, .. } => Some(rule),
            _ => None,
        }
    }
}

/// Whether the link to the store broke. A server that ends says so first, with a code (class 57P) that arrives here as words only.
fn went_away(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _) => true,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, said) => {
            said.message().starts_with("terminating connection") || said.message().starts_with("the database system is ")
        }
        _ => false,
    }
}

impl From<DieselError> for Fault {
    fn from(source: DieselError) -> Self {
        match rule::broken(&source) {
            Some(rule) => Self::Rule { rule, source },
            None => Self::Query(source),
        }
    }
}
