//! What the system's allocator does with memory that is given back.
//!
//! glibc learns from the first large block that is freed to take the next ones from its heap, where what
//! lies between them keeps them from going back to the system. A refresh of a large fleet frees tens of
//! megabytes; at 100,000 sensors that made the peak 170 MB instead of 100. It also gives threads that
//! allocate at once heaps of their own, up to eight for each processor, and each keeps what was freed in
//! it: as threads come and go, resident memory grows for an hour before it rests. The allocator is told
//! otherwise by variables that it reads when a program starts, so the program starts itself once more
//! with them. Nothing else of it changes: it is the same process with the same arguments.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Blocks of this size and above are mapped by themselves, and so go back when they are freed. A number
/// that is given is not learned anew. What allocates much is done by two threads at once.
const SETTINGS: [(&str, &str); 3] = [
    ("MALLOC_MMAP_THRESHOLD_", "262144"),
    ("MALLOC_TRIM_THRESHOLD_", "262144"),
    ("MALLOC_ARENA_MAX", "2"),
];

/// Starts the program once more with the allocator's settings, unless there are some. When that can't
/// be done the program goes on, and takes more memory.
pub(super) fn settle() {
    let is_set = |name: &std::ffi::OsStr| {
        let name = name.to_string_lossy();
        name.starts_with("MALLOC_") || name == "GLIBC_TUNABLES"
    };
    if std::env::vars_os().any(|(name, _)| is_set(&name)) {
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
