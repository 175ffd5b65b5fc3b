//! What can be said to `frontoffice pricebook`.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Subcommand, ValueEnum};
use frontoffice_domain::{
    clock::Instant,
    pricing::{
        Guard, rules,
        sheet::{self, Marks},
    },
};

use super::super::Reach;

/// What a file is, and how numbers are written in it.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// What the file is; without it, what its name says, and for a new one a workbook.
    #[arg(long, value_enum)]
    pub(super) format: Option<Format>,
    /// Whose way of writing numbers, such as `de` or `de-CH`; TOML and JSON have their own. Without it, files are written as for `en`, and
    /// of what is read, numbers that are others elsewhere (`75.000`) are refused.
    #[arg(long, value_name = "TAG", value_parser = locale)]
    pub(super) locale: Option<Locale>,
}

impl Reading {
    /// The marks that are declared.
    pub(super) fn marks(&self) -> Option<Marks> {
        self.locale.as_ref().map(|locale| locale.marks)
    }

    /// What a file is written for.
    pub(super) fn locale_or_english(&self) -> Locale {
        self.locale.clone().unwrap_or_else(|| Locale { tag: "en".into(), marks: Marks::Point })
    }
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A workbook.
    Xlsx,
    /// One table as text.
    Csv,
    /// TOML.
    Toml,
    /// JSON.
    Json,
}

impl From<Format> for sheet::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Xlsx => Self::Xlsx,
            Format::Csv => Self::Csv,
            Format::Toml => Self::Toml,
            Format::Json => Self::Json,
        }
    }
}

/// A language with the marks it writes numbers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    pub(super) tag: String,
    pub(super) marks: Marks,
}

fn locale(tag: &str) -> Result<Locale, String> {
    let marks = Marks::of_locale(tag).ok_or("it is none of en, de, es, fr, it, ja, nl, pl, pt, with or without a country")?;
    Ok(Locale { tag: tag.to_owned(), marks })
}

/// Whose prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The draft's.
    Draft,
    /// What is in force.
    Current,
    /// A version's.
    Number(i32),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "draft" => Ok(Self::Draft),
            "current" => Ok(Self::Current),
            number => number.parse().map(Self::Number).map_err(|_| "it is neither `draft`, `current` nor a number".into()),
        }
    }
}

/// Whom prices are to reach of those who are customers already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Policy {
    /// None of them.
    NewCustomers,
    /// Each of them, when their next period begins.
    AtRenewal,
    /// All of them, from the moment it takes effect.
    AllCustomers,
}

impl Policy {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NewCustomers => "NEW_CUSTOMERS",
            Self::AtRenewal => "AT_RENEWAL",
            Self::AllCustomers => "ALL_CUSTOMERS",
        }
    }
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Somebody else approves.
    On,
    /// Who has written it may approve it; the audit log says who decided that.
    Off,
}

/// From when a version is to be in force: an instant, or none for as soon as it is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effective(pub(super) Option<Instant>);

impl FromStr for Effective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self(None));
        }
        text.parse()
            .map(|at| Self(Some(at)))
            .map_err(|_| "it is neither `now` nor an instant such as 2027-01-01T00:00:00Z".into())
    }
}

fn guard(text: &str) -> Result<Guard, String> {
    text.to_ascii_uppercase().replace('-', "_").parse().map_err(|_| {
        let known = Guard::ALL.iter().map(|guard| guard.as_str()).collect::<Vec<_>>().join(", ");
        format!("it is none of {known}")
    })
}

/// A whole hash: fewer digits could be another content's too, for whoever writes prices can try many until they are.
fn hash(text: &str) -> Result<String, String> {
    rules::unhex(text)
        .map(|bytes| rules::hex(&bytes))
        .ok_or_else(|| "it is not a whole content hash, 64 hexadecimal digits".into())
}

/// The revision of the draft that was seen.
#[derive(Debug, Args)]
pub(crate) struct Expect {
    /// The draft's revision that you have seen: if somebody changed it since, nothing is done. Without it, the one it is at now.
    #[arg(long = "expect-revision", value_name = "N")]
    pub(super) revision: Option<i64>,
}

/// What can be done with prices.
#[derive(Debug, Subcommand)]
pub(crate) enum PricebookCommand {
    /// Write prices to a file for a spreadsheet or a text editor.
    Export {
        /// Whose: `draft`, a version's number, or `current`.
        #[arg(default_value = "draft", value_name = "draft|N|current")]
        of: Which,
        #[command(flatten)]
        reading: Reading,
        /// Where to; without it, a file in the working folder; `-` prints it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Replace the draft's prices by those of a file.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        reading: Reading,
        /// Begin a draft if there is none.
        #[arg(long)]
        new: bool,
        #[command(flatten)]
        expect: Expect,
        #[command(flatten)]
        reach: Reach,
    },
    /// Look whether a file, or the draft, is as it must be. Exit code 1 if not. A file is looked at here, without a front office.
    Validate {
        /// The file; without it, the draft.
        file: Option<PathBuf>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        reach: Reach,
    },
    /// What is different between two versions, or between what is published and the draft.
    Diff {
        /// From: a version's number or `current`; without it, the version that is published last.
        #[arg(value_name = "FROM")]
        from: Option<Which>,
        /// To: a version's number, `current`, or the draft.
        #[arg(value_name = "TO")]
        to: Option<Which>,
        #[command(flatten)]
        reach: Reach,
    },
    /// What the draft, or a version, would have done to all customers in the last 30 days.
    Impact {
        /// The version; without it, the draft.
        #[arg(value_name = "N")]
        number: Option<i32>,
        /// Write the change note to a file, FILE.html to be printed and sent on, or FILE.csv.
        #[arg(long, value_name = "FILE")]
        note: Option<PathBuf>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Say why prices change, and whom of those who are customers already they reach.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["note", "policy"]))]
    Edit {
        /// Why, for finance staff; at most 2,000 characters.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Whom they reach.
        #[arg(long, value_enum)]
        policy: Option<Policy>,
        #[command(flatten)]
        expect: Expect,
        #[command(flatten)]
        reach: Reach,
    },
    /// Submit the draft for approval: it is frozen from then on.
    Submit {
        #[command(flatten)]
        expect: Expect,
        #[command(flatten)]
        reach: Reach,
    },
    /// Open a submitted draft for changes again; an approval is void then.
    Reopen {
        /// Why.
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
        #[command(flatten)]
        expect: Expect,
        #[command(flatten)]
        reach: Reach,
    },
    /// Approve what was submitted, by the hash of what it says, and decide when it takes effect.
    Approve {
        /// Its content hash, all 64 digits of it, as it is of what you have looked at.
        #[arg(long, value_parser = hash)]
        hash: String,
        /// Whom it reaches, as you have looked at it: if the draft reaches others, nothing is approved.
        #[arg(long)]
        policy: Policy,
        /// When it takes effect: `now` for as soon as it is published, or an instant such as 2027-01-01T00:00:00Z.
        #[arg(long, value_name = "now|INSTANT")]
        effective: Effective,
        /// What is meant although it is unusual, by name: `PRICE_MOVE`; several with commas between.
        #[arg(long, value_delimiter = ',', value_name = "NAME", value_parser = guard)]
        acknowledge: Vec<Guard>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Publish what was approved.
    Publish {
        /// Its content hash, all 64 digits of it.
        #[arg(long, value_parser = hash)]
        hash: String,
        /// Wait until all customers it reaches are on it; also until it takes effect.
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        reach: Reach,
    },
    /// What is in force, what is to come, and how far the draft is.
    Status {
        #[command(flatten)]
        reach: Reach,
    },
    /// Who did what, the newest first.
    History {
        #[command(flatten)]
        reach: Reach,
    },
    /// Take a version back before it takes effect.
    Withdraw {
        /// Its number.
        #[arg(value_name = "N")]
        number: i32,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Begin a draft that restores an earlier version.
    Rollback {
        /// Its number.
        #[arg(value_name = "N")]
        number: i32,
        #[command(flatten)]
        reach: Reach,
    },
    /// Throw the draft away.
    Discard {
        #[command(flatten)]
        expect: Expect,
        #[command(flatten)]
        reach: Reach,
    },
    /// Decide whether approving takes somebody who has not written the draft.
    FourEyes {
        /// On or off.
        #[arg(value_enum)]
        switch: Switch,
        #[command(flatten)]
        reach: Reach,
    },
    /// Look whether the publication log holds and every published version is what the log says. Exit code 1 if not. Nobody has to be
    /// signed in.
    Verify {
        #[command(flatten)]
        reach: Reach,
    },
}
