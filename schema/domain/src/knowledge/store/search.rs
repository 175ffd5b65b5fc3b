//! Looking for what answers.

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use futures_util::{future::try_join_all, try_join};

use crate::{
    clock::Instant,
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::TenantId,
    identity::Permission,
    knowledge::{
        model::{Explained, Found, Passage, Question},
        rules,
        terms::terms,
    },
    locale::Locale,
    pricing, run,
    tenancy::{self, Scope},
};

/// How many passages an engine may propose.
const CANDIDATES: i32 = 50;

/// The approved passages that answer a question, best first; none if nothing approved does.
///
/// Looks in every language the question may be in, and in the tenant's own. What is in force of the pricebook is knowledge of the
/// platform's tenant, so what the assistant says of prices is never out of date.
///
/// # Errors
/// If the store fails.
pub async fn search(
    conn: &mut Conn,
    scope: &Scope,
    question: &Question,
    fallback: Locale,
    now: Instant,
) -> Result<Vec<Found>, Fault> {
    scope.require(Permission::ChatAnswer)?;
    Ok(rules::rank(question, &proposed(conn, scope, question, fallback, now).await?))
}

/// Every passage that may answer a question, with the reasons for its score, best first.
///
/// # Errors
/// If the store fails.
pub async fn explain(
    conn: &mut Conn,
    scope: &Scope,
    text: &str,
    locale: Locale,
    fallback: Locale,
    now: Instant,
) -> Result<Vec<Explained>, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    let question = Question { messages: vec![text.to_owned()], locale };
    Ok(rules::explain(text, locale, &proposed(conn, scope, &question, fallback, now).await?))
}

/// What may answer a question, in every language it may be in.
async fn proposed(
    conn: &mut Conn,
    scope: &Scope,
    question: &Question,
    fallback: Locale,
    now: Instant,
) -> Result<Vec<Passage>, Fault> {
    let languages = rules::languages(question, fallback);
    let shared: &Conn = conn;
    let approved = try_join_all(languages.iter().map(async |locale| {
        let wanted = rules::wanted(question, *locale);
        if wanted.is_empty() { Ok(Vec::new()) } else { propose(&mut shared.beside(), scope.tenant(), &wanted, *locale).await }
    }));
    let mut beside = shared.beside();
    let (approved, platform) = try_join!(approved, tenancy::platform_tenant(&mut beside))?;
    let is_platform = platform.is_some_and(|platform| platform.id == scope.tenant());
    let prices = if is_platform { pricing::resolve(conn, now).await? } else { None };
    let mut proposed = Vec::new();
    for (locale, approved) in languages.into_iter().zip(approved) {
        proposed.extend(approved);
        if let Some(version) = &prices {
            proposed.extend(pricing::entries(&version.pricebook, locale).into_iter().map(|entry| priced(entry, locale)));
        }
    }
    Ok(proposed)
}

/// An entry of the pricebook, as if it had been proposed.
fn priced((title, text): (String, String), locale: Locale) -> Passage {
    let mut indexed = vec![String::new()];
    indexed.extend(terms(&title, locale));
    indexed.extend(terms(&text, locale));
    let source_url = Some("/api/pricebook".to_owned());
    Passage { entry_id: uuid::Uuid::nil().into(), title, source_url, locale, text, terms: indexed.join(" ") }
}

/// The engine's proposals: passages that have any of the terms, or words that begin with one. Both variants of the query promise
/// the same: at most [`CANDIDATES`], of this tenant, approved, in this language.
async fn propose(conn: &mut Conn, tenant: TenantId, wanted: &[String], locale: Locale) -> Result<Vec<Passage>, Fault> {
    const SELECT: &str = "SELECT e.id AS entry_id, e.title, e.source_url, e.locale, p.text, p.terms FROM passages p \
        JOIN knowledge_entries e ON e.tenant_id = p.tenant_id AND e.id = p.entry_id";
    let own = tenant_term(tenant);
    // Terms are letters and digits only, so quoting them is all it takes in either query language.
    let (text, query) = if conn.is_postgres() {
        let any: Vec<String> = wanted.iter().map(|term| format!("'{term}':*")).collect();
        let text = format!(
            "{SELECT} WHERE p.tenant_id = $1 AND e.state = 'APPROVED' AND e.locale = $2 \
             AND array_to_tsvector(string_to_array(p.terms, ' ')) @@ $3::tsquery \
             ORDER BY ts_rank(array_to_tsvector(string_to_array(p.terms, ' ')), $3::tsquery) DESC, p.number LIMIT {CANDIDATES}"
        );
        (text, format!("'{own}' & ({})", any.join(" | ")))
    } else {
        let any: Vec<String> = wanted.iter().map(|term| format!("\"{term}\"*")).collect();
        let text = format!(
            "{SELECT} JOIN passage_search s ON s.rowid = p.number WHERE p.tenant_id = ?1 AND e.state = 'APPROVED' AND e.locale = ?2 \
             AND s.terms MATCH ?3 ORDER BY s.rank, p.number LIMIT {CANDIDATES}"
        );
        (text, format!("\"{own}\" AND ({})", any.join(" OR ")))
    };
    Ok(run!(conn, |c| {
        diesel::sql_query(&text).bind::<sql::Id, _>(tenant).bind::<Text, _>(locale).bind::<Text, _>(&query).prepared().load(c)
    })?)
}

/// The term that every passage of a tenant has and no other tenant's: no word is 33 letters of hexadecimal.
pub(super) fn tenant_term(tenant: TenantId) -> String {
    format!("t{}", tenant.uuid().simple())
}
