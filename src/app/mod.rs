//! Wiring: from a command line to a running program. It must not contain logic of its own.

mod allocator;
mod assembly;
mod check_config;
mod completions;
mod demo;
mod failure;
mod healthcheck;
mod manual;
mod output;
mod reload;
mod schema;
mod serve;
mod service_manager;
mod signals;
mod simulate;
mod transports;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{CatalogueFormat, Cli, Command};
use crate::metrics::catalogue;

pub use assembly::{Assembler, AssemblyError, NextPortfolio, assemble, build_info};
pub use reload::{MakeTransport, ReadConfig, Reloader};

use failure::Failure;
use output::say;

/// The exit code for a bad command line or configuration, as in sysexits.h.
const BAD_USAGE: u8 = 64;

/// The maximum number of worker threads, however many cores there are.
const MAX_WORKERS: usize = 4;

/// Runs the command that the command line names and returns the exit code of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; everything else is. A closed pipe is none either.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(BAD_USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    if matches!(cli.command, None | Some(Command::Demo(_))) {
        allocator::configure();
    }
    match run(cli) {
        Ok(code) => code,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "density-exporter: {failure}");
            match failure {
                Failure::Usage(_) => ExitCode::from(BAD_USAGE),
                Failure::Other(_) => ExitCode::FAILURE,
            }
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        None => run_async(serve::serve(cli.config_file, cli.web, cli.log)),
        Some(Command::Demo(demo)) => run_async(demo::demo(demo)),
        Some(Command::Simulate(simulate)) => run_async(simulate::simulate(simulate)),
        Some(Command::CheckConfig {
            file,
            web_config_file,
        }) => check_config::check_config(&file, web_config_file.as_deref()),
        Some(Command::Metrics { format }) => {
            say(&match format {
                CatalogueFormat::Markdown => catalogue::markdown(),
                CatalogueFormat::Json => catalogue::json() + "\n",
            });
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Schema { web }) => {
            say(&schema::schema(web)?);
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Healthcheck(flags)) => run_async(healthcheck::healthcheck(flags)),
        Some(Command::Completions { shell }) => {
            say(&completions::completions(shell));
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Man { subcommand }) => {
            say(&manual::manual(subcommand.as_deref())?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn run_async(work: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    // Serving is mostly copying, and each thread keeps memory of its own.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(MAX_WORKERS))
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("can't start: {error}")))?;
    let result = runtime.block_on(work);
    // A number that grows with uptime would be a leak.
    tracing::debug!(tasks = runtime.metrics().num_alive_tasks(), "ended");
    // Refreshes may still be in flight, but nothing waits for them any more.
    runtime.shutdown_background();
    result
}
