//! What the templates in annotations ask for: queries, and labels.

/// What stands between each `before` and the next `after`.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .filter_map(move |it| it.split(after).next())
}

/// The name at the beginning of a text.
fn name(text: &str) -> &str {
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The queries of a template, with values such as they have in place of what `printf` puts there.
pub fn queries(template: &str) -> Vec<String> {
    between(template, "printf `", '`').map(filled).collect()
}

/// A query in which each `%q` and `%[1]q` is a value that its label can have.
fn filled(query: &str) -> String {
    let mut filled = String::new();
    let mut rest = query;
    while let Some((before, after)) = rest.split_once('%') {
        let after = match after.strip_prefix('[') {
            Some(numbered) => numbered.split_once(']').expect(query).1,
            None => after,
        };
        rest = after.strip_prefix('q').expect(query);
        filled += before;
        let pattern = before.ends_with("=~");
        let label = before.trim_end_matches(['=', '~', '!']);
        filled += match (label.rsplit([',', '{', ' ']).next(), pattern) {
            (Some("collector"), false) => "\"sensor_health\"",
            (Some("endpoint"), true) => "\"sensor_health|token\"",
            (_, false) => "\"one\"",
            (_, true) => "\"one|other\"",
        };
    }
    filled + rest
}

/// The labels of the alert that a template shows or puts into a query.
pub fn labels_of_alert(template: &str) -> Vec<&str> {
    template.split("$labels.").skip(1).map(name).collect()
}

/// The labels that a template reads from the results of its queries.
pub fn labels_of_results(template: &str) -> Vec<&str> {
    let of_each = template.split(" .Labels.").skip(1).map(name);
    of_each.chain(between(template, "label \"", '"')).collect()
}
