//! What one step costs, by criterion: `cargo bench --bench steps`. SENSORS sets the size of the fleet.

#![allow(clippy::expect_used, reason = "a benchmark stops where it can't go on")]

#[allow(dead_code, unreachable_pub, reason = "two benchmarks share it")]
mod support;

use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use density_exporter::config::SpaceFilter;
use density_exporter::exposition::{Deflater, LinePrefix, Samples, TextBuffer};
use density_exporter::metrics::{Layout, VIEWS};
use density_exporter::snapshot::Inventory;

use support::{Bench, Change};

fn steps(criterion: &mut Criterion) {
    let sensors = std::env::var("SENSORS").ok();
    let sensors = sensors.and_then(|it| it.parse().ok()).unwrap_or(10_000);
    let mut bench = Bench::new(sensors, (sensors * 3 / 10).max(50));
    bench.scrape();
    let snapshot = bench.exporter.snapshot("acme").expect("it is configured");
    let mut group = criterion.benchmark_group(format!("{} sensors", bench.answers.sensors()));
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(3));

    group.bench_function("join spaces and sensors", |it| {
        let inventory = &snapshot.inventory;
        it.iter_batched(
            || {
                (
                    Arc::clone(inventory.tree()),
                    Arc::clone(inventory.sensors()),
                )
            },
            |(tree, sensors)| Inventory::build(tree, sensors, &SpaceFilter::default()),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("join readings and labels", |it| {
        it.iter(|| {
            let mut layout = Layout::default();
            layout.update("acme", &snapshot);
            layout
        });
    });
    let mut layout = Layout::default();
    layout.update("acme", &snapshot);
    let context = layout.context(&snapshot);
    let mut text = TextBuffer::new();
    let render = |text: &mut TextBuffer| {
        text.clear();
        for view in VIEWS {
            let rows = context.rows(view.table);
            view.writer(&context)(
                0..rows,
                &mut Samples::new(text, &LinePrefix::new(view.family.name)),
            );
        }
    };
    group.bench_function("render", |it| it.iter(|| render(&mut text)));
    render(&mut text);
    let mut deflater = Deflater::new();
    let mut blocks = Vec::new();
    group.bench_function("compress", |it| {
        it.iter(|| {
            blocks.clear();
            deflater.append(text.as_slice(), &mut blocks)
        });
    });
    group.bench_function("scrape, unchanged", |it| it.iter(|| bench.scrape()));
    for (name, change) in [
        (
            "parse: refresh, next to nothing changed",
            Change::OneIn(usize::MAX),
        ),
        ("refresh, 0.1% changed", Change::OneIn(1000)),
        ("refresh, everything changed", Change::Everything),
    ] {
        group.bench_function(name, |it| {
            it.iter_custom(|rounds| {
                let mut time = Duration::ZERO;
                for _ in 0..rounds {
                    bench.change(change);
                    let start = std::time::Instant::now();
                    bench.scrape();
                    time += start.elapsed();
                }
                time
            });
        });
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
