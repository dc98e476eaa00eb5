/*
 * Pings and pongs: answered by the library, reported to websocket_recv_msg().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

static bool reported(const void *state)
{
	ARG_UNUSED(state);

	return IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG) && !IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL);
}

ZTEST_SUITE(ws_control, reported, NULL, conn_before_test, conn_after_test, NULL);

/* I-31 */
ZTEST(ws_control, ping_is_answered_and_reported)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, "\x00\xFFping", 6);
	expect_message(c, PING, "\x00\xFFping", 6, 0);
	expect_frame(c, FIN_PONG, "\x00\xFFping", 6);
	expect_silence(c);
	expect_usable(c);
}

/* I-31 */
ZTEST(ws_control, ping_without_payload)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, NULL, 0);
	expect_message(c, PING, NULL, 0, 0);
	expect_frame(c, FIN_PONG, NULL, 0);
	expect_usable(c);
}

/* I-31 */
ZTEST(ws_control, ping_with_the_longest_payload)
{
	struct conn *const c = &conns[0];

	if (CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE < 131) {
		/* No room for its answer. */
		ztest_test_skip();
	}
	conn_open(c);
	peer_frame(c, FIN_PING, letters(), 125);
	expect_message(c, PING, letters(), 125, 0);
	expect_frame(c, FIN_PONG, letters(), 125);
	expect_usable(c);
}

/* I-31: a pong is either the ping's payload or does not come. */
ZTEST(ws_control, ping_longer_than_tmp_buf_is_never_answered_wrongly)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[128];
	uint64_t remaining = 1;
	size_t at = 0;

	if (conn_tls_protocol != 0) {
		/* The peer's TLS socket knows no MSG_PEEK. */
		ztest_test_skip();
	}
	conn_prepare(c);
	c->request.tmp_buf_len = 16;
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	peer_frame(c, FIN_PING, letters(), 100);
	while (remaining > 0) {
		uint32_t type = 0;
		const int got = websocket_recv_msg(c->ws, &buffer[at], sizeof(buffer) - at, &type, &remaining,
						   PATIENCE_MS);

		zassert_true(got >= 0 && type == PING, "result %d, type %x", got, type);
		at += (size_t)got;
	}
	zassert_equal(at, 100);
	zassert_mem_equal(buffer, letters(), 100);
	/* Whatever the peer has got: a whole pong, or nothing. */
	zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"next", 4, WEBSOCKET_OPCODE_DATA_TEXT, true, true,
					 PATIENCE_MS), 4);
	{
		struct zsock_pollfd pollfd = {.fd = c->peer, .events = ZSOCK_POLLIN};
		uint8_t first = 0;

		zassert_equal(zsock_poll(&pollfd, 1, PATIENCE_MS), 1);
		zassert_equal(zsock_recv(c->peer, &first, 1, ZSOCK_MSG_PEEK), 1);
		if (first == FIN_PONG) {
			expect_frame(c, FIN_PONG, letters(), 100);
		}
	}
	expect_frame(c, FIN_TEXT, "next", 4);
	expect_usable(c);
}

/* I-31 */
ZTEST(ws_control, ping_is_answered_before_the_next_data_is_given)
{
	static const uint8_t frames[] = {0x89, 2, 'p', 'i', 0x81, 4, 'd', 'a', 't', 'a'};
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_send(c, frames, sizeof(frames));
	expect_message(c, PING, "pi", 2, 0);
	zassert_equal(websocket_recv_msg(c->ws, &octet, 1, NULL, NULL, PATIENCE_MS), 1);
	expect_frame(c, FIN_PONG, "pi", 2);
	expect_message(c, TEXT, "ata", 3, 0);
}

/* I-31 */
ZTEST(ws_control, ping_in_pieces_is_answered_once)
{
	static const uint8_t frame[] = {0x89, 6, 'p', 'i', 'e', 'c', 'e', 's'};
	struct conn *const c = &conns[0];
	uint8_t buffer[8];
	size_t at = 0;

	conn_open(c);
	for (size_t i = 0; i < sizeof(frame); i++) {
		uint32_t type = 0;
		uint64_t remaining = 99;
		int got;

		peer_send(c, &frame[i], 1);
		wait_readable(c->tcp);
		got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, 0);
		if (got == -EAGAIN) {
			continue;
		}
		zassert_true(got > 0 && type == PING, "result %d, type %x", got, type);
		zassert_mem_equal(buffer, &frame[2 + at], (size_t)got);
		at += (size_t)got;
		zassert_true(remaining == 6 - at);
	}
	zassert_equal(at, 6);
	expect_frame(c, FIN_PONG, "pieces", 6);
	expect_silence(c);
	expect_usable(c);
}

/* I-31 */
ZTEST(ws_control, ping_through_a_small_buffer_is_answered_once)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[4];
	size_t at = 0;

	conn_open(c);
	peer_frame(c, FIN_PING, "0123456789", 10);
	while (at < 10) {
		uint32_t type = 0;
		uint64_t remaining = 0;
		const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, PATIENCE_MS);

		zassert_equal(got, (int)MIN(4, 10 - at));
		zassert_equal(type, PING);
		at += (size_t)got;
		zassert_true(remaining == 10 - at);
	}
	expect_frame(c, FIN_PONG, "0123456789", 10);
	expect_silence(c);
}

/* I-31 */
ZTEST(ws_control, pings_inside_a_fragmented_message)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "one", 3);
	peer_frame(c, FIN_PING, "1", 1);
	peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, "two", 3);
	peer_frame(c, FIN_PONG, "unasked", 7);
	peer_frame(c, FIN_PING, "2", 1);
	peer_frame(c, FIN_CONTINUE, "three", 5);
	expect_message(c, WEBSOCKET_FLAG_TEXT, "one", 3, 0);
	expect_message(c, PING, "1", 1, 0);
	expect_frame(c, FIN_PONG, "1", 1);
	expect_message(c, WEBSOCKET_FLAG_TEXT, "two", 3, 0);
	expect_message(c, PONG, "unasked", 7, 0);
	expect_message(c, PING, "2", 1, 0);
	expect_message(c, TEXT, "three", 5, 0);
	expect_frame(c, FIN_PONG, "2", 1);
	expect_silence(c);
}

/* I-31 */
ZTEST(ws_control, many_pings_in_one_segment_are_all_answered)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (uint8_t i = 0; i < 20; i++) {
		peer_frame(c, FIN_PING, &i, 1);
	}
	for (uint8_t i = 0; i < 20; i++) {
		expect_message(c, PING, &i, 1, 0);
	}
	for (uint8_t i = 0; i < 20; i++) {
		expect_frame(c, FIN_PONG, &i, 1);
	}
	expect_usable(c);
}

/* I-31: OCPP answers by itself, and a second pong is legal. */
ZTEST(ws_control, application_may_answer_as_well)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, "p", 1);
	expect_message(c, PING, "p", 1, 0);
	zassert_equal(websocket_send_msg(c->ws, NULL, 0, WEBSOCKET_OPCODE_PONG, true, true, SHORT_MS), 0);
	expect_frame(c, FIN_PONG, "p", 1);
	expect_frame(c, FIN_PONG, NULL, 0);
	expect_usable(c);
}
