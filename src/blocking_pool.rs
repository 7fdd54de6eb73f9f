//! A limited number of tokio's blocking threads, for work that takes tens of milliseconds, such as decoding a
//! large answer or rendering a page. The worker threads that serve must never run such work.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// How many tasks of a pool run at once. Each thread that allocates much keeps memory of its own, and the
/// exporter should not occupy the whole machine.
const CONCURRENCY: usize = 2;

/// Runs blocking tasks, a few at once; clones share the limit.
#[derive(Clone, Debug)]
pub struct BlockingPool(Arc<Semaphore>);

/// The task panicked, or the runtime is shutting down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task panicked or was cancelled")]
pub struct TaskFailed;

impl Default for BlockingPool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CONCURRENCY)))
    }
}

impl BlockingPool {
    /// A pool that runs one task after the other.
    pub fn sequential() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Runs `task` on a blocking thread when a permit is free; in the order of the calls.
    ///
    /// # Errors
    /// When the task panics, or the runtime shuts down before it is done.
    pub async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TaskFailed> {
        let permit = self
            .0
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| TaskFailed)?;
        tokio::task::spawn_blocking(move || {
            // Released when the task is done, also when nothing waits for it any more.
            let _permit = permit;
            task()
        })
        .await
        .map_err(|_| TaskFailed)
    }
}
