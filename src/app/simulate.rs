//! The simulated Density API on its own.

use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::cli::{Portfolio, Simulate};
use crate::clock::SystemClock;
use crate::simulator::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TOKEN, Options, Simulator,
};

use super::signals::Signals;
use super::{Failure, say};

/// Runs it until SIGINT or SIGTERM; SIGHUP changes nothing.
pub(super) async fn simulate(flags: Simulate) -> Result<ExitCode, Failure> {
    let (mut shutdown, mut hangup) = Signals::new()?.split();
    crate::logging::init(flags.log);
    let listener = TcpListener::bind(&flags.listen_address)
        .await
        .map_err(|error| {
            let address = &flags.listen_address;
            let reason = match error.kind() {
                std::io::ErrorKind::AddrInUse => "it is in use".to_owned(),
                _ => error.to_string(),
            };
            Failure::Other(format!(
                "can't listen on {address}: {reason}; choose another address with --listen-address"
            ))
        })?;
    let failed = |error: std::io::Error| Failure::Other(error.to_string());
    let address = listener.local_addr().map_err(failed)?;
    let simulator = Simulator::new(options(&flags.portfolio), SystemClock::shared());
    let truth = simulator.truth();
    say(&format!(
        "Simulating {} spaces and {} sensors on http://{address}\n\
         token: {DEFAULT_TOKEN}\n\
         client id: {DEFAULT_CLIENT_ID}, client secret: {DEFAULT_CLIENT_SECRET}\n\
         faults, events and the truth: http://{address}/simulator\n",
        truth.spaces, truth.sensors
    ));
    let stop = async move {
        let nothing_to_reload = async {
            loop {
                hangup.next().await;
                tracing::info!("there is no configuration to read again");
            }
        };
        tokio::select! {
            () = shutdown.next() => {}
            () = nothing_to_reload => {}
        }
    };
    simulator.serve(listener, stop).await.map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

/// The simulator's options from the flags.
pub(super) fn options(portfolio: &Portfolio) -> Options {
    Options {
        seed: portfolio.seed,
        buildings: portfolio.buildings,
        sensors: portfolio.sensors,
        spaces: portfolio.spaces,
        steady: portfolio.steady,
        faults: portfolio.faults.clone(),
        canary: portfolio.canary.clone(),
        ..Options::default()
    }
}
