//! Where things are served, and who is counted for what.

use clap::Parser;
use density_exporter::cli::Cli;
use density_exporter::simulator::Options;
use http::Request;
use proptest::prelude::*;

use crate::harness::{Harness, OAUTH, steady};

/// The path that the command line makes of a flag, if it accepts it.
fn accepted(path: &str) -> Option<String> {
    let flag = format!("--web.telemetry-path={path}");
    let cli = Cli::try_parse_from(["density-exporter", &flag]).ok()?;
    Some(cli.web.telemetry_path)
}

#[tokio::test(start_paused = true)]
async fn the_metrics_are_where_the_flag_says_and_the_status_page_is_at_the_root() {
    for path in [
        "/metrics",
        "/a/b",
        "/a//b/",
        "/-/metrics",
        "/%7Bx%7D",
        "/a:b*",
        "//",
    ] {
        let path = accepted(path).unwrap();
        let harness = Harness::at_path(&path, OAUTH, steady());
        let page = harness.get(&path, &[]).await;
        assert!(page.text.contains("\ndensity_up{"), "{path}: {}", page.text);
        let page = harness.get("/", &[]).await;
        assert!(
            page.text.starts_with("<!doctype html>"),
            "{path}: {}",
            page.text
        );
    }
    let harness = Harness::at_path(&accepted("/").unwrap(), OAUTH, steady());
    let page = harness.get("/", &[]).await;
    assert!(page.text.contains("\ndensity_up{"), "{}", page.text);
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_by_route_whatever_was_asked_for() {
    let harness = Harness::new(OAUTH, steady());
    for uri in [
        "/nowhere",
        "/metrics/",
        "/nowhere?x",
        "/-/healthy",
        "/metrics?collect[]=x",
    ] {
        harness.get(uri, &[]).await;
    }
    for uri in ["/metrics", "/", "/-/healthy", "/nowhere"] {
        harness.send(Request::post(uri).body(()).unwrap()).await;
    }
    let page = harness.scrape().await;
    let mut counted: Vec<&str> = page
        .text
        .lines()
        .filter_map(|it| it.strip_prefix("density_exporter_http_requests_total"))
        .collect();
    counted.sort_unstable();
    let expected = [
        r#"{code="200",handler="/-/healthy"} 1"#,
        r#"{code="200",handler="/metrics"} 0"#,
        r#"{code="400",handler="/metrics"} 1"#,
        r#"{code="404",handler="other"} 4"#,
        r#"{code="405",handler="/"} 1"#,
        r#"{code="405",handler="/-/healthy"} 1"#,
        r#"{code="405",handler="/metrics"} 1"#,
        r#"{code="503",handler="/metrics"} 0"#,
    ];
    assert_eq!(counted, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_path_that_the_command_line_accepts_makes_the_router_panic(
        path in "/[a/{}:*%.\\-]{0,4}[ -~é/]{0,6}",
    ) {
        if let Some(path) = accepted(&path) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build()
                .unwrap();
            runtime.block_on(async {
                let options = Options { sensors: 1, spaces: Some(1), ..steady() };
                let harness = Harness::at_path(&path, OAUTH, options);
                // Some characters are in no URI.
                if let Ok(request) = Request::get(&path).body(()) {
                    assert_eq!(harness.send(request).await.status(), 200, "{path:?}");
                }
            });
        }
    }
}
