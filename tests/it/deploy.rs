//! What is in `deploy/`: read as those read it who run it, and the same programs started the same way, without containers.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use frontoffice::settings::DEFAULTS;
use yaml_rust2::{Yaml, YamlLoader};

use crate::harness::{
    actors::Visitor,
    postgres::{self, Server},
    program::{Program, run},
    redis::Redis,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn compose() -> Yaml {
    YamlLoader::load_from_str(&text("compose.yaml")).expect("compose.yaml is YAML").remove(0)
}

fn strings(yaml: &Yaml) -> Vec<String> {
    yaml.as_vec().into_iter().flatten().map(|item| item.as_str().unwrap().to_owned()).collect()
}

/// What a unit starts, without the program itself.
fn exec_start(unit: &str) -> Vec<String> {
    let text = text(unit);
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/frontoffice ")).expect(unit);
    line.split_whitespace().map(str::to_owned).collect()
}

/// Every name in a text that looks like a setting of ours in the environment.
fn variables(text: &str) -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !plain(c)).filter(|word| word.starts_with("FRONTOFFICE_")).map(str::to_owned).collect()
}

#[test]
fn every_setting_that_is_named_there_is_one() {
    let settings: toml_names::Names = toml_names::of(DEFAULTS);
    // The image's tag is the only name of that kind that is none of the program's.
    let others = BTreeSet::from(["FRONTOFFICE_TAG".to_owned()]);
    let mut named = 0;
    for file in [
        "Dockerfile",
        "README.md",
        "compose.env.example",
        "compose.yaml",
        "systemd/frontoffice-api@.service",
        "systemd/frontoffice-worker@.service",
        "systemd/frontoffice-migrate.service",
        "systemd/frontoffice.env.example",
        "systemd/migrate.env.example",
    ] {
        for variable in variables(&text(file)).difference(&others) {
            assert!(settings.contains(variable), "{file} names {variable}, which is no setting");
            named += 1;
        }
    }
    assert!(named > 20, "they name settings: {named}");
}

/// The names of all settings as the environment says them.
mod toml_names {
    use std::collections::BTreeSet;

    pub(super) type Names = BTreeSet<String>;

    pub(super) fn of(defaults: &str) -> Names {
        let (mut section, mut names) = (String::new(), Names::new());
        for line in defaults.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = format!("{}__", name.to_ascii_uppercase());
            } else if let Some((name, _)) = line.split_once(" = ").filter(|(name, _)| !name.starts_with('#')) {
                names.insert(format!("FRONTOFFICE_{section}{}", name.to_ascii_uppercase()));
            }
        }
        names
    }
}

#[test]
fn the_image_holds_the_program_alone_and_nobody_is_root_in_it() {
    let dockerfile = text("Dockerfile");
    let line = |word: &str| {
        let found: Vec<&str> = dockerfile.lines().filter_map(|line| line.strip_prefix(word)).map(str::trim).collect();
        assert_eq!(found.len(), 1, "one {word}: {found:?}");
        found[0].to_owned()
    };
    assert_eq!(line("ENTRYPOINT"), "[\"frontoffice\"]");
    assert_eq!(line("CMD"), "[\"serve\"]");
    assert_eq!(line("USER"), "10001:10001");
    assert_eq!(line("STOPSIGNAL"), "SIGTERM");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(dockerfile.contains(&format!("FROM rust:{rust}-slim-")), "it builds with {rust}");
    // What is sent to be built is what the build needs, and no more.
    let sent: Vec<String> =
        text("Dockerfile.dockerignore").lines().filter_map(|line| line.strip_prefix('!').map(str::to_owned)).collect();
    for needed in ["Cargo.toml", "Cargo.lock", "src", "api", "schema", "worker", "migrations"] {
        assert!(sent.iter().any(|name| name.trim_start_matches('/') == needed), "{needed} is sent: {sent:?}");
    }
    for name in &sent {
        assert!(folder().parent().unwrap().join(name.trim_start_matches('/')).exists(), "{name} is there");
    }
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let copies = tempfile::tempdir().unwrap();
    let mut units = Vec::new();
    for (unit, instance) in [
        ("frontoffice-api@.service", "frontoffice-api@8081.service"),
        ("frontoffice-worker@.service", "frontoffice-worker@8091.service"),
        ("frontoffice-migrate.service", "frontoffice-migrate.service"),
    ] {
        // The program must be where the unit says, so the copy says where it is.
        let copy = text(&format!("systemd/{unit}")).replace("/usr/local/bin/frontoffice", env!("CARGO_BIN_EXE_frontoffice"));
        std::fs::write(copies.path().join(unit), copy).unwrap();
        units.push(copies.path().join(instance));
    }
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .arg("--man=no")
        .args(&units)
        .output()
        .expect("systemd-analyze must be installed; ./tests/run does that");
    let said = String::from_utf8_lossy(&verified.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("frontoffice")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{said}");
}

/// A database as `roles.sql` makes it; its URLs for who owns the schema and for the app.
fn roles(server: &Server) -> (String, String) {
    let admin = server.url("postgres");
    let psql = |arguments: &[&str]| {
        let done = Command::new(postgres::binaries().join("psql"))
            .args(["-X", "-q", "-d", &admin])
            .args(arguments)
            .env("SCHEMA_ROLE_PASSWORD", "schema-4711")
            .env("APP_ROLE_PASSWORD", "app-4712")
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    let file = folder().join("postgres/roles.sql");
    for _ in 0..2 {
        psql(&["-f", file.to_str().unwrap()]);
    }
    let as_role = |role: &str, password: &str| admin.replace("postgres@", &format!("{role}:{password}@"));
    (as_role("frontoffice_schema", "schema-4711"), as_role("frontoffice_app", "app-4712"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_containers_and_units_start_works_with_the_rights_it_is_given() {
    let (server, redis) = tokio::task::spawn_blocking(|| (Server::start(true), Redis::start())).await.unwrap();
    let (schema, app) = roles(&server);
    let services = &compose()["services"];
    let command = |service: &str, unit: &str| {
        let command = strings(&services[service]["command"]);
        assert_eq!(command, exec_start(unit), "{service}: compose and systemd start the same");
        command
    };
    let (migrate, api, worker) = (
        command("migrate", "systemd/frontoffice-migrate.service"),
        command("api", "systemd/frontoffice-api@.service"),
        command("worker", "systemd/frontoffice-worker@.service"),
    );
    let (files, redis_url) = (tempfile::tempdir().unwrap(), redis.url());
    let environment = [
        ("DATABASE_URL", app.as_str()),
        ("REDIS_URL", redis_url.as_str()),
        ("FRONTOFFICE_LISTEN", "127.0.0.1:0"),
        ("FRONTOFFICE_SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="),
        ("FRONTOFFICE_OWNER_PASSWORD", "an owner's own words"),
    ];
    let words = |command: &[String]| command.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    let refused = run(files.path(), &environment, &[&words(&migrate)]).await;
    assert!(!refused.status.success(), "the app may not change the schema");
    let refused = run(files.path(), &environment, &[&words(&api)]).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("frontoffice migrate"), "{refused:?}");
    let migrated = run(files.path(), &[("DATABASE_URL", &schema)], &[&words(&migrate)]).await;
    assert!(migrated.status.success(), "{migrated:?}");
    let api = Program::start_as(files.path(), &environment, &[&words(&api)]).await;
    let worker = Program::start_as(files.path(), &environment, &[&words(&worker)]).await;
    let visitor = Visitor::at(api.base.clone());
    assert_eq!(visitor.say("Where is the data stored?").await.text("status"), "answered");
    assert_eq!(visitor.get("/readyz").await.status, 200);
    let doctor = run(files.path(), &environment, &["doctor", "--invariants"]).await;
    assert!(doctor.status.success(), "{doctor:?}");
    for program in [api, worker] {
        program.signal("TERM");
        let (status, log) = program.end().await;
        assert!(status.success(), "{log}");
    }
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 0, "they write no file, as a read-only container wants it");
}
