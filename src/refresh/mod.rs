//! What is due, one flight at a time, how long a scrape waits for it, and how long old data stands.
//!
//! A wrong age is made here. Nothing here formats anything.

mod flight;
mod landing;
mod organization;
mod portfolio;
mod reload;
mod report;
mod schedule;

pub use organization::{Organization, Rules};
pub use portfolio::Portfolio;
pub use reload::{Change, Reload};
pub use report::{CollectorReport, Failing, Report};
pub use schedule::{Age, Schedule};
