//! Text format 0.0.4 and its gzip form, written straight into buffers.
//!
//! This room knows Prometheus and nothing of Density. It does no I/O.

mod deflate;
mod gzip;
mod labels;
mod text;

pub use deflate::{Deflated, Deflater, Inflater};
pub use gzip::{Member, member};
pub use labels::{Fragment, LabelArena, Labels};
pub use text::{Kind, Samples, write_header, write_value};
