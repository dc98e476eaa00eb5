// SPDX-License-Identifier: Apache-2.0
//! The opening handshake as pure functions of bytes: no I/O, no clock, no entropy, no allocation, no `unsafe`, no panic.
//!
//! - [`key`]: the client's nonce and the server's answer to it (RFC 6455 §1.3, §4.2.2)
//! - [`request`]: the client's request (§4.1)
//! - [`response`]: the server's response, cut anywhere (§4.1, §4.2.2)
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
pub mod key;
pub mod request;
pub mod response;
mod sha1;
pub mod sub_protocol;
mod text;

pub use failure::Failure;
pub use key::{SecWebSocketAccept, SecWebSocketKey};
pub use request::{Request, optional_header_is_complete};
pub use response::{Observer, Progress, ResponseParser};
pub use sub_protocol::SubProtocol;
