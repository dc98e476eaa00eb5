/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * `websocket list` and `net websocket` in every state of a connection, by the text that they write.
 */
#include <zephyr/shell/shell.h>
#include <zephyr/shell/shell_dummy.h>

#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

static void *before_suite(void)
{
	zassert_true(WAIT_FOR(shell_ready(shell_backend_dummy_get_ptr()), PATIENCE_MS * USEC_PER_MSEC, k_msleep(1)),
		     "no shell");

	return NULL;
}

ZTEST_SUITE(ws_shell, NULL, before_suite, conn_before_test, conn_after_test, NULL);

/* What the command writes. */
static const char *said(const char *command)
{
	const struct shell *const sh = shell_backend_dummy_get_ptr();
	size_t len;
	int result;

	shell_backend_dummy_clear_output(sh);
	result = shell_execute_cmd(sh, command);
	zassert_true(result == 0 || result == SHELL_CMD_HELP_PRINTED, "%s: result %d", command, result);

	return shell_backend_dummy_get_output(sh, &len);
}

/* The command's text has this piece; the formatted ones before it are its arguments. */
#define expect_said(text, ...)                                                                     \
	do {                                                                                       \
		char wanted_[96];                                                                  \
		const char *const text_ = (text);                                                  \
                                                                                                   \
		snprintk(wanted_, sizeof(wanted_), __VA_ARGS__);                                   \
		zassert_not_null(strstr(text_, wanted_), "\"%s\" is missing in:\n%s", wanted_, text_); \
	} while (0)

static size_t occurrences(const char *text, const char *word)
{
	size_t count = 0;

	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
		count++;
	}

	return count;
}

static uint16_t peer_port(int sock)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof(address);

	zassert_ok(zsock_getpeername(sock, (struct sockaddr *)&address, &len), "errno %d", errno);

	return ntohs(address.sin_port);
}

static void open_with_protocol(struct conn *c)
{
	static const struct peer_script script = {
		.response = PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "Sec-WebSocket-Protocol: chat.v2\r\n\r\n",
	};

	static const char *headers[] = {"Sec-WebSocket-Protocol: chat.v2\r\n", NULL};

	conn_prepare(c);
	c->request.optional_headers = headers;
	zassert_true(conn_handshake(c, &script, PATIENCE_MS, NULL) >= 0, "errno %d", c->error);
}

static void send_text(struct conn *c, const char *text)
{
	zassert_equal(zsock_send(c->ws, text, strlen(text), 0), (ssize_t)strlen(text), "errno %d", errno);
	expect_frame(c, FIN_TEXT, text, strlen(text));
}

static void send_ping(struct conn *c)
{
	zassert_equal(websocket_send_msg(c->ws, (const uint8_t *)"?", 1, WEBSOCKET_OPCODE_PING, !c->sends_unmasked,
					 true, PATIENCE_MS),
		      1);
	expect_frame(c, FIN_PING, "?", 1);
}

ZTEST(ws_shell, test_no_connection_is_said)
{
	zassert_str_equal(said("websocket list"), "\r\nNo websocket is open; there is room for 3.\r\n");
	expect_said(said("net websocket"), "No connections");
}

ZTEST(ws_shell, test_help_names_what_there_is)
{
	expect_said(said("websocket --help"), "Websockets of this device");
	expect_said(said("websocket --help"), "list");
	expect_said(said("websocket --help"), "the status code of the peer's Close frame");
}

ZTEST(ws_shell, test_a_client_and_a_server_are_listed)
{
	struct conn *const client = &conns[0];
	struct conn *const server = &conns[1];
	const char *text;

	open_with_protocol(client);
	conn_open_server(server);
	send_text(client, "four");
	send_text(client, "seven..");
	peer_text(client, "to the client");
	expect_text(client, "to the client");
	send_ping(client);
	send_ping(client);
	send_text(server, "ok");

	text = said("websocket list");
	expect_said(text,
		    "[%d] client, open\r\n"
		    "  real socket       %d\r\n"
		    "  peer              127.0.0.1:%u\r\n",
		    client->ws, client->tcp, peer_port(client->tcp));
	expect_said(text, "  sub-protocol      chat.v2\r\n  HTTP status       101\r\n");
	expect_said(text, "  received          1 messages, 13 bytes\r\n");
	expect_said(text, "  sent              2 messages, 11 bytes\r\n");
	expect_said(text, "  pings unanswered  2\r\n  last close code   none\r\n");
	expect_said(text,
		    "[%d] server, open\r\n"
		    "  real socket       %d\r\n"
		    "  peer              127.0.0.1:%u\r\n",
		    server->ws, server->tcp, peer_port(server->tcp));
	expect_said(text, "  sub-protocol      none\r\n  HTTP status       none\r\n");
	expect_said(text, "  received          0 messages, 0 bytes\r\n");
	expect_said(text, "  sent              1 messages, 2 bytes\r\n");
	expect_said(text, "  pings unanswered  0\r\n");
	expect_said(text, "\r\n2 of 3 in use\r\n");

	peer_frame(client, FIN_PONG, "?", 1);
	expect_message(client, PONG, "?", 1, 0);
	zassert_equal(occurrences(said("websocket list"), "pings unanswered  0"), 2, "the pong is not seen");
}

ZTEST(ws_shell, test_the_peers_close_is_shown)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	peer_send_octets(c, FIN_CLOSE, 2, 0x03, 0xe9);
	expect_message(c, CLOSE, "\x03\xe9", 2, 0);
	expect_said(said("websocket list"), "[%d] client, peer closed 1001", c->ws);
	expect_said(said("websocket list"), "  last close code   1001\r\n");
}

ZTEST(ws_shell, test_a_stream_that_ends_is_1006)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_close(c->peer));
	c->peer = -1;
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
	expect_said(said("websocket list"), "[%d] client, peer closed 1006", c->ws);
}

ZTEST(ws_shell, test_our_close_is_shown)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zassert_ok(zsock_shutdown(c->ws, ZSOCK_SHUT_WR), "errno %d", errno);
	expect_close(c, 1000);
	expect_said(said("websocket list"), "[%d] client, close sent\r\n", c->ws);
}

/* Sends until the peer's window is full; what is on its way makes room again for a moment. */
static void fill(struct conn *c)
{
	const int64_t end = k_uptime_get() + PATIENCE_MS;
	int frames;

	do {
		frames = 0;
		while (zsock_send(c->ws, letters(), 400, ZSOCK_MSG_DONTWAIT) > 0) {
			frames++;
		}
		zassert_equal(errno, EAGAIN, "errno %d", errno);
		zassert_true(k_uptime_get() < end, "the connection does not fill up");
		k_msleep(SHORT_MS);
	} while (frames > 0);
}

struct close_job {
	int ws;
	int64_t elapsed_ms;
};

static void close_work(void *argument)
{
	struct close_job *const job = argument;
	const int64_t start = k_uptime_get();

	(void)zsock_close(job->ws);
	job->elapsed_ms = k_uptime_get() - start;
}

ZTEST(ws_shell, test_a_close_that_waits_for_its_peer_is_shown)
{
	struct conn *const c = &conns[0];
	static struct close_job job;
	int worker;

	conn_open(c);
	fill(c);
	job = (struct close_job){.ws = c->ws};
	worker = worker_start(close_work, &job);
	c->ws = -1;
	k_msleep(SHORT_MS);
	expect_said(said("websocket list"), "[%d] client, closing\r\n", job.ws);
	worker_join(worker);
	zassert_true(job.elapsed_ms >= CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT, "%d ms", (int)job.elapsed_ms);
	expect_said(said("websocket list"), "No websocket is open");
}

ZTEST(ws_shell, test_a_socket_that_is_gone_is_shown)
{
	struct conn *const c = &conns[0];
	const char *text;

	conn_open(c);
	zassert_ok(zsock_close(c->tcp));
	text = said("websocket list");
	expect_said(text, "  real socket       %d (not this websocket's any more)\r\n  peer              unknown\r\n",
		    c->tcp);
	c->tcp = -1;
}

/* I-77 */
ZTEST(ws_shell, test_the_net_shell_shows_both_ends)
{
	struct conn *const client = &conns[0];
	struct conn *const server = &conns[1];
	const char *text;

	conn_open(client);
	conn_open_server(server);
	text = said("net websocket");
	expect_said(text, "[ 1] ");
	expect_said(text, "[ 2] ");
	expect_said(text, "127.0.0.1:%u", peer_port(client->tcp));
	expect_said(text, "127.0.0.1:%u", peer_port(server->tcp));
}
