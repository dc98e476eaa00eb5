/*
 * MSG_PEEK, MSG_WAITALL and MSG_TRUNC of recv(), and FIONREAD: how much there is, without losing any of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_flags, NULL, NULL, conn_before_test, conn_after_test, NULL);

static void open_as(struct conn *c, bool is_server)
{
	if (is_server) {
		conn_open_server(c);
	} else {
		conn_open(c);
	}
}

static int readable(struct conn *c)
{
	int count = -1;

	zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONREAD, &count), "errno %d", errno);

	return count;
}

/* I-34 */
ZTEST(ws_flags, peek_leaves_the_data_where_it_is)
{
	struct conn *const c = &conns[0];
	char buffer[16];

	for (int i = 0; i < 2; i++) {
		open_as(c, i != 0);
		peer_frame(c, FIN_PING, "p", 1);
		peer_text(c, "abcdef");
		wait_readable(c->ws);
		zassert_equal(zsock_recv(c->ws, buffer, 4, ZSOCK_MSG_PEEK), 4);
		zassert_mem_equal(buffer, "abcd", 4);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_PEEK | ZSOCK_MSG_DONTWAIT), 6);
		zassert_mem_equal(buffer, "abcdef", 6);
		/* In the middle of a frame. */
		zassert_equal(zsock_recv(c->ws, buffer, 3, 0), 3);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_PEEK), 3);
		zassert_mem_equal(buffer, "def", 3);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 3);
		zassert_mem_equal(buffer, "def", 3);
		expect_errno(zsock_recv(c->ws, buffer, 1, ZSOCK_MSG_PEEK | ZSOCK_MSG_DONTWAIT), EAGAIN);
		conn_close(c);
	}
}

static void peek_work(void *argument)
{
	struct receive_job *const job = argument;

	job->result = (int)zsock_recv(job->ws, job->buffer, sizeof(job->buffer), ZSOCK_MSG_PEEK);
	job->error = errno;
}

/* I-34 */
ZTEST(ws_flags, peek_waits_for_data)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	job = (struct receive_job){.ws = c->ws};
	worker = worker_start(peek_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	peer_text(c, "data");
	worker_join(worker);
	zassert_true(job.result > 0 && job.result <= 4, "result %d, errno %d", job.result, job.error);
	expect_text(c, "data");
}

/* I-34 */
ZTEST(ws_flags, peek_sees_the_end)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	zassert_equal(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_PEEK), 0);
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0);
}

static void wait_all_work(void *argument)
{
	struct receive_job *const job = argument;

	job->result = (int)zsock_recv(job->ws, job->buffer, 10, ZSOCK_MSG_WAITALL);
	job->error = errno;
}

/* I-34 */
ZTEST(ws_flags, waitall_fills_the_memory_across_messages)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	for (int i = 0; i < 2; i++) {
		open_as(c, i != 0);
		job = (struct receive_job){.ws = c->ws};
		worker = worker_start(wait_all_work, &job);
		peer_text(c, "one");
		zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
		peer_frame(c, FIN_PING, "p", 1);
		peer_text(c, "");
		peer_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "two", 3);
		zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
		peer_frame(c, FIN_CONTINUE, "three", 5);
		worker_join(worker);
		zassert_equal(job.result, 10, "result %d, errno %d", job.result, job.error);
		zassert_mem_equal(job.buffer, "onetwothre", 10);
		expect_message(c, BINARY, "e", 1, 0);
		conn_close(c);
	}
}

/* I-34: after a poll as well, which makes a receive without flags return early. */
ZTEST(ws_flags, waitall_waits_after_a_poll)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	peer_text(c, "one");
	wait_readable(c->ws);
	job = (struct receive_job){.ws = c->ws};
	worker = worker_start(wait_all_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	peer_text(c, "and more");
	worker_join(worker);
	zassert_equal(job.result, 10);
	zassert_mem_equal(job.buffer, "oneand mor", 10);
}

/* I-34 */
ZTEST(ws_flags, waitall_gives_what_came_before_the_end)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[10];

	for (int i = 0; i < 3; i++) {
		conn_open(c);
		peer_text(c, "four");
		if (i == 0) {
			peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
		} else if (i == 1) {
			zsock_close(c->peer);
			c->peer = -1;
		} else {
			set_limit_ms(c, SO_RCVTIMEO, SHORT_MS);
		}
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), 4, "errno %d", errno);
		zassert_mem_equal(buffer, "four", 4);
		if (i == 2) {
			expect_errno(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), EAGAIN);
		} else {
			zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), 0);
		}
		conn_close(c);
	}
}

/* I-34: nothing is thrown away: the rest of the frame is only told. */
ZTEST(ws_flags, trunc_tells_the_length_of_the_frame)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[16];

	conn_open(c);
	peer_text(c, "0123456789");
	wait_readable(c->ws);
	zassert_equal(zsock_recv(c->ws, buffer, 4, ZSOCK_MSG_PEEK | ZSOCK_MSG_TRUNC), 10);
	zassert_equal(zsock_recv(c->ws, buffer, 4, ZSOCK_MSG_TRUNC), 10);
	zassert_mem_equal(buffer, "0123", 4);
	zassert_equal(zsock_recv(c->ws, buffer, 2, ZSOCK_MSG_TRUNC), 6);
	zassert_mem_equal(buffer, "45", 2);
	zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_TRUNC), 4);
	zassert_mem_equal(buffer, "6789", 4);
	/* Also what has not come yet. */
	peer_send_octets(c, FIN_TEXT, 100, 'a', 'b');
	wait_readable(c->tcp);
	zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_TRUNC | ZSOCK_MSG_DONTWAIT), 100);
	zassert_mem_equal(buffer, "ab", 2);
	peer_send(c, letters(), 98);
	expect_message(c, TEXT, letters(), 98, 0);
}

/* I-94 */
ZTEST(ws_flags, fionread_counts_payload_only)
{
	struct conn *const c = &conns[0];
	uint8_t frames[FRAME_ROOM];
	uint8_t buffer[8];

	for (int i = 0; i < 2; i++) {
		size_t len = 0;

		open_as(c, i != 0);
		zassert_equal(readable(c), 0);
		len += frame_build(c, &frames[len], FIN_PING, "ping", 4);
		len += frame_build(c, &frames[len], FIN_TEXT, "abc", 3);
		len += frame_build(c, &frames[len], FIN_PONG, "pong", 4);
		len += frame_build(c, &frames[len], FIN_BINARY, NULL, 0);
		len += frame_build(c, &frames[len], FIN_BINARY, "defg", 4);
		peer_send(c, frames, len);
		wait_readable(c->ws);
		zassert_equal(readable(c), 7, "%d octets", readable(c));
		zassert_equal(zsock_recv(c->ws, buffer, 2, 0), 2);
		zassert_equal(readable(c), 5);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 1);
		zassert_equal(readable(c), 4);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 4);
		zassert_equal(readable(c), 0);
		conn_close(c);
	}
}

/* I-94 */
ZTEST(ws_flags, fionread_of_half_a_frame_and_of_the_end)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[8];

	conn_open(c);
	peer_send_octets(c, FIN_TEXT, 5, 'a', 'b');
	wait_readable(c->tcp);
	zassert_equal(readable(c), 2);
	peer_send_octets(c, 'c', 'd', 'e', FIN_TEXT);
	zassert_equal(zsock_recv(c->ws, buffer, 5, ZSOCK_MSG_WAITALL), 5);
	zassert_equal(readable(c), 0, "half a header is no payload");
	peer_send_octets(c, 0);
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	wait_readable(c->ws);
	zassert_equal(readable(c), 0, "a Close is no payload");
	zassert_equal(zsock_recv(c->ws, buffer, 1, 0), 0);
	zassert_equal(readable(c), 0);
}

/* I-94: a frame that came with the handshake counts as well. */
ZTEST(ws_flags, fionread_after_the_handshake)
{
	static const uint8_t frame[] = {0x81, 2, 'h', 'i'};
	struct conn *const c = &conns[0];

	conn_open_with(c, frame, sizeof(frame));
	zassert_equal(readable(c), 2);
	expect_text(c, "hi");
}
