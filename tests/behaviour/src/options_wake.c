/*
 * WEBSOCKET_OPT_WAKE: which control frames wake an application that polls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_options_wake, NULL, NULL, conn_before_test, conn_after_test, NULL);

static int poll_for(struct conn *c, int timeout_ms)
{
	struct zsock_pollfd entry = {.fd = c->ws, .events = ZSOCK_POLLIN};

	return zsock_poll(&entry, 1, timeout_ms);
}

static void receive_frame(struct conn *c)
{
	peer_text(c, "frame");
	expect_text(c, "frame");
}

/* I-90 */
ZTEST(ws_options_wake, data_only_lets_who_received_frames_sleep_through_control_frames)
{
	struct conn *const c = &conns[0];
	char text[8];

	conn_open(c);
	receive_frame(c);
	peer_frame(c, FIN_PING, "a", 1);
	zassert_equal(poll_for(c, PATIENCE_MS), 1, "as it is by itself");
	expect_message_now(c, PING, "a", 1, 0);
	expect_frame(c, FIN_PONG, "a", 1);
	set_number(c, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_DATA);
	peer_frame(c, FIN_PING, "b", 1);
	peer_frame(c, FIN_PONG, "", 0);
	zassert_equal(poll_for(c, SHORT_MS), 0);
	expect_frame(c, FIN_PONG, "b", 1);
	peer_text(c, "data");
	zassert_equal(poll_for(c, PATIENCE_MS), 1);
	zassert_equal(zsock_recv(c->ws, text, sizeof(text), ZSOCK_MSG_DONTWAIT), 4);
	zassert_equal(poll_for(c, 0), 0);
}

/* I-90 */
ZTEST(ws_options_wake, data_only_counts_for_more_than_a_ping_that_was_sent)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	set_number(c, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_DATA);
	zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"p", 1, WEBSOCKET_OPCODE_PING, true, true, PATIENCE_MS), 1);
	expect_frame(c, FIN_PING, "p", 1);
	peer_frame(c, FIN_PONG, "p", 1);
	zassert_equal(poll_for(c, SHORT_MS), 0);
	zsock_close(c->peer);
	c->peer = -1;
	zassert_equal(poll_for(c, PATIENCE_MS), 1, "the end is no control frame");
}

/* I-90 */
ZTEST(ws_options_wake, frames_wake_who_has_not_received_any)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_frame(c, FIN_PING, "a", 1);
	zassert_equal(poll_for(c, SHORT_MS), 0, "as it is by itself");
	set_number(c, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_FRAMES);
	peer_frame(c, FIN_PING, "b", 1);
	zassert_equal(poll_for(c, PATIENCE_MS), 1);
	expect_message_now(c, PING, "a", 1, 0);
	zassert_equal(poll_for(c, PATIENCE_MS), 1);
	expect_message_now(c, PING, "b", 1, 0);
	zassert_equal(poll_for(c, 0), 0);
}

/* I-90 */
ZTEST(ws_options_wake, other_values_are_refused)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_number(c, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_AUTOMATIC);
	expect_refused(c, WEBSOCKET_OPT_WAKE, 3, EINVAL);
	expect_refused(c, WEBSOCKET_OPT_WAKE, -1, EINVAL);
	expect_number(c, WEBSOCKET_OPT_WAKE, WEBSOCKET_WAKE_AUTOMATIC);
}
