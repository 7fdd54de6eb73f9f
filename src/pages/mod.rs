//! Which parts of the page stand, which must be rendered again, and how they are put together.
//!
//! A chunk is one view of one organization, rendered and compressed once when its data changes and
//! shared by every scrape and every narrowed page. This room fetches nothing.

mod chunks;
mod page;
mod tail;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::CollectorSet;
use crate::exposition::{Deflated, Deflater, write_header};
use crate::metrics::VIEWS;
use crate::snapshot::Snapshot;

use chunks::Chunks;

pub use page::Page;
pub use tail::{Tail, write_tail};

/// The chunks of all organizations.
#[derive(Debug)]
pub struct Pages {
    /// By organization; each is locked by itself, so that one never waits for another.
    organizations: Mutex<HashMap<String, Arc<Mutex<Chunks>>>>,
    /// The two header lines of the family of each view.
    headers: Vec<Deflated>,
    rendered: AtomicU64,
}

impl Default for Pages {
    fn default() -> Self {
        let mut deflater = Deflater::new();
        let headers = VIEWS.iter().map(|view| {
            let family = view.family;
            let mut header = Vec::new();
            write_header(&mut header, family.name, family.kind, family.help);
            deflater.piece(&header)
        });
        Self {
            headers: headers.collect(),
            organizations: Mutex::default(),
            rendered: AtomicU64::new(0),
        }
    }
}

impl Pages {
    /// The chunks of the views of `collectors`, when all of them stand and nobody is rendering: this
    /// takes microseconds.
    pub fn standing(
        &self,
        organizations: &[(&str, &Snapshot)],
        collectors: CollectorSet,
    ) -> Option<Vec<Deflated>> {
        let mut parts = Vec::with_capacity(organizations.len());
        for (name, snapshot) in organizations {
            let chunks = self.chunks_of(name);
            let chunks = chunks.try_lock().ok()?;
            parts.push(chunks.standing(snapshot, collectors)?);
        }
        Some(self.put_together(&parts))
    }

    /// The chunks of the views of `collectors`, rendered where they do not stand. This may take long:
    /// it must not run on a thread that serves.
    pub fn rendered(
        &self,
        organizations: &[(&str, &Snapshot)],
        collectors: CollectorSet,
    ) -> Vec<Deflated> {
        let parts: Vec<_> = organizations
            .iter()
            .map(|(name, snapshot)| {
                let chunks = self.chunks_of(name);
                // A panic while rendering leaves chunks that are whole: each is put in its place last.
                let mut chunks = chunks.lock().unwrap_or_else(PoisonError::into_inner);
                let (parts, count) = chunks.rendered(name, snapshot, collectors);
                self.rendered.fetch_add(count, Ordering::Relaxed);
                parts
            })
            .collect();
        self.put_together(&parts)
    }

    /// How many chunks were rendered and compressed so far.
    pub fn chunks_rendered(&self) -> u64 {
        self.rendered.load(Ordering::Relaxed)
    }

    fn chunks_of(&self, organization: &str) -> Arc<Mutex<Chunks>> {
        // Nothing panics while it is held.
        let mut all = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match all.get(organization) {
            Some(chunks) => chunks.clone(),
            None => {
                let chunks = Arc::new(Mutex::new(Chunks::default()));
                all.insert(organization.to_owned(), chunks.clone());
                chunks
            }
        }
    }

    /// One family after the other, each with its header once and the chunks of every organization.
    fn put_together(&self, organizations: &[Vec<Option<Deflated>>]) -> Vec<Deflated> {
        let mut pieces: Vec<Deflated> = Vec::new();
        let mut begun = None;
        for (number, (view, header)) in VIEWS.iter().zip(&self.headers).enumerate() {
            for chunks in organizations {
                let Some(Some(chunk)) = chunks.get(number) else {
                    continue;
                };
                if begun != Some(view.family.name) {
                    begun = Some(view.family.name);
                    pieces.push(header.clone());
                }
                pieces.push(chunk.clone());
            }
        }
        pieces
    }
}
