//! The client of Density's v3 API: reads answers straight into snapshot values, within a call budget.
//!
//! It reports what it does through [`Observer`] and knows nothing of Prometheus.

mod auth;
mod budget;
mod client;
mod endpoint;
mod error;
mod exchange;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod https;
mod memory;
mod observer;
mod rejection;
mod retry_after;
mod transport;
mod wire;

pub use auth::Authenticator;
pub use budget::{Budget, BudgetReading};
pub use client::{Answer, Client, Scope, Window};
pub use endpoint::Endpoint;
pub use error::{Code, Error, ErrorKind};
pub use exchange::Exchange;
pub use https::{HttpsError, HttpsTransport, Peer, Way};
pub use memory::Memory;
pub use observer::Observer;
pub use rejection::Reason;
pub use transport::{BodyStream, Transport, TransportError};
