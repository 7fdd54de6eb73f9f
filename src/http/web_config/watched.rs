//! The file as it is now: read again when it, a certificate, a key or an authority has changed.
//!
//! Looked at when a connection or a request comes, at most once a second and aside from the threads that
//! serve. What can't be used is told in the log once, and what was read before stays.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::clock::{Moment, SharedClock};
use crate::config::Errors;
use crate::config::file::one_error;

use super::seen::Seen;
use super::{WebConfig, file};

/// How long what was seen counts as current.
const CURRENT_FOR: Duration = Duration::from_secs(1);
/// How long a request waits for a look at the files; a disk may hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// The web configuration in force; clones share it.
#[derive(Clone, Debug)]
pub struct WatchedWebConfig(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    current: RwLock<Arc<WebConfig>>,
    file: Option<File>,
    clock: SharedClock,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    /// Held while the files are looked at.
    last: Arc<Mutex<Last>>,
}

#[derive(Debug)]
struct Last {
    looked: Moment,
    seen: Seen,
}

impl WatchedWebConfig {
    /// Reads `path`; without one, plain HTTP for everyone.
    ///
    /// # Errors
    /// Everything that is wrong with the file and those that it names.
    pub fn open(path: Option<&Path>, clock: SharedClock) -> Result<Self, Errors> {
        let (config, file) = match path {
            None => (WebConfig::default(), None),
            Some(path) => {
                let looked = clock.now();
                let (config, seen) = file::read(path);
                let last = Arc::new(Mutex::new(Last { looked, seen }));
                let path = path.to_owned();
                (config?, Some(File { path, last }))
            }
        };
        Ok(Self(Arc::new(Watched {
            current: RwLock::new(Arc::new(config)),
            file,
            clock,
        })))
    }

    /// Whether TLS is served.
    pub fn has_tls(&self) -> bool {
        self.0.current().tls.is_some()
    }

    /// What is in force now.
    pub(in crate::http) async fn now(&self) -> Arc<WebConfig> {
        if let Some(file) = &self.0.file
            // Whoever comes while another looks takes what there is.
            && let Ok(mut last) = file.last.clone().try_lock_owned()
        {
            let now = self.0.clock.now();
            if now.since(last.looked) >= CURRENT_FOR {
                last.looked = now;
                let watched = self.0.clone();
                let look = tokio::task::spawn_blocking(move || watched.look(last));
                // Late or not, there is a configuration.
                let _ = tokio::time::timeout(PATIENCE, look).await;
            }
        }
        self.0.current()
    }
}

impl Watched {
    fn current(&self) -> Arc<WebConfig> {
        let current = self.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads everything again, if something has changed.
    fn look(&self, mut last: OwnedMutexGuard<Last>) {
        let Some(file) = &self.file else { return };
        if last.seen.is_current() {
            return;
        }
        let (config, seen) = file::read(&file.path);
        last.seen = seen;
        let name = file.path.display().to_string();
        match config.and_then(|it| successor(&self.current(), it, &name)) {
            Ok(config) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(config);
                tracing::info!(file = name, "the web configuration was read again");
            }
            Err(errors) => {
                for error in &errors {
                    tracing::error!(
                        %error,
                        "the web configuration has changed and is not good; what was read before stays"
                    );
                }
            }
        }
    }
}

/// `new`, if it may take the place of `old`.
fn successor(old: &WebConfig, new: WebConfig, name: &str) -> Result<WebConfig, Errors> {
    let refuse = |message: &str| Err(one_error(name, None, message.to_owned()));
    let is_empty = |it: &WebConfig| {
        it.tls.is_none() && it.users.is_empty() && it.headers.is_empty() && it.rate.is_none()
    };
    // As a file is for a moment while it is written in place.
    if is_empty(&new) && !is_empty(old) {
        return refuse("configures nothing any more; restart the exporter if that is meant");
    }
    match (old.tls.is_some(), new.tls.is_some()) {
        (true, false) => refuse("has no TLS any more; restart the exporter if that is meant"),
        (false, true) => refuse("has TLS now; restart the exporter to serve it"),
        _ => Ok(new),
    }
}
