//! Faults: their kinds, how they are written, and what they do to responses.

mod broken_body;
mod kind;
mod malformed;
mod replacement;
mod syntax;

pub(crate) use broken_body::break_body;
pub use kind::{Fault, FaultKind};
pub(crate) use malformed::mix;
pub use malformed::{MalformedEntry, PERSON, Verdict, malformed_count, malformed_entries};
pub(crate) use replacement::{ConnectionReset, replacement};
pub use syntax::FaultError;
