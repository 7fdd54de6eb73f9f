//! One refresh under way: many wait for it, and it always ends.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::Collector;

use super::Organization;

/// A refresh under way, as those see it who wait for it.
#[derive(Clone, Debug)]
pub(super) struct Flight(watch::Receiver<()>);

impl Flight {
    /// Waits until it has ended, in whatever way.
    pub(super) async fn ended(mut self) {
        // Nothing is ever sent: it fails when the other end is dropped, and that is the end.
        while self.0.changed().await.is_ok() {}
    }
}

/// A refresh under way, as the one sees it who flies it. Dropped, however that comes about, it has
/// ended.
#[derive(Debug)]
pub(super) struct Pilot {
    organization: Arc<Organization>,
    collector: Collector,
    /// Held until after the end is noted, so that whoever waits finds it noted.
    _end: watch::Sender<()>,
}

impl Pilot {
    /// A refresh of `collector`, and how to wait for it.
    pub(super) fn take_off(
        organization: Arc<Organization>,
        collector: Collector,
    ) -> (Self, Flight) {
        let (end, ended) = watch::channel(());
        let pilot = Self {
            organization,
            collector,
            _end: end,
        };
        (pilot, Flight(ended))
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.organization.ended(self.collector);
    }
}
