//! Reads a page of metrics in the text format, line by line, so that a peer's peak of memory is that of
//! its library and not that of this reader.
//!
//! Only gauges and counters are read. Histograms and summaries are skipped: the exporter has one small
//! histogram, which says nothing about the size of a fleet.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::Result;

/// What a family's samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// May go up and down.
    Gauge,
    /// Only goes up.
    Counter,
}

/// A family of series, without the series.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its samples' name, so that of a counter ends in `_total`.
    pub name: String,
    /// Its help, as it is escaped on the page.
    pub help: String,
    /// What its samples are.
    pub kind: MetricKind,
    /// Every label that any of its series has, in order of appearance.
    pub labels: Vec<String>,
    /// Whether all its values are whole numbers.
    pub whole: bool,
}

/// A sample.
#[derive(Debug)]
pub struct Sample<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub kind: MetricKind,
    /// Names and values, unescaped, in the order of the page.
    pub labels: Vec<(&'a str, Cow<'a, str>)>,
    /// Its value.
    pub value: f64,
}

impl Sample<'_> {
    /// The value of a label; empty when the series doesn't have it, which is the same to Prometheus.
    pub fn label(&self, name: &str) -> &str {
        let found = self.labels.iter().find(|(it, _)| *it == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The families of the page at `path`, in order.
///
/// # Errors
/// When it can't be read, or a line isn't the text format.
pub fn families(path: &Path) -> Result<Vec<Family>> {
    let mut families: Vec<Family> = Vec::new();
    each_sample_with_help(path, |help, sample| {
        let known = families.last().is_some_and(|it| it.name == sample.name);
        if !known {
            families.push(Family {
                name: sample.name.to_owned(),
                help: help.to_owned(),
                kind: sample.kind,
                labels: Vec::new(),
                whole: true,
            });
        }
        if let Some(family) = families.last_mut() {
            family.whole &= sample.value.fract() == 0.0 && sample.value.abs() < 1e15;
            for (name, _) in &sample.labels {
                if !family.labels.iter().any(|it| it == name) {
                    family.labels.push((*name).to_owned());
                }
            }
        }
        Ok(())
    })?;
    Ok(families)
}

/// Calls `visit` for each gauge's and counter's sample on the page at `path`.
///
/// # Errors
/// When the page can't be read, a line isn't the text format, or `visit` fails.
pub fn each_sample(path: &Path, mut visit: impl FnMut(Sample<'_>) -> Result<()>) -> Result<()> {
    each_sample_with_help(path, |_, sample| visit(sample))
}

fn each_sample_with_help(
    path: &Path,
    mut visit: impl FnMut(&str, Sample<'_>) -> Result<()>,
) -> Result<()> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = BufReader::with_capacity(256 * 1024, file);
    let mut line = String::new();
    let mut help = String::new();
    let mut family = None;
    while {
        line.clear();
        lines.read_line(&mut line)? > 0
    } {
        let text = line.trim_end();
        if let Some(rest) = text.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |it| it.1).to_owned();
        } else if let Some(rest) = text.strip_prefix("# TYPE ") {
            family = rest
                .split_once(' ')
                .and_then(|(name, kind)| Some((name.to_owned(), kind_of(kind)?)));
        } else if text.is_empty() || text.starts_with('#') {
            // A comment.
        } else if let Some((family, kind)) = &family {
            let mut sample = sample(text, *kind).ok_or_else(|| format!("not a sample: {text}"))?;
            // OpenMetrics names a counter without `_total`, and its samples with it.
            let suffix = sample.name.strip_prefix(family.as_str());
            if !(suffix == Some("") || suffix == Some("_total") && *kind == MetricKind::Counter) {
                return Err(format!("{} has no type", sample.name).into());
            }
            sample.labels.retain(|(_, value)| !value.is_empty());
            visit(&help, sample)?;
        }
    }
    Ok(())
}

fn kind_of(text: &str) -> Option<MetricKind> {
    match text {
        "gauge" => Some(MetricKind::Gauge),
        "counter" => Some(MetricKind::Counter),
        _ => None,
    }
}

fn sample(text: &str, kind: MetricKind) -> Option<Sample<'_>> {
    let name_end = text.find(['{', ' '])?;
    let (name, mut rest) = text.split_at(name_end);
    let mut labels = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = quoted(after)?;
            labels.push((name, value));
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = rest.strip_prefix('}')?;
    }
    // Nothing here writes timestamps, so the rest is the value.
    let value = rest.trim().parse().ok()?;
    Some(Sample {
        name,
        kind,
        labels,
        value,
    })
}

/// A label's value until its closing quote, and what comes after the quote.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes().get(end) == Some(&b'"') {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(value), &text[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unescaped_and_empty_ones_do_not_count() {
        let text = r#"a_b{x="1",y="Haus \"Zur\\Linde\"\n,}",z=""} 2.5"#;
        let sample = sample(text, MetricKind::Gauge).unwrap();
        assert_eq!(sample.name, "a_b");
        assert_eq!(sample.label("x"), "1");
        assert_eq!(sample.label("y"), "Haus \"Zur\\Linde\"\n,}");
        assert_eq!(sample.label("z"), sample.label("absent"));
        assert_eq!(sample.value, 2.5);
    }

    #[test]
    fn samples_without_labels_and_special_values_are_read() {
        assert_eq!(sample("up 1", MetricKind::Gauge).unwrap().value, 1.0);
        assert!(sample("up{} NaN", MetricKind::Gauge).unwrap().value.is_nan());
        assert!(sample("up{a=\"} 1", MetricKind::Gauge).is_none());
    }
}
