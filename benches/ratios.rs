//! What the steps of a refresh and of a scrape cost beside each other and beside baselines, in processor
//! time, medians in one run: `cargo bench --bench ratios -- --sensors 100000`.
//!
//! Prints lines `what=NAME value=NUMBER unit=UNIT`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark stops where it can't go on, and prints"
)]

#[allow(dead_code, unreachable_pub, reason = "two benchmarks share it")]
mod support;

use std::sync::Arc;

use density_exporter::config::SpaceFilter;
use density_exporter::exposition::{Deflater, LinePrefix, Samples, TextBuffer, write_header};
use density_exporter::metrics::{Layout, VIEWS, View};
use density_exporter::snapshot::{Inventory, Snapshot};
use flate2::{Compress, Compression, FlushCompress};

use support::{Bench, Change};

/// Rounds of which the median is printed.
const ROUNDS: usize = 9;

fn main() {
    let sensors = argument("--sensors").unwrap_or(10_000);
    let spaces = argument("--spaces").unwrap_or_else(|| (sensors * 3 / 10).max(50));
    let mut bench = Bench::new(sensors, spaces);
    tell("first_scrape_seconds", spent(|| drop(bench.scrape())), "s");
    let text = bench.text();
    let failed = String::from_utf8_lossy(&text)
        .lines()
        .filter(|line| line.starts_with("density_collector_success") && !line.ends_with(" 1"))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    assert_eq!(failed, [""; 0], "every collector brings data");
    let series = text
        .split(|it| *it == b'\n')
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .count();
    tell("series_in_process", series as f64, "series");
    tell("page_bytes", text.len() as f64, "B");
    let compressed: usize = bench.scrape().iter().map(|it| it.len()).sum();
    tell("page_gzip_bytes", compressed as f64, "B");

    let copy = copying(&text);
    let gzip = compressing(&text);
    tell("copy_seconds", copy, "s");
    tell("gzip_seconds", gzip, "s");

    let snapshot = bench.exporter.snapshot("acme").expect("it is configured");
    let render = rendering(&snapshot, &text);
    tell("render_seconds", render.all, "s");
    tell("render_live_seconds", render.live, "s");
    tell("render_one_page_seconds", render.one_page, "s");
    tell("layout_seconds", laying_out(&snapshot), "s");
    tell("join_seconds", joining(&snapshot), "s");
    tell("chunked_gzip_seconds", chunked(&text), "s");

    let scrape = median(ROUNDS * 5, || spent(|| drop(bench.scrape())));
    tell("unchanged_scrape_seconds", scrape, "s");
    bench.read();
    let read = median(ROUNDS, || {
        bench.change(Change::Everything);
        spent(|| bench.read())
    });
    tell("read_all_seconds", read, "s");
    bench.scrape();
    let none = median(ROUNDS, || {
        bench.pass_ttl();
        spent(|| drop(bench.scrape()))
    });
    let mut refresh = |change: Change, all: bool| {
        median(ROUNDS, || {
            match all {
                true => bench.pass_every_ttl(change),
                false => bench.change(change),
            }
            spent(|| drop(bench.scrape()))
        })
    };
    let all = refresh(Change::Everything, false);
    let some = refresh(Change::OneIn(1000), false);
    let inventory = refresh(Change::Everything, true);
    tell("refresh_all_seconds", all, "s");
    tell("refresh_some_seconds", some, "s");
    tell("refresh_none_seconds", none, "s");
    tell("refresh_with_inventory_seconds", inventory, "s");

    tell("ratio_render_to_copy", render.all / copy, "");
    // The live data is what changes from one refresh to the next: what the inventory says is not
    // rendered again.
    tell(
        "ratio_refresh_uncompressed_to_gzip",
        (read + render.live) / gzip,
        "",
    );
    tell(
        "ratio_read_and_render_whole_page_to_gzip",
        (read + render.all) / gzip,
        "",
    );
    tell("ratio_refresh_some_to_all", some / all, "");
}

fn argument(name: &str) -> Option<usize> {
    let mut arguments = std::env::args().skip_while(|it| it != name);
    arguments.nth(1)?.parse().ok()
}

fn tell(what: &str, value: f64, unit: &str) {
    println!("what={what} value={value} unit={unit}");
}

fn median(rounds: usize, mut once: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..rounds).map(|_| once()).collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

fn timed(mut once: impl FnMut()) -> f64 {
    // Once as a warm-up, so that every buffer has its size.
    once();
    median(ROUNDS, || spent(&mut once))
}

/// Seconds of processor time that `work` takes, on whichever threads: what else the machine does
/// changes it less than the time that passes.
fn spent(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let start = now();
    work();
    now() - start
}

/// The page from one buffer to another.
fn copying(text: &[u8]) -> f64 {
    let mut to = Vec::with_capacity(text.len());
    timed(|| {
        to.clear();
        to.extend_from_slice(std::hint::black_box(text));
        std::hint::black_box(&to);
    })
}

/// The time of rendering in seconds.
struct Rendering {
    /// All views, in runs of rows into one small buffer, as pages are rendered.
    all: f64,
    /// The same for the views of live data only.
    live: f64,
    /// All views, one after the other in one buffer.
    one_page: f64,
}

fn rendering(snapshot: &Snapshot, text: &[u8]) -> Rendering {
    const SAMPLES: usize = 64;

    let mut layout = Layout::default();
    layout.update("acme", snapshot);
    let context = layout.context(snapshot);
    let mut out = TextBuffer::new();
    // `each` is given the buffer with a range of rows, and may empty it.
    let render = |out: &mut TextBuffer, views: &[&View], each: &mut dyn FnMut(&mut TextBuffer)| {
        let mut begun = "";
        out.clear();
        for view in views {
            let family = view.family;
            if begun != family.name {
                begun = family.name;
                write_header(out, family.name, family.kind, family.help);
            }
            let rows = context.rows(view.table);
            let write = view.writer(&context);
            let opening = LinePrefix::new(family.name);
            let run = SAMPLES / view.samples;
            for start in (0..rows).step_by(run) {
                let range = start..(start + run).min(rows);
                write(range, &mut Samples::new(out, &opening));
                each(out);
            }
        }
    };
    let mut whole = Vec::with_capacity(text.len());
    let all: Vec<&View> = VIEWS.iter().collect();
    render(&mut out, &all, &mut |run| {
        whole.extend_from_slice(run.as_slice());
        run.clear();
    });
    assert!(text.starts_with(&whole), "what is rendered is the page");
    let live: Vec<&View> = VIEWS
        .iter()
        .filter(|it| it.changed(snapshot, snapshot).is_some())
        .collect();
    assert!(!live.is_empty() && live.len() < all.len());
    let mut cost = |views: &[&View], in_runs: bool| {
        timed(|| {
            render(&mut out, views, &mut |run| {
                if in_runs {
                    std::hint::black_box(&mut *run).clear();
                }
            });
            std::hint::black_box(&out);
        })
    };
    Rendering {
        all: cost(&all, true),
        live: cost(&live, true),
        one_page: cost(&all, false),
    }
}

/// The labels of all spaces and sensors and the rows of all tables.
fn laying_out(snapshot: &Snapshot) -> f64 {
    timed(|| {
        let mut layout = Layout::default();
        layout.update("acme", snapshot);
        std::hint::black_box(&layout);
    })
}

/// Spaces and sensors.
fn joining(snapshot: &Snapshot) -> f64 {
    let tree = snapshot.inventory.tree();
    let sensors = snapshot.inventory.sensors();
    timed(|| {
        let filter = SpaceFilter::default();
        let inventory = Inventory::build(Arc::clone(tree), Arc::clone(sensors), &filter);
        std::hint::black_box(&inventory);
    })
}

/// One pass over the whole page.
fn compressing(text: &[u8]) -> f64 {
    let mut compress = Compress::new(Compression::fast(), false);
    let mut out = Vec::with_capacity(text.len() / 4);
    timed(|| {
        out.clear();
        compress.reset();
        compress
            .compress_vec(text, &mut out, FlushCompress::Finish)
            .expect("deflate of bytes in memory");
        assert_eq!(compress.total_in(), text.len() as u64);
    })
}

/// The whole page in pieces of the size of a chunk.
fn chunked(text: &[u8]) -> f64 {
    let mut deflater = Deflater::new();
    let mut out = Vec::with_capacity(text.len() / 4);
    timed(|| {
        out.clear();
        for piece in text.chunks(36 << 10) {
            std::hint::black_box(deflater.append(piece, &mut out));
        }
    })
}
