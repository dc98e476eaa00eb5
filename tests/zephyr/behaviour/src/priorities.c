/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Threads of different priorities on one connection: the urgent one polls and does not wait, the other one is in a call that
 * waits. A PC's threads have no such order.
 */
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_priorities, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* More urgent than any other thread of the test; but for ztest's own it would be the only one that runs. */
#define URGENT K_PRIO_PREEMPT(0)
#define TURNS_MAX 50

static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;
static volatile int turns;
static struct receive_job receive_job;
static struct send_job send_job;

/* Polls and receives, or sends, without waiting, until it has got something or nobody else gets to run. */
static void urgent(void *argument, void *events, void *unused)
{
	struct conn *const c = argument;
	struct zsock_pollfd entry = {.fd = c->ws, .events = (short)(intptr_t)events};
	char octet = 'x';
	ssize_t result;

	ARG_UNUSED(unused);
	for (turns = 0; turns < TURNS_MAX; turns++) {
		if (zsock_poll(&entry, 1, PATIENCE_MS / 4) <= 0) {
			return;
		}
		result = entry.events == ZSOCK_POLLIN ? zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT)
						      : zsock_send(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT);
		if (result >= 0) {
			return;
		}
	}
}

static void start_urgent(struct conn *c, short events)
{
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), urgent, c, (void *)(intptr_t)events, NULL, URGENT, 0,
			K_NO_WAIT);
	k_msleep(SHORT_MS);
}

static void expect_others_to_run(void)
{
	zassert_ok(k_thread_join(&thread, K_MSEC(PATIENCE_MS)));
	zassert_true(turns < TURNS_MAX, "poll() says ready, the call finds nothing, and nobody else runs");
}

ZTEST(ws_priorities, poll_for_input_lets_the_receiver_go_on)
{
	struct conn *const c = &conns[0];
	int receiver;

	conn_open(c);
	receive_job = (struct receive_job){.ws = c->ws, .is_bsd = true};
	start_urgent(c, ZSOCK_POLLIN);
	receiver = worker_start(receive_work, &receive_job);
	k_msleep(SHORT_MS);
	peer_text(c, "hello");
	expect_others_to_run();
	/* Whoever has got it: it was there once. */
	peer_text(c, "again");
	worker_join(receiver);
	zassert_equal(receive_job.result, 5, "%d", receive_job.result);
}

ZTEST(ws_priorities, poll_for_room_lets_the_sender_go_on)
{
	struct conn *const c = &conns[0];
	size_t octets;
	int sender;

	stalled_open(c);
	octets = stalled_fill_below(c);
	send_job = (struct send_job){.ws = c->ws, .payload = letters(), .len = 2000};
	sender = worker_start(send_bsd_work, &send_job);
	k_msleep(SHORT_MS);
	start_urgent(c, ZSOCK_POLLOUT);
	stalled_drain_below(c, octets);
	expect_others_to_run();
	worker_join(sender);
	zassert_equal(send_job.result, 2000, "%d", send_job.result);
}
