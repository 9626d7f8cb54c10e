//! The door of the embedded Prometheus: connections that obey its link.
//! Never queues a connection while the link is refused: it is closed at once.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::demo::api::Gated;
use crate::demo::cluster::Link;

/// Accepts connections until `closing`.
pub(super) struct Doors {
    pub listener: TcpListener,
    pub link: watch::Receiver<Link>,
    pub closing: CancellationToken,
}

impl axum::serve::Listener for Doors {
    type Io = Gated<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let Ok((stream, peer)) = self.listener.accept().await else {
                // Out of file descriptors, mostly: some connection has to end first.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            if self.link.borrow().refused {
                continue;
            }
            let _ = stream.set_nodelay(true);
            return (Gated::new(stream, self.link.clone(), self.closing.clone()), peer);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
