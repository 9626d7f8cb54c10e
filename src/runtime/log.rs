//! The log: what happened, for the day after. In the XDG state folder, readable by its owner only, at most 10 MiB kept in two files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use directories::ProjectDirs;

/// Each of the two files holds at most this much.
const HALF: u64 = 5 * 1024 * 1024;

/// The folder for state: `$XDG_STATE_HOME/flightdeck`.
pub fn state_dir() -> Option<PathBuf> {
    ProjectDirs::from("", "", "flightdeck")?.state_dir().map(Path::to_owned)
}

/// Starts logging. `Err` is a sentence: the program goes on without a log.
pub fn start() -> Result<PathBuf, String> {
    let dir = state_dir().ok_or("no home folder is known, so nothing is logged")?;
    let path = dir.join("flightdeck.log");
    let told = |e: io::Error| format!("{} can't be written ({e}), so nothing is logged", path.display());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(told)?;
    let log = Bounded::open(path.clone()).map_err(told)?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("FLIGHTDECK_LOG").unwrap_or_else(|_| "flightdeck=info,warn".into());
    let writer = Arc::new(Mutex::new(log));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(move || Shared(writer.clone())).init();
    Ok(path)
}

struct Bounded {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Bounded {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size })
    }

    fn turn(&mut self) -> io::Result<()> {
        fs::rename(&self.path, self.path.with_extension("log.1"))?;
        *self = Self::open(self.path.clone())?;
        Ok(())
    }
}

struct Shared(Arc<Mutex<Bounded>>);

impl Write for Shared {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().map_err(|_| io::Error::other("the log is poisoned"))?;
        if log.size + line.len() as u64 > HALF {
            log.turn()?;
        }
        log.file.write_all(line)?;
        log.size += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_never_holds_more_than_ten_mebibytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("flightdeck.log");
        let log = Arc::new(Mutex::new(Bounded::open(path.clone()).unwrap()));
        let line = vec![b'x'; 64 * 1024];
        for _ in 0..400 {
            Shared(log.clone()).write_all(&line).unwrap();
        }
        let kept: u64 = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
        assert!(kept <= 2 * HALF, "{kept} bytes are kept");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
