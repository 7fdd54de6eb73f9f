//! Configures how the system's allocator returns freed memory.
//!
//! After the first large block is freed, glibc takes the next ones from its heap, where other blocks between
//! them keep them from being returned to the system. A refresh of a large fleet frees tens of megabytes; at
//! 100,000 sensors that made the peak 170 MB instead of 100. It also gives threads that allocate concurrently
//! heaps of their own, up to eight for each processor, and each keeps what was freed in it: as threads come
//! and go, resident memory grows for an hour before it levels off. The allocator reads its settings from
//! environment variables when a program starts, so the program executes itself once more with them, in the
//! same process and with the same arguments.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Blocks of this size and above are mapped separately, and so are returned when they are freed; a threshold
/// that is set is not adapted. Two threads at a time do the work that allocates much. The allocator ignores
/// the last variable, which marks that the program has executed itself: a program with capabilities is
/// started without the allocator's own variables, and would execute itself for ever.
const SETTINGS: [(&str, &str); 4] = [
    ("MALLOC_MMAP_THRESHOLD_", "262144"),
    ("MALLOC_TRIM_THRESHOLD_", "262144"),
    ("MALLOC_ARENA_MAX", "2"),
    ("MALLOC_SETTLED_BY", "density-exporter"),
];

/// Executes the program once more with the allocator's settings, unless some are set. When that fails, the
/// program goes on and takes more memory.
pub(super) fn configure() {
    if is_configured(std::env::vars_os().map(|(name, _)| name)) {
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
fn is_configured(mut names: impl Iterator<Item = OsString>) -> bool {
    names.any(|name| {
        let name = name.to_string_lossy();
        name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_whose_allocator_variables_were_removed_does_not_execute_itself_again() {
        // The variables that glibc removes from a program with capabilities.
        let taken = [
            "MALLOC_ARENA_MAX",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
        ];
        let names = SETTINGS.iter().map(|(name, _)| *name);
        let left = names.filter(|it| !taken.contains(it)).map(OsString::from);
        assert!(is_configured(left));
        assert!(!is_configured(["PATH".into(), "HOME".into()].into_iter()));
    }
}
