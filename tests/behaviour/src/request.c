/*
 * The request of the opening handshake, octet for octet (specification, section C.2).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "peer_handshake.h"
#include "suite.h"

#define KEY_LINE "Sec-WebSocket-Key: "
#define REST "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define BEGIN "GET " CONN_URL " HTTP/1.1\r\nHost: " CONN_HOST "\r\n"

ZTEST_SUITE(ws_request, NULL, NULL, conn_before_test, conn_after_test, NULL);

/* The request is BEGIN, `headers`, the key and REST. */
static void check_request(const char *headers)
{
	const char *at = peer_request;

	zassert_equal(strncmp(at, BEGIN, strlen(BEGIN)), 0, "request: %s", peer_request);
	at += strlen(BEGIN);
	zassert_equal(strncmp(at, headers, strlen(headers)), 0, "request: %s", peer_request);
	at += strlen(headers);
	zassert_equal(strncmp(at, KEY_LINE, strlen(KEY_LINE)), 0, "request: %s", peer_request);
	at += strlen(KEY_LINE);
	zassert_true(handshake_key_is_valid(at), "request: %s", peer_request);
	at += HANDSHAKE_KEY_LEN;
	zassert_str_equal(at, REST, "request: %s", peer_request);
}

static void connect_well(struct conn *c, void *user_data)
{
	const int result = conn_handshake(c, NULL, PATIENCE_MS, user_data);

	zassert_true(result >= 0, "result %d, errno %d", result, c->error);
}

ZTEST(ws_request, has_exactly_the_documented_octets)
{
	conn_open(&conns[0]);
	check_request("");
	expect_usable(&conns[0]);
}

ZTEST(ws_request, carries_the_list_of_optional_headers_verbatim)
{
	static const char *headers[] = {"Origin: http://a.example\r\n", "Sec-WebSocket-Protocol: mqtt\r\n", NULL};

	conn_prepare(&conns[0]);
	conns[0].request.optional_headers = headers;
	connect_well(&conns[0], NULL);
	check_request("Origin: http://a.example\r\nSec-WebSocket-Protocol: mqtt\r\n");
}

ZTEST(ws_request, takes_an_empty_list_of_optional_headers)
{
	static const char *headers[] = {NULL};

	conn_prepare(&conns[0]);
	conns[0].request.optional_headers = headers;
	connect_well(&conns[0], NULL);
	check_request("");
}

ZTEST(ws_request, may_be_longer_than_every_buffer)
{
	static char line[400];
	static const char *headers[] = {line, NULL};

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "X-Long: ", 8);
	memcpy(&line[sizeof(line) - 3], "\r\n", 3);
	conn_prepare(&conns[0]);
	conns[0].request.optional_headers = headers;
	conns[0].request.tmp_buf_len = 16;
	connect_well(&conns[0], NULL);
	check_request(line);
}

struct header_call {
	int sock;
	int calls;
	const char *url;
	void *user_data;
};
static struct header_call header_call;

static int send_header(int sock, struct http_request *request, void *user_data)
{
	static const char header[] = "X-From-Callback: yes\r\n";

	header_call.sock = sock;
	header_call.calls++;
	header_call.url = request->url;
	header_call.user_data = user_data;

	return (int)zsock_send(sock, header, sizeof(header) - 1, 0);
}

static int fail_header(int sock, struct http_request *request, void *user_data)
{
	(void)send_header(sock, request, user_data);

	return -ENOMEM;
}

/* I-14 */
ZTEST(ws_request, headers_callback_gets_the_user_data_of_the_application)
{
	int mine;

	header_call = (struct header_call){0};
	conn_prepare(&conns[0]);
	conns[0].request.optional_headers_cb = send_header;
	connect_well(&conns[0], &mine);
	zassert_equal_ptr(header_call.user_data, &mine);
	zassert_equal(header_call.calls, 1);
	zassert_equal(header_call.sock, conns[0].tcp);
	zassert_str_equal(header_call.url, CONN_URL);
	check_request("X-From-Callback: yes\r\n");
}

ZTEST(ws_request, headers_callback_takes_the_place_of_the_list)
{
	static const char *headers[] = {"X-Never: sent\r\n", NULL};

	conn_prepare(&conns[0]);
	conns[0].request.optional_headers = headers;
	conns[0].request.optional_headers_cb = send_header;
	connect_well(&conns[0], NULL);
	check_request("X-From-Callback: yes\r\n");
}

ZTEST(ws_request, headers_callback_can_give_up)
{
	/* The request stays without its end: the peer must not wait for that. */
	conn_prepare(&conns[0]);
	conns[0].request.optional_headers_cb = fail_header;
	header_call = (struct header_call){0};
	zassert_equal(websocket_connect(conns[0].tcp, &conns[0].request, PATIENCE_MS, NULL), -ECONNABORTED);
	zassert_equal(header_call.calls, 1);
	zassert_equal(slots_used(), 0);
}

/* I-11: the response comes in there, but not before the request has left. */
ZTEST(ws_request, host_url_and_headers_may_lie_in_tmp_buf)
{
	struct conn *const c = &conns[0];
	static const struct peer_script script = {
		.response = PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Protocol: mqtt\r\n\r\n"};
	const char **const headers = (const char **)(void *)(c->tmp + 128);
	char *const url = (char *)c->tmp;
	char *const host = url + 32;
	char *const line = url + 64;

	BUILD_ASSERT(CONN_TMP_SIZE >= 128 + 2 * sizeof(char *), "");
	for (int cut = 0; cut < 2; cut++) {
		struct peer_script cut_script = script;

		cut_script.first = (uint16_t)cut * 40;
		conn_prepare(c);
		strcpy(url, CONN_URL);
		strcpy(host, CONN_HOST);
		strcpy(line, "Sec-WebSocket-Protocol: mqtt\r\n");
		headers[0] = line;
		headers[1] = NULL;
		c->request.url = url;
		c->request.host = host;
		c->request.optional_headers = headers;
		zassert_true(conn_handshake(c, &cut_script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
		check_request("Sec-WebSocket-Protocol: mqtt\r\n");
		expect_usable(c);
		conn_close(c);
	}
}

/* C.2: what would glue the next header to it, or end the header block. */
ZTEST(ws_request, header_that_is_not_a_whole_line_is_refused)
{
	static const char *const wrong[] = {
		"Authorization: Basic x", "Authorization: Basic x\r", "Authorization: Basic x\n", "\r\n", "A: b\r\n\r\n",
		"A: b\r\nC: d",
	};
	const char *headers[] = {"Origin: x\r\n", NULL, NULL};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		headers[1] = wrong[i];
		conn_prepare(c);
		c->request.optional_headers = headers;
		expect_error(websocket_connect(c->tcp, &c->request, PATIENCE_MS, NULL), EINVAL);
		zassert_equal(slots_used(), 0);
		/* Nothing was sent, and the next try is a good one. */
		headers[1] = "";
		connect_well(c, NULL);
		check_request("Origin: x\r\n");
		conn_close(c);
	}
}

static int send_header_slowly(int sock, struct http_request *request, void *user_data)
{
	k_msleep(3 * SHORT_MS);

	return send_header(sock, request, user_data);
}

/* I-08 */
ZTEST(ws_request, time_out_counts_what_the_headers_callback_takes)
{
	struct conn *const c = &conns[0];

	conn_prepare(c);
	c->request.optional_headers_cb = send_header_slowly;
	/* The server would answer at once. */
	peer_start(c->peer, NULL);
	zassert_equal(websocket_connect(c->tcp, &c->request, SHORT_MS, NULL), -ECONNABORTED);
	zassert_equal(errno, ETIMEDOUT, "errno %d", errno);
	/* It has no whole request: it must not wait for one. */
	zsock_close(c->tcp);
	c->tcp = -1;
	(void)peer_join();
	conn_close(c);
	conn_prepare(c);
	c->request.optional_headers_cb = send_header_slowly;
	connect_well(c, NULL);
	expect_usable(c);
}

/* I-10 */
ZTEST(ws_request, every_handshake_has_its_own_key)
{
	static char keys[8][HANDSHAKE_KEY_LEN];

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		conn_open(&conns[0]);
		memcpy(keys[i], handshake_find_key(peer_request), HANDSHAKE_KEY_LEN);
		for (size_t j = 0; j < i; j++) {
			zassert_true(memcmp(keys[i], keys[j], HANDSHAKE_KEY_LEN) != 0, "key %u again", (unsigned int)j);
		}
		conn_close(&conns[0]);
	}
}
