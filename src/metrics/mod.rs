//! The catalogue of metric families, the views that fill them from a snapshot, and the exporter's metrics
//! about itself.
//!
//! A wrong value has its cause here. This module never does I/O, except to read `/proc/self`.

mod api;
pub mod catalogue;
mod change_counter;
mod exporter;
mod http_requests;
mod process;
mod views;

pub use catalogue::Family;
pub use exporter::{BuildInfo, ExporterMetrics, SeriesFilter};
pub use process::ProcessMetrics;
pub use views::{
    CollectorsView, Layout, LocationLabels, RowWriter, Rows, Table, VIEWS, View, ViewContext,
    write_budgets, write_collectors,
};
