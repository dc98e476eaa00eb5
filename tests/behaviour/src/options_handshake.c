/*
 * What is remembered of the opening handshake: status and sub-protocol.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_options_handshake, NULL, NULL, conn_before_test, conn_after_test, NULL);

static void open_with_protocol(struct conn *c, const char *offered, const char *response)
{
	const struct peer_script script = {.response = response, .piece = 7};
	const char *headers[] = {offered, NULL};

	conn_prepare(c);
	c->request.optional_headers = headers;
	zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
}

/* I-95 */
ZTEST(ws_options_handshake, sub_protocol_that_the_server_selected)
{
	struct conn *const c = &conns[0];
	char octets[16];
	socklen_t len = 3;

	open_with_protocol(c, "Sec-WebSocket-Protocol: ocpp1.6, ocpp2.0.1\r\n",
			   PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Protocol:  ocpp1.6 \r\n\r\n");
	expect_option_text(c, WEBSOCKET_OPT_PROTOCOL, "ocpp1.6");
	expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_PROTOCOL, octets, &len), EINVAL);
	conn_close(c);
	/* The next one in this slot has none. */
	conn_open(c);
	expect_option_text(c, WEBSOCKET_OPT_PROTOCOL, "");
}

/* I-95 */
ZTEST(ws_options_handshake, sub_protocol_that_is_too_long)
{
	static char response[sizeof(PEER_SWITCH PEER_UPGRADE PEER_ACCEPT) + CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + 64];
	static char offered[CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + 64];
	struct conn *const c = &conns[0];
	char octets[CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + 8];
	socklen_t len = sizeof(octets);

	for (size_t more = 0; more < 2; more++) {
		size_t at;

		strcpy(response, PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Protocol: ");
		at = strlen(response);
		memcpy(&response[at], letters(), CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + more);
		strcpy(&response[at + CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + more], "\r\n\r\n");
		snprintk(offered, sizeof(offered), "Sec-WebSocket-Protocol: x, %.*s\r\n",
			 (int)(CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE + more), (const char *)letters());
		open_with_protocol(c, offered, response);
		len = sizeof(octets);
		if (more == 0) {
			zassert_ok(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_PROTOCOL, octets, &len));
			zassert_equal(len, CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE);
			zassert_mem_equal(octets, letters(), CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE);
		} else {
			expect_errno(zsock_getsockopt(c->ws, SOL_WEBSOCKET, WEBSOCKET_OPT_PROTOCOL, octets, &len),
				     EMSGSIZE);
		}
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_options_handshake, a_server_has_no_status)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	expect_number(c, WEBSOCKET_OPT_HANDSHAKE_STATUS, 0);
	expect_error(websocket_handshake_status(c->tcp), ENOENT);
}

/* I-95 */
ZTEST(ws_options_handshake, status_is_known_after_a_failed_connect)
{
	static const struct peer_script scripts[] = {
		{.response = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
		{.response = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", .piece = 1},
		{.response = PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept: $X\r\n\r\n"},
		{.response = "what?\r\n\r\n"},
	};
	static const int statuses[] = {404, 503, 101, 0};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		conn_prepare(c);
		zassert_equal(conn_handshake(c, &scripts[i], PATIENCE_MS, NULL), -ECONNABORTED);
		zassert_equal(websocket_handshake_status(c->tcp), statuses[i], "status %d, not %d",
			      websocket_handshake_status(c->tcp), statuses[i]);
		conn_close(c);
	}
	conn_open(c);
	zassert_equal(websocket_handshake_status(c->tcp), 101);
}

/* I-95 */
ZTEST(ws_options_handshake, status_of_a_socket_without_a_handshake)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	expect_error(websocket_handshake_status(c->peer), ENOENT);
	expect_error(websocket_handshake_status(c->ws), ENOENT);
	expect_error(websocket_handshake_status(-1), ENOENT);
	expect_error(websocket_handshake_status(9999), ENOENT);
}
