//! A fleet of a given size, what the API would say of it, and an exporter that is told that.

pub mod answers;
pub mod bench;

pub use answers::{Answers, Change};
pub use bench::Bench;
