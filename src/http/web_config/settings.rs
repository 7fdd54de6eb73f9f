//! The checked web configuration.

use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};

use super::rate::Rate;
use super::users::Users;

/// How the exporter serves.
#[derive(Debug, Default)]
pub(in crate::http) struct WebConfig {
    /// None: plain HTTP.
    pub(in crate::http) tls: Option<Arc<rustls::ServerConfig>>,
    /// What every answer carries besides its own headers.
    pub(in crate::http) headers: Vec<(HeaderName, HeaderValue)>,
    /// Who may ask; with none, everyone.
    pub(in crate::http) users: Users,
    /// How often may be asked; without it, as often as anyone likes.
    pub(in crate::http) rate: Option<Rate>,
}
