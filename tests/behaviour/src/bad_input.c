/*
 * NULL pointers, sizes of 0, descriptors of nothing and of strangers: an error, nothing sent, nothing lost.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_bad_input, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define NO_SUCH_DESCRIPTOR 9999

ZTEST(ws_bad_input, connect_without_what_it_needs)
{
	struct conn *const c = &conns[0];
	struct websocket_request request;

	conn_prepare(c);
	expect_error(websocket_connect(-1, &c->request, PATIENCE_MS, NULL), EINVAL);
	expect_error(websocket_connect(c->tcp, NULL, PATIENCE_MS, NULL), EINVAL);
	request = c->request;
	request.host = NULL;
	expect_error(websocket_connect(c->tcp, &request, PATIENCE_MS, NULL), EINVAL);
	request = c->request;
	request.url = NULL;
	expect_error(websocket_connect(c->tcp, &request, PATIENCE_MS, NULL), EINVAL);
	zassert_equal(slots_used(), 0);
	expect_silence(c);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	expect_usable(c);
}

ZTEST(ws_bad_input, connect_without_a_buffer)
{
	struct conn *const c = &conns[0];
	struct websocket_request request;
	int result;

	conn_prepare(c);
	request = c->request;
	request.tmp_buf = NULL;
	/* The stock library says -ECONNABORTED, after the HTTP client's -EINVAL. */
	result = websocket_connect(c->tcp, &request, SHORT_MS, NULL);
	zassert_true(result == -EINVAL || result == -ECONNABORTED, "result %d", result);
	request = c->request;
	request.tmp_buf_len = 0;
	result = websocket_connect(c->tcp, &request, SHORT_MS, NULL);
	zassert_true(result == -EINVAL || result == -ECONNABORTED, "result %d", result);
	zassert_equal(slots_used(), 0);
}

ZTEST(ws_bad_input, connect_on_no_socket)
{
	struct conn *const c = &conns[0];
	int result;

	conn_prepare(c);
	errno = 0;
	result = websocket_connect(NO_SUCH_DESCRIPTOR, &c->request, PATIENCE_MS, NULL);
	zassert_true(result == -EBADF || result == -ECONNABORTED, "result %d", result);
	zassert_equal(errno, EBADF, "errno %d", errno);
	zassert_equal(slots_used(), 0);
}

/* I-60 */
ZTEST(ws_bad_input, descriptors_that_are_not_open)
{
	struct conn *const c = &conns[0];
	const int closed = (conn_open(c), c->ws);
	uint8_t octet;

	zassert_ok(zsock_close(closed));
	c->ws = -1;
	for (int i = 0; i < 3; i++) {
		const int ws = i == 0 ? closed : i == 1 ? -1 : NO_SUCH_DESCRIPTOR;

		expect_error(websocket_send_msg(ws, letters(), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, 0), EBADF);
		expect_error(websocket_recv_msg(ws, &octet, 1, NULL, NULL, 0), EBADF);
		expect_errno(websocket_disconnect(ws), EBADF);
		expect_errno(zsock_send(ws, "x", 1, 0), EBADF);
		expect_errno(zsock_recv(ws, &octet, 1, 0), EBADF);
	}
}

/* I-60 */
ZTEST(ws_bad_input, descriptors_of_others)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	expect_error(websocket_send_msg(c->tcp, letters(), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS),
		     ENOENT);
	expect_error(websocket_recv_msg(c->peer, &octet, 1, NULL, NULL, PATIENCE_MS), ENOENT);
	expect_error(websocket_unregister(c->peer), ENOENT);
	expect_silence(c);
	expect_usable(c);
}

/* I-60 */
ZTEST(ws_bad_input, opcode_is_looked_at_before_the_descriptor)
{
	expect_error(websocket_send_msg(-1, letters(), 1, (enum websocket_opcode)5, true, true, 0), EINVAL);
}

ZTEST(ws_bad_input, receive_without_a_buffer)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_text(c, "kept");
	expect_error(websocket_recv_msg(c->ws, NULL, 1, NULL, NULL, PATIENCE_MS), EINVAL);
	expect_error(websocket_recv_msg(c->ws, &octet, 0, NULL, NULL, PATIENCE_MS), EINVAL);
	expect_error(websocket_recv_msg(c->ws, NULL, 0, NULL, NULL, PATIENCE_MS), EINVAL);
	/* Before the descriptor is looked at. */
	expect_error(websocket_recv_msg(-1, NULL, 0, NULL, NULL, 0), EINVAL);
	expect_errno(zsock_recv(c->ws, NULL, 1, 0), EINVAL);
	expect_errno(zsock_recv(c->ws, &octet, 0, 0), EINVAL);
	expect_text(c, "kept");
	expect_usable(c);
}

ZTEST(ws_bad_input, socket_send_without_a_buffer)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_errno(zsock_send(c->ws, NULL, 3, 0), EINVAL);
	expect_silence(c);
	expect_usable(c);
}

ZTEST(ws_bad_input, strange_time_outs)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	/* A negative one that is not SYS_FOREVER_MS means not to wait. */
	expect_receive_error(c, EAGAIN, -2);
	expect_receive_error(c, EAGAIN, INT32_MIN);
	zassert_equal(websocket_send_msg(c->ws, letters(), 4, WEBSOCKET_OPCODE_DATA_TEXT, true, true, -5), 4);
	expect_frame(c, FIN_TEXT, letters(), 4);
	peer_text(c, "x");
	expect_message_at(__LINE__, c, TEXT, "x", 1, 0, INT32_MAX);
}

/* NULL with a length, as everywhere. */
ZTEST(ws_bad_input, pieces_that_are_not_there)
{
	struct conn *const c = &conns[0];
	struct msghdr message = {.msg_iov = NULL, .msg_iovlen = 3};

	conn_open(c);
	expect_errno(zsock_sendmsg(c->ws, &message, 0), EINVAL);
	expect_errno(zsock_recvmsg(c->ws, &message, 0), EINVAL);
	expect_usable(c);
}
