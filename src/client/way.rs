//! The way to a front office: over HTTP with a token, or straight to its store.

use std::{net::IpAddr, path::Path};

use anyhow::{Context, anyhow, bail};
use frontoffice_domain::{
    audit::Trace,
    bus::Bus,
    clock::Clock,
    db::{Conn, Db, with_causes},
    id::RequestId,
    identity::{self, Accounts, Passwords, SignedIn},
    knowledge::{
        self, Imported,
        document::{self, Document, Format, Upload},
    },
    locale::Locale,
    tenancy::{self, Platform},
};
use frontoffice_graphql::{Ask, Caller, Graph, House};
use frontoffice_worker::net;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{Reach, knowledge::File, session::Kept};
use crate::{app, model, settings::Settings};

/// The way to a front office.
pub(super) enum Way {
    /// Over HTTP.
    Remote(Remote),
    /// Straight to its store.
    Local(Box<Local>),
}

pub(super) struct Remote {
    pub(super) client: net::Client,
    pub(super) url: String,
    pub(super) token: String,
}

pub(super) struct Local {
    pub(super) db: Db,
    pub(super) clock: Clock,
    graph: Graph,
    pub(super) owner: SignedIn,
}

/// Why something was not done: everything that was said, a line each, with the path of the field it is about.
#[derive(Debug, thiserror::Error)]
#[error("{}", .lines.join("\n"))]
pub(super) struct Refused {
    lines: Vec<String>,
    conflict: bool,
}

impl Refused {
    pub(super) fn new(lines: Vec<String>) -> Self {
        Self { lines, conflict: false }
    }

    /// What a payload's `userErrors` say; `None` if there are none.
    fn of(payload: &Value) -> Option<Self> {
        let errors = payload.get("userErrors").and_then(Value::as_array).filter(|errors| !errors.is_empty())?;
        let line = |error: &Value| {
            let message = error.get("message").and_then(Value::as_str).unwrap_or("it was refused");
            let field: Vec<&str> =
                error.get("field").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
            if field.is_empty() { message.to_owned() } else { format!("{}: {message}", field.join(".")) }
        };
        let conflict = errors.iter().any(|error| error.get("code").and_then(Value::as_str) == Some("CONFLICT"));
        Some(Self { lines: errors.iter().map(line).collect(), conflict })
    }

    /// Whether somebody else was faster.
    pub(super) fn is_conflict(&self) -> bool {
        self.conflict
    }

    /// The same, and what to do.
    pub(super) fn and(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }
}

impl Way {
    pub(super) async fn open(reach: &Reach, config: Option<&Path>) -> anyhow::Result<Self> {
        if reach.local {
            return Ok(Self::Local(Box::new(Local::open(config).await?)));
        }
        let kept = Kept::read()?;
        let url = reach.url.clone().or_else(|| kept.as_ref().map(|kept| kept.url.clone()));
        let token = reach.token.clone().or_else(|| kept.filter(|kept| Some(&kept.url) == url.as_ref()).map(|kept| kept.token));
        match (url, token) {
            (Some(url), Some(token)) => {
                let client = net::client().context("no HTTP client can be made")?;
                Ok(Self::Remote(Remote { client, url: url.trim_end_matches('/').to_owned(), token }))
            }
            _ => bail!(
                "nobody is signed in here: run `frontoffice login` first, set FRONTOFFICE_URL and FRONTOFFICE_TOKEN, or add `--local` on the machine the store is on"
            ),
        }
    }

    /// What a document is answered.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = match self {
            Self::Remote(remote) => remote.ask(query, variables).await?,
            Self::Local(local) => local.ask(query, variables).await?,
        };
        if let Some(error) = body.pointer("/errors/0/message").and_then(Value::as_str) {
            bail!("{error}");
        }
        body.get("data").cloned().ok_or_else(|| anyhow!("the answer cannot be read"))
    }

    /// What an import of a file is answered: `imported`, `unchanged` and `skipped`, as the route for it answers.
    pub(super) async fn import(
        &self,
        file: &File,
        bytes: Vec<u8>,
        tenant: Option<&str>,
        locale: Option<Locale>,
    ) -> anyhow::Result<Value> {
        match self {
            Self::Remote(remote) => remote.import(file, bytes, tenant, locale).await,
            Self::Local(local) => local.import(file, bytes, tenant, locale).await,
        }
    }

    /// The tenant that is meant, by its id among all objects: the one that is named, or one's own; none for who works for the platform
    /// and names none.
    pub(super) async fn tenant(&self, slug: Option<&str>) -> anyhow::Result<Option<Value>> {
        let Some(slug) = slug else {
            let data = self.ask("{ viewer { tenant { id } } }", json!({})).await?;
            return Ok(data.pointer("/viewer/tenant/id").cloned());
        };
        let data = self.ask("query($slug: String!) { tenant(slug: $slug) { id } }", json!({"slug": slug})).await?;
        match data.pointer("/tenant/id") {
            Some(id) => Ok(Some(id.clone())),
            None => bail!("there is no tenant `{slug}` that you may know of"),
        }
    }

    /// What a mutation gives back, unless it was refused.
    pub(super) async fn change(&self, name: &str, wanted: &str, input: Value) -> anyhow::Result<Value> {
        let mut letters = name.chars();
        let kind: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let query = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {wanted} userErrors {{ code message field }} }} }}"
        );
        let data = self.ask(&query, json!({"input": input})).await?;
        let payload = data.get(name).cloned().unwrap_or_default();
        match Refused::of(&payload) {
            Some(refused) => Err(refused.into()),
            None => Ok(payload),
        }
    }
}

impl Remote {
    async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}/graphql", self.url)).bearer_auth(&self.token);
        self.answer(request.json(&json!({"query": query, "variables": variables}))).await
    }

    /// What it says, unless it says why not.
    pub(super) async fn answer(&self, request: net::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.send().await.map_err(|error| anyhow!("{} cannot be reached: {}", self.url, error.without_url()))?;
        let body: Value = answer.json().await.map_err(|_| anyhow!("{} does not answer as a front office does", self.url))?;
        match body.get("detail").and_then(Value::as_str) {
            Some(detail) => bail!("{detail}"),
            None => Ok(body),
        }
    }
}

impl Remote {
    async fn import(&self, file: &File, bytes: Vec<u8>, tenant: Option<&str>, locale: Option<Locale>) -> anyhow::Result<Value> {
        let media_type = match file.format {
            Format::Markdown => "text/markdown",
            Format::Html => "text/html",
            Format::Zip => "application/zip",
        };
        let said = [("name", Some(file.name.as_str())), ("business_id", tenant), ("locale", locale.map(Locale::as_str))];
        let said =
            said.iter().filter_map(|(name, value)| Some(format!("{name}={}", utf8_percent_encode((*value)?, NON_ALPHANUMERIC))));
        let url = format!("{}/api/knowledge/import?{}", self.url, said.collect::<Vec<_>>().join("&"));
        let request = self.client.post(url).bearer_auth(&self.token).header("content-type", media_type).body(bytes);
        self.answer(request).await
    }
}

impl Local {
    async fn import(&self, file: &File, bytes: Vec<u8>, tenant: Option<&str>, locale: Option<Locale>) -> anyhow::Result<Value> {
        let now = self.clock.now();
        let entered = tenancy::enter_named(&self.db, &self.owner, tenant.map(str::to_owned), now).await?;
        let (tenant, scope) = entered.context("there is no such tenant")?;
        let fallback = tenant.default_locale;
        let read = document::read(&Upload { format: file.format, name: &file.name, bytes: &bytes, locale, fallback });
        let found = read.map_err(|faults| {
            let said = faults.iter().map(|fault| format!("`{}` {}", fault.file, fault.message)).collect::<Vec<_>>();
            anyhow!("{}", said.join("; "))
        })?;
        let entries: Vec<_> = found.documents.iter().map(|document| document.entry.clone()).collect();
        let writer = scope.clone();
        let write = async move |mut conn| knowledge::import(&mut conn, &writer, &entries, now).await;
        let made = match self.db.write(&scope, write).await? {
            Imported::Done(made) => made,
            Imported::Full { entitled, more } => bail!("{} These would be {more} more.", entitled.sentence()),
        };
        let (mut imported, mut unchanged) = (Vec::new(), Vec::new());
        for (Document { file, entry }, made) in found.documents.iter().zip(made) {
            match made {
                None => unchanged.push(json!({"file": file, "title": entry.title})),
                Some(made) => {
                    let id = frontoffice_graphql::knowledge_entry_id(tenant.public_id.uuid(), made.id.uuid());
                    imported.push(json!({"file": file, "id": id, "title": made.title, "locale": made.locale.as_str()}));
                }
            }
        }
        let skipped = found.skipped.iter().map(|skipped| json!({"file": skipped.file, "reason": skipped.reason}));
        Ok(json!({"imported": imported, "unchanged": unchanged, "skipped": skipped.collect::<Vec<_>>()}))
    }

    async fn open(config: Option<&Path>) -> anyhow::Result<Self> {
        let settings = Settings::load(config)?;
        let clock = Clock::system();
        let cannot = |error| anyhow!("the store cannot be opened ({}): {}", settings.store, with_causes(&error));
        let db = Db::connect(&settings.store, 2, &clock).await.map_err(cannot)?;
        if let Some(step) = Db::missing_steps(&settings.store).await.map_err(cannot)?.first() {
            bail!("the store ({}) lacks the step {step}; run `frontoffice migrate` first", settings.store);
        }
        let key = app::instance_key(&settings)?;
        let platform = Platform::of_this_process();
        let this = platform.clone();
        let owner =
            db.platform_read(&platform, async move |mut conn: Conn| identity::local_owner(&mut conn, &this).await).await?;
        let owner = owner.context("the store has no owner yet; start `frontoffice` once first")?;
        let passwords = Passwords::new(settings.hashes_at_once)?;
        let graph = Graph::new(House {
            db: db.clone(),
            bus: settings.memory.clone().map_or_else(Bus::new, Bus::over),
            clock: clock.clone(),
            key: key.clone(),
            pulse: None,
            model: model::build(&settings)?.name().to_owned(),
            accounts: Accounts { db: db.clone(), key, passwords, lengths: settings.mail.lengths },
            open_sign_up: settings.open_sign_up,
            budgets: model::budgets(&settings),
            models: model::names(&settings),
            key_overlap: settings.widget.key_overlap,
            stop: CancellationToken::new(),
        });
        Ok(Self { db, clock, graph, owner })
    }

    async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let request = RequestId::random();
        let trace = Trace { request: Some(request), ..Trace::default() };
        let variables = if let Value::Object(variables) = variables { variables } else { Map::new() };
        let ask = Ask {
            query: query.to_owned(),
            operation_name: None,
            variables,
            request_id: request.to_string(),
            with_credentials: true,
        };
        let answer = match self.graph.read(ask) {
            Ok(ready) => {
                let caller = Caller {
                    signed_in: Some(SignedIn { trace: trace.clone(), ..self.owner.clone() }),
                    trace,
                    address: IpAddr::from([127, 0, 0, 1]),
                    locale: Locale::En,
                    now: self.clock.now(),
                    open_introspection: true,
                };
                self.graph.answer(ready, caller).await
            }
            Err(refused) => refused,
        };
        Ok(serde_json::from_slice(&answer.body)?)
    }
}
