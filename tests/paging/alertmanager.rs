//! The real Alertmanager, with the project's own routes.

use std::net::SocketAddr;
use std::process::Command;

use crate::process::{Folder, Running};
use crate::scale;

pub struct Alertmanager {
    pub address: SocketAddr,
    _process: Running,
    _folder: Folder,
}

impl Alertmanager {
    /// The program that `ALERTMANAGER` names, else the one that is installed. Its receivers call the
    /// webhook.
    pub fn calling(webhook: SocketAddr) -> Self {
        let folder = Folder::new();
        let routes = concat!(env!("CARGO_MANIFEST_DIR"), "/alerts/alertmanager.yml");
        let routes = std::fs::read_to_string(routes).unwrap();
        let config = folder.write("alertmanager.yml", &scale::routes(&routes, webhook));
        let program = std::env::var_os("ALERTMANAGER");
        let process = Running::start(
            Command::new(program.unwrap_or_else(|| "prometheus-alertmanager".into()))
                .arg(format!("--config.file={}", config.display()))
                .arg(format!(
                    "--storage.path={}",
                    folder.path().join("data").display()
                ))
                .args([
                    "--web.listen-address=127.0.0.1:0",
                    "--cluster.listen-address=",
                ]),
        );
        Self {
            address: process.address("Listening on"),
            _process: process,
            _folder: folder,
        }
    }
}
