/*
 * What a websocket answers in the name of the socket below it: addresses, foreign options, errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_names, NULL, NULL, conn_before_test, conn_after_test, NULL);

typedef int name_call(int sock, struct sockaddr *address, socklen_t *len);

static int name_of(name_call *call, int sock, struct sockaddr_in *address)
{
	socklen_t len = sizeof(*address);

	memset(address, 0, sizeof(*address));

	return call(sock, (struct sockaddr *)address, &len);
}

static int peer_name(int sock, struct sockaddr *address, socklen_t *len)
{
	return zsock_getpeername(sock, address, len);
}

static int own_name(int sock, struct sockaddr *address, socklen_t *len)
{
	return zsock_getsockname(sock, address, len);
}

/* I-95 */
ZTEST(ws_names, addresses_are_those_of_the_socket_below)
{
	static name_call *const calls[] = {peer_name, own_name};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct sockaddr_in below, websocket;

		zassert_ok(name_of(calls[i], c->tcp, &below), "errno %d", errno);
		zassert_ok(name_of(calls[i], c->ws, &websocket), "errno %d", errno);
		zassert_equal(websocket.sin_family, AF_INET);
		zassert_not_equal(websocket.sin_port, 0);
		zassert_equal(websocket.sin_port, below.sin_port);
		zassert_mem_equal(&websocket.sin_addr, &below.sin_addr, sizeof(below.sin_addr));
	}
}

/* I-95 */
ZTEST(ws_names, options_of_other_levels_reach_the_socket_below)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (int wanted = 0; wanted < 2; wanted++) {
		int got = -1;
		socklen_t len = sizeof(got);

		zassert_ok(zsock_setsockopt(c->ws, IPPROTO_TCP, TCP_NODELAY, &wanted, sizeof(wanted)), "errno %d",
			   errno);
		zassert_ok(zsock_getsockopt(c->tcp, IPPROTO_TCP, TCP_NODELAY, &got, &len));
		zassert_equal(got != 0, wanted);
		got = -1;
		zassert_ok(zsock_getsockopt(c->ws, IPPROTO_TCP, TCP_NODELAY, &got, &len));
		zassert_equal(got != 0, wanted);
	}
}

/* I-95 */
ZTEST(ws_names, type_and_error_of_a_sound_connection)
{
	struct conn *const c = &conns[0];
	int type = -1;
	socklen_t len = sizeof(type);

	conn_open(c);
	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, SO_TYPE, &type, &len));
	zassert_equal(type, SOCK_STREAM);
	zassert_equal(len, sizeof(type));
	expect_socket_error(c, 0);
	len = sizeof(type) - 1;
	expect_errno(zsock_getsockopt(c->ws, SOL_SOCKET, SO_ERROR, &type, &len), EINVAL);
	expect_errno(zsock_getsockopt(c->ws, SOL_SOCKET, SO_TYPE, &type, &len), EINVAL);
}

static ssize_t receive_octet(struct conn *c)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, 0);
}

/* I-95 */
ZTEST(ws_names, violation_is_the_error_of_the_socket_once)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, FIN | 3, 0);
	wait_readable(c->ws);
	expect_socket_error(c, EPROTO);
	expect_socket_error(c, 0);
	zassert_equal(receive_octet(c), 0);
	conn_close(c);
	/* Who has received it has it. */
	conn_open(c);
	peer_send_octets(c, FIN | 3, 0);
	expect_errno(receive_octet(c), EPROTO);
	expect_socket_error(c, 0);
}

/* I-95 */
ZTEST(ws_names, reset_is_the_error_of_the_socket_once)
{
	struct conn *const c = &conns[0];

	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	filter.receive_errno = ECONNRESET;
	peer_text(c, "x");
	wait_readable(c->ws);
	expect_socket_error(c, ECONNRESET);
	expect_socket_error(c, 0);
	expect_errno(receive_octet(c), ECONNRESET);
}

/* I-95: what stock has not either. */
ZTEST(ws_names, calls_that_a_websocket_does_not_have)
{
	struct conn *const c = &conns[0];
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	conn_open(c);
	expect_errno(zsock_bind(c->ws, (struct sockaddr *)&address, len), EOPNOTSUPP);
	expect_errno(zsock_connect(c->ws, (struct sockaddr *)&address, len), EOPNOTSUPP);
	expect_errno(zsock_listen(c->ws, 1), EOPNOTSUPP);
	expect_errno(zsock_accept(c->ws, NULL, NULL), EOPNOTSUPP);
	expect_usable(c);
}
