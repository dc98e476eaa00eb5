// SPDX-License-Identifier: Apache-2.0
//! What a connection looks like from outside.

use super::message::flags;
use crate::connection::{Deadline, Timeout};
use crate::platform::Platform;
use crate::platform::zephyr::Slot;
use crate::platform::zephyr::bindings as c;

/// Fills `view` with what the connection looks like now, for the net shell and the module's own shell command.
/// What a thread that receives has in hand is left 0.
///
/// # Safety
/// - `slot`: held by the caller, or kept from being released in another way.
/// - `view`: valid for writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zws_connection_describe(
    slot: *mut c::zws_slot,
    view: *mut c::zws_connection,
) {
    // SAFETY: this function's own contract.
    let mut slot = unsafe { Slot::new(slot) };
    let handshake_status = slot.handshake_status();
    let shared = slot.shared();
    let (messages_received, octets_received) = shared.received.read();
    let (messages_sent, octets_sent) = shared.sent.read();
    let mut described = c::zws_connection {
        messages_received,
        messages_sent,
        octets_received,
        octets_sent,
        frame_remaining: 0,
        frame_type: 0,
        buffered_len: 0,
        pings_unanswered: shared.pings_unanswered(),
        peer_close_code: shared.peer_close_code().map_or(0, |code| code.0),
        handshake_status,
        in_header: true,
        close_sent: shared.close_sent(),
    };
    let settings = slot.settings();
    let now = Deadline::after(Timeout::None);
    let _ = slot.as_receiver(&settings, now, |receiver, _| {
        let current = receiver.current();
        described.in_header = !receiver.frame().in_payload();
        described.frame_type = flags(&current, true);
        described.frame_remaining = current.remaining;
        described.buffered_len = u32::try_from(receiver.buffered()).unwrap_or(u32::MAX);
    });
    // SAFETY: this function's own contract.
    unsafe { view.write(described) };
}
