//! Asking a running exporter whether it is healthy.

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::density::{HttpsTransport, Transport, Way};

use super::Failure;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Succeeds when `url` answers with a success.
pub(super) async fn healthcheck(url: Url) -> Result<ExitCode, Failure> {
    let other = |reason: String| Failure::Other(format!("{url} is not healthy: {reason}"));
    let transport = HttpsTransport::new(None, Way::Direct).map_err(|it| other(it.to_string()))?;
    let request = http::Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|it| other(it.to_string()))?;
    let answer = tokio::time::timeout(LIMIT, transport.send(request))
        .await
        .map_err(|_| other(format!("no answer within {} s", LIMIT.as_secs())))?
        .map_err(|it| other(it.to_string()))?;
    if answer.status().is_success() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(other(format!("it answers {}", answer.status())))
    }
}
