//! Text that is shared rather than copied.

use std::sync::Arc;

/// Text that is shared rather than copied.
pub type SharedStr = Arc<str>;
