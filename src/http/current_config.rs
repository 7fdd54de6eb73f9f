//! The configuration in use, which a reload replaces in one step.

use std::sync::{Arc, PoisonError, RwLock};

use crate::pages::Pages;
use crate::refresh::{Portfolio, Reload};

/// What one configuration comes to.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) portfolio: Portfolio,
    pub(super) pages: Arc<Pages>,
    pub(super) redacted: String,
}

/// The configuration in use.
///
/// A page shows one configuration whole. Organizations that remain get their new settings inside the
/// step that replaces the rest, and a page takes the snapshots of all its organizations between two
/// such steps.
#[derive(Debug)]
pub struct CurrentConfig(RwLock<Arc<Config>>);

impl CurrentConfig {
    pub(super) fn new(portfolio: Portfolio, redacted: String) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(Config {
            portfolio,
            pages: Arc::default(),
            redacted,
        }))))
    }

    pub(super) fn get(&self) -> Arc<Config> {
        self.read(Arc::clone)
    }

    /// Calls `read` while no reload can happen. It must not take long.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Arc<Config>) -> T) -> T {
        // Nothing panics while the lock is held.
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies `reload`. Only pages of organizations with the names in `remaining` are kept. Blocks, so
    /// it must be called on the blocking pool.
    pub fn replace(&self, reload: Reload, remaining: &[String], redacted: String) {
        reload.apply(|portfolio, take_effect| {
            let mut config = self.0.write().unwrap_or_else(PoisonError::into_inner);
            take_effect();
            let remaining = remaining.iter().map(String::as_str);
            *config = Arc::new(Config {
                portfolio,
                pages: Arc::new(config.pages.after_reload(remaining)),
                redacted,
            });
        });
    }
}
