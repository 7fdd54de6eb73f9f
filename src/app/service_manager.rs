//! Telling systemd, where it started the program and waits for that, what the program is about.

use sd_notify::NotifyState;

/// Connections are accepted, so whatever waits for the exporter may begin.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The configuration is being read again; [`ready`] ends that.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "can't tell the service manager"),
    }
}

/// A signal said to stop; scrapes under way are being finished.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Does nothing where nobody listens. No watchdog is fed: a timer of the runtime would go on
/// saying that all is well while nothing is served, and health is what `healthcheck` asks.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "can't tell the service manager");
    }
}
