/*
 * Polls of one websocket that know nothing of each other, and polls with something left to send.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_poll_shared, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* A poll of at most two entries in a thread. */
struct poll_job {
	struct zsock_pollfd entries[2];
	int count;
	int timeout_ms;
	int result;
	int64_t elapsed_ms;
};

static void poll_work(void *argument)
{
	struct poll_job *const job = argument;
	const int64_t start = k_uptime_get();

	job->result = zsock_poll(job->entries, job->count, job->timeout_ms);
	job->elapsed_ms = k_uptime_get() - start;
}

static int poll_now(int sock, short events, short *revents)
{
	struct zsock_pollfd entry = {.fd = sock, .events = events};
	const int result = zsock_poll(&entry, 1, 0);

	*revents = entry.revents;

	return result;
}

/* I-90 */
ZTEST(ws_poll_shared, two_threads_poll_for_different_events)
{
	struct conn *const c = &conns[0];
	static struct poll_job job;
	short revents;
	int worker;

	conn_open(c);
	for (int i = 0; i < 3; i++) {
		job = (struct poll_job){.entries = {{.fd = c->ws, .events = ZSOCK_POLLIN}}, .count = 1,
				       .timeout_ms = PATIENCE_MS};
		worker = worker_start(poll_work, &job);
		zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.entries[0].revents);
		zassert_equal(poll_now(c->ws, ZSOCK_POLLOUT, &revents), 1);
		zassert_equal(revents, ZSOCK_POLLOUT, "revents 0x%x", revents);
		zassert_equal(poll_now(c->ws, ZSOCK_POLLIN | ZSOCK_POLLOUT, &revents), 1);
		zassert_equal(revents, ZSOCK_POLLOUT, "revents 0x%x", revents);
		zassert_equal(zsock_send(c->ws, "out", 3, 0), 3);
		expect_frame(c, FIN_TEXT, "out", 3);
		zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.entries[0].revents);
		peer_text(c, "in");
		worker_join(worker);
		zassert_equal(job.result, 1);
		zassert_equal(job.entries[0].revents, ZSOCK_POLLIN, "revents 0x%x", job.entries[0].revents);
		expect_text(c, "in");
	}
}

/* Most events that a poll of one websocket takes here. */
#define EVENTS_MAX 4

/* One poll of a websocket, in the two steps that the kernel takes. */
struct steps {
	struct zsock_pollfd entry;
	struct k_poll_event events[EVENTS_MAX];
	ptrdiff_t taken;
};

static int ask(struct steps *steps, unsigned int request, struct k_poll_event **next)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const object = zvfs_get_fd_obj_and_vtable(steps->entry.fd, &vtable, &lock);
	int result;

	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, object, request, &steps->entry, next, steps->events + EVENTS_MAX);
	(void)k_mutex_unlock(lock);

	return result;
}

static void prepare(struct steps *steps, int sock, short events)
{
	struct k_poll_event *next = steps->events;
	int result;

	*steps = (struct steps){.entry = {.fd = sock, .events = events}};
	result = ask(steps, ZFD_IOCTL_POLL_PREPARE, &next);
	zassert_true(result == 0 || result == -EALREADY, "result %d", result);
	steps->taken = next - steps->events;
}

#define expect_gone(steps) expect_gone_at(__LINE__, steps)
static void expect_gone_at(int line, struct steps *steps)
{
	struct k_poll_event *next = steps->events;

	zassert_ok(ask(steps, ZFD_IOCTL_POLL_UPDATE, &next), "line %d", line);
	zassert_equal(steps->entry.revents, ZSOCK_POLLNVAL, "line %d: revents 0x%x", line, steps->entry.revents);
	/* What is behind them belongs to the next socket of the poll. */
	zassert_equal(next - steps->events, steps->taken, "line %d: %d events, not %d", line,
		      (int)(next - steps->events), (int)steps->taken);
}

/* I-91: polls take back what they have taken, whatever other polls of the websocket did meanwhile. */
ZTEST(ws_poll_shared, each_poll_of_a_socket_that_goes_away_keeps_its_own_events)
{
	static struct steps input, both, late;
	struct conn *const c = &conns[0];

	conn_open(c);
	prepare(&input, c->ws, ZSOCK_POLLIN);
	prepare(&both, c->ws, ZSOCK_POLLIN | ZSOCK_POLLOUT);
	zassert_ok(zsock_close(c->tcp));
	c->tcp = -1;
	prepare(&late, c->ws, ZSOCK_POLLIN);
	expect_gone(&input);
	expect_gone(&both);
	expect_gone(&late);
}

/* I-90: as sockets of an offloaded interface do, this one says at once that it takes more, and takes nothing. */
ZTEST(ws_poll_shared, poll_waits_its_whole_time_while_a_frame_has_to_leave_first)
{
	struct conn *const c = &conns[0];
	static struct poll_job job;
	int worker;

	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	filter.is_writable_at_once = true;
	filter.sends_left = 4;
	filter.send_errno = EAGAIN;
	/* A part of the frame has left: the rest follows by itself. */
	zassert_equal(zsock_send(c->ws, "hello", 5, ZSOCK_MSG_DONTWAIT), 5, "errno %d", errno);
	for (int i = 0; i < 2; i++) {
		job = (struct poll_job){.entries = {{.fd = c->ws, .events = ZSOCK_POLLIN}}, .count = 1,
				       .timeout_ms = 2 * SHORT_MS};
		poll_work(&job);
		zassert_equal(job.result, 0, "revents 0x%x", job.entries[0].revents);
		zassert_true(job.elapsed_ms >= 2 * SHORT_MS, "%d ms", (int)job.elapsed_ms);
		zassert_equal(job.entries[0].events, ZSOCK_POLLIN, "the caller's events are 0x%x now",
			      job.entries[0].events);
	}
	job.timeout_ms = PATIENCE_MS;
	worker = worker_start(poll_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.entries[0].revents);
	filter.send_errno = 0;
	expect_frame(c, FIN_TEXT, "hello", 5);
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.entries[0].revents);
	peer_text(c, "answer");
	worker_join(worker);
	zassert_equal(job.result, 1);
	zassert_equal(job.entries[0].revents, ZSOCK_POLLIN, "revents 0x%x", job.entries[0].revents);
	expect_text(c, "answer");
}

/* Readiness for output is the application's own question. */
ZTEST(ws_poll_shared, pollout_while_a_frame_has_to_leave_first)
{
	struct conn *const c = &conns[0];
	short revents;

	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	filter.is_writable_at_once = true;
	filter.sends_left = 4;
	filter.send_errno = EAGAIN;
	zassert_equal(zsock_send(c->ws, "hello", 5, ZSOCK_MSG_DONTWAIT), 5, "errno %d", errno);
	filter.send_errno = 0;
	zassert_equal(poll_now(c->ws, ZSOCK_POLLIN | ZSOCK_POLLOUT, &revents), 1);
	zassert_equal(revents, ZSOCK_POLLOUT, "revents 0x%x", revents);
	expect_frame(c, FIN_TEXT, "hello", 5);
}

/* I-90 */
ZTEST(ws_poll_shared, websocket_that_is_twice_in_a_poll)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entries[3];

	conn_open(c);
	entries[0] = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN | ZSOCK_POLLOUT};
	entries[1] = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	entries[2] = (struct zsock_pollfd){.fd = c->peer, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_send(c->ws, "x", 1, 0), 1);
	peer_text(c, "y");
	wait_readable(c->ws);
	wait_readable(c->peer);
	zassert_equal(zsock_poll(entries, 3, PATIENCE_MS), 3);
	zassert_equal(entries[0].revents, ZSOCK_POLLIN | ZSOCK_POLLOUT, "revents 0x%x", entries[0].revents);
	zassert_equal(entries[1].revents, ZSOCK_POLLIN, "revents 0x%x", entries[1].revents);
	zassert_equal(entries[2].revents, ZSOCK_POLLIN, "revents 0x%x", entries[2].revents);
	/* Without its socket it is invalid twice, and the entry behind it is what it is. */
	zassert_ok(zsock_close(c->tcp));
	c->tcp = -1;
	zassert_equal(zsock_poll(entries, 3, PATIENCE_MS), 3);
	zassert_equal(entries[0].revents, ZSOCK_POLLNVAL, "revents 0x%x", entries[0].revents);
	zassert_equal(entries[1].revents, ZSOCK_POLLNVAL, "revents 0x%x", entries[1].revents);
	zassert_true((entries[2].revents & ZSOCK_POLLIN) != 0, "revents 0x%x", entries[2].revents);
}

/* I-91: where a socket before it in the set is gone, the kernel gives an entry the events of others. */
ZTEST(ws_poll_shared, events_of_others_are_not_taken_for_its_own)
{
	struct conn *const c = &conns[0];
	struct steps steps;
	struct k_poll_event *next;
	static const short wanted[] = {ZSOCK_POLLIN, ZSOCK_POLLOUT, ZSOCK_POLLIN | ZSOCK_POLLOUT};

	conn_open(c);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		for (int shift = 0; shift < 3; shift++) {
			prepare(&steps, c->ws, wanted[i]);
			zassert_equal(steps.taken, i == 2 ? 2 : 1, "events 0x%x: %d", wanted[i], (int)steps.taken);
			for (ptrdiff_t other = steps.taken; other < EVENTS_MAX; other++) {
				k_poll_event_init(&steps.events[other], K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, &steps);
			}
			next = &steps.events[shift];
			(void)ask(&steps, ZFD_IOCTL_POLL_UPDATE, &next);
			zassert_equal(next - &steps.events[shift], steps.taken, "events 0x%x, %d further: %d", wanted[i],
				      shift, (int)(next - &steps.events[shift]));
		}
	}
	peer_text(c, "in");
	expect_text(c, "in");
}

/* I-90: the end comes between a look at what is there and the wait for more. */
ZTEST(ws_poll_shared, end_that_comes_before_another_wait_is_seen)
{
	struct conn *const c = &conns[0];
	static struct poll_job job;
	int worker;

	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	zassert_equal(zsock_recv(c->ws, &(char){0}, 1, ZSOCK_MSG_DONTWAIT), -1);
	filter.mute_prepare = 2;
	job = (struct poll_job){.entries = {{.fd = c->ws, .events = ZSOCK_POLLIN}}, .count = 1,
			       .timeout_ms = PATIENCE_MS};
	worker = worker_start(poll_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", job.entries[0].revents);
	/* The ping wakes the poll, for nothing. */
	peer_frame(c, FIN_PING, "?", 1);
	expect_frame(c, FIN_PONG, "?", 1);
	zassert_ok(zsock_close(c->peer));
	c->peer = -1;
	worker_join(worker);
	zassert_equal(job.result, 1);
	zassert_equal(job.entries[0].revents, ZSOCK_POLLIN | ZSOCK_POLLHUP, "revents 0x%x", job.entries[0].revents);
	zassert_true(job.elapsed_ms < PATIENCE_MS / 2, "%d ms", (int)job.elapsed_ms);
}

/* I-90: bits that are never asked for are in many an application's events. */
ZTEST(ws_poll_shared, other_bits_in_events_do_not_end_the_wait)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry = {.events = ZSOCK_POLLIN | ZSOCK_POLLERR | ZSOCK_POLLHUP};
	int64_t start;

	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	entry.fd = c->ws;
	filter.mute_prepare = 1;
	start = k_uptime_get();
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0, "revents 0x%x", entry.revents);
	zassert_true(k_uptime_get() - start >= SHORT_MS - 1, "%d ms", (int)(k_uptime_get() - start));
}
