/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One test for each order of the agent, through both APIs: what tests/peers/README.md says of it holds on a board.
 */
#include <stdarg.h>

#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/ztest.h>

#include "agent.h"
#include "websocket_internal.h"

struct connection connection = {.sock = -1, .websocket = -1};
uint8_t outgoing[MESSAGE_MAX];
uint8_t incoming[MESSAGE_MAX];

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintk(format, arguments);
	va_end(arguments);
	printk("\n");
	ztest_test_fail();
	CODE_UNREACHABLE;
}

void check(bool condition, const char *what)
{
	if (!condition) {
		fail("not so: %s", what);
	}
}

static void count(struct websocket_context *context, void *user_data)
{
	ARG_UNUSED(context);
	(*(unsigned int *)user_data)++;
}

/* Ends what a failed order has left; after the others there is nothing. */
static void end(void *fixture)
{
	unsigned int in_use = 0;

	ARG_UNUSED(fixture);
	if (connection.websocket >= 0) {
		(void)websocket_disconnect(connection.websocket);
	}
	if (connection.sock >= 0) {
		(void)zsock_close(connection.sock);
	}
	connection.websocket = -1;
	connection.sock = -1;
	websocket_context_foreach(count, &in_use);
	zassert_equal(in_use, 0, "%u contexts are still in use", in_use);
}

ZTEST_SUITE(ws_real_server, NULL, NULL, NULL, end, NULL);

#define PORT STRINGIFY(CONFIG_REAL_SERVER_PORT)
#define ORDER(api_is_stream, ...)                                                                                      \
	(&(const struct order){.is_stream = api_is_stream, .port = PORT, .argument = "", .second_argument = "",        \
			       __VA_ARGS__})

/* One test for each API. */
#define BOTH_APIS(name, run, ...)                                                                                      \
	ZTEST(ws_real_server, test_messages_##name)                                                                    \
	{                                                                                                              \
		run(ORDER(false, __VA_ARGS__));                                                                        \
		zassert_true(connection.websocket < 0 && connection.sock < 0);                                         \
	}                                                                                                              \
	ZTEST(ws_real_server, test_stream_##name)                                                                      \
	{                                                                                                              \
		run(ORDER(true, __VA_ARGS__));                                                                         \
		zassert_true(connection.websocket < 0 && connection.sock < 0);                                         \
	}

BOTH_APIS(disconnect, disconnect, .path = "/echo", .protocol = "chat")
BOTH_APIS(echo_of_all_sizes, echo_sizes, .path = "/echo")
BOTH_APIS(fragments_of_the_server, echo_fragmenting_server, .path = "/fragment")
BOTH_APIS(ping_inside_a_message, ping_inside_message, .path = "/ping")
BOTH_APIS(close_of_the_server, server_close_on_go, .path = "/close", .argument = "1001",
	  .second_argument = "going_away")
BOTH_APIS(refusal, refused, .path = "/refuse", .argument = "403")

/* What only websocket_send_msg() can say. */
ZTEST(ws_real_server, test_fragments_of_the_client)
{
	client_fragments(ORDER(false, .path = "/echo"));
}

ZTEST(ws_real_server, test_pings_of_the_client)
{
	client_pings(ORDER(false, .path = "/echo"));
}

ZTEST(ws_real_server, test_close_of_the_client)
{
	client_close(ORDER(false, .path = "/echo", .argument = "4000"));
}
