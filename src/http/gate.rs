//! Who is let in: users, the rate, and the headers of every answer, as the web configuration has them.

use std::sync::Arc;

use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::{Request, Response, StatusCode};

use crate::clock::SharedClock;

use super::exporter::text;
use super::passwords::{Credentials, Passwords, Verdict};
use super::rate_limit::Bucket;
use super::web_config::{WatchedWebConfig, WebConfig};
use super::{Body, Exporter};

/// The exporter behind its web configuration.
#[derive(Debug)]
pub struct Gate {
    exporter: Arc<Exporter>,
    web: WatchedWebConfig,
    passwords: Arc<Passwords>,
    bucket: Bucket,
    clock: SharedClock,
}

impl Gate {
    /// Lets through to `exporter` whom `web` lets in.
    pub fn new(exporter: Arc<Exporter>, web: WatchedWebConfig, clock: SharedClock) -> Arc<Self> {
        let expected: &[u16] = match web.has_users_or_rate() {
            true => &[401, 429],
            false => &[],
        };
        let path = exporter.settings.telemetry_path.as_str();
        exporter.own.expect_http_requests(&[path], expected);
        Arc::new(Self {
            exporter,
            web,
            passwords: Passwords::new(),
            bucket: Bucket::default(),
            clock,
        })
    }

    /// The web configuration in force now.
    pub(super) async fn web_config(&self) -> Arc<WebConfig> {
        self.web.now().await
    }

    /// Answers a request, whatever it is.
    pub(super) async fn answer<B>(&self, request: Request<B>) -> Response<Body> {
        // No request has a body that matters.
        let request = request.map(drop);
        let web = self.web.now().await;
        let refusal = if self.exporter.is_about_health(&request) {
            None
        } else {
            self.refusal(&web, &request).await
        };
        let mut response = match refusal {
            Some(refusal) => self.exporter.refuse(&request, refusal),
            None => self.exporter.answer(request).await,
        };
        for (name, value) in &web.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }

    async fn refusal(&self, web: &WebConfig, request: &Request<()>) -> Option<Response<Body>> {
        if let Some(rate) = web.rate
            && !self.bucket.take(rate, self.clock.now())
        {
            return Some(text(
                StatusCode::TOO_MANY_REQUESTS,
                "asked too often; see rate_limit\n",
            ));
        }
        if web.users.is_empty() {
            return None;
        }
        let verdict = match Credentials::of(request.headers()) {
            Some(given) => self.passwords.check(&web.users, given).await,
            None => Verdict::Wrong,
        };
        match verdict {
            Verdict::Right => None,
            Verdict::Wrong => {
                let mut refusal =
                    text(StatusCode::UNAUTHORIZED, "a user and password are needed\n");
                let realm = HeaderValue::from_static("Basic realm=\"density-exporter\"");
                refusal.headers_mut().insert(WWW_AUTHENTICATE, realm);
                Some(refusal)
            }
            Verdict::Busy => Some(text(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many passwords are being checked\n",
            )),
        }
    }
}
