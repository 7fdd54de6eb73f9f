//! Singleflight: one refresh of a collector runs at a time, many scrapes wait for it, and every wait ends,
//! even when the refresh panics.

use tokio::sync::watch;

/// A running refresh, as seen by those that wait for it.
#[derive(Clone, Debug)]
pub(super) struct Flight(watch::Receiver<()>);

impl Flight {
    /// Waits until the refresh has ended, whether it succeeded or not.
    pub(super) async fn ended(mut self) {
        // Nothing is ever sent: `changed` fails once the sender is dropped, which marks the end.
        while self.0.changed().await.is_ok() {}
    }
}

/// Held by the task that runs a refresh. Dropping it, for whatever reason, ends the flight.
pub(super) struct FlightGuard {
    on_end: Option<Box<dyn FnOnce() + Send>>,
    /// Dropped after `on_end` has run, so that a waiter finds the end recorded.
    _end: watch::Sender<()>,
}

impl FlightGuard {
    /// Begins a flight: the guard for the task that runs it and the handle to wait for it. `on_end` records
    /// the end, before any waiter wakes up.
    pub(super) fn start(on_end: impl FnOnce() + Send + 'static) -> (Self, Flight) {
        let (end, ended) = watch::channel(());
        let guard = Self {
            on_end: Some(Box::new(on_end)),
            _end: end,
        };
        (guard, Flight(ended))
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        if let Some(on_end) = self.on_end.take() {
            on_end();
        }
    }
}
