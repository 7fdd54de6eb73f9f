//! What is shown: the catalogue of families, the views that fill them from a snapshot, and the
//! exporter's metrics about itself.
//!
//! A wrong value is made here. Nothing here does I/O, but for the process's own numbers.

mod calls;
pub mod catalogue;
mod counted;
mod exporter;
mod http_requests;
mod process;
mod views;

pub use catalogue::Family;
pub use exporter::{BuildInfo, ExporterMetrics, Shown};
pub use process::ProcessMetrics;
pub use views::{
    CollectorsView, Layout, PlaceLabels, Rows, Subject, Table, VIEWS, View, Write, write_budgets,
    write_collectors,
};
