//! The first start: the platform's own tenant, its persona, what the assistant may say about the product, the first pricebook, and the
//! platform's owner. Each once, as a whole.

use std::path::PathBuf;

use anyhow::Context;
use frontoffice_api::Origin;
use frontoffice_domain::{
    clock::Instant,
    credit::{self, Subscribed, Terms},
    db::{Conn, Db},
    fault::Fault,
    identity::{self, Password, Passwords},
    knowledge::{self, NewEntry},
    locale::Locale,
    persona::{self, Grounding, NewVersion},
    pricing::{self, Pricebook},
    tenancy::{self, NewTenant, Platform, Scope},
    widget,
};

use crate::{
    private,
    settings::{self, Settings},
};

/// Sets the store up if that has not happened yet.
pub(crate) async fn run(db: &Db, settings: &settings::Platform, now: Instant) -> anyhow::Result<()> {
    let platform = Platform::of_this_process();
    let (this, settings) = (platform.clone(), settings.clone());
    db.platform(&platform, async move |mut conn: Conn| {
        match install(&mut conn, &this, &settings, now).await {
            // Another process was faster; what it set up is what we wanted.
            Err(fault) if fault.rule().is_some() && tenancy::platform_tenant(&mut conn).await?.is_some() => Ok(()),
            other => other,
        }
    })
    .await
    .context("the first set-up failed")
}

async fn install(conn: &mut Conn, platform: &Platform, settings: &settings::Platform, now: Instant) -> Result<(), Fault> {
    // Stores that were set up before there were prices get the first ones now.
    if pricing::log(conn).await?.is_empty() {
        let pricebook: Pricebook = serde_json::from_str(include_str!("seed/pricebook.json"))
            .map_err(|source| Fault::Stored { what: "first pricebook", source })?;
        pricing::publish_first(conn, platform, &pricebook, now).await?;
    }
    if let Some(tenant) = tenancy::platform_tenant(conn).await? {
        // Stores that were set up before there were credits have no account yet.
        return subscribe(conn, &platform.within(&tenant), now).await;
    }
    conn.transaction("setup", async |tx| {
        let new = NewTenant {
            slug: settings.slug.clone(),
            name: settings.name.clone(),
            default_locale: settings.locale,
            public_chat: true,
        };
        let tenant = tenancy::create(tx, platform, &new, now).await?;
        let scope = platform.within(&tenant);
        persona::create_default(tx, &scope, &bob(), now).await?;
        widget::create_first(tx, &scope, now).await?;
        for entry in seed() {
            let id = knowledge::draft(tx, &scope, &entry, now).await?;
            knowledge::approve(tx, &scope, id, None, now).await?;
        }
        subscribe(tx, &scope, now).await?;
        tenancy::install(tx, platform, &tenant, now).await
    })
    .await
}

/// What puts the widget of the platform's own tenant on a website; none before set-up.
pub(crate) async fn script_tag(db: &Db, public_url: &Origin) -> anyhow::Result<Option<String>> {
    let read = async |mut conn: Conn| tenancy::platform_tenant(&mut conn).await;
    let tenant =
        db.platform_read(&Platform::of_this_process(), read).await.context("the platform's own tenant cannot be read")?;
    Ok(tenant.map(|tenant| frontoffice_api::script_tag(public_url, &tenant)))
}

/// The platform pays itself with the largest plan.
async fn subscribe(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<(), Fault> {
    if credit::subscribe(conn, scope, &Terms::Plan(OWN_PLAN.into()), now).await? == Subscribed::NoSuchPlan {
        tracing::warn!(plan = OWN_PLAN, "the prices in force have no such plan, so the platform's own tenant has no credits");
    }
    Ok(())
}

/// The plan of the platform's own tenant.
const OWN_PLAN: &str = "enterprise";

/// The owner's generated password, and how its owner gets to know it.
#[derive(Clone, Debug)]
pub struct FirstPassword {
    /// Whose it is.
    pub email: String,
    /// Where it is.
    pub place: Place,
}

/// Where the first password is.
#[derive(Clone, Debug)]
pub enum Place {
    /// Nowhere yet: to be shown, this once.
    ToBeShown(Password),
    /// In this file, which only its owner may read.
    File(PathBuf),
}

/// What undoes the making of an owner.
#[derive(Debug, thiserror::Error)]
enum OwnerError {
    #[error(transparent)]
    Store(#[from] Fault),
    #[error("the first password cannot be written to {path}")]
    File { path: PathBuf, source: std::io::Error },
}

/// Gives the platform its owner, if it has none: with the password from the settings, or with a generated one, which is told. It is
/// written down before the owner is there, so that no owner is ever there whose password nobody knows.
pub(crate) async fn owner(
    db: &Db,
    settings: &Settings,
    passwords: &Passwords,
    terminal: bool,
    now: Instant,
) -> anyhow::Result<Option<FirstPassword>> {
    let platform = Platform::of_this_process();
    let this = platform.clone();
    let there = db.platform_read(&platform, async move |mut conn: Conn| identity::has_owner(&mut conn, &this).await).await?;
    if there {
        return Ok(None);
    }
    let email = settings.owner.email.clone();
    let (password, file) = match &settings.owner.password {
        Some(password) => (password.clone(), None),
        None => (Password::generate(), (!terminal).then(|| settings.first_password_file())),
    };
    let hash = passwords.hash(&password).await.context("the owner's password cannot be hashed")?;
    let (this, text, path) = (platform.clone(), format!("{}\n", password.reveal()), file.clone());
    let made = db
        .platform(&platform, async move |mut conn: Conn| {
            let made = conn
                .transaction("setup.owner", async |tx| {
                    let made = identity::create_owner(tx, &this, &email, &hash, now).await?;
                    if let Some(path) = path.filter(|_| made) {
                        private::write(&path, &text).map_err(|source| OwnerError::File { path, source })?;
                    }
                    Ok::<_, OwnerError>(made)
                })
                .await;
            Ok(made)
        })
        .await?
        .context("the platform's owner cannot be made")?;
    let generated = made && settings.owner.password.is_none();
    Ok(generated.then(|| FirstPassword {
        email: settings.owner.email.clone(),
        place: file.map_or(Place::ToBeShown(password), Place::File),
    }))
}

fn bob() -> NewVersion {
    NewVersion {
        grounding: Grounding::Strict,
        voice: persona::Voice::default(),
        name: "Bob".into(),
        description: "Answers questions about Frontoffice from approved knowledge.".into(),
        tone: "Friendly, brief and exact.".into(),
        system_prompt: "You are Bob, the assistant of Frontoffice. Answer only from the passages you are given.".into(),
    }
}

/// What is known about the product itself, in every language.
fn seed() -> Vec<NewEntry> {
    let file = |locale| match locale {
        Locale::En => include_str!("seed/knowledge/en.md"),
        Locale::Nl => include_str!("seed/knowledge/nl.md"),
        Locale::De => include_str!("seed/knowledge/de.md"),
        Locale::Es => include_str!("seed/knowledge/es.md"),
        Locale::It => include_str!("seed/knowledge/it.md"),
        Locale::Pl => include_str!("seed/knowledge/pl.md"),
        Locale::PtBr => include_str!("seed/knowledge/pt-BR.md"),
        Locale::Ja => include_str!("seed/knowledge/ja.md"),
        Locale::Fr => include_str!("seed/knowledge/fr.md"),
    };
    Locale::ALL.iter().flat_map(|&locale| entries(file(locale), locale)).collect()
}

/// The entries of a seed file: each begins with `# Title`.
fn entries(file: &str, locale: Locale) -> Vec<NewEntry> {
    file.split("\n# ")
        .filter_map(|part| part.trim_start_matches("# ").split_once('\n'))
        .map(|(title, text)| NewEntry { title: title.trim().into(), text: text.trim().into(), source_url: None, locale })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_same_number_of_things() {
        let seed = seed();
        let count = |locale| seed.iter().filter(|entry| entry.locale == locale).count();
        for &locale in Locale::ALL {
            assert_eq!(count(locale), count(Locale::En), "{locale}");
        }
        assert!(count(Locale::En) >= 10);
        assert!(seed.iter().all(|entry| !entry.title.is_empty() && entry.text.len() > 40));
    }
}
