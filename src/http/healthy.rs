//! `/-/healthy`: whether the process answers. It asks for no credentials, so that a probe needs none, and
//! does not depend on Density being up.

/// Always healthy: a process that isn't can't say so.
pub(super) async fn healthy() -> &'static str {
    "density-exporter is healthy\n"
}
