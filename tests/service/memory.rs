//! How much memory a middling portfolio takes.

use density_exporter::simulator::Options;

use crate::process::{Api, Exporter, curl, eventually};

/// Kibibytes that `/proc` gives for `field` of a process.
fn kibibytes(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn two_thousand_sensors_and_three_thousand_spaces_stay_under_40_megabytes() {
    let api = Api::start(Options {
        buildings: 12,
        sensors: 2000,
        spaces: Some(3000),
        ..Options::default()
    });
    let short = "collectors: { spaces: { ttl: 1s }, sensors: { ttl: 1s }, current_count: { ttl: 1s }, presence: { ttl: 1s }, sensor_health: { ttl: 1s } }";
    let exporter = Exporter::of(api.address, short, &[]);
    let url = format!("{}/metrics", exporter.url);
    let mut last_refresh = String::new();
    for _ in 0..5 {
        // Everything is refreshed and rendered again, and sent with gzip and without.
        let page = eventually("it is refreshed again", || {
            let page = curl(&[&url]);
            let times = page
                .lines()
                .filter(|line| line.starts_with("density_collector_last_success"))
                .collect::<Vec<_>>()
                .join("\n");
            let again = times != last_refresh;
            last_refresh = times;
            again.then_some(page)
        });
        assert!(page.contains("density_up{organization=\"acme\"} 1\n"));
        assert_eq!(page.matches("\ndensity_sensor_info{").count(), 2000);
        assert_eq!(page.matches("\ndensity_space_info{").count(), 3000);
        curl(&["--compressed", &url]);
    }
    let resident = kibibytes(exporter.process.pid(), "VmRSS");
    let peak = kibibytes(exporter.process.pid(), "VmHWM");
    let anonymous = kibibytes(exporter.process.pid(), "RssAnon");
    println!("resident {resident} KiB, at its peak {peak} KiB, of its own {anonymous} KiB");
    // A program that is not optimized has much more code, which is resident too.
    let counted = if cfg!(debug_assertions) {
        anonymous
    } else {
        resident
    };
    assert!(counted < 40_000, "{counted} KiB");
}

/// Run by scripts/verify, optimized.
#[test]
#[ignore = "takes a minute, and counts only for the optimized program"]
fn a_hundred_thousand_sensors_stay_under_150_megabytes_at_their_peak() {
    let api = Api::start(Options {
        buildings: 400,
        sensors: 100_000,
        spaces: Some(30_000),
        ..Options::default()
    });
    let short = "collectors: { spaces: { ttl: 5s }, sensors: { ttl: 5s }, current_count: { ttl: 1s }, presence: { ttl: 1s }, sensor_health: { ttl: 1s } }";
    let exporter = Exporter::of(api.address, short, &[]);
    let url = format!("{}/metrics", exporter.url);
    let mut refreshes = 0;
    let mut last = String::new();
    eventually("everything is refreshed several times", || {
        // With gzip and without: neither page is kept whole.
        curl(&["-H", "Accept-Encoding: gzip", "-o", "/dev/null", &url]);
        curl(&["-o", "/dev/null", &url]);
        let states = curl(&[&format!("{url}?collect[]=spaces"), "-g"]);
        let time = states
            .lines()
            .find(|line| line.starts_with("density_collector_last_success"));
        let time = time.unwrap_or_default().to_owned();
        refreshes += u32::from(time != last && !time.is_empty());
        last = time;
        (refreshes >= 4).then_some(())
    });
    let peak = kibibytes(exporter.process.pid(), "VmHWM");
    println!("100,000 sensors and 30,000 spaces: {peak} KiB at the peak");
    assert!(peak < 150_000, "{peak} KiB");
}
