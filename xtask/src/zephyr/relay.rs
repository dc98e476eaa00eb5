// SPDX-License-Identifier: Apache-2.0
//! A port that is known before its server is: images of this machine's own sockets are built for it, and a build may
//! take longer than a server lives.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::Result;

/// Listens while it lives.
pub(super) struct Relay {
    port: u16,
    /// Where connections go to; 0: nowhere, the relay ends with the next one.
    server: Arc<AtomicU16>,
    listener: Option<JoinHandle<()>>,
}

impl Relay {
    /// Listens on a free port of the loopback.
    ///
    /// # Errors
    /// None is free.
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let server = Arc::new(AtomicU16::new(0));
        let target = Arc::clone(&server);
        let listener = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                match target.load(Ordering::SeqCst) {
                    0 => break,
                    port => {
                        let _ = pair(client, port);
                    }
                }
            }
        });
        Ok(Self {
            port,
            server,
            listener: Some(listener),
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Connections from now on go to this port of the loopback.
    pub(super) fn forward_to(&self, port: u16) {
        self.server.store(port, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.store(0, Ordering::SeqCst);
        // Wakes the listener, which ends.
        let woken = TcpStream::connect(("127.0.0.1", self.port));
        if let (Ok(_), Some(listener)) = (woken, self.listener.take()) {
            let _ = listener.join();
        }
    }
}

/// Copies both ways until either end is at its end.
fn pair(client: TcpStream, port: u16) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let ways = [(client.try_clone()?, server.try_clone()?), (server, client)];
    for (mut from, mut to) in ways {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};

    use super::Relay;

    #[test]
    fn octets_and_the_end_go_both_ways() {
        let relay = Relay::start().unwrap();
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        relay.forward_to(server.local_addr().unwrap().port());
        let mut client = TcpStream::connect(("127.0.0.1", relay.port())).unwrap();
        let (mut accepted, _) = server.accept().unwrap();
        client.write_all(b"there").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut seen = String::new();
        accepted.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "there");
        accepted.write_all(b"back").unwrap();
        drop(accepted);
        seen.clear();
        client.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "back");
    }
}
