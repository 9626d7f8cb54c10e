//! What keeps the journal from being written or read, as a sentence that says what is so and what can be done.
//! Refuses to guess: what it does not know by name is told in the system's own words.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::text::Clean;

/// Something in the way.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A symbolic link lies where the journal belongs.
    Link(PathBuf),
    /// Something that is not a folder lies where the folder belongs.
    NotAFolder(PathBuf),
    /// Something that is not a plain file lies where a file belongs.
    NotAFile(PathBuf),
    /// Another process has held the lock for too long.
    Held(PathBuf),
    /// The line is longer than any reader would take it.
    TooLong(usize),
    /// The entry can't be put into a line.
    Shape(serde_json::Error),
    /// What the system said while writing, or reading.
    System(&'static str, PathBuf, io::Error),
}

impl Trouble {
    /// For `map_err`: trouble with this path.
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |error| Self::System("written", path.to_owned(), error)
    }

    /// For `map_err`: trouble with this path.
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |error| Self::System("read", path.to_owned(), error)
    }

    /// What is so, and what can be done.
    pub(super) fn sentence(&self) -> Clean {
        Clean::from(match self {
            Self::Link(path) => format!(
                "The journal can't be used: {} is a symbolic link, which anyone could have laid. Remove it, or set XDG_STATE_HOME to where the journal belongs.",
                path.display()
            ),
            Self::NotAFolder(path) => {
                format!("The journal can't be used: {} is not a folder. Move it away and try again.", path.display())
            }
            Self::NotAFile(path) => {
                format!("The journal can't be used: {} is not a plain file. Move it away and try again.", path.display())
            }
            Self::Held(path) => format!(
                "The journal can't be written: another process has held {} for two seconds. See which one has it open, end that, and try again.",
                path.display()
            ),
            Self::TooLong(bytes) => format!(
                "The journal can't be written: this entry takes {bytes} bytes, and a line holds at most {}. Make the change smaller.",
                super::LONGEST
            ),
            Self::Shape(error) => format!("The journal can't be written: the entry can't be told as JSON ({error})."),
            Self::System(verb, path, error) => {
                let (what, remedy) = words(error);
                format!("The journal can't be {verb}: {} ({what}). {remedy}", path.display())
            }
        })
    }
}

fn words(error: &io::Error) -> (String, &'static str) {
    let (what, remedy) = match error.kind() {
        ErrorKind::StorageFull => {
            ("the disk is full", "Free some space there, or set XDG_STATE_HOME to a folder that has some, and try again.")
        }
        ErrorKind::QuotaExceeded => ("the disk quota is used up", "Free some space there and try again."),
        ErrorKind::FileTooLarge => ("the file may not grow further", "Raise the limit on the size of files (ulimit -f) and try again."),
        ErrorKind::ReadOnlyFilesystem => ("the disk is read-only", "Set XDG_STATE_HOME to a folder that can be written, and start again."),
        ErrorKind::PermissionDenied => {
            ("permission denied", "Make it yours and writable (chown, chmod u+rwx), or set XDG_STATE_HOME to a folder of your own.")
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => ("a file lies where a folder belongs", "Move that file away and try again."),
        _ => return (error.to_string(), "See to that disk, or set XDG_STATE_HOME to another folder, and try again."),
    };
    (what.to_owned(), remedy)
}
