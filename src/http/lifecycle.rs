//! `/-/reload`: a reload over HTTP, where the flags allow it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::header::{ALLOW, HeaderValue};
use http::{Method, Response, StatusCode};

use super::Body;
use super::exporter::{Exporter, text};

/// Reads the configuration again and puts it in force.
pub trait Lifecycle: Send + Sync + std::fmt::Debug {
    /// Reloads, also when nobody waits for it any more.
    ///
    /// # Errors
    /// All that is wrong with the configuration, a line each; then nothing has changed.
    fn reload(self: Arc<Self>) -> BoxFuture<'static, Result<(), String>>;
}

impl Exporter {
    /// Lets clients reload by `lifecycle`. The first one stays.
    pub fn enable_lifecycle(&self, lifecycle: Arc<dyn Lifecycle>) {
        // Set already.
        let _ = self.lifecycle.set(lifecycle);
    }

    /// Answers `/-/reload`: with what Prometheus says where that is possible.
    pub(super) async fn reload(&self, method: &Method) -> Response<Body> {
        if method != Method::POST {
            let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "only POST\n");
            let methods = HeaderValue::from_static("POST");
            refused.headers_mut().insert(ALLOW, methods);
            return refused;
        }
        let Some(lifecycle) = self.lifecycle.get().cloned() else {
            return text(StatusCode::FORBIDDEN, "Lifecycle API is not enabled.\n");
        };
        match lifecycle.reload().await {
            Ok(()) => text(StatusCode::OK, "the configuration was read again\n"),
            Err(errors) => text(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("the configuration is not good; the one before stays in force\n{errors}\n"),
            ),
        }
    }
}
