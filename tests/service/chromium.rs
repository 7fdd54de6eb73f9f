//! Chromium without a window, and a page of ours in it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::process::Folder;

/// What people prefer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

fn chromium(scheme: Scheme, arguments: &[&str]) -> Vec<u8> {
    let profile = Folder::new();
    let preferred = match scheme {
        Scheme::Dark => 0,
        Scheme::Light => 1,
    };
    let output = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--blink-settings=preferredColorScheme={preferred}"))
        .args(arguments)
        .output()
        .expect("Chromium is installed");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    output.stdout
}

/// The document at `url` after its scripts, if it has any, have run.
pub fn document(scheme: Scheme, url: &str) -> String {
    String::from_utf8(chromium(scheme, &["--dump-dom", url])).unwrap()
}

/// Takes a picture of `url` in a window of that size.
pub fn picture(scheme: Scheme, url: &str, (width, height): (u32, u32), file: &Path) {
    let size = format!("--window-size={width},{height}");
    let file_flag = format!("--screenshot={}", file.display());
    chromium(scheme, &[&size, &file_flag, url]);
    let png = std::fs::read(file).unwrap();
    assert_eq!(&png[1..4], b"PNG");
    assert_eq!(png[16..20], width.to_be_bytes(), "the width of {file:?}");
}

/// Serves a few answers, each a path, headers and a body, until the test program ends. Returns the address.
pub fn serve(answers: Vec<(&'static str, String, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().and_then(Result::ok).unwrap_or_default();
            // A browser opens connections on which it asks nothing.
            let path = request.split(' ').nth(1).unwrap_or_default();
            while lines
                .next()
                .is_some_and(|it| it.is_ok_and(|it| !it.is_empty()))
            {}
            let found = answers.iter().find(|it| it.0 == path);
            let answer = match found {
                Some((_, headers, body)) => format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
                    body.len()
                ),
                None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .to_owned(),
            };
            // It may have gone away.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}
