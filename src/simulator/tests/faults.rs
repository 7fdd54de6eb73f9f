//! Every kind of fault, as a client sees it.

use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

use super::*;

fn broken(fault: &str) -> Arc<Simulator> {
    let simulator = simulator(Options {
        steady: true,
        ..Options::default()
    });
    simulator.inject(fault.parse().unwrap());
    simulator
}

async fn get(simulator: &Arc<Simulator>) -> Response<Body> {
    simulator
        .handle(request("GET", SPACES, Some(DEFAULT_TOKEN), ""))
        .await
}

/// What of the body arrives before it ends or fails, and whether it failed.
async fn received(response: Response<Body>) -> (usize, bool) {
    let mut body = response.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Err(_) => return (bytes, true),
        }
    }
    (bytes, false)
}

fn length(response: &Response<Body>) -> usize {
    response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn latency_adds_up_and_counts_down() {
    let simulator = broken("*=latency:2s");
    simulator.inject("spaces=latency:1s,times=1".parse().unwrap());
    simulator.inject("sensors=latency:1h".parse().unwrap());
    for expected in [3, 2] {
        let start = Instant::now();
        assert_eq!(get(&simulator).await.status(), 200);
        assert_eq!(start.elapsed().as_secs(), expected);
    }
    simulator.clear_faults();
    assert!(get(&simulator).now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_status_comes_as_often_as_asked_for_with_what_was_given() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    let simulator = broken(&format!(
        "spaces=status:503,retry_after=\"{date}\",body=\"secret, indeed\",times=2"
    ));
    simulator.inject("*=status:500".parse().unwrap());
    for expected in [503, 503, 500, 500] {
        let response = get(&simulator).await;
        assert_eq!(response.status(), expected);
        assert_eq!(
            response.headers().contains_key("retry-after"),
            expected == 503
        );
        if expected == 503 {
            assert_eq!(response.headers()["retry-after"], date);
            assert!(text(response).await.contains("secret, indeed"));
        }
    }
    assert_eq!(simulator.faults().len(), 1);
    assert_eq!(simulator.calls().with_status(503), 2);
    simulator.clear_faults();
    assert_eq!(get(&simulator).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn broken_bodies() {
    let response = get(&broken("*=truncate")).await;
    let claimed = length(&response);
    assert_eq!(received(response).await, (claimed / 2, true));

    let (arrived, failed) = received(get(&broken("*=reset")).await).await;
    assert_eq!((arrived, failed), (0, true));

    let response = get(&broken("*=hang_in_body")).await;
    assert_eq!(response.status(), 200);
    let claimed = length(&response);
    let mut body = response.into_body();
    let half = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(half.len(), claimed / 2);
    assert!(
        timeout(Duration::from_secs(3600), body.frame())
            .await
            .is_err()
    );

    let simulator = broken("*=hang");
    assert!(
        timeout(Duration::from_secs(3600), get(&simulator))
            .await
            .is_err()
    );
    assert_eq!(simulator.calls().of(EndpointName::Spaces), 1);
    assert_eq!(simulator.calls().by_status.len(), 0);
    assert_eq!(simulator.calls().by_fault, [("hang", 1)].into());
}

#[tokio::test(start_paused = true)]
async fn a_trickle_is_slow_and_whole() {
    for rate in [5_000, 3] {
        let simulator = broken(&format!("*=trickle:{rate}"));
        let hello = request("GET", "/v3/hello-world", Some(DEFAULT_TOKEN), "");
        let response = if rate == 3 {
            simulator.handle(hello).await
        } else {
            get(&simulator).await
        };
        let claimed = length(&response);
        let start = Instant::now();
        assert_eq!(received(response).await, (claimed, false));
        let (took, expected) = (
            start.elapsed().as_secs_f64(),
            claimed as f64 / f64::from(rate),
        );
        assert!(
            (took - expected).abs() < 0.2 + expected / 50.0,
            "{took} {expected}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_bodies() {
    let garbage = get(&broken("*=garbage")).await;
    assert_eq!(garbage.status(), 200);
    assert!(serde_json::from_str::<Value>(&text(garbage).await).is_err());

    let html = get(&broken("*=html")).await;
    assert_eq!(html.status(), 502);
    assert!(
        html.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(text(html).await.starts_with("<!DOCTYPE html>"));

    let plain = get(&broken("*=wrong_content_type")).await;
    assert_eq!(plain.headers()["content-type"], "text/plain");
    assert!(
        serde_json::from_str::<Value>(&text(plain).await)
            .unwrap()
            .is_array()
    );

    let error = get(&broken("*=error_with_200")).await;
    assert_eq!(error.status(), 200);
    assert_eq!(
        serde_json::from_str::<Value>(&text(error).await).unwrap()["code"],
        500
    );

    let away = get(&broken("*=redirect:http://elsewhere.example/")).await;
    assert_eq!(away.status(), 307);
    assert_eq!(away.headers()["location"], "http://elsewhere.example/");
}

#[tokio::test(start_paused = true)]
async fn huge_and_deep_bodies() {
    let (bytes, failed) = received(get(&broken("*=huge:300000000")).await).await;
    assert!(
        (300_000_000..301_000_000).contains(&bytes) && !failed,
        "{bytes}"
    );
    let small = text(get(&broken("*=huge:1")).await).await;
    assert!(serde_json::from_str::<Value>(&small).unwrap().is_array());

    let simulator = broken("*=deep:50");
    let mut space = serde_json::from_str::<Value>(&text(get(&simulator).await).await).unwrap();
    let mut depth = 0;
    while let Some(child) = space.get(0).cloned() {
        depth += 1;
        space = child["children"].clone();
    }
    assert_eq!(depth, 50);
    let (_, lists) = send(&simulator, "POST", SENSORS, None, "").await;
    assert_eq!(lists, format!("{}{}", "[".repeat(50), "]".repeat(50)));
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_refused_until_there_is_a_new_one() {
    let simulator = simulator(Options::default());
    let old = oauth_token(&simulator).await;
    simulator.inject("*=expired_token".parse().unwrap());
    let status = async |token: &str| send(&simulator, "GET", SPACES, Some(token), "").await.0;
    assert_eq!(status(&old).await, 401);
    assert_eq!(status(DEFAULT_TOKEN).await, 401);
    let new = oauth_token(&simulator).await;
    assert_eq!(status(&new).await, 200);
    assert_eq!(status(&old).await, 401);
}

#[tokio::test(start_paused = true)]
async fn malformed_entries_come_beside_all_the_right_ones() {
    let simulator = simulator(Options {
        steady: true,
        ..Options::default()
    });
    for (endpoint, path) in [
        (EndpointName::Sensors, SENSORS),
        (EndpointName::SensorHealth, HEALTH),
        (EndpointName::Spaces, SPACES),
    ] {
        for wrapping in [Wrapping::Bare, Wrapping::Data] {
            simulator.clear_faults();
            simulator.set_wrapping(wrapping);
            let list = |answer: Value| match wrapping {
                Wrapping::Data => answer["data"].as_array().unwrap().clone(),
                _ => answer.as_array().unwrap().clone(),
            };
            let right = list(ask(&simulator, path, "").await);
            simulator.inject(Fault::of(endpoint, FaultKind::Malformed));
            let mixed = list(ask(&simulator, path, "").await);
            assert_eq!(mixed.len(), right.len() + malformed_entries(endpoint).len());
            assert!(right.iter().all(|entry| mixed.contains(entry)));
        }
    }
}
