/*
 * The thread of the scripted server.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * It asserts nothing, because only the thread of a test may: what went wrong shows in the test's own checks.
 */
#include "peer.h"
#include "peer_handshake.h"
#include "suite.h"

#define TAIL_ROOM 512
/* A client that has given up reads no more. */
#define SEND_LIMIT_MS 2000
#define FILLER "X-Filler: 0123456789012345678901234567890123456789012345678901\r\n"

char peer_request[1024];
size_t peer_request_len;
size_t peer_response_len;

static char response[768 + TAIL_ROOM];
static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;
static struct peer_script script;
static bool running;
static bool closed;

static bool wait_for(int sock, short events, int timeout_ms)
{
	struct zsock_pollfd pollfd = {.fd = sock, .events = events};

	return zsock_poll(&pollfd, 1, timeout_ms) > 0;
}

static bool read_request(int sock)
{
	peer_request_len = 0;
	peer_request[0] = '\0';
	while (strstr(peer_request, "\r\n\r\n") == NULL) {
		const size_t room = sizeof(peer_request) - 1 - peer_request_len;
		ssize_t got;

		if (room == 0 || !wait_for(sock, ZSOCK_POLLIN, PATIENCE_MS)) {
			return false;
		}
		got = zsock_recv(sock, &peer_request[peer_request_len], room, ZSOCK_MSG_DONTWAIT);
		if (got <= 0) {
			return false;
		}
		peer_request_len += (size_t)got;
		peer_request[peer_request_len] = '\0';
	}

	return true;
}

static bool send_all(int sock, const char *data, size_t len)
{
	while (len > 0) {
		const ssize_t sent = zsock_send(sock, data, len, ZSOCK_MSG_DONTWAIT);

		if (sent > 0) {
			data += sent;
			len -= (size_t)sent;
		} else if (errno != EAGAIN || !wait_for(sock, ZSOCK_POLLOUT, SEND_LIMIT_MS)) {
			return false;
		}
	}

	return true;
}

static void answer(int sock)
{
	const char *const key = handshake_find_key(peer_request);
	const char *const template = script.response == NULL ? PEER_GOOD : script.response;
	const size_t tail_len = MIN(script.tail_len, (size_t)TAIL_ROOM);
	size_t len, at = 0;

	peer_response_len = handshake_response(template, key == NULL ? "nokeynokeynokeynokeynoke" : key, response,
					       sizeof(response) - TAIL_ROOM);
	len = peer_response_len;
	if (tail_len > 0) {
		memcpy(&response[len], script.tail, tail_len);
		len += tail_len;
	}
	if (script.filler_lines > 0) {
		at = (size_t)(strchr(response, '\n') + 1 - response);
		(void)send_all(sock, response, at);
		for (uint16_t i = 0; i < script.filler_lines && send_all(sock, FILLER, sizeof(FILLER) - 1); i++) {
		}
	}
	while (at < len) {
		size_t part = len - at;

		if (at == 0 && script.first != 0) {
			part = MIN(part, script.first);
		} else if (at != 0 && script.piece != 0) {
			part = MIN(part, script.piece);
		}
		if (!send_all(sock, &response[at], part)) {
			return;
		}
		at += part;
		if (at < len && script.pause_ms > 0) {
			k_msleep(script.pause_ms);
		}
	}
}

static void serve(void *sock_pointer, void *unused_1, void *unused_2)
{
	const int sock = *(int *)sock_pointer;

	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	if (read_request(sock) && !script.silent) {
		if (script.delay_ms > 0) {
			k_msleep(script.delay_ms);
		}
		answer(sock);
	}
	if (script.closes) {
		zsock_close(sock);
		closed = true;
	}
}

void peer_start(int sock, const struct peer_script *wanted)
{
	static const struct peer_script good;
	static int served;

	script = wanted == NULL ? good : *wanted;
	served = sock;
	closed = false;
	running = true;
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), serve, &served, NULL, NULL,
			K_PRIO_PREEMPT(8), 0, K_NO_WAIT);
}

bool peer_join(void)
{
	if (running) {
		(void)k_thread_join(&thread, K_FOREVER);
		running = false;
	}

	return closed;
}
