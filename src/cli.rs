//! The command line, as Prometheus exporters have theirs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::duration;
use crate::simulator;

/// The exporter for Density occupancy sensors: asks Density's API within a call budget when
/// Prometheus scrapes, and shows counts, presence and sensor health with their ages.
#[derive(Debug, Parser)]
#[command(name = "density-exporter", version = VERSION, args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Without a subcommand it serves metrics, configured by --config.file, or by \
    the environment: DENSITY_API_TOKEN or DENSITY_API_TOKEN_FILE; or DENSITY_CLIENT_ID with \
    DENSITY_CLIENT_SECRET or DENSITY_CLIENT_SECRET_FILE; DENSITY_API_URL; DENSITY_ORGANIZATION.\n\n\
    SIGHUP reads the configuration again.\n\n\
    Exit status: 0 after SIGTERM or SIGINT, 64 for a bad command line or configuration, 1 for any \
    other failure."
)]
pub struct Cli {
    /// The configuration file (YAML). With it, only the file counts.
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub web: Web,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub log: Log,
    #[command(subcommand)]
    #[allow(missing_docs, reason = "the subcommands have their own")]
    pub command: Option<Command>,
}

const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (revision ",
    env!("BUILD_REVISION"),
    ", ",
    env!("BUILD_RUSTC"),
    ")"
);

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a simulated portfolio: no account, no file, nothing to set up
    Demo(Demo),
    /// Run the simulated Density API alone
    Simulate(Simulate),
    /// Print every error of a configuration, or what it means and what it costs
    CheckConfig {
        /// The configuration file
        file: PathBuf,
        /// The file for TLS, users and headers, to be checked with it
        #[arg(long = "web.config.file", value_name = "FILE")]
        web_config_file: Option<PathBuf>,
    },
    /// Print the JSON schema of the configuration file, by which editors complete and check it
    Schema {
        /// The schema of the file for TLS, users and headers instead
        #[arg(long)]
        web: bool,
    },
    /// Print the catalogue of metrics
    Metrics {
        /// How to print it
        #[arg(long, value_enum, default_value_t = CatalogueFormat::Markdown)]
        format: CatalogueFormat,
    },
    /// Ask a running exporter whether it is healthy; exit 0 when it is, 1 when not
    Healthcheck(Healthcheck),
    /// Print the completions for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print a manual page, in roff
    #[command(hide = true)]
    Man {
        /// The subcommand that it is about; without it, the program
        subcommand: Option<String>,
    },
}

/// The shells whose completions are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the usual words")]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// How the catalogue is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CatalogueFormat {
    /// For people
    Markdown,
    /// For programs
    Json,
}

/// The flags of the server.
#[derive(Clone, Debug, Args)]
pub struct Web {
    /// Address to listen on; may be given several times
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        default_value = ":10036",
        value_parser = listen_address
    )]
    pub listen_addresses: Vec<String>,
    /// File for TLS, users and headers, as every Prometheus component reads it
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
    /// Path of the metrics
    #[arg(long = "web.telemetry-path", value_name = "PATH", default_value = "/metrics",
          value_parser = telemetry_path)]
    pub telemetry_path: String,
    /// How much earlier than the scrape's timeout an answer is given
    #[arg(long = "web.timeout-offset", value_name = "DURATION", default_value = "0.5s",
          value_parser = duration::parse)]
    pub timeout_offset: Duration,
    /// Scrapes that may be in flight at once, each until its answer is sent; above it, 503
    #[arg(long = "web.max-requests", value_name = "N", default_value_t = 40,
          value_parser = at_least_one)]
    pub max_requests: usize,
    /// Read the configuration again on POST to /-/reload, as on SIGHUP
    #[arg(long = "web.enable-lifecycle")]
    pub enable_lifecycle: bool,
}

/// The flags of the log.
#[derive(Clone, Copy, Debug, Args)]
pub struct Log {
    /// How much is logged
    #[arg(long = "log.level", value_enum, default_value_t = LogLevel::Info)]
    pub level: LogLevel,
    /// How it is written, to standard error
    #[arg(long = "log.format", value_enum, default_value_t = LogFormat::Logfmt)]
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the usual words")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the usual words")]
pub enum LogFormat {
    Logfmt,
    Json,
}

/// The flags of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub web: Web,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub log: Log,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub portfolio: Portfolio,
}

/// The flags of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Address to listen on
    #[arg(
        long = "listen-address",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:10037"
    )]
    pub listen_address: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub log: Log,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the flags of the group have their own")]
    pub portfolio: Portfolio,
}

/// The flags of `healthcheck`.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Where to ask; by default http://127.0.0.1:10036/-/healthy, or https with a --web.config.file that
    /// has TLS. The certificate of an exporter on this machine is not verified
    #[arg(long)]
    pub url: Option<url::Url>,
    /// The file that the exporter serves with
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
    /// Certificate to show, where the exporter requires one (PEM)
    #[arg(long, value_name = "FILE", requires = "client_key_file")]
    pub client_cert_file: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "client_cert_file")]
    pub client_key_file: Option<PathBuf>,
}

/// What is simulated.
#[derive(Clone, Debug, Args)]
pub struct Portfolio {
    /// Buildings
    #[arg(long, default_value_t = 3, value_parser = at_least_one)]
    pub buildings: usize,
    /// Sensors
    #[arg(long, default_value_t = 60, value_parser = sensors)]
    pub sensors: usize,
    /// Spaces at all levels; as many as are natural where it is not given
    #[arg(long)]
    pub spaces: Option<usize>,
    /// The same seed gives the same portfolio
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Nothing happens but what events cause
    #[arg(long)]
    pub steady: bool,
    /// A fault from the start, such as sensor_health=status:503 or *=latency:2s; may be given several times
    #[arg(long = "fault", value_name = "FAULT")]
    pub faults: Vec<simulator::Fault>,
    /// A name that is planted wherever the API would tell people's names
    #[arg(long, value_name = "NAME")]
    pub canary: Option<String>,
}

fn listen_address(text: &str) -> Result<String, String> {
    let port = text
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse::<u16>().ok());
    match port {
        Some(_) => Ok(text.to_owned()),
        None => Err("an address is :PORT or HOST:PORT, the port from 0 to 65535".to_owned()),
    }
}

fn telemetry_path(text: &str) -> Result<String, String> {
    const TAKEN: [&str; 4] = ["/-/healthy", "/-/ready", "/-/reload", "/config"];
    if !text.starts_with('/') || text.contains(['?', '#', ' ']) {
        return Err("a path begins with / and has no ?, # or space".to_owned());
    }
    // The router would take these for patterns.
    if text.contains(['{', '}']) || text.split('/').any(|it| it.starts_with([':', '*'])) {
        return Err("a path has no { or }, and no segment that begins with : or *".to_owned());
    }
    if TAKEN.contains(&text) {
        return Err("there is another page at that path".to_owned());
    }
    Ok(text.to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("it must be a whole number".to_owned()),
    }
}

fn sensors(text: &str) -> Result<usize, String> {
    const MOST: usize = 100_000;
    match at_least_one(text)? {
        number if number > MOST => Err(format!("at most {MOST} are simulated")),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_read_as_people_write_them() {
        let cli = Cli::try_parse_from([
            "density-exporter",
            "--config.file=x.yml",
            "--web.listen-address=:1",
            "--web.listen-address=[::1]:2",
            "--web.timeout-offset=1",
        ])
        .unwrap();
        assert_eq!(cli.web.listen_addresses, [":1", "[::1]:2"]);
        assert_eq!(cli.web.timeout_offset, Duration::from_secs(1));
    }

    #[test]
    fn flags_before_a_subcommand_are_not_dropped_without_a_word() {
        let line = ["density-exporter", "--web.listen-address=:1", "demo"];
        assert!(Cli::try_parse_from(line).is_err());
    }

    #[test]
    fn bad_flags_say_what_is_wrong() {
        let cases = [
            ("--web.timeout-offset=10parsecs", "is not a duration"),
            ("--web.telemetry-path=metrics", "a path begins with /"),
            ("--web.telemetry-path=/config", "another page"),
            ("--web.telemetry-path=/{page}", "no { or }"),
            ("--web.telemetry-path=/a/:b", "begins with : or *"),
            ("--web.telemetry-path=/a/*", "begins with : or *"),
            ("--web.max-requests=0", "at least 1"),
            (
                "--web.listen-address=nonsense",
                "an address is :PORT or HOST:PORT",
            ),
            (
                "--web.listen-address=127.0.0.1:99999",
                "an address is :PORT or HOST:PORT",
            ),
            (
                "--log.level=loud",
                "possible values: error, warn, info, debug, trace",
            ),
            ("--no-such-flag", "unexpected argument"),
        ];
        for (flag, expected) in cases {
            let error = Cli::try_parse_from(["density-exporter", flag]).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
