//! Parses the command line and runs what it names.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    density_exporter::app::main()
}
