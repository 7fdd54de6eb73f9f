//! The two lines at the head of a metric family.

use super::TextBuffer;

/// The type of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Goes up only.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations in buckets.
    Histogram,
}

impl MetricKind {
    /// The name in a `# TYPE` line.
    pub const fn name(self) -> &'static str {
        match self {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        }
    }
}

/// Writes the `# HELP` and `# TYPE` lines of a family. `help` must be without line breaks and backslashes,
/// which a test of the catalogue asserts.
pub fn write_header(out: &mut TextBuffer, name: &str, kind: MetricKind, help: &str) {
    for part in [
        "# HELP ",
        name,
        " ",
        help,
        "\n# TYPE ",
        name,
        " ",
        kind.name(),
        "\n",
    ] {
        out.push(part.as_bytes());
    }
}
