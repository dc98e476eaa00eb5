/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Threads that are aborted while they wait in a call: the connection goes on without them. A PC has no such thing.
 */
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_abort, NULL, NULL, conn_before_test, conn_after_test, NULL);

static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;
static struct receive_job receive_job;
static struct send_job send_job;

static void receive(void *unused, void *unused2, void *unused3)
{
	receive_work(&receive_job);
}

static void send(void *unused, void *unused2, void *unused3)
{
	send_work(&send_job);
}

static void start(k_thread_entry_t entry)
{
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), entry, NULL, NULL, NULL, K_PRIO_PREEMPT(8), 0,
			K_NO_WAIT);
	k_msleep(SHORT_MS);
}

static void abort_in(struct conn *c, k_thread_entry_t entry)
{
	receive_job = (struct receive_job){.ws = c->ws, .timeout_ms = SYS_FOREVER_MS};
	send_job = (struct send_job){.ws = c->ws, .payload = letters(), .len = 2000,
				     .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = SYS_FOREVER_MS};
	start(entry);
	k_thread_abort(&thread);
}

static void receive_bsd(void *unused, void *unused2, void *unused3)
{
	receive_job.is_bsd = true;
	receive_work(&receive_job);
}

static void close_quickly(struct conn *c)
{
	const int64_t start_ms = k_uptime_get();

	zassert_ok(websocket_disconnect(c->ws));
	zassert_true(k_uptime_get() - start_ms < PATIENCE_MS / 2, "%d ms", (int)(k_uptime_get() - start_ms));
	c->ws = -1;
}

static void send_later(void *argument)
{
	k_msleep(SHORT_MS);
	(void)zsock_send(((struct conn *)argument)->peer, "\x81\x05later", 7, 0);
}

static void peer_text_later(struct conn *c)
{
	(void)worker_start(send_later, c);
}

ZTEST(ws_abort, disconnect_after_an_aborted_receive)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	abort_in(c, receive);
	close_quickly(c);
	expect_close(c, 1000);
}

ZTEST(ws_abort, disconnect_after_an_aborted_recv)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	abort_in(c, receive_bsd);
	close_quickly(c);
	expect_close(c, 1000);
}

ZTEST(ws_abort, disconnect_after_an_aborted_send)
{
	struct conn *const c = &conns[0];

	stalled_open(c);
	(void)stalled_fill_below(c);
	abort_in(c, send);
	close_quickly(c);
}

/* Another thread goes on where it was; what comes is its own. */
ZTEST(ws_abort, another_thread_receives)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	abort_in(c, receive);
	peer_text(c, "hello");
	expect_text(c, "hello");
	close_quickly(c);
}

/* The kernel wakes one of those that wait for input: not the one that is gone. */
ZTEST(ws_abort, another_thread_polls)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;

	conn_open(c);
	abort_in(c, receive);
	peer_text_later(c);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS / 2), 1, "data has come, and poll() sleeps");
	expect_text(c, "later");
	close_quickly(c);
}

/* Nothing of the aborted thread's frame has left: it has never been. */
ZTEST(ws_abort, another_thread_sends)
{
	struct conn *const c = &conns[0];
	size_t octets;

	stalled_open(c);
	octets = stalled_fill_below(c);
	abort_in(c, send);
	stalled_drain_below(c, octets);
	expect_usable(c);
	close_quickly(c);
}

/* The usual way to begin again: with the same thread object, which is no sign of life then, and the same stack. */
ZTEST(ws_abort, the_same_thread_begins_again)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	for (int i = 0; i < 3; i++) {
		abort_in(c, receive);
	}
	receive_job = (struct receive_job){.ws = c->ws, .timeout_ms = PATIENCE_MS};
	start(receive);
	peer_text(c, "hello");
	zassert_ok(k_thread_join(&thread, K_MSEC(PATIENCE_MS)));
	zassert_equal(receive_job.result, 5, "%d", receive_job.result);
	close_quickly(c);
}

static void connect_and_wait(void *unused, void *unused2, void *unused3)
{
	(void)websocket_connect(conns[0].tcp, &conns[0].request, SYS_FOREVER_MS, NULL);
}

/* The server does not answer, and the thread is given up: its slot is used again. */
ZTEST(ws_abort, aborted_connects_keep_no_slot)
{
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS + 1; i++) {
		conn_prepare(&conns[0]);
		start(connect_and_wait);
		k_thread_abort(&thread);
		conn_close(&conns[0]);
	}
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		conn_open(&conns[i]);
	}
}

static void disconnect(void *unused, void *unused2, void *unused3)
{
	(void)websocket_disconnect(conns[0].ws);
}

/* It waits for the call in the websocket, which is not as urgent, when it is given up. */
ZTEST(ws_abort, aborted_disconnect_keeps_no_slot)
{
	struct conn *const c = &conns[0];
	int worker;

	conn_open(c);
	receive_job = (struct receive_job){.ws = c->ws, .timeout_ms = SYS_FOREVER_MS};
	worker = worker_start(receive_work, &receive_job);
	k_msleep(SHORT_MS);
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), disconnect, NULL, NULL, NULL,
			K_HIGHEST_APPLICATION_THREAD_PRIO, 0, K_NO_WAIT);
	k_yield();
	k_thread_abort(&thread);
	worker_join(worker);
	zassert_equal(receive_job.result, -ECONNABORTED, "%d", receive_job.result);
	/* Its descriptor is lost, as with any call that is aborted in close(). The slot is not. */
	c->ws = -1;
	c->ws = websocket_register(c->tcp, c->tmp, sizeof(c->tmp));
	zassert_true(c->ws >= 0, "%d", c->ws);
}

/* Its Close waits for room when it is given up: nobody waits for it. */
ZTEST(ws_abort, aborted_close_without_room_keeps_no_slot)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;

	stalled_open(c);
	(void)stalled_fill_below(c);
	start(disconnect);
	k_thread_abort(&thread);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLNVAL, "0x%x", entry.revents);
	c->ws = websocket_register(c->tcp, c->tmp, sizeof(c->tmp));
	zassert_true(c->ws >= 0, "%d", c->ws);
}
