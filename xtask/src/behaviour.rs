// SPDX-License-Identifier: Apache-2.0
//! Runs the C suites on the PC: the behaviour of the library, and the PC port's own tests.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::host_build::{HostBuild, Variant};
use crate::process::{self, Show};
use crate::switches::Configuration;
use crate::{paths, tools};

/// The suite that runs over TLS as well.
const OVER_TLS_TOO: &str = "tests/behaviour";
const LIMIT: Duration = Duration::from_secs(600);

/// Builds the suite in a directory as one program and runs it; `None` where there is no suite.
///
/// # Errors
/// The compiler's messages, or everything the suite wrote.
pub(crate) fn run(
    build: &mut HostBuild,
    directory: &str,
    variant: Variant,
) -> Result<Option<String>> {
    tools::compiler()?;
    // A Zephyr application has its sources in src.
    let mut sources = paths::files(directory, "c")?;
    sources.extend(paths::files(&format!("{directory}/src"), "c")?);
    if sources.is_empty() {
        return Ok(None);
    }
    let name = directory.replace('/', "-");
    let program = build.program(&name, &sources, variant)?;
    let mut plain = watched(program.clone(), variant);
    if directory != OVER_TLS_TOO {
        return Ok(Some(run_once(&mut plain)?));
    }
    // Every test once more, with TLS sockets of the port below the websockets. At the same time: the suite waits more
    // than it works.
    let mut over_tls = watched(program, variant);
    over_tls.env("BEHAVIOUR_OVER_TLS", "1");
    let (closing, over_tls) = std::thread::scope(|scope| {
        let over_tls = scope.spawn(|| run_once(&mut over_tls).context("over TLS"));
        let closing = run_once(&mut plain);
        (closing, over_tls.join())
    });
    let over_tls = over_tls.map_err(|_| anyhow!("the thread of the run over TLS has panicked"))?;
    Ok(Some(format!("{}; over TLS {}", closing?, over_tls?)))
}

/// Builds the behaviour suite without any of the switches of Kconfig, and runs the tests that need none of them.
///
/// # Errors
/// The compiler's messages, or everything the suite wrote.
pub(crate) fn run_smallest(build: &HostBuild) -> Result<String> {
    tools::compiler()?;
    let mut build = build.switched(Configuration::all_off()?)?;
    let sources = paths::files(&format!("{OVER_TLS_TOO}/src"), "c")?;
    let program = build.program("behaviour", &sources, Variant::Plain)?;
    let mut suite = watched(program, Variant::Plain);
    suite.args(NEEDS_NO_SWITCH);
    suite.args(NEEDS_A_SWITCH.iter().map(|(test, _)| format!("-{test}")));
    let closing = run_once(&mut suite)?;
    let mut switches: Vec<_> = NEEDS_A_SWITCH.iter().map(|(_, switch)| *switch).collect();
    switches.sort_unstable();
    switches.dedup();
    Ok(format!(
        "{closing}; of these suites {} tests were left out that need {}, and all other suites",
        NEEDS_A_SWITCH.len(),
        switches.join(", ")
    ))
}

/// Suites that open, send, receive and close as any image can.
const NEEDS_NO_SWITCH: [&str; 11] = [
    "ws_bad_input.",
    "ws_close.",
    "ws_control.",
    "ws_flood.",
    "ws_handshake.",
    "ws_handshake_pieces.",
    "ws_poll.",
    "ws_receive.",
    "ws_send.",
    "ws_slots.",
    "ws_violations.",
];

/// Their tests that need what a switch of Kconfig leaves out.
const NEEDS_A_SWITCH: [(&str, &str); 16] = [
    ("descriptors_of_others", "SERVER"),
    ("pieces_that_are_not_there", "MESSAGE_CALLS"),
    ("receive_without_a_buffer", "SOCKET_CALLS"),
    ("socket_send_without_a_buffer", "SOCKET_CALLS"),
    ("stranger_in_the_place_of_the_closed_socket", "SOCKET_CALLS"),
    (
        "stranger_on_the_number_of_the_closed_socket",
        "SOCKET_CALLS",
    ),
    ("unregistering_closes_both", "SERVER"),
    ("unregistering_one_leaves_the_others", "SERVER"),
    ("unregistering_what_is_no_websocket", "SERVER"),
    ("burst_needs_one_poll_for_each_frame", "SOCKET_CALLS"),
    ("end_of_the_stream_is_readable", "SOCKET_CALLS"),
    ("rest_after_a_short_read_is_seen", "SOCKET_CALLS"),
    (
        "connections_that_the_server_closes_free_their_slots",
        "SOCKET_CALLS",
    ),
    ("descriptor_that_is_another_socket_by_now", "SERVER"),
    ("more_connections_than_slots_are_refused", "SERVER"),
    ("socket_recv_fails_with_eproto_and_ends", "SOCKET_CALLS"),
];

/// Runs a suite and returns the line with its counts.
fn run_once(command: &mut Command) -> Result<String> {
    if std::env::var_os("ZEPHYR_LOG").is_none() {
        // The suites provoke what the library warns of.
        command.env("ZEPHYR_LOG", "err");
    }
    let output = process::run(command, LIMIT, Show::Nothing).map_err(without_passes)?;
    let closing = output.lines().last().unwrap_or_default().to_owned();
    if !closing.contains(" passed, 0 failed") {
        bail!("the suite did not close with its counts:\n{output}");
    }
    Ok(closing)
}

/// What a failed suite wrote, but for the tests that passed.
fn without_passes(error: anyhow::Error) -> anyhow::Error {
    let message = format!("{error:#}");
    let lines: Vec<_> = message
        .lines()
        .filter(|line| !line.starts_with("PASS "))
        .collect();
    anyhow::Error::msg(lines.join("\n"))
}

/// A call of the program, with the sanitizer told to fail on everything it finds.
pub(crate) fn watched(program: PathBuf, variant: Variant) -> Command {
    let mut command = Command::new(program);
    match variant {
        Variant::Plain => {}
        Variant::AddressUndefined => {
            command.env(
                "ASAN_OPTIONS",
                "detect_leaks=1:detect_stack_use_after_return=1",
            );
            command.env("UBSAN_OPTIONS", "print_stacktrace=1");
        }
        Variant::Thread => {
            command.env("TSAN_OPTIONS", "halt_on_error=1:second_deadlock_stack=1");
        }
    }
    command
}

/// Whether a program with this sanitizer starts on this machine; the reason where it does not.
///
/// # Errors
/// The compiler's messages.
pub(crate) fn unsupported(variant: Variant) -> Result<Option<String>> {
    if variant != Variant::Thread {
        return Ok(None);
    }
    let directory = paths::target("pc");
    std::fs::create_dir_all(&directory)?;
    let (source, program) = (
        directory.join("thread_check.c"),
        directory.join("thread_check"),
    );
    std::fs::write(&source, "int main(void)\n{\n\treturn 0;\n}\n")?;
    process::build(
        Command::new("cc")
            .args(["-fsanitize=thread", "-o"])
            .args([&program, &source]),
    )?;
    let status = Command::new(&program)
        .output()
        .with_context(|| paths::shown(&program))?
        .status;
    Ok((!status.success())
        .then(|| format!("ThreadSanitizer does not start on this kernel ({status})")))
}
