//! What shells and `man` read is what they can read.

use std::process::{Command, Stdio};

use crate::process::{Folder, density_exporter};

const SUBCOMMANDS: [&str; 7] = [
    "demo",
    "simulate",
    "check-config",
    "schema",
    "metrics",
    "healthcheck",
    "completions",
];

fn printed(arguments: &[&str]) -> String {
    let output = density_exporter().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn is_installed(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

#[test]
fn each_shell_can_read_its_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        for word in SUBCOMMANDS.into_iter().chain(["config.file", "log.level"]) {
            assert!(script.contains(word), "{word} for {shell}");
        }
        // Only bash is on every machine that runs the tests.
        if shell != "bash" && !is_installed(shell) {
            continue;
        }
        let folder = Folder::new();
        let read = Command::new(shell)
            .arg("-n")
            .arg(folder.write("completions", &script))
            .output()
            .unwrap();
        assert!(read.status.success(), "{shell}: {read:?}");
        assert!(read.stderr.is_empty(), "{shell}: {read:?}");
    }
}

/// What bash does when a person types the words of `$1` and presses Tab behind word `$2`.
const COMPLETE: &str = r#"
    source "$0"
    COMP_WORDS=($1) COMP_CWORD=$2
    function=$(complete -p density-exporter | sed 's/.*-F \([^ ]*\).*/\1/')
    $function density-exporter "${COMP_WORDS[$2]}" "${COMP_WORDS[$2-1]}"
    echo "${COMPREPLY[*]}""#;

#[test]
fn bash_completes_subcommands_and_values() {
    let folder = Folder::new();
    let script = folder.write("completions", &printed(&["completions", "bash"]));
    let completed = |words: &str, at: usize| {
        let output = Command::new("bash")
            .args(["-c", COMPLETE])
            .arg(&script)
            .args([words, &at.to_string()])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed("density-exporter check", 1), "check-config");
    assert_eq!(completed("density-exporter --log.format j", 2), "json");
}

#[test]
fn manual_pages_are_there_and_roff_can_read_them() {
    let groff = is_installed("groff");
    let pages = std::iter::once(None).chain(SUBCOMMANDS.into_iter().map(Some));
    for subcommand in pages {
        let mut arguments = vec!["man"];
        arguments.extend(subcommand);
        let page = printed(&arguments);
        let title = match subcommand {
            None => "density-exporter".to_owned(),
            Some(subcommand) => format!("density-exporter-{subcommand}"),
        };
        assert!(page.contains(&format!(".TH {title} 1")), "{page}");
        if !groff {
            continue;
        }
        let folder = Folder::new();
        let read = Command::new("groff")
            .args(["-man", "-ww", "-z", "-Tutf8", "-K", "utf8"])
            .arg(folder.write("page.1", &page))
            .output()
            .unwrap();
        assert!(read.status.success(), "{title}: {read:?}");
        assert_eq!(String::from_utf8_lossy(&read.stderr), "", "{title}");
    }
}

#[test]
fn a_page_that_is_not_there_is_a_mistake() {
    for subcommand in ["nonsense", "man"] {
        let output = density_exporter()
            .args(["man", subcommand])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(64), "{output:?}");
    }
}
