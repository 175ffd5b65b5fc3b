//! Laws of the house that no compiler holds: they are read off the manifests and the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};
use frontoffice_domain::identity::{Caller, InstanceKey, Permission, StaffRole, rules};

/// The folders whose code ends up in the program.
const SOURCES: &[&str] = &["api/src", "schema", "src", "worker/src"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of ours, without its tests.
struct Source {
    /// From the root of the repository, with `/`.
    path: String,
    code: String,
}

/// Every Rust file under these folders, without comments and unit tests, in order of path.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut files);
    }
    files.sort();
    assert!(!files.is_empty(), "no Rust files under {folders:?}");
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let path = file.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, code: lines.join("\n") }
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What each package of the workspace needs outside its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let of = |package: &cargo_metadata::Package| -> BTreeSet<String> {
        package
            .dependencies
            .iter()
            .filter(|needed| needed.kind == DependencyKind::Normal)
            .map(|needed| needed.name.clone())
            .collect()
    };
    metadata.packages.iter().map(|package| (package.name.to_string(), of(package))).collect()
}

#[test]
fn rooms_open_only_the_right_doors() {
    let dependencies = dependencies();
    let closed: &[(&str, &[&str])] = &[
        (
            "frontoffice-domain",
            &[
                "apalis",
                "apalis-core",
                "async-graphql",
                "axum",
                "frontoffice",
                "frontoffice-api",
                "frontoffice-graphql",
                "frontoffice-worker",
                "reqwest",
            ],
        ),
        ("frontoffice-api", &["apalis", "apalis-core", "diesel", "diesel-async", "frontoffice", "frontoffice-worker"]),
        (
            "frontoffice-graphql",
            &[
                "apalis",
                "apalis-core",
                "axum",
                "diesel",
                "diesel-async",
                "frontoffice",
                "frontoffice-api",
                "frontoffice-worker",
                "reqwest",
            ],
        ),
        (
            "frontoffice-worker",
            &["async-graphql", "frontoffice-graphql", "axum", "diesel", "diesel-async", "frontoffice", "frontoffice-api"],
        ),
    ];
    for (package, doors) in closed {
        for door in *doors {
            assert!(!dependencies[*package].contains(*door), "{package} must not depend on {door}");
        }
    }
    let with = |needed: &[&str]| -> Vec<&str> {
        let all = dependencies.iter().filter(|(_, its)| needed.iter().all(|name| its.contains(*name)));
        all.map(|(package, _)| package.as_str()).collect()
    };
    assert_eq!(with(&["frontoffice-api", "frontoffice-worker"]), ["frontoffice"], "only the program knows both sides");
    assert_eq!(with(&["anyhow"]), ["frontoffice"], "an error without a type is for the program's user only");
}

#[test]
fn rules_are_pure() {
    let is_one = |path: &str| path.ends_with("/rules.rs") || path.contains("/rules/");
    let rules: Vec<Source> = sources(&["schema"]).into_iter().filter(|source| is_one(&source.path)).collect();
    assert!(!rules.is_empty(), "no rules under schema");
    for Source { path, code } in rules {
        for effect in [".await", "diesel::", "Utc::now", "SystemTime::now", "Instant::now", "tracing::"] {
            assert!(!code.contains(effect), "{path} has `{effect}`");
        }
    }
}

/// An act: a public function that somebody's authority is handed to.
struct Act {
    /// `file: name`
    name: String,
    first_statement: String,
}

/// The files that have acts.
fn act_files() -> Vec<Source> {
    let is_one = |path: &str| {
        path.ends_with("/store.rs")
            || path.contains("/store/")
            || path.ends_with("/chat/view.rs")
            || path.ends_with("/chat/behind.rs")
    };
    sources(&["schema/domain/src"]).into_iter().filter(|source| is_one(&source.path)).collect()
}

fn acts() -> Vec<Act> {
    let mut acts = Vec::new();
    for Source { path, code } in act_files() {
        for text in code.split("pub async fn ").skip(1) {
            let (signature, body) = text.split_once('{').unwrap();
            if signature.contains("&Scope") {
                let name = signature.split(['(', '<']).next().unwrap();
                let first_statement = body.split(';').next().unwrap().trim().to_owned();
                acts.push(Act { name: format!("{}: {name}", path.trim_start_matches("schema/domain/src/")), first_statement });
            }
        }
    }
    acts
}

/// Acts that ask for no permission.
const UNASKED: &[(&str, &str)] = &[
    ("job/store.rs: enqueue", "part of the transaction of another act, which has required a permission of its own"),
    ("tenancy/store/read.rs: on_trial", "who was let into a tenant may know what it is"),
];

#[test]
fn every_act_requires_its_permission_first() {
    let acts = acts();
    let requires = |act: &&Act| act.first_statement.contains("scope.require(Permission::");
    let unasked: Vec<&str> = acts.iter().filter(|act| !requires(act)).map(|act| act.name.as_str()).collect();
    let allowed: Vec<&str> = UNASKED.iter().map(|(name, _)| *name).collect();
    assert_eq!(unasked, allowed, "the acts that require nothing first, then those that may");
    assert!(acts.len() > allowed.len(), "no acts were found");
}

/// Permissions that roles and keys can have already, and that no act requires yet. This list may only become shorter.
const WAITING: &[Permission] = &[Permission::WebhookManage];

#[test]
fn every_permission_an_act_requires_is_granted_to_somebody_and_every_permission_is_required() {
    let mut required = BTreeSet::new();
    for Source { path, code } in act_files() {
        for text in code.split(".require(").skip(1) {
            let permission = text
                .strip_prefix("Permission::")
                .unwrap_or_else(|| panic!("{path}: a permission must stand where it is required"));
            required.insert(permission.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned());
        }
    }
    let every: BTreeSet<String> = Permission::ALL.iter().map(|permission| format!("{permission:?}")).collect();
    let waiting: BTreeSet<String> = WAITING.iter().map(|permission| format!("{permission:?}")).collect();
    assert_eq!(
        required.intersection(&waiting).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "required now, so strike it off the list"
    );
    assert_eq!(&required | &waiting, every, "the permissions required or waited for, then those there are");
    let callers = [Caller::Job, Caller::Platform, Caller::PublicVisitor(InstanceKey::generate().visitor_at("a", "b").0)];
    for permission in Permission::ALL {
        let staff = StaffRole::ALL.iter().any(|role| rules::staff_may(*role, *permission));
        assert!(staff || callers.iter().any(|caller| rules::permits(caller, *permission)), "nobody has {permission}");
    }
}

#[test]
fn the_documented_problem_codes_are_the_ones_used() {
    let mut used = BTreeSet::new();
    for Source { path, code } in sources(&["api/src"]) {
        let mut made: Vec<&str> = code.split("Problem::new(").skip(1).collect();
        // Where problems are made of other things they are called by their own name.
        if path.ends_with("/problem.rs") {
            made.extend(code.split("Self::new(").skip(1));
        }
        for text in made {
            let literal = text.trim_start().strip_prefix('"').and_then(|text| text.split_once('"'));
            let (code, _) = literal.unwrap_or_else(|| panic!("{path}: a problem's code must stand where the problem is made"));
            used.insert(code.to_owned());
        }
    }
    let documented: BTreeSet<String> = frontoffice_api::CODES.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert_eq!(used, documented, "the codes used, then those documented");
    assert_eq!(documented.len(), frontoffice_api::CODES.len(), "no code is documented twice");
}

#[test]
fn only_one_place_makes_time_and_ids() {
    let homes: &[(&str, &[&str])] = &[
        ("schema/domain/src/clock.rs", &["Utc::now(", "Local::now(", "SystemTime::now("]),
        ("schema/domain/src/id.rs", &["Uuid::new_v4(", "Uuid::now_v7(", "Uuid::new_v7("]),
    ];
    let sources = sources(SOURCES);
    for (home, makers) in homes {
        assert!(sources.iter().any(|source| source.path == *home), "{home} has moved");
        for Source { path, code } in sources.iter().filter(|source| source.path != *home) {
            for maker in *makers {
                assert!(!code.contains(maker), "{path} has `{maker}…)`; only {home} may");
            }
        }
    }
}
