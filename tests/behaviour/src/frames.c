/*
 * Frames on the peer's side, built and parsed without the library under test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "frames.h"
#include "suite.h"

#define RECEIVE_SIZE 1024
#define CHUNK_SIZE 64

/* Octets above 0x7f find errors in arithmetic with signs. */
static const uint8_t peer_key[4] = {0xe1, 0x7e, 0x8e, 0xb9};

const uint8_t *letters(void)
{
	static uint8_t pattern[BEHAVIOUR_STALL_SIZE];

	if (pattern[0] == 0) {
		for (size_t i = 0; i < sizeof(pattern); i++) {
			pattern[i] = (uint8_t)('a' + (i + i / 26 + i / 251) % 26);
		}
	}

	return pattern;
}

size_t frame_build(const struct conn *c, uint8_t *frame, uint8_t first, const void *payload, size_t len)
{
	const uint8_t mask_bit = c->is_server ? 0x80 : 0;
	size_t at = 0;

	frame[at++] = first;
	if (len < 126) {
		frame[at++] = mask_bit | (uint8_t)len;
	} else if (len < 65536) {
		frame[at++] = mask_bit | 126;
		frame[at++] = (uint8_t)(len >> 8);
		frame[at++] = (uint8_t)len;
	} else {
		frame[at++] = mask_bit | 127;
		for (int shift = 56; shift >= 0; shift -= 8) {
			frame[at++] = (uint8_t)((uint64_t)len >> shift);
		}
	}
	if (mask_bit != 0) {
		memcpy(&frame[at], peer_key, sizeof(peer_key));
		at += sizeof(peer_key);
	}
	for (size_t i = 0; payload != NULL && i < len; i++) {
		frame[at++] = ((const uint8_t *)payload)[i] ^ (mask_bit != 0 ? peer_key[i % 4] : 0);
	}

	return at;
}

void peer_send_at(int line, struct conn *c, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	while (len > 0) {
		const ssize_t sent = zsock_send(c->peer, at, len, 0);

		zassert_true(sent > 0, "line %d: the peer cannot send: errno %d", line, errno);
		at += sent;
		len -= (size_t)sent;
	}
}

void peer_frame_at(int line, struct conn *c, uint8_t first, const void *payload, size_t len)
{
	static uint8_t frame[FRAME_ROOM];

	zassert_true(len <= FRAME_ROOM - 14, "line %d: too long for peer_frame()", line);
	peer_send_at(line, c, frame, frame_build(c, frame, first, payload, len));
}

/* What has come after this time: octets, 0 at the end, -1: nothing. */
static ssize_t read_some(int sock, void *buffer, size_t size, int timeout_ms)
{
	struct zsock_pollfd pollfd = {.fd = sock, .events = ZSOCK_POLLIN};
	ssize_t got;

	if (zsock_poll(&pollfd, 1, timeout_ms) <= 0) {
		return -1;
	}
	got = zsock_recv(sock, buffer, size, ZSOCK_MSG_DONTWAIT);

	/* A connection that was reset has ended, too. */
	return got < 0 ? 0 : got;
}

size_t peer_read(struct conn *c, void *buffer, size_t size)
{
	const ssize_t got = read_some(c->peer, buffer, size, PATIENCE_MS);

	zassert_true(got >= 0, "nothing has come to the peer");

	return (size_t)got;
}

static void read_exactly(int line, struct conn *c, void *buffer, size_t len)
{
	uint8_t *at = buffer;

	while (len > 0) {
		const ssize_t got = read_some(c->peer, at, len, PATIENCE_MS);

		zassert_true(got != 0, "line %d: the stream has ended inside or before a frame", line);
		zassert_true(got > 0, "line %d: no frame has come to the peer", line);
		at += got;
		len -= (size_t)got;
	}
}

struct frame expect_header_at(int line, struct conn *c)
{
	struct frame frame = {0};
	uint8_t octets[8];
	size_t len_octets;

	read_exactly(line, c, octets, 2);
	frame.first = octets[0];
	frame.is_masked = (octets[1] & 0x80) != 0;
	frame.len = octets[1] & 0x7f;
	len_octets = frame.len == 126 ? 2 : frame.len == 127 ? 8 : 0;
	if (len_octets > 0) {
		frame.len = 0;
		read_exactly(line, c, octets, len_octets);
		for (size_t i = 0; i < len_octets; i++) {
			frame.len = frame.len << 8 | octets[i];
		}
		zassert_true(frame.len >= (len_octets == 2 ? 126U : 65536U), "line %d: not the shortest form", line);
	}
	if (frame.is_masked) {
		read_exactly(line, c, frame.key, sizeof(frame.key));
	}

	return frame;
}

static void check_kind(int line, const struct conn *c, const struct frame *frame, uint8_t first)
{
	zassert_equal(frame->first, first, "line %d: a frame that begins with 0x%02x, not 0x%02x", line, frame->first,
		      first);
	zassert_equal(frame->is_masked, !c->sends_unmasked, "line %d: masked is %d", line, frame->is_masked);
}

struct frame expect_frame_at(int line, struct conn *c, uint8_t first, const void *payload, size_t len)
{
	const struct frame frame = expect_header_at(line, c);
	const uint8_t *const wanted = payload;
	uint8_t chunk[CHUNK_SIZE];
	size_t at = 0;

	check_kind(line, c, &frame, first);
	zassert_true(frame.len == len, "line %d: length %u, not %u", line, (unsigned int)frame.len,
		     (unsigned int)len);
	while (at < len) {
		const size_t part = MIN(len - at, sizeof(chunk));

		read_exactly(line, c, chunk, part);
		for (size_t i = 0; i < part; i++, at++) {
			zassert_equal(chunk[i] ^ frame.key[at % 4], wanted[at], "line %d: octet %u of the payload", line,
				      (unsigned int)at);
		}
	}

	return frame;
}

void expect_close_at(int line, struct conn *c, uint16_t code)
{
	const struct frame frame = expect_header_at(line, c);
	uint8_t payload[125];
	uint16_t got;

	check_kind(line, c, &frame, FIN_CLOSE);
	zassert_true(frame.len <= sizeof(payload) && frame.len != 1, "line %d: %u octets in a Close", line,
		     (unsigned int)frame.len);
	read_exactly(line, c, payload, (size_t)frame.len);
	got = frame.len == 0 ? 0
			     : (uint16_t)((payload[0] ^ frame.key[0]) << 8 | (payload[1] ^ frame.key[1]));
	zassert_equal(got, code, "line %d: Close %u, not %u", line, got, code);
}

void expect_silence_at(int line, struct conn *c)
{
	uint8_t octet = 0;
	const ssize_t got = read_some(c->peer, &octet, 1, SHORT_MS);

	zassert_true(got < 0, "line %d: %s at the peer, 0x%02x", line, got == 0 ? "the end" : "data", octet);
}

void expect_end_at(int line, struct conn *c)
{
	uint8_t octet = 0;
	const ssize_t got = read_some(c->peer, &octet, 1, PATIENCE_MS);

	zassert_true(got == 0, "line %d: %s, 0x%02x, instead of the end", line, got < 0 ? "nothing" : "data", octet);
}

void expect_message_at(int line, struct conn *c, uint32_t type, const void *payload, size_t len, uint64_t remaining,
		       int32_t timeout_ms)
{
	static uint8_t buffer[RECEIVE_SIZE];
	uint32_t got_type = UINT32_MAX;
	uint64_t got_remaining = UINT64_MAX;
	const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &got_type, &got_remaining, timeout_ms);

	zassert_equal(got, (int)len, "line %d: result %d, not %d; errno %d", line, got, (int)len, errno);
	if (len > 0) {
		zassert_mem_equal(buffer, payload, len, "line %d: payload", line);
	}
	zassert_equal(got_type, type, "line %d: type 0x%x, not 0x%x", line, got_type, type);
	zassert_true(got_remaining == remaining, "line %d: %u octets remaining, not %u", line,
		     (unsigned int)got_remaining, (unsigned int)remaining);
}

void expect_receive_error_at(int line, struct conn *c, int error, int32_t timeout_ms)
{
	uint8_t buffer[RECEIVE_SIZE / 8];
	uint32_t type = 0;
	uint64_t remaining = 0;
	int got, got_errno;

	errno = 0;
	got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, timeout_ms);
	got_errno = errno;
	zassert_equal(got, -error, "line %d: result %d, not %d", line, got, -error);
	zassert_equal(got_errno, error, "line %d: errno %d, not %d", line, got_errno, error);
}

void expect_usable_at(int line, struct conn *c)
{
	static const char out[] = "still", in[] = "here";
	const int sent = websocket_send_msg(c->ws, (const uint8_t *)out, strlen(out), WEBSOCKET_OPCODE_DATA_TEXT,
					    !c->sends_unmasked, true, PATIENCE_MS);

	zassert_equal(sent, (int)strlen(out), "line %d: send gives %d", line, sent);
	(void)expect_frame_at(line, c, FIN_TEXT, out, strlen(out));
	peer_frame_at(line, c, FIN_TEXT, in, strlen(in));
	expect_message_at(line, c, TEXT, in, strlen(in), 0, PATIENCE_MS);
}
