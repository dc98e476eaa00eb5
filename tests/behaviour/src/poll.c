/*
 * zsock_poll() on websockets: it knows what the library has already read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_poll, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* Result of a poll for one event; what came is in *revents. */
static int poll_one(int sock, short events, short *revents, int timeout_ms)
{
	struct zsock_pollfd pollfd = {.fd = sock, .events = events};
	const int result = zsock_poll(&pollfd, 1, timeout_ms);

	*revents = pollfd.revents;

	return result;
}

#define expect_readable(sock) expect_readable_at(__LINE__, sock)
static void expect_readable_at(int line, int sock)
{
	short revents = 0;
	int result;

	result = poll_one(sock, ZSOCK_POLLIN, &revents, 0);
	zassert_equal(result, 1, "line %d: poll without waiting gives %d", line, result);
	zassert_equal(revents, ZSOCK_POLLIN, "line %d: revents 0x%x", line, revents);
	result = poll_one(sock, ZSOCK_POLLIN | ZSOCK_POLLOUT, &revents, PATIENCE_MS);
	zassert_equal(result, 1, "line %d: poll gives %d", line, result);
	zassert_equal(revents, ZSOCK_POLLIN | ZSOCK_POLLOUT, "line %d: revents 0x%x", line, revents);
	zassert_equal(poll_one(sock, ZSOCK_POLLIN, &revents, SYS_FOREVER_MS), 1, "line %d", line);
}

#define expect_not_readable(sock) expect_not_readable_at(__LINE__, sock)
static void expect_not_readable_at(int line, int sock)
{
	const int64_t start = k_uptime_get();
	short revents = 0;

	zassert_equal(poll_one(sock, ZSOCK_POLLIN, &revents, 0), 0, "line %d: revents 0x%x", line, revents);
	zassert_equal(poll_one(sock, ZSOCK_POLLIN, &revents, SHORT_MS), 0, "line %d: revents 0x%x", line, revents);
	zassert_true(k_uptime_get() - start >= SHORT_MS, "line %d", line);
}

ZTEST(ws_poll, waits_for_data)
{
	struct conn *const c = &conns[0];
	short revents = 0;

	conn_open(c);
	expect_not_readable(c->ws);
	peer_text(c, "data");
	zassert_equal(poll_one(c->ws, ZSOCK_POLLIN, &revents, PATIENCE_MS), 1);
	zassert_equal(revents, ZSOCK_POLLIN);
	expect_text(c, "data");
	expect_not_readable(c->ws);
}

/* I-90 */
ZTEST(ws_poll, second_frame_of_a_segment_is_seen)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b', 0x81, 1, 'c'};
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send(c, frames, sizeof(frames));
	wait_readable(c->ws);
	expect_text(c, "a");
	expect_readable(c->ws);
	expect_text(c, "b");
	expect_readable(c->ws);
	expect_text(c, "c");
	expect_not_readable(c->ws);
}

/* I-90 */
ZTEST(ws_poll, rest_after_a_short_read_is_seen)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	peer_text(c, "abc");
	for (int i = 0; i < 3; i++) {
		wait_readable(c->ws);
		zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1);
		zassert_equal(octet, 'a' + i);
	}
	expect_not_readable(c->ws);
}

/* I-90 */
ZTEST(ws_poll, frame_that_came_with_the_handshake_is_seen)
{
	static const uint8_t frame[] = {0x81, 2, 'h', 'i'};
	struct conn *const c = &conns[0];

	conn_open_with(c, frame, sizeof(frame));
	expect_readable(c->ws);
	expect_text(c, "hi");
	expect_not_readable(c->ws);
}

/* I-90 */
ZTEST(ws_poll, empty_frame_in_the_buffer_is_seen)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 0};
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send(c, frames, sizeof(frames));
	expect_text(c, "a");
	expect_readable(c->ws);
	expect_message_now(c, TEXT, NULL, 0, 0);
	expect_not_readable(c->ws);
}

/* I-90: a burst is read at the speed of the socket, one poll for a frame. */
ZTEST(ws_poll, burst_needs_one_poll_for_each_frame)
{
	static uint8_t frames[FRAME_ROOM];
	struct conn *const c = &conns[0];
	const int64_t start = k_uptime_get();
	size_t len = 0;

	conn_open(c);
	for (uint8_t i = 0; i < 50; i++) {
		const uint8_t payload[] = {'0' + i % 10, 'x'};

		len += frame_build(c, &frames[len], FIN_TEXT, payload, sizeof(payload));
	}
	for (int round = 0; round < 10; round++) {
		peer_send(c, frames, len);
		for (uint8_t i = 0; i < 50; i++) {
			uint8_t payload[8];

			wait_readable(c->ws);
			zassert_equal(zsock_recv(c->ws, payload, sizeof(payload), 0), 2);
			zassert_equal(payload[0], '0' + i % 10);
		}
	}
	zassert_true(k_uptime_get() - start < PATIENCE_MS);
	expect_not_readable(c->ws);
}

/* Half a header promises nothing. */
ZTEST(ws_poll, half_a_header_is_not_data)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x81, 126, 0);
	wait_readable(c->tcp);
	expect_receive_error(c, EAGAIN, 0);
	expect_not_readable(c->ws);
	peer_send_octets(c, 126);
	peer_send(c, letters(), 126);
	wait_readable(c->ws);
	expect_message(c, TEXT, letters(), 126, 0);
	expect_not_readable(c->ws);
}

/* I-91 */
ZTEST(ws_poll, closed_socket_below_is_pollnval)
{
	struct conn *const c = &conns[0], *const other = &conns[1];
	struct zsock_pollfd pollfds[2];
	short revents = 0;

	conn_open(c);
	conn_prepare(other);
	zsock_close(c->tcp);
	c->tcp = -1;
	zassert_equal(poll_one(c->ws, ZSOCK_POLLIN, &revents, PATIENCE_MS), 1, "errno %d", errno);
	zassert_equal(revents, ZSOCK_POLLNVAL, "revents 0x%x", revents);
	/* The others of the set are not harmed. */
	peer_send(other, "x", 1);
	wait_readable(other->tcp);
	pollfds[0] = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	pollfds[1] = (struct zsock_pollfd){.fd = other->tcp, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(pollfds, 2, PATIENCE_MS), 2, "errno %d", errno);
	zassert_equal(pollfds[0].revents, ZSOCK_POLLNVAL);
	zassert_equal(pollfds[1].revents, ZSOCK_POLLIN);
}

ZTEST(ws_poll, closed_websocket_is_pollnval)
{
	struct conn *const c = &conns[0];
	const int ws = (conn_open(c), c->ws);
	short revents = 0;

	zassert_ok(zsock_close(ws));
	c->ws = -1;
	zassert_equal(poll_one(ws, ZSOCK_POLLIN, &revents, 0), 1);
	zassert_equal(revents, ZSOCK_POLLNVAL);
}

ZTEST(ws_poll, pollout_of_an_idle_connection)
{
	struct conn *const c = &conns[0];
	short revents = 0;

	conn_open(c);
	zassert_equal(poll_one(c->ws, ZSOCK_POLLOUT, &revents, PATIENCE_MS), 1);
	zassert_equal(revents, ZSOCK_POLLOUT);
	zassert_equal(poll_one(c->ws, ZSOCK_POLLIN | ZSOCK_POLLOUT, &revents, 0), 1);
	zassert_equal(revents, ZSOCK_POLLOUT);
}

ZTEST(ws_poll, end_of_the_stream_is_readable)
{
	struct conn *const c = &conns[0];
	uint8_t octet;
	short revents = 0;

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	zassert_equal(poll_one(c->ws, ZSOCK_POLLIN, &revents, PATIENCE_MS), 1);
	zassert_true((revents & ZSOCK_POLLIN) != 0, "revents 0x%x", revents);
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0);
}

ZTEST(ws_poll, several_websockets_and_sockets_together)
{
	struct conn *const a = &conns[0], *const b = &conns[1], *const plain = &conns[2];
	struct zsock_pollfd pollfds[4];

	if (CONFIG_WEBSOCKET_MAX_CONTEXTS < 2) {
		ztest_test_skip();
	}
	conn_open(a);
	conn_open(b);
	conn_prepare(plain);
	for (int round = 0; round < 3; round++) {
		pollfds[0] = (struct zsock_pollfd){.fd = -1, .events = ZSOCK_POLLIN};
		pollfds[1] = (struct zsock_pollfd){.fd = a->ws, .events = ZSOCK_POLLIN};
		pollfds[2] = (struct zsock_pollfd){.fd = plain->tcp, .events = ZSOCK_POLLIN};
		pollfds[3] = (struct zsock_pollfd){.fd = b->ws, .events = ZSOCK_POLLIN};
		zassert_equal(zsock_poll(pollfds, 4, 0), 0);
		switch (round) {
		case 0:
			peer_text(b, "b");
			zassert_equal(zsock_poll(pollfds, 4, PATIENCE_MS), 1);
			zassert_equal(pollfds[3].revents, ZSOCK_POLLIN);
			expect_text(b, "b");
			break;
		case 1:
			peer_send(plain, "x", 1);
			zassert_equal(zsock_poll(pollfds, 4, PATIENCE_MS), 1);
			zassert_equal(pollfds[2].revents, ZSOCK_POLLIN);
			zassert_equal(zsock_recv(plain->tcp, pollfds, 1, 0), 1);
			break;
		default:
			peer_text(a, "a");
			zassert_equal(zsock_poll(pollfds, 4, PATIENCE_MS), 1);
			zassert_equal(pollfds[1].revents, ZSOCK_POLLIN);
			expect_text(a, "a");
			break;
		}
	}
}

/* I-90: the frame in the buffer is reported together with the others of the set. */
ZTEST(ws_poll, frame_in_the_buffer_counts_beside_other_sockets)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b'};
	struct conn *const c = &conns[0], *const plain = &conns[1];
	struct zsock_pollfd pollfds[3];

	conn_open(c);
	conn_prepare(plain);
	peer_send(c, frames, sizeof(frames));
	expect_text(c, "a");
	peer_send(plain, "x", 1);
	wait_readable(plain->tcp);
	pollfds[0] = (struct zsock_pollfd){.fd = plain->tcp, .events = ZSOCK_POLLIN};
	pollfds[1] = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	pollfds[2] = (struct zsock_pollfd){.fd = plain->peer, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(pollfds, 3, PATIENCE_MS), 2);
	zassert_equal(pollfds[0].revents, ZSOCK_POLLIN);
	zassert_equal(pollfds[1].revents, ZSOCK_POLLIN);
	zassert_equal(pollfds[2].revents, 0);
}
