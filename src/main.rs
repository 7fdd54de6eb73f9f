//! Parses the command line and runs what it names.

use std::process::ExitCode;

fn main() -> ExitCode {
    density_exporter::app::main()
}
