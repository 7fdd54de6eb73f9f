//! Prometheus' text format 0.0.4 and its gzip form, written straight into buffers.
//!
//! This module knows Prometheus and must know nothing of Density. It never does I/O.

mod buffer;
mod deflate;
mod gzip;
mod header;
mod labels;
mod line;
mod samples;
mod value;

pub use buffer::TextBuffer;
pub use deflate::{Checksum, CombinableChecksum, Deflated, Deflater, Inflater};
pub use gzip::{GZIP_HEADER, finish_gzip, finish_gzip_stored};
pub use header::{MetricKind, write_header};
pub use labels::{EscapedLabels, LabelArena, Labels};
pub use line::{LinePrefix, LineSuffix, LineTemplate};
pub use samples::Samples;
pub use value::write_value;
