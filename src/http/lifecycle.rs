//! What a client may have the exporter do, where `--web.enable-lifecycle` allows it.

use std::sync::Arc;

use futures_util::future::BoxFuture;

/// Reads the configuration again and uses it.
pub trait Lifecycle: Send + Sync + std::fmt::Debug {
    /// Reloads, also when the caller stops waiting for it.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration, a line each; then nothing has changed.
    fn reload(self: Arc<Self>) -> BoxFuture<'static, Result<(), String>>;
}
