// SPDX-License-Identifier: Apache-2.0
//! The opening handshake as pure functions of bytes: no I/O, no clock, no entropy, no allocation, no `unsafe`, no panic.
//!
//! - [`key`]: the client's nonce and the server's answer to it (RFC 6455 §1.3, §4.2.2)
//! - [`request`]: the client's request (§4.1)
//! - [`response`]: the server's response, cut anywhere (§4.1, §4.2.2), and the body of a refusal
//! - [`optional_headers`]: the application's own header lines (§4.1)
//! - [`failure`]: every rule that a response can break
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod failure;
mod headers;
pub mod key;
pub mod optional_headers;
pub mod request;
pub mod response;
mod sha1;
mod text;

pub use failure::Failure;
pub use key::{SecWebSocketAccept, SecWebSocketKey};
pub use request::Request;
pub use response::{Observer, Progress, ResponseParser, Seen};
