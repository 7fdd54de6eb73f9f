//! Pure functions from a snapshot to samples.
//!
//! A view writes the rows of a table: one for each space, sensor or reading. Any range of rows can be
//! written separately, so that a cache of the text renders only what has changed.

mod collectors;
mod info_labels;
mod layout;
mod location_labels;
mod names;
mod rows;
mod sensors;
mod spaces;
mod status_lines;
mod table;
mod view;

#[cfg(test)]
mod tests;

pub use collectors::{CollectorsView, write_budgets, write_collectors};
pub use layout::{Layout, ViewContext};
pub use location_labels::LocationLabels;
pub use rows::Rows;
pub use table::{RowWriter, Table};
pub use view::{VIEWS, View};
