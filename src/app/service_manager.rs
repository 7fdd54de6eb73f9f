//! Notifies systemd of the program's state, when systemd started it.

use sd_notify::NotifyState;

/// Connections are accepted, so units that wait for the exporter may start.
pub(super) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] ends that.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "can't tell the service manager"),
    }
}

/// A signal to stop has arrived; scrapes in flight are being finished.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Does nothing without a service manager. There is no watchdog: a timer of the runtime would go on reporting
/// health while nothing is served, and `healthcheck` checks health.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "can't tell the service manager");
    }
}
