/*
 * zsock_select() on websockets, and polls of several of them: the same promises as poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_select, NULL, NULL, conn_before_test, conn_after_test, NULL);

static int select_readable(int a, int b, zsock_fd_set *set, int timeout_ms)
{
	struct zsock_timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};

	ZSOCK_FD_ZERO(set);
	ZSOCK_FD_SET(a, set);
	ZSOCK_FD_SET(b, set);

	return zsock_select(MAX(a, b) + 1, set, NULL, NULL, &limit);
}

/* I-90 */
ZTEST(ws_select, readable_is_what_recv_gives)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x89, 0, 0x81, 1, 'b'};
	static zsock_fd_set set;
	struct conn *const c = &conns[0], *const plain = &conns[1];
	uint8_t octet;

	conn_open(c);
	conn_prepare(plain);
	zassert_equal(select_readable(c->ws, plain->tcp, &set, SHORT_MS), 0);
	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)) {
		peer_frame(c, FIN_PING, "p", 1);
		zassert_equal(select_readable(c->ws, plain->tcp, &set, SHORT_MS), 0);
		expect_frame(c, FIN_PONG, "p", 1);
	}
	peer_send(c, frames, sizeof(frames));
	for (int i = 0; i < 2; i++) {
		zassert_equal(select_readable(c->ws, plain->tcp, &set, PATIENCE_MS), 1);
		zassert_true(ZSOCK_FD_ISSET(c->ws, &set));
		zassert_false(ZSOCK_FD_ISSET(plain->tcp, &set));
		zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1);
		zassert_equal(octet, 'a' + i);
	}
	peer_send(plain, "x", 1);
	zassert_equal(select_readable(c->ws, plain->tcp, &set, PATIENCE_MS), 1);
	zassert_true(ZSOCK_FD_ISSET(plain->tcp, &set));
	zassert_false(ZSOCK_FD_ISSET(c->ws, &set));
}

ZTEST(ws_select, idle_connection_is_writable)
{
	static zsock_fd_set set;
	struct conn *const c = &conns[0];

	conn_open(c);
	ZSOCK_FD_ZERO(&set);
	ZSOCK_FD_SET(c->ws, &set);
	zassert_equal(zsock_select(c->ws + 1, NULL, &set, NULL, NULL), 1);
	zassert_true(ZSOCK_FD_ISSET(c->ws, &set));
}
