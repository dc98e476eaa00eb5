// SPDX-License-Identifier: Apache-2.0
//! The tungstenite server: echoes, and does what the path of a connection asks for (see tests/peers/README.md).
//! Datagrams to the same port number are echoed as well.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tungstenite::http::{HeaderValue, StatusCode};
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::{CloseFrame, WebSocket};
use tungstenite::{Error, Message};

use crate::server::{LIFETIME, PING, PING_MESSAGE_LEN, Report, SUB_PROTOCOL};

/// How long the pieces are in which /fragment replies.
const FRAGMENT_LEN: usize = 1000;

const SOCKET_ATTEMPTS: usize = 20;

/// Says in a report that no Close frame came.
const NO_CLOSE_FRAME: u16 = 1006;

/// Serves until standard input ends, or for [`LIFETIME`].
///
/// # Errors
/// No port could be had.
pub(crate) fn run() -> Result<()> {
    let (listener, datagrams) = sockets()?;
    println!("listening on {}", listener.local_addr()?);
    std::thread::spawn(move || echo_datagrams(&datagrams));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let line = match serve(stream) {
                    Ok(Some(report)) => report.line(),
                    Ok(None) => return,
                    Err(error) => format!("error {error:#}"),
                };
                let mut output = std::io::stdout();
                let _ = writeln!(output, "{line}").and_then(|()| output.flush());
            });
        }
    });
    std::thread::spawn(|| {
        std::thread::sleep(LIFETIME);
        std::process::exit(1);
    });
    let mut ignored = Vec::new();
    std::io::stdin().read_to_end(&mut ignored)?;
    Ok(())
}

/// A port whose number is free for TCP and for UDP.
fn sockets() -> Result<(TcpListener, UdpSocket)> {
    for _ in 0..SOCKET_ATTEMPTS {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port on 127.0.0.1")?;
        if let Ok(datagrams) = UdpSocket::bind(listener.local_addr()?) {
            return Ok((listener, datagrams));
        }
    }
    bail!("no number is free for TCP and for UDP")
}

fn echo_datagrams(socket: &UdpSocket) {
    let mut datagram = [0; 65536];
    loop {
        // An error belongs to a datagram that could not be delivered; the next one is another's.
        if let Ok((len, from)) = socket.recv_from(&mut datagram) {
            let _ = socket.send_to(datagram.get(..len).unwrap_or_default(), from);
        }
    }
}

/// One connection from its handshake to its end; `None` where it was refused.
fn serve(stream: TcpStream) -> Result<Option<Report>> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut report = Report {
        close: NO_CLOSE_FRAME,
        ..Report::default()
    };
    let mut socket = match tungstenite::accept_hdr(stream, Negotiation(&mut report)) {
        Ok(socket) => socket,
        Err(HandshakeError::Failure(Error::Http(_))) => return Ok(None),
        Err(error) => bail!("handshake: {error}"),
    };
    loop {
        match socket.read() {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                report.messages += 1;
                report.bytes += message.len();
                reply(&mut socket, message, &mut report)?;
            }
            Ok(Message::Close(frame)) => {
                report.close = frame.map_or(1005, |frame| frame.code.into())
            }
            Ok(_) => {}
            Err(Error::ConnectionClosed) => return Ok(Some(report)),
            // The client's Close frame was there; what comes behind it does not matter.
            Err(_) if report.close != NO_CLOSE_FRAME => return Ok(Some(report)),
            Err(error) => bail!("path {}: {error}", report.path),
        }
    }
}

fn reply(socket: &mut WebSocket<TcpStream>, message: Message, report: &mut Report) -> Result<()> {
    match report.path.as_str() {
        "/fragment" => {
            let kind = if message.is_text() {
                Data::Text
            } else {
                Data::Binary
            };
            let data = message.into_data();
            let pieces: Vec<_> = data.chunks(FRAGMENT_LEN).collect();
            send_pieces(socket, kind, &pieces, |_| Ok(()))
        }
        "/ping" => {
            let data: Vec<u8> = (0..PING_MESSAGE_LEN).map(|i| (i % 251) as u8).collect();
            let (first, rest) = data.split_at(PING_MESSAGE_LEN / 2);
            send_pieces(socket, Data::Binary, &[first, rest], |socket| {
                socket.send(Message::Ping(PING.into()))?;
                report.pong = matches!(socket.read()?, Message::Pong(data) if data == PING);
                Ok(())
            })
        }
        "/close" => {
            let frame = CloseFrame {
                code: CloseCode::Away,
                reason: "going away".into(),
            };
            Ok(socket.close(Some(frame))?)
        }
        _ => Ok(socket.send(message)?),
    }
}

/// Sends a message in these frames; `between` runs after each but the last.
fn send_pieces(
    socket: &mut WebSocket<TcpStream>,
    kind: Data,
    pieces: &[&[u8]],
    mut between: impl FnMut(&mut WebSocket<TcpStream>) -> Result<()>,
) -> Result<()> {
    let count = pieces.len().max(1);
    for index in 0..count {
        let piece = pieces.get(index).copied().unwrap_or_default().to_vec();
        let kind = if index == 0 { kind } else { Data::Continue };
        let last = index + 1 == count;
        socket.send(Message::Frame(Frame::message(
            piece,
            OpCode::Data(kind),
            last,
        )))?;
        if !last {
            between(socket)?;
        }
    }
    Ok(())
}

/// Notes the path and agrees to the sub-protocol.
struct Negotiation<'a>(&'a mut Report);

impl Callback for Negotiation<'_> {
    fn on_request(
        self,
        request: &Request,
        mut response: Response,
    ) -> Result<Response, ErrorResponse> {
        self.0.path = request.uri().path().to_owned();
        if self.0.path == "/refuse" {
            let mut refusal = ErrorResponse::new(Some("not here\n".to_owned()));
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            return Err(refusal);
        }
        let offered = request.headers().get("Sec-WebSocket-Protocol");
        if offered.is_some_and(|offered| offered == SUB_PROTOCOL) {
            self.0.protocol = SUB_PROTOCOL.to_owned();
            let value = HeaderValue::from_static(SUB_PROTOCOL);
            response
                .headers_mut()
                .append("Sec-WebSocket-Protocol", value);
        }
        Ok(response)
    }
}
