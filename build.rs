// SPDX-License-Identifier: Apache-2.0
//! Turns the switches of an image's Kconfig into `cfg(switch = "…")`: what is off is not in the object.
//!
//! `ZWS_DOTCONFIG` names the image's `.config`. Without it everything is on: tests, the PC port, other crates.

use std::process::ExitCode;
use std::{env, fs};

/// Every switch that this crate looks at: its symbol without `CONFIG_WEBSOCKET_RUST_` in lower case. Kconfig says what each is.
const SWITCHES: [&str; 11] = [
    "aborted_threads",
    "counters",
    "exact_poll",
    "handshake_callbacks",
    "leftovers",
    "log",
    "message_calls",
    "options",
    "server",
    "socket_calls",
    "utf8",
];
/// Beside these: all of them are on.
const ALL: &str = "all";

const VARIABLE: &str = "ZWS_DOTCONFIG";

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    println!("cargo::rerun-if-changed=build.rs");
    let names = SWITCHES.map(|name| format!("\"{name}\"")).join(", ");
    println!("cargo::rustc-check-cfg=cfg(switch, values({names}, \"{ALL}\"))");

    let Some(path) = env::var_os(VARIABLE) else {
        turn_on(&SWITCHES);
        return ExitCode::SUCCESS;
    };
    println!("cargo::rerun-if-changed={}", path.display());
    match fs::read_to_string(&path) {
        Ok(configuration) => {
            let is_on = |name: &&str| is_set(&configuration, name);
            let on: Vec<_> = SWITCHES.into_iter().filter(is_on).collect();
            turn_on(&on);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!(
                "cargo::error={VARIABLE}={} is to be an image's .config: {error}",
                path.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// Kconfig writes `CONFIG_X=y` of what is on, and a comment, or nothing, of what is off.
fn is_set(configuration: &str, name: &str) -> bool {
    let line = format!("CONFIG_WEBSOCKET_RUST_{}=y", name.to_uppercase());
    configuration.lines().any(|other| other.trim_end() == line)
}

fn turn_on(switches: &[&str]) {
    for name in switches {
        println!("cargo::rustc-cfg=switch=\"{name}\"");
    }
    if switches.len() == SWITCHES.len() {
        println!("cargo::rustc-cfg=switch=\"{ALL}\"");
    }
}
