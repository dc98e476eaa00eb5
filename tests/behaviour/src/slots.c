/*
 * Slots are taken and released exactly once, however a connection ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

/* Needs the others before it. */
#include "websocket_internal.h"

ZTEST_SUITE(ws_slots, NULL, NULL, conn_before_test, conn_after_test, NULL);

ZTEST(ws_slots, second_websocket_on_a_socket_is_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_error(websocket_connect(c->tcp, &c->request, PATIENCE_MS, NULL), EEXIST);
	zassert_equal(slots_used(), 1);
	expect_silence(c);
	expect_usable(c);
}

ZTEST(ws_slots, more_connections_than_slots_are_refused)
{
	struct conn *const last = &conns[CONFIG_WEBSOCKET_MAX_CONTEXTS];

	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		conn_open(&conns[i]);
		zassert_equal(slots_used(), i + 1);
	}
	conn_prepare(last);
	expect_error(websocket_connect(last->tcp, &last->request, PATIENCE_MS, NULL), ENOENT);
	expect_error(websocket_register(last->tcp, last->tmp, sizeof(last->tmp)), ENOENT);
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		expect_usable(&conns[i]);
	}
	conn_close(&conns[0]);
	zassert_true(conn_handshake(last, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", last->error);
	expect_usable(last);
}

ZTEST(ws_slots, closed_connections_free_their_slots)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		conn_open(c);
		zassert_equal(slots_used(), 1, "cycle %d", i);
		zassert_ok(i % 2 == 0 ? zsock_close(c->ws) : websocket_disconnect(c->ws), "cycle %d", i);
		c->ws = -1;
		zassert_equal(slots_used(), 0, "cycle %d", i);
		expect_close(c, 1000);
		conn_close(c);
	}
}

/* I-13 */
ZTEST(ws_slots, refused_connections_free_their_slots)
{
	static const char *const responses[] = {
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
		PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $X\r\n\r\n",
		"what?\r\n\r\n",
	};
	struct conn *const c = &conns[0];

	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		const struct peer_script script = {.response = responses[(size_t)i % ARRAY_SIZE(responses)],
						   .closes = i % 2 == 0};

		conn_prepare(c);
		zassert_equal(conn_handshake(c, &script, PATIENCE_MS, NULL), -ECONNABORTED, "cycle %d", i);
		zassert_equal(slots_used(), 0, "cycle %d", i);
		conn_close(c);
	}
	conn_open(c);
	expect_usable(c);
}

/* I-20, I-21 */
ZTEST(ws_slots, connections_that_the_server_closes_free_their_slots)
{
	struct conn *const c = &conns[0];

	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		conn_open(c);
		if (i % 3 != 2) {
			peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
		}
		if (i % 3 != 0) {
			zsock_close(c->peer);
			c->peer = -1;
		}
		if (i % 3 == 0) {
			expect_message(c, CLOSE, "\x03\xE8", 2, 0);
			expect_close(c, 1000);
			expect_receive_error(c, ENOTCONN, PATIENCE_MS);
		} else {
			uint8_t octet;

			zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0, "cycle %d", i);
		}
		zassert_equal(slots_used(), 1, "the slot is held until the application closes");
		zassert_ok(zsock_close(c->ws), "cycle %d", i);
		c->ws = -1;
		zassert_equal(slots_used(), 0, "cycle %d", i);
		conn_close(c);
	}
}

static void check_context(struct websocket_context *context, void *connection)
{
	const struct conn *const c = connection;

	zassert_equal(context->real_sock, c->tcp);
	zassert_equal(context->sock, c->ws);
	zassert_true(atomic_get(&context->refcount) > 0);
}

/* I-77 */
ZTEST(ws_slots, foreach_shows_what_the_net_shell_reads)
{
	conn_open(&conns[0]);
	websocket_context_foreach(check_context, &conns[0]);
	zassert_equal(slots_used(), 1);
	expect_usable(&conns[0]);
}

/* I-78 */
ZTEST(ws_slots, init_during_use_keeps_connections)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, 0x81, 6, 'a', 'b', 'c');
	expect_message_at(__LINE__, c, TEXT, "abc", 3, 3, SHORT_MS);
	websocket_init();
	websocket_init();
	zassert_equal(slots_used(), 1);
	peer_send(c, "def", 3);
	expect_message(c, TEXT, "def", 3, 0);
	expect_usable(c);
	expect_error(websocket_connect(c->tcp, &c->request, PATIENCE_MS, NULL), EEXIST);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	expect_close(c, 1000);
	zassert_equal(slots_used(), 0);
}

/* I-81 */
ZTEST(ws_slots, descriptor_that_is_another_socket_by_now_is_no_websocket)
{
	struct conn *const c = &conns[0], *const other = &conns[1];
	const int ws = (conn_open(c), c->ws);
	uint8_t octet;
	int sock;

	zassert_ok(zsock_close(ws));
	c->ws = -1;
	/* Sockets until one has the number. */
	conn_prepare(other);
	sock = other->tcp == ws ? other->tcp : other->peer;
	if (sock != ws) {
		ztest_test_skip();
	}
	expect_error(websocket_send_msg(ws, letters(), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, 0), ENOENT);
	expect_error(websocket_recv_msg(ws, &octet, 1, NULL, NULL, 0), ENOENT);
	expect_error(websocket_unregister(ws), ENOENT);
}

struct connect_job {
	int tcp;
	struct websocket_request *request;
	int result;
};

static void connect_work(void *argument)
{
	struct connect_job *const job = argument;

	job->result = websocket_connect(job->tcp, job->request, PATIENCE_MS, NULL);
}

/* I-16 */
ZTEST(ws_slots, two_threads_cannot_take_the_same_socket)
{
	struct conn *const c = &conns[0], *const second = &conns[1];

	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		static struct connect_job job;
		int worker, result;

		job = (struct connect_job){.request = &second->request};
		conn_prepare(c);
		second->request = c->request;
		second->request.tmp_buf = second->tmp;
		job.tcp = c->tcp;
		peer_start(c->peer, NULL);
		worker = worker_start(connect_work, &job);
		result = websocket_connect(c->tcp, &c->request, PATIENCE_MS, NULL);
		worker_join(worker);
		(void)peer_join();
		c->ws = MAX(result, job.result);
		zassert_true(c->ws >= 0, "results %d and %d", result, job.result);
		zassert_equal(MIN(result, job.result), -EEXIST, "results %d and %d", result, job.result);
		zassert_equal(slots_used(), 1);
		expect_usable(c);
		conn_close(c);
	}
}
