//! Workbooks (Office Open XML): a sheet for each kind of line, and one about the others.
//!
//! They are read by what follows and not by a library for spreadsheets: those reserve what a file says it needs, so that a few bytes
//! can take all memory, and do not say which numbers are shown as dates or percentages. What is read here is bounded first.

mod about;
mod package;
mod parts;
mod read;
mod write;

pub(super) use self::{read::read, write::write};

/// How many digits a spreadsheet keeps of a number; more do not survive in it.
const DIGITS: usize = 15;
