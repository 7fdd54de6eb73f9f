//! The chunks of one organization, each with what it was rendered from.

use crate::config::{Collector, CollectorSet};
use crate::exposition::{Deflated, Deflater};
use crate::metrics::{PlaceLabels, Subject, VIEWS};
use crate::snapshot::Snapshot;

/// The inventory that names were taken from, and whether they could be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Names {
    inventory: u64,
    spaces: bool,
    sensors: bool,
}

/// What a chunk shows: rendered again from the same, it would be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    data: u64,
    names: Names,
}

impl Names {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            inventory: snapshot.inventory_version,
            spaces: snapshot.spaces.is_some(),
            sensors: snapshot.sensors.is_some(),
        }
    }
}

impl Source {
    /// None: there is nothing to show.
    fn of(snapshot: &Snapshot, collector: Collector) -> Option<Self> {
        snapshot.fetched(collector).map(|(_, data)| Self {
            data,
            names: Names::of(snapshot),
        })
    }
}

/// A chunk for each view; none of a view without samples.
pub(super) type Parts = Vec<Option<Deflated>>;

/// The chunks of one organization.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    by_view: Vec<Option<(Source, Deflated)>>,
    labels: Option<(Names, PlaceLabels)>,
    deflater: Deflater,
    /// Kept between renderings: a fresh buffer costs more than what is written into it.
    buffer: Vec<u8>,
}

impl Chunks {
    /// The chunks of `collectors`, when all of them show what `snapshot` holds.
    pub(super) fn standing(&self, snapshot: &Snapshot, collectors: CollectorSet) -> Option<Parts> {
        let mut parts = Vec::with_capacity(VIEWS.len());
        for (number, view) in VIEWS.iter().enumerate() {
            if !collectors.contains(view.collector) {
                parts.push(None);
                continue;
            }
            let source = Source::of(snapshot, view.collector);
            let kept = self.by_view.get(number).and_then(Option::as_ref);
            match (source, kept) {
                (None, _) => parts.push(None),
                (Some(source), Some((of, chunk))) if *of == source => {
                    parts.push(Some(chunk.clone()).filter(|it| it.length > 0));
                }
                _ => return None,
            }
        }
        Some(parts)
    }

    /// The chunks of `collectors`, and how many of them had to be rendered.
    pub(super) fn rendered(
        &mut self,
        organization: &str,
        snapshot: &Snapshot,
        collectors: CollectorSet,
    ) -> (Parts, u64) {
        self.by_view.resize(VIEWS.len(), None);
        let mut parts = Vec::with_capacity(VIEWS.len());
        let mut count = 0;
        for (view, kept) in VIEWS.iter().zip(&mut self.by_view) {
            if !collectors.contains(view.collector) {
                parts.push(None);
                continue;
            }
            let Some(source) = Source::of(snapshot, view.collector) else {
                *kept = None;
                parts.push(None);
                continue;
            };
            let chunk = match kept {
                Some((of, chunk)) if *of == source => chunk.clone(),
                _ => {
                    let labels = labels(&mut self.labels, organization, snapshot);
                    self.buffer.clear();
                    let subject = Subject {
                        organization,
                        snapshot,
                        labels,
                    };
                    view.write(&subject, &mut self.buffer);
                    let chunk = self.deflater.piece(&self.buffer);
                    count += 1;
                    *kept = Some((source, chunk.clone()));
                    chunk
                }
            };
            parts.push(Some(chunk).filter(|it| it.length > 0));
        }
        (parts, count)
    }
}

/// The labels of the places, made again when the inventory has changed.
fn labels<'a>(
    kept: &'a mut Option<(Names, PlaceLabels)>,
    organization: &str,
    snapshot: &Snapshot,
) -> &'a PlaceLabels {
    let names = Names::of(snapshot);
    let old = kept.take().filter(|(of, _)| *of == names);
    let (_, labels) =
        kept.insert(old.unwrap_or_else(|| (names, PlaceLabels::new(organization, snapshot))));
    labels
}
