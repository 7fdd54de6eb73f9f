//! The status page in a real browser: nothing overflows and everything can be read, whatever names people
//! gave, on a phone and on a desk, light and dark. With `PICTURES` set to a folder, what it looks like is
//! there to be looked at.

use std::path::PathBuf;

use density_exporter::simulator::{Fault, Options};

use crate::chromium::{Scheme, document, picture, serve};
use crate::process::{Api, Exporter, Folder, Running, curl, density_exporter, eventually, steady};

const MEASURE: &str = include_str!("measure.html");

/// Takes pictures of the page at `url` and measures it.
fn look_at(name: &str, url: &str) {
    let folder = Folder::new();
    let pictures = std::env::var_os("PICTURES").map(PathBuf::from);
    let pictures = pictures.unwrap_or_else(|| folder.path().to_owned());
    let head = curl(&["--dump-header", "-", "--output", "/dev/null", url]);
    let head = head.to_ascii_lowercase();
    for header in [
        "content-type: text/html; charset=utf-8",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    // The page is measured in frames, which it forbids; all else of its policy stays.
    let policy = curl(&["--head", url]);
    let policy = policy
        .lines()
        .find(|it| {
            it.to_ascii_lowercase()
                .starts_with("content-security-policy")
        })
        .unwrap()
        .replace("; frame-ancestors 'none'", "");
    assert!(policy.contains("default-src 'none'; style-src 'sha256-"));
    let page = curl(&[url]);
    let measured = serve(vec![
        ("/", String::new(), MEASURE.to_owned()),
        ("/page", format!("{policy}\r\n"), page),
    ]);
    for scheme in [Scheme::Light, Scheme::Dark] {
        let document = document(scheme, &measured);
        let (_, said) = document.split_once("<pre id=\"said\">").unwrap();
        let (said, _) = said.split_once("</pre>").unwrap();
        let elements = said.strip_suffix(" elements measured");
        let elements: u32 = elements
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("{name} {scheme:?}: {said}"));
        assert!(elements > 300, "{elements}");
        for size in [(360, 2400), (768, 1600), (1280, 1600)] {
            let file = format!("{name}-{}-{scheme:?}.png", size.0);
            picture(scheme, url, size, &pictures.join(file.to_ascii_lowercase()));
        }
    }
}

#[test]
#[ignore = "needs Chromium; scripts/verify runs it"]
fn the_page_of_the_demo_can_be_read() {
    let demo =
        Running::start(density_exporter().args(["demo", "--web.listen-address=127.0.0.1:0"]));
    let url = format!("http://{}", demo.address("serving"));
    look_at("unasked", &url);
    curl(&["--output", "/dev/null", &format!("{url}/metrics")]);
    look_at("demo", &url);
}

/// Names as long as a label may be, in letters of either direction, pictures, and what may be markup.
fn names() -> Vec<String> {
    let units = [
        "W",
        "ש",
        "غرفة ",
        "会",
        "👩‍👩‍👧‍👦",
        "<b>&amp;\"'",
        "Haus ",
        "\u{202e}turned ",
    ];
    let long = units.map(|it| it.chars().cycle().take(200).collect::<String>());
    let short = ["חדר ישיבות (2)", "🚀 Launch pad", "طابق 3 / B", "1"].map(str::to_owned);
    long.into_iter().chain(short).collect()
}

#[test]
#[ignore = "needs Chromium; scripts/verify runs it"]
fn the_page_of_an_estate_with_awkward_names_can_be_read() {
    let api = Api::start(Options {
        buildings: 400,
        sensors: 4000,
        ..steady()
    });
    let places = curl(&[&format!("http://{}/simulator/places", api.address)]);
    let places: serde_json::Value = serde_json::from_str(&places).unwrap();
    let names = names();
    let mut name = names.iter().cycle();
    let happen = |event: String| api.simulator.apply(event.parse().unwrap()).unwrap();
    for building in places["buildings"].as_array().unwrap() {
        let id = building["id"].as_str().unwrap();
        happen(format!("rename {id} {}", name.next().unwrap()));
    }
    for (number, floor) in places["floors"].as_array().unwrap().iter().enumerate() {
        let id = floor["id"].as_str().unwrap();
        happen(format!("rename {id} {}", names[number * 5 % names.len()]));
        if number % 7 == 0 {
            happen(format!("offline floor {id}"));
        }
    }
    let fault = "sensors=redirect:https://an.elsewhere.example/";
    api.simulator.inject(fault.parse::<Fault>().unwrap());
    let ttls = "collectors: { sensors: { ttl: 1s }, presence: { ttl: 1s } }";
    let exporter = Exporter::of(api.address, ttls, &[]);
    exporter.metrics();
    look_at("awkward-without-sensors", &exporter.url);
    api.simulator.clear_faults();
    api.simulator.inject("presence=status:503".parse().unwrap());
    let another = format!(
        "  - name: {}\n    api_url: http://{}\n    auth: {{ client_id: simulated-client, client_secret_env: SECRET }}\n{ttls}",
        "🚀 مبنى ".repeat(25),
        api.address
    );
    let exporter = Exporter::of(api.address, &another, &[]);
    eventually("a collector fails and the sensors are listed", || {
        exporter.metrics();
        let page = curl(&[&exporter.url]);
        let is_so = page.contains("503 from the API") && page.contains("50 of ");
        is_so.then_some(())
    });
    look_at("awkward", &exporter.url);
}
