/*
 * The server: accepts and answers the handshake in a thread of its own, sends what it is told to, prints what it receives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>

#include "peer.h"
#include "peer_handshake.h"

#define SETTLE_MS 6
#define RECEIVED_MAX 65536
#define SEGMENT_MAX 2048
#define RECEIVE_BUFFER 2048

static K_SEM_DEFINE(orders, 0, 1);
static K_SEM_DEFINE(is_done, 1, 1);
static int listener;
static int conn = -1;
static bool is_paused;

/* The next order: a handshake, or octets after a delay. */
static bool is_handshake;
static int delay_ms;
static uint8_t segment[SEGMENT_MAX];
static size_t segment_len;

static uint8_t received[RECEIVED_MAX];
static size_t received_len;

uint32_t digest_of(const uint8_t *octets, size_t len)
{
	uint32_t digest = 2166136261U;

	for (size_t i = 0; i < len; i++) {
		digest = (digest ^ octets[i]) * 16777619U;
	}

	return digest;
}

static void answer_handshake(void)
{
	static char request[1024];
	static char response[256 + SEGMENT_MAX];
	size_t len = 0;
	const char *key;
	const int window = RECEIVE_BUFFER;
	int sock = zsock_accept(listener, NULL, NULL);

	(void)zsock_setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	memset(request, 0, sizeof(request));
	while (sock >= 0 && strstr(request, "\r\n\r\n") == NULL && len < sizeof(request) - 1) {
		const ssize_t got = zsock_recv(sock, &request[len], sizeof(request) - 1 - len, 0);

		if (got <= 0) {
			(void)zsock_close(sock);
			return;
		}
		len += (size_t)got;
	}
	key = handshake_find_key(request);
	if (key == NULL) {
		(void)zsock_close(sock);
		return;
	}
	len = handshake_response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				 "Connection: Upgrade\r\nSec-WebSocket-Accept: $A\r\n\r\n",
				 key, response, 256);
	memcpy(&response[len], segment, segment_len);
	conn = sock;
	(void)zsock_send(sock, response, len + segment_len, 0);
}

static void serve(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (;;) {
		(void)k_sem_take(&orders, K_FOREVER);
		if (is_handshake) {
			answer_handshake();
		} else {
			k_msleep(delay_ms);
			(void)zsock_send(conn, segment, segment_len, 0);
		}
		k_sem_give(&is_done);
	}
}

K_THREAD_DEFINE(peer_thread, 8192, serve, NULL, NULL, NULL, 7, 0, 0);

/* While the application waits in a send as well. */
static void read_on(void *p1, void *p2, void *p3)
{
	ARG_UNUSED(p1);
	ARG_UNUSED(p2);
	ARG_UNUSED(p3);
	for (;;) {
		ssize_t got = 0;

		if (conn >= 0 && !is_paused && received_len < RECEIVED_MAX) {
			got = zsock_recv(conn, &received[received_len], RECEIVED_MAX - received_len,
					 ZSOCK_MSG_DONTWAIT);
		}
		if (got > 0) {
			received_len += (size_t)got;
		}
		k_msleep(1);
	}
}

K_THREAD_DEFINE(peer_reader, 4096, read_on, NULL, NULL, NULL, 7, 0, 0);

static void order(bool handshake, int delay, const uint8_t *octets, size_t len)
{
	(void)k_sem_take(&is_done, K_FOREVER);
	is_handshake = handshake;
	delay_ms = delay;
	memcpy(segment, octets, len);
	segment_len = len;
	k_sem_give(&orders);
}

void peer_start(void)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(PEER_PORT), .sin_addr = INADDR_LOOPBACK_INIT,
	};

	listener = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	(void)zsock_bind(listener, (const struct sockaddr *)&address, sizeof(address));
	(void)zsock_listen(listener, 1);
}

void peer_expect(const uint8_t *behind, size_t len)
{
	received_len = 0;
	is_paused = false;
	order(true, 0, behind, len);
}

bool peer_is_connected(void)
{
	return conn >= 0;
}

void peer_send(const uint8_t *octets, size_t len)
{
	(void)zsock_send(conn, octets, len, 0);
}

void peer_send_in(int delay, const uint8_t *octets, size_t len)
{
	order(false, delay, octets, len);
}

void peer_end_stream(void)
{
	const int sock = conn;

	/* Zephyr's TCP sockets have no half-close. */
	conn = -1;
	if (sock >= 0) {
		(void)zsock_close(sock);
	}
}

void peer_pause(bool paused)
{
	is_paused = paused;
}

/* The first whole frame of what was received: printed and taken away. */
static bool print_frame(void)
{
	const uint8_t *const at = received;
	size_t header = 2;
	size_t len;
	uint8_t key[4] = {0};
	uint8_t *payload;

	if (received_len < 2) {
		return false;
	}
	len = at[1] & 0x7F;
	if (len == 126) {
		header = 4;
		len = received_len < 4 ? SIZE_MAX / 2 : (size_t)at[2] << 8 | at[3];
	} else if (len == 127) {
		header = 10;
		len = received_len < 10 ? SIZE_MAX / 2
					: (size_t)at[6] << 24 | (size_t)at[7] << 16 | (size_t)at[8] << 8 | at[9];
	}
	if ((at[1] & 0x80) != 0) {
		header += 4;
	}
	if (received_len < header || received_len - header < len) {
		return false;
	}
	if ((at[1] & 0x80) != 0) {
		memcpy(key, &at[header - 4], sizeof(key));
	}
	payload = &received[header];
	for (size_t i = 0; i < len; i++) {
		payload[i] ^= key[i % 4];
	}
	printk("saw op=%u fin=%u rsv=%u mask=%u len=%u", at[0] & 0xF, at[0] >> 7, at[0] >> 4 & 7, at[1] >> 7,
	       (unsigned int)len);
	if ((at[0] & 0xF) == 8 && len >= 2) {
		printk(" code=%u\n", (unsigned int)payload[0] << 8 | payload[1]);
	} else {
		printk(" data=%08x\n", digest_of(payload, len));
	}
	received_len -= header + len;
	memmove(received, &payload[len], received_len);

	return true;
}

void peer_print_received(void)
{
	/* What was to arrive has arrived, however long the call took. */
	(void)k_sem_take(&is_done, K_FOREVER);
	k_sem_give(&is_done);
	k_msleep(SETTLE_MS);
	while (print_frame()) {
	}
}

void peer_close(void)
{
	if (received_len > 0) {
		printk("saw part=%u\n", (unsigned int)received_len);
		received_len = 0;
	}
	/* Nothing that was ordered is under way any more. */
	(void)k_sem_take(&is_done, K_FOREVER);
	k_sem_give(&is_done);
	if (conn >= 0) {
		(void)zsock_close(conn);
		conn = -1;
	}
}
