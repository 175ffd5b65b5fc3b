//! Prices as files, and what is public of them: over HTTP, or straight from the store.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow, bail};
use frontoffice_api::prices::{self, Of, change_note};
use frontoffice_domain::{
    db::Conn,
    page::Page,
    pricing::{
        self, DraftRefusal, LogLine, Pricebook, Sight, rules,
        sheet::{self, CellFlaw, Format},
    },
    tenancy::Platform,
};
use frontoffice_worker::net;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{Reach, Way, command::Locale, export_import::Prices, verify::Content};
use crate::client::{
    session::Kept,
    way::{Local, Refused, Remote},
};

impl Way {
    /// The draft's prices, or a version's, as a file: what it is called, and its bytes.
    pub(super) async fn export(&self, number: Option<i32>, format: Format, locale: &Locale) -> anyhow::Result<(String, Vec<u8>)> {
        match self {
            Self::Remote(remote) => {
                let locale = utf8_percent_encode(&locale.tag, NON_ALPHANUMERIC);
                let (name, bytes) =
                    remote.bytes(&format!("/api/pricebook/{}/export?format={format}&locale={locale}", which(number))).await?;
                Ok((name.unwrap_or_else(|| format!("pricebook.{}", format.extension())), bytes))
            }
            Self::Local(local) => {
                let (name, pricebook) = local.prices(number).await?;
                let bytes = sheet::write(&pricebook, format, locale.marks)?;
                Ok((format!("{name}.{}", format.extension()), bytes))
            }
        }
    }

    /// What replacing the draft's prices by a file's is answered, as the route for it answers.
    pub(super) async fn import_prices(&self, prices: Prices, locale: Option<&Locale>, expected: i64) -> anyhow::Result<Value> {
        let Prices { format, bytes, pricebook } = prices;
        match self {
            Self::Remote(remote) => {
                let locale = locale.map(|locale| utf8_percent_encode(&locale.tag, NON_ALPHANUMERIC));
                let locale = locale.map(|locale| format!("&locale={locale}")).unwrap_or_default();
                let path = format!("/api/pricebook/draft/import?format={format}&expected_revision={expected}{locale}");
                let request = remote.client.post(format!("{}{path}", remote.url)).bearer_auth(&remote.token);
                let request = request.header("content-type", format.media_type()).body(bytes);
                let answer = request.send().await.map_err(|error| unreachable_at(&remote.url, error.without_url()))?;
                let body: Value = answer.json().await.map_err(|_| stranger(&remote.url))?;
                told(body)
            }
            Self::Local(local) => local.import_prices(pricebook, expected).await,
        }
    }

    /// The change note, as `html` or `csv`.
    pub(super) async fn change_note(&self, number: Option<i32>, format: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Remote(remote) => {
                Ok(remote.bytes(&format!("/api/pricebook/{}/impact?format={format}", which(number))).await?.1)
            }
            Self::Local(local) => {
                let (platform, now) = (local.platform()?, local.clock.now());
                let (reader, of) = (platform.clone(), of(number));
                let read = async move |mut conn: Conn| change_note(&mut conn, &reader, of, now).await;
                let note = local.db.platform_read(&platform, read).await?.ok_or_else(|| nothing(number))?;
                if format == "csv" { Ok(note.csv()?) } else { Ok(note.html().into_bytes()) }
            }
        }
    }
}

fn of(number: Option<i32>) -> Of {
    number.map_or(Of::Draft, Of::Version)
}

fn which(number: Option<i32>) -> String {
    number.map_or_else(|| "draft".into(), |number| number.to_string())
}

fn nothing(number: Option<i32>) -> anyhow::Error {
    match number {
        None => anyhow!("there is no draft"),
        Some(number) => anyhow!("there is no version {number}"),
    }
}

fn unreachable_at(url: &str, error: impl Into<anyhow::Error>) -> anyhow::Error {
    // The client's own words would repeat the address.
    let error = error.into();
    anyhow!("{url} cannot be reached: {}", error.root_cause())
}

fn stranger(url: &str) -> anyhow::Error {
    anyhow!("{url} does not answer as a front office does")
}

/// An answer, unless it says why not: every field with its own line, else the whole in one.
fn told(body: Value) -> anyhow::Result<Value> {
    let Some(detail) = body.get("detail").and_then(Value::as_str) else { return Ok(body) };
    let errors = body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let line = |error: &Value| format!("{}: {}", super::text(error, "/path"), super::text(error, "/message"));
    let lines = if errors.is_empty() { vec![detail.to_owned()] } else { errors.iter().map(line).collect() };
    Err(Refused::new(lines).into())
}

/// Why a file is not taken, a line for each flaw.
pub(super) fn flawed(flaws: &[CellFlaw]) -> Refused {
    let line = |flaw: &CellFlaw| format!("{}: found {}; allowed: {}; {}", flaw.path, flaw.found, flaw.allowed, flaw.fix);
    Refused::new(flaws.iter().map(line).collect())
}

impl Remote {
    /// A file: what it is called there, and its bytes.
    async fn bytes(&self, path: &str) -> anyhow::Result<(Option<String>, Vec<u8>)> {
        let answer = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await;
        let answer = answer.map_err(|error| unreachable_at(&self.url, error.without_url()))?;
        if !answer.status().is_success() {
            told(answer.json().await.map_err(|_| stranger(&self.url))?)?;
            return Err(stranger(&self.url));
        }
        let disposition = answer.headers().get("content-disposition").and_then(|value| value.to_str().ok());
        let name = disposition.and_then(|text| text.split_once("filename=\"")).and_then(|(_, rest)| rest.split_once('"'));
        // Wherever a stranger says: the file comes into the working folder.
        let is_plain = |name: &&str| name.starts_with("pricebook") && !name.contains(['/', '\\', ':']);
        let name = name.map(|(name, _)| name).filter(is_plain).map(str::to_owned);
        let bytes = answer.bytes().await.map_err(|error| unreachable_at(&self.url, error.without_url()))?;
        Ok((name, bytes.to_vec()))
    }
}

impl Local {
    fn platform(&self) -> anyhow::Result<Platform> {
        Platform::of(&self.owner).context("the store's owner does not work for the platform")
    }

    /// What a file of the prices is called, and what they are.
    async fn prices(&self, number: Option<i32>) -> anyhow::Result<(String, Pricebook)> {
        let (platform, now) = (self.platform()?, self.clock.now());
        let (reader, of) = (platform.clone(), of(number));
        let read = async move |mut conn: Conn| prices::named(&mut conn, &reader, of, now).await;
        let found = self.db.platform_read(&platform, read).await?;
        found.map(|found| (found.name, found.pricebook)).ok_or_else(|| nothing(number))
    }

    async fn import_prices(&self, pricebook: Pricebook, expected: i64) -> anyhow::Result<Value> {
        let (platform, now) = (self.platform()?, self.clock.now());
        let writer = platform.clone();
        let write = async move |mut conn: Conn| prices::import(&mut conn, &writer, pricebook, expected, now).await;
        match self.db.platform(&platform, write).await? {
            Ok(imported) => Ok(serde_json::to_value(imported)?),
            Err(DraftRefusal::NoDraft) => bail!("there is no draft"),
            Err(DraftRefusal::Stale(draft)) => {
                bail!("somebody changed the draft meanwhile: it is at revision {} now. Nothing was changed", draft.revision)
            }
            Err(DraftRefusal::Frozen(_)) => {
                bail!("the draft was submitted and is frozen: `frontoffice pricebook reopen` first. Nothing was changed")
            }
            Err(refusal) => bail!("the draft was not changed: {refusal:?}"),
        }
    }

    /// The publication log, and every version hashed anew.
    pub(super) async fn publications(&self) -> anyhow::Result<(Vec<LogLine>, BTreeMap<i32, Content>)> {
        let (platform, now) = (self.platform()?, self.clock.now());
        let sight = Sight::Inside(platform.clone());
        let read = async move |mut conn: Conn| {
            let log = pricing::log(&mut conn).await?;
            let (mut versions, mut page) = (Vec::new(), Page::first(100));
            loop {
                let slice = pricing::versions(&mut conn, &sight, page, now).await?;
                page.after = slice.items.last().map(|version| version.number);
                versions.extend(slice.items);
                if !slice.has_next {
                    return Ok((log, versions));
                }
            }
        };
        let (log, versions) = self.db.platform_read(&platform, read).await?;
        let mut contents = BTreeMap::new();
        for version in versions {
            contents.insert(version.number, Content::Hash(rules::content_hash(&rules::canonical(&version.pricebook)?)));
        }
        Ok((log, contents))
    }
}

/// A front office, as far as everybody may look.
pub(super) struct Open {
    client: net::Client,
    url: String,
}

impl Open {
    pub(super) fn at(reach: &Reach) -> anyhow::Result<Self> {
        let url = match &reach.url {
            Some(url) => url.clone(),
            None => Kept::read()?.map(|kept| kept.url).context("say where the front office is: `--url URL`")?,
        };
        let client = net::client().context("no HTTP client can be made")?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned() })
    }

    /// What a path says; `None` if there is nothing.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Option<Value>> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.map_err(|error| unreachable_at(&self.url, error.without_url()))?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.map_err(|_| stranger(&self.url))?;
        if status == 404 { Ok(None) } else { told(body).map(Some) }
    }
}
