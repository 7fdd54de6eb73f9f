//! The client of Density's v3 API: decodes answers straight into snapshot values, within a call budget.
//!
//! It reports what it does through [`Observer`] and must know nothing of Prometheus.

mod auth;
mod budget;
mod client;
mod code;
mod endpoint;
mod error;
mod exchange;
#[cfg(any(fuzzing, test))]
pub(crate) mod fuzzing;
mod https;
mod memory_limit;
mod observer;
mod rejection;
mod retry_after;
mod transport;
mod wire;

pub use auth::Authenticator;
pub use budget::{Budget, BudgetStatus};
pub use client::{Answer, Client, Scope, Window};
pub use code::Code;
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind};
pub use exchange::Exchange;
pub use https::{HttpsError, HttpsTransport, Peer, ProxyMode};
pub use memory_limit::MemoryLimit;
pub use observer::Observer;
pub use rejection::RejectionReason;
pub use transport::{BodyStream, Transport, TransportError};
