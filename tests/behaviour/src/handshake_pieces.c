/*
 * The response in pieces, small buffers for it, and frames that come right behind it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_handshake_pieces, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* Frames behind the response: "one" whole, "two" whole, the beginning of a third. */
static const uint8_t tail[] = {0x81, 3, 'o', 'n', 'e', 0x81, 3, 't', 'w', 'o', 0x81, 5, 't', 'h'};

static void receive_tail(struct conn *c)
{
	expect_text(c, "one");
	expect_text(c, "two");
	peer_send(c, "ree", 3);
	expect_text(c, "three");
}

/* I-04 */
ZTEST(ws_handshake_pieces, response_cut_at_every_octet)
{
	struct conn *const c = &conns[0];
	struct peer_script script = {.tail = tail, .tail_len = sizeof(tail), .first = 1, .pause_ms = 1};
	size_t len;

	do {
		conn_prepare(c);
		zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "cut at %u: errno %d", script.first,
			     c->error);
		len = peer_response_len + sizeof(tail);
		receive_tail(c);
		conn_close(c);
		script.first += BEHAVIOUR_CUT_STEP;
	} while (script.first < len);
}

/* I-04 */
ZTEST(ws_handshake_pieces, response_octet_by_octet)
{
	static const struct peer_script script = {
		.tail = tail, .tail_len = sizeof(tail), .first = 1, .piece = 1, .pause_ms = 1};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	receive_tail(c);
}

/* I-04 */
ZTEST(ws_handshake_pieces, wrong_value_in_two_pieces_is_refused)
{
	struct peer_script script = {.response = PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $X\r\n\r\n",
				     .pause_ms = 2};
	struct conn *const c = &conns[0];

	for (size_t from_end = 5; from_end < 5 + 28; from_end += 9) {
		script.first = (uint16_t)(sizeof(PEER_SWITCH PEER_UPGRADE) - 1 + 22 + 32 - from_end);
		conn_prepare(c);
		zassert_equal(conn_handshake(c, &script, PATIENCE_MS, NULL), -ECONNABORTED);
		zassert_equal(c->error, EPROTO, "errno %d", c->error);
		conn_close(c);
	}
}

ZTEST(ws_handshake_pieces, tmp_buf_of_any_size_is_enough)
{
	static const struct peer_script script = {.tail = tail, .tail_len = sizeof(tail)};
	static const size_t sizes[] = {1, 2, 15, 16, 17, 128, 129};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		conn_prepare(c);
		c->request.tmp_buf_len = sizes[i];
		memset(c->tmp, 0xA5, sizeof(c->tmp));
		zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "size %u: errno %d",
			     (unsigned int)sizes[i], c->error);
		receive_tail(c);
		expect_usable(c);
		for (size_t j = sizes[i]; j < sizeof(c->tmp); j++) {
			zassert_equal(c->tmp[j], 0xA5, "size %u: octet %u is overwritten", (unsigned int)sizes[i],
				      (unsigned int)j);
		}
		conn_close(c);
	}
}

/* I-11 */
ZTEST(ws_handshake_pieces, frames_in_the_segment_of_the_response_are_kept)
{
	conn_open_with(&conns[0], tail, sizeof(tail));
	receive_tail(&conns[0]);
	expect_usable(&conns[0]);
}

/* I-11 */
ZTEST(ws_handshake_pieces, frames_behind_the_response_can_be_received_without_waiting)
{
	struct conn *const c = &conns[0];

	conn_open_with(c, tail, sizeof(tail));
	expect_message_now(c, TEXT, "one", 3, 0);
	expect_message_now(c, TEXT, "two", 3, 0);
	/* Two of the five octets of the third one: they are given with both outputs set. */
	expect_message_now(c, TEXT, "th", 2, 3);
	expect_receive_error(c, EAGAIN, 0);
}

/* I-11 */
ZTEST(ws_handshake_pieces, close_behind_the_response_is_seen)
{
	static const uint8_t close_frame[] = {0x88, 2, 0x03, 0xE8};
	struct conn *const c = &conns[0];

	conn_open_with(c, close_frame, sizeof(close_frame));
	expect_message(c, CLOSE, "\x03\xE8", 2, 0);
	expect_close(c, 1000);
	expect_receive_error(c, ENOTCONN, 0);
}
