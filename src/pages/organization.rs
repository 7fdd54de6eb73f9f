//! The views of one organization: which of them stand, and how they are rendered again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Instant;
use crate::config::{Collector, CollectorSet, PerCollector};
use crate::metrics::{Layout, VIEWS};
use crate::snapshot::{CollectorState, Snapshot};

use super::rendered::{Before, Rendered, Tools, Work};

/// What the views of a collector show: rendered again from the same, they would be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    data: u64,
    inventory: u64,
    spaces: bool,
    sensors: bool,
}

impl Source {
    /// None: there is nothing to show.
    fn of(snapshot: &Snapshot, collector: Collector) -> Option<Self> {
        snapshot.fetched(collector).map(|(_, data)| Self {
            data,
            inventory: snapshot.inventory_version,
            spaces: snapshot.spaces.is_some(),
            sensors: snapshot.sensors.is_some(),
        })
    }
}

/// What the views of a collector show, and how the collector was when they were rendered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    source: Source,
    /// When the data was asked for.
    pub(super) requested_at: Instant,
    /// How the collector was.
    pub(super) state: CollectorState,
}

/// The rendered views of one organization. It is replaced as a whole, so that no scrape sees half of a
/// change.
#[derive(Clone, Debug, Default)]
pub(super) struct OrganizationPage {
    /// No two pages of this process have the same, but for those without anything.
    pub(super) version: u64,
    views: [Option<Arc<Rendered>>; VIEWS.len()],
    shown: PerCollector<Option<Shown>>,
}

impl OrganizationPage {
    /// Whether what it shows of `collector` is what `snapshot` holds.
    pub(super) fn fits(&self, snapshot: &Snapshot, collector: Collector) -> bool {
        let source = Source::of(snapshot, collector);
        source.is_none() || source == self.shown(collector).map(|it| it.source)
    }

    /// What it shows of `collector`.
    pub(super) fn shown(&self, collector: Collector) -> Option<&Shown> {
        self.shown[collector].as_ref()
    }

    /// The page with the age of what `snapshot` holds, where a newer answer was the same as the one that
    /// is shown; nothing where there is none.
    fn confirmed(&self, snapshot: &Snapshot, collectors: CollectorSet) -> Option<Self> {
        let mut page = None;
        for collector in collectors.iter() {
            let (Some((requested_at, _)), Some(shown)) =
                (snapshot.fetched(collector), self.shown(collector))
            else {
                continue;
            };
            if requested_at > shown.requested_at && self.fits(snapshot, collector) {
                let page = page.get_or_insert_with(|| self.clone());
                page.shown[collector] = Some(Shown {
                    requested_at,
                    state: *snapshot.states.of(collector),
                    ..*shown
                });
            }
        }
        page
    }

    /// Keeps the age that `before` was found to have meanwhile, where it shows the same.
    fn keep_confirmed(&mut self, before: &Self) {
        for collector in Collector::ALL {
            if let (Some(shown), Some(before)) =
                (&mut self.shown[collector], &before.shown[collector])
                && shown.source == before.source
                && shown.requested_at < before.requested_at
            {
                *shown = *before;
            }
        }
    }

    /// The view of that number in [`VIEWS`].
    pub(super) fn view(&self, number: usize) -> Option<&Arc<Rendered>> {
        self.views.get(number)?.as_ref()
    }
}

/// One organization's page, and what makes it.
#[derive(Debug)]
pub(super) struct Organization {
    /// Tells it from all others of this process.
    pub(super) number: u64,
    page: Mutex<Arc<OrganizationPage>>,
    /// Held by whoever renders. A scrape that needs the same waits for it without taking a thread.
    renderer: Arc<tokio::sync::Mutex<Renderer>>,
}

impl Default for Organization {
    /// One of which nothing is rendered yet.
    fn default() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);

        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            page: Mutex::default(),
            renderer: Arc::default(),
        }
    }
}

impl Organization {
    /// The page as it stands.
    pub(super) fn page(&self) -> Arc<OrganizationPage> {
        // Nothing panics while it is held.
        self.page
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes that what stands is as new as `snapshot`, where it shows the same: when something newer is
    /// late, it is shown with the age that it was seen with.
    pub(super) fn confirm(&self, snapshot: &Snapshot, collectors: CollectorSet) {
        // Nothing panics while it is held.
        let mut place = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = place.confirmed(snapshot, collectors) {
            *place = Arc::new(page);
        }
    }

    /// Takes the part of the one who renders, when the one before is done.
    pub(super) async fn renderer(&self) -> tokio::sync::OwnedMutexGuard<Renderer> {
        self.renderer.clone().lock_owned().await
    }

    /// Renders the views of `collectors` where they do not stand, and puts them in their place in one
    /// step. This may take long.
    pub(super) fn render(
        &self,
        renderer: &mut Renderer,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> Work {
        let mut page = renderer.render(name, snapshot, collectors, &self.page());
        // Nothing panics while it is held.
        let mut place = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        page.keep_confirmed(&place);
        *place = Arc::new(page);
        drop(place);
        std::mem::take(&mut renderer.tools.work)
    }
}

/// What is kept to render again.
#[derive(Debug, Default)]
pub(super) struct Renderer {
    layout: Layout,
    tools: Tools,
    /// The data that each collector's views were last rendered from.
    last: Snapshot,
}

impl Renderer {
    fn render(
        &mut self,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
        old: &OrganizationPage,
    ) -> OrganizationPage {
        static VERSIONS: AtomicU64 = AtomicU64::new(1);

        self.layout.fit(name, snapshot);
        let subject = self.layout.subject(snapshot);
        let mut page = OrganizationPage {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            ..old.clone()
        };
        for (view, slot) in VIEWS.iter().zip(&mut page.views) {
            if !collectors.contains(view.collector) || old.fits(snapshot, view.collector) {
                continue;
            }
            let Some((_, data)) = snapshot.fetched(view.collector) else {
                continue;
            };
            let rows = self.layout.version(view.table);
            // What is not the data that the old view shows can't tell what has changed.
            let last = self.last.fetched(view.collector).map(|it| it.1);
            let before = slot.as_deref().map(|rendered| Before {
                rendered,
                snapshot: &self.last,
                is_of_it: last == Some(rendered.data()),
            });
            let rendered = Rendered::new(&mut self.tools, view, &subject, (rows, data), before);
            *slot = Some(Arc::new(rendered));
        }
        for collector in collectors.iter() {
            page.shown[collector] = Source::of(snapshot, collector).and_then(|source| {
                let (requested_at, _) = snapshot.fetched(collector)?;
                Some(Shown {
                    source,
                    requested_at,
                    state: *snapshot.states.of(collector),
                })
            });
            self.last.copy_data(collector, snapshot);
        }
        page.drop_what_ended();
        page
    }
}

impl OrganizationPage {
    /// Lets go of views of what is no longer shown.
    fn drop_what_ended(&mut self) {
        for (view, slot) in VIEWS.iter().zip(&mut self.views) {
            if self.shown[view.collector].is_none() {
                *slot = None;
            }
        }
    }
}
