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

/// Octets of all of them; `None`: that is more than a `usize` counts.
pub(crate) fn total_len(pieces: &dyn Pieces) -> Option<usize> {
    let mut len: usize = 0;
    let mut index: usize = 0;
    while let Some(piece) = pieces.piece(index) {
        len = len.checked_add(piece.len())?;
        index = index.wrapping_add(1);
    }
    Some(len)
}

/// The first piece from index `next` on that is not empty, at most `limit` octets of it; `next` is behind it then.
/// Nothing is left where the result is empty.
pub(crate) fn next_piece<'a>(pieces: &'a dyn Pieces, next: &mut usize, limit: usize) -> &'a [u8] {
    while let Some(piece) = pieces.piece(*next) {
        *next = next.wrapping_add(1);
        if !piece.is_empty() {
            return piece.get(..limit).unwrap_or(piece);
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_order_and_empty_ones_are_left_out() {
        let pieces: [&[u8]; 4] = [b"", b"cde", b"", b"f"];
        assert_eq!(total_len(&pieces), Some(4));
        let next = &mut 0;
        assert_eq!(next_piece(&pieces, next, 4), b"cde");
        assert_eq!(next_piece(&pieces, next, 1), b"f");
        assert_eq!(next_piece(&pieces, next, 1), b"");
    }
}
