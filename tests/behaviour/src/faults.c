/*
 * What the library asks of the socket below it, and what it makes of a socket that is slow, moody or broken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_faults, NULL, NULL, conn_before_test, conn_after_test, NULL);

static void prepare_filtered(struct conn *c)
{
	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
}

static void handshake_filtered(struct conn *c)
{
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	filter.sends = 0;
	filter.receives = 0;
}

static void open_filtered(struct conn *c)
{
	prepare_filtered(c);
	handshake_filtered(c);
}

static int send_letters(struct conn *c, size_t len, int32_t timeout_ms)
{
	return websocket_send_msg(c->ws, letters(), len, WEBSOCKET_OPCODE_DATA_BINARY, true, true, timeout_ms);
}

ZTEST(ws_faults, request_leaves_in_as_few_sends_as_the_send_buffer_allows)
{
	prepare_filtered(&conns[0]);
	zassert_true(conn_handshake(&conns[0], NULL, PATIENCE_MS, NULL) >= 0);
	zassert_equal(filter.sends, (int)DIV_ROUND_UP(peer_request_len, CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE), "%d sends",
		      filter.sends);
}

ZTEST(ws_faults, small_message_leaves_in_one_send)
{
	struct conn *const c = &conns[0];

	open_filtered(c);
	for (size_t len = 0; len <= 100; len += 20) {
		filter.sends = 0;
		zassert_equal(send_letters(c, len, PATIENCE_MS), (int)len);
		zassert_equal(filter.sends, 1, "%d sends", filter.sends);
		expect_frame(c, FIN_BINARY, letters(), len);
	}
	peer_frame(c, FIN_PING, letters(), 20);
	filter.sends = 0;
	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG) && !IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL)) {
		expect_message(c, PING, letters(), 20, 0);
		expect_frame(c, FIN_PONG, letters(), 20);
		zassert_equal(filter.sends, 1, "%d sends", filter.sends);
	}
}

ZTEST(ws_faults, frames_of_one_segment_are_read_at_once)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b', 0x81, 1, 'c'};
	struct conn *const c = &conns[0];

	open_filtered(c);
	peer_send(c, frames, sizeof(frames));
	wait_readable(c->tcp);
	filter.receives = 0;
	expect_message_now(c, TEXT, "a", 1, 0);
	expect_message_now(c, TEXT, "b", 1, 0);
	expect_message_now(c, TEXT, "c", 1, 0);
	zassert_equal(filter.receives, 1, "%d receives", filter.receives);
}

ZTEST(ws_faults, socket_that_takes_little_at_a_time)
{
	static const size_t limits[] = {1, 2, 3, 5, 13, 127};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		prepare_filtered(c);
		filter.send_limit = limits[i];
		filter.receive_limit = limits[i];
		handshake_filtered(c);
		for (size_t len = 0; len < 300; len += 33) {
			zassert_equal(send_letters(c, len, PATIENCE_MS), (int)len);
			expect_frame(c, FIN_BINARY, letters(), len);
			peer_frame(c, FIN_BINARY, letters(), len);
			expect_message(c, BINARY, letters(), len, 0);
		}
		conn_close(c);
	}
}

/* I-56: a TLS socket wants the same octets again after EAGAIN. */
ZTEST(ws_faults, socket_that_refuses_every_other_send)
{
	struct conn *const c = &conns[0];

	prepare_filtered(c);
	filter.hesitates = true;
	filter.send_limit = 50;
	handshake_filtered(c);
	for (size_t len = 0; len < 400; len += 57) {
		zassert_equal(send_letters(c, len, PATIENCE_MS), (int)len, "length %u", (unsigned int)len);
		expect_frame(c, FIN_BINARY, letters(), len);
		zassert_equal(send_letters(c, len, SYS_FOREVER_MS), (int)len, "length %u", (unsigned int)len);
		expect_frame(c, FIN_BINARY, letters(), len);
	}
	zassert_false(filter.is_torn_retry, "other octets were offered after EAGAIN");
}

/* I-37 */
ZTEST(ws_faults, data_that_poll_announces_but_receive_has_not)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	open_filtered(c);
	peer_text(c, "one");
	filter.empty_receives = 3;
	expect_message_at(__LINE__, c, TEXT, "one", 3, 0, SYS_FOREVER_MS);
	peer_text(c, "two");
	filter.empty_receives = 3;
	expect_text(c, "two");
	peer_text(c, "3");
	filter.empty_receives = 3;
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1);
	zassert_equal(octet, '3');
}

/* I-55 */
ZTEST(ws_faults, error_in_the_middle_of_a_frame_ends_sending)
{
	struct conn *const c = &conns[0];
	uint8_t octets[64];
	int result;

	open_filtered(c);
	filter.send_errno = EIO;
	filter.sends_left = 20;
	errno = 0;
	result = send_letters(c, 200, SHORT_MS);
	zassert_true(result < 0 && errno == -result, "result %d, errno %d", result, errno);
	/* The socket is well again, but the stream is not. */
	filter.send_errno = 0;
	expect_error(send_letters(c, 5, SHORT_MS), ECONNABORTED);
	expect_errno(zsock_send(c->ws, "x", 1, 0), ECONNABORTED);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	for (size_t at = 0; at < 20;) {
		at += peer_read(c, octets, sizeof(octets));
		zassert_true(at <= 20, "something follows the torn frame");
	}
	expect_silence(c);
}

/* I-55 */
ZTEST(ws_faults, error_before_the_first_octet_harms_nothing)
{
	struct conn *const c = &conns[0];

	open_filtered(c);
	filter.send_errno = EIO;
	expect_error(send_letters(c, 200, SHORT_MS), EIO);
	expect_errno(zsock_send(c->ws, "x", 1, 0), EIO);
	filter.send_errno = 0;
	expect_silence(c);
	expect_usable(c);
}

/* A network stack without buffers is full, not broken. */
ZTEST(ws_faults, no_buffers_is_no_room)
{
	struct conn *const c = &conns[0];
	const int64_t start = (open_filtered(c), k_uptime_get());

	filter.send_errno = ENOBUFS;
	expect_error(send_letters(c, 10, SHORT_MS), ETIMEDOUT);
	zassert_true(k_uptime_get() - start >= SHORT_MS);
	expect_error(send_letters(c, 10, 0), EAGAIN);
	filter.send_errno = 0;
	expect_silence(c);
	expect_usable(c);
}
