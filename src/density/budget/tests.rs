//! The budget against a host that enforces it, on paused time.

use std::time::SystemTime;

use proptest::prelude::*;

use crate::clock::RuntimeClock;

use super::*;

fn budget(requests_per_second: f64, burst: u32) -> (Arc<Budget>, SharedClock) {
    let clock = RuntimeClock::starting_at(SystemTime::UNIX_EPOCH);
    let configured = config::Budget {
        requests_per_second,
        burst,
    };
    (
        Budget::new("api".to_owned(), configured, clock.clone()),
        clock,
    )
}

/// Calls that were allowed at once.
async fn spend(budget: &Arc<Budget>, clock: &SharedClock) -> usize {
    let mut count = 0;
    while budget.acquire(clock.now()).await.is_ok() {
        count += 1;
    }
    count
}

#[tokio::test(start_paused = true)]
async fn the_burst_goes_at_once_and_the_rest_at_the_rate() {
    let (budget, clock) = budget(10.0, 40);
    assert_eq!(spend(&budget, &clock).await, 40);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(spend(&budget, &clock).await, 10);

    let start = clock.now();
    for _ in 0..20 {
        budget
            .acquire(start + Duration::from_secs(60))
            .await
            .unwrap();
    }
    let took = clock.now().since(start).as_secs_f64();
    assert!((1.99..2.02).contains(&took), "{took}");
    assert_eq!(budget.status().calls_last_minute, 70);
    let waited = budget.status().waited.as_secs_f64();
    assert!((waited - took).abs() < 0.01, "{waited}");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_call_that_will_come_too_late() {
    let (budget, clock) = budget(1.0, 1);
    let _first = budget.acquire(clock.now()).await.unwrap();
    let start = clock.now();
    let refused = budget.acquire(start + Duration::from_millis(500)).await;
    assert!(refused.is_err());
    assert_eq!(clock.now(), start);
}

#[tokio::test(start_paused = true)]
async fn after_429_calls_stop_for_as_long_as_asked_and_come_back_slowly() {
    let (budget, clock) = budget(10.0, 40);
    budget.rate_limited(Some(Duration::from_secs(30)));
    budget.rate_limited(Some(Duration::from_secs(20)));
    assert_eq!(budget.status().requests_per_second, 0.0);
    tokio::time::advance(Duration::from_secs(29)).await;
    assert_eq!(spend(&budget, &clock).await, 0);
    tokio::time::advance(Duration::from_secs(2)).await;
    let rate = budget.status().requests_per_second;
    assert!((5.0..5.1).contains(&rate), "{rate}");
    assert_eq!(spend(&budget, &clock).await, 5);
    tokio::time::advance(Duration::from_secs(60)).await;
    let rate = budget.status().requests_per_second;
    assert!((7.0..7.1).contains(&rate), "{rate}");
    tokio::time::advance(RECOVERY).await;
    assert_eq!(budget.status().requests_per_second, 10.0);
}

#[tokio::test(start_paused = true)]
async fn a_429_that_asks_for_no_pause_gets_one_and_a_burst_of_them_slows_down_once() {
    let (budget, clock) = budget(10.0, 40);
    for _ in 0..5 {
        budget.rate_limited(Some(Duration::ZERO));
    }
    assert_eq!(spend(&budget, &clock).await, 0);
    tokio::time::advance(Duration::from_millis(1001)).await;
    let rate = budget.status().requests_per_second;
    assert!((5.0..5.1).contains(&rate), "{rate}");
}

#[tokio::test(start_paused = true)]
async fn a_429_that_does_not_say_how_long_pauses_for_five_seconds() {
    let (budget, clock) = budget(10.0, 40);
    budget.rate_limited(None);
    tokio::time::advance(Duration::from_millis(4999)).await;
    assert_eq!(spend(&budget, &clock).await, 0);
    assert_eq!(budget.status().requests_per_second, 0.0);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(spend(&budget, &clock).await > 0);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_pause_ends_after_an_hour_and_the_rate_never_reaches_zero() {
    let (budget, clock) = budget(10.0, 40);
    for _ in 0..100 {
        budget.rate_limited(Some(Duration::MAX));
        tokio::time::advance(MAX_PAUSE + Duration::from_millis(1)).await;
    }
    assert!(budget.status().requests_per_second >= 0.5);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert!(spend(&budget, &clock).await > 0);
}

/// A host that enforces a rate and a burst: a plain token bucket.
struct Host {
    level: f64,
    as_of: f64,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever time calls take to arrive, a host with the same limit turns none away.
    #[test]
    fn a_host_with_the_same_limit_never_says_429(
        ways in prop::collection::vec(0u64..2000, 300),
        pauses in prop::collection::vec(0u64..400, 300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let mut arrivals = runtime.block_on(async {
            let (budget, clock) = budget(15.0, 100);
            let start = clock.now();
            let mut calls = Vec::new();
            for (way, pause) in ways.iter().zip(&pauses) {
                let permit = budget.acquire(start + Duration::from_secs(3600)).await.unwrap();
                let clock = clock.clone();
                let way = Duration::from_millis(*way);
                calls.push(tokio::spawn(async move {
                    tokio::time::sleep(way).await;
                    let arrival = clock.now().since(start).as_secs_f64();
                    // The answer takes its time as well.
                    tokio::time::sleep(way).await;
                    drop(permit);
                    arrival
                }));
                if *pause > 300 {
                    tokio::time::sleep(Duration::from_millis(*pause * 20)).await;
                }
            }
            let mut arrivals = Vec::new();
            for call in calls {
                arrivals.push(call.await.unwrap());
            }
            arrivals
        });
        arrivals.sort_by(f64::total_cmp);
        let mut host = Host { level: 100.0, as_of: 0.0 };
        for arrival in arrivals {
            host.level = (host.level + (arrival - host.as_of) * 15.0).min(100.0);
            host.as_of = arrival;
            // Timers have a resolution of a millisecond.
            prop_assert!(host.level >= 1.0 - 0.1, "a 429 at {arrival} s");
            host.level -= 1.0;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_gives_no_call_for_free_and_applies_at_once() {
    let configured = |requests_per_second, burst| config::Budget {
        requests_per_second,
        burst,
    };
    let (budget, clock) = budget(10.0, 40);
    assert_eq!(spend(&budget, &clock).await, 40);
    budget.configure(configured(20.0, 100));
    assert_eq!(spend(&budget, &clock).await, 0);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(spend(&budget, &clock).await, 20);
    // A smaller burst takes away what is above it.
    tokio::time::advance(Duration::from_secs(60)).await;
    budget.configure(configured(1.0, 5));
    assert_eq!(spend(&budget, &clock).await, 5);
    // Whoever waits at the old rate does not go on to.
    let start = clock.now();
    let waiting = budget.acquire(start + Duration::from_secs(60));
    let faster = async { budget.configure(configured(10.0, 5)) };
    let (permit, ()) = tokio::join!(waiting, faster);
    assert!(permit.is_ok());
    let took = clock.now().since(start).as_secs_f64();
    assert!((0.09..0.12).contains(&took), "{took}");
}
