//! Turns what the kubeconfig says about a user into credentials: runs the login helper (exec plugin), reads the token file.
//! Never lets a helper touch the terminal: it gets no input, and what it prints is kept for the error message.
//!
//! Protocol: `client.authentication.k8s.io` ExecCredential, v1 and v1beta1, JSON on standard output. A helper that insists on asking the person
//! (`interactiveMode: Always`) can't be run under a full-screen program; the sentence says to log in first.

use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;

/// Credentials, and until when they are good.
#[derive(Clone)]
pub(super) struct Login {
    /// What goes to the client: token or certificate filled in, helper and file taken out.
    pub auth: AuthInfo,
    /// When they have to be fetched again, if ever.
    pub renew_at: Option<DateTime<Utc>>,
}

impl Login {
    /// Whether the credentials themselves are others.
    pub fn differs(&self, other: &Self) -> bool {
        // The client library compares secrets only in its written form.
        serde_json::to_value(&self.auth).ok() != serde_json::to_value(&other.auth).ok()
    }
}

/// Why there are none.
pub(super) enum Failed {
    /// Nothing will change by itself.
    ForNow(String),
    /// May work the next time.
    ThisTime(String),
}

#[derive(Deserialize)]
struct Answer {
    status: Option<Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<DateTime<Utc>>,
}

/// The name of the helper that has to be waited for, if there is one.
pub(super) fn helper(auth: &AuthInfo) -> Option<&str> {
    let command = auth.exec.as_ref().filter(|_| needs_helper(auth))?.command.as_deref()?;
    Some(command.rsplit('/').next().unwrap_or(command))
}

/// A token, basic login or file goes before a helper, as in client-go.
fn needs_helper(auth: &AuthInfo) -> bool {
    auth.token.is_none() && auth.token_file.is_none() && auth.username.is_none() && auth.auth_provider.is_none()
}

/// Fetches credentials.
pub(super) async fn login(auth: &AuthInfo, limit: Duration, now: DateTime<Utc>) -> Result<Login, Failed> {
    let mut filled = auth.clone();
    filled.exec = None;
    if let Some(path) = filled.token_file.take().filter(|path| !path.is_empty()) {
        // The file goes before an inline token where it can be read (client-go `GetConfig`): it is the one that is renewed.
        return match tokio::task::spawn_blocking({
            let path = path.clone();
            move || std::fs::read_to_string(path)
        })
        .await
        {
            Ok(Ok(token)) if !token.trim().is_empty() => {
                filled.token = Some(token.trim().to_owned().into());
                Ok(Login { auth: filled, renew_at: Some(now + TimeDelta::seconds(60)) })
            }
            _ if filled.token.is_some() => Ok(Login { auth: filled, renew_at: None }),
            Ok(Ok(_)) => Err(Failed::ThisTime(format!("the token file {path} is empty"))),
            Ok(Err(error)) => Err(Failed::ThisTime(format!("the token file {path} can't be read: {error}"))),
            Err(error) => Err(Failed::ThisTime(format!("the token file {path} can't be read: {error}"))),
        };
    }
    let Some(exec) = auth.exec.as_ref().filter(|_| needs_helper(auth)) else {
        return Ok(Login { auth: filled, renew_at: None });
    };
    let given = run(exec, limit).await?;
    match (given.token, given.client_certificate_data, given.client_key_data) {
        (token, Some(certificate), Some(key)) => {
            filled.token = token.map(Into::into);
            filled.client_certificate_data = Some(to_base64(certificate.as_bytes()));
            filled.client_key_data = Some(to_base64(key.as_bytes()).into());
        }
        (Some(token), _, _) => filled.token = Some(token.into()),
        _ => {
            return Err(Failed::ThisTime(format!(
                "the login helper {} gave neither a token nor a certificate: run it by hand to see why",
                name(exec)
            )));
        }
    }
    // A minute early, so that no request starts with a token that ends on the way.
    Ok(Login {
        auth: filled,
        renew_at: given.expiration_timestamp.map(|at| (at - TimeDelta::seconds(60)).max(now + TimeDelta::seconds(5))),
    })
}

fn name(exec: &ExecConfig) -> &str {
    exec.command.as_deref().map_or("(none)", |command| command.rsplit('/').next().unwrap_or(command))
}

async fn run(exec: &ExecConfig, limit: Duration) -> Result<Given, Failed> {
    let Some(command) = exec.command.as_deref().filter(|command| !command.is_empty()) else {
        return Err(Failed::ForNow("the kubeconfig names a login helper without a command: add `command` under `exec`".to_owned()));
    };
    let name = name(exec);
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) {
        return Err(Failed::ForNow(format!(
            "the login helper {name} wants to ask you something, which it can't under a full screen (interactiveMode: Always): log in with kubectl and a token first"
        )));
    }
    let info = serde_json::json!({
        "apiVersion": exec.api_version.as_deref().unwrap_or("client.authentication.k8s.io/v1beta1"),
        "kind": "ExecCredential",
        "spec": { "interactive": false, "cluster": exec.cluster },
    });
    let mut helper = tokio::process::Command::new(command);
    helper.args(exec.args.iter().flatten()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    for pair in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (pair.get("name"), pair.get("value")) {
            helper.env(name, value);
        }
    }
    helper.env("KUBERNETES_EXEC_INFO", info.to_string());
    let output = match tokio::time::timeout(limit, helper.output()).await {
        Err(_) => {
            return Err(Failed::ThisTime(format!(
                "the login helper {name} did not finish within {}: it may wait for a browser or a prompt; log in by hand first",
                super::words::seconds(limit)
            )));
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            let hint = exec.install_hint.as_deref().map(|hint| format!(". {}", hint.trim())).unwrap_or_default();
            return Err(Failed::ForNow(format!("the login helper {command} is not installed, or not in PATH{hint}")));
        }
        Ok(Err(error)) => return Err(Failed::ForNow(format!("the login helper {command} can't be started: {error}"))),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim();
        return Err(Failed::ThisTime(format!("the login helper {name} failed ({}): {said}", output.status)));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failed::ThisTime(format!("the login helper {name} printed something that is no ExecCredential: {error}")))?;
    answer.status.ok_or_else(|| Failed::ThisTime(format!("the login helper {name} printed an ExecCredential without a status")))
}

/// Standard base64: the client takes certificates in no other form.
fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            if digit <= group.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_standard_one() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(to_base64(plain.as_bytes()), coded);
        }
    }
}
