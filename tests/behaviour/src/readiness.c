/*
 * POLLIN is a promise: whoever receives octets is woken for octets, and whoever receives frames for frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_readiness, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define ANSWERS_PINGS IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)
#define REPORTS_PINGS (!IS_ENABLED(CONFIG_WEBSOCKET_RUST_SWALLOW_CONTROL))

/* A poll for input in a thread. */
struct poll_job {
	int ws;
	int timeout_ms;
	int result;
	short revents;
	int64_t elapsed_ms;
};

static void poll_work(void *argument)
{
	struct poll_job *const job = argument;
	const int64_t start = k_uptime_get();
	struct zsock_pollfd entry = {.fd = job->ws, .events = ZSOCK_POLLIN};

	job->result = zsock_poll(&entry, 1, job->timeout_ms);
	job->revents = entry.revents;
	job->elapsed_ms = k_uptime_get() - start;
}

#define expect_poll(c, events) expect_poll_at(__LINE__, c, events, PATIENCE_MS)
#define expect_no_event(c) expect_poll_at(__LINE__, c, 0, SHORT_MS)
static void expect_poll_at(int line, struct conn *c, short events, int timeout_ms)
{
	struct poll_job job = {.ws = c->ws, .timeout_ms = timeout_ms};

	poll_work(&job);
	zassert_equal(job.revents, events, "line %d: revents 0x%x, not 0x%x", line, job.revents, events);
	zassert_equal(job.result, events != 0, "line %d: result %d", line, job.result);
	zassert_true(events != 0 || job.elapsed_ms >= timeout_ms, "line %d: gave up after %d ms", line,
		     (int)job.elapsed_ms);
}

static ssize_t receive_octet(struct conn *c)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, 0);
}

/* The peer sends what is no data while a thread polls; then data. */
static void check_not_woken(struct conn *c)
{
	static struct poll_job job;
	int worker;

	job = (struct poll_job){.ws = c->ws, .timeout_ms = PATIENCE_MS};
	worker = worker_start(poll_work, &job);
	peer_frame(c, FIN_PING, "ping", 4);
	/* Nobody calls anything meanwhile: the poll answers. */
	expect_frame(c, FIN_PONG, "ping", 4);
	peer_frame(c, FIN_PONG, "pong", 4);
	peer_text(c, "");
	peer_send_octets(c, FIN_TEXT);
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.revents);
	if (c->is_server) {
		peer_send_octets(c, 0x81, 0, 0, 0, 0);
	} else {
		peer_send_octets(c, 1);
	}
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.revents);
	peer_send_octets(c, 'x');
	worker_join(worker);
	zassert_equal(job.result, 1);
	zassert_equal(job.revents, ZSOCK_POLLIN, "revents 0x%x", job.revents);
	zassert_equal(receive_octet(c), 1);
}

/* I-90 */
ZTEST(ws_readiness, stream_reader_is_woken_by_data_only)
{
	struct conn *const c = &conns[0];

	if (!ANSWERS_PINGS) {
		ztest_test_skip();
	}
	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		/* Before the first receive, and after it. */
		check_not_woken(c);
		check_not_woken(c);
		conn_close(c);
	}
}

/* I-90 */
ZTEST(ws_readiness, poll_waits_its_whole_time_whatever_else_comes)
{
	struct conn *const c = &conns[0];
	static struct poll_job job;
	int worker;

	if (!ANSWERS_PINGS) {
		ztest_test_skip();
	}
	conn_open(c);
	job = (struct poll_job){.ws = c->ws, .timeout_ms = 4 * SHORT_MS};
	worker = worker_start(poll_work, &job);
	for (int i = 0; i < 5; i++) {
		peer_frame(c, FIN_PING, "ping", 4);
		expect_frame(c, FIN_PONG, "ping", 4);
	}
	worker_join(worker);
	zassert_equal(job.result, 0, "revents 0x%x", job.revents);
	zassert_true(job.elapsed_ms >= 4 * SHORT_MS && job.elapsed_ms < PATIENCE_MS, "%d ms", (int)job.elapsed_ms);
}

/* I-90 */
ZTEST(ws_readiness, ping_before_the_poll_is_answered_by_it)
{
	struct conn *const c = &conns[0];

	if (!ANSWERS_PINGS) {
		ztest_test_skip();
	}
	conn_open(c);
	peer_frame(c, FIN_PING, "ping", 4);
	wait_readable(c->tcp);
	expect_no_event(c);
	expect_frame(c, FIN_PONG, "ping", 4);
	peer_frame(c, FIN_PING, "p", 1);
	peer_text(c, "x");
	expect_poll(c, ZSOCK_POLLIN);
	zassert_equal(receive_octet(c), 1);
	expect_no_event(c);
}

static void check_frame_reader(struct conn *c)
{
	static const uint8_t opcodes[] = {FIN_PING, FIN_PONG};
	static const uint32_t types[] = {PING, PONG};

	for (size_t i = 0; REPORTS_PINGS && i < 2; i++) {
		peer_frame(c, opcodes[i], "p", 1);
		expect_poll(c, ZSOCK_POLLIN);
		expect_message_now(c, types[i], "p", 1, 0);
	}
	peer_text(c, "");
	expect_poll(c, ZSOCK_POLLIN);
	expect_message_now(c, TEXT, NULL, 0, 0);
	peer_send_octets(c, FIN_TEXT);
	expect_no_event(c);
	peer_send_octets(c, 0);
	expect_poll(c, ZSOCK_POLLIN);
	expect_message_now(c, TEXT, NULL, 0, 0);
}

/* I-90 */
ZTEST(ws_readiness, frame_reader_is_woken_by_every_frame)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_receive_error(c, EAGAIN, 0);
	check_frame_reader(c);
	conn_close(c);
	/* Who sends a ping waits for its pong. */
	conn_open(c);
	zassert_equal(websocket_send_msg(c->ws, letters(), 1, WEBSOCKET_OPCODE_PING, true, true, PATIENCE_MS), 1);
	check_frame_reader(c);
}

/* I-90: whatever it sends, an application that has received no frames reads octets. */
ZTEST(ws_readiness, who_sends_messages_is_not_woken_by_control_frames)
{
	struct conn *const c = &conns[0];

	if (!ANSWERS_PINGS) {
		ztest_test_skip();
	}
	conn_open(c);
	zassert_equal(websocket_send_msg(c->ws, letters(), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS), 1);
	peer_frame(c, FIN_PING, "p", 1);
	wait_readable(c->tcp);
	expect_no_event(c);
	/* And still it can receive the ping that the poll has answered. */
	if (REPORTS_PINGS) {
		expect_message_now(c, PING, "p", 1, 0);
	}
}

/* I-90 */
ZTEST(ws_readiness, who_has_received_frames_is_woken_by_control_frames_from_then_on)
{
	struct conn *const c = &conns[0];

	if (!ANSWERS_PINGS || !REPORTS_PINGS) {
		ztest_test_skip();
	}
	conn_open(c);
	peer_text(c, "ab");
	zassert_equal(receive_octet(c), 1);
	expect_message(c, TEXT, "b", 1, 0);
	peer_frame(c, FIN_PING, "p", 1);
	expect_poll(c, ZSOCK_POLLIN);
	expect_message_now(c, PING, "p", 1, 0);
	peer_text(c, "c");
	expect_poll(c, ZSOCK_POLLIN);
	zassert_equal(receive_octet(c), 1);
	expect_no_event(c);
}

/* I-90: what poll() announced is not waited for, even when it is less than the frame or the memory. */
ZTEST(ws_readiness, receive_after_a_poll_does_not_wait)
{
	static uint8_t buffer[512];
	struct conn *const c = &conns[0];
	struct iovec parts[] = {{.iov_base = buffer, .iov_len = 1}, {.iov_base = &buffer[1], .iov_len = 200}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	BUILD_ASSERT(CONN_TMP_SIZE < 300, "the first part fills the buffer");

	conn_open(c);
	peer_send_octets(c, FIN_TEXT, 126, 400 >> 8, 400 & 0xFF);
	peer_send(c, letters(), 300);
	expect_poll(c, ZSOCK_POLLIN);
	zassert_true(zsock_recv(c->ws, buffer, CONN_TMP_SIZE, 0) > 0, "errno %d", errno);
	while (zsock_recv(c->ws, buffer, sizeof(buffer), ZSOCK_MSG_DONTWAIT) > 0) {
	}
	zassert_equal(errno, EAGAIN);
	/* The rest fits the buffer: it is news when all of it is there. */
	peer_send(c, &letters()[300], 50);
	expect_no_event(c);
	peer_send(c, &letters()[350], 50);
	expect_poll(c, ZSOCK_POLLIN);
	zassert_equal(zsock_recvmsg(c->ws, &message, 0), 100, "errno %d", errno);
	zassert_mem_equal(buffer, &letters()[300], 100);
}

/* As with stock: without a poll a receive waits for the end of the frame. */
ZTEST(ws_readiness, receive_without_a_poll_waits_for_the_frame)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	peer_send_octets(c, FIN_TEXT, 4, 'a', 'b');
	job = (struct receive_job){.ws = c->ws, .is_bsd = true};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d", job.result);
	peer_send(c, "cd", 2);
	worker_join(worker);
	zassert_equal(job.result, 4);
	zassert_mem_equal(job.buffer, "abcd", 4);
}

/* I-90 */
ZTEST(ws_readiness, hang_up_only_when_nothing_but_the_end_is_left)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < 2; i++) {
		conn_open(c);
		peer_text(c, "ab");
		if (i == 0) {
			peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
		} else {
			zsock_close(c->peer);
			c->peer = -1;
		}
		k_msleep(SHORT_MS);
		expect_poll(c, ZSOCK_POLLIN);
		zassert_equal(receive_octet(c), 1);
		expect_poll(c, ZSOCK_POLLIN);
		zassert_equal(receive_octet(c), 1);
		expect_poll(c, ZSOCK_POLLIN | ZSOCK_POLLHUP);
		zassert_equal(receive_octet(c), 0);
		expect_poll(c, ZSOCK_POLLIN | ZSOCK_POLLHUP);
		conn_close(c);
	}
}

/* I-90 */
ZTEST(ws_readiness, violation_that_a_poll_finds_is_the_receives_error)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < 2; i++) {
		conn_open(c);
		peer_send_octets(c, FIN | 3, 0);
		expect_poll(c, ZSOCK_POLLIN);
		expect_close(c, 1002);
		expect_poll(c, ZSOCK_POLLIN);
		if (i == 0) {
			expect_errno(receive_octet(c), EPROTO);
			zassert_equal(receive_octet(c), 0);
		} else {
			expect_receive_error(c, EPROTO, 0);
			expect_receive_error(c, ENOTCONN, 0);
		}
		expect_poll(c, ZSOCK_POLLIN | ZSOCK_POLLHUP);
		conn_close(c);
	}
}

/* I-90: a pong that has no room is sent when there is some; it holds up nothing, and no poll spins meanwhile. */
ZTEST(ws_readiness, ping_while_the_socket_takes_nothing)
{
	struct conn *const c = &conns[0];
	static struct poll_job job;
	int worker;

	if (!ANSWERS_PINGS) {
		ztest_test_skip();
	}
	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	filter.send_errno = EAGAIN;
	filter.sends = 0;
	filter.receives = 0;
	job = (struct poll_job){.ws = c->ws, .timeout_ms = PATIENCE_MS};
	worker = worker_start(poll_work, &job);
	/* The send buffer has room for one pong; of those that follow the latest is kept. */
	peer_frame(c, FIN_PING, letters(), 100);
	for (int i = 0; filter.receives == 0 && i < PATIENCE_MS; i++) {
		k_msleep(1);
	}
	peer_frame(c, FIN_PING, letters(), 80);
	peer_frame(c, FIN_PING, letters(), 90);
	zassert_false(worker_ended(worker, 3 * SHORT_MS), "revents 0x%x", job.revents);
	zassert_true(filter.receives < 200, "%d receives: the poll spins", filter.receives);
	peer_text(c, "x");
	worker_join(worker);
	zassert_equal(job.revents, ZSOCK_POLLIN);
	zassert_equal(receive_octet(c), 1);
	expect_silence(c);
	filter.send_errno = 0;
	expect_no_event(c);
	expect_frame(c, FIN_PONG, letters(), 100);
	expect_frame(c, FIN_PONG, letters(), 90);
}
