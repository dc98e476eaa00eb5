/*
 * What comes with a refusal: its body, who reads it and for how long, and what the socket is good for then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"

static struct {
	char body[1024];
	size_t body_len;
	int body_calls;
	int message_complete;
	uint64_t content_length;
	unsigned int type;
	bool body_found;
} seen;

static struct http_request *request_of(struct http_parser *parser)
{
	return CONTAINER_OF(parser, struct http_request, internal.parser);
}

static int on_headers(struct http_parser *parser)
{
	seen.content_length = parser->content_length;
	seen.type = parser->type;

	return 0;
}

static int on_body(struct http_parser *parser, const char *at, size_t len)
{
	memcpy(&seen.body[seen.body_len], at, MIN(len, sizeof(seen.body) - seen.body_len));
	seen.body_len += MIN(len, sizeof(seen.body) - seen.body_len);
	seen.body_calls++;
	seen.body_found = request_of(parser)->internal.response.body_found != 0 &&
			  request_of(parser)->internal.response.processed == seen.body_len;

	return 0;
}

static int on_message(struct http_parser *parser)
{
	seen.message_complete += 1 + (parser->status_code != 401);

	return 0;
}

static const struct http_parser_settings listener = {
	.on_headers_complete = on_headers,
	.on_body = on_body,
	.on_message_complete = on_message,
};

ZTEST_SUITE(ws_refusal, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define HEAD "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\"\r\n"
#define BODY "Unauthorized"
#define WITH_LENGTH HEAD "Content-Length: 12\r\n\r\n" BODY
#define IN_CHUNKS HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nUnaut\r\n7;x=y\r\nhorized\r\n0\r\nX-Trailer: x\r\n\r\n"
#define TO_THE_END HEAD "\r\n" BODY

static void refuse_on(int line, struct conn *c, const struct http_parser_settings *settings,
		      const struct peer_script *script, int32_t timeout_ms)
{
	memset(&seen, 0, sizeof(seen));
	c->request.http_cb = settings;
	zassert_equal(conn_handshake(c, script, timeout_ms, NULL), -ECONNABORTED, "line %d", line);
	zassert_equal(c->error, ECONNREFUSED, "line %d, cut at %u: errno %d", line, script->first, c->error);
	zassert_equal(slots_used(), 0, "line %d", line);
	c->request.http_cb = NULL;
}

static void expect_body(int line, const struct peer_script *script, uint64_t content_length)
{
	zassert_equal(seen.body_len, strlen(BODY), "line %d, cut at %u: %u octets", line, script->first,
		      (unsigned int)seen.body_len);
	zassert_mem_equal(seen.body, BODY, strlen(BODY), "line %d, cut at %u", line, script->first);
	zassert_equal(seen.message_complete, 1, "line %d, cut at %u", line, script->first);
	zassert_equal(seen.content_length, content_length, "line %d", line);
	zassert_equal(seen.type, HTTP_RESPONSE, "line %d", line);
	zassert_true(seen.body_found, "line %d", line);
}

/* I-05 */
ZTEST(ws_refusal, body_reaches_http_cb_in_every_framing_at_every_cut)
{
	struct peer_script scripts[] = {
		{.response = WITH_LENGTH, .pause_ms = 1},
		{.response = IN_CHUNKS, .pause_ms = 1},
		{.response = TO_THE_END, .pause_ms = 1, .closes = true},
		{.response = "HTTP/1.1 100 Continue\r\n\r\n" WITH_LENGTH, .pause_ms = 1},
	};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		do {
			conn_prepare(c);
			refuse_on(__LINE__, c, &listener, &scripts[i], PATIENCE_MS);
			expect_body(__LINE__, &scripts[i], i == 1 || i == 2 ? UINT64_MAX : strlen(BODY));
			conn_close(c);
			scripts[i].first += 1 + BEHAVIOUR_CUT_STEP / 2;
		} while (scripts[i].first < peer_response_len);
		scripts[i].first = scripts[i].piece = 1;
		conn_prepare(c);
		c->request.tmp_buf_len = 7;
		refuse_on(__LINE__, c, &listener, &scripts[i], PATIENCE_MS);
		expect_body(__LINE__, &scripts[i], i == 1 || i == 2 ? UINT64_MAX : strlen(BODY));
		conn_close(c);
	}
}

/* Whole pieces reach the application whole. */
ZTEST(ws_refusal, body_in_one_segment_is_one_piece)
{
	static const struct peer_script script = {.response = WITH_LENGTH};
	struct conn *const c = &conns[0];

	conn_prepare(c);
	refuse_on(__LINE__, c, &listener, &script, PATIENCE_MS);
	zassert_equal(seen.body_calls, 1);
}

static const char *long_refusal(const char *head, const char *tail, size_t len)
{
	static char response[768];

	strcpy(response, head);
	memset(&response[strlen(head)], 'x', len);
	strcpy(&response[strlen(head) + len], tail);

	return response;
}

static void retry(int line, const char *response, bool listens)
{
	/* All at once; with the head's end and its body apart; in segments. */
	static const uint16_t firsts[] = {0, 1, 90, 300};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++) {
		const struct peer_script script = {
			.response = response, .first = firsts[i], .piece = 200, .pause_ms = 5};

		conn_prepare(c);
		for (int times = 0; times < 2; times++) {
			refuse_on(line, c, listens ? &listener : NULL, &script, PATIENCE_MS);
			zassert_equal(seen.message_complete, listens ? 1 : 0, "line %d", line);
		}
		zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "line %d, first %u: errno %d", line,
			     firsts[i], c->error);
		expect_usable_at(line, c);
		conn_close(c);
	}
}

/* I-05: as a Digest authentication does it. */
ZTEST(ws_refusal, socket_stands_at_the_next_response)
{
	for (int listens = 0; listens < 2; listens++) {
		retry(__LINE__, long_refusal(HEAD "Connection: keep-alive\r\nContent-Length: 600\r\n\r\n", "", 600), listens);
		retry(__LINE__, long_refusal(HEAD "Transfer-Encoding: chunked\r\n\r\n1f4\r\n", "\r\n0\r\n\r\n", 500), listens);
		retry(__LINE__, long_refusal("HTTP/1.1 100 Continue\r\n\r\n" HEAD "Content-Length: 500\r\n\r\n", "", 500),
		      listens);
		retry(__LINE__, HEAD "Content-Length: 0\r\n\r\n", listens);
		/* A line end too many. */
		retry(__LINE__, HEAD "Content-Length: 2\r\n\r\nno\r\n", listens);
	}
}

/* I-05 */
ZTEST(ws_refusal, some_statuses_have_no_body)
{
	static const char *const responses[] = {
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 600\r\n\r\n",
	};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(responses); i++) {
		const struct peer_script script = {.response = responses[i]};

		conn_prepare(c);
		refuse_on(__LINE__, c, &listener, &script, PATIENCE_MS);
		zassert_equal(seen.message_complete, 2);
		zassert_equal(seen.body_len, 0);
		zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
		conn_close(c);
	}
}

/* I-05, I-08: the cause stays the refusal. */
ZTEST(ws_refusal, body_is_waited_for_as_long_as_the_time_out_says)
{
	static const struct {
		struct peer_script script;
		bool waits, waits_without_listener;
	} cases[] = {
		{{.response = HEAD "Content-Length: 13\r\n\r\n" BODY}, true, true},
		{{.response = HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nUnau"}, true, true},
		{{.response = HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n"}, true, true},
		{{.response = TO_THE_END}, true, false},
		{{.response = HEAD "Content-Length: 65537\r\n\r\n" BODY}, true, false},
		{{.response = HEAD "Content-Length: 12, 13\r\n\r\n" BODY}, true, false},
		{{.response = HEAD "Transfer-Encoding: gzip\r\n\r\n" BODY}, true, false},
		{{.response = HEAD "Transfer-Encoding: chunked\r\n\r\nx\r\n"}, false, false},
		/* The time-out is one for all of it, however the body drips. */
		{{.response = HEAD "Content-Length: 13\r\n\r\n" BODY, .first = sizeof(HEAD "Content-Length: 13\r\n\r\n") - 1,
		  .piece = 1, .pause_ms = SHORT_MS / 4}, true, true},
	};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int listens = 0; listens < 2; listens++) {
			const bool waits = listens ? cases[i].waits : cases[i].waits_without_listener;

			conn_prepare(c);
			refuse_on(__LINE__, c, listens ? &listener : NULL, &cases[i].script,
				  waits ? 2 * SHORT_MS : PATIENCE_MS);
			/* Others do not wait, which takes no time but that of a busy machine. */
			zassert_true(waits ? c->elapsed_ms >= 2 * SHORT_MS : c->elapsed_ms < PATIENCE_MS, "case %u: %d ms",
				     (unsigned int)i, (int)c->elapsed_ms);
			zassert_equal(seen.message_complete, 0, "case %u", (unsigned int)i);
			conn_close(c);
		}
	}
}

/* I-05 */
ZTEST(ws_refusal, body_that_ends_early_is_not_complete)
{
	static const struct peer_script scripts[] = {
		{.response = HEAD "Content-Length: 13\r\n\r\n" BODY, .closes = true},
		{.response = HEAD "Transfer-Encoding: chunked\r\n\r\nd\r\n" BODY, .closes = true},
	};
	struct conn *const c = &conns[0];

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		conn_prepare(c);
		refuse_on(__LINE__, c, &listener, &scripts[i], PATIENCE_MS);
		zassert_equal(seen.body_len, strlen(BODY));
		zassert_equal(seen.message_complete, 0);
		conn_close(c);
	}
}
