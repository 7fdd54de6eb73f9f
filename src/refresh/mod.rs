//! When each collector is due, one refresh in flight at a time, how long a scrape waits for it, and how long
//! old data may be shown.
//!
//! A wrong age has its cause here. This module never formats output.

mod failing;
mod flight;
mod organization;
mod portfolio;
mod publish;
mod reload;
mod report;
mod run;
mod schedule;

pub use failing::Failing;
pub use organization::{Organization, RefreshConfig};
pub use portfolio::Portfolio;
pub use reload::{OrganizationChange, Reload};
pub use report::{CollectorReport, Report};
pub use schedule::{Age, Schedule};
