/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Many round trips over one connection: text and binary in turn, of every size.
 */
#include "echo_client.h"

#include <errno.h>

#include <zephyr/net/websocket.h>

#define PROGRESS_EVERY 100
/* Has no factor in common with the number of sizes: 4,097 rounds have them all. */
#define SIZE_STEP 1021

static int round_trip(int websocket, unsigned int number, size_t len)
{
	const struct pattern pattern = {.seed = number, .is_text = number % 2 == 0};
	const uint32_t flag = pattern.is_text ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY;
	struct arrival arrival;
	int ret;

	pattern_fill(&pattern, 0, outgoing, len);
	ret = websocket_send_msg(websocket, outgoing, len,
				 pattern.is_text ? WEBSOCKET_OPCODE_DATA_TEXT
						 : WEBSOCKET_OPCODE_DATA_BINARY,
				 true, true, TIMEOUT_MS);
	if (ret != (int)len) {
		printk("error: websocket_send_msg() of %zu octets: %d\n", len, ret);
		return -1;
	}

	return receive_message(websocket, flag, &pattern, len, &arrival);
}

int exercise_rounds(const struct server *server, unsigned int count)
{
	struct connection connection;
	unsigned int done = 0;
	size_t octets = 0;

	printk("\n%u round trips of 0 to %d octets\n", count, ROUND_SIZE_MAX);
	if (server_connect(server, &connection) != 0) {
		return -1;
	}
	while (done < count) {
		const size_t len = (done * SIZE_STEP) % (ROUND_SIZE_MAX + 1);

		if (round_trip(connection.websocket, done, len) != 0) {
			printk("error: round trip %u, of %zu octets\n", done, len);
			break;
		}
		done++;
		octets += len;
		if (done % PROGRESS_EVERY == 0) {
			printk("  %u round trips\n", done);
		}
	}
	websocket_disconnect(connection.websocket);
	server_leave(&connection);
	printk("echo_client: %u round trips, %zu bytes, %u errors\n", done, octets,
	       done == count ? 0U : 1U);

	return done == count ? 0 : -1;
}
