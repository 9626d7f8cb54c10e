//! Writes the kubeconfig by which any client finds the embedded cluster.
//! Never touches the user's own kubeconfig, and never leaves a file others may read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// One context: its name, which its user's ends with, and how that user logs in.
pub(super) struct Context<'a> {
    pub(super) name: &'a str,
    pub(super) login: Login<'a>,
}

/// How a user logs in.
pub(super) enum Login<'a> {
    /// With this token.
    Token(&'a str),
    /// With what a program prints.
    Plugin { command: &'a str, args: &'a [&'a str] },
}

impl Login<'_> {
    fn text(&self) -> String {
        match self {
            Self::Token(token) => format!("    token: {token}\n"),
            Self::Plugin { command, args } => {
                let args: String = args.iter().map(|arg| format!("      - {}\n", serde_json::Value::from(*arg))).collect();
                let command = serde_json::Value::from(*command);
                format!(
                    "    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: {command}\n      interactiveMode: Never\n      args:\n{args}"
                )
            }
        }
    }
}

/// The text of a kubeconfig for `server`; the first context is the current one.
pub(super) fn text(server: &str, ca_pem: &str, contexts: &[Context<'_>]) -> String {
    let mut out = format!(
        "apiVersion: v1\nkind: Config\npreferences: {{}}\nclusters:\n- name: flightdeck-demo\n  cluster:\n    server: {server}\n    certificate-authority-data: {}\n",
        base64(ca_pem.as_bytes())
    );
    out.push_str("users:\n");
    for Context { name, login } in contexts {
        out.push_str(&format!("- name: flightdeck-demo-{name}\n  user:\n{}", login.text()));
    }
    out.push_str("contexts:\n");
    for Context { name, .. } in contexts {
        out.push_str(&format!("- name: {name}\n  context:\n    cluster: flightdeck-demo\n    user: flightdeck-demo-{name}\n"));
    }
    out.push_str(&format!("current-context: {}\n", contexts.first().map_or("", |context| context.name)));
    out
}

/// Writes `text` to `path` so that nobody ever sees half of it, readable by its owner only.
///
/// # Errors
/// When the folder can't be written to.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{:016x}", fastrand::Rng::new().u64(..)));
    let beside = path.with_file_name(hidden);
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        // Best effort: the error that matters is the one of the write.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let six = (word >> (18 - 6 * place)) & 63;
            out.push(if place <= chunk.len() { char::from(ALPHABET[six as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn base64_as_in_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn written_for_the_owner_only_and_nothing_left_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        fs::write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(write(&dir.path().join("missing/config"), "x").is_err());
    }
}
