/*
 * A thread in poll() beside one in a receive, and what a poll or FIONREAD must not hide from the receive that follows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_poll_beside_receive, NULL, NULL, conn_before_test, conn_after_test, NULL);

struct poll_job {
	struct zsock_pollfd entry;
	int result;
};

static struct poll_job poll_job;
static struct receive_job receive_job;

static void poll_work(void *argument)
{
	struct poll_job *const job = argument;

	job->result = zsock_poll(&job->entry, 1, PATIENCE_MS);
}

/* Of two that wait for the same socket, the kernel wakes one. */
static void check_both_are_woken(bool is_bsd, bool ends)
{
	struct conn *const c = &conns[0];
	int poller;
	int receiver;

	conn_open(c);
	poll_job = (struct poll_job){.entry = {.fd = c->ws, .events = ZSOCK_POLLIN}};
	poller = worker_start(poll_work, &poll_job);
	k_msleep(SHORT_MS);
	receive_job = (struct receive_job){.ws = c->ws, .is_bsd = is_bsd, .timeout_ms = PATIENCE_MS};
	receiver = worker_start(receive_work, &receive_job);
	k_msleep(SHORT_MS);
	if (ends) {
		zsock_close(c->peer);
		c->peer = -1;
	} else {
		peer_text(c, "hello");
	}
	zassert_true(worker_ended(receiver, PATIENCE_MS / 2), "poll() has seen it, and the receive sleeps on");
	if (ends) {
		zassert_equal(receive_job.result, is_bsd ? 0 : -ENOTCONN);
	} else {
		zassert_equal(receive_job.result, 5, "%d", receive_job.result);
		/* The poll is not for what has been received. */
		peer_text(c, "again");
	}
	worker_join(poller);
	zassert_equal(poll_job.result, 1);
}

ZTEST(ws_poll_beside_receive, recv_is_woken_by_data)
{
	check_both_are_woken(true, false);
}

ZTEST(ws_poll_beside_receive, recv_msg_is_woken_by_data)
{
	check_both_are_woken(false, false);
}

ZTEST(ws_poll_beside_receive, recv_is_woken_by_the_end)
{
	check_both_are_woken(true, true);
}

ZTEST(ws_poll_beside_receive, recv_msg_is_woken_by_the_end)
{
	check_both_are_woken(false, true);
}

/* I-90: a poll takes nothing away, whomever it wakes. */
static void check_frame_before_the_end(uint8_t first, const char *payload, size_t len, uint32_t type)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;
	struct receive_job job = {.timeout_ms = PATIENCE_MS};

	conn_open(c);
	peer_frame(c, first, payload, len);
	zsock_close(c->peer);
	c->peer = -1;
	k_msleep(SHORT_MS);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS), 1);
	job.ws = c->ws;
	receive_work(&job);
	zassert_equal(job.result, (int)len, "%d: the frame is lost", job.result);
	zassert_equal(job.type, type);
	receive_work(&job);
	zassert_equal(job.result, -ENOTCONN, "%d", job.result);
}

ZTEST(ws_poll_beside_receive, empty_text_before_the_end_is_there)
{
	check_frame_before_the_end(FIN_TEXT, "", 0, TEXT);
}

ZTEST(ws_poll_beside_receive, pong_before_the_end_is_there)
{
	check_frame_before_the_end(FIN_PONG, "p", 1, PONG);
}

static int readable(struct conn *c)
{
	int octets = -1;

	zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONREAD, &octets));

	return octets;
}

static void wait_until_readable(struct conn *c, int octets)
{
	const int64_t end = k_uptime_get() + PATIENCE_MS;

	while (readable(c) != octets) {
		zassert_true(k_uptime_get() < end, "%d of %d octets", readable(c), octets);
		k_msleep(1);
	}
}

ZTEST(ws_poll_beside_receive, fionread_grows_with_what_comes)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;

	conn_open(c);
	peer_text(c, "abcd");
	wait_until_readable(c, 4);
	peer_text(c, "ef");
	wait_until_readable(c, 6);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS), 1);
	peer_text(c, "g");
	wait_until_readable(c, 7);
	zsock_close(c->peer);
	c->peer = -1;
	k_msleep(SHORT_MS);
	wait_until_readable(c, 7);
	expect_text(c, "abcd");
	expect_text(c, "ef");
	expect_text(c, "g");
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
}
