//! What is configured now, which a reload replaces in one step.

use std::sync::{Arc, PoisonError, RwLock};

use crate::pages::Pages;
use crate::refresh::{Portfolio, Reload};

/// What one configuration comes to.
#[derive(Debug)]
pub(super) struct Configured {
    pub(super) portfolio: Portfolio,
    pub(super) pages: Arc<Pages>,
    pub(super) redacted_config: String,
}

/// What is configured now.
///
/// A page shows one configuration whole. Organizations that remain come under their new rules inside
/// the step that replaces the rest, and whoever makes a page looks at all its organizations between two
/// such steps.
#[derive(Debug)]
pub struct InForce(RwLock<Arc<Configured>>);

impl InForce {
    pub(super) fn new(portfolio: Portfolio, redacted_config: String) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(Configured {
            portfolio,
            pages: Arc::default(),
            redacted_config,
        }))))
    }

    pub(super) fn now(&self) -> Arc<Configured> {
        self.look(Arc::clone)
    }

    /// What `read` finds, while no reload takes place. It must not take long.
    pub(super) fn look<T>(&self, read: impl FnOnce(&Arc<Configured>) -> T) -> T {
        // Nothing panics while it is held.
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts `reload` in force. Only pages of organizations of these names remain. This must be called
    /// aside.
    pub fn replace(&self, reload: Reload, remaining: &[String], redacted_config: String) {
        reload.apply(|portfolio, take_effect| {
            let mut configured = self.0.write().unwrap_or_else(PoisonError::into_inner);
            take_effect();
            let remaining = remaining.iter().map(String::as_str);
            *configured = Arc::new(Configured {
                portfolio,
                pages: Arc::new(configured.pages.after_reload(remaining)),
                redacted_config,
            });
        });
    }
}
