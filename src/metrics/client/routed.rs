//! Questions over a route: what is sent where there is no address to send it to, and what its failures mean.
//! Never sends a login down a way that drops it, and never a request longer than it can be carried.

use std::sync::Arc;

use reqwest::header::AUTHORIZATION;

use super::super::failure::Failure;
use super::super::settings::{Fault, Loaded, Settings};
use super::verdict::Head;
use super::{LARGEST_BODY, LONG_QUERY, door};
use crate::ports::route::{Call, Lost, Route, Told, Trust};
use crate::text::Clean;

/// The longest request line that is sent: the HTTP library takes 65,534 bytes of an address, most servers and balancers less.
const LONGEST_LINE: usize = 60_000;

/// What everything on the way carries; beyond it another way is taken where there is one.
const COMMON_LINE: usize = 8_000;

/// A route with what lies below its root.
#[derive(Clone)]
pub(super) struct Routed {
    pub route: Arc<dyn Route>,
    /// Another way for what is too long for the first.
    pub for_long: Option<Arc<dyn Route>>,
    /// In front of every path, e.g. `/prometheus`; empty or beginning with `/`.
    pub prefix: String,
}

impl Routed {
    /// Sends one question.
    pub async fn ask(&self, settings: &Settings, path: &str, params: &[(&str, String)]) -> Result<(Head, Vec<u8>), Failure> {
        let encoded = encoded(params);
        let other = self.for_long.as_ref().filter(|_| encoded.len() > COMMON_LINE && !self.route.takes_post());
        let route = other.unwrap_or(&self.route);
        let as_form = encoded.len() > LONG_QUERY && route.takes_post();
        let target = match (as_form, encoded.is_empty()) {
            (true, _) | (_, true) => format!("{}/{path}", self.prefix),
            (false, false) => format!("{}/{path}?{encoded}", self.prefix),
        };
        let length = target.len();
        if length > LONGEST_LINE {
            return Err(Failure::Route { place: route.words(), lost: Lost::TooLong(length) });
        }
        let loaded = loaded(settings).await?;
        let mut headers = door::headers(settings, &loaded).map_err(Failure::Settings)?;
        let trust = Trust { ca: loaded.ca, identity: loaded.identity };
        if !route.carries_login() {
            headers.remove(AUTHORIZATION);
        }
        let headers = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect();
        let call = Call { target, form: as_form.then_some(encoded), headers, most: LARGEST_BODY, trust };
        match route.call(call).await {
            Ok(told) => judged(route, told, length),
            Err(lost) => Err(Failure::Route { place: route.words(), lost }),
        }
    }
}

/// What stands in files, read where reading holds up nobody.
async fn loaded(settings: &Settings) -> Result<Loaded, Failure> {
    if !settings.names_files() {
        return settings.load().map_err(Failure::Settings);
    }
    let settings = settings.clone();
    let loaded = tokio::task::spawn_blocking(move || settings.load()).await;
    let loaded = loaded.map_err(|_| Failure::Settings(Fault::new("reading the files of the Prometheus settings was cut off.")))?;
    loaded.map_err(Failure::Settings)
}

/// What only the way can explain; everything else is the server's.
fn judged(route: &Arc<dyn Route>, told: Told, length: usize) -> Result<(Head, Vec<u8>), Failure> {
    match told.status {
        414 | 431 => Err(Failure::Route { place: route.words(), lost: Lost::TooLong(length) }),
        401 if !route.carries_login() && !says_tenant(&told.body) => Err(Failure::LoginStripped(route.words())),
        _ if told.is_cut => Err(Failure::TooLarge(LARGEST_BODY)),
        _ => Ok((Head::told(&told), told.body)),
    }
}

/// Mimir answers 401 where the tenant's header is missing: that header does arrive.
fn says_tenant(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("no org id")
}

/// Parameters as an address or a form carries them (WHATWG URL, `application/x-www-form-urlencoded`).
fn encoded(params: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in params {
        if !text.is_empty() {
            text.push('&');
        }
        escape(&mut text, name);
        text.push('=');
        escape(&mut text, value);
    }
    text
}

fn escape(text: &mut String, raw: &str) {
    for byte in raw.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            other => {
                text.push('%');
                text.push(char::from(b"0123456789ABCDEF"[usize::from(other >> 4)]));
                text.push(char::from(b"0123456789ABCDEF"[usize::from(other & 15)]));
            }
        }
    }
}

/// `words` with what lies below, e.g. `mimir/gateway:80/prometheus through the API server`.
pub(super) fn shown(words: &Clean, prefix: &str) -> Clean {
    match words.as_str().split_once(' ') {
        Some((place, rest)) if !prefix.is_empty() => Clean::from(format!("{place}{prefix} {rest}")),
        _ => words.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_parameter_is_escaped() {
        let params = [("query", r#"sum by (code) (up{a=~"x|é&=+"})"#.to_owned()), ("time", "1.5".to_owned())];
        assert_eq!(encoded(&params), "query=sum+by+%28code%29+%28up%7Ba%3D%7E%22x%7C%C3%A9%26%3D%2B%22%7D%29&time=1.5");
    }
}
