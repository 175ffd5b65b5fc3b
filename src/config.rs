//! `frontoffice config`: every setting, its value, and where that was set.

use std::path::Path;

use comfy_table::{Table, presets};

use crate::settings;

/// Prints the settings.
///
/// # Errors
/// The first setting that is wrong.
pub(crate) fn run(file: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let explained = settings::explain(file)?;
    if json {
        crate::print(&serde_json::to_string_pretty(&explained)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(["setting", "value", "from"]);
    for setting in explained {
        table.add_row([setting.name, setting.value, setting.source]);
    }
    crate::print(&table.to_string());
    Ok(())
}
