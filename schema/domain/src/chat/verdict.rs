//! What was found when an answer was checked against the approved passages it cites: the audit trail of its grounding.

use serde::{Deserialize, Serialize};

use crate::{persona::Grounding, text_enum::text_enum};

text_enum! {
    /// What was found of a sentence.
    Finding {
        /// What it says stands in the passages it cites.
        Supported = "supported",
        /// It is quoted from an approved passage, word for word.
        Quoted = "quoted",
        /// It claims nothing: a greeting, an offer to help, a heading.
        Harmless = "harmless",
        /// It was not asked to be supported, and is not, as far as can be told.
        Unchecked = "unchecked",
        /// It claims something and cites no passage that was given.
        Uncited = "uncited",
        /// A number, price, date, address or link in it stands in none of the passages it cites, or most of its words do not.
        Unsupported = "unsupported",
        /// It claims that the assistant has done something, or will.
        ClaimsAction = "claims_action",
    }
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Finding {
    /// Whether a sentence of which this was found may be shown.
    #[must_use]
    pub fn passes(self) -> bool {
        !matches!(self, Self::Uncited | Self::Unsupported | Self::ClaimsAction)
    }
}

/// A sentence of an answer and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// The sentence, as the model wrote it.
    pub text: String,
    /// What was found.
    pub finding: Finding,
    /// What in it has no support: the numbers, prices, dates, addresses, links or words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What was found when an answer was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How far it had to rest on approved knowledge.
    pub grounding: Grounding,
    /// Its sentences, in order. Of an answer that was refused: up to the one for which it was, which nobody was shown.
    pub sentences: Vec<Sentence>,
}
