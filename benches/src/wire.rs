// SPDX-License-Identifier: Apache-2.0
//! What the server sends: endless streams of equal frames, in reads of a given size.

use crate::SEGMENT;

/// A stream that starts anew when it is used up.
pub struct Stream {
    /// As the table names it.
    pub name: &'static str,
    /// Frames in the octets, and so messages of a run.
    pub messages: usize,
    /// Payload of one frame.
    pub payload_len: usize,
    /// The most that one read gives.
    pub read_max: usize,
    octets: Vec<u8>,
    at: usize,
}

impl Stream {
    fn new(name: &'static str, messages: usize, payload_len: usize, read_max: usize) -> Self {
        let mut octets = Vec::new();
        for _ in 0..messages {
            octets.push(0x82);
            match payload_len {
                ..=125 => octets.push(payload_len as u8),
                ..=0xFFFF => {
                    octets.push(126);
                    octets.extend((payload_len as u16).to_be_bytes());
                }
                _ => {
                    octets.push(127);
                    octets.extend((payload_len as u64).to_be_bytes());
                }
            }
            octets.extend((0..payload_len).map(|i| i as u8));
        }
        Self {
            name,
            messages,
            payload_len,
            read_max,
            octets,
            at: 0,
        }
    }

    /// One that gives `octets` again and again, as a whole.
    pub fn of(octets: Vec<u8>) -> Self {
        Self {
            name: "",
            messages: 1,
            payload_len: 0,
            read_max: usize::MAX,
            octets,
            at: 0,
        }
    }

    /// From its start.
    pub fn again(&self) -> Self {
        Self {
            octets: self.octets.clone(),
            at: 0,
            ..*self
        }
    }

    /// One read.
    #[inline]
    pub fn read(&mut self, target: &mut [u8]) -> usize {
        let rest = &self.octets[self.at..];
        let len = rest.len().min(target.len()).min(self.read_max);
        target[..len].copy_from_slice(&rest[..len]);
        self.at += len;
        if self.at == self.octets.len() {
            self.at = 0;
        }
        len
    }
}

/// The receive cases. The number of messages makes each stream end with a whole read.
pub fn streams() -> [Stream; 6] {
    [
        Stream::new("receive packed 16 B", 1460, 16, SEGMENT),
        Stream::new("receive packed 125 B", 1460, 125, SEGMENT),
        Stream::new("receive packed 1 KiB", 365, 1024, SEGMENT),
        Stream::new("receive 64 x 1 KiB", 64, 1024, SEGMENT),
        Stream::new("receive 64 KiB in 1460-byte reads", 4, 65536, SEGMENT),
        Stream::new("receive 64 KiB whole", 4, 65536, usize::MAX),
    ]
}
