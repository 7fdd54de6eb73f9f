//! One line of a page, cut into its parts as strictly as the text format allows.

use crate::page::ORGANIZATIONS;

/// A sample, cut into its parts.
pub struct Sample<'p> {
    pub name: &'p str,
    /// Name and labels, as they are in the line.
    pub series: &'p str,
    pub organization: Option<usize>,
    pub collector: Option<&'p str>,
    pub value: f64,
}

/// Reads a line; what is wrong with it begins the error.
pub fn sample(line: &str) -> Result<Sample<'_>, String> {
    let bad = |what: &str| format!("{what}: {line}");
    let bytes = line.as_bytes();
    let name_end = memchr::memchr2(b'{', b' ', bytes).ok_or_else(|| bad("sample"))?;
    let name = &line[..name_end];
    let mut sample = Sample {
        name,
        series: name,
        organization: None,
        collector: None,
        value: 0.0,
    };
    let mut place = name_end;
    if bytes[place] == b'{' {
        let (mut names, mut count, mut largest) = ([""; 24], 0, "");
        loop {
            place += 1;
            let equals = memchr::memchr(b'=', &bytes[place..]).ok_or_else(|| bad("label"))?;
            let label = &line[place..place + equals];
            let is_name = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_';
            // Mostly in order; where not, each of those before is looked at.
            let is_there = label <= largest && names[..count].contains(&label);
            if label.is_empty() || !label.bytes().all(|it| is_name(&it)) || is_there {
                return Err(bad("label"));
            }
            largest = label.max(largest);
            *names.get_mut(count).ok_or_else(|| bad("label"))? = label;
            count += 1;
            place += equals + 1;
            if bytes.get(place) != Some(&b'"') {
                return Err(bad("label"));
            }
            place += 1;
            let value_start = place;
            loop {
                let found =
                    memchr::memchr2(b'"', b'\\', &bytes[place..]).ok_or_else(|| bad("label"))?;
                place += found;
                if bytes[place] == b'"' {
                    break;
                }
                if !matches!(bytes.get(place + 1), Some(b'"' | b'\\' | b'n')) {
                    return Err(bad("label"));
                }
                place += 2;
            }
            let value = &line[value_start..place];
            if value.is_empty() {
                return Err(bad("empty label"));
            }
            match label {
                "organization" => {
                    let known = ORGANIZATIONS.iter().position(|it| *it == value);
                    sample.organization = Some(known.ok_or_else(|| bad("organization"))?);
                }
                "collector" => sample.collector = Some(value),
                _ => {}
            }
            place += 1;
            match bytes.get(place) {
                Some(b',') => {}
                Some(b'}') => break,
                _ => return Err(bad("label")),
            }
        }
        place += 1;
    }
    sample.series = &line[..place];
    let value = line[place..]
        .strip_prefix(' ')
        .ok_or_else(|| bad("sample"))?;
    sample.value = match value {
        "0" => 0.0,
        "1" => 1.0,
        // A timestamp would follow another space, which is no number.
        _ => value.parse().map_err(|_| bad("value or timestamp"))?,
    };
    Ok(sample)
}
