// SPDX-License-Identifier: Apache-2.0
//! A deterministic stand-in for the system: a peer whose octets come in scripted pieces, a socket that takes scripted
//! amounts, and a clock that moves only in waits.
//!
//! Unit tests, fuzz targets and benchmarks run connections on it; it needs `std`.

use std::collections::VecDeque;
use std::vec::Vec;

use super::{Event, Interest, OsError, Part, Platform, SocketError};
use crate::connection::{Deadline, Sender, Shared, Timeout};

/// The `os_error` of a reset by the peer, on this platform.
pub const RESET: OsError = OsError(104);

/// What the socket gives to one call of `receive`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// Octets; what the call does not take is left for the next one.
    Octets(Vec<u8>),
    /// Nothing yet: the call would block; a wait then takes so many milliseconds.
    Pause(u32),
    /// The stream ends here.
    End,
    /// The connection is reset.
    Reset,
}

/// The stand-in. Fields are its script and its record.
#[derive(Debug)]
pub struct Fake {
    /// What the peer sends.
    pub incoming: VecDeque<Incoming>,
    /// What the socket has taken.
    pub sent: Vec<u8>,
    /// How many calls of `send` and `receive` there were.
    pub sends: usize,
    /// See [`sends`](Self::sends).
    pub receives: usize,
    /// Of each send that took octets.
    pub parts: Vec<Part>,
    /// What is larger than the send buffer; empty: there is nothing.
    pub large_buffer: Vec<u8>,
    /// So often something was left that has to leave by itself.
    pub left_over: usize,
    /// How much the socket takes per call; empty: everything; 0: the call would block once.
    pub room: VecDeque<usize>,
    /// The socket takes nothing at all once [`room`](Self::room) is used up.
    pub stuck: bool,
    /// The call of `send` with this number, from 1, finds the connection reset.
    pub reset_at: usize,
    /// The clock.
    pub now_ms: u64,
    /// The generator's next output.
    pub entropy: u8,
    /// The log.
    pub events: Vec<Event>,
    sender: Option<(Sender, Vec<u8>)>,
    shared: Shared,
}

impl Fake {
    /// A connection with a send buffer of `tx_len` octets and a silent peer.
    pub fn new(tx_len: usize) -> Self {
        Self {
            incoming: VecDeque::new(),
            sent: Vec::new(),
            sends: 0,
            receives: 0,
            parts: Vec::new(),
            large_buffer: Vec::new(),
            left_over: 0,
            room: VecDeque::new(),
            stuck: false,
            reset_at: 0,
            now_ms: 0,
            entropy: 0,
            events: Vec::new(),
            sender: Some((Sender::default(), vec![0; tx_len])),
            shared: Shared::default(),
        }
    }

    /// Lets the peer send `octets` in pieces of at most `piece_len`.
    pub fn peer_sends(&mut self, octets: &[u8], piece_len: usize) -> &mut Self {
        let pieces = octets.chunks(piece_len.max(1));
        self.incoming
            .extend(pieces.map(|piece| Incoming::Octets(piece.to_vec())));
        self
    }
}

impl Platform for Fake {
    fn uptime_ms(&mut self) -> u64 {
        self.now_ms
    }

    fn random(&mut self, target: &mut [u8]) {
        for octet in target {
            *octet = self.entropy;
            self.entropy = self.entropy.wrapping_mul(5).wrapping_add(0x3D);
        }
    }

    fn send(&mut self, data: &[u8], part: Part) -> Result<usize, SocketError> {
        self.sends += 1;
        if self.sends == self.reset_at {
            return Err(SocketError::Os(RESET));
        }
        let room = match self.room.pop_front() {
            None if self.stuck => 0,
            None => data.len(),
            Some(room) => room.min(data.len()),
        };
        if room == 0 {
            return Err(SocketError::WouldBlock);
        }
        self.sent.extend(data.iter().take(room));
        self.parts.push(part);
        Ok(room)
    }

    fn with_large_buffer<R>(&mut self, body: impl FnOnce(&mut Self, &mut [u8]) -> R) -> Option<R> {
        let mut buffer = core::mem::take(&mut self.large_buffer);
        let result = (!buffer.is_empty()).then(|| body(self, &mut buffer));
        self.large_buffer = buffer;
        result
    }

    fn receive(&mut self, target: &mut [u8]) -> Result<usize, SocketError> {
        self.receives += 1;
        match self.incoming.front_mut() {
            None | Some(Incoming::Pause(_)) => Err(SocketError::WouldBlock),
            Some(Incoming::End) => Ok(0),
            Some(Incoming::Reset) => Err(SocketError::Os(RESET)),
            Some(Incoming::Octets(octets)) => {
                let len = octets.len().min(target.len());
                for (target, octet) in target.iter_mut().zip(octets.drain(..len)) {
                    *target = octet;
                }
                if octets.is_empty() {
                    self.incoming.pop_front();
                }
                Ok(len)
            }
        }
    }

    fn timeout_of_socket(&mut self, _: Interest) -> Timeout {
        Timeout::Forever
    }

    fn wait(&mut self, interest: Interest, deadline: &mut Deadline) -> Result<bool, SocketError> {
        let left = match deadline.remaining_ms(self) {
            // Nothing that this script could bring: a wait without limit ends after a long time.
            -1 => 1_000_000,
            left => u64::from(left.unsigned_abs()),
        };
        if left == 0 {
            return Ok(false);
        }
        if interest == Interest::Writable && (!self.room.is_empty() || !self.stuck) {
            self.now_ms += 1;
            return Ok(true);
        }
        if let (Interest::Readable, Some(Incoming::Pause(pause))) =
            (interest, self.incoming.front_mut())
        {
            let pause = u64::from(*pause);
            if pause <= left {
                self.now_ms += pause;
                self.incoming.pop_front();
                return Ok(true);
            }
            if let Some(Incoming::Pause(rest)) = self.incoming.front_mut() {
                *rest -= u32::try_from(left).unwrap_or(*rest);
            }
        } else if interest == Interest::Readable && !self.incoming.is_empty() {
            return Ok(true);
        }
        self.now_ms += left;
        if deadline.remaining_ms(self) == -1 {
            return Err(SocketError::Closing);
        }
        Ok(false)
    }

    fn with_sender<R>(
        &mut self,
        deadline: &mut Deadline,
        body: impl FnOnce(&mut Self, &mut Sender, &mut [u8], &mut Deadline) -> R,
    ) -> Result<R, SocketError> {
        let Some((mut sender, mut buffer)) = self.sender.take() else {
            return Err(SocketError::WouldBlock);
        };
        let result = body(self, &mut sender, &mut buffer, deadline);
        self.sender = Some((sender, buffer));
        Ok(result)
    }

    fn leave_later(&mut self) {
        self.left_over = self.left_over.wrapping_add(1);
    }

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn log(&mut self, event: Event) {
        self.events.push(event);
    }
}
