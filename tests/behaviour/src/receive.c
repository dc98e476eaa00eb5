/*
 * websocket_recv_msg(): frames, pieces of frames, time-outs (specification, section C.7).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_receive, NULL, NULL, conn_before_test, conn_after_test, NULL);

ZTEST(ws_receive, types_of_whole_frames)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_TEXT, "text", 4);
	expect_message(c, TEXT, "text", 4, 0);
	peer_frame(c, FIN_BINARY, "\x00\xFF\x80", 3);
	expect_message(c, BINARY, "\x00\xFF\x80", 3, 0);
	peer_frame(c, FIN_PONG, "pong", 4);
	expect_message(c, PONG, "pong", 4, 0);
	expect_usable(c);
}

ZTEST(ws_receive, every_form_of_length)
{
	static const size_t sizes[] = {0, 1, 125, 126, 127, 128, 255, 256, 257, 511};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		peer_frame(c, FIN_TEXT, letters(), sizes[i]);
		expect_message(c, TEXT, letters(), sizes[i], 0);
	}
}

static void send_large(void *connection)
{
	struct conn *const c = connection;
	static const uint8_t header[] = {FIN_BINARY, 127, 0, 0, 0, 0, BEHAVIOUR_LARGE_SIZE >> 24 & 0xFF,
					 BEHAVIOUR_LARGE_SIZE >> 16 & 0xFF, BEHAVIOUR_LARGE_SIZE >> 8 & 0xFF,
					 BEHAVIOUR_LARGE_SIZE & 0xFF};
	static const uint8_t short_header[] = {FIN_BINARY, 126, BEHAVIOUR_LARGE_SIZE >> 8 & 0xFF,
					       BEHAVIOUR_LARGE_SIZE & 0xFF};
	size_t at = 0;

	if (BEHAVIOUR_LARGE_SIZE > 65535) {
		(void)zsock_send(c->peer, header, sizeof(header), 0);
	} else {
		(void)zsock_send(c->peer, short_header, sizeof(short_header), 0);
	}
	while (at < BEHAVIOUR_LARGE_SIZE) {
		const ssize_t sent = zsock_send(c->peer, &letters()[at], MIN(BEHAVIOUR_LARGE_SIZE - at, 1000), 0);

		if (sent <= 0) {
			break;
		}
		at += (size_t)sent;
	}
}

ZTEST(ws_receive, large_frame_through_a_small_buffer)
{
	static uint8_t buffer[333];
	struct conn *const c = &conns[0];
	size_t at = 0;
	int worker;

	(void)letters();
	conn_open(c);
	worker = worker_start(send_large, c);
	while (at < BEHAVIOUR_LARGE_SIZE) {
		uint32_t type = 0;
		uint64_t remaining = 0;
		const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, PATIENCE_MS);

		zassert_true(got > 0, "result %d", got);
		zassert_mem_equal(buffer, &letters()[at], (size_t)got, "at octet %u", (unsigned int)at);
		at += (size_t)got;
		zassert_equal(type, BINARY);
		zassert_true(remaining == BEHAVIOUR_LARGE_SIZE - at);
	}
	worker_join(worker);
	expect_usable(c);
}

ZTEST(ws_receive, buffers_of_every_size)
{
	static const char text[] = "twenty octets of it.";
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t size = 1; size <= sizeof(text); size++) {
		uint8_t buffer[sizeof(text)];
		size_t at = 0;

		peer_text(c, text);
		while (at < strlen(text)) {
			const size_t wanted = MIN(size, strlen(text) - at);
			uint32_t type = 0;
			uint64_t remaining = 99;
			const int got = websocket_recv_msg(c->ws, buffer, size, &type, &remaining, PATIENCE_MS);

			zassert_equal(got, (int)wanted, "size %u: %d", (unsigned int)size, got);
			zassert_mem_equal(buffer, &text[at], wanted);
			at += wanted;
			zassert_equal(type, TEXT);
			zassert_true(remaining == strlen(text) - at);
		}
	}
	expect_receive_error(c, EAGAIN, 0);
}

ZTEST(ws_receive, outputs_may_be_null)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[8];

	conn_open(c);
	peer_text(c, "a");
	zassert_equal(websocket_recv_msg(c->ws, buffer, sizeof(buffer), NULL, NULL, PATIENCE_MS), 1);
	peer_text(c, "");
	zassert_equal(websocket_recv_msg(c->ws, buffer, sizeof(buffer), NULL, NULL, PATIENCE_MS), 0);
	expect_error(websocket_recv_msg(c->ws, buffer, sizeof(buffer), NULL, NULL, 0), EAGAIN);
}

/* I-39 */
ZTEST(ws_receive, buffer_length_beyond_int_is_clamped)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[8];
	uint32_t type;
	uint64_t remaining;

	conn_open(c);
	peer_text(c, "abc");
	zassert_equal(websocket_recv_msg(c->ws, buffer, (size_t)INT_MAX + 1, &type, &remaining, PATIENCE_MS), 3);
	zassert_mem_equal(buffer, "abc", 3);
}

ZTEST(ws_receive, several_frames_in_one_segment_need_no_waiting)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x82, 2, 'b', 'c', 0x81, 0, 0x8A, 0, 0x81, 3, 'd', 'e', 'f'};
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send(c, frames, sizeof(frames));
	wait_readable(c->tcp);
	expect_message_now(c, TEXT, "a", 1, 0);
	expect_message_now(c, BINARY, "bc", 2, 0);
	expect_message_now(c, TEXT, NULL, 0, 0);
	expect_message_now(c, PONG, NULL, 0, 0);
	expect_message_now(c, TEXT, "def", 3, 0);
	expect_receive_error(c, EAGAIN, 0);
}

/* The header of a 300-octet frame and of a small one: -EAGAIN until there is something to give. */
ZTEST(ws_receive, frame_fed_octet_by_octet_without_waiting)
{
	static const uint8_t frames[] = {0x81, 3, 'a', 'b', 'c', 0x82, 126, 0, 126};
	struct conn *const c = &conns[0];

	conn_open(c);
	for (size_t i = 0; i < sizeof(frames); i++) {
		peer_send(c, &frames[i], 1);
		wait_readable(c->tcp);
		if (i >= 2 && i <= 4) {
			expect_message_now(c, TEXT, &frames[i], 1, 4 - i);
		} else {
			expect_receive_error(c, EAGAIN, 0);
		}
	}
	peer_send(c, letters(), 126);
	expect_message(c, BINARY, letters(), 126, 0);
	expect_usable(c);
}

ZTEST(ws_receive, frames_cut_at_every_octet)
{
	static uint8_t frames[2 + 5 + 4 + 130];
	struct conn *const c = &conns[0];
	size_t len;

	conn_open(c);
	len = frame_build(c, frames, FIN_TEXT, "hello", 5);
	len += frame_build(c, &frames[len], FIN_BINARY, letters(), 130);
	for (size_t cut = 1; cut < len; cut++) {
		peer_send(c, frames, cut);
		k_msleep(1);
		if (cut >= 7) {
			expect_text(c, "hello");
		}
		peer_send(c, &frames[cut], len - cut);
		if (cut < 7) {
			expect_text(c, "hello");
		}
		expect_message(c, BINARY, letters(), 130, 0);
	}
	expect_receive_error(c, EAGAIN, 0);
}

ZTEST(ws_receive, time_out_gives_eagain_after_that_time)
{
	struct conn *const c = &conns[0];
	const int64_t start = (conn_open(c), k_uptime_get());

	expect_receive_error(c, EAGAIN, SHORT_MS);
	zassert_true(k_uptime_get() - start >= SHORT_MS, "%d ms", (int)(k_uptime_get() - start));
	expect_receive_error(c, EAGAIN, 0);
	zassert_true(k_uptime_get() - start < PATIENCE_MS);
	expect_usable(c);
}

ZTEST(ws_receive, time_out_in_the_middle_of_a_header_keeps_the_place)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x81, 126, 0);
	expect_receive_error(c, EAGAIN, SHORT_MS);
	peer_send_octets(c, 126);
	expect_receive_error(c, EAGAIN, SHORT_MS);
	peer_send(c, letters(), 126);
	expect_message(c, TEXT, letters(), 126, 0);
}

/* I-22 */
ZTEST(ws_receive, time_out_in_the_middle_of_a_payload_gives_the_part_with_both_outputs)
{
	struct conn *const c = &conns[0];
	const int64_t start = (conn_open(c), k_uptime_get());

	peer_send_octets(c, 0x82, 10, 'a', 'b', 'c', 'd');
	expect_message_at(__LINE__, c, BINARY, "abcd", 4, 6, SHORT_MS);
	zassert_true(k_uptime_get() - start >= SHORT_MS, "the rest may come within the time");
	peer_send_octets(c, 'e', 'f');
	expect_message_at(__LINE__, c, BINARY, "ef", 2, 4, SHORT_MS);
	expect_receive_error(c, EAGAIN, 0);
	peer_send_octets(c, 'g', 'h', 'i', 'j');
	expect_message(c, BINARY, "ghij", 4, 0);
}

ZTEST(ws_receive, rest_of_a_frame_is_waited_for)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	job = (struct receive_job){.timeout_ms = PATIENCE_MS};
	conn_open(c);
	job.ws = c->ws;
	worker = worker_start(receive_work, &job);
	peer_send_octets(c, 0x81, 6, 'a', 'b', 'c');
	zassert_false(worker_ended(worker, SHORT_MS));
	peer_send_octets(c, 'd', 'e', 'f');
	worker_join(worker);
	zassert_equal(job.result, 6, "%d", job.result);
	zassert_mem_equal(job.buffer, "abcdef", 6);
	zassert_true(job.type == TEXT && job.remaining == 0);
}

/* I-23 */
ZTEST(ws_receive, end_of_the_stream_in_a_payload_gives_the_part_first)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x82, 10, 'a', 'b', 'c', 'd');
	zsock_close(c->peer);
	c->peer = -1;
	expect_message(c, BINARY, "abcd", 4, 6);
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_receive_error(c, ENOTCONN, 0);
}

/* I-23 */
ZTEST(ws_receive, frames_before_the_end_of_the_stream_are_given)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "one");
	peer_text(c, "two");
	zsock_close(c->peer);
	c->peer = -1;
	expect_text(c, "one");
	expect_text(c, "two");
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_receive_error(c, ENOTCONN, SYS_FOREVER_MS);
}

/* I-32 */
ZTEST(ws_receive, continuation_frames_carry_the_type_of_their_message)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (int i = 0; i < 2; i++) {
		peer_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "one", 3);
		peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, "two", 3);
		peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, "", 0);
		peer_frame(c, FIN_CONTINUE, "three", 5);
		expect_message(c, WEBSOCKET_FLAG_BINARY, "one", 3, 0);
		expect_message(c, WEBSOCKET_FLAG_BINARY, "two", 3, 0);
		expect_message(c, WEBSOCKET_FLAG_BINARY, NULL, 0, 0);
		expect_message(c, BINARY, "three", 5, 0);
		peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "", 0);
		peer_frame(c, FIN_CONTINUE, "text", 4);
		expect_message(c, WEBSOCKET_FLAG_TEXT, NULL, 0, 0);
		expect_message(c, TEXT, "text", 4, 0);
	}
}

/* I-24 */
ZTEST(ws_receive, closed_socket_below_is_an_error_with_a_name)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[8];
	int result;

	conn_open(c);
	zsock_close(c->tcp);
	c->tcp = -1;
	errno = 0;
	result = websocket_recv_msg(c->ws, buffer, sizeof(buffer), NULL, NULL, PATIENCE_MS);
	zassert_true(result == -ENOTCONN || result == -EBADF, "result %d", result);
	zassert_equal(errno, -result, "errno %d", errno);
}
