//! The atomics of the few files with lock-free code. `tests/interleavings` compiles those files with the
//! atomics of loom, which tries every order.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
