//! The enums of the widget, as the domain has them.

use async_graphql::Enum;
use frontoffice_domain::widget;

/// At which end of the line the launcher stands.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "widget::Position")]
pub(crate) enum WidgetPosition {
    /// Where lines end: on the right where people read from the left.
    End,
    /// Where they begin.
    Start,
}

/// What opens the widget.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "widget::Launcher")]
pub(crate) enum WidgetLauncher {
    /// A round button.
    Bubble,
    /// A bar with words on it.
    Bar,
    /// Nothing: the page has a button of its own.
    None,
}

/// What may be kept in a visitor's browser.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "widget::Consent")]
pub(crate) enum WidgetConsent {
    /// Nothing.
    None,
    /// What is gone with the tab.
    Session,
    /// What stays.
    Local,
}

/// Something that was found on a page.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "widget::FindingCode")]
pub(crate) enum WidgetFindingCode {
    /// It could not be loaded.
    PageUnreachable,
    /// It is not where it may be loaded from.
    PageNotPublic,
    /// What was loaded is no page.
    PageNotHtml,
    /// It has the widget's script, for this tenant.
    ScriptFound,
    /// It has none.
    ScriptMissing,
    /// It has one, and that is for somebody else.
    ScriptOfAnother,
    /// It has more than one.
    ScriptTwice,
    /// A key that is good may be shown there.
    OriginAllowed,
    /// None may.
    OriginNotAllowed,
    /// The page does not let it load the script.
    CspBlocksScript,
    /// The page does not let it ask anything.
    CspBlocksConnect,
    /// The page does not let it show pictures.
    CspBlocksImages,
    /// The page's rules about styles do not touch it.
    CspStrictStyle,
    /// Nothing in the page's rules is in its way.
    CspFine,
}
