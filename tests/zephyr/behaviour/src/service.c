/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A websocket that Zephyr's socket service watches. Here and not with the others, because the PC port has no service.
 */
#include <zephyr/net/socket_service.h>
#include <zephyr/version.h>

#include "conn.h"
#include "frames.h"
#include "suite.h"

static void watch(void *fixture);
static void leave(void *fixture);

ZTEST_SUITE(ws_service, NULL, NULL, watch, leave, NULL);

#define SOCKETS 2

/* What the callback saw last. */
static struct seen {
	atomic_t calls;
	int fd;
	short events;
	short revents;
	ssize_t received;
	int error;
	uint8_t data[32];
} seen;

/* The socket that is no websocket. */
static int plain_sock;

static void receive(struct net_socket_service_event *event)
{
	uint8_t data[sizeof(seen.data)];
	ssize_t received;

	errno = 0;
	/* POLLIN is a promise: a service that waited here would hold up all others. */
	received = zsock_recv(event->event.fd, data, sizeof(data), ZSOCK_MSG_DONTWAIT);
	if (KERNEL_VERSION_NUMBER < ZEPHYR_VERSION(4, 0, 0) && event->event.fd == plain_sock && received < 0) {
		/* With a call for one socket, Zephyr 3.7 repeats those before it for all sockets of the service. */
		return;
	}
	seen.fd = event->event.fd;
	seen.events = event->event.events;
	seen.revents = event->event.revents;
	seen.received = received;
	seen.error = errno;
	memcpy(seen.data, data, sizeof(data));
	(void)atomic_inc(&seen.calls);
}

#if KERNEL_VERSION_NUMBER >= ZEPHYR_VERSION(4, 0, 0)
NET_SOCKET_SERVICE_SYNC_DEFINE_STATIC(service, receive, SOCKETS);
#else
static void receive_in_work(struct k_work *work)
{
	receive(CONTAINER_OF(work, struct net_socket_service_event, work));
}
NET_SOCKET_SERVICE_SYNC_DEFINE_STATIC(service, NULL, receive_in_work, SOCKETS);
#endif

static void watch(void *fixture)
{
	conn_before_test(fixture);
	seen = (struct seen){.fd = -1};
}

static void leave(void *fixture)
{
	(void)net_socket_service_unregister(&service);
	/* The service sees that in a thread of its own. */
	k_msleep(SHORT_MS);
	conn_after_test(fixture);
}

static void watch_sockets(int first, int second)
{
	struct zsock_pollfd entries[SOCKETS] = {{.fd = first, .events = ZSOCK_POLLIN},
						{.fd = second, .events = ZSOCK_POLLIN}};

	zassert_ok(net_socket_service_register(&service, entries, SOCKETS, NULL));
}

#define expect_call(number, sock, data, len) expect_call_at(__LINE__, number, sock, data, len)
static void expect_call_at(int line, int number, int sock, const void *data, size_t len)
{
	zassert_true(WAIT_FOR(atomic_get(&seen.calls) >= number, PATIENCE_MS * USEC_PER_MSEC, k_msleep(1)),
		     "line %d: %d calls, not %d", line, (int)atomic_get(&seen.calls), number);
	zassert_equal(seen.fd, sock, "line %d: for %d, not %d", line, seen.fd, sock);
	zassert_equal(seen.events, ZSOCK_POLLIN, "line %d: events 0x%x", line, seen.events);
	zassert_true((seen.revents & ZSOCK_POLLIN) != 0, "line %d: revents 0x%x", line, seen.revents);
	zassert_equal(seen.received, (ssize_t)len, "line %d: received %d, errno %d", line, (int)seen.received,
		      seen.error);
	zassert_mem_equal(seen.data, data, len, "line %d", line);
}

#define expect_no_call(number) expect_no_call_at(__LINE__, number)
static void expect_no_call_at(int line, int number)
{
	k_msleep(SHORT_MS);
	zassert_equal(atomic_get(&seen.calls), number, "line %d: %d calls, not %d; errno %d", line,
		      (int)atomic_get(&seen.calls), number, seen.error);
}

/* I-90 */
ZTEST(ws_service, service_is_called_for_data_only)
{
	static const uint8_t frames[] = {0x81, 1, 'a', 0x81, 1, 'b', 0x81, 1, 'c'};
	struct conn *const c = &conns[0], *const plain = &conns[1];

	conn_open(c);
	conn_prepare(plain);
	plain_sock = plain->tcp;
	watch_sockets(c->ws, plain_sock);
	expect_no_call(0);
	peer_text(c, "one");
	expect_call(1, c->ws, "one", 3);
	/* A ping is answered by the service's poll. */
	peer_frame(c, FIN_PING, "p", 1);
	expect_frame(c, FIN_PONG, "p", 1);
	peer_send_octets(c, FIN_TEXT, 3, 't');
	expect_no_call(1);
	peer_send(c, "wo", 2);
	expect_call(2, c->ws, "two", 3);
	peer_send(plain, "plain", 5);
	expect_call(3, plain->tcp, "plain", 5);
	/* All of one segment, without anything further to come. */
	peer_send(c, frames, sizeof(frames));
	expect_call(6, c->ws, "c", 1);
	expect_no_call(6);
}
