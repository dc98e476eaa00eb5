/*
 * Websockets on sockets that poll by themselves: the offload path of poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_offload, NULL, NULL, conn_before_test, conn_after_test, NULL);

#if defined(CONFIG_ZVFS_POLL_MAX)
#define STOCK_ENTRIES CONFIG_ZVFS_POLL_MAX
#else
#define STOCK_ENTRIES CONFIG_NET_SOCKETS_POLL_MAX
#endif

static void open_offloaded(struct conn *c)
{
	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	filter.offloads = 0;
}

static ssize_t receive_octet(struct conn *c)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT);
}

/* I-93 */
ZTEST(ws_offload, first_entry_need_not_be_a_websocket)
{
	struct conn *const c = &conns[0], *const plain = &conns[1];
	struct zsock_pollfd entries[3];

	conn_prepare(plain);
	open_offloaded(c);
	entries[0] = (struct zsock_pollfd){.fd = -1, .events = ZSOCK_POLLIN};
	entries[1] = (struct zsock_pollfd){.fd = plain->tcp, .events = ZSOCK_POLLIN};
	entries[2] = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(entries, 3, SHORT_MS), 0, "errno %d", errno);
	peer_text(c, "x");
	zassert_equal(zsock_poll(entries, 3, PATIENCE_MS), 1);
	zassert_equal(entries[2].revents, ZSOCK_POLLIN, "revents 0x%x", entries[2].revents);
	zassert_equal(entries[1].revents, 0);
	zassert_true(filter.offloads > 1, "the kernel has polled");
	/* Everything is as it was given. */
	zassert_equal(entries[0].fd, -1);
	zassert_equal(entries[1].fd, plain->tcp);
	zassert_equal(entries[2].fd, c->ws);
	zassert_equal(entries[2].events, ZSOCK_POLLIN, "events 0x%x", entries[2].events);
	zassert_equal(receive_octet(c), 1);
	peer_send(plain, "y", 1);
	zassert_equal(zsock_poll(entries, 3, PATIENCE_MS), 1);
	zassert_equal(entries[1].revents, ZSOCK_POLLIN);
	zassert_equal(entries[2].revents, 0);
	filter.offloads = -1;
}

/* I-90 */
ZTEST(ws_offload, frame_in_the_buffer_is_seen)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b'};
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;

	open_offloaded(c);
	peer_send(c, frames, sizeof(frames));
	for (int i = 0; i < 2; i++) {
		entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
		zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS), 1);
		zassert_equal(entry.revents, ZSOCK_POLLIN, "revents 0x%x", entry.revents);
		zassert_equal(entry.fd, c->ws);
		zassert_equal(receive_octet(c), 1);
	}
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0);
	filter.offloads = -1;
}

/* I-92: stock's array ends there. */
ZTEST(ws_offload, more_entries_than_the_stock_array_holds)
{
	static struct zsock_pollfd entries[STOCK_ENTRIES + 4];
	struct conn *const c = &conns[0];
	const size_t count = ARRAY_SIZE(entries);

	open_offloaded(c);
	for (size_t i = 0; i < count; i++) {
		entries[i] = (struct zsock_pollfd){.fd = -1, .events = ZSOCK_POLLIN};
	}
	entries[1].fd = c->ws;
	entries[count - 1].fd = c->ws;
	peer_text(c, "x");
	zassert_equal(zsock_poll(entries, (int)count, PATIENCE_MS), 2, "errno %d", errno);
	for (size_t i = 0; i < count; i++) {
		const bool is_ours = i == 1 || i == count - 1;

		zassert_equal(entries[i].fd, is_ours ? c->ws : -1, "entry %u is %d", (unsigned int)i, entries[i].fd);
		zassert_equal(entries[i].events, ZSOCK_POLLIN);
		zassert_equal(entries[i].revents, is_ours ? ZSOCK_POLLIN : 0, "entry %u: 0x%x", (unsigned int)i,
			      entries[i].revents);
	}
	filter.offloads = -1;
}

static struct zsock_pollfd polled;
static int poll_result;

static void poll_work(void *connection)
{
	const struct conn *const c = connection;

	polled = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	poll_result = zsock_poll(&polled, 1, PATIENCE_MS);
}

/* I-90 */
ZTEST(ws_offload, pings_do_not_end_the_poll)
{
	struct conn *const c = &conns[0];
	int worker;

	if (!IS_ENABLED(CONFIG_WEBSOCKET_RUST_AUTO_PONG)) {
		ztest_test_skip();
	}
	open_offloaded(c);
	worker = worker_start(poll_work, c);
	for (int i = 0; i < 3; i++) {
		peer_frame(c, FIN_PING, "p", 1);
		expect_frame(c, FIN_PONG, "p", 1);
	}
	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", polled.revents);
	peer_text(c, "x");
	worker_join(worker);
	zassert_equal(poll_result, 1);
	zassert_equal(polled.revents, ZSOCK_POLLIN, "revents 0x%x", polled.revents);
	zassert_equal(polled.fd, c->ws);
	filter.offloads = -1;
}

/* I-91: closed in another thread during the poll: the entry keeps its number. */
ZTEST(ws_offload, websocket_that_is_closed_during_the_poll_is_pollnval_under_its_number)
{
	struct conn *const c = &conns[0];
	const int number = (open_offloaded(c), c->ws);
	int worker = worker_start(poll_work, c);

	zassert_false(worker_ended(worker, SHORT_MS), "revents 0x%x", polled.revents);
	zassert_ok(zsock_close(number));
	c->ws = -1;
	zassert_true(worker_ended(worker, PATIENCE_MS), "the poll does not end");
	zassert_equal(polled.fd, number, "fd %d", polled.fd);
	zassert_equal(polled.revents, ZSOCK_POLLNVAL, "revents 0x%x", polled.revents);
	filter.offloads = -1;
}
