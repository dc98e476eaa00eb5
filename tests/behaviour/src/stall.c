/*
 * Sending to a peer that does not read: time-outs are kept, and the stream is never torn.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_stall, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define SMALL 100
/* More than any buffer between two sockets of this suite takes. */
#define TOO_MANY (BEHAVIOUR_STALL_SIZE / SMALL)

static int send_small(struct conn *c, int32_t timeout_ms)
{
	return websocket_send_msg(c->ws, letters(), SMALL, WEBSOCKET_OPCODE_DATA_TEXT, true, true, timeout_ms);
}

/* What waits in the buffers of a connection: octets without meaning, then small frames. */
struct filled {
	size_t octets;
	int frames;
	int result; /* of the frame that found no room */
};

static struct filled fill(struct conn *c)
{
	struct filled filled = {.octets = stalled_fill_below(c)};
	int before;

	/* What is on its way makes room again for a moment. */
	do {
		before = filled.frames;
		while ((errno = 0, filled.result = send_small(c, 0)) == SMALL) {
			filled.frames++;
			zassert_true(filled.frames < TOO_MANY, "the connection does not fill up");
		}
		zassert_true(filled.result < 0 && errno == -filled.result, "result %d, errno %d", filled.result, errno);
		k_msleep(SHORT_MS / 2);
	} while (filled.result == -EAGAIN && filled.frames > before);

	return filled;
}

/* The peer reads all but the last of the small frames. */
static void drain_most(struct conn *c, struct filled filled)
{
	stalled_drain_below(c, filled.octets);
	for (int i = 1; i < filled.frames; i++) {
		expect_frame(c, FIN_TEXT, letters(), SMALL);
	}
}

/* The library may have kept the end of the last frame: then a call that receives sends it. */
static void drain(struct conn *c, struct filled filled)
{
	drain_most(c, filled);
	expect_receive_error(c, EAGAIN, 0);
	if (filled.frames > 0) {
		expect_frame(c, FIN_TEXT, letters(), SMALL);
	}
}

/* I-54 */
ZTEST(ws_stall, no_wait_gives_eagain_and_sends_nothing_of_the_frame)
{
	struct conn *const c = &conns[0];
	struct filled filled;

	stalled_open(c);
	filled = fill(c);
	zassert_equal(filled.result, -EAGAIN, "result %d", filled.result);
	drain(c, filled);
	expect_silence(c);
	expect_usable(c);
}

/* I-54 */
ZTEST(ws_stall, socket_send_with_dontwait_gives_eagain)
{
	struct conn *const c = &conns[0];
	struct filled filled;

	stalled_open(c);
	filled = fill(c);
	zassert_equal(filled.result, -EAGAIN, "result %d", filled.result);
	expect_errno(zsock_send(c->ws, "x", 1, ZSOCK_MSG_DONTWAIT), EAGAIN);
	expect_errno(zsock_send(c->ws, letters(), 50, ZSOCK_MSG_DONTWAIT), EAGAIN);
	drain(c, filled);
	expect_silence(c);
	expect_usable(c);
}

static void poll_work(void *connection)
{
	const struct conn *const c = connection;
	struct zsock_pollfd pollfd = {.fd = c->ws, .events = ZSOCK_POLLIN};

	(void)zsock_poll(&pollfd, 1, PATIENCE_MS);
}

static int received;

static void receive_one_work(void *connection)
{
	const struct conn *const c = connection;
	uint8_t buffer[16];

	received = (int)zsock_recv(c->ws, buffer, sizeof(buffer), 0);
}

static void check_last_frame(struct conn *c, void (*wait)(void *), void *argument)
{
	struct filled filled;
	int worker;

	stalled_open(c);
	filled = fill(c);
	worker = worker_start(wait, argument);
	zassert_false(worker_ended(worker, SHORT_MS));
	/* A peer that answers a message waits for its end. */
	drain_most(c, filled);
	if (filled.frames > 0) {
		expect_frame(c, FIN_TEXT, letters(), SMALL);
	}
	peer_text(c, "answer");
	worker_join(worker);
}

/* I-55 */
ZTEST(ws_stall, message_that_was_accepted_leaves_while_the_application_waits_in_recv)
{
	received = -1;
	check_last_frame(&conns[0], receive_one_work, &conns[0]);
	zassert_equal(received, 6, "result %d", received);
}

/* I-55 */
ZTEST(ws_stall, message_that_was_accepted_leaves_while_the_application_waits_in_poll)
{
	check_last_frame(&conns[0], poll_work, &conns[0]);
	expect_text(&conns[0], "answer");
}

/* I-52, I-60 */
ZTEST(ws_stall, time_out_is_kept_on_a_blocking_socket)
{
	struct conn *const c = &conns[0];
	struct filled filled;
	int64_t start;

	stalled_open(c);
	filled = fill(c);
	zassert_equal(filled.result, -EAGAIN, "result %d", filled.result);
	start = k_uptime_get();
	expect_error(send_small(c, SHORT_MS), ETIMEDOUT);
	zassert_true(k_uptime_get() - start >= SHORT_MS, "%d ms", (int)(k_uptime_get() - start));
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	drain(c, filled);
	expect_silence(c);
	expect_usable(c);
}

static int send_large(struct conn *c, int32_t timeout_ms)
{
	return websocket_send_msg(c->ws, letters(), BEHAVIOUR_STALL_SIZE, WEBSOCKET_OPCODE_DATA_BINARY, true, true,
				  timeout_ms);
}

/* I-55, I-71 */
ZTEST(ws_stall, frame_that_began_to_leave_is_never_followed_by_another)
{
	struct conn *const c = &conns[0];
	int64_t start = k_uptime_get();

	stalled_open(c);
	expect_error(send_large(c, SHORT_MS), ETIMEDOUT);
	zassert_true(k_uptime_get() - start >= SHORT_MS);
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	expect_error(send_small(c, 0), EALREADY);
	expect_error(send_small(c, SYS_FOREVER_MS), EALREADY);
	expect_errno(zsock_send(c->ws, "x", 1, ZSOCK_MSG_DONTWAIT), EALREADY);
	/* No Close either, and close() does not wait for what nobody completes. */
	start = k_uptime_get();
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	stalled_expect_beginning_only(c, FIN_BINARY, BEHAVIOUR_STALL_SIZE);
}

static void repeat_work(void *argument)
{
	struct send_job *const job = argument;

	do {
		k_msleep(1);
		job->result = (int)zsock_send(job->ws, job->payload, job->len, ZSOCK_MSG_DONTWAIT);
		job->error = errno;
	} while (job->result < 0 && job->error == EAGAIN);
}

/* I-54, I-55 */
ZTEST(ws_stall, frame_that_began_to_leave_goes_on_when_the_call_is_repeated)
{
	struct conn *const c = &conns[0];
	static struct send_job job;
	int64_t start = k_uptime_get();
	int worker;

	stalled_open(c);
	expect_errno(zsock_send(c->ws, letters(), BEHAVIOUR_STALL_SIZE, ZSOCK_MSG_DONTWAIT), EAGAIN);
	zassert_true(k_uptime_get() - start < CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "it waited");
	job = (struct send_job){.ws = c->ws, .payload = letters(), .len = BEHAVIOUR_STALL_SIZE};
	worker = worker_start(repeat_work, &job);
	expect_frame(c, FIN_TEXT, letters(), BEHAVIOUR_STALL_SIZE);
	worker_join(worker);
	zassert_equal(job.result, BEHAVIOUR_STALL_SIZE, "result %d, errno %d", job.result, job.error);
	expect_silence(c);
	expect_usable(c);
}

static void check_forever(struct conn *c)
{
	static struct send_job job;
	int worker;

	job = (struct send_job){.ws = c->ws, .payload = letters(), .len = BEHAVIOUR_STALL_SIZE,
			       .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = SYS_FOREVER_MS};
	worker = worker_start(send_work, &job);
	zassert_false(worker_ended(worker, 3 * SHORT_MS), "result %d, errno %d", job.result, job.error);
	expect_frame(c, FIN_BINARY, letters(), BEHAVIOUR_STALL_SIZE);
	worker_join(worker);
	zassert_equal(job.result, BEHAVIOUR_STALL_SIZE, "result %d, errno %d", job.result, job.error);
	zassert_true(job.elapsed_ms >= 3 * SHORT_MS);
	expect_usable(c);
}

/* I-53 */
ZTEST(ws_stall, forever_waits_until_the_peer_reads)
{
	stalled_open(&conns[0]);
	check_forever(&conns[0]);
}

/* I-53 */
ZTEST(ws_stall, forever_waits_on_a_non_blocking_socket_as_well)
{
	struct conn *const c = &conns[0];

	stalled_open(c);
	zassert_ok(zsock_fcntl(c->tcp, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	check_forever(c);
}

/* I-55 */
ZTEST(ws_stall, slow_reader_gets_a_large_frame_within_the_time_out)
{
	struct conn *const c = &conns[0];
	static struct send_job job;
	int worker;

	job = (struct send_job){.payload = letters(), .len = BEHAVIOUR_STALL_SIZE,
			       .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = PATIENCE_MS};
	stalled_open(c);
	job.ws = c->ws;
	worker = worker_start(send_work, &job);
	k_msleep(SHORT_MS);
	expect_frame(c, FIN_BINARY, letters(), BEHAVIOUR_STALL_SIZE);
	worker_join(worker);
	zassert_equal(job.result, BEHAVIOUR_STALL_SIZE, "result %d", job.result);
}

/* I-51 */
ZTEST(ws_stall, time_out_covers_waiting_for_another_sender)
{
	struct conn *const c = &conns[0];
	static struct send_job job;
	int64_t start;
	int worker;

	job = (struct send_job){.payload = letters(), .len = BEHAVIOUR_STALL_SIZE,
			       .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = SYS_FOREVER_MS};
	stalled_open(c);
	job.ws = c->ws;
	worker = worker_start(send_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS));
	start = k_uptime_get();
	expect_error(send_small(c, SHORT_MS), ETIMEDOUT);
	zassert_true(k_uptime_get() - start >= SHORT_MS && k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms",
		     (int)(k_uptime_get() - start));
	expect_error(send_small(c, 0), EAGAIN);
	expect_frame(c, FIN_BINARY, letters(), BEHAVIOUR_STALL_SIZE);
	worker_join(worker);
	expect_usable(c);
}

/* I-70 */
ZTEST(ws_stall, close_takes_a_limited_time)
{
	struct conn *const c = &conns[0];
	struct filled filled;
	int64_t start;

	stalled_open(c);
	filled = fill(c);
	start = k_uptime_get();
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	/* The peer has time to read: RFC 6455 section 7.1.2. */
	zassert_equal(filled.result, -EAGAIN);
	zassert_true(k_uptime_get() - start >= CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms",
		     (int)(k_uptime_get() - start));
	zassert_equal(slots_used(), 0);
}

/* I-70 */
ZTEST(ws_stall, unregister_takes_a_limited_time)
{
	struct conn *const c = &conns[0];
	int64_t start;

	stalled_open(c);
	(void)fill(c);
	start = k_uptime_get();
	zassert_ok(websocket_unregister(c->ws));
	c->ws = -1;
	c->tcp = -1;
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
}
