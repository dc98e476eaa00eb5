/*
 * One connection after the other in the same slot, number and object: what belongs to the first never reaches the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_lives, NULL, NULL, bound_before_test, conn_after_test, bound_after_suite);

/*
 * I-81. A thread has looked the descriptor up, and is slow: its call comes when the slot is another connection's. With user
 * mode the object cannot tell.
 */
ZTEST(ws_lives, late_call_never_reaches_the_next_connection_of_the_slot)
{
	struct conn *const old = &conns[0], *const new = &conns[1];
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *object;

	if (IS_ENABLED(CONFIG_USERSPACE)) {
		ztest_test_skip();
	}
	for (int i = 0; i < 5; i++) {
		conn_open(old);
		object = zvfs_get_fd_obj_and_vtable(old->ws, &vtable, &lock);
		conn_close(old);
		conn_open(new);
		expect_errno(vtable->write_offs(object, "secret of the first client", 26, 0), EBADF);
		expect_errno(vtable->read_offs(object, old->tmp, sizeof(old->tmp), 0), EBADF);
		expect_errno(zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_FIONREAD, &(int){0}), EBADF);
		expect_silence(new);
		expect_usable(new);
		conn_close(new);
	}
}

static int placeholder;

static void close_placeholder(void)
{
	zsock_close(placeholder);
}

/* I-74: the sockets that a server accepts share their local port. */
ZTEST(ws_lives, next_client_of_a_server_gets_nothing_of_the_first)
{
	struct conn *const old = &conns[0], *const new = &conns[1];
	const int number = (conn_open_server(old), old->tcp);

	if (conn_tls_protocol != 0) {
		ztest_test_skip();
	}
	zsock_close(old->tcp);
	old->tcp = -1;
	k_msleep(SHORT_MS);
	/* The number and the object are those of the first one again. */
	placeholder = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	new->peer = conn_connect(close_placeholder);
	new->tcp = conn_accept();
	if (new->tcp != number) {
		ztest_test_skip();
	}
	expect_errno(zsock_send(old->ws, "for the first client", 20, 0), ENOTCONN);
	expect_error(websocket_send_msg(old->ws, letters(), 20, WEBSOCKET_OPCODE_DATA_TEXT, false, true, 0), ENOTCONN);
	zassert_ok(zsock_close(old->ws));
	old->ws = -1;
	expect_silence(new);
}

/*
 * I-75. One thread is in recv() and one in send(), and a third closes and takes the number again: the two have left before,
 * or the lock that they wait for would be initialised anew.
 */
ZTEST(ws_lives, threads_in_recv_and_send_have_left_when_the_number_is_used_again)
{
	static struct receive_job receiving;
	static struct send_job sending;

	for (int i = 0; i < MIN(BEHAVIOUR_CYCLES, 10); i++) {
		struct conn *const old = &conns[0], *const new = &conns[1];
		int receiver, sender;

		conn_open_server(old);
		receiving = (struct receive_job){.ws = old->ws, .is_bsd = true, .timeout_ms = SYS_FOREVER_MS};
		sending = (struct send_job){.ws = old->ws, .payload = letters(), .len = BEHAVIOUR_STALL_SIZE,
					    .opcode = WEBSOCKET_OPCODE_DATA_BINARY, .timeout_ms = SYS_FOREVER_MS};
		receiver = worker_start(receive_work, &receiving);
		sender = worker_start(send_bsd_work, &sending);
		zassert_false(worker_ended(receiver, SHORT_MS / 4), "errno %d", receiving.error);
		zassert_false(worker_ended(sender, 0), "the peer took everything");
		zassert_ok(websocket_unregister(old->ws));
		old->tcp = -1;
		old->ws = -1;
		conn_open_server(new);
		zassert_true(worker_ended(receiver, PATIENCE_MS), "recv() does not return");
		zassert_true(worker_ended(sender, PATIENCE_MS), "send() does not return");
		zassert_true(receiving.result < 0 && sending.result < 0);
		expect_usable(new);
		conn_close(new);
		conn_close(old);
	}
}

/* A call that succeeds leaves errno alone, also where it had to wait or to look twice. */
ZTEST(ws_lives, call_that_succeeds_leaves_errno_alone)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd pollfd = {.events = ZSOCK_POLLIN};
	static struct receive_job job;
	uint8_t octet;
	int worker;

	conn_open(c);
	pollfd.fd = c->ws;
	errno = ENFILE;
	zassert_equal(websocket_send_msg(c->ws, letters(), 1000, WEBSOCKET_OPCODE_DATA_TEXT, true, true, PATIENCE_MS),
		      1000);
	zassert_equal(zsock_poll(&pollfd, 1, 1), 0);
	zassert_equal(errno, ENFILE, "errno %d", errno);
	peer_frame(c, FIN_PING, "p", 1);
	peer_text(c, "xy");
	zassert_equal(zsock_poll(&pollfd, 1, PATIENCE_MS), 1);
	zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1);
	zassert_equal(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT), 1);
	zassert_equal(errno, ENFILE, "errno %d", errno);
	/* It waits. The worker sets errno to 0 before. */
	job = (struct receive_job){.ws = c->ws, .timeout_ms = PATIENCE_MS};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS));
	peer_text(c, "late");
	worker_join(worker);
	zassert_equal(job.result, 4);
	zassert_equal(job.error, 0, "errno %d", job.error);
}
