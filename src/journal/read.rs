//! The newest entries, newest first, across the files of the days.
//! Refuses to stop at what it can't read: a broken, strange or endless line is passed over and counted.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::backwards::{Backwards, Line};
use super::trouble::Trouble;
use super::{LONGEST, place};
use crate::ports::journal::Entry;

/// The layout of lines this program knows.
const FORMAT: u32 = 1;

/// At most `most` entries, newest first, and how many lines among those looked at could not be read. No folder is an empty journal.
pub(super) fn read(folder: &Path, most: usize) -> Result<(Vec<Entry>, usize), Trouble> {
    let (mut entries, mut unreadable) = (Vec::new(), 0);
    if !place::is_there(folder)? {
        return Ok((entries, 0));
    }
    for path in days(folder)? {
        if entries.len() >= most {
            break;
        }
        // A file that can't be opened hides lines: it counts, and the others are still told.
        unreadable += read_day(&path, most, &mut entries).unwrap_or(1);
    }
    Ok((entries, unreadable))
}

/// The files of the days, newest first.
fn days(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut days = Vec::new();
    for found in fs::read_dir(folder).map_err(Trouble::reading(folder))? {
        let found = found.map_err(Trouble::reading(folder))?;
        days.extend(found.file_name().to_str().and_then(place::day_of).map(|day| (day, found.path())));
    }
    days.sort();
    Ok(days.into_iter().rev().map(|(_, path)| path).collect())
}

fn read_day(path: &Path, most: usize, entries: &mut Vec<Entry>) -> Result<usize, Trouble> {
    let file = place::open_to_read(path)?;
    let length = settled_length(&file).map_err(Trouble::reading(path))?;
    let mut unreadable = 0;
    for line in Backwards::new(|buffer, offset| file.read_exact_at(buffer, offset), length, LONGEST) {
        match line {
            Ok(Line::Whole(line)) if line.iter().all(u8::is_ascii_whitespace) => {}
            Ok(Line::Whole(line)) => match entry(&line) {
                Some(entry) => entries.push(entry),
                None => unreadable += 1,
            },
            Ok(Line::TooLong) | Err(_) => unreadable += 1,
        }
        if entries.len() >= most {
            break;
        }
    }
    Ok(unreadable)
}

/// How long the file is between two writers, so that a line just being written is not taken for half a one.
/// The lock is held only for the question: no reader may keep an action waiting.
fn settled_length(file: &fs::File) -> std::io::Result<u64> {
    for _ in 0..40 {
        match file.try_lock_shared() {
            Ok(()) => {
                let length = file.metadata().map(|known| known.len());
                file.unlock()?;
                return length;
            }
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            Err(fs::TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(fs::TryLockError::Error(_)) => break,
        }
    }
    file.metadata().map(|known| known.len())
}

fn entry(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice::<Entry>(line).ok().filter(|entry| entry.format == FORMAT)
}
