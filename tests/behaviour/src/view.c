/*
 * websocket_context_foreach(): what the in-tree context shows is what the connection is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

/* Needs the others before it. */
#include "websocket_internal.h"

ZTEST_SUITE(ws_view, NULL, NULL, conn_before_test, conn_after_test, NULL);

static struct websocket_context seen;

static void copy(struct websocket_context *context, void *unused)
{
	ARG_UNUSED(unused);
	seen.sock = context->sock;
	seen.real_sock = context->real_sock;
	seen.recv_buf = context->recv_buf;
	seen.parser_state = context->parser_state;
	seen.parser_remaining = context->parser_remaining;
	seen.message_type = context->message_type;
}

ZTEST(ws_view, shows_buffer_frame_and_descriptors)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[2];

	conn_open(c);
	websocket_context_foreach(copy, NULL);
	zassert_equal(seen.sock, c->ws);
	zassert_equal(seen.real_sock, c->tcp);
	zassert_equal(seen.recv_buf.buf, c->tmp);
	zassert_equal(seen.recv_buf.size, sizeof(c->tmp));
	zassert_equal(seen.recv_buf.count, 0);
	zassert_equal(seen.parser_state, WEBSOCKET_PARSER_STATE_OPCODE);
	peer_send_octets(c, FIN_BINARY, 9, 'a', 'b', 'c', 'd', 'e');
	wait_readable(c->tcp);
	zassert_equal(zsock_recv(c->ws, buffer, 2, 0), 2);
	websocket_context_foreach(copy, NULL);
	zassert_equal(seen.recv_buf.count, 3, "%u octets", (unsigned int)seen.recv_buf.count);
	zassert_equal(seen.parser_state, WEBSOCKET_PARSER_STATE_PAYLOAD);
	zassert_true(seen.parser_remaining == 7, "%u octets", (unsigned int)seen.parser_remaining);
	zassert_equal(seen.message_type, BINARY, "type 0x%x", (unsigned int)seen.message_type);
	peer_send(c, "fghi", 4);
	expect_message(c, BINARY, "cdefghi", 7, 0);
	websocket_context_foreach(copy, NULL);
	zassert_equal(seen.recv_buf.count, 0);
	zassert_equal(seen.parser_state, WEBSOCKET_PARSER_STATE_OPCODE);
	zassert_true(seen.parser_remaining == 0);
}
