// SPDX-License-Identifier: Apache-2.0
//! RFC 6455 frames as pure functions of bytes: no I/O, no clock, no entropy, no allocation, no `unsafe`, no panic.
//!
//! - [`opcode`]: the six opcodes (§5.2)
//! - [`frame`]: the frame header, encoded and decoded, cut anywhere (§5.2)
//! - [`fragmentation`]: which frame may follow which (§5.4)
//! - [`masking`]: client-to-server masking (§5.3)
//! - [`utf8`]: text that arrives in pieces (§8.1)
//! - [`close`]: status codes and the Close frame's payload (§5.5.1, §7.4)
//! - [`error`]: every rule that a peer can break, and the status code that answers it
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

pub mod close;
pub mod error;
pub mod fragmentation;
pub mod frame;
pub mod masking;
pub mod opcode;
pub mod utf8;

pub use close::CloseCode;
pub use error::ProtocolError;
pub use fragmentation::Fragmentation;
pub use frame::{FrameDecoder, FrameHeader, Rules};
pub use masking::MaskingKey;
pub use opcode::Opcode;
pub use utf8::Utf8Validator;
