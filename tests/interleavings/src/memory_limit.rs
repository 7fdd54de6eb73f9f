//! One limit, however many answers reserve memory at once.

#[path = "../../../src/density/memory_limit.rs"]
mod file;

use loom::thread;

use file::{MemoryLimit, MemoryReservation};

pub(crate) fn reservations_never_exceed_the_limit_and_all_are_released() {
    let limit = MemoryLimit::new(10);
    let readers = [6, 5].map(|bytes| {
        let limit = limit.clone();
        thread::spawn(move || {
            let mut reservation = MemoryReservation::new(limit.clone());
            let held = reservation.resize(bytes).is_ok();
            // Reservations of the others count against the same limit.
            assert!(!held || limit.available() <= 10 - bytes as u64);
            // It shrinks, and then grows again or stays.
            if held && reservation.resize(2).is_ok() {
                let _ = reservation.resize(bytes);
            }
            held
        })
    });
    let held = readers.map(|it| it.join().unwrap());
    assert!(held.contains(&true), "one of them fits");
    assert_eq!(limit.available(), 10);
}

pub(crate) fn a_limit_that_changes_meanwhile_loses_nothing() {
    let limit = MemoryLimit::new(10);
    let reader = {
        let limit = limit.clone();
        thread::spawn(move || {
            let mut reservation = MemoryReservation::new(limit);
            reservation.resize(6).is_ok() && reservation.resize(9).is_ok()
        })
    };
    limit.set_bytes(7);
    let mut reservation = MemoryReservation::new(limit.clone());
    let _ = reservation.resize(1);
    assert!(limit.available() <= 7);
    drop(reservation);
    reader.join().unwrap();
    assert_eq!(limit.available(), 7);
    let mut reservation = MemoryReservation::new(limit);
    assert!(reservation.resize(8).is_err() && reservation.resize(7).is_ok());
}
