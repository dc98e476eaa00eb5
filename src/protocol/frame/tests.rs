// SPDX-License-Identifier: Apache-2.0
//! Headers: the examples of RFC 6455 §5.7, every cut, every rule.

use proptest::prelude::*;

use super::*;

const CLIENT: Rules = Rules::new(Some(false), true);
const ANY: Rules = Rules::new(None, true);

/// The examples of §5.7: octets of the frame, fin, opcode, masking key, length of the payload.
type Example = (&'static [u8], bool, Opcode, Option<[u8; 4]>, u64);
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const EXAMPLES: &[Example] = &[
    (&[0x81, 0x05], true, Opcode::Text, None, 5),
    (
        &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d],
        true,
        Opcode::Text,
        Some(KEY),
        5,
    ),
    (&[0x01, 0x03], false, Opcode::Text, None, 3),
    (&[0x80, 0x02], true, Opcode::Continuation, None, 2),
    (&[0x89, 0x05], true, Opcode::Ping, None, 5),
    (
        &[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d],
        true,
        Opcode::Pong,
        Some(KEY),
        5,
    ),
    (&[0x82, 0x7e, 0x01, 0x00], true, Opcode::Binary, None, 256),
    (
        &[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0],
        true,
        Opcode::Binary,
        None,
        65_536,
    ),
];

fn encode(header: &FrameHeader) -> Vec<u8> {
    let mut octets = [0; FrameHeader::MAX_LEN];
    let len = header.encode(&mut octets);
    octets[..len].to_vec()
}

/// Gives `octets` to a decoder in pieces of `piece_len`; the octets that it left over are returned too.
fn decode(
    octets: &[u8],
    piece_len: usize,
    rules: Rules,
) -> Result<(Option<FrameDecoder>, usize), ProtocolError> {
    let mut decoder = FrameDecoder::new();
    let mut taken_in_all = 0;
    for piece in octets.chunks(piece_len) {
        let taken = decoder.header(piece, rules)?;
        let done = decoder.in_payload();
        taken_in_all += taken;
        if done {
            return Ok((Some(decoder), taken_in_all));
        }
        assert_eq!(taken, piece.len(), "an unfinished header takes everything");
    }
    Ok((None, taken_in_all))
}

#[test]
fn examples_of_the_rfc_are_encoded_and_decoded_byte_for_byte_at_every_cut() {
    for (octets, fin, opcode, key, payload_len) in EXAMPLES {
        let header = FrameHeader {
            fin: *fin,
            opcode: *opcode,
            masking_key: key.map(MaskingKey::new),
            payload_len: *payload_len,
        };
        assert_eq!(encode(&header), *octets);
        for piece_len in 1..=octets.len() {
            let with_payload = [octets, [0xAA; 3].as_slice()].concat();
            let (decoder, taken) = decode(&with_payload, piece_len, ANY).unwrap();
            let decoder = decoder.unwrap();
            assert_eq!(taken, octets.len());
            assert_eq!((decoder.fin(), decoder.opcode()), (*fin, *opcode));
            assert_eq!(decoder.remaining(), *payload_len);
            assert_eq!(decoder.is_masked(), key.is_some());
            assert_eq!(decoder.masking_key().bytes(), key.unwrap_or_default());
            assert!(decoder.in_payload());
        }
    }
}

#[test]
fn every_broken_rule_has_its_error_at_every_cut() {
    let broken: &[(&[u8], Rules, ProtocolError)] = &[
        (&[0xC1, 0x00], CLIENT, ProtocolError::ReservedBits),
        (&[0xA1, 0x00], CLIENT, ProtocolError::ReservedBits),
        (&[0x91, 0x00], CLIENT, ProtocolError::ReservedBits),
        (&[0x83, 0x00], CLIENT, ProtocolError::ReservedOpcode),
        (&[0x8B, 0x00], CLIENT, ProtocolError::ReservedOpcode),
        (
            &[0x81, 0x80, 1, 2, 3, 4],
            CLIENT,
            ProtocolError::MaskedServerFrame,
        ),
        (
            &[0x81, 0x00],
            Rules::new(Some(true), true),
            ProtocolError::UnmaskedClientFrame,
        ),
        (
            &[0x82, 0x7e, 0x00, 0x7d],
            CLIENT,
            ProtocolError::LengthNotMinimal,
        ),
        (
            &[0x82, 0x7e, 0x00, 0x00],
            CLIENT,
            ProtocolError::LengthNotMinimal,
        ),
        (
            &[0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
            CLIENT,
            ProtocolError::LengthNotMinimal,
        ),
        (
            &[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0],
            CLIENT,
            ProtocolError::LengthTooLarge,
        ),
        (
            &[0x89, 0x7e, 0x00, 0x7e],
            CLIENT,
            ProtocolError::ControlTooLong,
        ),
        (&[0x09, 0x00], CLIENT, ProtocolError::FragmentedControl),
        (&[0x08, 0x00], CLIENT, ProtocolError::FragmentedControl),
    ];
    for (octets, rules, error) in broken {
        for piece_len in 1..=octets.len() {
            assert_eq!(
                decode(octets, piece_len, *rules).err(),
                Some(*error),
                "{octets:02x?} in pieces of {piece_len}"
            );
        }
    }
}

#[test]
fn lenient_rules_take_reserved_bits_and_long_lengths() {
    let lenient = Rules::new(None, false);
    let (decoder, _) = decode(&[0xF2, 0x7e, 0x00, 0x01], 1, lenient).unwrap();
    assert_eq!(decoder.unwrap().remaining(), 1);
}

#[test]
fn an_empty_frame_in_extended_form_is_not_waited_for() {
    let lenient = Rules::new(None, false);
    let (decoder, taken) = decode(&[0x82, 0x7e, 0x00, 0x00], 4, lenient).unwrap();
    assert_eq!((decoder.unwrap().remaining(), taken), (0, 4));
}

#[test]
fn state_is_small() {
    assert!(size_of::<FrameDecoder>() <= 16);
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_at_every_cut(
        fin: bool,
        number in prop::sample::select(vec![0u8, 1, 2]),
        key: Option<[u8; 4]>,
        payload_len in prop_oneof![0u64..300, 65_000u64..66_000, 0u64..1 << 63],
    ) {
        let header = FrameHeader {
            fin,
            opcode: Opcode::from_u8(number).unwrap(),
            masking_key: key.map(MaskingKey::new),
            payload_len,
        };
        let octets = encode(&header);
        for piece_len in 1..=octets.len() {
            let (decoder, taken) = decode(&octets, piece_len, ANY).unwrap();
            let decoder = decoder.unwrap();
            prop_assert_eq!(taken, octets.len());
            prop_assert_eq!(decoder.remaining(), payload_len);
            prop_assert_eq!(decoder.fin(), fin);
            prop_assert_eq!(decoder.opcode(), header.opcode);
            prop_assert_eq!(decoder.is_masked().then(|| decoder.masking_key().bytes()), key);
        }
    }

    #[test]
    fn random_octets_give_the_same_verdict_at_every_cut(octets in prop::collection::vec(any::<u8>(), 0..20)) {
        let whole = decode(&octets, octets.len().max(1), ANY).map(|(d, taken)| (d.map(|d| d.remaining()), taken));
        for piece_len in 1..octets.len() {
            let cut = decode(&octets, piece_len, ANY).map(|(d, taken)| (d.map(|d| d.remaining()), taken));
            prop_assert_eq!(cut, whole);
        }
    }
}
