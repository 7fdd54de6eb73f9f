//! Tells the program which revision and compiler it is built from.

use std::process::Command;

fn main() {
    let revision = std::env::var("DENSITY_EXPORTER_REVISION")
        .ok()
        .or_else(|| first_line("git", &["rev-parse", "--short=12", "HEAD"]));
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = first_line(&rustc, &["--version"]);
    let or_unknown = |it: Option<String>| it.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=BUILD_REVISION={}", or_unknown(revision));
    println!("cargo::rustc-env=BUILD_RUSTC={}", or_unknown(rustc));
    println!("cargo::rerun-if-env-changed=DENSITY_EXPORTER_REVISION");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=.git/HEAD");
    println!("cargo::rerun-if-changed=.git/refs/heads");
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}
