//! Every variable that configures the program has a row in the documentation.

use std::collections::BTreeSet;

use clap::CommandFactory;
use density_exporter::cli::Cli;
use regex::Regex;

use crate::markdown::{code, table};
use crate::{differences, none, read};

const PAGE: &str = "docs/configuration.md";

fn variables(text: &str) -> BTreeSet<String> {
    let names = Regex::new("DENSITY_[A-Z_]+").unwrap();
    names
        .find_iter(text)
        .map(|it| it.as_str().to_owned())
        .collect()
}

#[test]
fn the_page_has_the_variables_of_the_help_and_of_the_source() {
    let rows = table(&read(PAGE), "Environment", &["variable", "meaning"]);
    let documented = rows.iter().flat_map(|row| code(&row[0]));
    let documented: BTreeSet<String> = documented.flat_map(variables).collect();
    let help = Cli::command().render_help().to_string();
    none(&differences(&documented, PAGE, &variables(&help), "--help"));
    let source = variables(&read("src/config/variables.rs"));
    none(&differences(
        &documented,
        PAGE,
        &source,
        "src/config/variables.rs",
    ));
}
