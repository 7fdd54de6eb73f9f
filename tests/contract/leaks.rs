//! Secrets and people's names are nowhere. What a whole process writes is looked at in `service`.

use density_exporter::simulator::{EndpointName, Options};

use crate::harness::{Harness, LIVE, OAUTH, pass, steady};

const CANARY: &str = "Wilhelmina Canary-Fink";

#[tokio::test(start_paused = true)]
async fn no_page_holds_a_secret_or_a_persons_name() {
    let options = Options {
        canary: Some(CANARY.to_owned()),
        ..steady()
    };
    let harness = Harness::new(OAUTH, options);
    let mut pages = vec![harness.scrape().await];
    let faults = [
        format!("status:500,body=\"{CANARY}\""),
        format!("status:400,body=\"{CANARY} simulated-secret\""),
        "malformed".to_owned(),
        "garbage".to_owned(),
        "error_with_200".to_owned(),
        "truncate".to_owned(),
        format!("redirect:\"https://evil.test/{CANARY}\""),
    ];
    for fault in faults {
        for endpoint in LIVE.into_iter().chain([EndpointName::Token]) {
            harness
                .simulator
                .inject(format!("{endpoint}={fault}").parse().unwrap());
        }
        pass(900).await;
        pages.push(harness.scrape().await);
        // It tells the errors.
        pages.push(harness.get("/", &[]).await);
        harness.simulator.clear_faults();
    }
    for uri in [
        "/",
        "/config",
        "/-/ready",
        "/nowhere",
        "/metrics?organization=x",
    ] {
        pages.push(harness.get(uri, &[]).await);
    }
    for page in pages {
        for secret in ["Canary", "Wilhelmina", "simulated-secret", "eyJ"] {
            assert!(!page.text.contains(secret), "{secret} in {}", page.text);
        }
    }
}
