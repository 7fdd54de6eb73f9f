//! Work that takes its time, such as reading a large answer or rendering a page, done aside from the
//! threads that serve.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// How much of it is done at once. Each thread that allocates much keeps memory of its own, and the
/// machine has other things to do.
const AT_ONCE: usize = 2;

/// Where long work is done; clones share the place.
#[derive(Clone, Debug)]
pub struct Aside(Arc<Semaphore>);

/// The work panicked, or the program is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work was lost")]
pub struct Lost;

impl Default for Aside {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Aside {
    /// A place where one piece of work is done after the other.
    pub fn one_at_a_time() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Does `work` on a thread that may take its time, in its turn.
    ///
    /// # Errors
    /// When the work panics, or the program ends before it is done.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Lost> {
        let place = self.0.clone().acquire_owned().await.map_err(|_| Lost)?;
        tokio::task::spawn_blocking(move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _place = place;
            work()
        })
        .await
        .map_err(|_| Lost)
    }
}
