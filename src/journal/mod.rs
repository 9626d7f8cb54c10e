//! What was done and seen, on disk.

mod memory;

pub use memory::MemoryJournal;
