//! Reads the files that settings name, each time they are needed: a token that was renewed is used from the next question on.
//! Never writes, and never repeats what it read in an error.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Fault, Secret, Settings};

/// Larger than any token or bundle of certificates: a wrong path must not be read whole.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Everything that stands in files or beside them, as it was when last read.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Loaded {
    pub token: Option<Secret>,
    pub basic: Option<(String, Secret)>,
    /// Certificate and key in one text.
    pub identity: Option<Vec<u8>>,
    pub ca: Option<Vec<u8>>,
}

impl Settings {
    /// Whether any file has to be looked at before a question is sent.
    pub(crate) fn names_files(&self) -> bool {
        self.bearer_token_file.is_some()
            || self.ca.is_some()
            || self.client_cert.is_some()
            || self.client_key.is_some()
            || self.basic.as_ref().is_some_and(|basic| basic.password_file.is_some())
    }

    /// Reads every file that is named. Blocks.
    ///
    /// # Errors
    /// A file is missing, unreadable, too large, empty or not PEM; a certificate without its key, or the other way round.
    pub(crate) fn load(&self) -> Result<Loaded, Fault> {
        let token = match &self.bearer_token_file {
            Some(path) => Some(self.line(path, "bearer_token_file")?),
            None => self.bearer_token.clone(),
        };
        let basic = match &self.basic {
            Some(basic) => {
                let password = match &basic.password_file {
                    Some(path) => self.line(path, "password_file")?,
                    None => basic.password.clone().unwrap_or_default(),
                };
                Some((basic.user.clone(), password))
            }
            None => None,
        };
        let identity = match (&self.client_cert, &self.client_key) {
            (None, None) => None,
            (Some(cert), Some(key)) => {
                let mut pem = self.pem(cert, "client_cert", "CERTIFICATE")?;
                pem.push(b'\n');
                pem.extend(self.pem(key, "client_key", "PRIVATE KEY")?);
                Some(pem)
            }
            (Some(_), None) => {
                return Err(Fault::new("`client_cert` is set without `client_key`; a certificate is of no use without its key. Set both."));
            }
            (None, Some(_)) => {
                return Err(Fault::new("`client_key` is set without `client_cert`; a key is of no use without its certificate. Set both."));
            }
        };
        let ca = self.ca.as_ref().map(|path| self.pem(path, "ca", "CERTIFICATE")).transpose()?;
        Ok(Loaded { token, basic, identity, ca })
    }

    fn line(&self, path: &Path, setting: &str) -> Result<Secret, Fault> {
        let text = self.read(path, setting)?;
        let text = String::from_utf8(text).map_err(|_| Fault::new(format!("the file of `{setting}`, {}, is not text.", path.display())))?;
        match text.trim() {
            "" => Err(Fault::new(format!("the file of `{setting}`, {}, is empty. Put the credential in it.", path.display()))),
            text => Ok(Secret::new(text)),
        }
    }

    fn pem(&self, path: &Path, setting: &str, kind: &str) -> Result<Vec<u8>, Fault> {
        let bytes = self.read(path, setting)?;
        let text = String::from_utf8_lossy(&bytes);
        // EC, RSA and PKCS#8 keys differ in the words before "PRIVATE KEY".
        let holds = text.lines().any(|line| line.trim_start().starts_with("-----BEGIN ") && line.contains(kind));
        if holds {
            return Ok(bytes);
        }
        Err(Fault::new(format!(
            "the file of `{setting}`, {}, holds no PEM block `{kind}`. Convert it to PEM, or name another file.",
            path.display()
        )))
    }

    fn read(&self, path: &Path, setting: &str) -> Result<Vec<u8>, Fault> {
        let full = self.expanded(path, setting)?;
        let shown = full.display();
        let meta = std::fs::metadata(&full).map_err(|error| unreadable(setting, &full, error.kind()))?;
        if meta.is_dir() {
            return Err(Fault::new(format!("`{setting}` names {shown}, which is a folder. Name the file in it.")));
        }
        if meta.len() > LARGEST {
            return Err(Fault::new(format!("the file of `{setting}`, {shown}, is larger than 4 MiB, so it was not read. Check the path.")));
        }
        std::fs::read(&full).map_err(|error| unreadable(setting, &full, error.kind()))
    }

    fn expanded(&self, path: &Path, setting: &str) -> Result<PathBuf, Fault> {
        let Ok(below) = path.strip_prefix("~") else { return Ok(path.to_path_buf()) };
        match &self.home {
            Some(home) => Ok(home.join(below)),
            None => {
                Err(Fault::new(format!("`{setting}` begins with ~ and there is no home folder to put in its place. Write the whole path.")))
            }
        }
    }
}

fn unreadable(setting: &str, path: &Path, kind: ErrorKind) -> Fault {
    let path = path.display();
    Fault::new(match kind {
        ErrorKind::NotFound => format!("the file of `{setting}`, {path}, does not exist. Create it, or correct the path."),
        ErrorKind::PermissionDenied => {
            format!("the file of `{setting}`, {path}, may not be read by you. Change its permissions or its owner.")
        }
        other => format!("the file of `{setting}`, {path}, can't be read: {other}."),
    })
}
