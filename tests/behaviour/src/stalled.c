/*
 * Fills up and empties the connections of tests whose peer does not read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "stalled.h"

#include "frames.h"
#include "suite.h"

void stalled_open(struct conn *c)
{
	conn_prepare(c);
	conn_shrink_buffers(c);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
}

size_t stalled_fill_below(struct conn *c)
{
	struct zsock_pollfd pollfd = {.fd = c->tcp, .events = ZSOCK_POLLOUT};
	size_t octets = 0;

	while (zsock_poll(&pollfd, 1, SHORT_MS) > 0) {
		const ssize_t sent = zsock_send(c->tcp, letters(), 2048, ZSOCK_MSG_DONTWAIT);

		octets += sent > 0 ? (size_t)sent : 0;
		zassert_true(octets < BEHAVIOUR_STALL_SIZE, "the connection does not fill up");
	}

	return octets;
}

void stalled_drain_below(struct conn *c, size_t octets)
{
	static uint8_t chunk[512];

	while (octets > 0) {
		const size_t got = peer_read(c, chunk, MIN(sizeof(chunk), octets));

		zassert_true(got > 0, "the stream has ended");
		octets -= got;
	}
}

void stalled_expect_beginning_only(struct conn *c, uint8_t first, size_t len)
{
	static uint8_t chunk[512];
	struct zsock_pollfd pollfd = {.fd = c->peer, .events = ZSOCK_POLLIN};
	const size_t header = len < 126 ? 6 : len < 65536 ? 8 : 14;
	uint8_t key[4] = {0};
	size_t at = 0;

	while (zsock_poll(&pollfd, 1, 3 * SHORT_MS) > 0) {
		const ssize_t got = zsock_recv(c->peer, chunk, sizeof(chunk), ZSOCK_MSG_DONTWAIT);

		if (got <= 0) {
			break;
		}
		for (ssize_t i = 0; i < got; i++, at++) {
			if (at == 0) {
				zassert_equal(chunk[i], first, "0x%02x", chunk[i]);
			} else if (at >= header - 4 && at < header) {
				key[at - (header - 4)] = chunk[i];
			} else if (at >= header) {
				zassert_true(at - header < len, "something follows the torn frame");
				zassert_equal(chunk[i] ^ key[(at - header) % 4], letters()[at - header],
					      "octet %u of the torn frame", (unsigned int)(at - header));
			}
		}
	}
	zassert_true(at < header + len, "the frame is not torn at all");
}
