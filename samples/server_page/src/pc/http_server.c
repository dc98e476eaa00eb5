/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A few HTTP connections in one poll(): each has one request, bounded in size and time, and one answer.
 */
#include "http_server.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/socket.h>

#include "http_answer.h"
#include "http_request.h"

#define CONNECTIONS 12
#define REQUEST_SIZE 2048
/* For the request, for the answer, and for the client's end of the connection. */
#define STEP_MS 5000
#define DRAIN_MS 1000
#define POLL_MS 50

enum step {
	STEP_FREE,
	STEP_REQUEST,
	STEP_ANSWER,
	/* The answer is out; what the client still sends is read, as a reset could overtake the answer. */
	STEP_DRAIN,
};

struct connection {
	enum step step;
	int socket;
	int64_t until;
	size_t len;
	char octets[REQUEST_SIZE];
	struct http_answer answer;
	size_t sent;
};

static struct connection connections[CONNECTIONS];
static int listener = -1;

int http_server_open(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t len = sizeof(address);
	const int on = 1;

	(void)zsock_inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	listener = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (listener < 0 || zsock_setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    zsock_bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    zsock_listen(listener, CONNECTIONS) != 0 ||
	    zsock_getsockname(listener, (struct sockaddr *)&address, &len) != 0) {
		return -errno;
	}

	return ntohs(address.sin_port);
}

static void next_step(struct connection *connection, enum step step, int32_t limit_ms)
{
	connection->step = step;
	connection->until = k_uptime_get() + limit_ms;
}

static void end(struct connection *connection)
{
	zsock_close(connection->socket);
	connection->step = STEP_FREE;
}

static void accept_one(void)
{
	const int on = 1;

	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct connection *const connection = &connections[i];

		if (connection->step != STEP_FREE) {
			continue;
		}
		connection->socket = zsock_accept(listener, NULL, NULL);
		if (connection->socket >= 0) {
			(void)zsock_setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			connection->len = 0;
			next_step(connection, STEP_REQUEST, STEP_MS);
		}
		return;
	}
}

static void begin_answer(struct connection *connection)
{
	connection->sent = 0;
	next_step(connection, STEP_ANSWER, STEP_MS);
}

static void receive_request(struct connection *connection)
{
	struct http_get request;
	const ssize_t len = zsock_recv(connection->socket, &connection->octets[connection->len],
				       sizeof(connection->octets) - connection->len, ZSOCK_MSG_DONTWAIT);
	int parsed;

	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		return;
	}
	if (len <= 0) {
		end(connection);
		return;
	}
	connection->len += (size_t)len;
	parsed = http_get_parse(connection->octets, connection->len, &request);
	if (parsed == 0 && connection->len == sizeof(connection->octets)) {
		parsed = -431;
	}
	if (parsed < 0) {
		http_answer_status(&connection->answer, -parsed);
		begin_answer(connection);
	} else if (parsed > 0) {
		/* Nothing may follow: no body, and no second request or frame before the answer. */
		if ((size_t)parsed != connection->len) {
			http_answer_status(&connection->answer, 400);
		} else {
			http_answer_get(&connection->answer, &request);
		}
		begin_answer(connection);
	}
}

static void send_answer(struct connection *connection)
{
	struct http_answer *const answer = &connection->answer;
	const bool is_head = connection->sent < answer->head_len;
	const size_t done = is_head ? connection->sent : connection->sent - answer->head_len;
	const void *const octets = is_head ? (const void *)&answer->head[done] : (const void *)&answer->body[done];
	const size_t left = (is_head ? answer->head_len : answer->body_len) - done;
	const ssize_t len = zsock_send(connection->socket, octets, left, ZSOCK_MSG_DONTWAIT);

	if (len < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK) {
			http_answer_abandon(answer);
			end(connection);
		}
		return;
	}
	connection->sent += (size_t)len;
	if (connection->sent < answer->head_len + answer->body_len) {
		return;
	}
	if (answer->session != NULL) {
		/* The socket belongs to the websocket now, or it was closed. */
		http_answer_upgrade(answer, connection->socket);
		connection->step = STEP_FREE;
		return;
	}
	(void)zsock_shutdown(connection->socket, ZSOCK_SHUT_WR);
	next_step(connection, STEP_DRAIN, DRAIN_MS);
}

static void drain(struct connection *connection)
{
	const ssize_t len =
		zsock_recv(connection->socket, connection->octets, sizeof(connection->octets), ZSOCK_MSG_DONTWAIT);

	if (len == 0 || (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) {
		end(connection);
	}
}

static void serve_one(struct connection *connection, bool is_ready)
{
	if (is_ready && connection->step == STEP_REQUEST) {
		receive_request(connection);
	} else if (is_ready && connection->step == STEP_ANSWER) {
		send_answer(connection);
	} else if (is_ready && connection->step == STEP_DRAIN) {
		drain(connection);
	}
	if (connection->step == STEP_FREE || k_uptime_get() < connection->until) {
		return;
	}
	if (connection->step == STEP_REQUEST && connection->len > 0) {
		http_answer_status(&connection->answer, 408);
		begin_answer(connection);
		return;
	}
	if (connection->step == STEP_ANSWER) {
		http_answer_abandon(&connection->answer);
	}
	end(connection);
}

void http_server_run(const atomic_t *is_ending)
{
	while (!atomic_get(is_ending)) {
		struct zsock_pollfd entries[CONNECTIONS + 1];
		bool is_full = true;

		for (size_t i = 0; i < CONNECTIONS; i++) {
			const struct connection *const connection = &connections[i];

			is_full = is_full && connection->step != STEP_FREE;
			entries[i].fd = connection->step == STEP_FREE ? -1 : connection->socket;
			entries[i].events = connection->step == STEP_ANSWER ? ZSOCK_POLLOUT : ZSOCK_POLLIN;
			entries[i].revents = 0;
		}
		/* Who comes when all places are taken waits in the listener. */
		entries[CONNECTIONS] = (struct zsock_pollfd){.fd = is_full ? -1 : listener, .events = ZSOCK_POLLIN};
		if (zsock_poll(entries, CONNECTIONS + 1, POLL_MS) < 0) {
			printk("error: poll(): errno %d\n", errno);
			return;
		}
		for (size_t i = 0; i < CONNECTIONS; i++) {
			serve_one(&connections[i], entries[i].revents != 0);
		}
		if (entries[CONNECTIONS].revents & ZSOCK_POLLIN) {
			accept_one();
		}
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (connections[i].step != STEP_FREE) {
			if (connections[i].step == STEP_ANSWER) {
				http_answer_abandon(&connections[i].answer);
			}
			end(&connections[i]);
		}
	}
	zsock_close(listener);
}
