//! The rendered views of one organization: which of them are current, and how they are rendered again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Instant;
use crate::config::{Collector, CollectorSet, PerCollector};
use crate::metrics::{Layout, VIEWS};
use crate::snapshot::{CollectorState, Snapshot};

use super::rendered_view::{Previous, RenderStats, RenderedView, Scratch};

/// What the views of a collector are rendered from. Equal sources give equal views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    data: u64,
    inventory: u64,
    spaces: bool,
    sensors: bool,
}

impl Source {
    /// The source of a collector's views; none when there is nothing to show.
    fn of(snapshot: &Snapshot, collector: Collector) -> Option<Self> {
        snapshot.fetched(collector).map(|(_, data)| Self {
            data,
            inventory: snapshot.inventory_version,
            spaces: snapshot.spaces.is_some(),
            sensors: snapshot.sensors.is_some(),
        })
    }
}

/// The source of a collector's rendered views and the state of the collector that belongs to them.
#[derive(Clone, Copy, Debug)]
pub(super) struct RenderedCollector {
    source: Source,
    /// When the data was requested.
    pub(super) requested_at: Instant,
    /// The state of the collector.
    pub(super) state: CollectorState,
}

/// The rendered views of one organization. It is replaced as a whole, so that no scrape sees half of a
/// change.
#[derive(Clone, Debug, Default)]
pub(super) struct OrganizationPage {
    /// Unique within this process, except among empty pages.
    pub(super) version: u64,
    views: [Option<Arc<RenderedView>>; VIEWS.len()],
    collectors: PerCollector<Option<RenderedCollector>>,
}

impl OrganizationPage {
    /// Whether the views of `collector` show what `snapshot` holds.
    pub(super) fn is_current(&self, snapshot: &Snapshot, collector: Collector) -> bool {
        let source = Source::of(snapshot, collector);
        source.is_none() || source == self.rendered(collector).map(|it| it.source)
    }

    /// What the views of `collector` were rendered from.
    pub(super) fn rendered(&self, collector: Collector) -> Option<&RenderedCollector> {
        self.collectors[collector].as_ref()
    }

    /// The page with the newer age of `snapshot`, where a newer answer was the same as the one rendered; none
    /// when there is no such answer.
    fn confirmed(&self, snapshot: &Snapshot, collectors: CollectorSet) -> Option<Self> {
        let mut page = None;
        for collector in collectors.iter() {
            let (Some((requested_at, _)), Some(rendered)) =
                (snapshot.fetched(collector), self.rendered(collector))
            else {
                continue;
            };
            if requested_at > rendered.requested_at && self.is_current(snapshot, collector) {
                let page = page.get_or_insert_with(|| self.clone());
                page.collectors[collector] = Some(RenderedCollector {
                    requested_at,
                    state: *snapshot.states.of(collector),
                    ..*rendered
                });
            }
        }
        page
    }

    /// Keeps a newer age that was confirmed for `before` meanwhile, where both show the same.
    fn keep_confirmed(&mut self, before: &Self) {
        for collector in Collector::ALL {
            if let (Some(rendered), Some(before)) = (
                &mut self.collectors[collector],
                &before.collectors[collector],
            ) && rendered.source == before.source
                && rendered.requested_at < before.requested_at
            {
                *rendered = *before;
            }
        }
    }

    /// The view at that index in [`VIEWS`].
    pub(super) fn view(&self, number: usize) -> Option<&Arc<RenderedView>> {
        self.views.get(number)?.as_ref()
    }
}

/// One organization's page and its renderer.
#[derive(Debug)]
pub(super) struct Organization {
    /// Unique within this process.
    pub(super) id: u64,
    page: Mutex<Arc<OrganizationPage>>,
    /// Held while rendering. A scrape that needs the same views waits for it without blocking a thread.
    renderer: Arc<tokio::sync::Mutex<Renderer>>,
}

impl Default for Organization {
    /// An organization without rendered views.
    fn default() -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);

        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            page: Mutex::default(),
            renderer: Arc::default(),
        }
    }
}

impl Organization {
    /// The current page.
    pub(super) fn page(&self) -> Arc<OrganizationPage> {
        // Nothing panics while it is held.
        self.page
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Records that the views are as new as `snapshot` where they show the same data, so that they have the
    /// right age when newer data is late.
    pub(super) fn confirm(&self, snapshot: &Snapshot, collectors: CollectorSet) {
        // Nothing panics while it is held.
        let mut page_slot = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = page_slot.confirmed(snapshot, collectors) {
            *page_slot = Arc::new(page);
        }
    }

    /// The renderer, once the one before has finished with it.
    pub(super) async fn renderer(&self) -> tokio::sync::OwnedMutexGuard<Renderer> {
        self.renderer.clone().lock_owned().await
    }

    /// Renders the views of `collectors` that are out of date and replaces the page in one step. This may
    /// take long.
    pub(super) fn render(
        &self,
        renderer: &mut Renderer,
        name: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> RenderStats {
        let mut page = renderer.render(name, snapshot, collectors, &self.page());
        // Nothing panics while it is held.
        let mut page_slot = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        page.keep_confirmed(&page_slot);
        *page_slot = Arc::new(page);
        drop(page_slot);
        std::mem::take(&mut renderer.scratch.stats)
    }
}

/// What is kept between renderings.
#[derive(Debug, Default)]
pub(super) struct Renderer {
    layout: Layout,
    scratch: Scratch,
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

        self.layout.update(name, snapshot);
        let context = self.layout.context(snapshot);
        let mut page = OrganizationPage {
            version: VERSIONS.fetch_add(1, Ordering::Relaxed),
            ..old.clone()
        };
        for (view, slot) in VIEWS.iter().zip(&mut page.views) {
            if !collectors.contains(view.collector) || old.is_current(snapshot, view.collector) {
                continue;
            }
            let Some((_, data)) = snapshot.fetched(view.collector) else {
                continue;
            };
            let rows = self.layout.version(view.table);
            // Only data that the old view was rendered from can tell what has changed.
            let last = self.last.fetched(view.collector).map(|it| it.1);
            let previous = slot.as_deref().map(|view| Previous {
                view,
                snapshot: &self.last,
                is_source: last == Some(view.data()),
            });
            let rendered =
                RenderedView::new(&mut self.scratch, view, &context, (rows, data), previous);
            *slot = Some(Arc::new(rendered));
        }
        for collector in collectors.iter() {
            page.collectors[collector] = Source::of(snapshot, collector).and_then(|source| {
                let (requested_at, _) = snapshot.fetched(collector)?;
                Some(RenderedCollector {
                    source,
                    requested_at,
                    state: *snapshot.states.of(collector),
                })
            });
            self.last.copy_data(collector, snapshot);
        }
        page.drop_expired();
        page
    }
}

impl OrganizationPage {
    /// Drops the views of collectors without data.
    fn drop_expired(&mut self) {
        for (view, slot) in VIEWS.iter().zip(&mut self.views) {
            if self.collectors[view.collector].is_none() {
                *slot = None;
            }
        }
    }
}
