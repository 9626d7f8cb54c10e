//! One entry appended as one whole line, and on disk before this returns.
//! Refuses to take a line for written that is not: any doubt is an error, and then nothing may be sent.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::Duration;

use super::trouble::Trouble;
use super::{LONGEST, place};
use crate::ports::journal::Entry;

/// How long another process may hold the lock. A line takes it milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN: Duration = Duration::from_millis(5);

/// Appends `entry` to the file of its day.
pub(super) fn append(folder: &Path, entry: &Entry) -> Result<(), Trouble> {
    let mut line = serde_json::to_vec(entry).map_err(Trouble::Shape)?;
    line.push(b'\n');
    if line.len() > LONGEST {
        return Err(Trouble::TooLong(line.len()));
    }
    place::prepare(folder)?;
    let path = place::of_day(folder, entry.at.date_naive());
    let file = open_locked(&path)?;
    let length = file.metadata().map_err(Trouble::writing(&path))?.len();
    if ends_in_half_a_line(&file, length).map_err(Trouble::writing(&path))? {
        line.insert(0, b'\n');
    }
    put(&file, &line).map_err(Trouble::writing(&path))?;
    file.sync_all().map_err(Trouble::writing(&path))?;
    // Not only where this process made the file: the one that did may have died before its name was on disk.
    if length == 0 {
        place::sync_folder(folder)?;
    }
    Ok(())
}

/// The file, locked: a single write is appended whole where it fits, and the lock is for when it does not.
fn open_locked(path: &Path) -> Result<File, Trouble> {
    loop {
        let file = place::open_to_append(path)?;
        lock(&file, path)?;
        // Removed or moved away while the lock was waited for: what goes into it would be lost.
        let gone = file.metadata().map_err(Trouble::writing(path))?.nlink() == 0;
        if !gone {
            return Ok(file);
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), Trouble> {
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            // Some network disks have no locks; there a whole write is all there is to rely on.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(Trouble::writing(path)(error)),
            Err(TryLockError::WouldBlock) if waited >= PATIENCE => return Err(Trouble::Held(path.to_owned())),
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(BETWEEN);
                waited += BETWEEN;
            }
        }
    }
}

/// Whether a crash left a line without its end. It stays as it is, a line of its own that can't be read.
fn ends_in_half_a_line(file: &File, length: u64) -> io::Result<bool> {
    let Some(last) = length.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte != [b'\n'])
}

/// One write. Where the system takes only part of it, the rest follows at once: the lock keeps others from writing in between.
fn put(mut to: impl Write, line: &[u8]) -> io::Result<()> {
    to.write_all(line)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    struct Sparing(Vec<usize>);

    impl Write for Sparing {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.push(line.len());
            if self.0.len() > 2 { Err(ErrorKind::StorageFull.into()) } else { Ok(line.len().div_ceil(2)) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_offered_whole_and_a_short_write_is_never_taken_for_done() {
        let mut sparing = Sparing(Vec::new());
        assert_eq!(put(&mut sparing, b"0123456789").unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(sparing.0, [10, 5, 2]);
    }

    #[test]
    fn a_full_device_is_an_error_that_says_so() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = put(&full, b"{}\n").unwrap_err();
        let said = Trouble::writing(Path::new("/state/journal/2026-11-21.jsonl"))(error).sentence();
        assert!(said.contains("the disk is full") && said.contains("Free some space"), "{said}");
    }

    #[test]
    fn half_a_line_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("2026-11-21.jsonl");
        for (text, half) in [("", false), ("{}\n", false), ("{}\n{\"for", true), ("\n", false)] {
            std::fs::write(&path, text).unwrap();
            let mut file = place::open_to_append(&path).unwrap();
            assert_eq!(ends_in_half_a_line(&file, text.len() as u64).unwrap(), half, "{text:?}");
            let mut whole = String::new();
            file.read_to_string(&mut whole).unwrap();
            assert_eq!(whole, text);
        }
    }
}
