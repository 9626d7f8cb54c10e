//! Gets a page from this machine for a check: one GET, its status, and whether its beginning holds a text.
//! Never sends a login or a cookie, never follows a redirect, never reads more than a bound, and never keeps what it read.

use std::error::Error;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Response, redirect};

use crate::ports::checks::GetPages;
use crate::ports::write::Later;
use crate::release::acting::check::Page;
use crate::text::Clean;

/// So much of a page is looked through, in bytes.
pub const MOST: usize = 64 * 1024;

/// Gets pages; a connection of its own each time, so that what answers is what a newcomer would meet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Probe;

impl GetPages for Probe {
    fn page(&self, url: String, contains: Option<String>, timeout: Duration) -> Later<Result<Page, Clean>> {
        Box::pin(async move {
            match tokio::time::timeout(timeout, get(&url, contains.as_deref())).await {
                Ok(answer) => answer,
                Err(_) => Err(Clean::from(format!("there is no whole answer within {} s", timeout.as_secs_f64()))),
            }
        })
    }
}

async fn get(url: &str, contains: Option<&str>) -> Result<Page, Clean> {
    let response = client(url)?.get(url).send().await.map_err(|error| broken(&error))?;
    let status = response.status().as_u16();
    // What nobody looks for need not come at all.
    let Some(text) = contains else { return Ok(Page { status, contains: None, cut_at: None }) };
    let (body, is_cut) = beginning(response).await?;
    let contains = String::from_utf8_lossy(&body).contains(text);
    Ok(Page { status, contains: Some(contains), cut_at: is_cut.then_some(MOST) })
}

fn client(url: &str) -> Result<Client, Clean> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = ClientBuilder::new()
        .user_agent(concat!("flightdeck/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(0);
    let parsed = reqwest::Url::parse(url).map_err(|_| Clean::from("its address can't be read"))?;
    if parsed.host_str().is_some_and(is_here) {
        builder = builder.no_proxy();
    }
    if parsed.scheme() == "http" {
        // Without TLS no authority is needed, and a container without any must not be refused for that.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|_| Clean::from("TLS can't be set up: the system has no certificate authorities"))
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// At most [`MOST`] bytes of the body, and whether there was more.
async fn beginning(mut response: Response) -> Result<(Vec<u8>, bool), Clean> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Clean::from(format!("its answer broke off after {} bytes", body.len())))? {
        let room = MOST - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((body, true));
        }
    }
    Ok((body, false))
}

/// The innermost reason: the outer ones name the address, which may hold what is nobody's business.
fn broken(error: &reqwest::Error) -> Clean {
    let mut innermost: Option<&dyn Error> = error.source();
    while let Some(deeper) = innermost.and_then(Error::source) {
        innermost = Some(deeper);
    }
    let reason = innermost.map_or_else(|| "the connection broke".to_owned(), ToString::to_string);
    Clean::from(format!("it was not reached: {reason}"))
}
