//! What systemd is told of a service of the type `notify`.

use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::process::{Folder, Running, density_exporter};

#[test]
fn systemd_is_told_when_it_serves_reloads_and_stops() {
    let folder = Folder::new();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let told = || {
        let mut message = [0; 64];
        let length = socket.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    };

    let running = Running::start(
        density_exporter()
            .args(["demo", "--web.listen-address=127.0.0.1:0"])
            .env("NOTIFY_SOCKET", &path),
    );
    assert_eq!(told(), "READY=1\n");
    let address = running.address("message=serving");
    TcpStream::connect(address).unwrap();

    running.signal("HUP");
    let reloading = told();
    let time = reloading
        .strip_prefix("RELOADING=1\nMONOTONIC_USEC=")
        .unwrap();
    time.trim_end().parse::<u64>().unwrap();
    assert_eq!(told(), "READY=1\n");

    running.signal("TERM");
    assert_eq!(told(), "STOPPING=1\n");
    let (status, log) = running.end();
    assert!(status.success(), "{log}");
    assert!(!log.contains("service manager"), "{log}");
}

#[test]
fn a_service_manager_that_is_gone_is_no_reason_to_end() {
    let running = Running::start(
        density_exporter()
            .args(["demo", "--web.listen-address=127.0.0.1:0"])
            .env("NOTIFY_SOCKET", "/nowhere/notify"),
    );
    running.line_with("tell the service manager");
    running.signal("TERM");
    let (status, log) = running.end();
    assert!(status.success(), "{log}");
}
