/*
 * Frames that break RFC 6455: -EPROTO, a Close with the code, and -ENOTCONN from then on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_violations, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* The octets, behind a fragment that is received first when `fragment` is not 0, fail the connection. */
static void check_violation(int line, uint16_t code, uint8_t fragment, const uint8_t *octets, size_t len)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_usable_at(line, c);
	if (fragment != 0) {
		peer_frame_at(line, c, fragment, "ab", 2);
		expect_message_at(line, c, WEBSOCKET_FLAG_TEXT, "ab", 2, 0, PATIENCE_MS);
	}
	peer_send_at(line, c, octets, len);
	expect_receive_error_at(line, c, EPROTO, PATIENCE_MS);
	expect_close_at(line, c, code);
	expect_receive_error_at(line, c, ENOTCONN, PATIENCE_MS);
	expect_receive_error_at(line, c, ENOTCONN, 0);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zsock_close(c->tcp);
	c->tcp = -1;
	/* Only one Close has come. */
	expect_end_at(line, c);
	conn_close(c);
}

#define violates(code, fragment, ...)                                                              \
	check_violation(__LINE__, code, fragment, ((const uint8_t[]){__VA_ARGS__}),                \
			sizeof((const uint8_t[]){__VA_ARGS__}))

/* I-27 */
ZTEST(ws_violations, reserved_bits)
{
	violates(1002, 0, 0xC1, 1, 'a');
	violates(1002, 0, 0xA1, 1, 'a');
	violates(1002, 0, 0x91, 1, 'a');
	violates(1002, 0, 0xC9, 0);
}

/* I-27 */
ZTEST(ws_violations, reserved_opcodes)
{
	violates(1002, 0, 0x83, 1, 'a');
	violates(1002, 0, 0x87, 0);
	violates(1002, 0, 0x8B, 1, 'a');
	violates(1002, 0, 0x8F, 0);
	violates(1002, 0, 0x03, 0);
}

/* I-26 */
ZTEST(ws_violations, masked_frame_of_a_server)
{
	violates(1002, 0, 0x81, 0x81, 1, 2, 3, 4, 'a');
	violates(1002, 0, 0x89, 0x80, 1, 2, 3, 4);
}

/* I-28 */
ZTEST(ws_violations, control_frame_longer_than_125)
{
	violates(1002, 0, 0x89, 126, 0, 126);
	violates(1002, 0, 0x8A, 127, 0, 0, 0, 0, 0, 1, 0, 0);
	violates(1002, 0, 0x88, 126, 0, 126);
}

/* I-28 */
ZTEST(ws_violations, control_frame_without_fin)
{
	violates(1002, 0, 0x09, 1, 'a');
	violates(1002, 0, 0x0A, 0);
}

/* I-21 */
ZTEST(ws_violations, close_without_fin)
{
	violates(1002, 0, 0x08, 0);
	violates(1002, 0, 0x08, 2, 0x03, 0xE8);
}

/* I-21 */
ZTEST(ws_violations, close_without_fin_never_touches_other_connections)
{
	struct conn *const a = &conns[0], *const b = &conns[1];

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	conn_open(a);
	peer_send_octets(a, 0x08, 2, 0x03, 0xE8);
	expect_receive_error(a, EPROTO, PATIENCE_MS);
	zassert_equal(slots_used(), 1, "the slot is held until the application closes");
	conn_open(b);
	zassert_ok(zsock_close(a->ws));
	a->ws = -1;
	zassert_equal(slots_used(), 1);
	expect_usable(b);
}

/* I-28 */
ZTEST(ws_violations, continuation_without_a_beginning)
{
	violates(1002, 0, 0x80, 1, 'a');
	violates(1002, 0, 0x00, 0);
}

/* I-28 */
ZTEST(ws_violations, new_message_inside_a_fragmented_one)
{
	violates(1002, WEBSOCKET_OPCODE_DATA_TEXT, 0x81, 1, 'a');
	violates(1002, WEBSOCKET_OPCODE_DATA_TEXT, 0x02, 0);
}

/* I-29 */
ZTEST(ws_violations, lengths_not_in_the_shortest_form)
{
	violates(1002, 0, 0x82, 126, 0, 125);
	violates(1002, 0, 0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF);
	violates(1002, 0, 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1);
}

/* I-29 */
ZTEST(ws_violations, empty_frames_in_long_forms)
{
	violates(1002, 0, 0x81, 126, 0, 0);
	violates(1002, 0, 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0);
}

/* I-29 */
ZTEST(ws_violations, length_with_the_top_bit)
{
	violates(1002, 0, 0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0);
	violates(1002, 0, 0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
}

/* I-29 */
ZTEST(ws_violations, longest_legal_length_is_accepted)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 'a');
	expect_message_at(__LINE__, c, BINARY, "a", 1, 0x7FFFFFFFFFFFFFFE, SHORT_MS);
}

/* I-23 */
ZTEST(ws_violations, octets_before_the_violation_are_given_first)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x81, 2, 'o', 'k', 0x83, 0);
	expect_text(c, "ok");
	expect_receive_error(c, EPROTO, PATIENCE_MS);
	expect_close(c, 1002);
	expect_receive_error(c, ENOTCONN, 0);
}

/* I-33 */
ZTEST(ws_violations, socket_recv_fails_with_eproto_and_ends)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_send_octets(c, 0x83, 0);
	expect_errno(zsock_recv(c->ws, &octet, 1, 0), EPROTO);
	expect_close(c, 1002);
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0);
}

ZTEST(ws_violations, nothing_can_be_sent_after_one)
{
	struct conn *const c = &conns[0];
	int result;

	conn_open(c);
	peer_send_octets(c, 0x83, 0);
	expect_receive_error(c, EPROTO, PATIENCE_MS);
	expect_close(c, 1002);
	errno = 0;
	result = websocket_send_msg(c->ws, letters(), 4, WEBSOCKET_OPCODE_DATA_TEXT, true, true, SHORT_MS);
	zassert_true(result < 0 && errno == -result, "result %d, errno %d", result, errno);
	expect_silence(c);
}
