//! Sensors that were counted, so that they are not counted again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::blocking_pool::{BlockingPool, TaskFailed};
use crate::snapshot::Snapshot;

use super::sensors::SensorSummary;

/// The sensors of each organization, counted once for each change of theirs.
#[derive(Debug)]
pub(in crate::http) struct SensorCache {
    /// By the name of the organization. Locked while one is counted, so that others wait for the result.
    organizations: Mutex<HashMap<String, Versioned>>,
    /// A pool of its own: scrapes must not queue behind it.
    blocking_pool: BlockingPool,
}

impl Default for SensorCache {
    fn default() -> Self {
        Self {
            organizations: Mutex::default(),
            blocking_pool: BlockingPool::sequential(),
        }
    }
}

/// The sensors of an organization and what they were counted from; nothing when their health may not be
/// shown.
type Versioned = (Version, Option<Arc<SensorSummary>>);

/// What the counting depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    inventory: u64,
    healths: Option<u64>,
    names: bool,
    places: bool,
}

impl Version {
    fn of(snapshot: &Snapshot) -> Self {
        Self {
            inventory: snapshot.inventory_version,
            healths: snapshot.sensor_health.as_ref().map(|it| it.version),
            names: snapshot.spaces.is_some(),
            places: snapshot.sensors.is_some(),
        }
    }
}

impl SensorCache {
    /// The sensors of an organization; nothing when their health may not be shown.
    pub(super) async fn get(
        &self,
        name: &str,
        snapshot: &Snapshot,
    ) -> Result<Option<Arc<SensorSummary>>, TaskFailed> {
        let version = Version::of(snapshot);
        let mut all = self.organizations.lock().await;
        if let Some((_, facts)) = all.get(name).filter(|it| it.0 == version) {
            return Ok(facts.clone());
        }
        let snapshot = snapshot.clone();
        let counting = self
            .blocking_pool
            .run(move || SensorSummary::count(&snapshot));
        let facts = counting.await?.map(Arc::new);
        all.insert(name.to_owned(), (version, facts.clone()));
        Ok(facts)
    }

    /// Forgets all organizations but those of these names.
    pub(super) async fn keep(&self, names: &HashSet<&str>) {
        let mut all = self.organizations.lock().await;
        all.retain(|name, _| names.contains(name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::Instant;
    use crate::snapshot::Fetched;

    use super::*;

    #[tokio::test]
    async fn sensors_are_counted_once_for_each_version_of_them() {
        let cache = SensorCache::default();
        let snapshot = |version| Snapshot {
            sensor_health: Some(Fetched {
                data: Arc::default(),
                version,
                requested_at: Instant::default(),
            }),
            ..Snapshot::default()
        };
        let count = async |name, version| {
            let facts = cache.get(name, &snapshot(version)).await;
            facts.unwrap().unwrap()
        };
        let first = count("acme", 1).await;
        assert!(Arc::ptr_eq(&first, &count("acme", 1).await));
        assert!(!Arc::ptr_eq(&first, &count("other", 1).await));
        cache.keep(&HashSet::from(["acme"])).await;
        assert_eq!(cache.organizations.lock().await.len(), 1);
        assert!(Arc::ptr_eq(&first, &count("acme", 1).await));
        assert!(!Arc::ptr_eq(&first, &count("acme", 2).await));
        let ended = cache.get("acme", &Snapshot::default()).await;
        assert_eq!(ended.unwrap(), None);
    }
}
