//! Where the journal is: its folder made and kept private, the file of a day opened so that nothing laid in its way is followed.
//! Refuses links, pipes and devices, and never makes a file shorter.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::trouble::Trouble;

/// The file of a day.
pub(super) fn of_day(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(day.format("%Y-%m-%d.jsonl").to_string())
}

/// The day a file is of, by its name; `None` for what the journal did not make.
pub(super) fn day_of(name: &str) -> Option<NaiveDate> {
    let day = name.strip_suffix(".jsonl")?;
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok().filter(|parsed| parsed.to_string() == day)
}

/// Sees to it that the folder is there, is a folder, and is nobody else's to look into.
pub(super) fn prepare(folder: &Path) -> Result<(), Trouble> {
    if !is_there(folder)? {
        let above = folder.parent().unwrap_or(folder);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(Trouble::writing(folder))?;
        // A folder whose entry is lost with the power takes its files with it.
        sync_folder(above)?;
        // Asked again: something may have been put there in between.
        is_there(folder)?;
    }
    let mode = fs::metadata(folder).map_err(Trouble::writing(folder))?.mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(Trouble::writing(folder))?;
    }
    Ok(())
}

/// Whether the folder is there; trouble where something else is.
pub(super) fn is_there(folder: &Path) -> Result<bool, Trouble> {
    match fs::symlink_metadata(folder) {
        Ok(known) if known.is_symlink() => Err(Trouble::Link(folder.to_owned())),
        Ok(known) if !known.is_dir() => Err(Trouble::NotAFolder(folder.to_owned())),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Trouble::writing(folder)(error)),
    }
}

/// Opens a day's file to append to it, and to look at its last byte.
pub(super) fn open_to_append(path: &Path) -> Result<File, Trouble> {
    let file = open(OpenOptions::new().read(true).append(true).create(true).mode(0o600), path, Trouble::writing(path))?;
    let mode = file.metadata().map_err(Trouble::writing(path))?.mode();
    if mode & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(Trouble::writing(path))?;
    }
    Ok(file)
}

/// Opens a day's file to read it.
pub(super) fn open_to_read(path: &Path) -> Result<File, Trouble> {
    open(OpenOptions::new().read(true), path, Trouble::reading(path))
}

fn open(options: &mut OpenOptions, path: &Path, trouble: impl FnOnce(io::Error) -> Trouble) -> Result<File, Trouble> {
    // Without NONBLOCK, opening a pipe waits for its other end for ever.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let opened = options.custom_flags(flags.bits().cast_signed()).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            return Err(match error.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::LOOP) => Trouble::Link(path.to_owned()),
                Some(Errno::ISDIR | Errno::NXIO) => Trouble::NotAFile(path.to_owned()),
                _ => trouble(error),
            });
        }
    };
    match file.metadata() {
        Ok(known) if known.is_file() => Ok(file),
        Ok(_) => Err(Trouble::NotAFile(path.to_owned())),
        Err(error) => Err(trouble(error)),
    }
}

/// Waits until the folder's list of names is on disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Trouble> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Trouble::writing(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_the_journal_makes_are_of_a_day() {
        assert_eq!(day_of("2026-11-21.jsonl"), NaiveDate::from_ymd_opt(2026, 11, 21));
        for name in ["2026-11-31.jsonl", "2026-11-21.json", "2026-1-2.jsonl", ".jsonl", "2026-11-21.jsonl.1", "notes.jsonl"] {
            assert_eq!(day_of(name), None, "{name}");
        }
    }
}
