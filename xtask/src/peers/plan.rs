// SPDX-License-Identifier: Apache-2.0
//! What is done with each server, and what each end must see of it.

use super::nginx;
use super::servers::Peer;
use crate::server::{Report, SUB_PROTOCOL};

/// What a column of the table is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Column {
    SubProtocol,
    Sizes,
    ClientFragments,
    ServerFragments,
    ClientPings,
    ServerPings,
    ClientCloses,
    ServerCloses,
    Refusal,
    Sample,
}

impl Column {
    pub(crate) const ALL: [Self; 10] = [
        Self::SubProtocol,
        Self::Sizes,
        Self::ClientFragments,
        Self::ServerFragments,
        Self::ClientPings,
        Self::ServerPings,
        Self::ClientCloses,
        Self::ServerCloses,
        Self::Refusal,
        Self::Sample,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::SubProtocol => "sub-protocol",
            Self::Sizes => "sizes",
            Self::ClientFragments => "fragments sent",
            Self::ServerFragments => "fragments received",
            Self::ClientPings => "pings sent",
            Self::ServerPings => "pings received",
            Self::ClientCloses => "client closes",
            Self::ServerCloses => "server closes",
            Self::Refusal => "refusal",
            Self::Sample => "sample",
        }
    }
}

/// What a server can be asked for.
pub(crate) enum Cell {
    /// Each order is carried out; the remark is for the table.
    Orders(Vec<Order>, Option<&'static str>),
    /// samples/echo_client is run.
    Sample,
    /// The server has nothing for it.
    Impossible(&'static str),
}

/// One connection of the agent.
pub(crate) struct Order {
    name: &'static str,
    api: &'static str,
    path: &'static str,
    protocol: &'static str,
    arguments: String,
    seen: Option<Seen>,
    pub(crate) fault: Option<Fault>,
}

/// Something that the server does and others do not.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    /// What the agent says of it, word for word, with the octets.
    pub(crate) words: &'static str,
    pub(crate) comment: &'static str,
}

/// What the server must have seen.
struct Seen {
    pong: bool,
    /// The code of the client's Close frame; 0 where the library does not tell it.
    close: u16,
    /// Messages and their octets, where they are known.
    amount: Option<(usize, usize)>,
}

const MESSAGES: &str = "messages";
const STREAM: &str = "stream";
const NOT_TOLD: u16 = 0;
/// The lengths of the agent's messages.
const LENGTHS: [usize; 8] = [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20];

const WHOLE_MESSAGES: &str = "its API sends whole messages only";
const NO_PINGS: &str = "ASGI has no pings";
const CODE_NOT_TOLD: &str =
    "seen by the client; the server's API does not tell the code of the client's answer";

impl Order {
    fn new(name: &'static str, api: &'static str, path: &'static str) -> Self {
        Self {
            name,
            api,
            path,
            protocol: SUB_PROTOCOL,
            arguments: String::new(),
            seen: None,
            fault: None,
        }
    }

    fn with(mut self, arguments: &str) -> Self {
        arguments.clone_into(&mut self.arguments);
        self
    }

    fn protocol(mut self, protocol: &'static str) -> Self {
        self.protocol = protocol;
        self
    }

    /// The server sees the connection end with this code.
    fn closed(mut self, close: u16) -> Self {
        self.seen = Some(Seen {
            pong: false,
            close,
            amount: None,
        });
        self
    }

    fn amount(mut self, messages: usize, octets: usize) -> Self {
        if let Some(seen) = &mut self.seen {
            seen.amount = Some((messages, octets));
        }
        self
    }

    fn pong(mut self) -> Self {
        if let Some(seen) = &mut self.seen {
            seen.pong = true;
        }
        self
    }

    fn fault(mut self, fault: Option<Fault>) -> Self {
        self.fault = fault;
        self
    }

    /// The line for the agent.
    pub(crate) fn line(&self, port: u16) -> String {
        let Self {
            name,
            api,
            path,
            protocol,
            arguments,
            ..
        } = self;
        format!("{name} {api} {port} {path} {protocol} {arguments}")
    }

    /// The status that the server answers with, where that is what the order is about.
    pub(crate) fn status(&self) -> Option<&str> {
        let status = self.arguments.split(' ').next().unwrap_or_default();
        (self.name == "refused").then_some(if status == "0" { "no answer" } else { status })
    }

    /// What messages call it.
    pub(crate) fn shown(&self) -> String {
        format!(
            "{} ({}) on {} {}",
            self.name, self.api, self.path, self.arguments
        )
    }

    /// Whether the server reports the connection.
    pub(crate) fn is_reported(&self) -> bool {
        self.seen.is_some()
    }

    /// What differs between what the server saw and what it must have seen.
    pub(crate) fn difference(&self, report: &Report) -> Option<String> {
        let seen = self.seen.as_ref()?;
        let (messages, bytes) = seen.amount.unwrap_or((report.messages, report.bytes));
        let wanted = Report {
            path: self.path.to_owned(),
            protocol: self.protocol.trim_matches('-').to_owned(),
            messages,
            bytes,
            pong: seen.pong,
            close: seen.close,
        };
        (*report != wanted).then(|| format!("the server saw {report:?}, not {wanted:?}"))
    }
}

/// What is done with this server for this column.
pub(crate) fn cell(peer: Peer, column: Column) -> Cell {
    if peer == Peer::Libwebsockets {
        return of_libwebsockets(column);
    }
    let plain = |orders| Cell::Orders(orders, None);
    let both = |name, path| [MESSAGES, STREAM].map(|api| Order::new(name, api, path));
    match column {
        Column::SubProtocol => plain(vec![
            Order::new("disconnect", MESSAGES, "/echo")
                .closed(1000)
                .amount(0, 0),
            Order::new("disconnect", STREAM, "/echo")
                .protocol("-")
                .closed(1000)
                .amount(0, 0),
        ]),
        Column::Sizes => plain(sizes("echo", "/echo")),
        Column::ClientFragments => plain(vec![
            Order::new("client-fragments", MESSAGES, "/echo").closed(1000),
        ]),
        Column::ServerFragments => match peer {
            Peer::Tungstenite | Peer::Websockets | Peer::Ws | Peer::Socketify | Peer::Nginx => {
                plain(sizes("server-fragments", "/fragment"))
            }
            _ => Cell::Impossible(WHOLE_MESSAGES),
        },
        Column::ClientPings => plain(vec![
            Order::new("client-pings", MESSAGES, "/echo").closed(1000),
        ]),
        Column::ServerPings => match peer {
            Peer::Uvicorn | Peer::Granian => Cell::Impossible(NO_PINGS),
            Peer::Deno => Cell::Orders(
                vec![Order::new("ping-while-idle", MESSAGES, "/ping").closed(1000)],
                Some(
                    "it pings by itself when nothing comes, and ends connections that do not answer",
                ),
            ),
            Peer::Aiohttp | Peer::Tornado | Peer::Bun => Cell::Orders(
                both("ping-before-message", "/ping")
                    .map(|order| order.closed(1000).amount(1, 2).pong())
                    .into(),
                Some("before a message, not inside one: its API sends whole messages only"),
            ),
            _ => plain(
                both("ping-inside-message", "/ping")
                    .map(|order| order.closed(1000).amount(1, 2).pong())
                    .into(),
            ),
        },
        Column::ClientCloses => {
            let fault = (peer == Peer::Aiohttp).then_some(Fault {
                words: "Close with code 4001 was answered with 88 02 03 E8",
                comment: "its default; RFC 6455 section 5.5.1 has the code echoed \"typically\"",
            });
            plain(vec![
                Order::new("disconnect", MESSAGES, "/echo")
                    .closed(1000)
                    .amount(0, 0),
                Order::new("disconnect", STREAM, "/echo")
                    .closed(1000)
                    .amount(0, 0),
                Order::new("client-close", MESSAGES, "/echo")
                    .with("1000")
                    .closed(1000)
                    .amount(0, 0),
                Order::new("client-close", MESSAGES, "/echo")
                    .with("4001")
                    .closed(4001)
                    .amount(0, 0)
                    .fault(fault),
            ])
        }
        Column::ServerCloses => {
            let is_told = !matches!(
                peer,
                Peer::Uvicorn | Peer::Granian | Peer::Socketify | Peer::Bun
            );
            let code = if is_told { 1001 } else { NOT_TOLD };
            let orders = both("server-close", "/close")
                .map(|order| order.with("1001 going_away").closed(code).amount(1, 2));
            Cell::Orders(orders.into(), (!is_told).then_some(CODE_NOT_TOLD))
        }
        Column::Refusal => refusals(peer),
        Column::Sample => Cell::Sample,
    }
}

/// Every length, through both APIs.
fn sizes(name: &'static str, path: &'static str) -> Vec<Order> {
    let octets: usize = LENGTHS.iter().sum();
    vec![
        Order::new(name, MESSAGES, path)
            .closed(1000)
            .amount(2 * LENGTHS.len(), 2 * octets),
        // recv() cannot tell an empty message from the end.
        Order::new(name, STREAM, path)
            .closed(1000)
            .amount(LENGTHS.len() - 1, octets),
    ]
}

fn refusals(peer: Peer) -> Cell {
    let refused = |path, arguments: &str| Order::new("refused", MESSAGES, path).with(arguments);
    match peer {
        Peer::Aiohttp | Peer::Tornado => Cell::Orders(vec![refused("/refuse", "404")], None),
        Peer::Nginx => Cell::Orders(
            vec![
                refused("/guarded", &format!("401 \"{}\"", nginx::REALM)),
                refused("/missing", "404"),
                refused("/moved", &format!("302 {}", nginx::LOCATION)),
                refused("/forbidden", "403"),
                refused("/gone", "502"),
                refused("/plain", "200"),
                refused("/unproxied", "505"),
                refused("/refuse", "403"),
            ],
            Some(
                "401 comes with WWW-Authenticate and 302 with Location, which `http_cb` sees; 505 is from websockets, where the proxy passes no Upgrade and speaks HTTP/1.0 to it; 502 where nothing listens behind it; the last 403 is from websockets",
            ),
        ),
        _ => Cell::Orders(vec![refused("/refuse", "403")], None),
    }
}

/// Its sub-protocols are what its plugins know.
fn of_libwebsockets(column: Column) -> Cell {
    const MIRROR: &str = "lws-mirror-protocol";
    const COUNTER: &str = "dumb-increment-protocol";
    const PIECES: &str = "through its mirror, which sends whatever piece of a message it has read as a text message of its own";
    let order = |name, api, protocol| Order::new(name, api, "/").protocol(protocol);
    match column {
        Column::SubProtocol => Cell::Orders(
            vec![
                order("disconnect", MESSAGES, MIRROR),
                order("disconnect", STREAM, "lws-status"),
                order("disconnect", MESSAGES, "-"),
                order("counting", MESSAGES, COUNTER),
                order("counting", STREAM, COUNTER),
            ],
            None,
        ),
        Column::Sizes => Cell::Orders(
            vec![
                order("echo", MESSAGES, MIRROR).with("pieces"),
                order("echo", STREAM, MIRROR),
            ],
            Some(PIECES),
        ),
        Column::ClientFragments => Cell::Orders(
            vec![order("client-fragments", MESSAGES, MIRROR).with("pieces")],
            Some(PIECES),
        ),
        Column::ServerFragments => Cell::Impossible("its plugins send whole messages only"),
        Column::ClientPings => Cell::Orders(vec![order("client-pings", MESSAGES, MIRROR)], None),
        Column::ServerPings => Cell::Impossible("it cannot be asked for a ping"),
        Column::ClientCloses => Cell::Orders(
            vec![
                order("disconnect", MESSAGES, MIRROR),
                order("disconnect", STREAM, MIRROR),
                order("client-close", MESSAGES, MIRROR).with("1000"),
                order("client-close", MESSAGES, MIRROR).with("4001"),
            ],
            Some("seen by the client; the server has no report"),
        ),
        Column::ServerCloses => Cell::Orders(
            [MESSAGES, STREAM]
                .map(|api| order("closeme", api, COUNTER).with("1001 seeya"))
                .into(),
            Some("seen by the client; the server has no report"),
        ),
        Column::Refusal => Cell::Orders(
            vec![order("refused", MESSAGES, "no-such-protocol").with("0")],
            Some(
                "where it does not know the sub-protocol it ends the TCP connection without an HTTP response, 0 octets: `errno` is ECONNRESET",
            ),
        ),
        Column::Sample => Cell::Impossible("its mirror returns text only, in pieces"),
    }
}
