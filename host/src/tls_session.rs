//! One TLS session over a TCP socket, with the habits of mbedTLS: a record a send, a record a receive, and what was
//! refused comes again.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! Nothing here waits. The session takes no more from the TCP socket than the record that it reads, so that TCP goes
//! on to say what is behind it; and it gives the TCP socket nothing by itself but the answers of the protocol.

use crate::errno::check;
use crate::log_sink;
use crate::socket_calls::{zsock_recvfrom, zsock_sendto};
use core::ffi::c_int;
use core::ptr;
use rustls::{Connection, Error};
use std::io::{ErrorKind, Read, Write};

const DONT_WAIT: c_int = 0x40;
/// Type, version and length of a record.
const HEADER_LEN: usize = 5;
/// TCP has ended, and the session has not. mbedTLS's read gives 0 for it (MBEDTLS_ERR_SSL_CONN_EOF), and so does
/// Zephyr's socket, in the middle of a record too: only the protocol above can tell a cut.
const TCP_ENDED: c_int = libc::ENODATA;
/// The type of a record with application data.
const APPLICATION_DATA: u8 = 23;

/// What a session counts, as `struct port_tls_counts`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// Records of application data that were made.
    pub records_sent: u32,
    /// Records that came, with those of the handshake.
    pub records_received: u32,
    /// Sends that made a record and could not be told so: the caller has to repeat them.
    pub sends_refused: u32,
    /// Repetitions that were not the same.
    pub wrong_repetitions: u32,
}

/// A session from its handshake on.
pub struct Session {
    connection: Connection,
    below: c_int,
    /// The record that is coming in.
    incoming: Vec<u8>,
    /// Records that TCP has not taken, and how much of them it has.
    outgoing: Vec<u8>,
    gone: usize,
    /// What the caller has to give again, now that its record is on its way.
    refused: Option<Vec<u8>>,
    /// For all that follows.
    error: c_int,
    ended: bool,
    /// What it counts.
    pub counts: Counts,
}

impl Session {
    /// A session on a connected socket, before its handshake.
    pub fn new(connection: Connection, below: c_int) -> Self {
        Self {
            connection,
            below,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            gone: 0,
            refused: None,
            error: 0,
            ended: false,
            counts: Counts::default(),
        }
    }

    /// A step of the handshake: done, or EAGAIN.
    pub fn shake_hands(&mut self) -> Result<(), c_int> {
        loop {
            self.collect();
            self.flush().map_err(fatal_in_handshake)?;
            if !self.connection.is_handshaking() {
                return Ok(());
            }
            self.read_record().map_err(fatal_in_handshake)?;
        }
    }

    /// Is something to be written first before anything can be read?
    pub fn has_outgoing(&self) -> bool {
        self.gone < self.outgoing.len()
    }

    /// Octets of the last record that wait for the caller.
    pub fn available(&mut self) -> usize {
        self.connection
            .process_new_packets()
            .map_or(0, |state| state.plaintext_bytes_to_read())
    }

    /// What SO_ERROR of the TLS layer is.
    pub fn error(&self) -> c_int {
        self.error
    }

    /// Ends the session for a reason that polling found.
    pub fn fail(&mut self, error: c_int) {
        self.error = error;
    }

    /// Sends one record of at most `record_len` octets: how many it has, or EAGAIN.
    pub fn send(&mut self, data: &[u8], record_len: usize) -> Result<usize, c_int> {
        if self.error != 0 {
            return Err(self.error);
        }
        if self.ended {
            return Err(libc::ECONNABORTED);
        }
        let data = data.get(..record_len).unwrap_or(data);
        match &self.refused {
            Some(refused) if refused.as_slice() != data => {
                self.counts.wrong_repetitions += 1;
                log_sink::error(
                    "tls",
                    &format!(
                        "send: {} octets that are not the {} of the call that gave EAGAIN",
                        data.len(),
                        refused.len()
                    ),
                );
                return Err(libc::EINVAL);
            }
            Some(_) => {}
            None => {
                // Answers of the protocol, which nobody has to repeat.
                self.flush()?;
                let written = self.connection.writer().write(data);
                if !matches!(written, Ok(len) if len == data.len()) {
                    return Err(self.broken(libc::ECONNABORTED));
                }
                self.counts.records_sent += self.collect();
            }
        }
        match self.flush() {
            Ok(()) => {
                self.refused = None;
                Ok(data.len())
            }
            Err(libc::EAGAIN) => {
                self.counts.sends_refused += 1;
                self.refused = Some(data.to_vec());
                Err(libc::EAGAIN)
            }
            Err(_) => Err(self.broken(libc::ECONNABORTED)),
        }
    }

    /// Octets of one record, 0 at the end of the session or of TCP, or EAGAIN.
    pub fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, c_int> {
        if self.error != 0 {
            return Err(self.error);
        }
        loop {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            match self.connection.reader().read(buffer) {
                Ok(0) => self.ended = true,
                Ok(len) => return Ok(len),
                Err(error) if error.kind() == ErrorKind::WouldBlock => match self.read_record() {
                    Err(TCP_ENDED) => return Ok(0),
                    other => other?,
                },
                Err(_) => return Err(libc::EIO),
            }
        }
    }

    /// Reads until there is data: how much, 0 for none yet, or an error: ENOTCONN when the peer has said that it ends,
    /// or TCP has ended.
    pub fn look(&mut self) -> Result<usize, c_int> {
        loop {
            let available = self.available();
            if available > 0 {
                return Ok(available);
            }
            if self.ended || matches!(self.connection.reader().read(&mut [0]), Ok(0)) {
                self.ended = true;
                return Err(libc::ENOTCONN);
            }
            match self.read_record() {
                Ok(()) => {}
                Err(libc::EAGAIN) => return Ok(0),
                Err(TCP_ENDED) => return Err(libc::ENOTCONN),
                Err(_) => return Err(libc::ECONNABORTED),
            }
        }
    }

    /// Says that this end closes, if TCP takes it.
    pub fn close(&mut self) {
        if self.error == 0 {
            self.connection.send_close_notify();
            self.collect();
            let _ = self.flush();
        }
    }

    /// Takes one record from TCP, if it is all there, and acts upon it.
    fn read_record(&mut self) -> Result<(), c_int> {
        self.fill(HEADER_LEN)?;
        let length = u16::from_be_bytes([self.incoming[3], self.incoming[4]]);
        self.fill(HEADER_LEN + usize::from(length))?;
        let record = core::mem::take(&mut self.incoming);
        self.counts.records_received += 1;
        let mut rest = record.as_slice();
        while !rest.is_empty() {
            match self.connection.read_tls(&mut rest) {
                Ok(1..) => {}
                _ => return Err(self.broken(libc::EIO)),
            }
            if let Err(error) = self.connection.process_new_packets() {
                return Err(self.refuse(&error));
            }
        }
        self.collect();
        match self.flush() {
            Err(error) if error != libc::EAGAIN => Err(self.broken(libc::EIO)),
            _ => Ok(()),
        }
    }

    /// Reads from TCP until the incoming record has `len` octets.
    fn fill(&mut self, len: usize) -> Result<(), c_int> {
        while self.incoming.len() < len {
            let have = self.incoming.len();
            self.incoming.resize(len, 0);
            let room = &mut self.incoming[have..];
            let received = zsock_recvfrom(
                self.below,
                room.as_mut_ptr().cast(),
                room.len(),
                DONT_WAIT,
                ptr::null_mut(),
                ptr::null_mut(),
            );
            let received = check(received);
            let count = usize::try_from(*received.as_ref().unwrap_or(&0)).unwrap_or(0);
            self.incoming.truncate(have + count);
            match received {
                Ok(0) => return Err(TCP_ENDED),
                Ok(_) => {}
                Err(libc::EAGAIN) => return Err(libc::EAGAIN),
                Err(_) => return Err(self.broken(libc::EIO)),
            }
        }
        Ok(())
    }

    /// Takes over the records that rustls has made: how many of them are of the type of application data.
    fn collect(&mut self) -> u32 {
        self.outgoing.drain(..self.gone);
        self.gone = 0;
        let mut at = self.outgoing.len();
        while self.connection.wants_write() {
            // A vector takes everything.
            let _ = self.connection.write_tls(&mut self.outgoing);
        }
        let mut records = 0;
        while let Some(&[kind, _, _, high, low]) = self.outgoing.get(at..at + HEADER_LEN) {
            records += u32::from(kind == APPLICATION_DATA);
            at += HEADER_LEN + usize::from(u16::from_be_bytes([high, low]));
        }
        records
    }

    /// Gives TCP what it has not taken yet.
    fn flush(&mut self) -> Result<(), c_int> {
        while let Some(rest @ [_, ..]) = self.outgoing.get(self.gone..) {
            let (octets, len) = (rest.as_ptr().cast(), rest.len());
            let sent = zsock_sendto(self.below, octets, len, DONT_WAIT, ptr::null(), 0);
            self.gone += usize::try_from(check(sent)?).unwrap_or(0);
        }
        Ok(())
    }

    fn refuse(&mut self, error: &Error) -> c_int {
        log_sink::error("tls", &error.to_string());
        // The alert.
        self.collect();
        let _ = self.flush();
        self.broken(libc::EIO)
    }

    /// Remembers an error that the session does not survive.
    fn broken(&mut self, error: c_int) -> c_int {
        self.error = error;
        error
    }
}

fn fatal_in_handshake(error: c_int) -> c_int {
    if error == libc::EAGAIN {
        error
    } else {
        libc::ECONNABORTED
    }
}
