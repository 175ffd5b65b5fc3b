//! Rebuilds when what is embedded changes: migrations and words.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
    println!("cargo::rerun-if-changed=words");
}
