//! The matrix on real sockets.

use std::any::Any;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use density_exporter::density::Endpoint;

use crate::cell::{Ground, run};
use crate::exporter::Hosts;
use crate::report::{Row, print};
use crate::table::{FAULTS, Fault, Form, How};
use crate::tls::Certificates;

/// Cells that are tried at once for each processor: mostly, they wait.
const AT_ONCE: usize = 3;

struct Task {
    fault: &'static Fault,
    form: &'static Form,
    endpoint: Endpoint,
}

/// Each fault in one form, at one endpoint: another one for each fault.
#[test]
#[ignore = "its deadlines are real: where others keep the machine busy, they may be missed"]
fn each_fault_on_the_wire_is_survived() {
    let tasks = FAULTS.iter().enumerate().map(|(number, fault)| Task {
        fault,
        form: &fault.forms[0],
        endpoint: Endpoint::ALL[number % Endpoint::ALL.len()],
    });
    try_all(tasks.collect());
}

/// Run by scripts/verify, with one round; by scripts/soak with more. Each round tries the next form of
/// each fault.
#[test]
#[ignore = "takes minutes, and its deadlines are real"]
fn every_fault_at_every_endpoint_is_survived() {
    let rounds = std::env::var("FAULT_ROUNDS").map_or(1, |it| it.parse().unwrap());
    let mut tasks = Vec::new();
    for round in 0..rounds {
        for fault in FAULTS {
            let form = &fault.forms[round % fault.forms.len()];
            for endpoint in Endpoint::ALL {
                tasks.push(Task {
                    fault,
                    form,
                    endpoint,
                });
            }
        }
    }
    try_all(tasks);
}

/// Tries them all, tells of each, and fails when one has failed.
fn try_all(mut tasks: Vec<Task>) {
    // For one that is looked at by itself.
    if let Ok(only) = std::env::var("FAULT") {
        tasks.retain(|it| it.fault.name == only);
    }
    if !Hosts::are_possible() {
        println!("no mount namespace can be made here: a DNS failure is not tried on the wire");
        tasks.retain(|it| !matches!(it.form.how, How::NoName));
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ground = Ground {
        runtime: runtime.handle().clone(),
        certificates: Certificates::new(),
    };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE * std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let attempt = || run(&ground, task.fault, task.form, task.endpoint);
                    let result = catch_unwind(AssertUnwindSafe(attempt));
                    if result.is_err() {
                        println!("failed: {} at {}", task.fault.name, task.endpoint);
                    }
                    done.lock().unwrap().push((task, result));
                }
            });
        }
    });
    let mut rows: Vec<(usize, Row)> = Vec::new();
    let mut failed = Vec::new();
    for (task, result) in done.into_inner().unwrap() {
        match result {
            Ok(row) => {
                let place = FAULTS.iter().position(|it| it.name == task.fault.name);
                rows.push((place.unwrap(), row));
            }
            Err(panic) => failed.push(format!(
                "{} ({}) at {}: {}",
                task.fault.name,
                task.form.does,
                task.endpoint,
                words(&*panic)
            )),
        }
    }
    rows.sort_by_key(|(place, row)| (*place, row.does, row.endpoint as usize));
    let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    print(&rows);
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}
