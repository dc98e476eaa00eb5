// SPDX-License-Identifier: Apache-2.0
//! WebSocket for Zephyr.
#![cfg_attr(not(any(test, feature = "fake-platform")), no_std)]
#![deny(unsafe_code)]
pub mod handshake;
pub mod protocol;
