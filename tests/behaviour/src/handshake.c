/*
 * Which responses open a connection, and how the others fail: -ECONNABORTED, with the cause in errno.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

ZTEST_SUITE(ws_handshake, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define accepts(text) expect_handshake(__LINE__, &(struct peer_script){.response = (text)}, 0)
#define refuses(text, cause) expect_handshake(__LINE__, &(struct peer_script){.response = (text)}, cause)

static void expect_handshake(int line, const struct peer_script *script, int cause)
{
	struct conn *const c = &conns[0];
	int result;

	conn_prepare(c);
	result = conn_handshake(c, script, PATIENCE_MS, NULL);
	if (cause == 0) {
		zassert_true(result >= 0, "line %d: result %d, errno %d", line, result, c->error);
		expect_usable_at(line, c);
	} else {
		zassert_equal(result, -ECONNABORTED, "line %d: result %d", line, result);
		zassert_equal(c->error, cause, "line %d: errno %d, not %d", line, c->error, cause);
		zassert_equal(slots_used(), 0, "line %d: a slot is lost", line);
	}
	conn_close(c);
}

ZTEST(ws_handshake, succeeds_with_a_correct_response)
{
	accepts(PEER_GOOD);
}

ZTEST(ws_handshake, ignores_case_where_http_does)
{
	accepts("HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nconnection: upgrade\r\n"
		"SEC-WEBSOCKET-ACCEPT: $A\r\n\r\n");
}

ZTEST(ws_handshake, takes_other_headers_tokens_and_white_space)
{
	accepts(PEER_SWITCH "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nServer:\r\nConnection: keep-alive, Upgrade\r\n"
			    "Sec-WebSocket-Accept:\t $A \t\r\nX-Last: x\r\nUpgrade:websocket\r\n\r\n");
	accepts("HTTP/1.1 101 \r\n" PEER_UPGRADE PEER_ACCEPT "\r\n");
}

/* I-03 */
ZTEST(ws_handshake, refuses_an_accept_value_that_differs)
{
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $X\r\n\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $C\r\n\r\n", EPROTO);
}

/* I-03 */
ZTEST(ws_handshake, refuses_a_prefix_and_an_extension_of_the_accept_value)
{
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $P\r\n\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $L\r\n\r\n", EPROTO);
}

/* I-03 */
ZTEST(ws_handshake, refuses_an_empty_accept_value)
{
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept:\r\n\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: \r\n\r\n", EPROTO);
}

/* I-03 */
ZTEST(ws_handshake, refuses_a_second_accept_value)
{
	refuses(PEER_SWITCH PEER_UPGRADE PEER_ACCEPT PEER_ACCEPT "\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Accept: $X\r\n\r\n", EPROTO);
}

/* I-06 */
ZTEST(ws_handshake, refuses_an_accept_value_under_a_longer_or_shorter_name)
{
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept-X: $A\r\n\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accep: $A\r\n\r\n", EPROTO);
	refuses(PEER_SWITCH PEER_UPGRADE "\r\n", EPROTO);
}

/* I-05 */
ZTEST(ws_handshake, refuses_every_status_but_101)
{
	refuses("HTTP/1.1 200 OK\r\n" PEER_UPGRADE PEER_ACCEPT "Content-Length: 0\r\n\r\n", ECONNREFUSED);
	refuses("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", ECONNREFUSED);
	refuses("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ECONNREFUSED);
	refuses("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", ECONNREFUSED);
}

/* I-05 */
ZTEST(ws_handshake, refuses_without_upgrade_to_websocket)
{
	refuses(PEER_SWITCH "Connection: Upgrade\r\n" PEER_ACCEPT "\r\n", EPROTO);
	refuses(PEER_SWITCH "Upgrade: h2c\r\nConnection: Upgrade\r\n" PEER_ACCEPT "\r\n", EPROTO);
	refuses(PEER_SWITCH "Upgrade: websockets\r\nConnection: Upgrade\r\n" PEER_ACCEPT "\r\n", EPROTO);
}

/* I-05 */
ZTEST(ws_handshake, refuses_without_the_connection_token)
{
	refuses(PEER_SWITCH "Upgrade: websocket\r\n" PEER_ACCEPT "\r\n", EPROTO);
	refuses(PEER_SWITCH "Upgrade: websocket\r\nConnection: close\r\n" PEER_ACCEPT "\r\n", EPROTO);
	refuses(PEER_SWITCH "Upgrade: websocket\r\nConnection: upgraded, no-upgrade\r\n" PEER_ACCEPT "\r\n", EPROTO);
}

/* I-17 */
ZTEST(ws_handshake, refuses_an_extension_that_was_not_offered)
{
	refuses(PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", EPROTO);
}

ZTEST(ws_handshake, refuses_what_is_not_http)
{
	refuses("SSH-2.0-OpenSSH_9.2\r\n\r\n", EBADMSG);
	refuses("HTTP/1.1 abc Switching\r\n\r\n", EBADMSG);
	refuses(PEER_SWITCH "no colon here\r\n\r\n", EBADMSG);
	refuses(PEER_SWITCH ": no name\r\n\r\n", EBADMSG);
}

/* I-02 */
ZTEST(ws_handshake, fails_when_the_server_closes_without_an_octet)
{
	expect_handshake(__LINE__, &(struct peer_script){.silent = true, .closes = true}, ECONNRESET);
}

/* I-02 */
ZTEST(ws_handshake, fails_when_the_server_closes_before_the_end_of_the_header)
{
	expect_handshake(__LINE__, &(struct peer_script){.response = PEER_SWITCH PEER_UPGRADE PEER_ACCEPT, .closes = true},
			 ECONNRESET);
}

ZTEST(ws_handshake, gives_up_on_a_header_without_end)
{
	expect_handshake(__LINE__, &(struct peer_script){.filler_lines = 1024}, EMSGSIZE);
}

ZTEST(ws_handshake, takes_a_header_much_longer_than_tmp_buf)
{
	expect_handshake(__LINE__, &(struct peer_script){.filler_lines = 32}, 0);
}

/* I-08 */
ZTEST(ws_handshake, times_out_when_the_server_is_silent)
{
	static const struct peer_script script = {.silent = true};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	zassert_equal(conn_handshake(c, &script, 2 * SHORT_MS, NULL), -ECONNABORTED);
	zassert_equal(c->error, ETIMEDOUT, "errno %d", c->error);
	zassert_true(c->elapsed_ms >= 2 * SHORT_MS && c->elapsed_ms < PATIENCE_MS, "%d ms", (int)c->elapsed_ms);
}

/* I-08 */
ZTEST(ws_handshake, has_one_time_out_however_the_response_drips)
{
	static const struct peer_script script = {.response = PEER_GOOD, .first = 1, .piece = 1, .pause_ms = 20};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	zassert_equal(conn_handshake(c, &script, 2 * SHORT_MS, NULL), -ECONNABORTED);
	zassert_equal(c->error, ETIMEDOUT, "errno %d", c->error);
	zassert_true(c->elapsed_ms >= 2 * SHORT_MS, "%d ms", (int)c->elapsed_ms);
	zassert_equal(slots_used(), 0);
}

/* I-09 */
ZTEST(ws_handshake, waits_without_limit_when_told_so)
{
	static const struct peer_script script = {.delay_ms = 3 * SHORT_MS};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	zassert_true(conn_handshake(c, &script, SYS_FOREVER_MS, NULL) >= 0, "errno %d", c->error);
	zassert_true(c->elapsed_ms >= 3 * SHORT_MS, "%d ms", (int)c->elapsed_ms);
}

/* I-01 */
ZTEST(ws_handshake, good_connections_leave_nothing_that_a_later_one_could_pass_with)
{
	static const char *const responses[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
		PEER_SWITCH PEER_UPGRADE "\r\n",
	};

	/* Every slot has had a good connection then. */
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		conn_open(&conns[i]);
	}
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		conn_close(&conns[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(responses); i++) {
		refuses(responses[i], i == 2 ? EPROTO : ECONNREFUSED);
	}
	/* I-01 together with I-02: a server that only closes. */
	expect_handshake(__LINE__, &(struct peer_script){.silent = true, .closes = true}, ECONNRESET);
}

ZTEST(ws_handshake, leaves_the_socket_open_when_it_fails)
{
	static const struct peer_script script = {.response = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
	struct conn *const c = &conns[0];
	char octet = 0;

	conn_prepare(c);
	zassert_equal(conn_handshake(c, &script, PATIENCE_MS, NULL), -ECONNABORTED);
	zassert_equal(zsock_send(c->tcp, "x", 1, 0), 1);
	zassert_equal(peer_read(c, &octet, 1), 1);
	zassert_equal(octet, 'x');
}

ZTEST(ws_handshake, can_be_tried_again_on_the_same_socket)
{
	static const struct peer_script script = {.response = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	zassert_equal(conn_handshake(c, &script, PATIENCE_MS, NULL), -ECONNABORTED);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	expect_usable(c);
}
