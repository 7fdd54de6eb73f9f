//! The file as it is now: read again when it, a certificate, a key or an authority has changed.
//!
//! Looked at when a connection or a request comes, at most once a second, on the blocking pool.
//! What can't be used is logged once, and what was read before stays current.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::clock::{Instant, SharedClock};
use crate::config::Errors;
use crate::yaml::error::Diagnostics;

use super::sources::Sources;
use super::{WebConfig, file};

#[cfg(test)]
mod tests;

/// How long what was seen counts as current.
const CURRENT_FOR: Duration = Duration::from_secs(1);
/// How long a request waits for a look at the files; a disk may hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long what is not good may go on changing before it is read again.
const SETTLING: Duration = Duration::from_millis(100);
/// How often it is read again. All of it ends before [`PATIENCE`] does.
const MOST_READS: usize = 4;

/// The current web configuration; clones share it.
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
    looked: Instant,
    sources: Sources,
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
                let (config, sources) = file::read(path);
                let last = Arc::new(Mutex::new(Last { looked, sources }));
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

    /// Whether not every request is answered.
    pub(in crate::http) fn has_users_or_rate(&self) -> bool {
        let current = self.0.current();
        !current.users.is_empty() || current.rate.is_some()
    }

    /// The current web configuration.
    pub(in crate::http) async fn now(&self) -> Arc<WebConfig> {
        if let Some(file) = &self.0.file
            // While another request looks at the files, the cached one is used.
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
        if last.sources.is_current() {
            return;
        }
        let name = file.path.display().to_string();
        let old = self.current();
        let config = read_settled(&file.path, &mut last.sources, |new| {
            successor(&old, new, &name)
        });
        match config {
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

/// Reads the file, and again if it is not good and still changes: between the writing of a certificate
/// and of its key neither belongs to the other, and a file that is written in place is empty at first.
fn read_settled(
    path: &Path,
    last: &mut Sources,
    check: impl Fn(WebConfig) -> Result<WebConfig, Errors>,
) -> Result<WebConfig, Errors> {
    let mut reads = 1usize;
    loop {
        let (config, sources) = file::read(path);
        *last = sources;
        let config = config.and_then(&check);
        if config.is_ok() || reads == MOST_READS {
            return config;
        }
        std::thread::sleep(SETTLING);
        if last.is_current() {
            return config;
        }
        reads = reads.saturating_add(1);
    }
}

/// `new`, if it may take the place of `old`.
fn successor(old: &WebConfig, new: WebConfig, name: &str) -> Result<WebConfig, Errors> {
    let refuse = |key: &str, message: &str| {
        let mut diagnostics = Diagnostics::of(name);
        diagnostics.add(None, key, message);
        Err(diagnostics.into_errors())
    };
    let is_empty = |it: &WebConfig| {
        it.tls.is_none() && it.users.is_empty() && it.headers.is_empty() && it.rate.is_none()
    };
    // So it is while a file is written in place.
    if is_empty(&new) && !is_empty(old) {
        let message = "configures nothing any more; restart the exporter if that is meant";
        return refuse("", message);
    }
    match (old.tls.is_some(), new.tls.is_some()) {
        (true, false) => refuse(
            "tls_server_config",
            "is not there any more; restart the exporter if that is meant",
        ),
        (false, true) => refuse(
            "tls_server_config",
            "was not there before; restart the exporter to serve TLS",
        ),
        _ => Ok(new),
    }
}
