/*
 * shutdown(): the closing handshake from this end, while the other direction goes on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_shutdown, NULL, NULL, bound_before_test, conn_after_test, bound_after_suite);

static ssize_t receive(struct conn *c, void *buffer, size_t size, int flags)
{
	return zsock_recv(c->ws, buffer, size, flags);
}

/* I-95 */
ZTEST(ws_shutdown, of_sending_begins_the_closing_handshake)
{
	struct conn *const c = &conns[0];
	uint8_t buffer[16];

	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		set_number(c, WEBSOCKET_OPT_CLOSE_CODE, 4002);
		set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "done");
		zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_WR), "errno %d", errno);
		expect_frame(c, FIN_CLOSE, "\x0F\xA2" "done", 6);
		expect_errno(zsock_send(c->ws, "x", 1, 0), ENOTCONN);
		expect_error(websocket_send_msg(c->ws, letters(), 1, WEBSOCKET_OPCODE_PING, true, true, 0), ENOTCONN);
		/* What the peer had to say is received until it closes, too. */
		peer_text(c, "one");
		zassert_equal(receive(c, buffer, sizeof(buffer), 0), 3);
		peer_text(c, "two");
		peer_frame(c, FIN_CLOSE, "\x0F\xA2", 2);
		zassert_equal(receive(c, buffer, sizeof(buffer), 0), 3);
		zassert_equal(receive(c, buffer, sizeof(buffer), 0), 0);
		expect_number(c, WEBSOCKET_OPT_PEER_CLOSE_CODE, 4002);
		zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_WR), "a second time: errno %d", errno);
		zassert_ok(zsock_close(c->ws));
		c->ws = -1;
		expect_silence(c);
		conn_close(c);
	}
}

/* I-95: RFC 6455 section 5.5.1 has no further frames behind a Close, pongs neither. */
ZTEST(ws_shutdown, of_sending_ends_the_answers_to_pings)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_WR));
	expect_close(c, 1000);
	peer_frame(c, FIN_PING, "p", 1);
	peer_text(c, "x");
	zassert_equal(receive(c, &octet, 1, 0), 1);
	expect_silence(c);
}

/* I-95 */
ZTEST(ws_shutdown, of_receiving_is_the_end_for_recv_only)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b'};
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	/* What was received is still given. */
	peer_send(c, frames, sizeof(frames));
	wait_readable(c->ws);
	zassert_equal(receive(c, &octet, 1, 0), 1);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_RD), "errno %d", errno);
	zassert_equal(receive(c, &octet, 1, 0), 1);
	zassert_equal(octet, 'b');
	zassert_equal(receive(c, &octet, 1, 0), 0);
	peer_text(c, "late");
	wait_readable(c->tcp);
	zassert_equal(receive(c, &octet, 1, 0), 0);
	zassert_equal(zsock_send(c->ws, "out", 3, 0), 3);
	expect_frame(c, FIN_TEXT, "out", 3);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_close(c, 1000);
}

/* I-95 */
ZTEST(ws_shutdown, of_receiving_wakes_a_thread_in_recv)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	job = (struct receive_job){.ws = c->ws, .is_bsd = true};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_RD));
	worker_join(worker);
	zassert_equal(job.result, 0, "result %d, errno %d", job.result, job.error);
}

/* I-90: what the next recv() would give. */
ZTEST(ws_shutdown, of_receiving_is_the_end_for_poll)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd entry;
	uint8_t octet;

	conn_open(c);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_RD));
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS / 2), 1);
	zassert_true((entry.revents & ZSOCK_POLLIN) != 0, "0x%x", entry.revents);
	zassert_equal(receive(c, &octet, 1, 0), 0);
}

/* I-95 */
ZTEST(ws_shutdown, of_sending_goes_on_while_a_thread_is_in_recv)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	int worker;

	conn_open(c);
	job = (struct receive_job){.ws = c->ws, .is_bsd = true};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS));
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_WR));
	expect_close(c, 1000);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	peer_text(c, "last");
	worker_join(worker);
	zassert_equal(job.result, 4);
}

/* I-95 */
ZTEST(ws_shutdown, of_both)
{
	struct conn *const c = &conns[0];
	uint8_t octet;

	conn_open(c);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_RDWR));
	expect_close(c, 1000);
	zassert_equal(receive(c, &octet, 1, 0), 0);
	expect_errno(zsock_send(c->ws, "x", 1, 0), ENOTCONN);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_silence(c);
	/* The socket below is the application's. */
	zassert_equal(zsock_send(c->tcp, "x", 1, 0), 1);
}

/* I-95 */
ZTEST(ws_shutdown, of_nothing_is_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_errno(zsock_shutdown(c->ws, 3), EINVAL);
	expect_errno(zsock_shutdown(c->ws, -1), EINVAL);
	expect_usable(c);
}
