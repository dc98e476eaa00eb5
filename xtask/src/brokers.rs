// SPDX-License-Identifier: Apache-2.0
//! MQTT brokers with a WebSocket listener on 127.0.0.1: started, killed, and started again on the same port.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::server::Server;
use crate::{debian, paths, tools};

/// A broker that nobody here wrote, plain or behind a front that cuts its messages.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Broker {
    /// Debian's mosquitto (libwebsockets)
    Mosquitto,
    /// aedes of npm (ws)
    Aedes,
    /// tests/peers/fragmenting_broker.py before mosquitto
    Fragmenting,
}

impl Broker {
    pub(crate) const ALL: [Self; 3] = [Self::Mosquitto, Self::Aedes, Self::Fragmenting];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mosquitto => "mosquitto",
            Self::Aedes => "aedes",
            Self::Fragmenting => "fragmenting",
        }
    }

    /// Starts it on the port, or on a free one.
    ///
    /// # Errors
    /// It is missing and cannot be installed, or does not start.
    pub(crate) fn start(self, port: Option<u16>) -> Result<Running> {
        let mut behind = None;
        let server = match self {
            Self::Mosquitto => {
                let port = port.map_or_else(free_port, Ok)?;
                let plain = free_port()?;
                let server = mosquitto(plain, Some(port))?;
                keep_awake(plain)?;
                server
            }
            Self::Aedes => aedes(port)?,
            Self::Fragmenting => {
                let broker = behind.insert(mosquitto(free_port()?, None)?);
                let script = paths::source("tests/peers/fragmenting_broker.py");
                let ports = [port.unwrap_or(0), broker.port()].map(|port| port.to_string());
                Server::start(Command::new(tools::peers_python()?).arg(script).args(ports))
                    .context("the fragmenting broker")?
            }
        };
        Ok(Running {
            server,
            _behind: behind,
        })
    }
}

/// A broker of this process. It dies with this value, at once and without a word to its clients.
pub(crate) struct Running {
    pub(crate) server: Server,
    /// The broker behind a front.
    _behind: Option<Server>,
}

/// Mosquitto for the applications that run on boards.
///
/// # Errors
/// As [`Broker::start`].
pub(crate) fn mosquitto_on_free_port() -> Result<Server> {
    mosquitto(free_port()?, Some(free_port()?))
}

/// Aedes for the applications that run on boards.
///
/// # Errors
/// As [`Broker::start`].
pub(crate) fn aedes_on_free_port() -> Result<Server> {
    aedes(None)
}

/// The npm aedes broker.
fn aedes(port: Option<u16>) -> Result<Server> {
    let modules = tools::peers_node_modules()?;
    let script = paths::source("tests/peers/aedes_server.cjs");
    let port = port.unwrap_or(0).to_string();
    Server::start(
        Command::new("node")
            .arg(script)
            .arg(port)
            .env("NODE_PATH", modules),
    )
    .context("aedes")
}

/// Ends with its standard input, or after a quarter of an hour: an image is built while its broker runs.
const UNTIL_INPUT_ENDS: &str = "\"$0\" -c \"$1\" & timeout 900 cat; kill -9 $!; wait";

/// Debian's mosquitto on the `plain` port, and on one for WebSocket.
fn mosquitto(plain: u16, websocket: Option<u16>) -> Result<Server> {
    let program = debian::program("mosquitto")?;
    let mut configuration = format!("allow_anonymous true\nlistener {plain} 127.0.0.1\n");
    if let Some(port) = websocket {
        // 2.0.11 exits where there is no plain listener, and listens on every interface without `socket_domain`.
        configuration +=
            &format!("listener {port} 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n");
    }
    let file = paths::target(&format!("mosquitto-{plain}.conf"));
    fs::write(&file, configuration)?;
    let mut command = Command::new("sh");
    command
        .args(["-c", UNTIL_INPUT_ENDS])
        .arg(program.get_program())
        .arg(&file)
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    let server = Server::start_on(&mut command, websocket.unwrap_or(plain)).context("mosquitto");
    fs::remove_file(&file)?;
    server
}

/// Talks to the plain listener until the broker is gone: mosquitto looks after its WebSocket connections only when
/// something happens on others, or every 100 ms, which every step of every message would have to wait for.
fn keep_awake(plain: u16) -> Result<()> {
    const CONNECT: &[u8] = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x0a\x00\x04tick";
    const PINGREQ: &[u8] = b"\xc0\x00";
    const PAUSE: Duration = Duration::from_millis(2);
    let mut stream = TcpStream::connect(("127.0.0.1", plain))?;
    stream.set_nodelay(true)?;
    stream.write_all(CONNECT)?;
    std::thread::spawn(move || {
        let mut answer = [0; 4];
        while let Ok(1..) = stream.read(&mut answer) {
            std::thread::sleep(PAUSE);
            if stream.write_all(PINGREQ).is_err() {
                break;
            }
        }
    });
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
