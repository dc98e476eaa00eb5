/*
 * The socket below was closed and its number, perhaps its object too, is a stranger's: no call reaches the stranger.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_stale, NULL, NULL, conn_before_test, conn_after_test, NULL);

static void check_calls(struct conn *c)
{
	uint8_t octet;
	struct iovec part = {.iov_base = &octet, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	struct zsock_pollfd entry = {.fd = c->ws, .events = ZSOCK_POLLIN | ZSOCK_POLLOUT};
	int on = 0;

	octet = 'x';
	expect_errno(zsock_ioctl(c->ws, ZFD_IOCTL_FIONREAD, &on), EBADF);
	expect_errno(zsock_sendmsg(c->ws, &message, 0), ENOTCONN);
	expect_errno(zsock_getpeername(c->ws, (struct sockaddr *)&address, &len), ENOTCONN);
	expect_errno(zsock_getsockname(c->ws, (struct sockaddr *)&address, &len), ENOTCONN);
	len = sizeof(on);
	expect_errno(zsock_getsockopt(c->ws, IPPROTO_TCP, TCP_NODELAY, &on, &len), ENOTCONN);
	expect_errno(zsock_setsockopt(c->ws, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), ENOTCONN);
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLNVAL, "revents 0x%x", entry.revents);
	/* The end, as for a stream whose other side has gone. */
	expect_errno(zsock_recvmsg(c->ws, &message, 0), ENOTCONN);
	expect_receive_error(c, ENOTCONN, SHORT_MS);
	expect_errno(zsock_shutdown(c->ws, ZSOCK_SHUT_WR), ENOTCONN);
}

static void check_untouched(struct conn *stranger)
{
	char octet = 0;
	int no_delay = 0;
	socklen_t len = sizeof(no_delay);

	expect_silence(stranger);
	zassert_ok(zsock_getsockopt(stranger->tcp, IPPROTO_TCP, TCP_NODELAY, &no_delay, &len));
	zassert_true(no_delay != 0, "the stranger's option has changed");
	/* What was for the stranger is still there. */
	zassert_equal(zsock_recv(stranger->tcp, &octet, 1, ZSOCK_MSG_DONTWAIT), 1);
	zassert_equal((uint8_t)octet, 0x81);
}

/* I-74, I-91 */
ZTEST(ws_stale, closed_socket_below)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->tcp);
	c->tcp = -1;
	check_calls(c);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
}

/* I-74, I-91: the order of OCPP's reconnect. */
ZTEST(ws_stale, stranger_with_number_and_object)
{
	struct conn *const c = &conns[0], *const stranger = &conns[1];
	const int number = (conn_open(c), c->tcp);

	zsock_close(c->tcp);
	c->tcp = -1;
	conn_tcp_pair(&stranger->tcp, &stranger->peer);
	if (stranger->tcp != number) {
		ztest_test_skip();
	}
	peer_send(stranger, "\x81\x01x", 3);
	wait_readable(stranger->tcp);
	check_calls(c);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	check_untouched(stranger);
}

/* I-74: the stranger carries a websocket itself. */
ZTEST(ws_stale, stranger_that_is_a_websocket)
{
	struct conn *const old = &conns[0], *const new = &conns[1];
	int number;

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	conn_open(old);
	number = old->tcp;
	zsock_close(old->tcp);
	old->tcp = -1;
	conn_prepare(new);
	if (new->tcp != number) {
		ztest_test_skip();
	}
	zassert_true(conn_handshake(new, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", new->error);
	check_calls(old);
	zassert_ok(zsock_close(old->ws));
	old->ws = -1;
	expect_silence(new);
	expect_usable(new);
}
