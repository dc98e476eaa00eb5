// SPDX-License-Identifier: Apache-2.0
//! A port that is known before its server is: images of this machine's own sockets are built for it, and a build may
//! take longer than a server lives.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

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
        // Applications without datagrams have no use for it: a number that is taken there is no reason to give up.
        if let Ok(datagrams) = UdpSocket::bind(("127.0.0.1", port)) {
            let target = Arc::clone(&server);
            thread::spawn(move || exchange(&datagrams, &target));
        }
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

/// How long an answer to a datagram is waited for, and how late the end of the relay is noticed.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// Gives each datagram to the server and its answer to the sender, until the relay forwards nowhere any more.
fn exchange(client: &UdpSocket, server: &AtomicU16) -> io::Result<()> {
    let to_server = UdpSocket::bind("127.0.0.1:0")?;
    client.set_read_timeout(Some(ANSWER_LIMIT))?;
    to_server.set_read_timeout(Some(ANSWER_LIMIT))?;
    let mut datagram = [0; 65536];
    let mut was_connected = false;
    loop {
        let received = client.recv_from(&mut datagram);
        let port = server.load(Ordering::SeqCst);
        if was_connected && port == 0 {
            return Ok(());
        }
        was_connected = port != 0;
        if let Ok((len, from)) = received {
            to_server.send_to(&datagram[..len], ("127.0.0.1", port))?;
            if let Ok(len) = to_server.recv(&mut datagram) {
                client.send_to(&datagram[..len], from)?;
            }
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
