/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The exercise over send(), poll(), recv() and close() on the websocket's descriptor.
 */
#include "echo_client.h"

#include <errno.h>

#include <zephyr/net/socket.h>

/* No octet may come while nothing was sent. */
#define SILENCE_MS 50

static int wait_readable(int websocket, int timeout_ms)
{
	struct zsock_pollfd poll = {.fd = websocket, .events = ZSOCK_POLLIN};
	const int ready = zsock_poll(&poll, 1, timeout_ms);

	if (ready < 0) {
		printk("error: poll(): errno %d\n", errno);
	} else if (ready == 1 && !(poll.revents & ZSOCK_POLLIN)) {
		printk("error: poll(): events 0x%x\n", (unsigned int)poll.revents);
		return -1;
	}

	return ready;
}

/* Receives so many octets with poll() and recv() and compares them. */
static int receive(int websocket, const struct pattern *expected, size_t len, unsigned int *calls)
{
	uint8_t piece[512];
	size_t received = 0;

	*calls = 0;
	while (received < len) {
		const int ready = wait_readable(websocket, TIMEOUT_MS);
		ssize_t count;

		if (ready != 1) {
			printk("error: poll() after %zu of %zu octets: %d\n", received, len, ready);
			return -1;
		}
		count = zsock_recv(websocket, piece, sizeof(piece), 0);
		if (count <= 0) {
			printk("error: recv() after %zu of %zu octets: %d, errno %d\n", received, len,
			       (int)count, errno);
			return -1;
		}
		if (pattern_match(expected, received, piece, (size_t)count) != (size_t)count ||
		    received + (size_t)count > len) {
			printk("error: of the octets from %zu on, one is not what was sent\n",
			       received);
			return -1;
		}
		received += (size_t)count;
		(*calls)++;
	}

	return 0;
}

static int exchange(int websocket, const char *what, const struct pattern *pattern, size_t len,
		    struct tally *tally)
{
	const uint64_t start = now_us();
	unsigned int calls;
	uint32_t taken;
	ssize_t ret;

	pattern_fill(pattern, 0, outgoing, len);
	ret = zsock_send(websocket, outgoing, len, 0);
	if (ret != (ssize_t)len) {
		printk("error: send() of %zu octets: %d, errno %d\n", len, (int)ret, errno);
		return -1;
	}
	if (receive(websocket, pattern, len, &calls) != 0) {
		return -1;
	}
	taken = (uint32_t)(now_us() - start);
	printk("  %-18s %8zu octets   sent in 1 call,   received in %4u %s           %5u.%03u ms\n",
	       what, len, calls, calls == 1 ? "call " : "calls", taken / 1000, taken % 1000);
	tally->messages++;
	tally->octets += len;

	return 0;
}

static int exchange_all(int websocket, struct tally *tally)
{
	/* send() sends text. */
	const struct pattern text = {.seed = 11, .is_text = true};
	const struct pattern large = {.seed = 12, .is_text = true};
	const struct pattern largest = {.seed = 13, .is_text = true};

	if (wait_readable(websocket, SILENCE_MS) != 0) {
		printk("error: poll() did not say that nothing is there\n");
		return -1;
	}
	printk("  poll()             nothing to read for %d ms\n", SILENCE_MS);
	if (exchange(websocket, "text", &text, 26, tally) != 0 ||
	    exchange(websocket, "large text", &large, LARGE_SIZE, tally) != 0 ||
	    exchange(websocket, "largest text", &largest, LARGEST_SIZE, tally) != 0) {
		return -1;
	}
	if (wait_readable(websocket, SILENCE_MS) != 0) {
		printk("error: poll() says that more came than was sent\n");
		return -1;
	}
	printk("  poll()             nothing left to read\n");

	return 0;
}

int exercise_stream(const struct server *server, struct tally *tally)
{
	struct connection connection;
	int result;

	printk("\nsend(), poll(), recv(), close()\n");
	if (server_connect(server, &connection) != 0) {
		return -1;
	}
	result = exchange_all(connection.websocket, tally);
	if (zsock_close(connection.websocket) != 0) {
		printk("error: close(): errno %d\n", errno);
		result = -1;
	}
	server_leave(&connection);
	tally->connections++;

	return result;
}
