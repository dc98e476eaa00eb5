/*
 * Responses that are right but not plain: interim ones before them, folds, empty lines, sub-protocols, extensions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_response, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define RIGHT PEER_SWITCH PEER_UPGRADE PEER_ACCEPT
#define EARLY_HINTS "HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

/* Both APIs on a connection that is open. */
static void use(int line, struct conn *c)
{
	char octets[8];

	expect_usable_at(line, c);
	zassert_equal(zsock_send(c->ws, "out", 3, 0), 3, "line %d", line);
	(void)expect_frame_at(line, c, FIN_TEXT, "out", 3);
	peer_frame_at(line, c, FIN_TEXT, "in", 2);
	zassert_equal(zsock_recv(c->ws, octets, sizeof(octets), 0), 2, "line %d", line);
	zassert_mem_equal(octets, "in", 2, "line %d", line);
}

static void expect_result(int line, const char *offered, const struct peer_script *script, int cause)
{
	struct conn *const c = &conns[0];
	const char *headers[] = {offered, NULL};
	int result;

	conn_prepare(c);
	c->request.optional_headers = headers;
	result = conn_handshake(c, script, PATIENCE_MS, NULL);
	if (cause == 0) {
		zassert_true(result >= 0, "line %d, cut at %u: result %d, errno %d", line, script->first, result, c->error);
		zassert_equal(websocket_handshake_status(c->tcp), 101, "line %d", line);
		use(line, c);
	} else {
		zassert_equal(result, -ECONNABORTED, "line %d: result %d", line, result);
		zassert_equal(c->error, cause, "line %d: errno %d, not %d", line, c->error, cause);
		zassert_equal(slots_used(), 0, "line %d", line);
	}
	conn_close(c);
}

#define accepts(text) expect_result(__LINE__, NULL, &(struct peer_script){.response = (text)}, 0)
#define refuses(text, cause) expect_result(__LINE__, NULL, &(struct peer_script){.response = (text)}, cause)

/* The same, cut once at every octet. */
static void accepts_at_every_cut(int line, const char *response)
{
	struct peer_script script = {.response = response, .first = 1, .pause_ms = 1};

	do {
		expect_result(line, NULL, &script, 0);
		script.first += BEHAVIOUR_CUT_STEP;
	} while (script.first < peer_response_len);
	script.first = script.piece = 1;
	expect_result(line, NULL, &script, 0);
}

/* I-05 */
ZTEST(ws_response, interim_responses_are_passed_over)
{
	accepts(EARLY_HINTS PEER_GOOD);
	accepts(CONTINUE PEER_GOOD);
	accepts("HTTP/1.1 102 Processing\r\n\r\n" PEER_GOOD);
	accepts(CONTINUE EARLY_HINTS EARLY_HINTS PEER_GOOD);
	accepts_at_every_cut(__LINE__, EARLY_HINTS PEER_GOOD);
	/* All is right with it but the status: it is none that opens. */
	refuses("HTTP/1.1 100 Continue\r\n" PEER_UPGRADE PEER_ACCEPT "\r\nHTTP/1.1 404 Not Found\r\n\r\n", ECONNREFUSED);
}

/* I-05 */
ZTEST(ws_response, interim_responses_without_end_are_given_up)
{
	static char response[768];

	for (int count = 16; count <= 17; count++) {
		response[0] = '\0';
		for (int i = 0; i < count; i++) {
			strcat(response, CONTINUE);
		}
		strcat(response, PEER_GOOD);
		refuses(response, count == 16 ? 0 : EMSGSIZE);
	}
}

/* I-05, I-08 */
ZTEST(ws_response, interim_responses_do_not_begin_the_time_out_again)
{
	static const struct peer_script scripts[] = {
		{.response = CONTINUE},
		{.response = CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE CONTINUE PEER_GOOD,
		 .first = sizeof(CONTINUE) - 1, .piece = sizeof(CONTINUE) - 1, .pause_ms = SHORT_MS},
	};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		conn_prepare(c);
		zassert_equal(conn_handshake(c, &scripts[i], 2 * SHORT_MS, NULL), -ECONNABORTED);
		zassert_equal(c->error, ETIMEDOUT, "errno %d", c->error);
		zassert_equal(websocket_handshake_status(c->tcp), 0);
		conn_close(c);
	}
}

/* I-04 */
ZTEST(ws_response, header_that_decides_nothing_may_be_folded)
{
	accepts(RIGHT "Content-Security-Policy: a;\r\n b\r\n\r\n");
	accepts(RIGHT "X:\r\n\ta\r\n   \r\n b\r\nY: z\r\n\r\n");
	accepts_at_every_cut(__LINE__, PEER_SWITCH "Content-Security-Policy: a;\r\n b\r\n" PEER_UPGRADE PEER_ACCEPT "\r\n");
	refuses(PEER_SWITCH " folded\r\n" PEER_UPGRADE PEER_ACCEPT "\r\n", EBADMSG);
	refuses(PEER_SWITCH "Upgrade:\r\n websocket\r\nConnection: Upgrade\r\n" PEER_ACCEPT "\r\n", EBADMSG);
	refuses(PEER_SWITCH "Upgrade: websocket\r\nConnection: a,\r\n Upgrade\r\n" PEER_ACCEPT "\r\n", EBADMSG);
	refuses(PEER_SWITCH PEER_UPGRADE "Sec-WebSocket-Accept:\r\n\t$A\r\n\r\n", EBADMSG);
	refuses(PEER_SWITCH PEER_UPGRADE PEER_ACCEPT " \r\n\r\n", EBADMSG);
	refuses(RIGHT "Sec-WebSocket-Extensions:\r\n \r\n\r\n", EBADMSG);
	refuses(RIGHT "Sec-WebSocket-Protocol:\r\n \r\n\r\n", EBADMSG);
}

/* I-04 */
ZTEST(ws_response, empty_lines_before_it_are_passed_over)
{
	accepts_at_every_cut(__LINE__, "\r\n" PEER_GOOD);
	accepts("\r\n\r\n" PEER_GOOD);
	refuses("\n" PEER_GOOD, EBADMSG);
}

/* I-17 */
ZTEST(ws_response, empty_list_of_extensions_is_none)
{
	accepts(RIGHT "Sec-WebSocket-Extensions: \r\n\r\n");
	accepts(RIGHT "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: ,\r\n\r\n");
	refuses(RIGHT "Sec-WebSocket-Extensions: \r\nSec-WebSocket-Extensions: x\r\n\r\n", EPROTO);
}

#define SELECT(name) RIGHT "Sec-WebSocket-Protocol: " name "\r\n\r\n"
#define OFFER "Sec-WebSocket-Protocol: chat, ocpp1.6\r\n"
#define offers(headers, text, cause) expect_result(__LINE__, headers, &(struct peer_script){.response = (text)}, cause)

/* I-17 */
ZTEST(ws_response, sub_protocol_has_to_be_one_that_was_offered)
{
	offers(NULL, SELECT("xmpp"), EPROTO);
	offers("Origin: x\r\n", SELECT("xmpp"), EPROTO);
	offers(OFFER, SELECT("xmpp"), EPROTO);
	offers(OFFER, SELECT("Chat"), EPROTO);
	offers(OFFER, SELECT("cha"), EPROTO);
	offers(OFFER, SELECT("chat, ocpp1.6"), EPROTO);
	offers(OFFER, RIGHT "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n\r\n", EPROTO);
	offers(OFFER, SELECT("chat"), 0);
	offers(OFFER, SELECT("ocpp1.6"), 0);
	offers("Origin: x\r\nsec-websocket-protocol:a\r\n" OFFER, SELECT("ocpp1.6"), 0);
	/* The server need not select one. */
	offers(OFFER, PEER_GOOD, 0);
	offers(OFFER, SELECT(""), 0);
	offers(NULL, SELECT(""), 0);
}

/* I-17 */
ZTEST(ws_response, sub_protocol_in_pieces_has_to_be_one_that_was_offered)
{
	struct peer_script script = {.pause_ms = 1};
	static const char *const names[] = {SELECT("ocpp1.6"), SELECT("ocpp1.5")};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		script.response = names[i];
		for (size_t cut = 1; cut < 14; cut += i == 0 ? 1 : 3) {
			script.first = (uint16_t)(peer_response_len - cut);
			expect_result(__LINE__, OFFER, &script, i == 0 ? 0 : EPROTO);
		}
	}
}

static int send_nothing(int sock, struct http_request *request, void *user_data)
{
	ARG_UNUSED(sock);
	ARG_UNUSED(request);
	ARG_UNUSED(user_data);

	return 0;
}

/* I-17 */
ZTEST(ws_response, sub_protocol_is_the_applications_where_the_offer_is_not_known)
{
	static const struct peer_script script = {.response = SELECT("xmpp")};
	static char many[CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE + 64];
	const char *headers[] = {many, NULL};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	c->request.optional_headers_cb = send_nothing;
	zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	expect_option_text(c, WEBSOCKET_OPT_PROTOCOL, "xmpp");
	conn_close(c);

	/* More than there is room for. */
	memset(many, 'x', sizeof(many));
	memcpy(many, "Sec-WebSocket-Protocol:", 23);
	strcpy(&many[sizeof(many) - 3], "\r\n");
	conn_prepare(c);
	c->request.optional_headers = headers;
	zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
	expect_option_text(c, WEBSOCKET_OPT_PROTOCOL, "xmpp");
}
