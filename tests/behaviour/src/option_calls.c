/*
 * Asks for and sets the options of a websocket.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "option_calls.h"
#include "suite.h"

#define TEXT_ROOM 160

void set_number_at(int line, struct conn *c, int name, int value)
{
	zassert_ok(zsock_setsockopt(c->ws, SOL_WEBSOCKET, name, &value, sizeof(value)), "line %d: option %d, errno %d",
		   line, name, errno);
}

void expect_number_at(int line, struct conn *c, int name, int value)
{
	int got = -1;
	socklen_t len = sizeof(got);

	zassert_ok(zsock_getsockopt(c->ws, SOL_WEBSOCKET, name, &got, &len), "line %d: option %d, errno %d", line, name,
		   errno);
	zassert_equal(len, sizeof(got), "line %d: length %u", line, (unsigned int)len);
	zassert_equal(got, value, "line %d: option %d is %d, not %d", line, name, got, value);
}

void expect_refused_at(int line, struct conn *c, int name, int value, int error)
{
	int result, got;

	errno = 0;
	result = zsock_setsockopt(c->ws, SOL_WEBSOCKET, name, &value, sizeof(value));
	got = errno;
	zassert_equal(result, -1, "line %d: option %d takes %d", line, name, value);
	zassert_equal(got, error, "line %d: option %d, errno %d, not %d", line, name, got, error);
}

void set_text_at(int line, struct conn *c, int name, const char *text)
{
	zassert_ok(zsock_setsockopt(c->ws, SOL_WEBSOCKET, name, text, (socklen_t)strlen(text)),
		   "line %d: option %d, errno %d", line, name, errno);
}

void expect_option_text_at(int line, struct conn *c, int name, const char *text)
{
	char got[TEXT_ROOM];
	socklen_t len = sizeof(got);

	zassert_ok(zsock_getsockopt(c->ws, SOL_WEBSOCKET, name, got, &len), "line %d: option %d, errno %d", line, name,
		   errno);
	zassert_equal(len, strlen(text), "line %d: option %d has %u octets", line, name, (unsigned int)len);
	zassert_mem_equal(got, text, strlen(text), "line %d: option %d", line, name);
}

void expect_socket_error_at(int line, struct conn *c, int error)
{
	int got = -1;
	socklen_t len = sizeof(got);

	zassert_ok(zsock_getsockopt(c->ws, SOL_SOCKET, SO_ERROR, &got, &len), "line %d: errno %d", line, errno);
	zassert_equal(len, sizeof(got), "line %d", line);
	zassert_equal(got, error, "line %d: SO_ERROR is %d, not %d", line, got, error);
}

void set_limit_ms(struct conn *c, int name, int limit_ms)
{
	const struct zsock_timeval time = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};

	zassert_ok(zsock_setsockopt(c->ws, SOL_SOCKET, name, &time, sizeof(time)), "errno %d", errno);
}
