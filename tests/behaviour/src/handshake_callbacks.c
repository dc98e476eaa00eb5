/*
 * What the application's callbacks see of a handshake, and what they may do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

#define REFUSAL (-EACCES)

static struct {
	int begin, headers_complete, message_complete;
	unsigned int code_at_headers_complete;
	unsigned int type;
	uint64_t content_length;
	char status[64];
	char fields[256]; /* "name=value;" for every header */
	bool in_value;
} parsed;

static struct {
	int calls, result;
	int ws;
	uint16_t code;
	char status[32];
	uint8_t *recv_buf;
	size_t recv_buf_len;
	const char *url, *host;
	bool has_response, has_http_cb;
	size_t data_len, content_length;
	unsigned int parser_type;
	int received;
	uint8_t buffer[16];
	uint32_t type;
	bool receives, closes, is_bsd_close;
	void *user_data;
} called;

static void reset(void *fixture)
{
	conn_before_test(fixture);
	memset(&parsed, 0, sizeof(parsed));
	memset(&called, 0, sizeof(called));
}

ZTEST_SUITE(ws_callbacks, NULL, NULL, reset, conn_after_test, NULL);

static void append(char *text, size_t size, const char *at, size_t len)
{
	const size_t used = strlen(text);

	len = MIN(len, size - 1 - used);
	memcpy(&text[used], at, len);
	text[used + len] = '\0';
}

static int on_begin(struct http_parser *parser)
{
	ARG_UNUSED(parser);
	parsed.begin++;
	return 0;
}

static int on_status(struct http_parser *parser, const char *at, size_t len)
{
	ARG_UNUSED(parser);
	append(parsed.status, sizeof(parsed.status), at, len);
	return 0;
}

static int on_field(struct http_parser *parser, const char *at, size_t len)
{
	ARG_UNUSED(parser);
	if (parsed.in_value) {
		append(parsed.fields, sizeof(parsed.fields), ";", 1);
	}
	parsed.in_value = false;
	append(parsed.fields, sizeof(parsed.fields), at, len);
	return 0;
}

static int on_value(struct http_parser *parser, const char *at, size_t len)
{
	ARG_UNUSED(parser);
	if (!parsed.in_value) {
		append(parsed.fields, sizeof(parsed.fields), "=", 1);
	}
	parsed.in_value = true;
	append(parsed.fields, sizeof(parsed.fields), at, len);
	return 0;
}

static int on_headers(struct http_parser *parser)
{
	parsed.headers_complete++;
	parsed.code_at_headers_complete = parser->status_code;
	parsed.type = parser->type;
	parsed.content_length = parser->content_length;
	return 0;
}

static int on_message(struct http_parser *parser)
{
	ARG_UNUSED(parser);
	parsed.message_complete++;
	return 0;
}

static const struct http_parser_settings settings = {
	.on_message_begin = on_begin,
	.on_status = on_status,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_headers,
	.on_message_complete = on_message,
};

static int on_connect(int ws, struct http_request *request, void *user_data)
{
	called.calls++;
	called.ws = ws;
	called.code = request->internal.response.http_status_code;
	memcpy(called.status, request->internal.response.http_status, sizeof(called.status));
	called.recv_buf = request->recv_buf;
	called.recv_buf_len = request->recv_buf_len;
	called.url = request->url;
	called.host = request->host;
	called.has_response = request->response != NULL && request->internal.response.cb == request->response;
	called.has_http_cb = request->http_cb != NULL && request->internal.response.http_cb == request->http_cb;
	called.data_len = request->internal.response.data_len;
	called.content_length = request->internal.response.content_length;
	called.parser_type = request->internal.parser.type;
	called.user_data = user_data;
	if (called.receives) {
		called.received = websocket_recv_msg(ws, called.buffer, sizeof(called.buffer), &called.type, NULL, 0);
	}
	if (called.closes) {
		(void)(called.is_bsd_close ? zsock_close(ws) : websocket_disconnect(ws));
	}

	return called.result;
}

static int connect_with_callback(struct conn *c, const struct peer_script *script)
{
	conn_prepare(c);
	c->request.cb = on_connect;

	return conn_handshake(c, script, PATIENCE_MS, c);
}

static void check_parsed(void)
{
	static const char wanted[] = "Upgrade=websocket;Connection=Upgrade;Sec-WebSocket-Accept=";
	static const char last[] = ";Server=test";

	zassert_equal(parsed.begin, 1);
	zassert_str_equal(parsed.status, "Switching Protocols", "%s", parsed.status);
	zassert_equal(strncmp(parsed.fields, wanted, strlen(wanted)), 0, "%s", parsed.fields);
	zassert_equal(strlen(parsed.fields), strlen(wanted) + 28 + strlen(last), "%s", parsed.fields);
	zassert_str_equal(&parsed.fields[strlen(wanted) + 28], last, "%s", parsed.fields);
	zassert_equal(parsed.headers_complete, 1);
	zassert_equal(parsed.code_at_headers_complete, 101);
	zassert_equal(parsed.type, HTTP_RESPONSE);
	zassert_equal(parsed.content_length, UINT64_MAX);
}

#define WITH_SERVER PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Server: test\r\n\r\n"

ZTEST(ws_callbacks, http_cb_sees_the_whole_response)
{
	static const struct peer_script script = {.response = WITH_SERVER};

	conn_prepare(&conns[0]);
	conns[0].request.http_cb = &settings;
	zassert_true(conn_handshake(&conns[0], &script, PATIENCE_MS, NULL) >= 0);
	check_parsed();
	zassert_equal(parsed.message_complete, 1);
}

ZTEST(ws_callbacks, http_cb_sees_the_same_when_the_response_comes_in_pieces)
{
	static const struct peer_script script = {.response = WITH_SERVER, .first = 3, .piece = 7, .pause_ms = 1};

	conn_prepare(&conns[0]);
	conns[0].request.http_cb = &settings;
	conns[0].request.tmp_buf_len = 16;
	zassert_true(conn_handshake(&conns[0], &script, PATIENCE_MS, NULL) >= 0);
	check_parsed();
}

ZTEST(ws_callbacks, http_cb_sees_a_refusal)
{
	static const struct peer_script script = {
		.response = "HTTP/1.1 401 Unauthorized\r\nX-Why: because\r\n\r\n", .closes = true};

	conn_prepare(&conns[0]);
	conns[0].request.http_cb = &settings;
	zassert_equal(conn_handshake(&conns[0], &script, PATIENCE_MS, NULL), -ECONNABORTED);
	zassert_str_equal(parsed.status, "Unauthorized");
	zassert_str_equal(parsed.fields, "X-Why=because");
	zassert_equal(parsed.code_at_headers_complete, 401);
}

ZTEST(ws_callbacks, cb_finds_what_the_stock_library_gives)
{
	struct conn *const c = &conns[0];

	zassert_true(connect_with_callback(c, NULL) >= 0);
	zassert_equal(called.calls, 1);
	zassert_equal(called.ws, c->ws);
	zassert_equal(called.code, 101);
	zassert_str_equal(called.status, "Switching Protocols", "%s", called.status);
	zassert_equal_ptr(called.recv_buf, c->tmp);
	zassert_equal(called.recv_buf_len, sizeof(c->tmp));
	zassert_str_equal(called.url, CONN_URL);
	zassert_str_equal(called.host, CONN_HOST);
	zassert_equal_ptr(called.user_data, c);
	zassert_equal(called.parser_type, HTTP_RESPONSE);
	zassert_equal(called.content_length, 0);
	zassert_true(called.has_response);
	zassert_true(called.has_http_cb);
	zassert_equal(called.data_len, peer_response_len);
	expect_usable(c);
}

ZTEST(ws_callbacks, cb_finds_the_same_beside_http_cb)
{
	static const uint8_t tail[] = {0x81, 3, 'o', 'n', 'e'};
	static const struct peer_script script = {
		.response = PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Content-Length: 7\r\n\r\n",
		.tail = tail, .tail_len = sizeof(tail)};
	struct conn *const c = &conns[0];

	for (int observes = 0; observes < 2; observes++) {
		conn_prepare(c);
		c->request.cb = on_connect;
		c->request.http_cb = observes ? &settings : NULL;
		zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0);
		zassert_equal(called.parser_type, HTTP_RESPONSE);
		zassert_equal(called.content_length, 7);
		zassert_true(called.has_response);
		zassert_true(called.has_http_cb);
		/* Without the frame that came behind it. */
		zassert_equal(called.data_len, peer_response_len);
		expect_text(c, "one");
		conn_close(c);
	}
	zassert_equal(parsed.content_length, 7);
}

/* I-05 */
ZTEST(ws_callbacks, http_cb_does_not_see_interim_responses)
{
	static const struct peer_script script = {.response = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" WITH_SERVER};

	conn_prepare(&conns[0]);
	conns[0].request.http_cb = &settings;
	zassert_true(conn_handshake(&conns[0], &script, PATIENCE_MS, NULL) >= 0);
	check_parsed();
	zassert_equal(parsed.message_complete, 1);
}

/* I-04 */
ZTEST(ws_callbacks, http_cb_sees_a_space_in_place_of_a_fold)
{
	static const struct peer_script script = {.response = "HTTP/1.1 401 Unauthorized\r\nX-Why: be\r\n\tcause\r\n\r\n"};

	conn_prepare(&conns[0]);
	conns[0].request.http_cb = &settings;
	zassert_equal(conn_handshake(&conns[0], &script, SHORT_MS, NULL), -ECONNABORTED);
	zassert_str_equal(parsed.fields, "X-Why=be cause", "%s", parsed.fields);
}

ZTEST(ws_callbacks, cb_is_not_called_after_a_failed_handshake)
{
	static const struct peer_script script = {.response = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};

	zassert_equal(connect_with_callback(&conns[0], &script), -ECONNABORTED);
	zassert_equal(called.calls, 0);
}

/* I-12 */
ZTEST(ws_callbacks, cb_may_receive)
{
	static const uint8_t tail[] = {0x81, 3, 'o', 'n', 'e', 0x81, 3, 't', 'w', 'o'};
	static const struct peer_script script = {.tail = tail, .tail_len = sizeof(tail)};
	struct conn *const c = &conns[0];

	called.receives = true;
	zassert_true(connect_with_callback(c, &script) >= 0, "errno %d", c->error);
	zassert_equal(called.received, 3);
	zassert_mem_equal(called.buffer, "one", 3);
	zassert_equal(called.type, TEXT);
	expect_message_now(c, TEXT, "two", 3, 0);
	expect_usable(c);
}

/* I-12 */
ZTEST(ws_callbacks, cb_may_receive_in_the_middle_of_a_frame)
{
	static const uint8_t tail[] = {0x81, 6, 'a', 'b', 'c'};
	static const struct peer_script script = {.tail = tail, .tail_len = sizeof(tail)};
	struct conn *const c = &conns[0];

	called.receives = true;
	zassert_true(connect_with_callback(c, &script) >= 0, "errno %d", c->error);
	zassert_equal(called.received, 3);
	peer_send(c, "def", 3);
	expect_message(c, TEXT, "def", 3, 0);
}

/* I-13 */
ZTEST(ws_callbacks, cb_that_refuses_gives_its_own_result)
{
	struct conn *const c = &conns[0];

	called.result = REFUSAL;
	zassert_equal(connect_with_callback(c, NULL), REFUSAL);
	expect_close(c, 1000);
	expect_silence(c);
	zassert_equal(slots_used(), 0);
	/* The application's socket stays open, the websocket's descriptor does not. */
	zassert_equal(zsock_send(c->tcp, "x", 1, 0), 1);
	expect_error(websocket_send_msg(called.ws, NULL, 0, WEBSOCKET_OPCODE_PING, true, true, 0), EBADF);
}

/* I-13 */
ZTEST(ws_callbacks, cb_that_refuses_again_and_again_loses_no_slot)
{
	struct conn *const c = &conns[0];

	called.result = REFUSAL;
	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		zassert_equal(connect_with_callback(c, NULL), REFUSAL, "cycle %d", i);
		zassert_equal(slots_used(), 0, "cycle %d", i);
		conn_close(c);
	}
	called.result = 0;
	zassert_true(connect_with_callback(c, NULL) >= 0);
	expect_usable(c);
}

/* I-13 */
ZTEST(ws_callbacks, cb_that_closes_the_websocket_and_refuses_releases_it_once)
{
	struct conn *const c = &conns[0];

	called.result = REFUSAL;
	called.closes = true;
	for (int i = 0; i < BEHAVIOUR_CYCLES; i++) {
		called.is_bsd_close = i % 2 == 0;
		zassert_equal(connect_with_callback(c, NULL), REFUSAL, "cycle %d", i);
		zassert_equal(slots_used(), 0, "cycle %d", i);
		expect_close(c, 1000);
		expect_silence(c);
		conn_close(c);
		/* A silence at the peer takes its time. */
		i += BEHAVIOUR_CYCLES / 10;
	}
}

/* I-13 */
ZTEST(ws_callbacks, cb_that_closes_the_websocket_and_accepts_leaves_no_slot)
{
	struct conn *const c = &conns[0];

	called.closes = true;
	(void)connect_with_callback(c, NULL);
	c->ws = -1;
	zassert_equal(slots_used(), 0);
	expect_close(c, 1000);
	expect_silence(c);
}
