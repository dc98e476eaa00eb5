/*
 * Text and Close reasons that are not UTF-8, and Close codes that must not be on the wire.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

static bool validated(const void *state)
{
	ARG_UNUSED(state);

	return IS_ENABLED(CONFIG_WEBSOCKET_RUST_UTF8);
}

ZTEST_SUITE(ws_utf8, validated, NULL, conn_before_test, conn_after_test, NULL);

/* Receives until the failure: at most `text` may come before it. */
static void expect_failure(int line, struct conn *c, const char *text, uint16_t code)
{
	uint8_t buffer[32];
	size_t at = 0;
	int got;

	do {
		errno = 0;
		got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), NULL, NULL, PATIENCE_MS);
		if (got > 0) {
			zassert_true(at + (size_t)got <= strlen(text), "line %d: more than the valid octets", line);
			zassert_mem_equal(buffer, &text[at], (size_t)got, "line %d", line);
			at += (size_t)got;
		}
	} while (got >= 0);
	zassert_equal(got, -EPROTO, "line %d: result %d", line, got);
	zassert_equal(errno, EPROTO, "line %d: errno %d", line, errno);
	expect_close_at(line, c, code);
	expect_receive_error_at(line, c, ENOTCONN, PATIENCE_MS);
}

static void check_text(int line, const char *valid, uint8_t first, const void *payload, size_t len)
{
	conn_open(&conns[0]);
	peer_frame_at(line, &conns[0], first, payload, len);
	expect_failure(line, &conns[0], valid, 1007);
	conn_close(&conns[0]);
}

#define invalid(valid, literal) check_text(__LINE__, valid, FIN_TEXT, literal, sizeof(literal) - 1)

/* I-30 */
ZTEST(ws_utf8, invalid_text_fails_with_1007)
{
	invalid("ab", "ab\xFF");
	invalid("", "\x80");
	invalid("", "\xC0\xAF");
	invalid("", "\xE0\x80\xAF");
	invalid("", "\xED\xA0\x80");
	invalid("", "\xF4\x90\x80\x80");
	invalid("a", "a\xC3(");
}

/* I-30 */
ZTEST(ws_utf8, text_that_ends_in_a_character_fails)
{
	invalid("a\xC3", "a\xC3");
	invalid("\xF0\x9F\x98", "\xF0\x9F\x98");
}

/* I-30 */
ZTEST(ws_utf8, invalid_octet_fails_at_once_inside_a_frame)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	/* 96 octets of the frame are never sent. */
	peer_send_octets(c, 0x81, 100, 'a', 'b', 'c', 0xFE);
	expect_failure(__LINE__, c, "abc", 1007);
}

/* I-30 */
ZTEST(ws_utf8, surrogate_fails_at_its_second_octet)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x81, 100, 0xED, 0xA0);
	expect_failure(__LINE__, c, "\xED", 1007);
}

/* I-30 */
ZTEST(ws_utf8, character_across_frames_and_reads_is_valid)
{
	static const char smiley[] = "\xF0\x9F\x98\x80";
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, smiley, 1);
	peer_frame(c, FIN_PING, NULL, 0);
	peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, &smiley[1], 2);
	peer_frame(c, FIN_CONTINUE, &smiley[3], 1);
	expect_message(c, WEBSOCKET_FLAG_TEXT, smiley, 1, 0);
	if (!IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL)) {
		expect_message(c, PING, NULL, 0, 0);
	}
	expect_message(c, WEBSOCKET_FLAG_TEXT, &smiley[1], 2, 0);
	expect_message(c, TEXT, &smiley[3], 1, 0);
	peer_text(c, smiley);
	for (int i = 0; i < 4; i++) {
		zassert_equal(websocket_recv_msg(c->ws, &octet, 1, NULL, NULL, PATIENCE_MS), 1);
		zassert_equal(octet, (uint8_t)smiley[i]);
	}
	peer_text(c, "\xEF\xBF\xBF\xF4\x8F\xBF\xBF\xED\x9F\xBF\xC2\x80");
	expect_text(c, "\xEF\xBF\xBF\xF4\x8F\xBF\xBF\xED\x9F\xBF\xC2\x80");
}

/* I-30 */
ZTEST(ws_utf8, message_that_ends_in_a_character_in_its_last_fragment_fails)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "a\xC3", 2);
	peer_frame(c, FIN_CONTINUE, NULL, 0);
	expect_failure(__LINE__, c, "a\xC3", 1007);
}

/* I-30 */
ZTEST(ws_utf8, binary_is_not_text)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "\xFF\xFE", 2);
	peer_frame(c, FIN_CONTINUE, "\xC0", 1);
	expect_message(c, WEBSOCKET_FLAG_BINARY, "\xFF\xFE", 2, 0);
	expect_message(c, BINARY, "\xC0", 1, 0);
	expect_usable(c);
}

static void check_close(int line, uint16_t wanted, const void *payload, size_t len)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame_at(line, c, FIN_CLOSE, payload, len);
	expect_receive_error_at(line, c, EPROTO, PATIENCE_MS);
	expect_close_at(line, c, wanted);
	expect_receive_error_at(line, c, ENOTCONN, 0);
	conn_close(c);
}

/* I-30 */
ZTEST(ws_utf8, close_codes_that_must_not_be_sent_fail_with_1002)
{
	static const uint16_t codes[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const uint8_t payload[] = {(uint8_t)(codes[i] >> 8), (uint8_t)codes[i]};

		check_close(__LINE__, 1002, payload, sizeof(payload));
	}
}

/* I-30 */
ZTEST(ws_utf8, half_a_close_code_fails_with_1002)
{
	check_close(__LINE__, 1002, "\x03", 1);
}

/* I-30 */
ZTEST(ws_utf8, close_reason_that_is_not_utf8_fails_with_1007)
{
	check_close(__LINE__, 1007, "\x03\xE8\xFF", 3);
	check_close(__LINE__, 1007, "\x03\xE8\xC3", 3);
}

/* I-30 */
ZTEST(ws_utf8, close_codes_that_may_be_sent_are_echoed)
{
	static const uint16_t codes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const uint8_t payload[] = {(uint8_t)(codes[i] >> 8), (uint8_t)codes[i], 0xC3, 0xA4};

		conn_open(c);
		peer_frame(c, FIN_CLOSE, payload, sizeof(payload));
		expect_message(c, CLOSE, payload, sizeof(payload), 0);
		expect_close(c, codes[i]);
		conn_close(c);
	}
}
