//! Text format 0.0.4 and its gzip form, written straight into buffers.
//!
//! This room knows Prometheus and nothing of Density. It does no I/O.

mod buffer;
mod deflate;
mod gzip;
mod labels;
mod text;

pub use buffer::TextBuffer;
pub use deflate::{Checksum, Deflated, Deflater, Inflater, Link};
pub use gzip::{GZIP_HEADER, gzip_end, gzip_end_stored};
pub use labels::{Fragment, LabelArena, Labels};
pub use text::{Ending, Kind, Lines, Opening, Samples, write_header, write_value};
