/*
 * What websocket_send_msg() puts on the wire.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_send, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define send_text(c, text) send_frame(c, text, WEBSOCKET_OPCODE_DATA_TEXT, true)

static int send_frame(struct conn *c, const char *text, enum websocket_opcode opcode, bool final)
{
	return websocket_send_msg(c->ws, (const uint8_t *)text, strlen(text), opcode, true, final, PATIENCE_MS);
}

ZTEST(ws_send, every_opcode)
{
	static const enum websocket_opcode opcodes[] = {
		WEBSOCKET_OPCODE_DATA_TEXT, WEBSOCKET_OPCODE_DATA_BINARY, WEBSOCKET_OPCODE_PING, WEBSOCKET_OPCODE_PONG,
	};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		zassert_equal(send_frame(c, "payload", opcodes[i], true), 7);
		expect_frame(c, FIN | opcodes[i], "payload", 7);
	}
	zassert_equal(send_frame(c, "first", WEBSOCKET_OPCODE_DATA_TEXT, false), 5);
	expect_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "first", 5);
	zassert_equal(send_frame(c, "last", WEBSOCKET_OPCODE_CONTINUE, true), 4);
	expect_frame(c, FIN_CONTINUE, "last", 4);
	zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"\x03\xE9", 2, WEBSOCKET_OPCODE_CLOSE, true, true,
					 PATIENCE_MS), 2);
	expect_close(c, 1001);
}

/* I-57 */
ZTEST(ws_send, every_form_of_length)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 120, 121, 122, 125, 126, 127, 128, 129, 1000, 65535, 65536};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(sizes) && sizes[i] <= BEHAVIOUR_LARGE_SIZE; i++) {
		static struct send_job job;
		int worker;

		job = (struct send_job){.ws = c->ws, .payload = letters(), .len = sizes[i],
					.opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = PATIENCE_MS};
		worker = worker_start(send_work, &job);
		expect_frame(c, FIN_BINARY, letters(), sizes[i]);
		worker_join(worker);
		zassert_equal(job.result, (int)sizes[i], "size %u: result %d", (unsigned int)sizes[i], job.result);
	}
}

ZTEST(ws_send, payload_may_be_null_when_it_is_empty)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_equal(websocket_send_msg(c->ws, NULL, 0, WEBSOCKET_OPCODE_DATA_BINARY, true, true, PATIENCE_MS), 0);
	expect_frame(c, FIN_BINARY, NULL, 0);
	zassert_equal(websocket_send_msg(c->ws, NULL, 0, WEBSOCKET_OPCODE_PONG, true, true, 0), 0);
	expect_frame(c, FIN_PONG, NULL, 0);
}

/* I-64 */
ZTEST(ws_send, mask_argument_is_obeyed)
{
	static const size_t sizes[] = {0, 5, 126, 1000};
	struct conn *const c = &conns[0];

	conn_open(c);
	c->sends_unmasked = true;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		zassert_equal(websocket_send_msg(c->ws, letters(), sizes[i], WEBSOCKET_OPCODE_DATA_TEXT, false, true,
						 PATIENCE_MS), (int)sizes[i]);
		expect_frame(c, FIN_TEXT, letters(), sizes[i]);
	}
	c->sends_unmasked = false;
	zassert_equal(send_text(c, "masked"), 6);
	expect_frame(c, FIN_TEXT, "masked", 6);
}

ZTEST(ws_send, buffer_of_the_caller_stays_as_it_is)
{
	static uint8_t buffer[300];
	struct conn *const c = &conns[0];

	memcpy(buffer, letters(), sizeof(buffer));
	conn_open(c);
	zassert_equal(websocket_send_msg(c->ws, buffer, sizeof(buffer), WEBSOCKET_OPCODE_DATA_TEXT, true, true,
					 PATIENCE_MS), (int)sizeof(buffer));
	zassert_mem_equal(buffer, letters(), sizeof(buffer));
	expect_frame(c, FIN_TEXT, letters(), sizeof(buffer));
}

/* I-61 */
ZTEST(ws_send, every_frame_has_its_own_masking_key)
{
	static uint8_t keys[16][4];
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct frame frame;

		zassert_equal(send_text(c, "same"), 4);
		frame = expect_frame(c, FIN_TEXT, "same", 4);
		memcpy(keys[i], frame.key, sizeof(keys[i]));
		for (size_t j = 0; j < i; j++) {
			zassert_true(memcmp(keys[i], keys[j], sizeof(keys[i])) != 0, "the key of frame %u again",
				     (unsigned int)j);
		}
	}
}

ZTEST(ws_send, fragments_of_a_message)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_equal(send_frame(c, "one", WEBSOCKET_OPCODE_DATA_TEXT, false), 3);
	zassert_equal(send_frame(c, "two", WEBSOCKET_OPCODE_CONTINUE, false), 3);
	/* A control frame may come in between (RFC 6455 §5.4). */
	zassert_equal(send_frame(c, "!", WEBSOCKET_OPCODE_PING, true), 1);
	zassert_equal(send_frame(c, "", WEBSOCKET_OPCODE_CONTINUE, true), 0);
	expect_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "one", 3);
	expect_frame(c, WEBSOCKET_OPCODE_CONTINUE, "two", 3);
	expect_frame(c, FIN_PING, "!", 1);
	expect_frame(c, FIN_CONTINUE, NULL, 0);
	expect_usable(c);
}

/* I-59: the order of fragments is the caller's business, MQTT's among them. */
ZTEST(ws_send, fragments_as_mqtt_sends_them)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (int i = 0; i < 2; i++) {
		zassert_equal(send_frame(c, "header", WEBSOCKET_OPCODE_DATA_BINARY, false), 6);
		zassert_equal(send_frame(c, "", WEBSOCKET_OPCODE_CONTINUE, false), 0);
		zassert_equal(send_frame(c, "payload", WEBSOCKET_OPCODE_CONTINUE, true), 7);
		expect_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "header", 6);
		expect_frame(c, WEBSOCKET_OPCODE_CONTINUE, NULL, 0);
		expect_frame(c, FIN_CONTINUE, "payload", 7);
	}
}

/* I-58, I-60 */
ZTEST(ws_send, payload_null_with_a_length_is_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_error(websocket_send_msg(c->ws, NULL, 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS), EINVAL);
	expect_error(websocket_send_msg(c->ws, NULL, 5, WEBSOCKET_OPCODE_PING, false, true, 0), EINVAL);
	expect_silence(c);
	expect_usable(c);
}

/* I-59, I-60 */
ZTEST(ws_send, bad_control_frames_are_refused)
{
	static const enum websocket_opcode opcodes[] = {WEBSOCKET_OPCODE_PING, WEBSOCKET_OPCODE_PONG,
							WEBSOCKET_OPCODE_CLOSE};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		expect_error(websocket_send_msg(c->ws, letters(), 126, opcodes[i], true, true, PATIENCE_MS), EINVAL);
		expect_error(websocket_send_msg(c->ws, letters(), 2, opcodes[i], true, false, PATIENCE_MS), EINVAL);
	}
	expect_silence(c);
	zassert_equal(websocket_send_msg(c->ws, letters(), 125, WEBSOCKET_OPCODE_PING, true, true, PATIENCE_MS), 125);
	expect_frame(c, FIN_PING, letters(), 125);
	expect_usable(c);
}

/* I-60 */
ZTEST(ws_send, unknown_opcodes_are_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (int opcode = 3; opcode < 16; opcode++) {
		if (opcode < WEBSOCKET_OPCODE_CLOSE || opcode > WEBSOCKET_OPCODE_PONG) {
			expect_error(websocket_send_msg(c->ws, letters(), 3, (enum websocket_opcode)opcode, true, true,
							PATIENCE_MS), EINVAL);
		}
	}
	expect_error(websocket_send_msg(c->ws, letters(), 3, (enum websocket_opcode)0x81, true, true, 0), EINVAL);
	expect_silence(c);
	expect_usable(c);
}

/* I-39 */
ZTEST(ws_send, length_that_no_result_can_express_is_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_error(websocket_send_msg(c->ws, letters(), (size_t)INT_MAX + 1, WEBSOCKET_OPCODE_DATA_BINARY, true, true,
					0), EMSGSIZE);
	expect_silence(c);
	expect_usable(c);
}

ZTEST(ws_send, any_time_out_is_enough_when_there_is_room)
{
	static const int32_t timeouts[] = {0, 1, PATIENCE_MS, SYS_FOREVER_MS};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		zassert_equal(websocket_send_msg(c->ws, letters(), 200, WEBSOCKET_OPCODE_DATA_TEXT, true, true,
						 timeouts[i]), 200);
		expect_frame(c, FIN_TEXT, letters(), 200);
	}
}

ZTEST(ws_send, result_after_the_peer_has_gone_is_an_error)
{
	struct conn *const c = &conns[0];
	const int64_t end = k_uptime_get() + PATIENCE_MS;
	int result;

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	/* The first ones may still find room in a buffer. */
	do {
		errno = 0;
		result = send_text(c, "anybody there?");
	} while (result >= 0 && k_uptime_get() < end && k_msleep(1) == 0);
	zassert_true(result < 0);
	zassert_equal(errno, -result, "result %d, errno %d", result, errno);
	expect_error(send_text(c, "?"), -send_text(c, "?"));
}
