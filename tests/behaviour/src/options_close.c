/*
 * Code and reason of both Close frames, as options.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_options_close, NULL, NULL, conn_before_test, conn_after_test, NULL);

static void open_as(struct conn *c, bool is_server)
{
	if (is_server) {
		conn_open_server(c);
	} else {
		conn_open(c);
	}
}

/* I-95 */
ZTEST(ws_options_close, code_and_reason_are_seen_by_the_peer)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < 2; i++) {
		open_as(c, i != 0);
		set_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4001);
		set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "sch\xc3\xb6n");
		zassert_ok(zsock_close(c->ws));
		c->ws = -1;
		expect_frame(c, FIN_CLOSE, "\x0f\xa1sch\xc3\xb6n", 8);
		expect_silence(c);
		conn_close(c);
	}
	/* As long as a Close frame can be. */
	open_as(c, false);
	zassert_ok(zsock_setsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_CLOSE_REASON, letters(),
				    CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE));
	zassert_ok(websocket_disconnect(c->ws));
	c->ws = -1;
	zassert_true(expect_header(c).len == 2 + CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE);
}

/* I-95: the answer to the peer's Close has the peer's code. */
ZTEST(ws_options_close, options_do_not_change_the_answer_to_a_close)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4001);
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "mine");
	peer_frame(c, FIN_CLOSE, "\x03\xE9", 2);
	expect_message(c, CLOSE, "\x03\xE9", 2, 0);
	expect_frame(c, FIN_CLOSE, "\x03\xE9", 2);
}

static void expect_peer_close(struct conn *c, int code, const char *reason)
{
	expect_number(c, WEBSOCKET_OPT_PEER_CLOSE_CODE, code);
	expect_option_text(c, WEBSOCKET_OPT_PEER_CLOSE_REASON, reason);
}

static ssize_t receive_octet(struct conn *c)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, 0);
}

/* I-95 */
ZTEST(ws_options_close, code_and_reason_of_the_peer)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < 2; i++) {
		open_as(c, i != 0);
		peer_text(c, "x");
		peer_frame(c, FIN_CLOSE, "\x03\xE9going away", 12);
		zassert_equal(receive_octet(c), 1);
		zassert_equal(receive_octet(c), 0);
		expect_peer_close(c, 1001, "going away");
		zassert_equal(receive_octet(c), 0);
		expect_peer_close(c, 1001, "going away");
		/* What follows a Close is not looked at. */
		peer_text(c, "y");
		zassert_equal(receive_octet(c), 0);
		expect_peer_close(c, 1001, "going away");
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_options_close, code_and_reason_of_the_peer_after_receiving_frames)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < 2; i++) {
		uint8_t small[5];
		uint32_t type;
		uint64_t remaining;

		open_as(c, i != 0);
		peer_frame(c, FIN_CLOSE, "\x0F\xA0" "because", 9);
		/* In two pieces: the reason is whole all the same. */
		zassert_equal(websocket_recv_msg(c->ws, small, sizeof(small), &type, &remaining, PATIENCE_MS), 5);
		zassert_mem_equal(small, "\x0F\xA0" "bec", 5);
		expect_peer_close(c, 4000, "because");
		expect_message(c, CLOSE, "ause", 4, 0);
		expect_peer_close(c, 4000, "because");
		expect_receive_error(c, ENOTCONN, 0);
		expect_peer_close(c, 4000, "because");
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_options_close, code_and_reason_of_the_peer_after_a_poll)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE8" "bye", 5);
	wait_readable(c->ws);
	expect_peer_close(c, 1000, "bye");
	zassert_equal(receive_octet(c), 0);
	expect_peer_close(c, 1000, "bye");
}

/* I-95 */
ZTEST(ws_options_close, close_without_a_code_is_1005)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_CLOSE, NULL, 0);
	zassert_equal(receive_octet(c), 0);
	expect_peer_close(c, 1005, "");
}

/* I-95 */
ZTEST(ws_options_close, end_without_a_close_is_1006)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	zassert_equal(receive_octet(c), 0);
	expect_peer_close(c, 1006, "");
}

/* I-95 */
ZTEST(ws_options_close, end_behind_a_close_does_not_change_the_code)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE9", 2);
	zsock_close(c->peer);
	c->peer = -1;
	zassert_equal(receive_octet(c), 0);
	zassert_equal(receive_octet(c), 0);
	expect_peer_close(c, 1001, "");
}
