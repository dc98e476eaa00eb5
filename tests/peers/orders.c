/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the agent can be told to do: see the table in README.md.
 */
#include "agent.h"

#include <stdio.h>
#include <string.h>

/* libwebsockets' counter: a text message with the next number every 50 ms; "reset" starts it anew. */
static void counting(const struct order *order)
{
	char expected[16];

	open_websocket(order);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5; i++) {
			struct arrival arrival = {.type = WEBSOCKET_FLAG_TEXT, .frames = 1};

			snprintf(expected, sizeof(expected), "%d", i);
			if (order->is_stream) {
				arrival.len = strlen(expected);
				receive_stream(arrival.len);
			} else {
				receive_message(&arrival);
			}
			/* Numbers that were on their way when "reset" was sent. */
			if (round == 1 && i == 0 && arrival.len == 1 && incoming[0] >= '5') {
				i--;
				continue;
			}
			CHECK(arrival.type == WEBSOCKET_FLAG_TEXT && arrival.frames == 1);
			CHECK(arrival.len == strlen(expected) && memcmp(incoming, expected, arrival.len) == 0);
		}
		send_frame("reset\n", 6, WEBSOCKET_OPCODE_DATA_TEXT, true);
	}
	close_websocket(order);
}

static const struct {
	const char *name;
	void (*run)(const struct order *order);
} orders[] = {
	{"echo", echo_sizes},
	{"client-fragments", client_fragments},
	{"server-fragments", echo_fragmenting_server},
	{"client-pings", client_pings},
	{"ping-inside-message", ping_inside_message},
	{"ping-before-message", ping_before_message},
	{"ping-while-idle", ping_while_idle},
	{"disconnect", disconnect},
	{"client-close", client_close},
	{"server-close", server_close_on_go},
	{"closeme", server_close_on_closeme},
	{"counting", counting},
	{"refused", refused},
};

void carry_out(const struct order *order)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		if (strcmp(orders[i].name, order->name) == 0) {
			orders[i].run(order);
			return;
		}
	}
	fail("no such order: %s", order->name);
}
