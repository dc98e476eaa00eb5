// SPDX-License-Identifier: Apache-2.0
//! A whole connection over the deterministic platform: a script of incoming pieces, sockets that take little or fail,
//! and calls. What was accepted was sent, whole and in order; what a poll says is what a receive finds; no frame is
//! lost.
//!
//! Input: the settings, then one step after the other, see [`Session::step`].
#![no_main]

mod oracle;
mod session;

use libfuzzer_sys::fuzz_target;
use session::{Script, Session};

fuzz_target!(|data: &[u8]| {
    let Some(mut session) = Session::open(Script(data)) else {
        return;
    };
    while session.step() {}
    session.check();
});
