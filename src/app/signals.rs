//! The signals that a serving program handles.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// Signal handlers. Once this is created, no signal ends the process by default any more.
pub(super) struct Signals {
    shutdown: Shutdown,
    hangup: Hangup,
}

/// SIGHUP: the configuration must be read again.
pub(super) struct Hangup(Signal);

/// SIGTERM and SIGINT: the program must end.
pub(super) struct Shutdown {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::Other(format!("can't wait for signals: {error}")))
        };
        Ok(Self {
            shutdown: Shutdown {
                terminate: listen(SignalKind::terminate())?,
                interrupt: listen(SignalKind::interrupt())?,
            },
            hangup: Hangup(listen(SignalKind::hangup())?),
        })
    }

    /// The two signals, for waiting for them concurrently.
    pub(super) fn split(self) -> (Shutdown, Hangup) {
        (self.shutdown, self.hangup)
    }
}

impl Shutdown {
    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Hangup {
    /// Waits for the next one. Several that arrive before the next wait count as one.
    pub(super) async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}
