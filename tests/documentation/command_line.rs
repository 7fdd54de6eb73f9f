//! Every command and flag has a row in the documentation, and every row names one, with its default.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory};
use density_exporter::cli::Cli;

use crate::markdown::{code, table, whole_code};
use crate::{differences, none, read};

const CONFIGURATION: &str = "docs/configuration.md";
const SIMULATOR: &str = "docs/simulator.md";

/// The program without a subcommand, as the tables write it.
const PROGRAM: &str = "(none)";

/// A row about a flag, and the commands that it is about.
struct Row {
    page: &'static str,
    commands: Vec<String>,
    flag: String,
    meaning: String,
    default: String,
}

impl Row {
    /// Of a table in which a row is about every command.
    fn of_commands(page: &'static str, commands: &[&str], cells: &[String]) -> Self {
        let commands = commands.iter().map(|it| (*it).to_owned()).collect();
        Self::new(page, commands, cells)
    }

    fn new(page: &'static str, commands: Vec<String>, cells: &[String]) -> Self {
        let flag = whole_code(&cells[0]).unwrap_or_else(|| panic!("{page}: {cells:?}"));
        Self {
            page,
            commands,
            flag: flag.split(' ').next().unwrap().to_owned(),
            meaning: cells[1].clone(),
            default: cells[2].clone(),
        }
    }

    /// Whether it says of the flag what is true.
    fn fits(&self, flag: &Arg) -> bool {
        let takes_value = flag.get_action().takes_values();
        let default = flag.get_default_values().first();
        match default.filter(|_| takes_value) {
            Some(default) => self.default.trim_matches('`') == default.to_str().unwrap(),
            // Words say what happens without the flag.
            None => whole_code(&self.default).is_none() && self.default.parse::<f64>().is_err(),
        }
    }
}

fn rows() -> Vec<Row> {
    let configuration = read(CONFIGURATION);
    let simulator = read(SIMULATOR);
    let header = ["flag", "meaning", "default"];
    let served = table(&configuration, "Flags", &header);
    let simulated = table(&simulator, "Flags", &header);
    let commands = ["command", "flag", "meaning", "default"];
    let others = table(&configuration, "Commands", &commands);
    let served = served
        .iter()
        .map(|it| Row::of_commands(CONFIGURATION, &[PROGRAM, "demo", "simulate"], it));
    let simulated = simulated
        .iter()
        .map(|it| Row::of_commands(SIMULATOR, &["demo", "simulate"], it));
    let others = others.iter().map(|it| {
        let command = whole_code(&it[0]).unwrap().to_owned();
        Row::new(CONFIGURATION, vec![command], &it[1..])
    });
    served.chain(simulated).chain(others).collect()
}

/// The program and its subcommands, by the names that the tables give them.
fn commands() -> Vec<(String, Command)> {
    let mut program = Cli::command();
    program.build();
    let subcommands: Vec<_> = program
        .get_subcommands()
        .filter(|it| !it.is_hide_set() && it.get_name() != "help")
        .map(|it| (it.get_name().to_owned(), it.clone()))
        .collect();
    let mut commands = vec![(PROGRAM.to_owned(), program)];
    commands.extend(subcommands);
    commands
}

fn flags(command: &Command) -> impl Iterator<Item = (String, &Arg)> {
    let flags = command.get_arguments().filter(|it| !it.is_hide_set());
    flags
        .filter_map(|it| Some((format!("--{}", it.get_long()?), it)))
        .filter(|(name, _)| !["--help", "--version"].contains(&name.as_str()))
}

#[test]
fn every_command_has_a_row_and_every_row_a_command() {
    let rows = table(
        &read(CONFIGURATION),
        "Commands",
        &["command", "what it does"],
    );
    let documented = rows.iter().map(|row| match whole_code(&row[0]) {
        Some(usage) => usage.split(' ').next().unwrap().to_owned(),
        None => row[0].clone(),
    });
    let actual: BTreeSet<String> = commands().into_iter().map(|it| it.0).collect();
    let documented: BTreeSet<String> = documented.collect();
    none(&differences(
        &documented,
        CONFIGURATION,
        &actual,
        "the program",
    ));
}

#[test]
fn every_flag_has_a_row_with_its_default() {
    let rows = rows();
    let mut complaints = Vec::new();
    for (name, command) in commands() {
        for (flag, argument) in flags(&command) {
            let row = rows
                .iter()
                .find(|it| it.flag == flag && it.commands.contains(&name));
            match row {
                None => complaints.push(format!("{name} {flag} has no row")),
                Some(row) if !row.fits(argument) => complaints.push(format!(
                    "{}: {flag} has the default {:?}, not {}",
                    row.page,
                    argument.get_default_values(),
                    row.default
                )),
                Some(_) => {}
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_row_names_a_flag_of_its_commands() {
    let commands = commands();
    let mut complaints = Vec::new();
    for row in rows() {
        let mut of_row = commands.iter().filter(|it| row.commands.contains(&it.0));
        if !of_row.any(|(_, command)| flags(command).any(|it| it.0 == row.flag)) {
            complaints.push(format!("{}: there is no {}", row.page, row.flag));
        }
    }
    none(&complaints);
}

#[test]
fn a_row_names_every_value_that_the_flag_may_have() {
    let rows = rows();
    let mut checked = 0;
    for (name, command) in commands() {
        for (flag, argument) in flags(&command).filter(|it| it.1.get_action().takes_values()) {
            for value in argument.get_possible_values() {
                checked += 1;
                let mut rows = rows.iter().filter(|it| it.commands.contains(&name));
                let row = rows.find(|it| it.flag == flag).unwrap();
                let named = code(&row.meaning).any(|it| it == value.get_name());
                assert!(named, "{flag}: the row lacks {}", value.get_name());
            }
        }
    }
    assert!(checked > 10, "only {checked} values were checked");
}
