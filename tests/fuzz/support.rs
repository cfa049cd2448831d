//! What the targets have in common: how they read what the fuzzer made up, and how they see that memory stays bounded.

use std::path::Path;
use std::sync::OnceLock;

use peak_alloc::PeakAlloc;
use tempfile::TempDir;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What any input may take at the same time, in bytes …
const FIXED: usize = 1 << 20;
/// … and for each of its bytes.
const FOR_EACH: usize = 64;

/// Runs what is under test, and sees that it never holds much more than what it was given.
pub fn bounded<T>(input: &[u8], run: impl FnOnce() -> T) -> T {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    let held = MEMORY.peak_usage().saturating_sub(before);
    assert!(
        held <= FIXED + FOR_EACH * input.len(),
        "{} bytes of input took {held} bytes of memory",
        input.len()
    );
    result
}

/// Takes an input apart, from its front.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next byte; `None` at the end.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next two bytes as a number, the higher first.
    pub fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    /// The next four bytes as a number, the highest first.
    pub fn word(&mut self) -> Option<u32> {
        Some(u32::from(self.short()?) << 16 | u32::from(self.short()?))
    }

    /// So many bytes, or those that are left.
    pub fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        bytes
    }
}

/// A folder of this process's own, in memory where the system has such a place.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let make = || {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() {
            TempDir::new_in(memory)
        } else {
            TempDir::new()
        };
        made.expect("a folder of our own")
    };
    FOLDER.get_or_init(make).path()
}
