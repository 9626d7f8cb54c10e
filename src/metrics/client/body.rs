//! Reads the body of an answer up to a bound.
//! Never holds more than the bound, whatever the server says or leaves out about the length.

use reqwest::Response;

use super::super::failure::Failure;
use crate::text::Clean;

/// The whole body.
///
/// # Errors
/// [`Failure::TooLarge`] as soon as more than `bound` bytes are announced or have come; [`Failure::Broken`] when it ends early.
pub(super) async fn read(mut response: Response, bound: usize) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > bound) {
        return Err(Failure::TooLarge(bound));
    }
    let mut body = Vec::with_capacity(announced.unwrap_or(0));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > bound => return Err(Failure::TooLarge(bound)),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(_) => return Err(Failure::Broken(Clean::from(format!("it broke off after {} bytes", body.len())))),
        }
    }
}
