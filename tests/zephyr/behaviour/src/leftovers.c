/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a call has left behind leaves by itself, whatever the calls after it come to. Here, where small frames fill a window; a
 * PC takes them by the megabyte.
 */
#include "conn.h"
#include "frames.h"
#include "stalled.h"
#include "suite.h"

ZTEST_SUITE(ws_leftovers, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define LEN 100
/* Header, key and payload. */
#define FRAME_LEN (2 + 4 + LEN)

static int send_one(struct conn *c, int32_t timeout_ms)
{
	return websocket_send_msg(c->ws, letters(), LEN, WEBSOCKET_OPCODE_DATA_TEXT, true, true, timeout_ms);
}

/* Frames until none is accepted any more: so many. */
static size_t fill(struct conn *c)
{
	size_t frames = 0;

	for (int round = 0; round < 10; round++) {
		while (send_one(c, 0) == LEN) {
			frames++;
			zassert_true(frames * FRAME_LEN < BEHAVIOUR_STALL_SIZE, "the connection does not fill up");
		}
		k_msleep(SHORT_MS / 2);
	}

	return frames;
}

static void expect_octets(struct conn *c, size_t octets)
{
	static uint8_t chunk[512];
	struct zsock_pollfd entry = {.fd = c->peer, .events = ZSOCK_POLLIN};
	size_t got = 0;

	while (got < octets) {
		ssize_t part;

		zassert_equal(zsock_poll(&entry, 1, PATIENCE_MS), 1, "%zu of %zu octets have left", got, octets);
		part = zsock_recv(c->peer, chunk, MIN(sizeof(chunk), octets - got), ZSOCK_MSG_DONTWAIT);
		zassert_true(part > 0);
		got += (size_t)part;
	}
}

/* The end of the last frame is in the send buffer when another call finds no room for its own. */
ZTEST(ws_leftovers, accepted_frames_leave_when_a_later_send_times_out)
{
	struct conn *const c = &conns[0];
	size_t frames;

	stalled_open(c);
	frames = fill(c);
	zassert_true(frames > 0);
	while (send_one(c, 4 * SHORT_MS) == LEN) {
		frames++;
	}
	expect_octets(c, frames * FRAME_LEN);
	expect_silence(c);
}

/* And so does the Close of a shutdown() that found no room. */
ZTEST(ws_leftovers, close_of_a_shutdown_leaves)
{
	struct conn *const c = &conns[0];
	size_t octets;

	stalled_open(c);
	octets = stalled_fill_below(c);
	expect_errno(zsock_shutdown(c->ws, ZSOCK_SHUT_WR), ETIMEDOUT);
	expect_octets(c, octets);
	expect_close(c, 1000);
}

static K_SEM_DEFINE(worked, 0, 1);

static void work_function(struct k_work *work)
{
	ARG_UNUSED(work);
	k_sem_give(&worked);
}

static K_WORK_DEFINE(an_item, work_function);

/* As the net shell's, which prints to a console that takes its time. */
static void look_slowly(struct websocket_context *context, void *user_data)
{
	int *const result = user_data;

	ARG_UNUSED(context);
	k_msleep(5 * SHORT_MS);
	(void)k_work_submit(&an_item);
	*result = k_sem_take(&worked, K_MSEC(PATIENCE_MS / 4));
}

/* Who looks at the connections keeps none of the image's work items waiting, though one of them has leftovers. */
ZTEST(ws_leftovers, work_queue_goes_on_while_somebody_looks_at_the_connections)
{
	struct conn *const c = &conns[0];
	int result = -1;

	stalled_open(c);
	(void)fill(c);
	websocket_context_foreach(look_slowly, &result);
	zassert_ok(result, "%d: no work item has run for %d ms", result, PATIENCE_MS / 4);
}
