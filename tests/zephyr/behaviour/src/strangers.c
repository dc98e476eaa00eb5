/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * websocket_unregister() when the socket below has become somebody else's: Zephyr's own sockets say so, others that have no
 * other end cannot be told from one whose connection has ended.
 */
#include "conn.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_strangers, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* I-77: the stranger has no other end yet; its number is that of a server's connection. */
static void check_unregister_leaves(bool listens)
{
	struct conn *const c = &conns[0];
	struct sockaddr_in address = {.sin_family = AF_INET};
	int value = 0;
	socklen_t len = sizeof(value);
	int number;
	int other;
	int stranger;

	conn_open_server(c);
	number = c->tcp;
	zsock_close(c->peer);
	c->peer = -1;
	k_msleep(SHORT_MS);
	zsock_close(c->tcp);
	c->tcp = -1;
	k_msleep(SHORT_MS);
	stranger = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	/* The number is the first that is free; or the peer's was. */
	other = stranger == number ? -1 : zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (other == number) {
		const int swapped = stranger;

		stranger = other;
		other = swapped;
	}
	if (listens) {
		zassert_ok(zsock_bind(stranger, (struct sockaddr *)&address, sizeof(address)));
		zassert_ok(zsock_listen(stranger, 1));
	}
	(void)websocket_unregister(c->ws);
	c->ws = -1;
	if (other >= 0) {
		zsock_close(other);
	}
	zassert_ok(zsock_getsockopt(stranger, SOL_SOCKET, SO_TYPE, &value, &len), "it was somebody else's");
	zsock_close(stranger);
	if (stranger != number) {
		ztest_test_skip();
	}
}

ZTEST(ws_strangers, unregister_leaves_a_socket_that_is_not_connected)
{
	check_unregister_leaves(false);
}

ZTEST(ws_strangers, unregister_leaves_a_listener)
{
	check_unregister_leaves(true);
}

static int unregistered;

static void unregister(void *ws)
{
	unregistered = websocket_unregister(*(int *)ws);
}

/* Its Close finds no room, so it takes its time; the number is another connection's when it has ended. */
ZTEST(ws_strangers, unregister_leaves_a_connection_that_has_come_meanwhile)
{
	struct conn *const c = &conns[0];
	int number;
	int worker;
	int pair[2];

	stalled_open(c);
	(void)stalled_fill_below(c);
	number = c->tcp;
	worker = worker_start(unregister, &c->ws);
	k_msleep(SHORT_MS);
	zassert_ok(zsock_close(c->tcp));
	c->tcp = -1;
	conn_tcp_pair(&pair[0], &pair[1]);
	zassert_true(pair[0] == number || pair[1] == number, "the number is not used anew");
	worker_join(worker);
	c->ws = -1;
	zassert_ok(unregistered);
	for (int i = 0; i < 2; i++) {
		zassert_equal(zsock_send(pair[i], "x", 1, 0), 1, "%d of %d is closed", pair[i], number);
		zsock_close(pair[i]);
	}
}
