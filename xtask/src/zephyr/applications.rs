// SPDX-License-Identifier: Apache-2.0
//! The applications: where each is, what it needs, what its peer is, and what it says when all is well.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::boards::{Board, Guest, Need};
use crate::server::Server;
use crate::{brokers, paths, peers};

/// One application.
pub(super) struct Application {
    pub(super) name: &'static str,
    pub(super) directory: fn(&Path) -> PathBuf,
    /// It is left out on boards that lack any of these.
    needs: &'static [Need],
    /// Where it can run; nothing is everywhere.
    boards: &'static [&'static str],
    pub(super) peer: Option<fn() -> Result<Server>>,
    /// The image is the server: who comes, a Python script that is given a port and closes with a line of PASS.
    pub(super) visitor: Option<&'static str>,
    /// Where the peer is, on a board that has this machine's sockets.
    pub(super) native_options: &'static [&'static str],
    /// What CMake is told beside what the application has.
    pub(super) options: &'static [&'static str],
    /// One of Zephyr's own: the board's network controller has to be turned on for it.
    pub(super) in_tree_network: bool,
    /// Where it looks for its server, on a board with a network of its own.
    pub(super) guest: Guest,
    pub(super) verdict: Verdict,
    pub(super) seconds: u64,
}

/// What an image says when all is well.
pub(super) enum Verdict {
    /// ztest's summary.
    Suite,
    /// Lines that hold all of these words, so many of them.
    Line(&'static [&'static str], usize),
}

impl Verdict {
    /// Whether this line is one of those that are counted.
    pub(super) fn counts(&self, line: &str) -> bool {
        match self {
            Self::Suite => line.contains("PROJECT EXECUTION SUCCESSFUL"),
            Self::Line(words, _) => words.iter().all(|word| line.contains(word)),
        }
    }

    pub(super) fn times(&self) -> usize {
        match self {
            Self::Suite => 1,
            Self::Line(_, times) => *times,
        }
    }
}

impl Application {
    pub(super) fn fits(&self, board: &Board) -> bool {
        !self.needs.iter().any(|need| board.lacks.contains(need))
            && (self.boards.is_empty() || self.boards.contains(&board.name))
    }
}

const SUITE: Application = Application {
    name: "",
    directory: |base| base.to_owned(),
    needs: &[],
    boards: &[],
    peer: None,
    visitor: None,
    native_options: &[],
    options: &[],
    in_tree_network: false,
    guest: Guest::OURS,
    verdict: Verdict::Suite,
    seconds: 60,
};

const MQTT: Application = Application {
    directory: |_| paths::source("samples/mqtt_intree"),
    needs: &[Need::Network],
    native_options: &["CONFIG_MQTT_INTREE_PORT=PORT_OF_PEER"],
    verdict: Verdict::Line(&["mqtt_intree: PASS"], 1),
    seconds: 300,
    ..SUITE
};

const MQTT_CLIENT: Application = Application {
    directory: |_| paths::source("samples/mqtt_client"),
    native_options: &["CONFIG_MQTT_CLIENT_PORT=PORT_OF_PEER"],
    verdict: Verdict::Line(&["mqtt_client: PASS"], 1),
    ..MQTT
};

/// Its peer is a browser, which comes when the image runs.
pub(super) const SERVER_PAGE: &str = "server-page";

pub(super) const APPLICATIONS: &[Application] = &[
    Application {
        name: "in-tree-suite",
        directory: |base| base.join("tests/net/socket/websocket"),
        ..SUITE
    },
    Application {
        name: "behaviour",
        directory: |_| paths::source("tests/zephyr/behaviour"),
        needs: &[Need::Memory],
        seconds: 600,
        ..SUITE
    },
    Application {
        name: "segments",
        directory: |_| paths::source("tests/zephyr/segments"),
        needs: &[Need::Memory],
        ..SUITE
    },
    Application {
        name: "second-rust-library",
        directory: |_| paths::source("tests/zephyr/second_rust_library"),
        ..SUITE
    },
    Application {
        name: "userspace",
        directory: |_| paths::source("tests/zephyr/userspace"),
        needs: &[Need::UserMode, Need::Memory],
        ..SUITE
    },
    Application {
        name: "shell",
        directory: |_| paths::source("tests/zephyr/shell"),
        needs: &[Need::Memory],
        ..SUITE
    },
    Application {
        name: "real-server",
        directory: |_| paths::source("tests/zephyr/real_server"),
        needs: &[Need::Network, Need::Memory],
        boards: &["native_sim/native/64", "native_sim", "qemu_x86"],
        peer: Some(peers::websockets),
        native_options: &["CONFIG_REAL_SERVER_PORT=PORT_OF_PEER"],
        seconds: 300,
        ..SUITE
    },
    Application {
        name: "echo",
        directory: |_| paths::source("samples/echo_client"),
        needs: &[Need::Network],
        peer: Some(peers::websockets),
        native_options: &[
            "CONFIG_ECHO_CLIENT_SERVER=\"127.0.0.1\"",
            "CONFIG_ECHO_CLIENT_PORT=PORT_OF_PEER",
        ],
        verdict: Verdict::Line(&["echo_client:", " 0 errors"], 1),
        seconds: 300,
        ..SUITE
    },
    Application {
        name: "mqtt",
        peer: Some(brokers::mosquitto_on_free_port),
        ..MQTT
    },
    Application {
        name: "mqtt-aedes",
        peer: Some(brokers::aedes_on_free_port),
        ..MQTT
    },
    Application {
        name: "mqtt-client",
        peer: Some(brokers::mosquitto_on_free_port),
        ..MQTT_CLIENT
    },
    Application {
        name: "mqtt-client-aedes",
        peer: Some(brokers::aedes_on_free_port),
        ..MQTT_CLIENT
    },
    Application {
        name: "poll-many",
        directory: |_| paths::source("samples/poll_many"),
        needs: &[Need::Network, Need::Memory],
        // Echoes datagrams to the same port number as well.
        peer: Some(Server::tungstenite),
        native_options: &["CONFIG_POLL_MANY_PORT=PORT_OF_PEER"],
        verdict: Verdict::Line(&["poll_many: PASS"], 1),
        seconds: 200,
        ..SUITE
    },
    Application {
        name: SERVER_PAGE,
        directory: |_| paths::source("samples/server_page"),
        needs: &[Need::Network, Need::Memory],
        native_options: &["CONFIG_SERVER_PAGE_PORT=PORT_OF_PEER"],
        verdict: Verdict::Line(&["page: PASS"], 1),
        seconds: 150,
        ..SUITE
    },
    Application {
        // As Zephyr has it: a main stack of 2,048 octets, both APIs, a random length each time.
        name: "websocket-client-sample",
        directory: |base| base.join("samples/net/sockets/websocket_client"),
        boards: &["qemu_x86", "mps2/an385"],
        peer: Some(peers::websockets),
        in_tree_network: true,
        guest: Guest::DOCUMENTATION,
        verdict: Verdict::Line(&["IPv4 recv ", " bytes"], 40),
        seconds: 120,
        ..SUITE
    },
    Application {
        // As Zephyr has it: a shell and a log for whoever connects.
        name: "websocket-console",
        directory: |base| base.join("samples/net/sockets/echo_server"),
        boards: &["qemu_x86"],
        visitor: Some("tests/zephyr/in_tree/console.py"),
        options: &[
            "-DEXTRA_CONF_FILE=overlay-ws-console.conf",
            // Zephyr runs it on native_sim, where stacks are the host's. Here all of these send what they have to say
            // through the websocket and TCP.
            "-DCONFIG_LOG_PROCESS_THREAD_STACK_SIZE=4096",
            "-DCONFIG_SYSTEM_WORKQUEUE_STACK_SIZE=4096",
            "-DCONFIG_NET_TCP_WORKQ_STACK_SIZE=4096",
            "-DCONFIG_NET_SOCKETS_SERVICE_STACK_SIZE=4096",
            "-DCONFIG_NET_RX_STACK_SIZE=4096",
            "-DCONFIG_SHELL_STACK_SIZE=4096",
        ],
        in_tree_network: true,
        guest: Guest::DOCUMENTATION,
        seconds: 120,
        ..SUITE
    },
    Application {
        // As Zephyr has it: a charge point with two connectors.
        name: "ocpp",
        directory: |base| base.join("samples/net/ocpp"),
        boards: &["qemu_x86"],
        peer: Some(peers::ocpp),
        options: &[
            "-DCONFIG_NET_SAMPLE_OCPP_SERVER=\"10.0.2.100\"",
            "-DCONFIG_NET_SAMPLE_OCPP_PORT=9001",
            // Its threads have 2,048 octets of stack, which is in its source: so the driver gets a thread of its own.
            "-DCONFIG_NET_TC_TX_COUNT=1",
            // The log's 768 octets overflow into them.
            "-DCONFIG_LOG_PROCESS_THREAD_STACK_SIZE=2048",
        ],
        in_tree_network: true,
        // The last one is of the transaction that the server started.
        verdict: Verdict::Line(&["ocpp stop charging connector id"], 3),
        seconds: 100,
        ..SUITE
    },
];
