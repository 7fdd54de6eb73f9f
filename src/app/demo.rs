//! The exporter with the simulator in one process: nothing to set up.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use url::Url;

use crate::cli::Demo;
use crate::clock::SystemClock;
use crate::config::{
    Auth, Budget, Collector, CollectorSettings, Config, Organization, Request, SecretSource,
    SpaceFilter, Stale,
};
use crate::simulator::{DEFAULT_TOKEN, Simulator, Truth};

use super::signals::Signals;
use super::simulate::options;
use super::{Failure, say, serve};

/// The `organization` label of the simulated organization.
const ORGANIZATION: &str = "demo";
/// A demo is watched while it changes, so its TTLs are shorter than the defaults.
const TTLS: [(Collector, Duration); 5] = [
    (Collector::Spaces, Duration::from_secs(60)),
    (Collector::Sensors, Duration::from_secs(60)),
    (Collector::CurrentCount, Duration::from_secs(4)),
    (Collector::Presence, Duration::from_secs(4)),
    (Collector::SensorHealth, Duration::from_secs(4)),
];

/// Serves a simulated portfolio.
pub(super) async fn demo(flags: Demo) -> Result<ExitCode, Failure> {
    let signals = Signals::new()?;
    crate::logging::init(flags.log);
    let web_config = serve::web_config(flags.web.web_config_file.as_deref())?;
    let listeners = serve::listen(&flags.web).await?;
    let failed =
        |error: std::io::Error| Failure::Other(format!("can't start the simulated API: {error}"));
    let socket = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let api = socket.local_addr().map_err(failed)?;
    let simulator = Simulator::new(options(&flags.portfolio), SystemClock::shared());
    let truth = simulator.truth();
    tokio::spawn(simulator.serve(socket, std::future::pending()));
    let config = config(api)?;
    // A reload finds the same configuration, because there is no file to change.
    let again = config.clone();
    let service = serve::service(&config, Box::new(move || Ok(again.clone())), &flags.web)?;
    if let Some(address) = listeners.addresses().first() {
        let scheme = if web_config.has_tls() {
            "https"
        } else {
            "http"
        };
        let path = &flags.web.telemetry_path;
        say(&greeting(&truth, scheme, address, api, path));
    }
    serve::run_until_signal(service, signals, web_config, listeners).await
}

fn config(api: SocketAddr) -> Result<Config, Failure> {
    let api_url =
        Url::parse(&format!("http://{api}")).map_err(|error| Failure::Other(error.to_string()))?;
    let mut collectors = CollectorSettings::default();
    for (collector, ttl) in TTLS {
        collectors.set(collector, Some(ttl));
    }
    Ok(Config {
        organizations: vec![Organization {
            name: ORGANIZATION.to_owned(),
            api_url,
            auth: Auth::Token(SecretSource::Environment {
                variable: "of the demo".to_owned(),
                value: DEFAULT_TOKEN.into(),
            }),
            spaces: SpaceFilter::default(),
            ca_file: None,
            proxy_url: None,
        }],
        collectors,
        budget: Budget::default(),
        request: Request::default(),
        stale: Stale::default(),
    })
}

fn greeting(
    truth: &Truth,
    scheme: &str,
    address: &SocketAddr,
    api: SocketAddr,
    path: &str,
) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let port = address.port();
    let buildings = truth.spaces_by_type.get("building").copied().unwrap_or(0);
    format!(
        "A simulated Density portfolio: {buildings} buildings, {} spaces, {} sensors, where people come and go\n\
         and sensors fail and return.\n\n\
         Metrics:         {scheme}://{host}:{port}{path}\n\
         Status page:     {scheme}://{host}:{port}/\n\
         Make it fail:    http://{api}/simulator\n\n\
         Three queries worth trying:\n  \
         # sensors by health\n  \
         count by (status) (density_sensor_health == 1)\n  \
         # people in the rooms of each building (floors and rooms may count the same people)\n  \
         sum by (building) (density_space_occupancy and on (space_id) density_space_info{{space_type=\"space\"}})\n  \
         # how old the data is, in seconds\n  \
         time() - density_collector_last_success_timestamp_seconds\n\n\
         Ctrl-C ends it.\n",
        truth.spaces, truth.sensors
    )
}
