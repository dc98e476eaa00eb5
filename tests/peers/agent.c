/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The client of the peers test: agent HOST PORT PATH does what README.md says of the path.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#define TIMEOUT_MS 20000
#define MESSAGE_MAX (1024 * 1024)
/* The servers' message with a ping in it. */
#define PING_MESSAGE_LEN (1024 * 1024)
/* What /fragment cuts its replies into. */
#define FRAGMENT_LEN 1000

#define TYPE_FLAGS                                                                                 \
	(WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_CLOSE |                      \
	 WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG)

/* What came of one message, and of the control frames before its end. */
struct arrival {
	size_t len;
	unsigned int frames;
	uint32_t type;
	unsigned int pings;
	unsigned int pongs;
	uint8_t ping[125];
	size_t ping_len;
};

/* The response's Sec-WebSocket-Protocol. */
struct negotiated {
	char field[64];
	char protocol[32];
};

static uint8_t tmp_buf[1024];
static uint8_t outgoing[MESSAGE_MAX];
static uint8_t incoming[MESSAGE_MAX];
static struct negotiated negotiated;

static void __printf_like(1, 2) fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "agent: ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	exit(1);
}

static void check(bool condition, const char *what)
{
	if (!condition) {
		fail("not so: %s", what);
	}
}

#define CHECK(condition) check((condition), #condition)

/* ------------------------------------------------------------------------------------ the opening */

static void append(char *text, size_t size, const char *at, size_t len)
{
	const size_t used = strlen(text);

	if (used + len < size) {
		memcpy(&text[used], at, len);
		text[used + len] = '\0';
	}
}

static int on_header_field(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);
	negotiated.field[0] = '\0';
	append(negotiated.field, sizeof(negotiated.field), at, length);

	return 0;
}

static int on_header_value(struct http_parser *parser, const char *at, size_t length)
{
	ARG_UNUSED(parser);
	if (strcasecmp(negotiated.field, "Sec-WebSocket-Protocol") == 0) {
		append(negotiated.protocol, sizeof(negotiated.protocol), at, length);
	}

	return 0;
}

static int connect_tcp(const char *host, const char *port)
{
	const struct zsock_addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *address = NULL;
	int sock;

	CHECK(zsock_getaddrinfo(host, port, &hints, &address) == 0 && address != NULL);
	sock = zsock_socket(address->ai_family, SOCK_STREAM, IPPROTO_TCP);
	CHECK(sock >= 0);
	CHECK(zsock_connect(sock, address->ai_addr, address->ai_addrlen) == 0);
	zsock_freeaddrinfo(address);

	return sock;
}

static int open_websocket(int sock, const char *host, const char *path)
{
	static const char *const headers[] = {"Sec-WebSocket-Protocol: chat\r\n", NULL};
	const struct http_parser_settings callbacks = {
		.on_header_field = on_header_field,
		.on_header_value = on_header_value,
	};
	struct websocket_request request = {
		.host = host,
		.url = path,
		.optional_headers = (const char **)headers,
		.http_cb = &callbacks,
		.tmp_buf = tmp_buf,
		.tmp_buf_len = sizeof(tmp_buf),
	};
	const int websocket = websocket_connect(sock, &request, TIMEOUT_MS, NULL);

	if (websocket < 0) {
		fail("websocket_connect(): %d, errno %d", websocket, errno);
	}
	if (strcmp(negotiated.protocol, "chat") != 0) {
		fail("sub-protocol is '%s', not 'chat'", negotiated.protocol);
	}

	return websocket;
}

/* --------------------------------------------------------------------------------------- messages */

static void send_frame(int websocket, const void *data, size_t len, enum websocket_opcode opcode,
		       bool final)
{
	const int ret = websocket_send_msg(websocket, data, len, opcode, true, final, TIMEOUT_MS);

	if (ret != (int)len) {
		fail("websocket_send_msg() of %zu octets: %d", len, ret);
	}
}

/* Receives one data message into `incoming`. */
static void receive_message(int websocket, struct arrival *arrival)
{
	bool is_first = true;
	uint32_t type = 0;

	*arrival = (struct arrival){0};
	while (is_first || !(type & WEBSOCKET_FLAG_FINAL)) {
		uint8_t control[125];
		uint64_t remaining = 0;
		size_t frame_len = 0;
		uint32_t flag;

		/* The type is known only after the first piece, which a control frame's payload is no longer than. */
		do {
			const size_t room = sizeof(incoming) - arrival->len;
			const size_t piece = MIN(room, sizeof(control));
			int ret = websocket_recv_msg(websocket, frame_len == 0 ? control : &incoming[arrival->len],
						     frame_len == 0 ? MAX(piece, 1) : room, &type, &remaining,
						     TIMEOUT_MS);

			if (ret < 0) {
				fail("websocket_recv_msg() after %zu octets: %d", arrival->len, ret);
			}
			flag = type & TYPE_FLAGS;
			if (flag == WEBSOCKET_FLAG_PING || flag == WEBSOCKET_FLAG_PONG) {
				memcpy(arrival->ping, control, (size_t)ret);
				arrival->ping_len = (size_t)ret;
				break;
			}
			if (flag == WEBSOCKET_FLAG_CLOSE) {
				fail("the server closed");
			}
			CHECK((size_t)ret <= room);
			if (frame_len == 0) {
				memcpy(&incoming[arrival->len], control, (size_t)ret);
			}
			arrival->len += (size_t)ret;
			frame_len += (size_t)ret;
		} while (remaining > 0);

		if (flag == WEBSOCKET_FLAG_PING || flag == WEBSOCKET_FLAG_PONG) {
			arrival->pings += flag == WEBSOCKET_FLAG_PING;
			arrival->pongs += flag == WEBSOCKET_FLAG_PONG;
			/* Its FINAL flag is not the message's. */
			type = 0;
			continue;
		}
		CHECK(flag == WEBSOCKET_FLAG_TEXT || flag == WEBSOCKET_FLAG_BINARY);
		CHECK(is_first || flag == arrival->type);
		is_first = false;
		arrival->type = flag;
		arrival->frames++;
	}
}

static void fill(uint8_t *data, size_t len, bool is_text)
{
	for (size_t i = 0; i < len; i++) {
		const uint8_t octet = (uint8_t)((i * 2654435761U) >> 20);

		data[i] = is_text ? 'a' + octet % 26 : octet;
	}
}

/* Sends one message of one frame and compares what comes back. */
static void echo(int websocket, size_t len, bool is_text, bool is_fragmenting)
{
	struct arrival arrival;

	send_frame(websocket, outgoing, len,
		   is_text ? WEBSOCKET_OPCODE_DATA_TEXT : WEBSOCKET_OPCODE_DATA_BINARY, true);
	receive_message(websocket, &arrival);
	CHECK(arrival.type == (is_text ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY));
	CHECK(arrival.len == len);
	CHECK(memcmp(incoming, outgoing, len) == 0);
	CHECK(is_fragmenting || arrival.frames == 1);
	/* A server may end with an empty frame. */
	CHECK(!is_fragmenting || arrival.frames >= len / FRAGMENT_LEN);
}

/* A message of three frames, a ping between them. */
static void echo_fragmented(int websocket)
{
	static const char message[] = "three frames, and a ping between them: \xE2\x82\xAC";
	/* The last cut is inside of a character. */
	const size_t cuts[] = {0, 5, sizeof(message) - 3, sizeof(message) - 1};
	struct arrival arrival;
	unsigned int pongs;

	send_frame(websocket, message, cuts[1], WEBSOCKET_OPCODE_DATA_TEXT, false);
	send_frame(websocket, "ping", 4, WEBSOCKET_OPCODE_PING, true);
	send_frame(websocket, &message[cuts[1]], cuts[2] - cuts[1], WEBSOCKET_OPCODE_CONTINUE, false);
	send_frame(websocket, &message[cuts[2]], cuts[3] - cuts[2], WEBSOCKET_OPCODE_CONTINUE, true);
	receive_message(websocket, &arrival);
	CHECK(arrival.type == WEBSOCKET_FLAG_TEXT);
	CHECK(arrival.len == cuts[3] && memcmp(incoming, message, cuts[3]) == 0);
	pongs = arrival.pongs;
	if (pongs == 0) {
		/* A server may answer the ping after the message: the next one is behind it for certain. */
		send_frame(websocket, "x", 1, WEBSOCKET_OPCODE_DATA_TEXT, true);
		receive_message(websocket, &arrival);
		pongs = arrival.pongs;
	}
	CHECK(pongs == 1);
	CHECK(arrival.ping_len == 4 && memcmp(arrival.ping, "ping", 4) == 0);
}

/* ------------------------------------------------------------------------------------------ paths */

static void run_echo(int websocket, bool is_fragmenting)
{
	static const size_t lengths[] = {0, 1, 125, 126, 65535, 65536, MESSAGE_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		fill(outgoing, lengths[i], false);
		echo(websocket, lengths[i], false, is_fragmenting);
		fill(outgoing, lengths[i], true);
		echo(websocket, lengths[i], true, is_fragmenting);
	}
	echo_fragmented(websocket);
}

static void run_ping(int websocket)
{
	struct arrival arrival;

	send_frame(websocket, "go", 2, WEBSOCKET_OPCODE_DATA_TEXT, true);
	receive_message(websocket, &arrival);
	CHECK(arrival.type == WEBSOCKET_FLAG_BINARY);
	CHECK(arrival.frames >= 2);
	CHECK(arrival.pings == 1);
	CHECK(arrival.ping_len == 13 && memcmp(arrival.ping, "are you there", 13) == 0);
	CHECK(arrival.len == PING_MESSAGE_LEN);
	for (size_t i = 0; i < arrival.len; i++) {
		CHECK(incoming[i] == i % 251);
	}
}

static void run_close(int websocket)
{
	static const uint8_t expected[] = "\x03\xE9going away";
	uint64_t remaining = 1;
	uint32_t type = 0;
	int ret;

	send_frame(websocket, "go", 2, WEBSOCKET_OPCODE_DATA_TEXT, true);
	ret = websocket_recv_msg(websocket, incoming, sizeof(incoming), &type, &remaining, TIMEOUT_MS);
	CHECK(ret == (int)sizeof(expected) - 1);
	CHECK(type == (WEBSOCKET_FLAG_CLOSE | WEBSOCKET_FLAG_FINAL) && remaining == 0);
	CHECK(memcmp(incoming, expected, sizeof(expected) - 1) == 0);
	for (int i = 0; i < 2; i++) {
		ret = websocket_recv_msg(websocket, incoming, sizeof(incoming), &type, &remaining,
					 TIMEOUT_MS);
		CHECK(ret == -ENOTCONN && errno == ENOTCONN);
	}
	ret = websocket_send_msg(websocket, outgoing, 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true,
				 TIMEOUT_MS);
	CHECK(ret == -ENOTCONN && errno == ENOTCONN);
}

/* Waits for the server to end the TCP connection. */
static void wait_for_end(int sock)
{
	struct zsock_pollfd poll = {.fd = sock, .events = ZSOCK_POLLIN};

	while (zsock_poll(&poll, 1, TIMEOUT_MS) == 1) {
		if (zsock_recv(sock, incoming, sizeof(incoming), ZSOCK_MSG_DONTWAIT) <= 0) {
			return;
		}
	}
	fail("the server did not end the TCP connection");
}

int main(int argc, char **argv)
{
	int sock;
	int websocket;

	if (argc != 4) {
		fail("usage: agent HOST PORT PATH");
	}
	sock = connect_tcp(argv[1], argv[2]);
	websocket = open_websocket(sock, argv[1], argv[3]);
	if (strcmp(argv[3], "/echo") == 0) {
		run_echo(websocket, false);
	} else if (strcmp(argv[3], "/fragment") == 0) {
		run_echo(websocket, true);
	} else if (strcmp(argv[3], "/ping") == 0) {
		run_ping(websocket);
	} else if (strcmp(argv[3], "/close") == 0) {
		run_close(websocket);
	} else {
		fail("no such path: %s", argv[3]);
	}
	CHECK(websocket_disconnect(websocket) == 0);
	wait_for_end(sock);
	CHECK(zsock_close(sock) == 0);

	return 0;
}
