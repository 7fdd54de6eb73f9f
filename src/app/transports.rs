//! Transports to the APIs, shared by organizations with the same proxy and certificate authorities, also
//! across reloads.

use std::sync::{Arc, Weak};

use url::Url;

use crate::config::Organization;
use crate::density::{HttpsError, HttpsTransport, ProxyMode, Transport};

/// The transports in use.
#[derive(Default)]
pub(super) struct Transports(Vec<(Key, Weak<dyn Transport>)>);

/// Transports with equal keys may share their connections.
#[derive(PartialEq)]
struct Key {
    route: Route,
    /// The contents of the file of certificate authorities, which may change.
    authorities: Option<Vec<u8>>,
}

#[derive(PartialEq)]
enum Route {
    Environment,
    Direct,
    Proxy(Url),
}

impl Transports {
    /// The transport for `organization`.
    ///
    /// # Errors
    /// When it can't be set up.
    pub(super) fn of(
        &mut self,
        organization: &Organization,
    ) -> Result<Arc<dyn Transport>, HttpsError> {
        let (route, proxy_mode) = match &organization.proxy_url {
            Some(url) => (Route::Proxy(url.clone()), ProxyMode::Proxy(url)),
            None if organization.is_on_this_machine() => (Route::Direct, ProxyMode::Direct),
            None => (Route::Environment, ProxyMode::Environment),
        };
        let ca_file = organization.ca_file.as_deref();
        let authorities = match ca_file.map(std::fs::read) {
            None => None,
            Some(Ok(pem)) => Some(pem),
            // Its error says what is wrong with the file.
            Some(Err(_)) => return Ok(Arc::new(HttpsTransport::new(ca_file, proxy_mode)?)),
        };
        let key = Key { route, authorities };
        self.0.retain(|(_, transport)| transport.strong_count() > 0);
        let existing = self.0.iter().find(|(other, _)| *other == key);
        if let Some(transport) = existing.and_then(|(_, transport)| transport.upgrade()) {
            return Ok(transport);
        }
        let transport: Arc<dyn Transport> = Arc::new(HttpsTransport::new(ca_file, proxy_mode)?);
        self.0.push((key, Arc::downgrade(&transport)));
        Ok(transport)
    }
}
