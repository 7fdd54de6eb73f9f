//! What the pages say that the program prints is what it prints.

use regex::Regex;

use crate::markdown::blocks;
use crate::process::{Running, density_exporter};
use crate::read;
use crate::settings::{check, check_file, smallest};

/// The block of a page that begins so.
fn block(page: &str, language: &str, beginning: &str) -> String {
    let text = read(page);
    let mut found = blocks(&text, language).into_iter();
    let found = found.find(|it| it.starts_with(beginning));
    found
        .unwrap_or_else(|| panic!("{page} has no {beginning:?}"))
        .to_owned()
}

#[test]
fn the_worst_case_is_printed_so() {
    let documented = block("docs/operations.md", "text", "# Worst case");
    let printed = check(&smallest()).unwrap();
    assert_eq!(printed.split_once("\n\n").unwrap().1, documented);
}

#[test]
fn mistakes_are_reported_so() {
    let page = read("docs/configuration.md");
    let (_, example) = page.split_once("All wrong values are reported").unwrap();
    let file = blocks(example, "yaml")[0];
    let documented = blocks(example, "text");
    assert_eq!(check_file("bad.yml", file), Err(documented[0].to_owned()));
    let misspelt = file.replace("current_count", "presense");
    assert_eq!(
        check_file("bad.yml", &misspelt),
        Err(documented[1].to_owned())
    );
}

/// Every line of the block is printed by `arguments`, but for hosts and ports.
fn is_printed(arguments: &[&str], block: &str) {
    let program = Running::start(density_exporter().args(arguments));
    let address = Regex::new("http://[^/ \n]+").unwrap();
    let plain = |line: &str| address.replace_all(line, "http://HOST").trim().to_owned();
    for line in block.lines().filter(|it| !it.is_empty()) {
        let beginning = plain(line);
        let printed = program.line_with(beginning.split("http://").next().unwrap());
        assert_eq!(plain(&printed), beginning);
    }
}

#[test]
fn the_demo_and_the_simulator_greet_so() {
    let demo = block("README.md", "text", "A simulated Density portfolio");
    is_printed(&["demo", "--web.listen-address=127.0.0.1:0"], &demo);
    let simulator = block("docs/simulator.md", "text", "Simulating");
    is_printed(&["simulate", "--listen-address=127.0.0.1:0"], &simulator);
}
