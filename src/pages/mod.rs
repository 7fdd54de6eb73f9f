//! Which parts of the page stand, which must be rendered again, and how they are put together.
//!
//! Each view of each organization is rendered and compressed once when its data changes, and shared by
//! every scrape and every narrowed page. This room fetches nothing.

mod organization;
mod page;
mod rendered;
mod tail;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::clock::Instant;
use crate::config::{Collector, CollectorSet};
use crate::exposition::{Deflated, Deflater, TextBuffer, write_header};
use crate::metrics::VIEWS;
use crate::snapshot::{CollectorState, CollectorStates, Snapshot};

use organization::{Organization, OrganizationPage};
use tail::Tails;

pub use page::{Page, PageBody, Parts};
pub use rendered::Work;
pub use tail::{Tail, write_exporter};

/// The pages of all organizations.
#[derive(Debug)]
pub struct Pages {
    /// By name; each is rendered by itself, so that one never waits for another.
    organizations: Mutex<HashMap<String, Arc<Organization>>>,
    /// The two header lines of the family of each view.
    headers: Arc<[Deflated]>,
    /// Bodies that were put together, the one that was used last at the end.
    bodies: Mutex<Vec<(Vec<Part>, Arc<PageBody>)>>,
    tails: Tails,
    work: Arc<Mutex<Work>>,
}

/// How many bodies are kept: one for each way in which a page is asked for.
const KEPT_BODIES: usize = 16;

/// One organization on a page: which version of it, and what of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    organization: u64,
    version: u64,
    collectors: CollectorSet,
}

/// What there is to show of an organization now.
#[derive(Clone, Debug)]
pub struct Standing {
    organization: u64,
    page: Arc<OrganizationPage>,
    collectors: CollectorSet,
    /// How the collectors were when what is shown of them was new.
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
            tails: Tails::default(),
            work: Arc::default(),
        }
    }
}

impl Pages {
    /// The pages after a reload: those of the organizations of these names remain. Bodies and tails are
    /// put together again. Whoever still uses the old ones does so to its end, and what it renders of an
    /// organization that remains is there for both.
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
            tails: Tails::default(),
            work: self.work.clone(),
        }
    }

    /// What there is to show of `collectors` of an organization, when that is all of what `snapshot`
    /// holds. This takes a microsecond.
    pub fn standing(
        &self,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> Option<Standing> {
        let organization = self.organization(name);
        let page = organization.page();
        let fits = collectors.iter().all(|it| page.fits(snapshot, it));
        fits.then(|| {
            organization.confirm(snapshot, collectors);
            Standing {
                organization: organization.number,
                page,
                collectors: there_of(snapshot, collectors),
                states: snapshot.states,
            }
        })
    }

    /// As [`Pages::standing`], but where that does not stand yet, what stood before, with the states of
    /// its own time: old data never looks new, and data that is not on the page is not told of. `aged` gives
    /// the state that a collector with data of that age is in; nothing when the data may no longer be shown.
    pub fn what_there_is(
        &self,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
        aged: impl Fn(Collector, Instant, CollectorState) -> Option<CollectorState>,
    ) -> Standing {
        let organization = self.organization(name);
        let page = organization.page();
        let mut shown = CollectorSet::default();
        let mut states = snapshot.states;
        for collector in collectors.iter() {
            if page.fits(snapshot, collector) {
                if snapshot.fetched(collector).is_some() {
                    shown = shown.with(collector);
                    organization.confirm(snapshot, CollectorSet::default().with(collector));
                }
                continue;
            }
            let old = page.shown(collector);
            let old = old.and_then(|it| aged(collector, it.requested_at, it.state));
            if old.is_some() {
                shown = shown.with(collector);
            }
            // Without any data, the page is as it would be had the new come a moment later.
            *states.of_mut(collector) = old.unwrap_or(CollectorState {
                stale: false,
                ..*snapshot.previous_states.of(collector)
            });
        }
        Standing {
            organization: organization.number,
            page,
            collectors: shown,
            states,
        }
    }

    /// Renders the views of `collectors` of an organization where they do not stand: aside, and once,
    /// however many ask.
    ///
    /// # Errors
    /// When rendering is lost to a defect.
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
        if collectors.iter().all(|it| page.fits(snapshot, it)) {
            return Ok(());
        }
        let (pages, name, snapshot) = (self.clone(), name.to_owned(), snapshot.clone());
        // It goes on when nobody waits for it any more: the next scrape finds what it made.
        blocking_pool
            .run(move || {
                let work = organization.render(&mut renderer, &name, &snapshot, collectors);
                pages.count(work);
            })
            .await
    }

    /// The body of a page of `organizations`: one family after the other, each with its header once and
    /// the views of every organization.
    pub fn body(&self, organizations: &[Standing]) -> Arc<PageBody> {
        let parts = organizations.iter().map(|it| Part {
            organization: it.organization,
            version: it.page.version,
            collectors: it.collectors,
        });
        // Nothing panics while it is held.
        let mut kept = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept
            .iter()
            .position(|(key, _)| key.iter().copied().eq(parts.clone()));
        if let Some(number) = found {
            if let Some(from_there) = kept.get_mut(number..) {
                from_there.rotate_left(1);
            }
            return kept.last().map(|it| it.1.clone()).unwrap_or_default();
        }
        let body = Arc::new(PageBody::new(self.put_together(organizations)));
        let parts: Vec<Part> = parts.collect();
        // A body of an older version is never asked for again, and holds on to its views.
        let outdates = |old: &Part| {
            let newer =
                |new: &Part| new.organization == old.organization && new.version > old.version;
            parts.iter().any(newer)
        };
        kept.retain(|(key, _)| !key.iter().any(outdates));
        if kept.len() == KEPT_BODIES {
            kept.remove(0);
        }
        kept.push((parts, body.clone()));
        body
    }

    /// What the collectors and requests of some organizations say of themselves, written aside where it
    /// is not what was written before.
    ///
    /// # Errors
    /// When writing is lost to a defect.
    pub async fn tail(
        self: &Arc<Self>,
        blocking_pool: &BlockingPool,
        tail: Tail,
    ) -> Result<Deflated, TaskFailed> {
        if let Some(standing) = self.tails.standing(&tail) {
            return Ok(standing);
        }
        let pages = self.clone();
        blocking_pool.run(move || pages.tails.write(tail)).await
    }

    /// How much was rendered and compressed so far.
    pub fn work(&self) -> Work {
        // Nothing panics while it is held.
        *self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, more: Work) {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.views = work.views.saturating_add(more.views);
        work.rendered = work.rendered.saturating_add(more.rendered);
        work.compressed = work.compressed.saturating_add(more.compressed);
        work.text_bytes = work.text_bytes.saturating_add(more.text_bytes);
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

    fn put_together(&self, organizations: &[Standing]) -> Vec<Deflated> {
        let mut pieces: Vec<Deflated> = Vec::new();
        let mut begun = None;
        for (number, (view, header)) in VIEWS.iter().zip(self.headers.iter()).enumerate() {
            for standing in organizations {
                let rendered = standing.page.view(number).filter(|it| {
                    standing.collectors.contains(view.collector) && it.whole.checksum.length > 0
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

/// Those of `collectors` that `snapshot` holds data of.
fn there_of(snapshot: &Snapshot, collectors: CollectorSet) -> CollectorSet {
    let there = collectors.iter();
    there.filter(|it| snapshot.fetched(*it).is_some()).collect()
}

#[cfg(test)]
mod tests;
