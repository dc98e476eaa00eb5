/*
 * TCP_NODELAY is the application's: what is longer than a buffer of the library leaves in pieces, of which only the last one goes
 * out at once, and nobody sees another value than that which was set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_no_delay, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* More than any buffer of the library, and less than a window. */
#define LONG 1900
#define SMALL 16

static int no_delay_of(int sock)
{
	int value = -1;
	socklen_t len = sizeof(value);

	zassert_ok(zsock_getsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &value, &len), "errno %d", errno);

	return value != 0;
}

static void set_no_delay(int sock, int value)
{
	zassert_ok(zsock_setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)), "errno %d", errno);
}

static void open_filtered(struct conn *c, bool knows_options)
{
	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	filter.knows_options = knows_options;
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	filter.sends = 0;
	filter.no_delays = 0;
}

static void send_letters(struct conn *c, size_t len)
{
	errno = 0;
	zassert_equal(zsock_send(c->ws, letters(), len, 0), (ssize_t)len, "errno %d", errno);
	zassert_equal(errno, 0, "errno %d", errno);
	expect_frame(c, FIN_TEXT, letters(), len);
}

/* I-106 */
ZTEST(ws_no_delay, only_the_last_piece_of_a_frame_goes_out_at_once)
{
	struct conn *const c = &conns[0];

	open_filtered(c, true);
	for (int value = 0; value < 2; value++) {
		set_no_delay(filter.below, value);
		filter.sends = 0;
		filter.no_delays = 0;
		send_letters(c, LONG);
		zassert_true(filter.no_delays > 1 && filter.no_delays == filter.sends, "%d sends", filter.sends);
		/* The last piece may itself leave in two sends, where there is no room for all of it. */
		for (int i = 1; i < filter.no_delays; i++) {
			zassert_true(filter.no_delay[i] >= filter.no_delay[i - 1], "send %d of %d", i, filter.no_delays);
		}
		zassert_equal(filter.no_delay[0], 0);
		zassert_not_equal(filter.no_delay[filter.no_delays - 1], 0);
		zassert_equal(no_delay_of(filter.below), value);
		zassert_equal(no_delay_of(c->ws), value);
	}
}

/* I-106 */
ZTEST(ws_no_delay, small_frame_leaves_as_the_application_has_it)
{
	struct conn *const c = &conns[0];

	open_filtered(c, true);
	for (int value = 0; value < 2; value++) {
		set_no_delay(c->ws, value);
		filter.no_delays = 0;
		send_letters(c, SMALL);
		zassert_equal(filter.no_delays, 1);
		zassert_equal(filter.no_delay[0] != 0, value);
	}
}

/* I-106 */
ZTEST(ws_no_delay, value_from_before_the_handshake_stays)
{
	struct conn *const c = &conns[0];

	for (int value = 0; value < 2; value++) {
		conn_prepare(c);
		set_no_delay(c->tcp, value);
		zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
		zassert_equal(no_delay_of(c->tcp), value);
		zassert_equal(no_delay_of(c->ws), value);
		send_letters(c, LONG);
		zassert_equal(no_delay_of(c->tcp), value);
		zassert_equal(no_delay_of(c->ws), value);
		conn_close(c);
	}
}

/* I-106: as an offloaded one may be. */
ZTEST(ws_no_delay, socket_without_the_option_takes_large_frames)
{
	struct conn *const c = &conns[0];

	open_filtered(c, false);
	send_letters(c, LONG);
	expect_usable(c);
}
