/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Large messages leave in as few TCP segments as the same octets without a websocket, whatever the application has said of
 * TCP_NODELAY.
 */
#include <zephyr/net/net_mgmt.h>
#include <zephyr/net/net_stats.h>

#include "conn.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_segments, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define LARGE_LEN 4096
#define LARGE_COUNT 4
#define MEDIUM_LEN 1000
#define MEDIUM_COUNT 8
/* Header and key in front of a payload beyond 125 octets. */
#define HEADER_MAX 8

static uint8_t payload[LARGE_LEN];

/* What arrived at the other end. */
static struct reading {
	int sock;
	atomic_t octets;
} reading;

static void read_all(void *unused)
{
	static uint8_t chunk[512];
	ssize_t part;

	ARG_UNUSED(unused);
	while ((part = zsock_recv(reading.sock, chunk, sizeof(chunk), 0)) > 0) {
		(void)atomic_add(&reading.octets, (atomic_val_t)part);
	}
}

/* Segments with data that left this machine, in either direction of its connections. */
static uint32_t segments(void)
{
	struct net_stats_tcp statistics;

	zassert_ok(net_mgmt(NET_REQUEST_STATS_GET_TCP, NULL, &statistics, sizeof(statistics)));
	zassert_equal(statistics.resent, 0, "%u octets were lost", (unsigned int)statistics.resent);

	return statistics.sent;
}

static void wait_for(size_t octets)
{
	zassert_true(WAIT_FOR(atomic_get(&reading.octets) >= (atomic_val_t)octets, PATIENCE_MS * USEC_PER_MSEC,
			      k_msleep(1)),
		     "%d of %zu octets", (int)atomic_get(&reading.octets), octets);
}

struct load {
	size_t len;
	int count;
	/* What they may take, where plain TCP puts the end of one message and the beginning of the next into one segment. */
	uint32_t limit;
	/* Everything has arrived before the next message is sent. */
	bool is_spaced;
};

static const struct load loads[] = {
	{LARGE_LEN, LARGE_COUNT, 13, false},
	{LARGE_LEN, LARGE_COUNT, 13, true},
	{MEDIUM_LEN, MEDIUM_COUNT, 8, false},
	{MEDIUM_LEN, MEDIUM_COUNT, 8, true},
};

/* Segments of a load on this socket, whose messages have so many octets more. */
static uint32_t segments_of(const struct load *load, int sock, size_t header_len)
{
	const uint32_t before = segments();
	const atomic_val_t octets_before = atomic_get(&reading.octets);
	size_t octets = (size_t)octets_before;

	for (int i = 0; i < load->count; i++) {
		zassert_equal(zsock_send(sock, payload, load->len, 0), (ssize_t)load->len, "errno %d", errno);
		octets += header_len + load->len;
		if (load->is_spaced) {
			wait_for(octets);
			k_msleep(SHORT_MS / 10);
		}
	}
	wait_for(octets);

	return segments() - before;
}

static void set_nodelay(int sock, int value)
{
	zassert_ok(zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)), "errno %d", errno);
}

static int nodelay_of(int sock)
{
	int value = -1;
	socklen_t len = sizeof(value);

	zassert_ok(zsock_getsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &value, &len), "errno %d", errno);

	return value;
}

static void begin_reading(int sock)
{
	reading.sock = sock;
	(void)atomic_set(&reading.octets, 0);
	(void)worker_start(read_all, NULL);
}

static void end_reading(struct conn *c)
{
	conn_close(c);
	worker_join_all();
}

static uint32_t segments_without_websocket(const struct load *load, int nodelay)
{
	struct conn *const c = &conns[0];
	uint32_t count;

	conn_prepare(c);
	set_nodelay(c->tcp, nodelay);
	begin_reading(c->peer);
	count = segments_of(load, c->tcp, 0);
	zsock_close(c->tcp);
	c->tcp = -1;
	worker_join_all();
	conn_close(c);

	return count;
}

static uint32_t segments_with_websocket(const struct load *load, int nodelay, bool is_server)
{
	struct conn *const c = &conns[0];
	uint32_t count;

	if (is_server) {
		conn_open_server(c);
	} else {
		conn_open(c);
	}
	set_nodelay(c->tcp, nodelay);
	begin_reading(c->peer);
	count = segments_of(load, c->ws, is_server ? HEADER_MAX - 4 : HEADER_MAX);
	zassert_equal(nodelay_of(c->tcp), nodelay);
	zassert_equal(nodelay_of(c->ws), nodelay);
	end_reading(c);

	return count;
}

static void check(bool is_server)
{
	int worse = 0;

	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		const struct load *const load = &loads[i];

		for (int nodelay = 0; nodelay < 2; nodelay++) {
			const uint32_t plain = segments_without_websocket(load, nodelay);
			const uint32_t ours = segments_with_websocket(load, nodelay, is_server);

			TC_PRINT("%d x %zu octets, %s, TCP_NODELAY %d: %u segments, without a websocket %u\n",
				 load->count, load->len, load->is_spaced ? "one by one" : "in a row", nodelay, ours,
				 plain);
			worse += ours > MAX(plain, load->limit);
		}
	}
	zassert_equal(worse, 0, "%d loads need more segments", worse);
}

/* I-106 */
ZTEST(ws_segments, client_needs_no_more_segments_than_plain_tcp)
{
	check(false);
}

/* I-106 */
ZTEST(ws_segments, server_needs_no_more_segments_than_plain_tcp)
{
	check(true);
}

/* I-106: what the application has set before is what it finds. */
ZTEST(ws_segments, nodelay_is_as_the_application_left_it)
{
	for (int nodelay = 0; nodelay < 2; nodelay++) {
		struct conn *const c = &conns[0];

		conn_prepare(c);
		set_nodelay(c->tcp, nodelay);
		zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
		zassert_equal(nodelay_of(c->tcp), nodelay);
		zassert_equal(nodelay_of(c->ws), nodelay);
		conn_close(c);
	}
}
