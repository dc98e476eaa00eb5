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

/* A failed order leaves its connection; the others leave nothing. */
static void end(void *fixture)
{
	ARG_UNUSED(fixture);
	abandon();
	zassert_equal(contexts_in_use(), 0);
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
