//! `/-/ready`: whether scrapes are served. It asks for no credentials, so that a probe needs none, and
//! does not depend on Density being up: the metrics that tell of an outage must be scraped during it.

/// Scrapes are served from the moment on at which the socket listens.
pub(super) async fn ready() -> &'static str {
    "density-exporter is ready\n"
}
