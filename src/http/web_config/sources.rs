//! Which files a configuration was read from, and what they held.
//!
//! Whole contents are compared, by their digests: times and sizes say nothing about two changes within
//! one tick of the clock, and the files are small.

use std::path::{Path, PathBuf};

use ring::digest::{Digest, SHA256, digest};

use crate::yaml::file::read_at_most;

/// The files that were read so far.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    most: u64,
    /// None when it could not be read.
    contents: Option<Digest>,
}

impl Sources {
    /// Reads a file, of a large one `most` bytes and one, and remembers it whether it can be read or not.
    pub(super) fn read(&mut self, path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
        let read = read_at_most(path, most);
        self.0.push(File {
            path: path.to_owned(),
            most,
            contents: read.as_ref().ok().map(|it| digest(&SHA256, it)),
        });
        read
    }

    /// Whether every file still holds the same.
    pub(super) fn is_current(&self) -> bool {
        self.0.iter().all(|file| {
            let now = read_at_most(&file.path, file.most).ok();
            let now = now.map(|it| digest(&SHA256, &it));
            now.as_ref().map(AsRef::as_ref) == file.contents.as_ref().map(AsRef::<[u8]>::as_ref)
        })
    }
}
