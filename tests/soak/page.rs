//! Reads a page as strictly as the text format allows, and gathers what it says of itself.
//!
//! Whatever is wrong with a page alone is found here; what is wrong with it beside others is the
//! ledger's. Pages of 60 MB are read on every scrape, so nothing is copied.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use crate::sample::{Sample, sample};

/// The collectors, in the order in which facts about them are kept.
pub const COLLECTORS: [&str; 5] = [
    "spaces",
    "sensors",
    "current_count",
    "presence",
    "sensor_health",
];
/// The organizations that are soaked; the last one comes and goes.
pub const ORGANIZATIONS: [&str; 3] = ["acme", "beta", "gamma"];

/// What a page says of one collector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollectorFacts {
    pub success: Option<f64>,
    pub duration: Option<f64>,
    pub last_success: Option<f64>,
    pub ttl: Option<f64>,
    pub stale: Option<f64>,
    pub entries: Option<f64>,
    /// Samples of its data.
    pub samples: u64,
    /// Of its main family, which has a sample (or a sample that is 1) for each entry.
    pub main: f64,
}

/// What a page says of one organization.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrganizationFacts {
    pub up: Option<f64>,
    pub collectors: [CollectorFacts; COLLECTORS.len()],
    /// Answers and failures of requests, all together.
    pub requests: f64,
}

/// What a page says.
#[derive(Debug, Default)]
pub struct Facts {
    pub organizations: [OrganizationFacts; ORGANIZATIONS.len()],
    /// Counters of what is there all the time, by the hash of their series.
    pub counters: Vec<(u64, f64)>,
    /// What the budgets allow now.
    pub budgets: Vec<f64>,
    pub samples: u64,
}

/// Reads pages; its buffers are used again.
#[derive(Default)]
pub struct Reader {
    series: HashSet<u64, FixedState>,
    hasher: FixedState,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Gauge,
    Counter,
    Histogram,
}

struct Family<'p> {
    name: &'p str,
    kind: Option<Kind>,
    samples: u64,
    /// Which fact its samples are.
    fact: Fact,
}

#[derive(Clone, Copy, Debug)]
enum Fact {
    Up,
    Collector(fn(&mut CollectorFacts) -> &mut Option<f64>),
    /// Data of the collector of that number; and whether its values count its entries.
    Data(usize, bool),
    /// Data of the collector that a label names.
    DataOfLabel,
    Requests,
    Budget,
    Other,
}

impl Fact {
    fn of(family: &str) -> Self {
        match family {
            "density_up" => Self::Up,
            "density_collector_success" => Self::Collector(|it| &mut it.success),
            "density_collector_duration_seconds" => Self::Collector(|it| &mut it.duration),
            "density_collector_last_success_timestamp_seconds" => {
                Self::Collector(|it| &mut it.last_success)
            }
            "density_collector_ttl_seconds" => Self::Collector(|it| &mut it.ttl),
            "density_collector_stale" => Self::Collector(|it| &mut it.stale),
            "density_collector_entries" => Self::Collector(|it| &mut it.entries),
            "density_space_info" => Self::Data(0, true),
            "density_space_label_info" | "density_space_capacity" => Self::Data(0, false),
            "density_sensor_info" => Self::Data(1, true),
            "density_sensor_space_info" => Self::Data(1, false),
            "density_space_occupancy" | "density_space_occupancy_capped" => Self::Data(2, false),
            "density_space_presence" => Self::Data(3, false),
            "density_sensor_health" => Self::Data(4, true),
            "density_sensor_last_status_change_timestamp_seconds" => Self::Data(4, false),
            "density_space_health" => Self::DataOfLabel,
            "density_api_requests_total" => Self::Requests,
            "density_api_budget_requests_per_second" => Self::Budget,
            _ => Self::Other,
        }
    }
}

impl Reader {
    /// Reads `page`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(&mut self, page: &[u8]) -> Result<Facts, String> {
        let page = std::str::from_utf8(page).map_err(|error| format!("utf-8: {error}"))?;
        if !page.ends_with('\n') {
            return Err("end: the page is cut off".to_owned());
        }
        self.series.clear();
        let mut facts = Facts::default();
        let mut ended: Vec<&str> = Vec::new();
        let mut family: Option<Family<'_>> = None;
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', page.as_bytes()) {
            let line = &page[start..end];
            start = end + 1;
            if let Some(header) = line.strip_prefix('#') {
                header_line(header, &mut family, &mut ended)?;
                continue;
            }
            let Some(family) = &mut family else {
                return Err(format!("family: a sample before any family: {line}"));
            };
            let sample = sample(line)?;
            belongs(&sample, family)?;
            if !self.series.insert(self.hasher.hash_one(sample.series)) {
                return Err(format!("duplicate: {line}"));
            }
            family.samples += 1;
            facts.samples += 1;
            take(&mut facts, family, &sample, &self.hasher)?;
        }
        if let Some(family) = &family {
            end_of(family)?;
        }
        for organization in &facts.organizations {
            consistent(organization)?;
        }
        Ok(facts)
    }
}

/// `HELP` comes before `TYPE`, each once for a family, both before its samples.
fn header_line<'p>(
    header: &'p str,
    family: &mut Option<Family<'p>>,
    ended: &mut Vec<&'p str>,
) -> Result<(), String> {
    let mut words = header.splitn(4, ' ');
    let (Some(""), Some(what), Some(name), Some(text)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(format!("header: #{header}"));
    };
    match (what, family.as_mut()) {
        ("HELP", _) => {
            if let Some(before) = family {
                end_of(before)?;
                ended.push(before.name);
            }
            if ended.contains(&name) {
                return Err(format!("contiguous: {name} begins twice"));
            }
            *family = Some(Family {
                name,
                kind: None,
                samples: 0,
                fact: Fact::of(name),
            });
        }
        ("TYPE", Some(family)) if family.name == name && family.kind.is_none() => {
            family.kind = Some(match text {
                "gauge" => Kind::Gauge,
                "counter" => Kind::Counter,
                "histogram" => Kind::Histogram,
                _ => return Err(format!("header: #{header}")),
            });
        }
        _ => return Err(format!("header: #{header} out of place")),
    }
    Ok(())
}

fn end_of(family: &Family<'_>) -> Result<(), String> {
    match (family.kind, family.samples) {
        (Some(_), 1..) => Ok(()),
        _ => Err(format!("family: {} has no type or no sample", family.name)),
    }
}

fn belongs(sample: &Sample<'_>, family: &Family<'_>) -> Result<(), String> {
    let rest = sample.name.strip_prefix(family.name);
    let fits = match family.kind {
        Some(Kind::Histogram) => matches!(rest, Some("_bucket" | "_sum" | "_count")),
        Some(_) => rest == Some(""),
        None => false,
    };
    let counts = matches!(family.kind, Some(Kind::Counter | Kind::Histogram));
    if !fits {
        return Err(format!(
            "contiguous: {} within {}",
            sample.series, family.name
        ));
    }
    if !sample.value.is_finite() || (counts && sample.value < 0.0) {
        return Err(format!("value: {} {}", sample.series, sample.value));
    }
    Ok(())
}

fn take(
    facts: &mut Facts,
    family: &Family<'_>,
    sample: &Sample<'_>,
    hasher: &FixedState,
) -> Result<(), String> {
    let is_counter = family.kind != Some(Kind::Gauge);
    let comes_and_goes = sample.organization == Some(ORGANIZATIONS.len() - 1);
    if is_counter && !comes_and_goes {
        let hash = hasher.hash_one(sample.series);
        facts.counters.push((hash, sample.value));
    }
    if let Fact::Budget = family.fact {
        facts.budgets.push(sample.value);
    }
    let Some(organization) = sample.organization else {
        return Ok(());
    };
    let organization = &mut facts.organizations[organization];
    let collector = |name: Option<&str>| {
        let number = COLLECTORS.iter().position(|it| Some(*it) == name);
        number.ok_or_else(|| format!("collector: {}", sample.series))
    };
    match family.fact {
        Fact::Up => organization.up = Some(sample.value),
        Fact::Collector(field) => {
            let facts = &mut organization.collectors[collector(sample.collector)?];
            *field(facts) = Some(sample.value);
        }
        Fact::Data(number, is_main) => {
            let facts = &mut organization.collectors[number];
            facts.samples += 1;
            facts.main += if is_main { sample.value } else { 0.0 };
        }
        Fact::DataOfLabel => {
            organization.collectors[collector(sample.collector)?].samples += 1;
        }
        Fact::Requests => organization.requests += sample.value,
        Fact::Budget | Fact::Other => {}
    }
    Ok(())
}

/// What must fit together on one page.
fn consistent(organization: &OrganizationFacts) -> Result<(), String> {
    let Some(up) = organization.up else {
        // It is not chosen, or there no more.
        let is_there = organization
            .collectors
            .iter()
            .any(|it| it.samples > 0 || it.success.is_some());
        return match is_there {
            true => Err(format!("up: no density_up: {organization:?}")),
            false => Ok(()),
        };
    };
    let shown = || {
        organization
            .collectors
            .iter()
            .filter(|it| it.success.is_some())
    };
    let all_succeeded = shown().all(|it| it.success == Some(1.0));
    if shown().count() == 0 || up != f64::from(u8::from(all_succeeded)) {
        return Err(format!("up: {organization:?}"));
    }
    for (name, it) in COLLECTORS.iter().zip(&organization.collectors) {
        let is_shown = it.success.is_some();
        let is_flag = |it: Option<f64>| it.is_none_or(|it| it == 0.0 || it == 1.0);
        let fits = is_flag(it.success)
            && is_flag(it.stale)
            && it.stale.is_some() == is_shown
            && it.ttl.is_some() == is_shown
            && (it.success != Some(1.0) || it.last_success.is_some() && it.duration.is_some())
            && it.last_success.is_some() == it.entries.is_some()
            && (is_shown || it.samples == 0)
            && (it.samples == 0 || it.last_success.is_some());
        if !fits {
            return Err(format!("collector {name}: {it:?}"));
        }
        // Current counts and presences have entries without a sample: null is none.
        let has_main = !matches!(*name, "current_count" | "presence");
        if has_main && it.samples > 0 && Some(it.main) != it.entries {
            return Err(format!("entries of {name}: {it:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# HELP density_sensor_info Where.\n\
        # TYPE density_sensor_info gauge\n\
        density_sensor_info{organization=\"acme\",serial_number=\"Z1\"} 1\n\
        density_sensor_info{organization=\"acme\",serial_number=\"Z\\\"2\"} 1\n\
        # HELP density_up Up.\n# TYPE density_up gauge\ndensity_up{organization=\"acme\"} 1\n\
        # HELP density_collector_success S.\n# TYPE density_collector_success gauge\n\
        density_collector_success{collector=\"sensors\",organization=\"acme\"} 1\n\
        # HELP density_collector_duration_seconds D.\n# TYPE density_collector_duration_seconds gauge\n\
        density_collector_duration_seconds{collector=\"sensors\",organization=\"acme\"} 0.5\n\
        # HELP density_collector_last_success_timestamp_seconds L.\n\
        # TYPE density_collector_last_success_timestamp_seconds gauge\n\
        density_collector_last_success_timestamp_seconds{collector=\"sensors\",organization=\"acme\"} 1000.5\n\
        # HELP density_collector_ttl_seconds T.\n# TYPE density_collector_ttl_seconds gauge\n\
        density_collector_ttl_seconds{collector=\"sensors\",organization=\"acme\"} 4\n\
        # HELP density_collector_stale St.\n# TYPE density_collector_stale gauge\n\
        density_collector_stale{collector=\"sensors\",organization=\"acme\"} 0\n\
        # HELP density_collector_entries E.\n# TYPE density_collector_entries gauge\n\
        density_collector_entries{collector=\"sensors\",organization=\"acme\"} 2\n\
        # HELP h H.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_sum 1.5\nh_count 3\n";

    #[test]
    fn a_good_page_is_read() {
        let facts = Reader::default().read(GOOD.as_bytes()).unwrap();
        let acme = &facts.organizations[0];
        assert_eq!(acme.up, Some(1.0));
        assert_eq!(acme.collectors[1].last_success, Some(1000.5));
        assert_eq!(
            (acme.collectors[1].samples, acme.collectors[1].main),
            (2, 2.0)
        );
        assert_eq!((facts.counters.len(), facts.samples), (3, 12));
    }

    #[test]
    fn each_way_to_be_wrong_is_found() {
        let cases = [
            ("Z\\\"2", "Z1", "duplicate"),
            (
                "serial_number=\"Z1\"} 1",
                "serial_number=\"Z1\"} 1 1700000000000",
                "value or timestamp",
            ),
            (
                "serial_number=\"Z1\"} 1",
                "serial_number=\"Z1\"} NaN",
                "value",
            ),
            ("serial_number=\"Z1\"", "serial_number=\"\"", "empty label"),
            ("serial_number=\"Z1\"", "serial_number=\"Z\\1\"", "label"),
            ("serial_number=\"Z1\"", "organization=\"acme\"", "label"),
            ("\nh_sum", "\ndensity_up", "contiguous"),
            (
                "# HELP h H.\n# TYPE h histogram",
                "# HELP density_up H.\n# TYPE density_up histogram",
                "contiguous",
            ),
            (
                "# TYPE h histogram\n",
                "# TYPE h histogram\n# TYPE h histogram\n",
                "header",
            ),
            ("# TYPE h histogram\n", "", "contiguous"),
            (
                "h_bucket{le=\"+Inf\"} 3\nh_sum 1.5\nh_count 3\n",
                "",
                "family",
            ),
            ("h_count 3\n", "h_count -3\n", "value"),
            ("h_count 3\n", "h_count 3", "end"),
            (
                "density_up{organization=\"acme\"} 1",
                "density_up{organization=\"acme\"} 0",
                "up",
            ),
            (
                "_entries{collector=\"sensors\",organization=\"acme\"} 2",
                "_entries{collector=\"sensors\",organization=\"acme\"} 3",
                "entries of sensors",
            ),
            (
                "_stale{collector=\"sensors\",organization=\"acme\"} 0",
                "_stale{collector=\"sensors\",organization=\"acme\"} 2",
                "collector sensors",
            ),
            (
                "density_collector_success{collector=\"sensors\"",
                "density_collector_success{collector=\"roofs\"",
                "collector",
            ),
        ];
        for (from, to, expected) in cases {
            let page = GOOD.replacen(from, to, 1);
            assert_ne!(page, GOOD, "{from}");
            let error = Reader::default().read(page.as_bytes()).unwrap_err();
            assert!(error.starts_with(expected), "{from} -> {to}: {error}");
        }
    }
}
