//! A fleet of a given size, the API's answers for it, and an exporter that receives them.

pub mod answers;
pub mod bench;

pub use answers::{Answers, Change};
pub use bench::Bench;
