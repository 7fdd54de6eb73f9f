//! One refresh under way: many wait for it, and it always ends.

use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Moment;
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

/// A refresh under way, as the one sees it who flies it. Dropped, it has ended: an end without a
/// landing, by a panic say, counts as a failure.
#[derive(Debug)]
pub(super) struct Pilot {
    organization: Arc<Organization>,
    collector: Collector,
    began_at: Moment,
    landed: bool,
    /// Held until after the end is noted, so that whoever waits finds it noted.
    _end: watch::Sender<()>,
}

impl Pilot {
    /// A refresh of `collector` that begins at `began_at`, and how to wait for it.
    pub(super) fn take_off(
        organization: Arc<Organization>,
        collector: Collector,
        began_at: Moment,
    ) -> (Pilot, Flight) {
        let (end, ended) = watch::channel(());
        let pilot = Pilot {
            organization,
            collector,
            began_at,
            landed: false,
            _end: end,
        };
        (pilot, Flight(ended))
    }

    /// When it began.
    pub(super) fn began_at(&self) -> Moment {
        self.began_at
    }

    /// Its result has been noted.
    pub(super) fn landed(mut self) {
        self.landed = true;
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        if !self.landed {
            self.organization.lost(self.collector, self.began_at);
        }
        self.organization.ended(self.collector);
    }
}
