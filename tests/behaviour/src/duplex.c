/*
 * A thread that waits in a receive holds up nobody, and is woken by close().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_duplex, NULL, NULL, bound_before_test, conn_after_test, bound_after_suite);

/* "Promptly", on a machine with other work. */
#define PROMPT_MS 3000

static int start_receiver(struct conn *c, struct receive_job *job, bool is_bsd)
{
	int worker;

	*job = (struct receive_job){.ws = c->ws, .is_bsd = is_bsd, .timeout_ms = SYS_FOREVER_MS};
	worker = worker_start(receive_work, job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job->result, job->error);

	return worker;
}

/* I-75 */
ZTEST(ws_duplex, sends_and_polls_go_on_while_a_thread_is_in_recv)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	struct zsock_pollfd pollfd;
	int64_t start;
	int worker;

	conn_open(c);
	worker = start_receiver(c, &job, true);
	start = k_uptime_get();
	zassert_equal(zsock_send(c->ws, "out", 3, 0), 3);
	zassert_equal(websocket_send_msg(c->ws, letters(), 200, WEBSOCKET_OPCODE_DATA_BINARY, true, true, PATIENCE_MS),
		      200);
	pollfd = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLOUT};
	zassert_equal(zsock_poll(&pollfd, 1, PATIENCE_MS), 1);
	zassert_true(zsock_fcntl(c->ws, ZVFS_F_GETFL, 0) >= 0);
	zassert_true(k_uptime_get() - start < PROMPT_MS, "%d ms", (int)(k_uptime_get() - start));
	expect_frame(c, FIN_TEXT, "out", 3);
	expect_frame(c, FIN_BINARY, letters(), 200);
	zassert_false(worker_ended(worker, 0));
	peer_text(c, "in");
	worker_join(worker);
	zassert_equal(job.result, 2, "result %d, errno %d", job.result, job.error);
	zassert_mem_equal(job.buffer, "in", 2);
}

/* I-75 */
ZTEST(ws_duplex, sends_go_on_while_a_thread_is_in_recv_msg)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	worker = start_receiver(c, &job, false);
	for (int i = 0; i < 10; i++) {
		zassert_equal(zsock_send(c->ws, "out", 3, 0), 3);
		expect_frame(c, FIN_TEXT, "out", 3);
	}
	zassert_false(worker_ended(worker, 0));
	peer_text(c, "in");
	worker_join(worker);
	zassert_equal(job.result, 2);
}

static void check_close_wakes(bool is_bsd, bool unregisters)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int64_t start;
	int worker;

	conn_open(c);
	worker = start_receiver(c, &job, is_bsd);
	start = k_uptime_get();
	if (unregisters) {
		zassert_ok(websocket_unregister(c->ws));
		c->tcp = -1;
	} else {
		zassert_ok(zsock_close(c->ws));
	}
	c->ws = -1;
	zassert_true(worker_ended(worker, PATIENCE_MS), "recv is not woken");
	zassert_true(k_uptime_get() - start < PROMPT_MS, "%d ms", (int)(k_uptime_get() - start));
	zassert_true(job.result < 0, "result %d", job.result);
	if (is_bsd) {
		zassert_true(job.error != 0 && job.error != EAGAIN, "errno %d", job.error);
	} else {
		zassert_equal(job.error, -job.result, "result %d, errno %d", job.result, job.error);
		zassert_not_equal(job.result, -EAGAIN);
	}
	zassert_equal(slots_used(), 0);
	expect_close(c, 1000);
	conn_close(c);
}

/* I-75 */
ZTEST(ws_duplex, close_wakes_a_thread_in_recv_with_an_error)
{
	for (int i = 0; i < 5; i++) {
		check_close_wakes(true, false);
	}
}

/* I-75 */
ZTEST(ws_duplex, close_wakes_a_thread_in_recv_msg_with_an_error)
{
	for (int i = 0; i < 5; i++) {
		check_close_wakes(false, false);
	}
}

/* I-72, I-75 */
ZTEST(ws_duplex, unregister_wakes_a_thread_in_recv_with_an_error)
{
	check_close_wakes(true, true);
	check_close_wakes(false, true);
}

/* I-75 */
ZTEST(ws_duplex, close_wakes_a_thread_that_sends_to_a_peer_that_does_not_read)
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
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zassert_true(worker_ended(worker, PATIENCE_MS), "send is not woken");
	zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	zassert_true(job.result < 0, "result %d", job.result);
	zassert_equal(job.error, -job.result);
	zassert_equal(slots_used(), 0);
}

/*
 * A thread that is woken by close() must not come back in another life of its slot. One that comes late finds the
 * old number to be a plain socket, which is an error as well.
 */
ZTEST(ws_duplex, slot_can_be_used_again_while_the_woken_thread_leaves)
{
	struct conn *const old = &conns[0], *const new = &conns[1];

	for (int i = 0; i < MIN(BEHAVIOUR_CYCLES, 20); i++) {
		static struct receive_job job;
		int worker;

		conn_open(old);
		job = (struct receive_job){.ws = old->ws, .timeout_ms = SYS_FOREVER_MS};
		worker = worker_start(receive_work, &job);
		k_msleep(i % 3);
		zassert_ok(zsock_close(old->ws));
		old->ws = -1;
		conn_open(new);
		zassert_not_equal(new->ws, job.ws);
		expect_usable(new);
		zassert_true(worker_ended(worker, PATIENCE_MS), "cycle %d: the thread of the old websocket waits", i);
		zassert_true(job.result < 0, "cycle %d: result %d", i, job.result);
		conn_close(old);
		conn_close(new);
	}
}
