//! The seeds of the fuzzers, run once each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::requests::temporary_folder;
use super::{TARGETS, run};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|it| it.unwrap().path());
    paths
        .map(|it| it.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_target_has_its_program_and_its_seeds() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len());
    assert_eq!(names_in(&fuzz().join("fuzz_targets")), targets);
    assert_eq!(names_in(&fuzz().join("seeds")), targets);
}

#[test]
fn every_seed_is_survived() {
    for (target, _) in TARGETS {
        let folder = fuzz().join("seeds").join(target);
        let seeds = std::fs::read_dir(&folder).unwrap();
        let mut count = 0;
        for seed in seeds {
            let path = seed.unwrap().path();
            let data = std::fs::read(&path).unwrap();
            let survived = std::panic::catch_unwind(|| run(target, &data));
            assert!(survived.is_ok(), "{}", path.display());
            count += 1;
        }
        assert!(count > 0, "{} is empty", folder.display());
    }
    std::fs::remove_dir_all(temporary_folder()).unwrap();
}
