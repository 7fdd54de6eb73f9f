//! Serves metrics until a signal to stop; another signal reloads the configuration.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use crate::blocking_pool::BlockingPool;
use crate::cli::{Log, Web};
use crate::clock::SystemClock;
use crate::config::{self, Config, ProcessEnvironment};
use crate::http::{Exporter, Lifecycle, Listeners, Parts, Settings, WatchedWebConfig};
use crate::metrics::ExporterMetrics;

use super::assembly::Assembler;
use super::reload::{MakeTransport, ReadConfig, Reloader};
use super::signals::Signals;
use super::transports::Transports;
use super::{Failure, build_info, service_manager};

/// Serves the configured organizations.
pub(super) async fn serve(
    config_file: Option<PathBuf>,
    web: Web,
    log: Log,
) -> Result<ExitCode, Failure> {
    let signals = Signals::new()?;
    let read = move || match &config_file {
        Some(file) => config::from_file(file, &ProcessEnvironment),
        None => config::from_environment(&ProcessEnvironment),
    };
    let config =
        read().map_err(|errors| Failure::Usage(format!("the configuration is not good\n{errors}")));
    let (config, web_config) = both(config, web_config(web.web_config_file.as_deref()))?;
    crate::logging::init(log);
    let listeners = listen(&web).await?;
    let service = service(&config, Box::new(read), &web)?;
    for organization in &config.organizations {
        tracing::info!(
            organization = %organization.name,
            api_url = %organization.api_url,
            "configured"
        );
    }
    run_until_signal(service, signals, web_config, listeners).await
}

/// Both configurations, or all errors of either.
pub(super) fn both<A, B>(a: Result<A, Failure>, b: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(Failure::Usage(format!("{a}\n{b}"))),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// The configuration in `--web.config.file`.
pub(super) fn web_config(file: Option<&Path>) -> Result<WatchedWebConfig, Failure> {
    WatchedWebConfig::open(file, SystemClock::shared())
        .map_err(|errors| Failure::Usage(format!("the web configuration is not good\n{errors}")))
}

/// Listens on the addresses of the flags.
pub(super) async fn listen(web: &Web) -> Result<Listeners, Failure> {
    Listeners::bind(&web.listen_addresses)
        .await
        .map_err(|error| Failure::Other(error.to_string()))
}

/// The exporter and its reloader.
pub(super) struct Service {
    exporter: Arc<Exporter>,
    reloader: Arc<Reloader>,
}

/// The exporter that `config` and the flags describe; a reload takes its configuration from `read`.
pub(super) fn service(config: &Config, read: ReadConfig, web: &Web) -> Result<Service, Failure> {
    let clock = SystemClock::shared();
    let blocking_pool = BlockingPool::default();
    let exporter_metrics = ExporterMetrics::new(build_info())
        .map(Arc::new)
        .map_err(|error| Failure::Other(error.to_string()))?;
    exporter_metrics.config_read(true, clock.wall());
    let mut transports = Transports::default();
    let mut transport: MakeTransport = Box::new(move |organization| transports.of(organization));
    let mut assembler = Assembler::new(clock.clone(), blocking_pool, exporter_metrics.clone());
    let portfolio = assembler
        .first(config, &mut transport)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let parts = Parts {
        portfolio,
        exporter_metrics: exporter_metrics.clone(),
        redacted_config: config::redacted(config),
        clock: clock.clone(),
    };
    let settings = Settings {
        telemetry_path: web.telemetry_path.clone(),
        timeout_offset: web.timeout_offset,
        max_requests: web.max_requests,
    };
    let exporter = Exporter::new(parts, settings);
    let reloader = Reloader::new(
        &exporter,
        assembler,
        exporter_metrics,
        clock,
        read,
        transport,
    );
    if web.enable_lifecycle {
        exporter.enable_lifecycle(reloader.clone());
    }
    Ok(Service { exporter, reloader })
}

/// Serves until SIGTERM or SIGINT and then finishes the requests in flight; a second signal ends it at once.
/// SIGHUP reloads the configuration.
pub(super) async fn run_until_signal(
    service: Service,
    signals: Signals,
    web_config: WatchedWebConfig,
    listeners: Listeners,
) -> Result<ExitCode, Failure> {
    let Service { exporter, reloader } = service;
    let (mut shutdown, mut hangup) = signals.split();
    for address in listeners.addresses() {
        tracing::info!(
            %address,
            tls = web_config.has_tls(),
            version = env!("CARGO_PKG_VERSION"),
            "serving"
        );
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = crate::http::serve(exporter, web_config, listeners, max_connections(), async {
        let _ = stopped.await;
    });
    tokio::pin!(serving);
    service_manager::ready();
    let reloading = tokio::spawn(async move {
        loop {
            hangup.next().await;
            // Errors are logged.
            let _ = reloader.clone().reload().await;
        }
    });
    tokio::select! {
        () = &mut serving => return Ok(ExitCode::SUCCESS),
        () = shutdown.next() => tracing::info!("stopping; scrapes under way are finished first"),
    }
    reloading.abort();
    service_manager::stopping();
    // Fails only when serving has ended already.
    let _ = stop.send(());
    tokio::select! {
        () = serving => Ok(ExitCode::SUCCESS),
        () = shutdown.next() => {
            tracing::warn!("stopping at once");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Descriptors that are reserved for requests to Density and for files.
const RESERVED_DESCRIPTORS: u64 = 64;

/// The maximum number of connections, each of which takes a descriptor. The low limit that many systems set
/// is for programs that use `select`, so it is raised; when the system refuses that, it stays.
fn max_connections() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    if before != limit.current
        && let Err(error) = setrlimit(Resource::Nofile, limit)
    {
        tracing::warn!(%error, "can't raise the limit of open files");
        limit.current = before;
    }
    // No limit of descriptors means no limit of connections.
    let descriptors = limit.current.unwrap_or(u64::MAX);
    let connections = descriptors
        .saturating_sub(RESERVED_DESCRIPTORS)
        .max(descriptors / 2);
    usize::try_from(connections).unwrap_or(usize::MAX)
}
