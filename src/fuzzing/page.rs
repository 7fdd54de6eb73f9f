//! From the answers of all endpoints to the page: whatever the answers are, Prometheus can read the page.

use std::io::Read;
use std::sync::Arc;

use flate2::bufread::GzDecoder;

use crate::blocking_pool::BlockingPool;
use crate::clock::Instant;
use crate::config::{CollectorSet, SpaceFilter};
use crate::density::fuzzing as density;
use crate::exposition::{Deflated, LinePrefix, Samples, TextBuffer, write_header};
use crate::metrics::{Layout, VIEWS};
use crate::pages::{Page, Pages};
use crate::snapshot::{Fetched, Inventory, Snapshot};

use super::input::pieces;
use super::text_format::read_page;

/// Answers, separated by 0x1e. The last three bits of the first byte of each select the endpoint: spaces,
/// sensors, counts, presences and health, and then the next answers of the last three. The rest are its
/// pieces; see [`pieces`].
pub(super) fn page(data: &[u8]) {
    let mut answers: [&[u8]; 8] = [b""; 8];
    for part in data.split(|it| *it == 0x1e) {
        if let Some((number, answer)) = part.split_first() {
            answers[usize::from(number & 7)] = answer;
        }
    }
    let [
        spaces,
        sensors,
        counts,
        presences,
        healths,
        counts_2,
        presences_2,
        healths_2,
    ] = answers.map(pieces);
    let spaces = density::spaces(&spaces).map(Arc::new);
    let sensors = density::sensors(&sensors).map(Arc::new);
    let counts = density::current_count(&counts, &counts_2);
    let presences = density::presence(&presences, &presences_2);
    let healths = density::sensor_health(&healths, &healths_2);
    let filter = SpaceFilter {
        exclude: vec!["spc_excluded".to_owned()],
        ..SpaceFilter::default()
    };
    let tree = spaces.clone().unwrap_or_default();
    let list = sensors.clone().unwrap_or_default();
    let inventory = Arc::new(Inventory::build(tree, list, &filter));
    let snapshot = |round: u64, counts, presences, healths| Snapshot {
        inventory: inventory.clone(),
        inventory_version: 1,
        spaces: fetched(spaces.clone(), 1),
        sensors: fetched(sensors.clone(), 1),
        current_count: fetched(counts, round),
        presence: fetched(presences, round),
        sensor_health: fetched(healths, round),
        ..Snapshot::default()
    };
    let [counts, counts_2] = counts.map(|it| it.map(Arc::new));
    let [presences, presences_2] = presences.map(|it| it.map(Arc::new));
    let [healths, healths_2] = healths.map(|it| it.map(Arc::new));
    let first = snapshot(1, counts, presences, healths);
    let second = snapshot(2, counts_2, presences_2, healths_2);
    // Cached rows must be the same as new ones.
    let mut layout = Layout::default();
    let texts = [&first, &second].map(|it| text(&mut layout, it));
    let [_, fresh] = [&first, &second].map(|it| text(&mut Layout::default(), it));
    assert_eq!(
        texts[1], fresh,
        "what was there before changes what is shown"
    );
    for text in &texts {
        check(text);
    }
    // Rarely, because it takes a hundred times as long.
    if data.len().is_multiple_of(16) {
        let pages = Arc::default();
        let pages = [&first, &second].map(|it| page_of(&pages, it));
        assert_eq!(pages, texts);
    }
}

fn fetched<T>(data: Option<Arc<T>>, version: u64) -> Option<Fetched<T>> {
    data.map(|data| Fetched {
        data,
        version,
        requested_at: Instant::default(),
    })
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
}

const ORGANIZATION: &str = "acme \"1\"\n";

/// All views, as they are written, with the headers of their families.
fn text(layout: &mut Layout, snapshot: &Snapshot) -> String {
    layout.update(ORGANIZATION, snapshot);
    let context = layout.context(snapshot);
    let (mut out, mut begun) = (TextBuffer::new(), "");
    for view in VIEWS {
        let mut rows = TextBuffer::new();
        if snapshot.fetched(view.collector).is_some() {
            let prefix = LinePrefix::new(view.family.name);
            let mut samples = Samples::new(&mut rows, &prefix);
            view.writer(&context)(0..context.rows(view.table), &mut samples);
        }
        if !rows.is_empty() && begun != view.family.name {
            begun = view.family.name;
            write_header(&mut out, begun, view.family.kind, view.family.help);
        }
        out.push(rows.as_slice());
    }
    String::from_utf8(out.into_vec()).expect("text")
}

/// The same through the pages, which are rendered in chunks, compressed and cached.
fn page_of(pages: &Arc<Pages>, snapshot: &Snapshot) -> String {
    let all = CollectorSet::all();
    let rendered = RUNTIME.with(|runtime| {
        runtime.block_on(pages.render(&BlockingPool::default(), ORGANIZATION, snapshot, all))
    });
    assert!(rendered.is_ok(), "rendering panicked");
    let cached = pages.cached(ORGANIZATION, snapshot, all);
    let body = pages.body(&[cached.expect("what was rendered is cached")]);
    let page = Page::new(body, Deflated::default(), b"end\n".to_vec());
    let (parts, length) = page.into_gzip();
    let gzip: Vec<u8> = parts.flat_map(|it| it.expect("it is in memory")).collect();
    assert_eq!(gzip.len() as u64, length);
    let mut read = String::new();
    let result = GzDecoder::new(gzip.as_slice()).read_to_string(&mut read);
    assert!(result.is_ok(), "{result:?}");
    read.strip_suffix("end\n")
        .expect("the page's end")
        .to_owned()
}

fn check(text: &str) {
    for sample in read_page(text) {
        let value = sample.value;
        assert!(value.is_finite() && value.is_sign_positive() || sample.name.ends_with("_seconds"));
        let organization = sample.labels.get("organization");
        assert_eq!(organization.map(String::as_str), Some(ORGANIZATION));
    }
}
