/*
 * A ping, or a Close, that cannot be answered because the peer does not read: it never holds up data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_pings, NULL, NULL, bound_before_test, conn_after_test, bound_after_suite);
/* Megabytes through small buffers take longer than a bound for all; each of its waits has a limit. */
ZTEST_SUITE(ws_flood, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* How much the peer writes before it reads. */
#define FLOOD_SIZE (4 * 1024 * 1024)
#define FLOOD_FRAME 1024
#define FLOOD_HEADER 4

/* 0: a frame of the application is under way; else everything but the rest of a frame that was accepted is. */
static void open_and_fill(struct conn *c, int small_frames)
{
	stalled_open(c);
	(void)stalled_fill_below(c);
	for (int i = 0; i < small_frames; i++) {
		(void)websocket_send_msg(c->ws, letters(), 100, WEBSOCKET_OPCODE_DATA_TEXT, true, true, 0);
	}
}

static void send_pings_and_data(struct conn *c)
{
	peer_send_octets(c, 0x89, 0x01, 'p', 0x89, 0x01, 'q', 0x82, 0x04, 'd', 'a', 't', 'a');
	wait_readable(c->tcp);
	k_msleep(SHORT_MS / 10);
}

/* RFC 6455 section 5.5.3 */
ZTEST(ws_pings, ping_never_holds_up_websocket_recv_msg)
{
	static const int32_t timeouts[] = {0, 100, 1500, SYS_FOREVER_MS};

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct conn *const c = &conns[0];
		int64_t start;

		open_and_fill(c, 8);
		send_pings_and_data(c);
		start = k_uptime_get();
		expect_message_at(__LINE__, c, PING, "p", 1, 0, timeouts[i]);
		expect_message_at(__LINE__, c, PING, "q", 1, 0, timeouts[i]);
		expect_message_at(__LINE__, c, BINARY, "data", 4, 0, timeouts[i]);
		zassert_true(k_uptime_get() - start < CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms",
			     (int)(k_uptime_get() - start));
		conn_close(c);
	}
}

/* RFC 6455 section 5.5.3 */
ZTEST(ws_pings, ping_never_holds_up_recv_poll_and_fionread)
{
	static const int timeouts[] = {0, 100, -1};

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct conn *const c = &conns[0];
		struct zsock_pollfd pollfd;
		uint8_t buffer[16];
		int64_t start;
		int readable;

		open_and_fill(c, 8);
		send_pings_and_data(c);
		start = k_uptime_get();
		zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONREAD, &readable));
		zassert_equal(readable, 4, "FIONREAD %d", readable);
		pollfd = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
		zassert_equal(zsock_poll(&pollfd, 1, timeouts[i]), 1);
		zassert_equal(pollfd.revents, ZSOCK_POLLIN, "revents 0x%x", pollfd.revents);
		zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), i == 0 ? ZSOCK_MSG_DONTWAIT : 0), 4);
		zassert_mem_equal(buffer, "data", 4);
		zassert_true(k_uptime_get() - start < CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms",
			     (int)(k_uptime_get() - start));
		conn_close(c);
	}
}

/* RFC 6455 section 5.5.1 */
ZTEST(ws_pings, close_that_cannot_be_answered_is_seen_at_once)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd pollfd = {.events = ZSOCK_POLLIN};
	int64_t start;

	open_and_fill(c, 8);
	peer_send_octets(c, 0x88, 0x02, 0x03, 0xE9);
	wait_readable(c->tcp);
	start = k_uptime_get();
	pollfd.fd = c->ws;
	zassert_equal(zsock_poll(&pollfd, 1, PATIENCE_MS), 1);
	zassert_equal(pollfd.revents & ZSOCK_POLLHUP, ZSOCK_POLLHUP, "revents 0x%x", pollfd.revents);
	expect_message(c, CLOSE, "\x03\xE9", 2, 0);
	expect_receive_error(c, ENOTCONN, SYS_FOREVER_MS);
	expect_error(websocket_send_msg(c->ws, letters(), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, SYS_FOREVER_MS),
		     ENOTCONN);
	zassert_true(k_uptime_get() - start < CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms",
		     (int)(k_uptime_get() - start));
}

/* A ping, then frames, before anything is read. */
static void flood_work(void *connection)
{
	static uint8_t octets[FLOOD_HEADER + FLOOD_FRAME];
	const struct conn *const c = connection;
	size_t written = 0;

	if (zsock_send(c->peer, "\x89\x04ping", 6, 0) != 6) {
		return;
	}
	memcpy(octets, ((const uint8_t[]){FIN_BINARY, 126, FLOOD_FRAME >> 8, FLOOD_FRAME & 0xFF}), FLOOD_HEADER);
	while (written < FLOOD_SIZE) {
		size_t sent = 0;

		while (sent < sizeof(octets)) {
			const ssize_t taken = zsock_send(c->peer, octets + sent, sizeof(octets) - sent, 0);

			if (taken <= 0) {
				return;
			}
			sent += (size_t)taken;
		}
		written += FLOOD_FRAME;
	}
}

/* One thread of the application sends, the other receives; the peer reads nothing before it has written everything. */
ZTEST(ws_flood, peer_that_writes_before_it_reads_and_pings_is_no_deadlock)
{
	struct conn *const c = &conns[0];
	static struct send_job job;
	static uint8_t buffer[FLOOD_FRAME];
	size_t received = 0;
	int pings = 0;
	int sender, peer;

	stalled_open(c);
	job = (struct send_job){.ws = c->ws, .payload = letters(), .len = BEHAVIOUR_STALL_SIZE,
			       .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = SYS_FOREVER_MS};
	sender = worker_start(send_work, &job);
	zassert_false(worker_ended(sender, SHORT_MS), "the peer took everything");
	peer = worker_start(flood_work, c);
	while (received < FLOOD_SIZE) {
		uint64_t remaining;
		uint32_t type;
		const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, PATIENCE_MS);

		zassert_true(got > 0, "result %d after %u octets", got, (unsigned int)received);
		if ((type & WEBSOCKET_FLAG_PING) != 0) {
			pings++;
		} else {
			received += (size_t)got;
		}
	}
	zassert_equal(pings, 1);
	worker_join(peer);
	zassert_false(worker_ended(sender, 0));
	expect_frame(c, FIN_BINARY, letters(), BEHAVIOUR_STALL_SIZE);
	expect_frame(c, FIN_PONG, "ping", 4);
	worker_join(sender);
	zassert_equal(job.result, BEHAVIOUR_STALL_SIZE, "result %d", job.result);
}
