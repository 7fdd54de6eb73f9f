//! The page as other programs read it.

use std::process::Command;

use density_exporter::simulator::{EndpointName, Options};

use crate::process::{
    Api, Exporter, Running, curl, density_exporter, eventually, feed, promtool_is_content, steady,
};

#[test]
fn the_demo_needs_nothing_and_promtool_is_content_with_its_page() {
    let demo =
        Running::start(density_exporter().args(["demo", "--web.listen-address=127.0.0.1:0"]));
    let address = demo.address("serving");
    let page = curl(&[&format!("http://{address}/metrics")]);
    promtool_is_content(&page);
    assert!(page.contains("density_up{organization=\"demo\"} 1\n"));
    let greeting = eventually("the greeting is printed", || {
        Some(demo.written()).filter(|it| it.contains("Ctrl-C"))
    });
    for expected in [
        "60 sensors",
        &format!("http://{address}/metrics"),
        "queries worth trying",
    ] {
        assert!(greeting.contains(expected), "{expected} in {greeting}");
    }
}

#[test]
fn promtool_is_content_when_entries_are_malformed_and_names_are_strange() {
    let api = Api::start(Options {
        sensors: 400,
        buildings: 8,
        ..Options::default()
    });
    api.simulator.inject("*=malformed".parse().unwrap());
    let exporter = Exporter::of(api.address, "", &[]);
    let page = exporter.metrics();
    assert!(page.contains("density_up{organization=\"acme\"} 1\n"));
    assert!(page.contains("status=\"hibernating\""));
    promtool_is_content(&page);
    for endpoint in EndpointName::ALL {
        assert!(api.simulator.calls().of(endpoint) <= 1);
    }
}

#[test]
fn curl_and_python_read_the_whole_of_a_compressed_page() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &[]);
    exporter.metrics();
    let url = format!("{}/metrics", exporter.url);
    let page = curl(&["--compressed", &url]);
    assert!(page.contains("# TYPE density_space_info gauge\n"));
    assert!(page.ends_with('\n') && page.contains("process_start_time_seconds "));

    // As requests does it: one member, and what follows is dropped without a word.
    let script = "import sys, urllib.request, zlib\n\
        request = urllib.request.Request(sys.argv[1], headers={'Accept-Encoding': 'gzip'})\n\
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))\n\
        decoder = zlib.decompressobj(31)\n\
        page = decoder.decompress(opener.open(request).read())\n\
        assert decoder.eof and not decoder.unused_data\n\
        sys.stdout.buffer.write(page)\n";
    let output = feed(Command::new("python3").args(["-", &url]), script.as_bytes());
    assert!(output.status.success(), "{output:?}");
    let read = String::from_utf8(output.stdout).unwrap();
    let data = |page: &str| -> Vec<String> {
        page.lines()
            .filter(|it| it.starts_with("density_s"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(data(&read), data(&page));
}

#[test]
fn every_page_answers_as_usual() {
    let api = Api::start(steady());
    let exporter = Exporter::of(api.address, "", &[]);
    let url = &exporter.url;
    let head = |arguments: &[&str]| {
        let output = Command::new("curl")
            .args(["-s", "--noproxy", "*", "-D", "-", "-o", "/dev/null"])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .to_ascii_lowercase()
    };
    for (path, status) in [
        ("/", 200),
        ("/-/healthy", 200),
        ("/-/ready", 200),
        ("/config", 200),
        ("/metrics", 200),
        ("/metrics?organization=none", 400),
        ("/metrics/", 404),
        ("/favicon.ico", 404),
    ] {
        let answer = head(&[&format!("{url}{path}")]);
        assert!(
            answer.starts_with(&format!("http/1.1 {status} ")),
            "{path}: {answer}"
        );
    }
    let answer = head(&["-X", "DELETE", &format!("{url}/metrics")]);
    assert!(answer.starts_with("http/1.1 405 "), "{answer}");
    assert!(answer.contains("allow: get, head"), "{answer}");
    let answer = head(&["-I", &format!("{url}/metrics")]);
    assert!(answer.contains("vary: accept-encoding") && answer.contains("content-length: "));
    let answer = head(&["-I", url]);
    assert!(answer.contains("content-length: ") && !answer.contains("content-length: 0"));
    assert!(answer.contains("content-security-policy: default-src 'none'; style-src 'sha256-"));
    assert!(curl(&[url]).contains("<a href=\"/metrics\">"));
    let healthy = format!("{url}/-/healthy");
    let check = density_exporter()
        .args(["healthcheck", "--url", &healthy])
        .status();
    assert!(check.unwrap().success());
}
