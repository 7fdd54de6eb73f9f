//! Serving metrics until a signal says to stop.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::aside::Aside;
use crate::cli::{Log, Web};
use crate::clock::SystemClock;
use crate::config::{self, Config, ProcessEnvironment};
use crate::density::{HttpsTransport, Transport, Way};
use crate::http::{Exporter, Gate, Listeners, Parts, Settings, WatchedWebConfig};
use crate::metrics::OwnMetrics;

use super::{Failure, assemble, build_info, service_manager};

/// Serves what is configured.
pub(super) async fn serve(
    config_file: Option<PathBuf>,
    web: Web,
    log: Log,
) -> Result<ExitCode, Failure> {
    let environment = ProcessEnvironment;
    let config = match &config_file {
        Some(file) => config::from_file(file, &environment),
        None => config::from_environment(&environment),
    }
    .map_err(|errors| Failure::Usage(format!("the configuration is not good\n{errors}")));
    let (config, web_config) = both(config, web_config(web.web_config_file.as_deref()))?;
    crate::logging::begin(log);
    let listeners = listen(&web).await?;
    let exporter = exporter(&config, &web)?;
    for organization in &config.organizations {
        tracing::info!(
            organization = %organization.name,
            api_url = %organization.api_url,
            "configured"
        );
    }
    until_a_signal(exporter, web_config, listeners).await
}

/// Both configurations, or all that is wrong with either.
pub(super) fn both<A, B>(a: Result<A, Failure>, b: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(a), Err(b)) => Err(Failure::Usage(format!("{a}\n{b}"))),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// What `--web.config.file` says.
pub(super) fn web_config(file: Option<&Path>) -> Result<WatchedWebConfig, Failure> {
    WatchedWebConfig::open(file, SystemClock::shared())
        .map_err(|errors| Failure::Usage(format!("the web configuration is not good\n{errors}")))
}

/// Listens as the flags say.
pub(super) async fn listen(web: &Web) -> Result<Listeners, Failure> {
    Listeners::bind(&web.listen_addresses)
        .await
        .map_err(|error| Failure::Other(error.to_string()))
}

/// The exporter that `config` and the flags describe.
pub(super) fn exporter(config: &Config, web: &Web) -> Result<Arc<Exporter>, Failure> {
    let clock = SystemClock::shared();
    let aside = Aside::default();
    let own = OwnMetrics::new(build_info())
        .map(Arc::new)
        .map_err(|error| Failure::Other(error.to_string()))?;
    own.config_read(true, clock.wall());
    // Organizations that go the same way share their connections.
    let mut shared: Vec<(Way<'_>, Arc<dyn Transport>)> = Vec::new();
    let portfolio = assemble(config, &clock, &aside, &own, |organization| {
        let way = match &organization.proxy_url {
            Some(url) => Way::Proxy(url),
            None if organization.is_on_this_machine() => Way::Direct,
            None => Way::Environment,
        };
        let known = shared.iter().find(|(other, _)| *other == way);
        if let (Some((_, transport)), None) = (known, &organization.ca_file) {
            return Ok(transport.clone());
        }
        let ca_file = organization.ca_file.as_deref();
        let transport: Arc<dyn Transport> = Arc::new(HttpsTransport::new(ca_file, way)?);
        if ca_file.is_none() {
            shared.push((way, transport.clone()));
        }
        Ok(transport)
    })
    .map_err(|error| Failure::Usage(error.to_string()))?;
    let parts = Parts {
        portfolio,
        own,
        redacted_config: config::redacted(config),
        clock,
    };
    let settings = Settings {
        telemetry_path: web.telemetry_path.clone(),
        timeout_offset: web.timeout_offset,
        max_requests: web.max_requests,
    };
    Ok(Exporter::new(parts, settings))
}

/// Serves until SIGTERM or SIGINT, then finishes what was begun; a second signal ends it at once.
pub(super) async fn until_a_signal(
    exporter: Arc<Exporter>,
    web_config: WatchedWebConfig,
    listeners: Listeners,
) -> Result<ExitCode, Failure> {
    let no_signals = |error| Failure::Other(format!("can't wait for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    for address in listeners.addresses() {
        tracing::info!(
            %address,
            tls = web_config.has_tls(),
            version = env!("CARGO_PKG_VERSION"),
            "serving"
        );
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let gate = Gate::new(exporter, web_config, SystemClock::shared());
    let serving = crate::http::serve(gate, listeners, most_connections(), async {
        let _ = stopped.await;
    });
    tokio::pin!(serving);
    service_manager::ready();
    let mut next_signal = async || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::select! {
        () = &mut serving => return Ok(ExitCode::SUCCESS),
        () = next_signal() => tracing::info!("stopping; scrapes under way are finished first"),
    }
    service_manager::stopping();
    // Fails only when serving has ended already.
    let _ = stop.send(());
    tokio::select! {
        () = serving => Ok(ExitCode::SUCCESS),
        () = next_signal() => {
            tracing::warn!("stopping at once");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Descriptors that connections leave for asking Density and for files.
const KEPT_DESCRIPTORS: u64 = 64;

/// How many connections there may be at once, each of which takes a descriptor. The low limit that many
/// systems set is for programs that use `select`, so it is raised; where the system refuses that, it
/// stays.
fn most_connections() -> usize {
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
    // Without a limit there is none here.
    let descriptors = limit.current.unwrap_or(u64::MAX);
    let connections = descriptors
        .saturating_sub(KEPT_DESCRIPTORS)
        .max(descriptors / 2);
    usize::try_from(connections).unwrap_or(usize::MAX)
}
