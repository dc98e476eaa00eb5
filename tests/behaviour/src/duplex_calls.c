/*
 * Every call of the socket interface goes on while a thread waits in recv() on the same descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bound.h"
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_duplex_calls, NULL, NULL, bound_before_test, conn_after_test, bound_after_suite);

/* "Promptly", on a machine with other work. */
#define PROMPT_MS 3000

/* I-75 */
ZTEST(ws_duplex_calls, all_go_on_while_a_thread_is_in_recv)
{
	struct conn *const c = &conns[0];
	static struct receive_job job;
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	struct iovec part = {.iov_base = "m", .iov_len = 1};
	const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct zsock_pollfd entry;
	uint8_t octet;
	int64_t start;
	int count = -1;
	int worker;

	conn_open(c);
	job = (struct receive_job){.ws = c->ws, .is_bsd = true};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS));
	start = k_uptime_get();
	zassert_equal(zsock_sendmsg(c->ws, &message, 0), 1);
	expect_frame(c, FIN_TEXT, "m", 1);
	zassert_equal(zvfs_write(c->ws, "w", 1, NULL), 1);
	expect_frame(c, FIN_TEXT, "w", 1);
	zassert_ok(zsock_getpeername(c->ws, (struct sockaddr *)&address, &len));
	set_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 1000);
	expect_number(c, WEBSOCKET_OPT_MAX_MESSAGE_SIZE, 1000);
	set_text(c, WEBSOCKET_OPT_CLOSE_REASON, "bye");
	expect_option_text(c, WEBSOCKET_OPT_CLOSE_REASON, "bye");
	set_limit_ms(c, SO_SNDTIMEO, SHORT_MS);
	expect_socket_error(c, 0);
	zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONREAD, &count));
	zassert_equal(count, 0);
	zassert_equal(slots_used(), 1);
	/* Another thread has what there is to receive: this one waits its turn, or does not. */
	expect_errno(zsock_recv(c->ws, &octet, 1, ZSOCK_MSG_DONTWAIT), EAGAIN);
	entry = (struct zsock_pollfd){.fd = c->ws, .events = ZSOCK_POLLIN};
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0, "revents 0x%x", entry.revents);
	zassert_true(k_uptime_get() - start < PROMPT_MS, "%d ms", (int)(k_uptime_get() - start));
	zassert_false(worker_ended(worker, 0), "result %d, errno %d", job.result, job.error);
	peer_text(c, "in");
	worker_join(worker);
	zassert_equal(job.result, 2);
}
