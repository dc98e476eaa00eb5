// SPDX-License-Identifier: Apache-2.0
//! Memory of the caller in several pieces: what `sendmsg()` gathers from and `recvmsg()` scatters to.

/// Octets to send that lie in several places.
pub trait Pieces {
    /// The piece of this index; `None` behind the last one.
    fn piece(&self, index: usize) -> Option<&[u8]>;
}

/// Room for octets in several places.
pub trait PiecesMut {
    /// The piece of this index; `None` behind the last one.
    fn piece(&mut self, index: usize) -> Option<&mut [u8]>;
}

impl<const N: usize> Pieces for [&[u8]; N] {
    fn piece(&self, index: usize) -> Option<&[u8]> {
        self.get(index).copied()
    }
}

impl<const N: usize> PiecesMut for [&mut [u8]; N] {
    fn piece(&mut self, index: usize) -> Option<&mut [u8]> {
        self.get_mut(index).map(|piece| &mut **piece)
    }
}

/// The whole of a frame's payload.
pub(super) struct Payload<'a> {
    first: &'a [u8],
    /// What follows it.
    more: Option<&'a dyn Pieces>,
    /// Octets of both.
    pub(super) len: usize,
}

impl<'a> Payload<'a> {
    /// `None`: more octets than the C ABI's results can say.
    pub(super) fn of(first: &'a [u8], more: Option<&'a dyn Pieces>) -> Option<Self> {
        let behind = match more {
            Some(more) => total_len(more)?,
            None => 0,
        };
        let len = behind.checked_add(first.len())?;
        (len <= i32::MAX as usize).then_some(Self { first, more, len })
    }

    /// All of it, where it lies in one place and has at most `limit` octets.
    pub(super) fn only(&self, limit: usize) -> Option<&'a [u8]> {
        (self.more.is_none() && self.len <= limit).then_some(self.first)
    }

    /// Where the first octet lies in memory; 0 without any.
    pub(super) fn address(&self) -> usize {
        let piece = match self.more {
            None => self.first,
            Some(_) => self.behind(0, &mut 0),
        };
        if piece.is_empty() {
            0
        } else {
            piece.as_ptr().addr()
        }
    }

    /// What follows the first `taken` octets, as far as it lies in one place. `next` is the index behind it then.
    pub(super) fn behind(&self, taken: usize, next: &mut usize) -> &'a [u8] {
        let left = self.len.wrapping_sub(taken);
        let mut skipped = taken;
        let mut piece = self.first;
        loop {
            match piece.get(skipped..) {
                Some(rest) if !rest.is_empty() => return rest.get(..left).unwrap_or(rest),
                _ => skipped = skipped.wrapping_sub(piece.len()),
            }
            let Some(following) = self.more.and_then(|more| more.piece(*next)) else {
                return &[];
            };
            *next = next.wrapping_add(1);
            piece = following;
        }
    }

    /// The next piece that is not empty, from index `next` on: at most `limit` octets of it. Nothing is left where the
    /// result is empty.
    pub(super) fn next_piece(&self, next: &mut usize, limit: usize) -> &'a [u8] {
        while let Some(piece) = self.more.and_then(|more| more.piece(*next)) {
            *next = next.wrapping_add(1);
            if !piece.is_empty() {
                return piece.get(..limit).unwrap_or(piece);
            }
        }
        &[]
    }
}

fn total_len(pieces: &dyn Pieces) -> Option<usize> {
    let mut len: usize = 0;
    let mut index: usize = 0;
    while let Some(piece) = pieces.piece(index) {
        len = len.checked_add(piece.len())?;
        index = index.wrapping_add(1);
    }
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_order_and_empty_ones_are_left_out() {
        let more: [&[u8]; 4] = [b"", b"cde", b"", b"f"];
        let payload = Payload::of(b"ab", Some(&more)).expect("six octets can be counted");
        assert_eq!(payload.len, 6);
        for (taken, rest) in [(0, "ab"), (1, "b"), (2, "cde"), (4, "e"), (5, "f"), (6, "")] {
            let next = &mut 0;
            assert_eq!(payload.behind(taken, next), rest.as_bytes());
        }
        let next = &mut 0;
        assert_eq!(payload.behind(1, next), b"b");
        assert_eq!(payload.next_piece(next, 4), b"cde");
        assert_eq!(payload.next_piece(next, 1), b"f");
        assert_eq!(payload.next_piece(next, 1), b"");
    }
}
