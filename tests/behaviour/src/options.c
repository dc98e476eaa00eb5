/*
 * The options of a websocket's own level: what they take, what they refuse, and what they change.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_options, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* I-95 */
ZTEST(ws_options, defaults)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_TEXT);
	expect_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 0);
	expect_number(c, WEBSOCKET_OPT_AUTO_PONG, IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG));
	expect_number(c, WEBSOCKET_OPT_CLOSE_CODE, 1000);
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "");
	expect_number(c, WEBSOCKET_OPT_PEER_CLOSE_CODE, 0);
	expect_option_text(c, WEBSOCKET_OPT_PEER_CLOSE_REASON, "");
	expect_option_text(c, WEBSOCKET_OPT_PROTOCOL, "");
	expect_number(c, WEBSOCKET_OPT_HANDSHAKE_STATUS, 101);
}

/* I-95 */
ZTEST(ws_options, what_is_set_is_read_back)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_BINARY);
	expect_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_BINARY);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 70000);
	expect_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 70000);
	set_number(c, WEBSOCKET_OPT_AUTO_PONG, 0);
	expect_number(c, WEBSOCKET_OPT_AUTO_PONG, 0);
	set_number(c, WEBSOCKET_OPT_AUTO_PONG, 1);
	expect_number(c, WEBSOCKET_OPT_AUTO_PONG, 1);
	for (int wake = WEBSOCKET_WAKE_FRAMES; wake >= WEBSOCKET_WAKE_AUTOMATIC; wake--) {
		set_number(c, WEBSOCKET_OPT_WAKE, wake);
		expect_number(c, WEBSOCKET_OPT_WAKE, wake);
	}
	set_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4711);
	expect_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4711);
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "going home");
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "going home");
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "");
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "");
}

/* I-95 */
ZTEST(ws_options, options_of_one_connection_are_not_the_next_ones)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_BINARY);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 1);
	set_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4711);
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "old");
	set_limit_ms(c, SO_RCVTIMEO, SHORT_MS);
	conn_close(c);
	conn_open(c);
	expect_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_TEXT);
	expect_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 0);
	expect_number(c, WEBSOCKET_OPT_CLOSE_CODE, 1000);
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "");
	expect_usable(c);
}

/* I-95 */
ZTEST(ws_options, bad_values_are_refused)
{
	static const int opcodes[] = {0, 3, 8, 9, 10, -1, 256 + 1};
	static const int codes[] = {0, -1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536 + 1000};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		expect_refused(c, WEBSOCKET_OPT_SEND_OPCODE, opcodes[i], EINVAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		expect_refused(c, WEBSOCKET_OPT_CLOSE_CODE, codes[i], EINVAL);
	}
	expect_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_TEXT);
	expect_number(c, WEBSOCKET_OPT_CLOSE_CODE, 1000);
	/* Not UTF-8; longer than a Close frame has room for. */
	expect_errno(zsock_setsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_CLOSE_REASON, "a\xff", 2), EINVAL);
	expect_errno(zsock_setsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_CLOSE_REASON, letters(),
				      CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE + 1),
		     EINVAL);
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "");
	zassert_ok(zsock_setsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_CLOSE_REASON, letters(),
				    CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE));
}

/* I-95 */
ZTEST(ws_options, wrong_lengths_are_refused)
{
	static const int numbers[] = {WEBSOCKET_OPT_SEND_OPCODE,    WEBSOCKET_OPT_MAX_MESSAGE_SIZE,
				      WEBSOCKET_OPT_AUTO_PONG,      WEBSOCKET_OPT_CLOSE_CODE,     WEBSOCKET_OPT_WAKE,
				      WEBSOCKET_OPT_PEER_CLOSE_CODE, WEBSOCKET_OPT_HANDSHAKE_STATUS};
	struct conn *const c = &conns[0];
	const int two[2] = {1, 1};
	struct websocket_counters counters;
	uint8_t octets[16];
	socklen_t len;

	conn_open(c);
	for (size_t i = 0; i < 5; i++) {
		expect_errno(zsock_setsockopt(c->ws, SOL_WEBSOCKET, numbers[i], two, sizeof(int) - 1), EINVAL);
		expect_errno(zsock_setsockopt(c->ws, SOL_WEBSOCKET, numbers[i], two, sizeof(two)), EINVAL);
		expect_errno(zsock_setsockopt(c->ws, SOL_WEBSOCKET, numbers[i], two, 0), EINVAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		len = sizeof(int) - 1;
		memset(octets, 0x55, sizeof(octets));
		expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, numbers[i], octets, &len), EINVAL);
		zassert_equal(octets[0], 0x55, "written all the same");
		/* More room than is needed is none too much: the length says what was used. */
		len = sizeof(octets);
		zassert_ok(zsock_getsockopt(c->ws, SOL_WEBSOCKET, numbers[i], octets, &len));
		zassert_equal(len, sizeof(int));
		zassert_equal(octets[sizeof(int)], 0x55, "written behind the value");
	}
	len = sizeof(counters) - 1;
	expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_COUNTERS, &counters, &len), EINVAL);
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "four");
	len = 3;
	expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_CLOSE_REASON, octets, &len), EINVAL);
}

/* I-95 */
ZTEST(ws_options, unknown_and_read_only_options)
{
	static const int read_only[] = {WEBSOCKET_OPT_PEER_CLOSE_CODE, WEBSOCKET_OPT_PEER_CLOSE_REASON,
					WEBSOCKET_OPT_PROTOCOL, WEBSOCKET_OPT_HANDSHAKE_STATUS,
					WEBSOCKET_OPT_COUNTERS};
	static const int unknown[] = {0, 12, 99, -1, INT32_MAX};
	struct conn *const c = &conns[0];
	int value = 1;
	socklen_t len;

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
		expect_refused(c, read_only[i], 1, ENOPROTOOPT);
	}
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		expect_refused(c, unknown[i], 1, ENOPROTOOPT);
		len = sizeof(value);
		expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, unknown[i], &value, &len), ENOPROTOOPT);
	}
}

/* I-95 */
ZTEST(ws_options, type_of_what_send_write_and_sendmsg_send)
{
	struct conn *const c = &conns[0];
	struct iovec part = {.iov_base = "m", .iov_len = 1};
	const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	for (int i = 0; i < 2; i++) {
		const int opcode = i == 0 ? WEBSOCKET_OPCODE_DATA_BINARY : WEBSOCKET_OPCODE_DATA_TEXT;

		if (i == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		set_number(c, WEBSOCKET_OPT_SEND_OPCODE, WEBSOCKET_OPCODE_DATA_BINARY);
		set_number(c, WEBSOCKET_OPT_SEND_OPCODE, opcode);
		zassert_equal(zsock_send(c->ws, "s", 1, 0), 1);
		expect_frame(c, FIN | opcode, "s", 1);
		zassert_equal(zvfs_write(c->ws, "w", 1, NULL), 1, "errno %d", errno);
		expect_frame(c, FIN | opcode, "w", 1);
		zassert_equal(zsock_sendmsg(c->ws, &message, 0), 1);
		expect_frame(c, FIN | opcode, "m", 1);
		/* Who names the type gets it. */
		zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"t", 1, WEBSOCKET_OPCODE_DATA_TEXT,
						 !c->sends_unmasked, true, PATIENCE_MS),
			      1);
		expect_frame(c, FIN_TEXT, "t", 1);
		conn_close(c);
	}
}

/* A longer message fails the connection as soon as its headers say so. */
static void check_too_long(struct conn *c)
{
	expect_receive_error(c, EMSGSIZE, PATIENCE_MS);
	expect_close(c, 1009);
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_errno(zsock_send(c->ws, "x", 1, 0), ENOTCONN);
	conn_close(c);
}

/* I-95 */
ZTEST(ws_options, message_over_the_limit_fails_with_1009)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 10);
	peer_frame(c, FIN_TEXT, letters(), 10);
	expect_message(c, TEXT, letters(), 10, 0);
	/* Control frames are no messages. */
	peer_frame(c, FIN_PONG, letters(), 20);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, letters(), 4);
	peer_frame(c, FIN_CONTINUE, letters(), 6);
	if (!IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL)) {
		expect_message(c, PONG, letters(), 20, 0);
	}
	expect_message(c, WEBSOCKET_FLAG_TEXT, letters(), 4, 0);
	expect_message(c, TEXT, letters(), 6, 0);
	/* The header alone is enough. */
	peer_send_octets(c, FIN_TEXT, 11);
	check_too_long(c);

	/* All fragments together. */
	conn_open(c);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 10);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, letters(), 6);
	peer_frame(c, FIN_CONTINUE, letters(), 5);
	expect_message(c, WEBSOCKET_FLAG_TEXT, letters(), 6, 0);
	check_too_long(c);

	/* A length that no counter holds. */
	conn_open_server(c);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 10);
	peer_send_octets(c, FIN_BINARY, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
	check_too_long(c);
}

/* I-95 */
ZTEST(ws_options, message_over_the_limit_ends_recv)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 3);
	peer_frame(c, FIN_BINARY, letters(), 4);
	wait_readable(c->ws);
	expect_errno(zsock_recv(c->ws, &octet, 1, 0), EMSGSIZE);
	expect_close(c, 1009);
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0);
}

/* I-31 */
ZTEST(ws_options, pings_are_the_applications_without_auto_pong)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL)) {
		ztest_test_skip();
	}
	conn_open(c);
	set_number(c, WEBSOCKET_OPT_AUTO_PONG, 0);
	peer_frame(c, FIN_PING, "p", 1);
	wait_readable(c->ws);
	expect_message(c, PING, "p", 1, 0);
	expect_silence(c);
	/* Nor does a stream reader answer. */
	peer_frame(c, FIN_PING, "q", 1);
	wait_readable(c->tcp);
	expect_errno(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT), EAGAIN);
	expect_silence(c);
	set_number(c, WEBSOCKET_OPT_AUTO_PONG, 1);
	peer_frame(c, FIN_PING, "r", 1);
	expect_message(c, PING, "r", 1, 0);
	expect_frame(c, FIN_PONG, "r", 1);
}

static struct websocket_counters counters_of(struct conn *c)
{
	struct websocket_counters counters;
	socklen_t len = sizeof(counters);

	zassert_ok(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_COUNTERS, &counters, &len), "errno %d", errno);
	zassert_equal(len, sizeof(counters));

	return counters;
}

/* I-95 */
ZTEST(ws_options, counters_count_messages_and_payload)
{
	static const struct websocket_counters none;
	struct conn *const c = &conns[0];
	struct websocket_counters counters;
	uint8_t buffer[8];

	conn_open(c);
	counters = counters_of(c);
	zassert_mem_equal(&counters, &none, sizeof(none));
	zassert_equal(zsock_send(c->ws, "four", 4, 0), 4);
	zassert_equal(websocket_send_msg(c->ws, letters(), 300, WEBSOCKET_OPCODE_DATA_TEXT, true, false, PATIENCE_MS),
		      300);
	counters = counters_of(c);
	zassert_true(counters.bytes_sent == 304 && counters.messages_sent == 1, "%u octets, %u messages",
		     (unsigned int)counters.bytes_sent, counters.messages_sent);
	zassert_equal(websocket_send_msg(c->ws, NULL, 0, WEBSOCKET_OPCODE_CONTINUE, true, true, PATIENCE_MS), 0);
	zassert_equal(counters_of(c).messages_sent, 2);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, letters(), 10);
	peer_frame(c, FIN_CONTINUE, letters(), 3);
	zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 8);
	zassert_true(counters_of(c).bytes_received == 8);
	zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 2);
	zassert_equal(counters_of(c).messages_received, 0, "the message goes on");
	zassert_equal(zsock_recv(c->ws, buffer, 3, 0), 3);
	counters = counters_of(c);
	zassert_true(counters.bytes_received == 13 && counters.messages_received == 1, "%u octets, %u messages",
		     (unsigned int)counters.bytes_received, counters.messages_received);
}

/* I-95 */
ZTEST(ws_options, counters_count_pings_until_a_pong_comes)
{
	struct conn *const c = &conns[0];
	struct websocket_counters counters;

	conn_open(c);
	for (int i = 0; i < 3; i++) {
		zassert_equal(websocket_send_msg(c->ws, letters(), 4, WEBSOCKET_OPCODE_PING, true, true, PATIENCE_MS), 4);
	}
	counters = counters_of(c);
	zassert_equal(counters.pings_sent, 3);
	zassert_equal(counters.pings_unanswered, 3);
	zassert_true(counters.bytes_sent == 0 && counters.messages_sent == 0, "pings are no data");
	peer_frame(c, FIN_PONG, letters(), 4);
	peer_text(c, "x");
	if (!IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL)) {
		expect_message(c, PONG, letters(), 4, 0);
	}
	expect_text(c, "x");
	counters = counters_of(c);
	zassert_equal(counters.pings_sent, 3);
	zassert_equal(counters.pings_unanswered, 0);
	zassert_true(counters.bytes_received == 1, "a pong is no data");
}
