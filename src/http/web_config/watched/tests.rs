//! Changes of a file, at times that the test sets.

use tempfile::TempDir;

use super::*;
use crate::clock::{RuntimeClock, SystemClock};
use crate::http::web_config::tests::{self, HASH};

/// A file that is watched, at a time that the test sets.
struct Watching {
    folder: TempDir,
    watched: WatchedWebConfig,
}

impl Watching {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["server.pem", "server.key", "authority.pem", "other.key"] {
            std::fs::copy(tests::folder().join(name), folder.path().join(name)).unwrap();
        }
        let file = folder.path().join("web.yml");
        std::fs::write(&file, text).unwrap();
        let clock = RuntimeClock::starting_at(std::time::SystemTime::UNIX_EPOCH);
        let watched = WatchedWebConfig::open(Some(&file), clock).unwrap();
        Self { folder, watched }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// What is current after a second.
    async fn now(&self) -> Arc<WebConfig> {
        tokio::time::advance(Duration::from_secs(1)).await;
        self.watched.now().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_after_a_second_and_a_bad_one_changes_nothing() {
    let watching = Watching::new("http_server_config: { headers: { X-Frame-Options: deny } }");
    let before = watching.now().await;
    assert_eq!(before.headers.len(), 1);
    assert!(Arc::ptr_eq(&before, &watching.now().await));
    watching.write("web.yml", &format!("basic_auth_users: {{ alice: {HASH} }}"));
    assert!(Arc::ptr_eq(&before, &watching.watched.now().await));
    let users = watching.now().await;
    assert!(!users.users.is_empty());
    for bad in [
        "basic_auth_users: { alice: secret }",
        "basic_auth_users: {",
        "",
        "{}",
        "tls_server_config: { cert_file: server.pem, key_file: server.key }",
    ] {
        watching.write("web.yml", bad);
        assert!(Arc::ptr_eq(&users, &watching.now().await), "{bad:?}");
    }
    std::fs::remove_file(watching.folder.path().join("web.yml")).unwrap();
    assert!(Arc::ptr_eq(&users, &watching.now().await));
    watching.write("web.yml", "rate_limit: { interval: 1s, burst: 1 }");
    assert!(watching.now().await.rate.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_certificate_and_its_key_change_together() {
    let text = "tls_server_config: { cert_file: server.pem, key_file: server.key }";
    let watching = Watching::new(text);
    let before = watching.now().await;
    let key = std::fs::read_to_string(watching.folder.path().join("server.key")).unwrap();
    let other = std::fs::read_to_string(watching.folder.path().join("other.key")).unwrap();
    watching.write("server.key", &other);
    assert!(Arc::ptr_eq(&before, &watching.now().await));
    watching.write("server.key", &key);
    let after = watching.now().await;
    assert!(!Arc::ptr_eq(&before, &after) && after.tls.is_some());
    // TLS is not turned off by the way.
    watching.write("web.yml", &format!("basic_auth_users: {{ alice: {HASH} }}"));
    assert!(Arc::ptr_eq(&after, &watching.now().await));
}

#[test]
fn a_file_that_is_missing_is_told() {
    let error = WatchedWebConfig::open(Some(Path::new("/no/web.yml")), SystemClock::shared());
    assert_eq!(
        error.unwrap_err().to_string(),
        "/no/web.yml: can't be read: No such file or directory (os error 2); check the path and its \
         permissions"
    );
}
