//! The signals that a program that serves listens to.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// Signals, from the moment that this is made: none of them ends the process by itself any more.
pub(super) struct Signals {
    end: End,
    hangup: Hangup,
}

/// SIGHUP: the configuration is to be read again.
pub(super) struct Hangup(Signal);

/// SIGTERM and SIGINT: it is to end.
pub(super) struct End {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|error| Failure::Other(format!("can't wait for signals: {error}")))
        };
        Ok(Self {
            end: End {
                terminate: listen(SignalKind::terminate())?,
                interrupt: listen(SignalKind::interrupt())?,
            },
            hangup: Hangup(listen(SignalKind::hangup())?),
        })
    }

    /// The two, to be waited for side by side.
    pub(super) fn split(self) -> (End, Hangup) {
        (self.end, self.hangup)
    }
}

impl End {
    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

impl Hangup {
    /// Waits for the next one. Several that come before it is waited for again are one.
    pub(super) async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}
