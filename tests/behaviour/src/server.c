/*
 * websocket_register(): the library as the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_server, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* I-63 */
ZTEST(ws_server, frames_are_exchanged)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	zassert_equal(slots_used(), 1);
	expect_usable(c);
	peer_frame(c, FIN_BINARY, letters(), 500);
	expect_message(c, BINARY, letters(), 500, 0);
	zassert_equal(websocket_send_msg(c->ws, letters(), 1000, WEBSOCKET_OPCODE_DATA_BINARY, false, true,
					 PATIENCE_MS), 1000);
	expect_frame(c, FIN_BINARY, letters(), 1000);
}

/* I-63 */
ZTEST(ws_server, what_the_library_sends_itself_is_not_masked)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	zassert_equal(zsock_send(c->ws, "data", 4, 0), 4);
	expect_frame(c, FIN_TEXT, "data", 4);
	peer_frame(c, FIN_PING, "p", 1);
	peer_text(c, "x");
	zassert_equal(zsock_recv(c->ws, c->tmp, 0, 0), -1);
	{
		char octet;

		zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1);
		zassert_equal(octet, 'x');
	}
	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)) {
		expect_frame(c, FIN_PONG, "p", 1);
	}
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_close(c, 1000);
}

/* I-63 */
ZTEST(ws_server, echo_of_a_close_is_not_masked)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	expect_message(c, CLOSE, "\x03\xE8", 2, 0);
	expect_close(c, 1000);
	expect_receive_error(c, ENOTCONN, 0);
}

/* I-26 */
ZTEST(ws_server, unmasked_frame_of_a_client_fails_with_1002)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	peer_send_octets(c, 0x81, 1, 'a');
	expect_receive_error(c, EPROTO, PATIENCE_MS);
	expect_close(c, 1002);
	expect_receive_error(c, ENOTCONN, 0);
}

/* I-64 */
ZTEST(ws_server, mask_argument_is_obeyed)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	c->sends_unmasked = false;
	zassert_equal(websocket_send_msg(c->ws, letters(), 200, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS),
		      200);
	expect_frame(c, FIN_TEXT, letters(), 200);
}

/* I-25, I-40: the key of frame_build() has octets above 0x7f. */
ZTEST(ws_server, masked_frame_in_pieces_of_every_size)
{
	static uint8_t frame[FRAME_ROOM];
	struct conn *const c = &conns[0];
	size_t len;

	conn_open_server(c);
	len = frame_build(c, frame, FIN_BINARY, letters(), 40);
	for (size_t size = 1; size <= 40; size++) {
		uint8_t buffer[40];
		size_t at = 0;

		peer_send(c, frame, len);
		while (at < 40) {
			const int got = websocket_recv_msg(c->ws, buffer, size, NULL, NULL, PATIENCE_MS);

			zassert_equal(got, (int)MIN(size, 40 - at));
			zassert_mem_equal(buffer, &letters()[at], (size_t)got, "size %u", (unsigned int)size);
			at += (size_t)got;
		}
	}
}

/* I-25 */
ZTEST(ws_server, masked_frame_cut_at_every_octet)
{
	static uint8_t frame[FRAME_ROOM];
	struct conn *const c = &conns[0];
	size_t len;

	conn_open_server(c);
	len = frame_build(c, frame, FIN_TEXT, letters(), 130);
	for (size_t cut = 1; cut < len; cut++) {
		peer_send(c, frame, cut);
		wait_readable(c->tcp);
		if (cut <= 8) {
			expect_receive_error(c, EAGAIN, 0);
			peer_send(c, &frame[cut], len - cut);
			expect_message(c, TEXT, letters(), 130, 0);
		} else {
			expect_message_now(c, TEXT, letters(), cut - 8, len - cut);
			peer_send(c, &frame[cut], len - cut);
			expect_message(c, TEXT, &letters()[cut - 8], len - cut, 0);
		}
	}
}

/* I-36 */
ZTEST(ws_server, sending_in_the_middle_of_a_masked_frame_does_not_harm_it)
{
	static uint8_t frame[FRAME_ROOM];
	struct conn *const c = &conns[0];
	size_t len;

	conn_open_server(c);
	c->sends_unmasked = false;
	len = frame_build(c, frame, FIN_TEXT, letters(), 20);
	peer_send(c, frame, len - 13);
	expect_message_at(__LINE__, c, TEXT, letters(), 7, 13, SHORT_MS);
	zassert_equal(websocket_send_msg(c->ws, letters(), 10, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS), 10);
	expect_frame(c, FIN_TEXT, letters(), 10);
	peer_send(c, &frame[len - 13], 13);
	expect_message(c, TEXT, &letters()[7], 13, 0);
}

/* I-38 */
ZTEST(ws_server, no_buffer_is_refused)
{
	struct conn *const c = &conns[0];

	conn_prepare(c);
	expect_error(websocket_register(c->tcp, NULL, sizeof(c->tmp)), EINVAL);
	expect_error(websocket_register(c->tcp, c->tmp, 0), EINVAL);
	expect_error(websocket_register(c->tcp, NULL, 0), EINVAL);
	zassert_equal(slots_used(), 0);
}

ZTEST(ws_server, bad_sockets_are_refused)
{
	struct conn *const c = &conns[0];
	int result;

	conn_open_server(c);
	expect_error(websocket_register(-1, conns[1].tmp, sizeof(conns[1].tmp)), EINVAL);
	errno = 0;
	result = websocket_register(9999, conns[1].tmp, sizeof(conns[1].tmp));
	zassert_true(result < 0 && errno == -result, "result %d, errno %d", result, errno);
	expect_error(websocket_register(c->tcp, conns[1].tmp, sizeof(conns[1].tmp)), EEXIST);
	zassert_equal(slots_used(), 1);
	expect_usable(c);
}

ZTEST(ws_server, unregistering_closes_both_and_can_be_repeated_with_new_sockets)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		conn_open_server(c);
		zassert_ok(websocket_unregister(c->ws), "cycle %d", i);
		c->ws = -1;
		c->tcp = -1;
		expect_close(c, 1000);
		expect_end(c);
		zassert_equal(slots_used(), 0, "cycle %d", i);
		conn_close(c);
	}
}
