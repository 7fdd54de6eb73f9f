//! The status page: how things are, at a glance, for people.
//!
//! It shows what is known and never causes a call. It has no script and loads nothing; its size is bounded
//! whatever the size of the portfolio, and so is its work: sensors are counted once for each change of
//! theirs, on the blocking pool.

mod cache;
mod facts;
mod format;
mod page;
mod response;
mod sensors;
mod style;
#[cfg(test)]
mod tests;

pub(super) use cache::SensorCache;
pub(super) use response::respond;
