/*
 * O_NONBLOCK, FIONBIO, MSG_DONTWAIT, SO_RCVTIMEO and SO_SNDTIMEO: EAGAIN before a frame, never in the middle of one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "filter.h"
#include "frames.h"
#include "option_calls.h"
#include "stalled.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_deadlines, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define SMALL 100

static ssize_t receive_octet(struct conn *c, int flags)
{
	uint8_t octet;

	return zsock_recv(c->ws, &octet, 1, flags);
}

static ssize_t receive_message(struct conn *c)
{
	uint8_t octet;
	struct iovec part = {.iov_base = &octet, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return zsock_recvmsg(c->ws, &message, 0);
}

static void expect_eagain_everywhere(struct conn *c)
{
	uint8_t octet;

	expect_errno(receive_octet(c, 0), EAGAIN);
	expect_errno(receive_octet(c, ZSOCK_MSG_PEEK), EAGAIN);
	expect_errno(receive_octet(c, ZSOCK_MSG_WAITALL), EAGAIN);
	expect_errno(receive_message(c), EAGAIN);
	expect_errno(zvfs_read(c->ws, &octet, 1, NULL), EAGAIN);
}

/* I-35 */
ZTEST(ws_deadlines, fionbio_makes_receives_non_blocking)
{
	struct conn *const c = &conns[0];
	int on = 1;
	int flags;

	conn_open(c);
	zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONBIO, &on), "errno %d", errno);
	flags = zsock_fcntl(c->ws, ZVFS_F_GETFL, 0);
	zassert_true(flags >= 0 && (flags & ZVFS_O_NONBLOCK) != 0, "flags 0x%x", flags);
	expect_eagain_everywhere(c);
	peer_send_octets(c, FIN_TEXT, 2, 'a');
	wait_readable(c->tcp);
	zassert_equal(receive_octet(c, 0), 1);
	expect_errno(receive_octet(c, 0), EAGAIN);
	zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, 0));
	flags = zsock_fcntl(c->ws, ZVFS_F_GETFL, 0);
	zassert_true(flags >= 0 && (flags & ZVFS_O_NONBLOCK) == 0, "flags 0x%x", flags);
}

/* I-35 */
ZTEST(ws_deadlines, o_nonblock_makes_every_receive_non_blocking)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	expect_eagain_everywhere(c);
}

/* I-35 */
ZTEST(ws_deadlines, so_rcvtimeo_ends_every_receive)
{
	struct conn *const c = &conns[0];
	int64_t start;

	conn_open(c);
	set_limit_ms(c, SO_RCVTIMEO, SHORT_MS);
	start = k_uptime_get();
	expect_eagain_everywhere(c);
	zassert_true(k_uptime_get() - start >= 5 * SHORT_MS, "%d ms", (int)(k_uptime_get() - start));
	/* What has come of a frame is given when the time is up. */
	peer_send_octets(c, FIN_TEXT, 3, 'a');
	zassert_equal(receive_octet(c, 0), 1);
	start = k_uptime_get();
	expect_errno(receive_octet(c, 0), EAGAIN);
	zassert_true(k_uptime_get() - start >= SHORT_MS);
	/* websocket_recv_msg() has its own limit. */
	peer_send(c, "bc", 2);
	expect_message(c, TEXT, "bc", 2, 0);
	expect_receive_error(c, EAGAIN, 0);
	/* DONTWAIT does not wait at all, and 0 is no limit. */
	set_limit_ms(c, SO_RCVTIMEO, PATIENCE_MS * 2);
	start = k_uptime_get();
	expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
	zassert_true(k_uptime_get() - start < PATIENCE_MS);
	set_limit_ms(c, SO_RCVTIMEO, 0);
	peer_text(c, "x");
	zassert_equal(receive_octet(c, 0), 1);
}

static void check_limit_option(struct conn *c, int name)
{
	struct zsock_timeval time = {.tv_sec = -1, .tv_usec = -1};
	socklen_t len = sizeof(time);

	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, name, &time, &len));
	zassert_true(time.tv_sec == 0 && time.tv_usec == 0);
	set_limit_ms(c, name, 2750);
	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, name, &time, &len));
	zassert_equal(len, sizeof(time));
	zassert_true(time.tv_sec == 2 && time.tv_usec == 750000, "%d.%06d", (int)time.tv_sec, (int)time.tv_usec);
	/* Less than a millisecond is a limit all the same. */
	time = (struct zsock_timeval){.tv_usec = 1};
	zassert_ok(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(time)));
	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, name, &time, &len));
	zassert_true(time.tv_sec == 0 && time.tv_usec == 1000);
	expect_errno(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(time) - 1), EINVAL);
	expect_errno(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(int)), EINVAL);
	len = sizeof(time) - 1;
	expect_errno(zsock_getsockopt(c->ws, SOL_SOCKET, name, &time, &len), EINVAL);
	time = (struct zsock_timeval){.tv_sec = -1};
	expect_errno(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(time)), EDOM);
	time = (struct zsock_timeval){.tv_usec = 1000000};
	expect_errno(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(time)), EDOM);
	len = sizeof(time);
	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, name, &time, &len));
	zassert_true(time.tv_sec == 0 && time.tv_usec == 1000, "a refused value is kept");
}

/* I-35 */
ZTEST(ws_deadlines, limits_are_read_back_and_bad_ones_refused)
{
	conn_open(&conns[0]);
	check_limit_option(&conns[0], SO_RCVTIMEO);
	check_limit_option(&conns[0], SO_SNDTIMEO);
}

/* Small frames until EAGAIN, then the peer reads: every one is whole, and nothing is between them. */
static void check_whole_frames(struct conn *c, int flags, int waits_ms)
{
	const size_t octets = stalled_fill_below(c);
	int64_t start;
	int count = 0;

	do {
		start = k_uptime_get();
		errno = 0;
		count++;
		zassert_true(count < BEHAVIOUR_STALL_SIZE / SMALL, "the connection does not fill up");
	} while (zsock_send(c->ws, letters(), SMALL, flags) == SMALL);
	zassert_equal(errno, EAGAIN, "errno %d", errno);
	zassert_true(k_uptime_get() - start >= waits_ms, "%d ms", (int)(k_uptime_get() - start));
	stalled_drain_below(c, octets);
	for (int i = 2; i < count; i++) {
		expect_frame(c, FIN_TEXT, letters(), SMALL);
	}
	/* The library may have kept the end of the last frame: calls that receive send it once there is room. */
	if (count > 1) {
		for (int i = 0; i < 10; i++) {
			expect_errno(receive_octet(c, ZSOCK_MSG_DONTWAIT), EAGAIN);
			k_msleep(SHORT_MS / 2);
		}
		expect_frame(c, FIN_TEXT, letters(), SMALL);
	}
	expect_silence(c);
	expect_usable(c);
}

/* I-35, I-54 */
ZTEST(ws_deadlines, non_blocking_sends_give_whole_frames_or_eagain)
{
	struct conn *const c = &conns[0];
	int on = 1;

	for (int i = 0; i < 3; i++) {
		stalled_open(c);
		if (i == 0) {
			zassert_ok(zsock_fcntl(c->ws, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
		} else if (i == 1) {
			zassert_ok(zsock_ioctl(c->ws, ZFD_IOCTL_FIONBIO, &on));
		}
		check_whole_frames(c, i == 2 ? ZSOCK_MSG_DONTWAIT : 0, 0);
		conn_close(c);
	}
}

/* I-35, I-54 */
ZTEST(ws_deadlines, so_sndtimeo_gives_whole_frames_or_eagain)
{
	struct conn *const c = &conns[0];

	stalled_open(c);
	set_limit_ms(c, SO_SNDTIMEO, SHORT_MS);
	check_whole_frames(c, 0, SHORT_MS);
}

/* Larger than the send buffer, and small enough for the window of a peer that reads later. */
#define LARGE (2 * CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE)

/* Of two waits: two tries and a pause of 10 ms at a time, and half as many more. */
#define REFUSALS_MAX (2 * 3 * SHORT_MS / 10)

/* Over a socket that takes `first` octets, and no more for a while. */
static void open_full(struct conn *c, size_t first, int full_ms)
{
	conn_prepare(c);
	c->tcp = filter_open(c->tcp);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	set_limit_ms(c, SO_SNDTIMEO, SHORT_MS);
	filter.sends_left = first;
	filter.full_until_ms = k_uptime_get() + full_ms;
}

/* I-35, I-54 */
ZTEST(ws_deadlines, so_sndtimeo_ends_a_large_frame_before_its_first_octet)
{
	struct conn *const c = &conns[0];
	int64_t start;

	open_full(c, 0, PATIENCE_MS);
	for (int i = 0; i < 2; i++) {
		start = k_uptime_get();
		expect_errno(zsock_send(c->ws, letters(), LARGE, 0), EAGAIN);
		zassert_true(k_uptime_get() - start >= SHORT_MS, "%d ms", (int)(k_uptime_get() - start));
		zassert_true(k_uptime_get() - start < CLOSE_LIMIT_MS, "%d ms", (int)(k_uptime_get() - start));
	}
	/* poll() says that there is room: that is no reason to try again without a pause. */
	zassert_true(filter.refusals <= REFUSALS_MAX, "%d", filter.refusals);
	filter.full_until_ms = 0;
	expect_silence(c);
	expect_usable(c);
}

/* I-35, I-55: the limit is over in the middle of a frame, which goes on when the call is repeated. */
ZTEST(ws_deadlines, so_sndtimeo_does_not_tear_a_large_frame)
{
	struct conn *const c = &conns[0];
	const int64_t start = k_uptime_get();
	ssize_t sent;

	/* A rest that the send buffer holds would be accepted at once. */
	for (size_t first = 1; first + CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE <= LARGE; first += LARGE / 8) {
		open_full(c, first, 3 * SHORT_MS);
		do {
			sent = zsock_send(c->ws, letters(), LARGE, 0);
		} while (sent < 0 && errno == EAGAIN);
		zassert_equal(sent, LARGE, "errno %d", errno);
		zassert_true(k_uptime_get() >= filter.full_until_ms);
		expect_frame(c, FIN_TEXT, letters(), LARGE);
		expect_usable(c);
		conn_close(c);
	}
	zassert_true(k_uptime_get() - start < PATIENCE_MS, "%d ms", (int)(k_uptime_get() - start));
}

/* I-55: and where the peer never reads, the limit is kept, and nothing follows. */
ZTEST(ws_deadlines, so_sndtimeo_is_kept_in_the_middle_of_a_large_frame)
{
	struct conn *const c = &conns[0];
	const size_t len = BEHAVIOUR_STALL_SIZE;
	int64_t start;

	stalled_open(c);
	set_limit_ms(c, SO_SNDTIMEO, SHORT_MS);
	start = k_uptime_get();
	expect_errno(zsock_send(c->ws, letters(), len, 0), EAGAIN);
	zassert_true(k_uptime_get() - start >= SHORT_MS, "%d ms", (int)(k_uptime_get() - start));
	zassert_true(k_uptime_get() - start < SHORT_MS + CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms",
		     (int)(k_uptime_get() - start));
	expect_errno(zsock_send(c->ws, "x", 1, 0), EALREADY);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	stalled_expect_beginning_only(c, FIN_TEXT, len);
}
