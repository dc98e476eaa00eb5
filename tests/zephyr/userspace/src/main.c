/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * send(), recv(), poll(), fcntl() and close() of a thread in user mode, on a websocket that it was given.
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "user.h"

static void *before_suite(void)
{
	user_init();

	return NULL;
}

static void before_test(void *fixture)
{
	conn_before_test(fixture);
	memset(user_steps, 0, USER_STEPS * sizeof(*user_steps));
}

ZTEST_SUITE(ws_userspace, NULL, before_suite, before_test, conn_after_test, NULL);

static void expect_result(int step, int result, int error)
{
	zassert_equal(user_steps[step].result, result, "step %d: result %d, errno %d", step, user_steps[step].result,
		      user_steps[step].error);
	if (result < 0) {
		zassert_equal(user_steps[step].error, error, "step %d: errno %d", step, user_steps[step].error);
	}
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_sends_receives_and_polls)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	user_steps[0] = (struct user_step){.call = USER_POLL, .events = ZSOCK_POLLIN, .timeout_ms = SHORT_MS};
	user_steps[1] = (struct user_step){.call = USER_RECV, .flags = ZSOCK_MSG_DONTWAIT};
	user_steps[2] = (struct user_step){.call = USER_POLL, .events = ZSOCK_POLLOUT, .timeout_ms = PATIENCE_MS};
	user_steps[3] = (struct user_step){.call = USER_SEND, .text = "from user"};
	user_steps[4] = (struct user_step){.call = USER_POLL, .events = ZSOCK_POLLIN, .timeout_ms = PATIENCE_MS};
	user_steps[5] = (struct user_step){.call = USER_RECV};
	user_start(c->ws, c->tcp, GRANT_BOTH);
	/* Comes after the third step, so the first two had nothing to read. */
	expect_frame(c, FIN_TEXT, "from user", 9);
	peer_text(c, "to user");
	user_join();
	expect_result(0, 0, 0);
	expect_result(1, -1, EAGAIN);
	expect_result(2, 1, 0);
	zassert_equal(user_steps[2].revents, ZSOCK_POLLOUT);
	expect_result(3, 9, 0);
	expect_result(4, 1, 0);
	zassert_equal(user_steps[4].revents, ZSOCK_POLLIN);
	expect_result(5, 7, 0);
	zassert_mem_equal(user_steps[5].data, "to user", 7);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_sees_what_is_buffered)
{
	struct conn *const c = &conns[0];
	/* "a" and "b" in one segment with the server's response. */
	static const uint8_t two[] = {FIN_TEXT, 1, 'a', FIN_TEXT, 1, 'b'};

	conn_open_with(c, two, sizeof(two));
	for (int i = 0; i < 4; i += 2) {
		user_steps[i] = (struct user_step){.call = USER_POLL, .events = ZSOCK_POLLIN};
		user_steps[i + 1] = (struct user_step){.call = USER_RECV};
	}
	user_start(c->ws, c->tcp, GRANT_BOTH);
	user_join();
	for (int i = 0; i < 4; i += 2) {
		expect_result(i, 1, 0);
		expect_result(i + 1, 1, 0);
		zassert_equal(user_steps[i + 1].data[0], i == 0 ? 'a' : 'b');
	}
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_does_not_block_after_fcntl)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	user_steps[0] = (struct user_step){.call = USER_FCNTL};
	user_steps[1] = (struct user_step){.call = USER_RECV};
	user_start(c->ws, c->tcp, GRANT_BOTH);
	user_join();
	expect_result(0, 0, 0);
	expect_result(1, -1, EAGAIN);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_leaves_recv_when_another_thread_closes)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	user_steps[0] = (struct user_step){.call = USER_RECV};
	user_start(c->ws, c->tcp, GRANT_BOTH);
	k_msleep(SHORT_MS);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	user_join();
	zassert_true(user_steps[0].result <= 0, "result %d", user_steps[0].result);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_closes)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	user_steps[0] = (struct user_step){.call = USER_CLOSE};
	user_steps[1] = (struct user_step){.call = USER_SEND, .text = "x"};
	user_start(c->ws, c->tcp, GRANT_BOTH);
	user_join();
	c->ws = -1;
	expect_result(0, 0, 0);
	expect_result(1, -1, EBADF);
	expect_close(c, 1000);
	zassert_equal(slots_used(), 0);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_without_permission_has_no_descriptor)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	user_steps[0] = (struct user_step){.call = USER_SEND, .text = "x"};
	user_steps[1] = (struct user_step){.call = USER_RECV};
	user_start(c->ws, c->tcp, GRANT_NOTHING);
	user_join();
	expect_result(0, -1, EBADF);
	expect_result(1, -1, EBADF);
	expect_usable(c);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_without_permission_for_the_socket_below_has_no_descriptor)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "x");
	user_steps[0] = (struct user_step){.call = USER_SEND, .text = "y"};
	user_steps[1] = (struct user_step){.call = USER_RECV};
	user_start(c->ws, c->tcp, GRANT_WEBSOCKET);
	user_join();
	expect_result(0, -1, EBADF);
	expect_result(1, -1, EBADF);
	/* Nothing came of it: others use the connection as before. */
	expect_text(c, "x");
	expect_usable(c);
}

/* I-96 */
ZTEST(ws_userspace, test_user_mode_cannot_have_others_memory_written)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_text(c, "x");
	user_steps[0] = (struct user_step){.call = USER_RECV_KERNEL};
	user_start(c->ws, c->tcp, GRANT_BOTH);
	user_join();
	expect_result(0, -1, EFAULT);
	expect_text(c, "x");
}
