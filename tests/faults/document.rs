//! `docs/reliability.md` tells of each fault what is tried here and what comes of it.

use density_exporter::density::Endpoint;

use crate::table::{Expected, FAULTS, Fault};

const DOCUMENT: &str = include_str!("../../docs/reliability.md");

#[test]
fn the_document_has_a_row_for_each_fault_as_it_is_tried() {
    let rows: Vec<String> = FAULTS.iter().map(row).collect();
    let missing: Vec<_> = rows
        .iter()
        .filter(|row| !DOCUMENT.lines().any(|line| line == *row))
        .collect();
    assert!(missing.is_empty(), "it should have:\n{}", rows.join("\n"));
}

fn row(fault: &Fault) -> String {
    let done: Vec<_> = fault.forms.iter().map(|it| it.does).collect();
    let at = |endpoint| {
        let each = fault.forms.iter().map(|it| words(it.expected(endpoint)));
        let mut causes: Vec<_> = each.collect();
        if causes.iter().all(|it| *it == causes[0]) {
            causes.truncate(1);
        }
        causes.join("; ")
    };
    let (everywhere, token) = (at(Endpoint::Spaces), at(Endpoint::Token));
    let more = match token == everywhere {
        true => String::new(),
        false => format!(". Of the token: {token}"),
    };
    format!(
        "| {} | {} | {everywhere}{more} |",
        fault.name,
        done.join("; ")
    )
}

fn words(expected: Expected) -> String {
    match expected {
        Expected::Fails(code) => format!("`{code}`"),
        Expected::NoneReadable => "`200`, its entries rejected".to_owned(),
        Expected::OneRejected => "read, one entry rejected".to_owned(),
        Expected::Read => "read".to_owned(),
    }
}
