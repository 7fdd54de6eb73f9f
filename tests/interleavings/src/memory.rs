//! One bound, however many answers take of it at once.

#[path = "../../../src/density/memory.rs"]
mod file;

use loom::thread;

use file::{Memory, Share};

pub(crate) fn answers_never_hold_more_than_the_bound_and_all_of_it_comes_back() {
    let memory = Memory::new(10);
    let readers = [6, 5].map(|bytes| {
        let memory = memory.clone();
        thread::spawn(move || {
            let mut share = Share::new(memory.clone());
            let held = share.hold(bytes).is_ok();
            // What the others hold is part of the same bound.
            assert!(!held || memory.left() <= 10 - bytes as u64);
            // It holds less, and then more again, or what it held.
            if held && share.hold(2).is_ok() {
                let _ = share.hold(bytes);
            }
            held
        })
    });
    let held = readers.map(|it| it.join().unwrap());
    assert!(held.contains(&true), "one of them had room");
    assert_eq!(memory.left(), 10);
}

pub(crate) fn a_bound_that_changes_meanwhile_loses_nothing() {
    let memory = Memory::new(10);
    let reader = {
        let memory = memory.clone();
        thread::spawn(move || {
            let mut share = Share::new(memory);
            share.hold(6).is_ok() && share.hold(9).is_ok()
        })
    };
    memory.set_bound(7);
    let mut share = Share::new(memory.clone());
    let _ = share.hold(1);
    assert!(memory.left() <= 7);
    drop(share);
    reader.join().unwrap();
    assert_eq!(memory.left(), 7);
    let mut share = Share::new(memory);
    assert!(share.hold(8).is_err() && share.hold(7).is_ok());
}
