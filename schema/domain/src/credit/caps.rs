//! Shapes of what a tenant lets answers take at most.

use crate::{
    id::{CapSubjectId, PersonaId, WidgetKeyId},
    money::Credits,
    text_enum::text_enum,
};

text_enum! {
    /// What a cap is of.
    CapKind {
        /// Each visitor, on a day (UTC).
        VisitorDay = "visitor_day",
        /// A widget key, on a day.
        WidgetKeyDay = "widget_key_day",
        /// A persona, in a calendar month.
        PersonaMonth = "persona_month",
    }
}

/// A cap that is to be; without credits, one that is to be no more.
#[derive(Clone, Debug)]
pub enum NewCap {
    /// Of each visitor, on a day.
    VisitorDay(Option<Credits>),
    /// Of a widget key, on a day.
    WidgetKeyDay(WidgetKeyId, Option<Credits>),
    /// Of a persona, in a month.
    PersonaMonth(PersonaId, Option<Credits>),
}

impl NewCap {
    pub(super) fn kind(&self) -> CapKind {
        match self {
            Self::VisitorDay(_) => CapKind::VisitorDay,
            Self::WidgetKeyDay(..) => CapKind::WidgetKeyDay,
            Self::PersonaMonth(..) => CapKind::PersonaMonth,
        }
    }

    pub(super) fn credits(&self) -> Option<Credits> {
        let (Self::VisitorDay(credits) | Self::WidgetKeyDay(_, credits) | Self::PersonaMonth(_, credits)) = self;
        *credits
    }
}

/// What became of setting a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capped {
    /// It is as it was to be; these are the tenant's caps now.
    Done(Vec<Cap>),
    /// The tenant has no such widget key or persona.
    Unknown,
}

/// A cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// What it is of.
    pub kind: CapKind,
    /// Which; of visitors, the tenant.
    pub subject: CapSubjectId,
    /// The most answers may take.
    pub credits: Credits,
    /// What they took since the day or the month began; of visitors, of whom each has their own, nothing.
    pub used: Credits,
}

impl Cap {
    /// Whether nothing more may be taken.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.used >= self.credits
    }
}
