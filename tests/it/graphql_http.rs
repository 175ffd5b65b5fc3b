//! GraphQL over HTTP, the page for trying it, and the schema as it is published.

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Response, Visitor},
    app::Office,
    store::Store,
};

const OWN: &str = "application/graphql-response+json";

/// As it stands in a query string.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

async fn post(visitor: &Visitor, accept: &str, body: Value) -> Response {
    visitor.send(visitor.request(Method::POST, "/graphql").header("accept", accept).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_what_the_specification_says() {
    let office = Office::new(Store::Sqlite).start().await;
    let visitor = office.visitor();
    let fine = json!({"query": "{ __typename }"});
    for (accept, form) in [
        (OWN, OWN),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/graphql-response+json;q=0.9, application/json;q=0.8", OWN),
    ] {
        let response = post(&visitor, accept, fine.clone()).await;
        assert_eq!(
            (response.status.as_u16(), response.header("content-type")),
            (200, format!("{form}; charset=utf-8").as_str()),
            "{accept}"
        );
        assert_eq!(response.body["data"], json!({"__typename": "Query"}));
    }
    post(&visitor, "text/html", fine.clone()).await.assert_problem(406, "not_acceptable");
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_UNKNOWN"),
    ] {
        for (accept, status) in [(OWN, 400), ("application/json", 200)] {
            let response = post(&visitor, accept, json!({"query": query})).await;
            assert_eq!(
                (response.status.as_u16(), &response.body["errors"][0]["extensions"]["code"]),
                (status, &json!(code)),
                "{}",
                response.body
            );
            assert!(response.body.get("data").is_none(), "{}", response.body);
        }
    }
    let partial = post(&visitor, OWN, json!({"query": "{ __typename jobs { nodes { id } } }"})).await;
    assert_eq!((partial.status.as_u16(), &partial.body["data"]), (200, &json!({"__typename": "Query", "jobs": null})));
    let ordered = json!({"query": "{ systemStatus { ready store { ok engine } version } zulu: viewer { id } __typename alpha: pricebookVersion(number: 1) { number id } }"});
    let text = visitor.request(Method::POST, "/graphql").json(&ordered).send().await.unwrap().text().await.unwrap();
    let places: Vec<usize> =
        ["ready", "ok", "engine", "version", "zulu", "__typename", "alpha", "number", "\"id\"", "extensions"]
            .map(|name| text.find(name).unwrap())
            .into();
    assert!(places.is_sorted(), "{text}");
    let named = json!({"query": "query A { __typename } query B { a: __typename }", "operationName": "B", "variables": null, "extensions": {}, "more": 1});
    assert_eq!(post(&visitor, OWN, named).await.body["data"], json!({"a": "Query"}));
    for wrong in [
        json!({}),
        json!({"query": 1}),
        json!({"query": "{ __typename }", "variables": []}),
        json!({"query": "{ __typename }", "variables": "x"}),
        json!({"query": "{ __typename }", "operationName": 1}),
        json!({"query": "{ __typename }", "extensions": 1}),
    ] {
        post(&visitor, OWN, wrong).await.assert_problem(400, "graphql_request_invalid");
    }
    post(&visitor, OWN, json!([{"query": "{ __typename }"}])).await.assert_problem(400, "body_not_json");
    let unknown = post(&visitor, OWN, json!({"query": "query A { __typename }", "operationName": "C"})).await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["errors"][0]["extensions"]["code"]), (400, &json!("OPERATION_UNKNOWN")));
    office.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_read_and_get_only_reads() {
    let office = Office::new(Store::Sqlite).start().await;
    let visitor = office.visitor();
    let text = json!({"query": "{ __typename }"}).to_string();
    let send = async |content_type: Option<&str>| {
        let request = visitor.request(Method::POST, "/graphql").body(text.clone());
        visitor
            .send(match content_type {
                Some(content_type) => request.header("content-type", content_type),
                None => request,
            })
            .await
    };
    for wrong in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=utf-16"),
    ] {
        send(wrong).await.assert_problem(415, "content_type_unsupported");
    }
    for fine in ["application/json", "Application/JSON; Charset=UTF-8"] {
        assert_eq!(send(Some(fine)).await.status, 200, "{fine}");
    }
    let get = async |query: &[(&str, &str)]| {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        visitor.get(&format!("/graphql?{}", query.join("&"))).await
    };
    let read = get(&[
        ("query", "query Q($n: Int!) { pricebookVersion(number: $n) { number } }"),
        ("operationName", "Q"),
        ("variables", "{\"n\": 1}"),
    ])
    .await;
    assert_eq!((read.status.as_u16(), &read.body["data"]), (200, &json!({"pricebookVersion": {"number": 1}})));
    for query in ["mutation { x }", "subscription { x }"] {
        let refused = get(&[("query", query)]).await;
        refused.assert_problem(405, "method_not_allowed");
        assert_eq!(refused.header("allow"), "POST");
    }
    for wrong in [
        &[][..],
        &[("query", "{ __typename }"), ("variables", "[]")],
        &[("query", "{ __typename }"), ("variables", "{")],
        &[("query", "{ __typename }"), ("extensions", "1")],
    ] {
        get(wrong).await.assert_problem(400, "graphql_request_invalid");
    }
    get(&[("query", "{ a }"), ("query", "{ b }")]).await.assert_problem(400, "query_invalid");
    visitor.send(visitor.request(Method::PUT, "/graphql").json(&json!({}))).await.assert_problem(405, "method_not_allowed");
    let large = json!({"query": "{ __typename }", "variables": {"x": "x".repeat(200_000)}});
    post(&visitor, OWN, large).await.assert_problem(413, "body_too_large");
    office.finish().await;
}

/// What GraphiQL asks when it opens.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind } \
    types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } } \
    fragment FullType on __Type { kind name description specifiedByURL fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } \
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } } \
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } \
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_shown_in_development_and_in_production_to_those_who_are_signed_in() {
    let office = Office::new(Store::Sqlite).start().await;
    let shown = post(&office.visitor(), OWN, json!({"query": INTROSPECTION})).await;
    assert_eq!((shown.status.as_u16(), &shown.body["errors"]), (200, &Value::Null), "{}", shown.body);
    let types = shown.body["data"]["__schema"]["types"].as_array().unwrap();
    assert!(types.iter().any(|ty| ty["name"] == "Conversation"));
    office.finish().await;

    let office = Office::new(Store::Sqlite)
        .settings(|settings| settings.public_url = Some("https://front.example".parse().unwrap()))
        .start()
        .await;
    for query in [
        INTROSPECTION,
        "{ __type(name: \"Query\") { name } }",
        "{ ... { ...F } } fragment F on Query { __schema { types { name } } }",
    ] {
        let hidden = post(&office.visitor(), OWN, json!({"query": query})).await;
        assert_eq!(
            (hidden.status.as_u16(), &hidden.body["errors"][0]["extensions"]["code"]),
            (400, &json!("INTROSPECTION_DISABLED")),
            "{}",
            hidden.body
        );
    }
    assert_eq!(post(&office.visitor(), OWN, json!({"query": "{ __typename }"})).await.status, 200);
    let owner = office.owner().await;
    let shown = owner.send(owner.request(Method::POST, "/graphql").json(&json!({"query": INTROSPECTION}))).await;
    assert!(shown.body["data"]["__schema"]["types"].is_array(), "{}", shown.body);
    office.visitor().get("/graphiql").await.assert_problem(404, "not_found");
    office.visitor().get("/graphiql/start.js").await.assert_problem(404, "not_found");
    office.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_trying_is_made_of_our_own_files() {
    let office = Office::new(Store::Sqlite).start().await;
    let visitor = office.visitor();
    let page = visitor.get("/graphiql").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    let html = page.body.as_str().unwrap();
    assert!(!html.contains("://"), "nothing loads from elsewhere");
    let named: Vec<&str> = html.split(['"']).filter(|text| text.starts_with("/graphiql/")).collect();
    assert_eq!(named.len(), 5);
    for file in named {
        let response = visitor.request(Method::GET, file).send().await.unwrap();
        assert_eq!(response.status(), 200, "{file}");
        let (tag, encoding) = (response.headers()["etag"].clone(), response.headers().get("content-encoding").cloned());
        assert!(encoding.is_none_or(|encoding| encoding == "gzip"), "{file}");
        assert!(response.bytes().await.unwrap().len() > 500, "{file}");
        let again = visitor.request(Method::GET, file).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{file}");
    }
    visitor.get("/graphiql/nothing.js").await.assert_problem(404, "not_found");
    office.finish().await;
}

const PUBLISHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/graphql/schema.graphql");

#[test]
fn the_committed_schema_is_the_codes() {
    let sdl = frontoffice_graphql::sdl();
    // `UPDATE=1 cargo test the_committed_schema` writes it anew.
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PUBLISHED, &sdl).unwrap();
    }
    assert!(
        std::fs::read_to_string(PUBLISHED).unwrap_or_default() == sdl,
        "schema.graphql is not what the code says; see the comment here"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let mut bare = Vec::new();
    for definition in parse_schema(frontoffice_graphql::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let ty = ty.node;
        let name = ty.name.node.to_string();
        let mut check = |what: String, described: bool| {
            if !described {
                bare.push(what);
            }
        };
        check(name.clone(), ty.description.is_some());
        let fields = match ty.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Enum(kind) => {
                kind.values
                    .iter()
                    .for_each(|value| check(format!("{name}.{}", value.node.value.node), value.node.description.is_some()));
                continue;
            }
            TypeKind::InputObject(input) => {
                input
                    .fields
                    .iter()
                    .for_each(|field| check(format!("{name}.{}", field.node.name.node), field.node.description.is_some()));
                continue;
            }
            TypeKind::Scalar | TypeKind::Union(_) => continue,
        };
        for field in fields {
            let field = field.node;
            check(format!("{name}.{}", field.name.node), field.description.is_some());
            for argument in field.arguments {
                check(format!("{name}.{}({})", field.name.node, argument.node.name.node), argument.node.description.is_some());
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}
