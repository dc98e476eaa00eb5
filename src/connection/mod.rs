// SPDX-License-Identifier: Apache-2.0
//! A connection as steps over [`Platform`](crate::platform::Platform): open, send, receive, close.
//!
//! The two directions are two structs, [`Sender`] and [`Receiver`], because two threads use them at the same time,
//! each under its own lock. What the receiver wants to be sent (pongs, the Close's answer) it puts aside in
//! [`Shared`], and whoever holds the send lock sends it.
//!
//! Both serve both roles: after the opening handshake a server differs in which frames are masked.
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

mod ahead;
mod answers;
pub(crate) mod buffer;
mod call;
mod control;
mod deadline;
mod deliver;
mod error;
mod open;
mod pieces;
mod readiness;
mod receive;
mod scatter;
mod send;
mod settings;
mod shared;

#[cfg(test)]
mod tests;

pub use call::{Call, as_sender, flush};
pub use deadline::{Deadline, Timeout};
pub use error::Error;
pub use open::{
    ConnectRequest, Exchange, HandshakeError, Offer, OptionalHeaders, new_key, open,
    receive_response, send_request,
};
pub use pieces::{Pieces, PiecesMut};
pub use readiness::Readiness;
pub use receive::{Delivery, Received, Receiver};
pub use scatter::{Extent, Wanted};
pub use send::{Frame, Sender};
pub use settings::{Policy, Role, Settings};
pub use shared::{Shared, Traffic, WakeFor, Wakes};
