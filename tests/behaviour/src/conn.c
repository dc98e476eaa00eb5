/*
 * Opens and closes the connections of the tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/net/websocket.h>

#include "conn.h"
#include "suite.h"
#include "tls_pair.h"
#include "worker.h"

/* Needs the others before it. */
#include "websocket_internal.h"

/* A stack with few sockets frees those of the last test after a while. */
#define RETRY_MS 20

struct conn conns[CONNS];
int conn_tls_protocol;

static int listener = -1;
static struct sockaddr_in address;

static int64_t deadline(void)
{
	return k_uptime_get() + PATIENCE_MS;
}

static int open_socket(void)
{
	const int64_t end = deadline();
	int sock;

	do {
		sock = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	} while (sock < 0 && k_uptime_get() < end && k_msleep(RETRY_MS) == 0);
	zassert_true(sock >= 0, "no socket: errno %d", errno);

	return sock;
}

static void listen_once(void)
{
	socklen_t len = sizeof(address);

	if (listener >= 0) {
		return;
	}
	address.sin_family = AF_INET;
	zassert_equal(zsock_inet_pton(AF_INET, "127.0.0.1", &address.sin_addr), 1);
	listener = open_socket();
	zassert_ok(zsock_bind(listener, (struct sockaddr *)&address, sizeof(address)), "errno %d", errno);
	zassert_ok(zsock_listen(listener, 4), "errno %d", errno);
	zassert_ok(zsock_getsockname(listener, (struct sockaddr *)&address, &len), "errno %d", errno);
}

int conn_connect(void (*between)(void))
{
	const int64_t end = deadline();
	int sock;

	listen_once();
	for (;;) {
		sock = open_socket();
		if (between != NULL) {
			between();
		}
		if (zsock_connect(sock, (struct sockaddr *)&address, sizeof(address)) == 0) {
			return sock;
		}
		zsock_close(sock);
		zassert_true(k_uptime_get() < end, "no connection: errno %d", errno);
		k_msleep(RETRY_MS);
	}
}

int conn_accept(void)
{
	int sock;

	wait_readable(listener);
	sock = zsock_accept(listener, NULL, NULL);
	zassert_true(sock >= 0, "accept: errno %d", errno);

	return sock;
}

void conn_tcp_pair(int *connecting, int *accepting)
{
	const int on = 1;

#if BEHAVIOUR_HAS_TLS
	if (conn_tls_protocol != 0) {
		tls_pair(conn_tls_protocol, connecting, accepting);
		return;
	}
#endif
	*connecting = conn_connect(NULL);
	*accepting = conn_accept();
	(void)zsock_setsockopt(*connecting, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)zsock_setsockopt(*accepting, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void clear(struct conn *c)
{
	zassert_true(c->tcp < 0 && c->ws < 0 && c->peer < 0, "a connection is in use");
	*c = (struct conn){.tcp = -1, .ws = -1, .peer = -1};
}

void conn_prepare(struct conn *c)
{
	clear(c);
	conn_tcp_pair(&c->tcp, &c->peer);
	c->request.host = CONN_HOST;
	c->request.url = CONN_URL;
	c->request.tmp_buf = c->tmp;
	c->request.tmp_buf_len = sizeof(c->tmp);
}

int conn_handshake(struct conn *c, const struct peer_script *script, int32_t timeout_ms, void *user_data)
{
	const int64_t start = k_uptime_get();

	peer_start(c->peer, script);
	errno = 0;
	c->ws = websocket_connect(c->tcp, &c->request, timeout_ms, user_data);
	c->error = errno;
	c->elapsed_ms = k_uptime_get() - start;
	if (peer_join()) {
		c->peer = -1;
	}

	return c->ws;
}

void conn_open_with(struct conn *c, const void *tail, size_t tail_len)
{
	const struct peer_script script = {.tail = tail, .tail_len = tail_len};
	int result;

	conn_prepare(c);
	result = conn_handshake(c, &script, PATIENCE_MS, NULL);
	zassert_true(result >= 0, "connect: result %d, errno %d", result, c->error);
}

void conn_open(struct conn *c)
{
	conn_open_with(c, NULL, 0);
}

void conn_open_server(struct conn *c)
{
	clear(c);
	conn_tcp_pair(&c->peer, &c->tcp);
	c->is_server = true;
	c->sends_unmasked = true;
	c->ws = websocket_register(c->tcp, c->tmp, sizeof(c->tmp));
	zassert_true(c->ws >= 0, "register: result %d", c->ws);
}

void conn_shrink_buffers(struct conn *c)
{
	const int size = 4096;

	/* Not the peer's buffer: Linux drops what is on its way then, and repeats it seconds later. */
	(void)zsock_setsockopt(c->tcp, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void close_one(int *sock)
{
	if (*sock >= 0) {
		(void)zsock_close(*sock);
		*sock = -1;
	}
}

void conn_close(struct conn *c)
{
	close_one(&c->ws);
	close_one(&c->tcp);
	close_one(&c->peer);
}

static void count_slot(struct websocket_context *context, void *count)
{
	ARG_UNUSED(context);
	(*(int *)count)++;
}

int slots_used(void)
{
	int count = 0;

	websocket_context_foreach(count_slot, &count);

	return count;
}

void wait_readable(int sock)
{
	struct zsock_pollfd pollfd = {.fd = sock, .events = ZSOCK_POLLIN};

	zassert_equal(zsock_poll(&pollfd, 1, PATIENCE_MS), 1, "nothing has arrived");
}

void conn_before_test(void *fixture)
{
	ARG_UNUSED(fixture);
#if BEHAVIOUR_HAS_TLS
	conn_tls_protocol = tls_is_wanted() ? IPPROTO_TLS_1_2 : 0;
#endif
	for (size_t i = 0; i < ARRAY_SIZE(conns); i++) {
		conns[i] = (struct conn){.tcp = -1, .ws = -1, .peer = -1};
	}
}

void conn_after_test(void *fixture)
{
	bool is_repeated_wrongly = false;

	ARG_UNUSED(fixture);
#if BEHAVIOUR_HAS_TLS
	for (size_t i = 0; i < ARRAY_SIZE(conns); i++) {
		is_repeated_wrongly |= conns[i].tcp >= 0 && tls_was_repeated_wrongly(conns[i].tcp);
	}
#endif
	/* The peers first: a thread that waits for one ends then. */
	for (size_t i = 0; i < ARRAY_SIZE(conns); i++) {
		close_one(&conns[i].peer);
	}
	for (size_t i = 0; i < ARRAY_SIZE(conns); i++) {
		conn_close(&conns[i]);
	}
	(void)peer_join();
	worker_join_all();
	zassert_equal(slots_used(), 0, "%d slots are still in use after the test", slots_used());
	zassert_false(is_repeated_wrongly, "a TLS socket refused a send and was given other octets then");
}
