/*
 * The closing handshake from both sides, and who closes which descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_close, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* The application's TCP socket still works. */
static void expect_tcp_open(struct conn *c)
{
	char octet = 0;

	zassert_equal(zsock_send(c->tcp, "x", 1, 0), 1, "errno %d", errno);
	zassert_equal(peer_read(c, &octet, 1), 1);
	zassert_equal(octet, 'x');
}

/* I-70 */
ZTEST(ws_close, closing_sends_1000_and_leaves_the_socket_open)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_close(c, 1000);
	zassert_equal(slots_used(), 0);
	expect_tcp_open(c);
}

ZTEST(ws_close, disconnecting_does_the_same)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(websocket_disconnect(c->ws));
	expect_close(c, 1000);
	expect_tcp_open(c);
	/* I-73 */
	expect_errno(websocket_disconnect(c->ws), EBADF);
	c->ws = -1;
	expect_silence(c);
}

/* I-73 */
ZTEST(ws_close, disconnecting_a_closed_descriptor_fails_with_ebadf)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_close(c->ws));
	expect_errno(websocket_disconnect(c->ws), EBADF);
	expect_errno(websocket_disconnect(-1), EBADF);
	expect_errno(zsock_close(c->ws), EBADF);
	c->ws = -1;
}

ZTEST(ws_close, unregistering_closes_both)
{
	struct conn *const c = &conns[0];
	char octet;

	conn_open(c);
	zassert_ok(websocket_unregister(c->ws));
	expect_close(c, 1000);
	expect_end(c);
	expect_errno(zsock_recv(c->tcp, &octet, 1, ZSOCK_MSG_DONTWAIT), EBADF);
	expect_errno(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT), EBADF);
	expect_error(websocket_unregister(c->ws), ENOENT);
	c->ws = -1;
	c->tcp = -1;
	zassert_equal(slots_used(), 0);
}

ZTEST(ws_close, unregistering_what_is_no_websocket_fails)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_error(websocket_unregister(c->tcp), ENOENT);
	expect_error(websocket_unregister(9999), ENOENT);
	expect_error(websocket_unregister(-1), EINVAL);
	expect_usable(c);
}

/* I-72 */
ZTEST(ws_close, unregistering_one_leaves_the_others)
{
	struct conn *const a = &conns[0], *const b = &conns[1];

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	for (int i = 0; i < 10; i++) {
		conn_open(a);
		conn_open(b);
		zassert_ok(websocket_unregister(a->ws));
		a->ws = -1;
		a->tcp = -1;
		zsock_close(a->peer);
		a->peer = -1;
		conn_open(a);
		expect_usable(b);
		expect_usable(a);
		conn_close(a);
		conn_close(b);
	}
}

/* I-20 */
ZTEST(ws_close, close_of_the_peer_is_echoed_once_and_reported)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE9going", 7);
	expect_message(c, CLOSE, "\x03\xE9going", 7, 0);
	expect_close(c, 1001);
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_receive_error(c, ENOTCONN, SYS_FOREVER_MS);
	/* I-71 */
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_silence(c);
}

/* I-20 */
ZTEST(ws_close, close_without_a_code_is_echoed_without_a_code)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_CLOSE, NULL, 0);
	expect_message(c, CLOSE, NULL, 0, 0);
	expect_close(c, 0);
	expect_receive_error(c, ENOTCONN, 0);
}

/* I-20 */
ZTEST(ws_close, close_in_pieces_and_through_a_small_buffer)
{
	static const uint8_t frame[] = {0x88, 6, 0x03, 0xE8, 'g', 'o', 'o', 'd'};
	struct conn *const c = &conns[0];
	uint8_t buffer[3];
	size_t at = 0;

	conn_open(c);
	for (size_t i = 0; i < sizeof(frame); i++) {
		peer_send(c, &frame[i], 1);
		k_msleep(1);
	}
	while (at < 6) {
		uint32_t type = 0;
		uint64_t remaining = 99;
		const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, PATIENCE_MS);

		zassert_true(got > 0 && type == CLOSE, "result %d, type %x", got, type);
		zassert_mem_equal(buffer, &frame[2 + at], (size_t)got);
		at += (size_t)got;
		zassert_true(remaining == 6 - at);
	}
	expect_close(c, 1000);
	expect_receive_error(c, ENOTCONN, 0);
	expect_silence(c);
}

/* I-20 */
ZTEST(ws_close, nothing_is_received_behind_the_close_of_the_peer)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x88, 2, 0x03, 0xE8, 0x81, 1, 'x', 0xFF, 0xFF);
	expect_message(c, CLOSE, "\x03\xE8", 2, 0);
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_close(c, 1000);
	expect_silence(c);
}

ZTEST(ws_close, nothing_is_sent_behind_the_close)
{
	struct conn *const c = &conns[0];
	int result;

	conn_open(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	expect_message(c, CLOSE, "\x03\xE8", 2, 0);
	expect_close(c, 1000);
	errno = 0;
	result = websocket_send_msg(c->ws, letters(), 5, WEBSOCKET_OPCODE_DATA_TEXT, true, true, SHORT_MS);
	zassert_true(result < 0, "result %d", result);
	zassert_equal(errno, -result);
	expect_silence(c);
}

/* I-71 */
ZTEST(ws_close, close_that_the_application_sent_is_not_sent_again)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"\x0F\xA0", 2, WEBSOCKET_OPCODE_CLOSE, true, true,
					 PATIENCE_MS), 2);
	expect_close(c, 4000);
	/* The peer may go on until its own Close, and that one is no longer answered. */
	peer_text(c, "last words");
	expect_text(c, "last words");
	peer_frame(c, FIN_CLOSE, "\x0F\xA0", 2);
	expect_message(c, CLOSE, "\x0F\xA0", 2, 0);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_silence(c);
}

ZTEST(ws_close, end_without_a_close_is_enotconn)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_receive_error(c, ENOTCONN, 0);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zassert_equal(slots_used(), 0);
}

ZTEST(ws_close, closing_after_the_peer_has_gone_succeeds)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	k_msleep(SHORT_MS);
	zassert_ok(zsock_close(c->ws), "errno %d", errno);
	c->ws = -1;
	zassert_equal(slots_used(), 0);
}

/* I-74 */
ZTEST(ws_close, closing_after_the_socket_below_was_closed_succeeds)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->tcp);
	c->tcp = -1;
	expect_end(c);
	zassert_ok(zsock_close(c->ws), "errno %d", errno);
	c->ws = -1;
	zassert_equal(slots_used(), 0);
}

/* The number of c->tcp is the stranger's by now: the websocket must have nothing to do with it. */
static void check_stranger(struct conn *c, struct conn *stranger)
{
	char octet;

	expect_error(websocket_send_msg(c->ws, letters(), 5, WEBSOCKET_OPCODE_DATA_TEXT, true, true, SHORT_MS),
		     ENOTCONN);
	peer_send(stranger, "\x81\x01x", 3);
	expect_receive_error(c, ENOTCONN, SHORT_MS);
	/* Over TLS the first failure may have been in the middle of a record. */
	zassert_equal(zsock_send(c->ws, "x", 1, 0), -1);
	zassert_true(errno == ENOTCONN || (conn_tls_protocol != 0 && errno == ECONNABORTED), "errno %d", errno);
	zassert_ok(websocket_disconnect(c->ws));
	c->ws = -1;
	expect_silence(stranger);
	/* What was for the stranger is still there. */
	zassert_equal(zsock_recv(stranger->tcp, &octet, 1, ZSOCK_MSG_DONTWAIT), 1);
	zassert_equal((uint8_t)octet, 0x81);
}

/* I-74 */
ZTEST(ws_close, stranger_on_the_number_of_the_closed_socket_gets_nothing)
{
	struct conn *const spare = &conns[0], *const other = &conns[1], *const c = &conns[2];
	static struct conn stranger;
	int number;

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	/*
	 * The spare's socket is given back and its number taken by a websocket, which needs no socket. So the next
	 * socket is the spare's with the number of the closed one.
	 */
	conn_prepare(spare);
	conn_prepare(other);
	conn_open(c);
	number = c->tcp;
	zsock_close(spare->tcp);
	spare->tcp = -1;
	zassert_true(conn_handshake(other, NULL, PATIENCE_MS, NULL) >= 0);
	zsock_close(c->tcp);
	c->tcp = -1;
	stranger = (struct conn){.ws = -1};
	conn_tcp_pair(&stranger.tcp, &stranger.peer);
	/* So that both ends are closed after the test. */
	spare->tcp = stranger.tcp;
	zsock_close(spare->peer);
	spare->peer = stranger.peer;
	if (stranger.tcp != number) {
		ztest_test_skip();
	}
	check_stranger(c, &stranger);
}

/* I-74: the order of OCPP's reconnect. */
ZTEST(ws_close, stranger_in_the_place_of_the_closed_socket_gets_nothing)
{
	struct conn *const c = &conns[0], *const stranger = &conns[1];
	const int number = (conn_open(c), c->tcp);

	zsock_close(c->tcp);
	c->tcp = -1;
	conn_tcp_pair(&stranger->tcp, &stranger->peer);
	if (stranger->tcp != number) {
		ztest_test_skip();
	}
	check_stranger(c, stranger);
}

/* I-74 */
ZTEST(ws_close, new_websocket_on_the_number_of_the_closed_socket)
{
	struct conn *const old = &conns[0], *const new = &conns[1];
	int64_t start;

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	conn_open(old);
	zsock_close(old->tcp);
	old->tcp = -1;
	conn_prepare(new);
	start = k_uptime_get();
	zassert_ok(websocket_disconnect(old->ws));
	old->ws = -1;
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS);
	zassert_true(conn_handshake(new, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", new->error);
	expect_usable(new);
}
