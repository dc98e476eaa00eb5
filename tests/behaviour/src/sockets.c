/*
 * recv(), send(), fcntl() on a websocket: a stream of data without control frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_sockets, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define expect_data(c, text) expect_data_at(__LINE__, c, text, 0)
#define expect_data_now(c, text) expect_data_at(__LINE__, c, text, ZSOCK_MSG_DONTWAIT)
static void expect_data_at(int line, struct conn *c, const char *text, int flags)
{
	char buffer[64];
	const ssize_t got = zsock_recv(c->ws, buffer, sizeof(buffer), flags);

	zassert_equal(got, (ssize_t)strlen(text), "line %d: recv gives %d, errno %d", line, (int)got, errno);
	zassert_mem_equal(buffer, text, strlen(text), "line %d", line);
}

static ssize_t receive_octet(struct conn *c, int flags)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, flags);
}

ZTEST(ws_sockets, send_makes_one_text_frame)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_equal(zsock_send(c->ws, "hello", 5, 0), 5);
	expect_frame(c, FIN_TEXT, "hello", 5);
	zassert_equal(zsock_send(c->ws, letters(), 1000, 0), 1000);
	expect_frame(c, FIN_TEXT, letters(), 1000);
	zassert_equal(zsock_sendto(c->ws, "x", 1, ZSOCK_MSG_DONTWAIT, NULL, 0), 1);
	expect_frame(c, FIN_TEXT, "x", 1);
	zassert_equal(zsock_send(c->ws, "", 0, 0), 0);
	expect_frame(c, FIN_TEXT, NULL, 0);
}

ZTEST(ws_sockets, recv_gives_data_one_frame_at_a_time)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "one");
	peer_frame(c, FIN_BINARY, "two", 3);
	expect_data(c, "one");
	expect_data(c, "two");
	peer_text(c, "three");
	zassert_equal(receive_octet(c, 0), 1);
	expect_data(c, "hree");
}

/* I-33 */
ZTEST(ws_sockets, control_frames_are_answered_and_skipped)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, "ping", 4);
	peer_frame(c, FIN_PONG, "pong", 4);
	peer_frame(c, FIN_PING, NULL, 0);
	peer_text(c, "data");
	expect_data(c, "data");
	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)) {
		expect_frame(c, FIN_PONG, "ping", 4);
		expect_frame(c, FIN_PONG, NULL, 0);
	}
	expect_silence(c);
}

/* I-33 */
ZTEST(ws_sockets, control_frames_alone_are_no_data)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, "ping", 4);
	wait_readable(c->tcp);
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
	if (IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)) {
		expect_frame(c, FIN_PONG, "ping", 4);
	}
	expect_usable(c);
}

/* I-33 */
ZTEST(ws_sockets, control_frame_inside_a_message_is_skipped)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "one", 3);
	peer_frame(c, FIN_PING, "p", 1);
	peer_frame(c, FIN_CONTINUE, "two", 3);
	expect_data(c, "one");
	expect_data(c, "two");
}

/* I-33 */
ZTEST(ws_sockets, empty_frames_are_skipped)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "");
	peer_frame(c, FIN_BINARY, NULL, 0);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, NULL, 0);
	peer_frame(c, FIN_CONTINUE, NULL, 0);
	peer_text(c, "data");
	expect_data(c, "data");
	peer_text(c, "");
	wait_readable(c->tcp);
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
}

/* I-33 */
ZTEST(ws_sockets, close_of_the_peer_is_the_end)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "last");
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	expect_data(c, "last");
	zassert_equal(receive_octet(c, 0), 0);
	expect_close(c, 1000);
	zassert_equal(receive_octet(c, 0), 0);
	zassert_equal(receive_octet(c, ZSOCK_MSG_DONTWAIT), 0);
	expect_silence(c);
}

ZTEST(ws_sockets, end_of_the_stream_is_the_end)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "last");
	zsock_close(c->peer);
	c->peer = -1;
	expect_data(c, "last");
	zassert_equal(receive_octet(c, 0), 0);
	zassert_equal(receive_octet(c, ZSOCK_MSG_DONTWAIT), 0);
}

ZTEST(ws_sockets, dontwait_gives_eagain_without_data)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
	peer_send_octets(c, 0x81);
	wait_readable(c->tcp);
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
	peer_send_octets(c, 2, 'o');
	wait_readable(c->tcp);
	expect_data_now(c, "o");
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
	peer_send_octets(c, 'k');
	expect_data(c, "k");
}

/* I-34: what the http_server sample asks after every recv(). */
ZTEST(ws_sockets, peek_without_data_gives_eagain)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_errno(receive_octet(c, ZSOCK_MSG_PEEK | ZSOCK_MSG_DONTWAIT), EAGAIN);
	expect_usable(c);
}

ZTEST(ws_sockets, dontwait_gives_every_frame_of_a_segment)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x89, 0, 0x81, 0, 0x82, 2, 'b', 'c'};
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send(c, frames, sizeof(frames));
	wait_readable(c->tcp);
	expect_data_now(c, "a");
	expect_data_now(c, "bc");
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
}

ZTEST(ws_sockets, recv_waits_for_data)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	job = (struct receive_job){.is_bsd = true};
	conn_open(c);
	job.ws = c->ws;
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	peer_frame(c, FIN_PING, NULL, 0);
	zassert_false(worker_ended(worker, SHORT_MS), "a ping ends recv()");
	peer_text(c, "now");
	worker_join(worker);
	zassert_equal(job.result, 3);
	zassert_mem_equal(job.buffer, "now", 3);
}

/* I-35 */
ZTEST(ws_sockets, non_blocking_mode_is_honoured)
{
	struct conn *const c = &conns[0];
	int flags;

	conn_open(c);
	flags = zsock_fcntl(c->ws, ZVFS_F_GETFL, 0);
	zassert_true(flags >= 0 && (flags & ZVFS_O_NONBLOCK) == 0, "flags 0x%x, errno %d", flags, errno);
	zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	flags = zsock_fcntl(c->ws, ZVFS_F_GETFL, 0);
	zassert_true(flags >= 0 && (flags & ZVFS_O_NONBLOCK) != 0, "flags 0x%x, errno %d", flags, errno);
	expect_errno(receive_octet(c, 0), EAGAIN);
	peer_text(c, "data");
	wait_readable(c->ws);
	expect_data(c, "data");
	expect_errno(receive_octet(c, 0), EAGAIN);
	/* websocket_recv_msg() has its own time-out. */
	{
		const int64_t start = k_uptime_get();

		expect_receive_error(c, EAGAIN, SHORT_MS);
		zassert_true(k_uptime_get() - start >= SHORT_MS);
	}
	zassert_equal(zsock_send(c->ws, "out", 3, 0), 3);
	expect_frame(c, FIN_TEXT, "out", 3);
	zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, 0));
	flags = zsock_fcntl(c->ws, ZVFS_F_GETFL, 0);
	zassert_true(flags >= 0 && (flags & ZVFS_O_NONBLOCK) == 0);
}

/* I-35 */
ZTEST(ws_sockets, non_blocking_mode_of_the_socket_below_is_honoured)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_fcntl(c->tcp, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	expect_errno(receive_octet(c, 0), EAGAIN);
	peer_text(c, "data");
	expect_text(c, "data");
}

/* I-35 */
ZTEST(ws_sockets, send_in_non_blocking_mode_gives_eagain_when_there_is_no_room)
{
	struct conn *const c = &conns[0];
	int count = 0;

	conn_prepare(c);
	conn_shrink_buffers(c);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	while (errno = 0, zsock_send(c->ws, letters(), 100, 0) == 100) {
		count++;
		zassert_true(count < BEHAVIOUR_STALL_SIZE / 100);
	}
	zassert_true(errno == EAGAIN || errno == ETIMEDOUT, "errno %d", errno);
	if (errno == EAGAIN) {
		for (int i = 0; i < count; i++) {
			if (i == count - 1) {
				/* The library may have kept the last one: then a call that receives sends it. */
				expect_receive_error(c, EAGAIN, 0);
			}
			expect_frame(c, FIN_TEXT, letters(), 100);
		}
		expect_silence(c);
		expect_usable(c);
	}
}

ZTEST(ws_sockets, both_apis_work_on_one_connection)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "abcdef");
	zassert_equal(receive_octet(c, 0), 1);
	expect_message(c, TEXT, "bcdef", 5, 0);
	peer_text(c, "one");
	peer_text(c, "two");
	expect_text(c, "one");
	expect_data(c, "two");
	zassert_equal(zsock_send(c->ws, "x", 1, 0), 1);
	expect_frame(c, FIN_TEXT, "x", 1);
	expect_usable(c);
}
