// SPDX-License-Identifier: Apache-2.0
//! Which row of docs/compatibility.md explains which difference: one table, each rule as narrow as it can be.

use super::difference::{Aspect, Difference};
use super::lines::Outcome;
use super::model::PING;

pub(super) struct Rule {
    pub(super) row: &'static str,
    /// What the difference is, for the table.
    pub(super) what: &'static str,
    pub(super) explains: fn(&Difference<'_>) -> bool,
}

/// The first that explains it.
pub(super) fn of(difference: &Difference<'_>) -> Option<&'static Rule> {
    RULES.iter().find(|rule| (rule.explains)(difference))
}

const POLLIN: i64 = 1;
const POLLOUT: i64 = 4;
const POLLHUP: i64 = 16;

pub(super) const RULES: &[Rule] = &[
    Rule {
        row: "I-31",
        what: "a pong leaves for the peer's ping",
        explains: |d| {
            let ours_only = |saw: &str| {
                d.aspect == Aspect::OnlyOurs(saw.to_owned())
                    && saw.starts_with("op=10 fin=1 rsv=0 mask=1 ")
            };
            d.ours.saw.iter().any(|saw| ours_only(saw))
                && d.model
                    .frames
                    .iter()
                    .any(|frame| frame.opcode == PING && frame.is_whole())
        },
    },
    Rule {
        row: "I-20",
        what: "the peer's Close is answered",
        explains: |d| {
            d.is_only_ours("op=8 ") && d.model.is_close_there() && d.name() != "disconnect"
        },
    },
    Rule {
        row: "I-70",
        what: "disconnect: the Close has code 1000",
        explains: |d| {
            d.name() == "disconnect"
                && (d.is_only_ours("op=8 fin=1 rsv=0 mask=1 len=2 code=1000")
                    || d.is_only_stock("op=8 fin=1 rsv=0 mask=1 len=0 "))
                && !d.model.has_sent_close
                && !d.model.ours_has_sent_close
                && d.ours.saw.iter().any(|saw| saw.starts_with("op=8 "))
        },
    },
    Rule {
        row: "I-71",
        what: "disconnect: no second Close",
        explains: |d| {
            d.name() == "disconnect"
                && d.is_only_stock("op=8 ")
                && (d.model.has_sent_close || d.model.ours_has_sent_close)
        },
    },
    Rule {
        row: "I-95",
        what: "shutdown: the Close frame leaves",
        explains: |d| {
            d.name() == "shutdown" && d.is_only_ours("op=8 fin=1 rsv=0 mask=1 len=2 code=1000")
        },
    },
    Rule {
        row: "I-95",
        what: "shutdown, getsockopt, getpeername: EOPNOTSUPP, where ours is 0",
        explains: |d| {
            ["shutdown", "getsockopt", "getpeername"].contains(&d.name())
                && d.is_result()
                && d.stock.error() == "EOPNOTSUPP"
                && d.ours.result() == Some(0)
        },
    },
    Rule {
        row: "I-60",
        what: "websocket_*_msg: errno is the negative of the result",
        explains: |d| {
            d.is_message_call()
                && d.aspect == Aspect::Errno
                && d.ours.got("errno") == Some(d.ours.error())
        },
    },
    Rule {
        row: "I-22",
        what: "recv_msg: type and remaining of a part are written",
        explains: |d| {
            let of = |name| d.is_output(name) && d.stock.got(name) == Some("no");
            d.name() == "recv_msg" && (of("type") || of("left")) && d.ours.result() > Some(0)
        },
    },
    Rule {
        row: "I-32",
        what: "recv_msg: a continuation has the type of its message",
        explains: |d| {
            let type_of = |step: &super::lines::Step| step.got_number("type").unwrap_or_default();
            d.name() == "recv_msg"
                && d.is_output("type")
                && d.model.current().is_some_and(|frame| frame.opcode == 0)
                && [2, 4].contains(&(type_of(d.ours) - type_of(d.stock)))
        },
    },
    Rule {
        row: "I-20",
        what: "recv_msg behind the peer's Close: ENOTCONN, where stock is EAGAIN",
        explains: |d| {
            d.name() == "recv_msg"
                && d.is_result()
                && d.stock.error() == "EAGAIN"
                && d.ours.error() == "ENOTCONN"
                && d.model.is_close_there()
        },
    },
    Rule {
        row: "I-20",
        what: "recv behind the peer's Close: 0, where stock is EAGAIN",
        explains: |d| {
            d.name() == "recv"
                && d.is_result()
                && d.stock.error() == "EAGAIN"
                && d.ours.result() == Some(0)
                && d.model.is_close_there()
        },
    },
    Rule {
        row: "I-100",
        what: "recv_msg: a control frame in pieces is held until it is whole",
        explains: |d| {
            d.name() == "recv_msg"
                && d.is_result()
                && d.stock.result() > Some(0)
                && d.ours.error() == "EAGAIN"
                && d.model
                    .current()
                    .is_some_and(|frame| frame.is_control() && !frame.is_whole())
        },
    },
    Rule {
        row: "I-103",
        what: "recv_msg, the first, behind a poll: control frames and empty ones were passed over",
        explains: |d| {
            d.name() == "recv_msg"
                && (d.is_result()
                    || ["type", "left", "data"]
                        .iter()
                        .any(|name| d.is_output(name)))
                && d.model.has_polled
                && !d.model.has_received_frames
                && d.model
                    .current()
                    .is_some_and(|frame| !frame.has_data() && frame.is_whole())
        },
    },
    Rule {
        row: "I-35",
        what: "recv with O_NONBLOCK: EAGAIN, where stock waits",
        explains: |d| {
            d.name() == "recv"
                && d.is_result()
                && d.model.is_nonblocking
                && d.ours.number("wait") == Some(1)
                && d.ours.error() == "EAGAIN"
                && d.stock.got_number("ms") > Some(10)
        },
    },
    Rule {
        row: "I-53",
        what: "send_msg without limit, O_NONBLOCK: the whole frame, where stock gives up at once",
        explains: |d| {
            d.name() == "send_msg"
                && (d.is_result() || d.is_only_ours(""))
                && d.model.is_nonblocking
                && d.ours.number("timeout") == Some(-1)
                && d.stock.error() == "ETIMEDOUT"
                && d.ours.result() > Some(0)
        },
    },
    Rule {
        row: "I-33",
        what: "recv: payload of a control frame is no data",
        explains: |d| {
            d.name() == "recv"
                && (d.is_result() || d.is_output("data") || d.aspect == Aspect::Time)
                && d.stock.result() >= Some(0)
                && d.model
                    .current()
                    .is_some_and(super::model::Frame::is_control)
        },
    },
    Rule {
        row: "I-33",
        what: "recv: an empty frame is not the end",
        explains: |d| {
            d.name() == "recv"
                && d.is_result()
                && d.stock.result() == Some(0)
                && d.model.current().is_some_and(|frame| !frame.has_data())
        },
    },
    Rule {
        row: "I-90",
        what: "poll: the end of the connection is POLLHUP",
        explains: |d| d.is_poll() && d.is_only_bits(POLLHUP | POLLIN) && gains_the_end(d),
    },
    Rule {
        row: "I-90",
        what: "poll: what is buffered is seen",
        explains: |d| {
            d.is_poll()
                && d.is_only_bits(POLLIN)
                && d.bits(d.ours) & POLLIN != 0
                && (d.model.ready() > 0
                    || d.model.unread().iter().any(super::model::Frame::is_whole))
        },
    },
    Rule {
        row: "I-90",
        what: "poll: control frames, empty frames and parts of frames do not end it",
        explains: |d| {
            d.is_poll()
                && d.is_only_bits(POLLIN)
                && d.bits(d.ours) & POLLIN == 0
                && !d.model.is_readable()
                && !d.model.stream_ended
        },
    },
    Rule {
        row: "I-90",
        what: "poll: no POLLHUP before what is buffered is received",
        explains: |d| {
            d.is_poll()
                && d.is_only_bits(POLLHUP)
                && d.bits(d.ours) & POLLHUP == 0
                && d.model.stream_ended
                && (d.model.ready() > 0
                    || d.model.unread().iter().any(super::model::Frame::is_whole))
        },
    },
    Rule {
        row: "I-104",
        what: "poll: POLLOUT at the end of the connection",
        explains: |d| {
            d.is_poll()
                && (d.bits(d.stock) ^ d.bits(d.ours)) & POLLOUT != 0
                && d.bits(d.ours) != 0
                && d.model.stream_ended
        },
    },
    Rule {
        row: "I-23",
        what: "recv, recv_msg: a part that came before the end is given first",
        explains: |d| {
            ["recv", "recv_msg"].contains(&d.name())
                && d.is_result()
                && d.model.stream_ended
                && d.stock.result() <= Some(0)
                && d.ours.result() > Some(0)
                && d.ours.result() <= Some(d.model.ready())
        },
    },
    Rule {
        row: "I-105",
        what: "send to a peer that is gone: ECONNABORTED, where stock is ENOTCONN",
        explains: |d| {
            d.is_send()
                && d.is_result()
                && d.model.stream_ended
                && d.stock.error() == "ENOTCONN"
                && d.ours.error() == "ECONNABORTED"
        },
    },
    Rule {
        row: "I-95",
        what: "shutdown when the peer is gone: the error of sending the Close",
        explains: |d| {
            d.name() == "shutdown"
                && d.is_result()
                && d.model.stream_ended
                && d.stock.error() == "EOPNOTSUPP"
                && ["ENOTCONN", "ECONNABORTED"].contains(&d.ours.error())
        },
    },
    Rule {
        row: "I-94",
        what: "FIONREAD: payload that can be received, where stock counts the socket's octets",
        explains: |d| {
            let count = d.ours.got_number("count").unwrap_or(-1);
            let has_some = d
                .model
                .unread()
                .first()
                .is_some_and(|frame| frame.has_data() && frame.is_whole());
            d.name() == "fionread"
                && d.is_output("count")
                && (0..=d.model.all_ready()).contains(&count)
                && (count > 0 || !has_some)
        },
    },
    Rule {
        row: "I-101",
        what: "disconnect behind the close of the socket below: 0, where stock is EBADF",
        explains: |d| {
            d.name() == "disconnect"
                && d.is_result()
                && d.stock.error() == "EBADF"
                && d.ours.result() == Some(0)
                && d.model.is_below_closed
        },
    },
    Rule {
        row: "I-102",
        what: "send behind the answer to the peer's Close: ENOTCONN",
        explains: |d| {
            d.is_send()
                && (d.is_result() || d.is_only_stock(""))
                && d.ours.error() == "ENOTCONN"
                && d.model.is_close_there()
        },
    },
    Rule {
        row: "I-53",
        what: "send without limit to a peer that does not read: no end, where stock gives up",
        explains: |d| {
            d.is_send()
                && d.is_result()
                && d.ours.outcome == Outcome::Hang
                && ["ENOBUFS", "ETIMEDOUT"].contains(&d.stock.error())
                && (d.ours.number("timeout") == Some(-1) || d.ours.number("wait") == Some(1))
                && d.model.was_paused
        },
    },
    Rule {
        row: "I-54",
        what: "send that would block: EAGAIN, where stock is ETIMEDOUT",
        explains: |d| {
            d.is_send()
                && d.is_result()
                && d.stock.error() == "ETIMEDOUT"
                && d.ours.error() == "EAGAIN"
                && (d.ours.number("timeout") == Some(0)
                    || d.ours.number("wait") == Some(0)
                    || d.model.is_nonblocking)
        },
    },
    Rule {
        row: "I-52",
        what: "send with a time-out: ETIMEDOUT in time, where stock is ENOBUFS much later",
        explains: |d| {
            d.is_send()
                && d.is_result()
                && d.stock.error() == "ENOBUFS"
                && d.ours.error() == "ETIMEDOUT"
                && d.ours.number("timeout") > Some(0)
                && d.model.was_paused
        },
    },
    Rule {
        row: "I-55",
        what: "send of which a part has left: accepted, where stock fails and tears the stream",
        explains: |d| {
            d.is_send()
                && d.is_result()
                && ["ENOBUFS", "ETIMEDOUT"].contains(&d.stock.error())
                && d.ours.result() >= Some(0)
                && d.model.was_paused
        },
    },
];

/// POLLHUP, and POLLIN with it, once nothing but the end is left.
fn gains_the_end(d: &Difference<'_>) -> bool {
    let bits = d.bits(d.ours);
    bits & POLLHUP != 0
        && (d.model.is_close_there() || d.model.stream_ended)
        && !d
            .model
            .unread()
            .iter()
            .any(|frame| frame.has_data() && frame.is_whole())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_row_in_the_ledger() {
        let ledger = std::fs::read_to_string(crate::paths::source("docs/compatibility.md"))
            .expect("the ledger");
        for rule in RULES {
            let row = format!("| {} |", rule.row);
            assert!(ledger.lines().any(|line| line.starts_with(&row)), "{row}");
        }
    }
}
