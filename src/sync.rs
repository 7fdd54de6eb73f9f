//! The primitives of the few files that keep order among threads by themselves. `tests/interleavings`
//! gives those files others, which try every order.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
