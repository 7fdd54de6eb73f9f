//! Caches the rendered parts of the page, renders those that are out of date, and assembles pages.
//!
//! Each view of each organization is rendered and compressed once when its data changes, and shared by
//! every scrape and every filtered page. This module never fetches anything.

mod organization;
mod page;
mod rendered_view;
mod self_metrics;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::clock::Instant;
use crate::config::{Collector, CollectorSet};
use crate::exposition::{Deflated, Deflater, TextBuffer, write_header};
use crate::metrics::VIEWS;
use crate::snapshot::{CollectorState, CollectorStates, Snapshot};

use organization::{Organization, OrganizationPage};
use self_metrics::SelfMetricsCache;

pub use page::{Page, PageBody, SizedParts};
pub use rendered_view::RenderStats;
pub use self_metrics::{SelfMetricsInput, write_exporter};

/// The pages of all organizations.
#[derive(Debug)]
pub struct Pages {
    /// By name; each is rendered separately, so that one never waits for another.
    organizations: Mutex<HashMap<String, Arc<Organization>>>,
    /// The two header lines of the family of each view.
    headers: Arc<[Deflated]>,
    /// Assembled bodies, the most recently used last.
    bodies: Mutex<Vec<(Vec<PartKey>, Arc<PageBody>)>>,
    self_metrics: SelfMetricsCache,
    stats: Arc<Mutex<RenderStats>>,
}

/// How many bodies are cached: one for each combination of organizations and collectors in use.
const CACHED_BODIES: usize = 16;

/// The part of a body's cache key that stands for one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PartKey {
    organization: u64,
    version: u64,
    collectors: CollectorSet,
}

/// The rendered views of one organization that a page shows.
#[derive(Clone, Debug)]
pub struct RenderedOrganization {
    organization: u64,
    page: Arc<OrganizationPage>,
    collectors: CollectorSet,
    /// The states of the collectors that belong to the data shown.
    pub states: CollectorStates,
}

impl Default for Pages {
    fn default() -> Self {
        let mut deflater = Deflater::new();
        let headers = VIEWS.iter().map(|view| {
            let family = view.family;
            let mut header = TextBuffer::new();
            write_header(&mut header, family.name, family.kind, family.help);
            deflater.compress(header.as_slice())
        });
        Self {
            headers: headers.collect(),
            organizations: Mutex::default(),
            bodies: Mutex::default(),
            self_metrics: SelfMetricsCache::default(),
            stats: Arc::default(),
        }
    }
}

impl Pages {
    /// The pages after a reload: those of the organizations with these names remain, while bodies and self
    /// metrics are assembled again. A scrape that still uses the old pages may finish with them; what it
    /// renders of an organization that remains is shared by both.
    pub fn after_reload<'n>(&self, names: impl Iterator<Item = &'n str>) -> Self {
        // Nothing panics while it is held.
        let all = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let kept = names.filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())));
        Self {
            organizations: Mutex::new(kept.collect()),
            headers: self.headers.clone(),
            bodies: Mutex::default(),
            self_metrics: SelfMetricsCache::default(),
            stats: self.stats.clone(),
        }
    }

    /// The cached views of `collectors` of an organization, if they show everything that `snapshot` holds.
    /// This takes a microsecond.
    pub fn cached(
        &self,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> Option<RenderedOrganization> {
        let organization = self.organization(name);
        let page = organization.page();
        let fits = collectors.iter().all(|it| page.is_current(snapshot, it));
        fits.then(|| {
            organization.confirm(snapshot, collectors);
            RenderedOrganization {
                organization: organization.id,
                page,
                collectors: with_data(snapshot, collectors),
                states: snapshot.states,
            }
        })
    }

    /// As [`Pages::cached`], but with the previous views of collectors that are not rendered yet, and with
    /// the states that belong to them: old data never looks new, and data that is not on the page is not
    /// reported.
    /// `aged` returns the state of a collector with data of that age; none when such data has expired.
    pub fn latest_available(
        &self,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
        aged: impl Fn(Collector, Instant, CollectorState) -> Option<CollectorState>,
    ) -> RenderedOrganization {
        let organization = self.organization(name);
        let page = organization.page();
        let mut shown = CollectorSet::default();
        let mut states = snapshot.states;
        for collector in collectors.iter() {
            if page.is_current(snapshot, collector) {
                if snapshot.fetched(collector).is_some() {
                    shown = shown.with(collector);
                    organization.confirm(snapshot, CollectorSet::default().with(collector));
                }
                continue;
            }
            let old = page.rendered(collector);
            let old = old.and_then(|it| aged(collector, it.requested_at, it.state));
            if old.is_some() {
                shown = shown.with(collector);
            }
            // Without any data, the page is as it would have been before the new data arrived.
            *states.of_mut(collector) = old.unwrap_or(CollectorState {
                stale: false,
                ..*snapshot.previous_states.of(collector)
            });
        }
        RenderedOrganization {
            organization: organization.id,
            page,
            collectors: shown,
            states,
        }
    }

    /// Renders the views of `collectors` of an organization that are out of date, on the blocking pool and
    /// once for all scrapes that need them.
    ///
    /// # Errors
    /// When the task panics or is cancelled.
    pub async fn render(
        self: &Arc<Self>,
        blocking_pool: &BlockingPool,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> Result<(), TaskFailed> {
        let organization = self.organization(name);
        let mut renderer = organization.renderer().await;
        let page = organization.page();
        if collectors.iter().all(|it| page.is_current(snapshot, it)) {
            return Ok(());
        }
        let (pages, name, snapshot) = (self.clone(), name.to_owned(), snapshot.clone());
        // It goes on when the scrape no longer waits for it, and the next scrape finds the result.
        blocking_pool
            .run(move || {
                let stats = organization.render(&mut renderer, &name, &snapshot, collectors);
                pages.add_stats(stats);
            })
            .await
    }

    /// The body of a page of `organizations`: one family after the other, each with one header and the views
    /// of every organization.
    pub fn body(&self, organizations: &[RenderedOrganization]) -> Arc<PageBody> {
        let parts = organizations.iter().map(|it| PartKey {
            organization: it.organization,
            version: it.page.version,
            collectors: it.collectors,
        });
        // Nothing panics while it is held.
        let mut cached = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let found = cached
            .iter()
            .position(|(key, _)| key.iter().copied().eq(parts.clone()));
        if let Some(number) = found {
            if let Some(from_there) = cached.get_mut(number..) {
                from_there.rotate_left(1);
            }
            return cached.last().map(|it| it.1.clone()).unwrap_or_default();
        }
        let body = Arc::new(PageBody::new(self.assemble(organizations)));
        let parts: Vec<PartKey> = parts.collect();
        // A body of an older version is never requested again, and would keep its views in memory.
        let outdates = |old: &PartKey| {
            let newer =
                |new: &PartKey| new.organization == old.organization && new.version > old.version;
            parts.iter().any(newer)
        };
        cached.retain(|(key, _)| !key.iter().any(outdates));
        if cached.len() == CACHED_BODIES {
            cached.remove(0);
        }
        cached.push((parts, body.clone()));
        body
    }

    /// The families about collectors and requests of some organizations, from the cache or written on the
    /// blocking pool.
    ///
    /// # Errors
    /// When the task panics or is cancelled.
    pub async fn self_metrics(
        self: &Arc<Self>,
        blocking_pool: &BlockingPool,
        input: SelfMetricsInput,
    ) -> Result<Deflated, TaskFailed> {
        if let Some(cached) = self.self_metrics.cached(&input) {
            return Ok(cached);
        }
        let pages = self.clone();
        blocking_pool
            .run(move || pages.self_metrics.write(input))
            .await
    }

    /// How much has been rendered and compressed so far.
    pub fn render_stats(&self) -> RenderStats {
        // Nothing panics while it is held.
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_stats(&self, more: RenderStats) {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        stats.views = stats.views.saturating_add(more.views);
        stats.rendered = stats.rendered.saturating_add(more.rendered);
        stats.compressed = stats.compressed.saturating_add(more.compressed);
        stats.text_bytes = stats.text_bytes.saturating_add(more.text_bytes);
    }

    fn organization(&self, name: &str) -> Arc<Organization> {
        // Nothing panics while it is held.
        let mut all = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match all.get(name) {
            Some(organization) => organization.clone(),
            None => {
                let organization = Arc::new(Organization::default());
                all.insert(name.to_owned(), organization.clone());
                organization
            }
        }
    }

    fn assemble(&self, organizations: &[RenderedOrganization]) -> Vec<Deflated> {
        let mut pieces: Vec<Deflated> = Vec::new();
        let mut begun = None;
        for (number, (view, header)) in VIEWS.iter().zip(self.headers.iter()).enumerate() {
            for organization in organizations {
                let rendered = organization.page.view(number).filter(|it| {
                    organization.collectors.contains(view.collector) && it.whole.checksum.length > 0
                });
                let Some(rendered) = rendered else {
                    continue;
                };
                if begun != Some(view.family.name) {
                    begun = Some(view.family.name);
                    pieces.push(header.clone());
                }
                pieces.push(rendered.whole.clone());
            }
        }
        pieces
    }
}

/// Those of `collectors` that have data in `snapshot`.
fn with_data(snapshot: &Snapshot, collectors: CollectorSet) -> CollectorSet {
    let collectors = collectors.iter();
    collectors
        .filter(|it| snapshot.fetched(*it).is_some())
        .collect()
}

#[cfg(test)]
mod tests;
