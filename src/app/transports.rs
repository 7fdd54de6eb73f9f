//! Connections to the APIs, shared by organizations that go the same way, before and after a reload.

use std::sync::{Arc, Weak};

use url::Url;

use crate::config::Organization;
use crate::density::{HttpsError, HttpsTransport, ProxyMode, Transport};

/// The transports that are in use.
#[derive(Default)]
pub(super) struct Transports(Vec<(Key, Weak<dyn Transport>)>);

/// Equal ones may share their connections.
#[derive(PartialEq)]
struct Key {
    goes: Goes,
    /// What the file of certificate authorities holds: another one may come to stand under its name.
    authorities: Option<Vec<u8>>,
}

#[derive(PartialEq)]
enum Goes {
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
        let (goes, way) = match &organization.proxy_url {
            Some(url) => (Goes::Proxy(url.clone()), ProxyMode::Proxy(url)),
            None if organization.is_on_this_machine() => (Goes::Direct, ProxyMode::Direct),
            None => (Goes::Environment, ProxyMode::Environment),
        };
        let ca_file = organization.ca_file.as_deref();
        let authorities = match ca_file.map(std::fs::read) {
            None => None,
            Some(Ok(pem)) => Some(pem),
            // It says what is wrong with the file.
            Some(Err(_)) => return Ok(Arc::new(HttpsTransport::new(ca_file, way)?)),
        };
        let key = Key { goes, authorities };
        self.0.retain(|(_, transport)| transport.strong_count() > 0);
        let known = self.0.iter().find(|(other, _)| *other == key);
        if let Some(transport) = known.and_then(|(_, transport)| transport.upgrade()) {
            return Ok(transport);
        }
        let transport: Arc<dyn Transport> = Arc::new(HttpsTransport::new(ca_file, way)?);
        self.0.push((key, Arc::downgrade(&transport)));
        Ok(transport)
    }
}
