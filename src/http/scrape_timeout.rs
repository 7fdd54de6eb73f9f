//! How long a scrape may wait: what Prometheus says in its header, less a margin for the way back.

use std::time::Duration;

use http::HeaderMap;

const HEADER: &str = "x-prometheus-scrape-timeout-seconds";
/// Prometheus' own default.
const DEFAULT: Duration = Duration::from_secs(10);
/// No scrape waits longer, whatever the header says.
const MAX: Duration = Duration::from_secs(600);

/// How long to wait for fresh data before answering with what is cached.
pub(super) fn wait(headers: &HeaderMap, offset: Duration) -> Duration {
    headers
        .get(HEADER)
        .and_then(|it| it.to_str().ok()?.trim().parse::<f64>().ok())
        .filter(|seconds| *seconds > 0.0)
        .map_or(DEFAULT, |seconds| {
            Duration::try_from_secs_f64(seconds).map_or(MAX, |it| it.min(MAX))
        })
        .saturating_sub(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_less_the_offset_and_never_for_ever() {
        let cases = [
            ("10", 9500),
            ("2.5", 2000),
            (" 15.000000 ", 14500),
            ("0.3", 0),
            ("1e300", 599_500),
            ("inf", 599_500),
            ("-3", 9500),
            ("0", 9500),
            ("NaN", 9500),
            ("soon", 9500),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(HEADER.parse().unwrap(), text.parse().unwrap())]);
            let wait = wait(&headers, Duration::from_millis(500));
            assert_eq!(wait, Duration::from_millis(expected), "{text:?}");
        }
        let none = wait(&HeaderMap::new(), Duration::from_millis(500));
        assert_eq!(none, Duration::from_millis(9500));
    }
}
