//! A connection that obeys the link: passes bytes, goes silent, or is cut, as the cluster's faults and the server's end say.
//! Never looks at the bytes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::demo::cluster::Link;

type Changed = Pin<Box<dyn Future<Output = watch::Receiver<Link>> + Send>>;

/// A stream behind the gate.
pub(in crate::demo) struct Gated<S> {
    stream: S,
    link: Link,
    changed: Changed,
    closing: CancellationToken,
    cut: CancellationToken,
}

impl<S> Gated<S> {
    pub(in crate::demo) fn new(stream: S, mut link: watch::Receiver<Link>, closing: CancellationToken) -> Self {
        let now = *link.borrow_and_update();
        let changed = Box::pin(next(link, closing.clone()));
        Self { stream, link: now, changed, closing, cut: CancellationToken::new() }
    }

    /// What cuts this connection alone: from then on not one more byte passes.
    pub(in crate::demo) fn knife(&self) -> CancellationToken {
        self.cut.clone()
    }

    /// Ready when bytes may pass, an error when the connection is cut, pending while it is silent.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closing.is_cancelled() {
            while let Poll::Ready(mut link) = self.changed.as_mut().poll(cx) {
                self.link = *link.borrow_and_update();
                if self.closing.is_cancelled() {
                    break;
                }
                self.changed = Box::pin(next(link, self.closing.clone()));
            }
        }
        if self.closing.is_cancelled() || self.cut.is_cancelled() || self.link.refused {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if self.link.silent { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

/// Ends when the link or the server changes.
async fn next(mut link: watch::Receiver<Link>, closing: CancellationToken) -> watch::Receiver<Link> {
    tokio::select! {
        changed = link.changed() => if changed.is_err() {
            // The cluster is gone; only the server's end can still change anything.
            closing.cancelled().await;
        },
        () = closing.cancelled() => {}
    }
    link
}

impl<S: AsyncRead + Unpin> AsyncRead for Gated<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_open(cx))?;
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gated<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_open(cx))?;
        Pin::new(&mut this.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_open(cx))?;
        Pin::new(&mut this.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_open(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_open(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
