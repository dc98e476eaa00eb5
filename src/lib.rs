// SPDX-License-Identifier: Apache-2.0
//! WebSocket for Zephyr: a memory-safe library with the C ABI of `<zephyr/net/websocket.h>`.
//!
//! From the outside in; each layer uses only those below it:
//!
//! - `abi` (feature `zephyr`): what C calls. Pointer checks, then safe calls.
//! - [`connection`]: open, send, receive, close as steps over [`platform::Platform`].
//! - [`handshake`], [`protocol`]: RFC 6455 as pure functions of bytes.
//! - [`slot`]: the life of a connection's place in the table, model-checked.
//! - [`platform`]: the trait, the calls into the C glue that implement it, and a deterministic stand-in for tests.
//!
//! No allocation, no panic, and `unsafe` only in `abi` and `platform::zephyr`.
#![cfg_attr(not(any(test, feature = "fake-platform")), no_std)]
#![deny(unsafe_code)]
#![cfg_attr(
    not(switch = "all"),
    allow(
        dead_code,
        unused_imports,
        reason = "build.rs: exports are left out by name, and the linker leaves out what they alone use"
    )
)]

#[cfg(feature = "zephyr")]
pub mod abi;
pub mod connection;
pub mod handshake;
pub mod platform;
pub mod protocol;
pub mod slot;

#[cfg(all(feature = "zephyr", not(test)))]
mod panic;

#[cfg(all(feature = "zephyr", not(panic = "abort")))]
compile_error!(
    "a Zephyr image cannot unwind: build with panic = \"abort\" (cargo build --release)"
);
