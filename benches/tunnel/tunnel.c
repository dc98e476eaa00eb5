/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A tunnel's load: bursts of small frames, and an application that polls once and receives once for each of them.
 *
 * Writes a line for each way to receive: name, messages, polls, polls that timed out, receives that a poll had promised
 * and that found nothing, microseconds. `cargo xtask bench` judges them; wrong contents end the program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#include "peer_handshake.h"

#define BURSTS 20
#define BURST_FRAMES 1000
#define PAYLOAD_LEN 100
#define HEADER_LEN 2
#define FRAME_LEN (HEADER_LEN + PAYLOAD_LEN)
/* A poll that waits for it is seen in the time, too. */
#define POLL_MS 1000
/* A poll that does not see what is there would take hours for the whole load. */
#define TIMEOUTS_MAX 5
/* The segment of an Ethernet. */
#define BUFFER_SIZE 1460
#define FIRST_OCTET 0x82
#define SECONDS_MAX 120

enum way {
	PLAIN,
	STREAM,
	MESSAGES,
};

static const char *const names[] = {
	[PLAIN] = "plain TCP, recv()",
	[STREAM] = "websocket, recv()",
	[MESSAGES] = "websocket, websocket_recv_msg()",
};

static K_THREAD_STACK_DEFINE(stack, 4096);
static struct k_thread thread;
/* The application has received a burst. */
static struct k_sem next_burst;
static int peer_sock;
static bool peer_serves_handshake;

static void fail(const char *what)
{
	fprintf(stderr, "tunnel: %s (errno %d)\n", what, errno);
	exit(1);
}

/* What the payload of a frame has at an index: differs from frame to frame, and inside of it. */
static uint8_t octet(unsigned int frame, unsigned int index)
{
	return (uint8_t)(frame * 7 + (frame >> 8) * 31 + index);
}

static void send_all(int sock, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		const ssize_t sent = zsock_send(sock, at, len, 0);

		if (sent <= 0) {
			fail("the peer cannot send");
		}
		at += sent;
		len -= (size_t)sent;
	}
}

static void serve_handshake(int sock)
{
	char request[1024];
	char response[512];
	size_t len = 0;

	request[0] = '\0';
	while (strstr(request, "\r\n\r\n") == NULL) {
		const ssize_t got = zsock_recv(sock, &request[len], sizeof(request) - 1 - len, 0);

		if (got <= 0) {
			fail("no request");
		}
		len += (size_t)got;
		request[len] = '\0';
	}
	if (handshake_find_key(request) == NULL) {
		fail("a request without a key");
	}
	len = handshake_response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				 "Sec-WebSocket-Accept: $A\r\n\r\n",
				 handshake_find_key(request), response, sizeof(response));
	send_all(sock, response, len);
}

static void run_peer(void *unused_1, void *unused_2, void *unused_3)
{
	static uint8_t burst[BURST_FRAMES * FRAME_LEN];

	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	if (peer_serves_handshake) {
		serve_handshake(peer_sock);
	}
	for (unsigned int i = 0; i < BURSTS; i++) {
		uint8_t *at = burst;

		for (unsigned int frame = i * BURST_FRAMES; frame < (i + 1) * BURST_FRAMES; frame++) {
			*at++ = FIRST_OCTET;
			*at++ = PAYLOAD_LEN;
			for (unsigned int index = 0; index < PAYLOAD_LEN; index++) {
				*at++ = octet(frame, index);
			}
		}
		(void)k_sem_take(&next_burst, K_FOREVER);
		send_all(peer_sock, burst, sizeof(burst));
	}
}

static void connect_pair(int *application, int *peer)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
	socklen_t len = sizeof(address);
	const int listener = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	*application = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (listener < 0 || *application < 0 || zsock_bind(listener, (struct sockaddr *)&address, len) != 0 ||
	    zsock_listen(listener, 1) != 0 || zsock_getsockname(listener, (struct sockaddr *)&address, &len) != 0 ||
	    zsock_connect(*application, (struct sockaddr *)&address, sizeof(address)) != 0) {
		fail("no connection");
	}
	*peer = zsock_accept(listener, NULL, NULL);
	if (*peer < 0) {
		fail("accept");
	}
	(void)zsock_close(listener);
}

/* One receive without waiting: octets that came, -1 with errno as recv(). */
static ssize_t receive(enum way way, int sock, uint8_t *target, size_t room)
{
	uint32_t type = 0;
	uint64_t remaining = 0;
	ssize_t got;

	if (way != MESSAGES) {
		return zsock_recv(sock, target, room, ZSOCK_MSG_DONTWAIT);
	}
	got = websocket_recv_msg(sock, target, room, &type, &remaining, 0);
	if (got >= 0 && type != (WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_FINAL)) {
		fail("a message of another type");
	}

	return got < 0 ? -1 : got;
}

static void check(enum way way, const uint8_t *message, unsigned int frame)
{
	const uint8_t *const payload = way == PLAIN ? message + HEADER_LEN : message;

	for (unsigned int index = 0; index < PAYLOAD_LEN; index++) {
		if (payload[index] != octet(frame, index)) {
			fail("wrong contents");
		}
	}
}

static void measure(enum way way, int sock)
{
	const size_t wanted = way == PLAIN ? FRAME_LEN : PAYLOAD_LEN;
	const unsigned int total = BURSTS * BURST_FRAMES;
	unsigned int messages = 0, polls = 0, timeouts = 0, unkept = 0;
	uint8_t message[FRAME_LEN];
	size_t len = 0;
	int64_t start;

	start = k_uptime_ticks();
	k_sem_give(&next_burst);
	while (messages < total && timeouts < TIMEOUTS_MAX) {
		struct zsock_pollfd pollfd = {.fd = sock, .events = ZSOCK_POLLIN};
		const int ready = zsock_poll(&pollfd, 1, POLL_MS);
		ssize_t got;

		polls++;
		if (ready < 0 || (pollfd.revents & ~ZSOCK_POLLIN) != 0) {
			fail("poll");
		}
		if (ready == 0) {
			timeouts++;
			continue;
		}
		got = receive(way, sock, &message[len], wanted - len);
		if (got < 0 && errno == EAGAIN) {
			unkept++;
			continue;
		}
		if (got <= 0) {
			fail("receive");
		}
		len += (size_t)got;
		if (len < wanted) {
			continue;
		}
		check(way, message, messages);
		len = 0;
		messages++;
		if (messages % BURST_FRAMES == 0 && messages < total) {
			k_sem_give(&next_burst);
		}
	}
	printf("%s\t%u\t%u\t%u\t%u\t%lld\n", names[way], messages, polls, timeouts, unkept,
	       (long long)k_ticks_to_us_floor64((uint64_t)(k_uptime_ticks() - start)));
	fflush(stdout);
	if (messages < total) {
		fail("polls time out while frames are there");
	}
}

static void run(enum way way)
{
	static uint8_t tmp_buf[BUFFER_SIZE];
	struct websocket_request request = {
		.host = "127.0.0.1",
		.url = "/",
		.tmp_buf = tmp_buf,
		.tmp_buf_len = sizeof(tmp_buf),
	};
	int tcp, ws;

	connect_pair(&tcp, &peer_sock);
	k_sem_init(&next_burst, 0, 1);
	peer_serves_handshake = way != PLAIN;
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), run_peer, NULL, NULL, NULL, K_PRIO_PREEMPT(8),
			0, K_NO_WAIT);
	ws = way == PLAIN ? tcp : websocket_connect(tcp, &request, POLL_MS * 10, NULL);
	if (ws < 0) {
		fail("handshake");
	}
	measure(way, ws);
	(void)k_thread_join(&thread, K_FOREVER);
	(void)zsock_close(peer_sock);
	(void)zsock_close(ws);
	if (ws != tcp) {
		(void)zsock_close(tcp);
	}
}

int main(void)
{
	(void)alarm(SECONDS_MAX);
	run(PLAIN);
	run(STREAM);
	run(MESSAGES);

	return 0;
}
