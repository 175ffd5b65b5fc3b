//! Processor time, as Linux tells it, in hundredths of a second.

use frontoffice_domain::db::Location;

/// What was used, in seconds.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub process: f64,
    /// Of Postgres; on SQLite the process is the store.
    pub store: f64,
}

/// Reads what a process and its store have used.
pub(crate) struct Meter {
    process: u32,
    server: Option<u32>,
}

impl Meter {
    pub(crate) fn new(process: u32, location: &Location) -> Self {
        let server = match location {
            Location::Sqlite(_) => None,
            Location::Postgres(url) => {
                let port = url.split(':').next_back().and_then(|rest| rest.split('/').next()).unwrap();
                let flag = format!("\0-p\0{port}\0");
                let is_server = |id: &u32| {
                    std::fs::read_to_string(format!("/proc/{id}/cmdline"))
                        .is_ok_and(|line| line.contains("/postgres\0") && line.contains(&flag))
                };
                Some(processes().into_iter().find(is_server).expect("Postgres runs here"))
            }
        };
        Self { process, server }
    }

    pub(crate) fn read(&self) -> Reading {
        let store = self.server.map_or(0.0, |server| {
            let theirs = processes().into_iter().filter(|id| stat(*id).is_some_and(|(parent, _)| parent == server));
            theirs.filter_map(|id| Some(stat(id)?.1)).sum()
        });
        Reading { process: stat(self.process).unwrap().1, store }
    }
}

fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap();
    entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok()).collect()
}

/// A process' parent and what it has used; `None` if it has ended.
fn stat(id: u32) -> Option<(u32, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // Its name stands in brackets and may have anything in it.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    let used = f64::from(ticks(11)? + ticks(12)?) / 100.0;
    Some((ticks(1)?, used))
}
