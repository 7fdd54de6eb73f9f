//! The module as a whole: good files, and a file of bad configuration for each mistake.
//!
//! Each file of `testdata/bad` begins with the errors that it must give, after `# error`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Stands where a secret may stand, and must never be seen.
const CANARY: &str = "canary-9f8e7d6c";

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/config/testdata")
        .join(name)
}

fn environment() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("ACME_TOKEN".to_owned(), CANARY.to_owned()),
        ("EMPTY_TOKEN".to_owned(), " ".to_owned()),
        // With a file, these must not matter.
        ("DENSITY_API_URL".to_owned(), "not a URL".to_owned()),
        ("DENSITY_CLIENT_ID".to_owned(), "abc".to_owned()),
    ])
}

fn load(text: &str) -> Result<Config, Errors> {
    from_text("density.yml", text, &environment())
}

fn messages(text: &str) -> Vec<String> {
    match load(text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

const ACME: &str = "organizations: [{ name: acme, auth: { token_env: ACME_TOKEN } }]\n";

#[test]
fn each_bad_file_gives_its_errors() {
    let mut wrong = String::new();
    let mut files = 0;
    for entry in std::fs::read_dir(testdata("bad")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "yml") {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("# error"))
            .collect();
        let errors = from_file(&path, &environment()).err();
        let directory = format!("{}/", testdata("bad").display());
        let found: Vec<String> = errors
            .iter()
            .flat_map(Errors::iter)
            .map(|it| {
                let line = it.to_string();
                assert!(!line.contains(CANARY) && !line.contains('\n'), "{line}");
                assert!(!format!("{it:?}").contains(CANARY));
                let name = path.display().to_string();
                line.strip_prefix(&name).unwrap().replace(&directory, "")
            })
            .collect();
        if expected.is_empty() || found != expected {
            wrong += &format!("{}\n", path.file_name().unwrap().display());
            for line in found {
                wrong += &format!("# error{line}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "these gave other errors:\n{wrong}");
    assert!(files > 50, "only {files} files were found");
}

#[test]
fn the_documented_example_loads() {
    let config = from_file(&testdata("design.yml"), &environment()).unwrap();
    let [acme] = config.organizations.as_slice() else {
        panic!("{config:?}")
    };
    assert_eq!(acme.name, "acme");
    assert_eq!(acme.api_host(), "api.density.io");
    assert_eq!(acme.ca_file, Some(testdata("authority.pem")));
    assert_eq!(acme.spaces.include, ["spc_hq"]);
    assert_eq!(acme.spaces.types, ["building", "floor", "space"]);
    assert!(matches!(
        &acme.auth,
        Auth::ClientCredentials { client_id, client_secret: SecretSource::File(path) }
            if client_id == "abc" && *path == testdata("secret")
    ));
    // The example shows the defaults.
    assert_eq!(config.collectors, CollectorSettings::default());
    assert_eq!(config.budget, Budget::default());
    assert_eq!(config.request, Request::default());
    assert_eq!(config.stale, Stale::default());
}

#[test]
fn every_value_is_read() {
    let config = load(&format!(
        "{ACME}
collectors: {{ spaces: {{ ttl: 1h 30m }}, sensors: {{ enabled: false, ttl: 5m }}, presence: {{ ttl: 2.5 }}, sensor_health: }}
budget: {{ requests_per_second: 20, burst: 200, exceed_documented_limit: true }}
request: {{ timeout: 2500ms, retries: 0, batch_size: 100, max_memory: 64MB }}
stale: {{ max_age: 0 }}"
    ))
    .unwrap();
    let ttl = |collector| config.collectors.ttl(collector);
    assert_eq!(ttl(Collector::Spaces), Some(Duration::from_secs(5400)));
    assert_eq!(ttl(Collector::Sensors), None);
    assert_eq!(ttl(Collector::Presence), Some(Duration::from_millis(2500)));
    assert_eq!(ttl(Collector::SensorHealth), Some(Duration::from_secs(30)));
    assert_eq!(
        config.budget,
        Budget {
            requests_per_second: 20.0,
            burst: 200
        }
    );
    assert_eq!(
        config.request,
        Request {
            timeout: Duration::from_millis(2500),
            retries: 0,
            batch_size: 100,
            max_memory: 64_000_000,
        }
    );
    assert_eq!(config.stale.max_age, Duration::ZERO);
    assert!(!format!("{config:?}").contains(CANARY));
}

#[test]
fn a_section_without_values_has_its_defaults() {
    let config = load(&format!("\u{feff}{ACME}collectors:\nbudget:\n")).unwrap();
    assert_eq!(config.collectors, CollectorSettings::default());
    assert_eq!(config.budget, Budget::default());
}

#[test]
fn plain_http_needs_leave_except_on_this_machine() {
    let organization = |rest: &str| {
        format!("organizations: [{{ name: acme, auth: {{ token_env: ACME_TOKEN }}, {rest} }}]")
    };
    for good in [
        "api_url: http://localhost:8080",
        "api_url: http://127.0.0.2",
        "api_url: 'http://[::1]:80'",
        "api_url: http://api.example, allow_plain_http: true",
    ] {
        assert_eq!(messages(&organization(good)), [""; 0]);
    }
    for bad in [
        "api_url: http://localhost.example",
        "api_url: http://127.0.0.1.example",
        "api_url: http://api.example, allow_plain_http: false",
    ] {
        assert_eq!(messages(&organization(bad)).len(), 1, "{bad}");
    }
}

#[test]
fn an_error_knows_its_place() {
    let errors =
        load("organizations:\n  - name: acme\n    auth: { token_env: NONE }\n").unwrap_err();
    assert_eq!(errors.iter().count(), 1);
    let error = errors.iter().next().unwrap();
    assert_eq!(error.source_name, "density.yml");
    let position = error.position.unwrap();
    assert_eq!((position.line, position.column), (3, 24));
    assert_eq!(error.key, "organizations[0].auth.token_env");
    assert_eq!(
        error.message,
        "the variable NONE is not set; set it or name another"
    );
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let name = file.path().display().to_string();
    let error_for = |bytes: &[u8]| {
        std::fs::write(file.path(), bytes).unwrap();
        from_file(file.path(), &environment())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error_for(b""),
        format!("{name}: configures nothing; write at least organizations, with one entry")
    );
    assert_eq!(
        error_for(b"a: 1\nb: \xff\n"),
        format!("{name}:2: not UTF-8 text; save the file as UTF-8")
    );
    assert_eq!(
        error_for(&vec![b'#'; (1 << 20) + 1]),
        format!("{name}: larger than 1048576 bytes; make it smaller")
    );
    assert_eq!(
        from_file(Path::new("/no/such/density.yml"), &environment())
            .unwrap_err()
            .to_string(),
        "/no/such/density.yml: can't be read: No such file or directory (os error 2); check the \
         path and its permissions"
    );
}

#[test]
fn no_message_repeats_a_misplaced_secret() {
    let good = std::fs::read_to_string(testdata("design.yml")).unwrap();
    // These are repeated when they are wrong: no secret belongs near them.
    let may_repeat = |key: &str| {
        let last = key.rsplit('.').next().unwrap();
        ["ttl", "timeout", "max_memory", "max_age", "ca_file"].contains(&last)
            || last.starts_with("types[")
    };
    let mut refused = 0;
    for text in crate::yaml::misplaced::texts(&good, CANARY) {
        for error in load(&text).err().iter().flatten() {
            refused += 1;
            let repeats = format!("{error} {error:?}").contains(CANARY);
            assert!(!repeats || may_repeat(&error.key), "{error} in {text}");
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn a_small_file_never_becomes_a_large_tree() {
    let mut bomb = String::from("collectors: &a { spaces: { ttl: 10s } }\nbudget: *a\n");
    for level in 'b'..='z' {
        let last = char::from(level as u8 - 1);
        bomb += &format!("{level}: &{level} [*{last}, *{last}]\n");
    }
    assert_eq!(
        messages(&bomb),
        ["density.yml:2: an alias (*name) can't be used here; write the value out"]
    );
    let ids = vec!["a"; 100_000].join(",");
    let many = format!("organizations: [{{ name: acme, spaces: {{ include: [{ids}] }} }}]");
    assert_eq!(
        messages(&many),
        ["density.yml:1: more than 100000 values; make the file smaller"]
    );
    let ids = vec!["a"; 99_900].join(",");
    let fewer = format!(
        "{}, spaces: {{ include: [{ids}] }} }}]",
        ACME.trim_end().trim_end_matches(" }]")
    );
    assert_eq!(messages(&fewer), [""; 0]);
    let deep = format!("? {}{}\n: a\n", "[".repeat(40), "]".repeat(40));
    assert_eq!(
        messages(&deep),
        ["density.yml:1: nested too deeply; the configuration has at most five levels"]
    );
    for piece in [
        "[",
        "- ",
        "? ",
        "{a: ",
        "a:\n",
        "&a ",
        "!a ",
        "\"",
        "[],",
        "a: [a, a]\n",
        "|\n ",
        "'a': ",
        ": ",
        "#\n",
        "- a\n",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        assert!(load(&text).is_err(), "{piece}");
    }
}

proptest! {
    #[test]
    fn no_change_of_a_good_file_panics(
        at: prop::sample::Index,
        removed in 0..4_usize,
        inserted in "[-?:,\\[\\]{}#&*!|>'\"%@` \\n\\ta0.é\u{0}]{0,4}",
    ) {
        let text = std::fs::read_to_string(testdata("design.yml")).unwrap();
        let mut letters: Vec<char> = text.chars().collect();
        let start = at.index(letters.len() - removed);
        letters.splice(start..start + removed, inserted.chars());
        let _ = load(&String::from_iter(letters));
    }

    #[test]
    fn no_text_panics(text in "\\PC*|[-?:,\\[\\]{}#&*!|>'\"%@` \\n\\ta0.]*") {
        let _ = load(&text);
    }

    #[test]
    fn no_value_panics(
        key in "name|api_url|auth|token_env|ttl|burst|timeout|max_memory|include",
        value in "\\PC{0,20}",
    ) {
        let _ = load(&format!("organizations: [{{ {key}: {value} }}]\n"));
        let _ = load(&format!("{ACME}request:\n  {key}: {value:?}\n"));
        let _ = load(&format!("{ACME}collectors:\n  presence: {{ {key}: {value:?} }}\n"));
    }
}
