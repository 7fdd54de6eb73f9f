//! What the system's allocator does with memory that is given back.
//!
//! glibc learns from the first large block that is freed to take the next ones from its heap, where what
//! lies between them keeps them from going back to the system. A refresh of a large fleet frees tens of
//! megabytes; at 100,000 sensors that made the peak 170 MB instead of 100. It also gives threads that
//! allocate at once heaps of their own, up to eight for each processor, and each keeps what was freed in
//! it: as threads come and go, resident memory grows for an hour before it rests. The allocator is told
//! otherwise by variables that it reads when a program starts, so the program starts itself once more
//! with them. Nothing else of it changes: it is the same process with the same arguments.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Blocks of this size and above are mapped by themselves, and so go back when they are freed. A number that
/// is given is not learned anew. What allocates much is done by two threads at once. The last one means
/// nothing to the allocator and is there to be found: a program that has a capability is started without the
/// variables that the allocator knows, and would start itself for ever.
const SETTINGS: [(&str, &str); 4] = [
    ("MALLOC_MMAP_THRESHOLD_", "262144"),
    ("MALLOC_TRIM_THRESHOLD_", "262144"),
    ("MALLOC_ARENA_MAX", "2"),
    ("MALLOC_SETTLED_BY", "density-exporter"),
];

/// Starts the program once more with the allocator's settings, unless there are some. When that can't
/// be done the program goes on, and takes more memory.
pub(super) fn settle() {
    if is_settled(std::env::vars_os().map(|(name, _)| name)) {
        return;
    }
    let mut arguments = std::env::args_os();
    let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) else {
        return;
    };
    // Returns only when it fails.
    let _ = Command::new(program)
        .arg0(name)
        .args(arguments)
        .envs(SETTINGS)
        .exec();
}

/// Whether some of the allocator's settings are among the variables of these `names`.
fn is_settled(mut names: impl Iterator<Item = OsString>) -> bool {
    names.any(|name| {
        let name = name.to_string_lossy();
        name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_started_without_what_the_allocator_knows_does_not_start_itself_again() {
        // As glibc takes them from a program that has a capability.
        let taken = [
            "MALLOC_ARENA_MAX",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
        ];
        let names = SETTINGS.iter().map(|(name, _)| *name);
        let left = names.filter(|it| !taken.contains(it)).map(OsString::from);
        assert!(is_settled(left));
        assert!(!is_settled(["PATH".into(), "HOME".into()].into_iter()));
    }
}
