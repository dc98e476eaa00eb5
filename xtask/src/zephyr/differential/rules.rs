// SPDX-License-Identifier: Apache-2.0
//! Which row of docs/compatibility.md explains which difference: one table, each rule as narrow as it can be.

use super::difference::{Aspect, Difference};
use super::model::{CLOSE, PING};

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
];

#[allow(dead_code, reason = "x")]
const _X: (i64, i64, i64, i64) = (POLLIN, POLLOUT, POLLHUP, CLOSE);
