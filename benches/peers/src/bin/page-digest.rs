//! `page-digest FILE…`: how many samples of gauges and counters a page has, and a digest of their names,
//! labels and values, whatever their order. Pages with the same digest are the same to Prometheus.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::ExitCode;

use peers::{Result, page, peer};

fn main() -> ExitCode {
    peer::end("page-digest", run())
}

fn run() -> Result<()> {
    for path in std::env::args().skip(1) {
        let (mut samples, mut digest) = (0_u64, 0_u64);
        page::each_sample(path.as_ref(), |mut sample| {
            sample.labels.sort_unstable();
            let mut hasher = DefaultHasher::new();
            (sample.name, &sample.labels, sample.value.to_bits()).hash(&mut hasher);
            samples += 1;
            digest = digest.wrapping_add(hasher.finish());
            Ok(())
        })?;
        println!("samples={samples} digest={digest:016x}");
    }
    Ok(())
}
