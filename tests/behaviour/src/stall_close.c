/*
 * Calls beside a close() whose Close frame finds no room.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_stall_close, NULL, NULL, conn_before_test, conn_after_test, NULL);

struct close_job {
	int ws;
	int result;
	int error;
	int64_t ended_ms;
};

static struct close_job jobs[2];

static void close_work(void *argument)
{
	struct close_job *const job = argument;

	errno = 0;
	job->result = zsock_close(job->ws);
	job->error = errno;
	job->ended_ms = k_uptime_get();
}

/* Not an octet goes in any more, also when what is on its way has arrived. */
static void fill(struct conn *c)
{
	int octets;

	(void)stalled_fill_below(c);
	do {
		for (octets = 0; zsock_send(c->ws, "x", 1, ZSOCK_MSG_DONTWAIT) > 0; octets++) {
			zassert_true(octets < BEHAVIOUR_STALL_SIZE, "the connection does not fill up");
		}
		k_msleep(SHORT_MS / 2);
	} while (octets > 0);
}

static int start_close(struct conn *c, int number)
{
	jobs[number] = (struct close_job){.ws = c->ws};

	return worker_start(close_work, &jobs[number]);
}

/* I-70: EBADF for a call that begins later, and at once. */
ZTEST(ws_stall_close, calls_that_come_meanwhile_are_refused_at_once)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;
	uint8_t octet;
	int64_t start;
	int worker;

	stalled_open(c);
	fill(c);
	worker = start_close(c, 0);
	k_msleep(SHORT_MS);
	start = k_uptime_get();
	expect_errno(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT), EBADF);
	expect_errno(zsock_send(c->ws, "x", 1, ZSOCK_MSG_DONTWAIT), EBADF);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, 0), 1);
	zassert_equal(entry.revents, ZSOCK_POLLNVAL, "0x%x", entry.revents);
	zassert_true(k_uptime_get() - start < CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT / 2, "%d ms",
		     (int)(k_uptime_get() - start));
	zassert_false(worker_ended(worker, 0), "it had to wait");
	worker_join(worker);
	zassert_ok(jobs[0].result, "errno %d", jobs[0].error);
	c->ws = -1;
}

/* I-70: the number is not free before the first one is done with it. */
ZTEST(ws_stall_close, second_close_waits_for_the_first)
{
	struct conn *const c = &conns[0];
	int workers[2];

	stalled_open(c);
	fill(c);
	workers[0] = start_close(c, 0);
	k_msleep(SHORT_MS);
	workers[1] = start_close(c, 1);
	worker_join(workers[0]);
	worker_join(workers[1]);
	c->ws = -1;
	zassert_ok(jobs[0].result, "errno %d", jobs[0].error);
	zassert_equal(jobs[1].result, -1);
	zassert_equal(jobs[1].error, EBADF, "errno %d", jobs[1].error);
	zassert_true(jobs[1].ended_ms + SHORT_MS >= jobs[0].ended_ms, "the second ended %d ms before the first",
		     (int)(jobs[0].ended_ms - jobs[1].ended_ms));
}
