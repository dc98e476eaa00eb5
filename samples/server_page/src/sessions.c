/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread serves all websockets with one poll(): it echoes, obeys commands, sends live values and sees to the end.
 */
#include "sessions.h"

#include <errno.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#define SESSIONS CONFIG_WEBSOCKET_MAX_CONTEXTS
#define STACK_SIZE 3072
#define PRIORITY K_PRIO_PREEMPT(8)
/* A client that has just come is in the poll after this time at the latest. */
#define POLL_MS 20
/* So much of one client's message is passed on before the others have their turn. */
#define PIECES_PER_TURN 16
#define CLOSING_MS 1000
#define NO_STATUS 1005
#define GOING_AWAY 1001

static struct session sessions[SESSIONS];
static K_SEM_DEFINE(arrivals, 0, SESSIONS);
static atomic_t is_ending;

static bool is_served(const struct session *session)
{
	const atomic_val_t state = atomic_get(&session->state);

	return state == SESSION_OPEN || state == SESSION_CLOSING;
}

struct session *session_claim(void)
{
	if (atomic_get(&is_ending)) {
		return NULL;
	}
	for (size_t i = 0; i < SESSIONS; i++) {
		if (atomic_cas(&sessions[i].state, SESSION_FREE, SESSION_CLAIMED)) {
			return &sessions[i];
		}
	}

	return NULL;
}

void session_abandon(struct session *session)
{
	atomic_set(&session->state, SESSION_FREE);
}

void session_open(struct session *session, int websocket)
{
	static unsigned int opened;
	const size_t first = offsetof(struct session, websocket);

	/* Not the state, and not the receive buffer: it may hold octets already. */
	memset((uint8_t *)session + first, 0, offsetof(struct session, receive_buffer) - first);
	session->websocket = websocket;
	session->number = ++opened;
	atomic_set(&session->state, SESSION_OPEN);
	k_sem_give(&arrivals);
}

void session_unregister(struct session *session, const char *by, uint16_t code)
{
	/* Closes the TCP connection as well. */
	const int result = websocket_unregister(session->websocket);

	printk("session number=%u messages=%u octets=%zu closed_by=%s close=%u unregister=%d\n", session->number,
	       session->messages, session->octets, by, code, result);
	atomic_set(&session->state, SESSION_FREE);
}

void session_close(struct session *session, uint16_t code, const char *reason)
{
	uint8_t payload[125] = {(uint8_t)(code >> 8), (uint8_t)code};
	const size_t reason_len = MIN(strlen(reason), sizeof(payload) - 2);
	int ret;

	memcpy(&payload[2], reason, reason_len);
	ret = websocket_send_msg(session->websocket, payload, 2 + reason_len, WEBSOCKET_OPCODE_CLOSE, false, true,
				 SEND_MS);
	if (ret < 0) {
		session_unregister(session, "error", code);
		return;
	}
	session->sent_code = code;
	session->closing_until = k_uptime_get() + CLOSING_MS;
	atomic_set(&session->state, SESSION_CLOSING);
}

static void receive_close(struct session *session, const uint8_t *payload, size_t len)
{
	const uint16_t code = len >= 2 ? (uint16_t)(payload[0] << 8 | payload[1]) : NO_STATUS;

	/* The library has answered the client's Close; or this is the answer to ours. */
	session_unregister(session, session->sent_code != 0 ? "device" : "client", code);
}

/* Every piece leaves as a frame of its own: messages of any length are echoed through a small buffer. */
static void echo(struct session *session, const uint8_t *piece, size_t len, bool is_first, bool is_last)
{
	const enum websocket_opcode opcode = !is_first          ? WEBSOCKET_OPCODE_CONTINUE
					     : session->is_text ? WEBSOCKET_OPCODE_DATA_TEXT
								: WEBSOCKET_OPCODE_DATA_BINARY;
	const int ret = websocket_send_msg(session->websocket, piece, len, opcode, false, is_last, SEND_MS);

	if (ret != (int)len) {
		session_unregister(session, "error", 0);
	}
}

static void collect_command(struct session *session, const uint8_t *piece, size_t len, bool is_last)
{
	const size_t taken = MIN(len, COMMAND_SIZE - 1 - session->command_len);

	memcpy(&session->command[session->command_len], piece, taken);
	session->command_len += taken;
	session->command[session->command_len] = '\0';
	session->is_too_long = session->is_too_long || taken < len;
	if (is_last) {
		command_run(session, session->is_too_long ? "/" : session->command);
	}
}

static void receive_data(struct session *session, const uint8_t *piece, size_t len, uint32_t type, bool is_last)
{
	const bool is_first = !session->is_in_message;

	if (is_first) {
		session->is_text = (type & WEBSOCKET_FLAG_TEXT) != 0;
		session->is_command = session->is_text && len > 0 && piece[0] == '/';
		session->is_too_long = false;
		session->command_len = 0;
	}
	session->is_in_message = !is_last;
	session->octets += len;
	if (is_last) {
		session->messages++;
	}
	if (session->sent_code != 0) {
		/* On its way when our Close left: nobody waits for an answer. */
		return;
	}
	if (session->is_command) {
		collect_command(session, piece, len, is_last);
	} else {
		echo(session, piece, len, is_first, is_last);
	}
}

/* @return whether there may be more. */
static bool receive_piece(struct session *session)
{
	static uint8_t piece[1024];
	uint64_t remaining = 0;
	uint32_t type = 0;
	const int len = websocket_recv_msg(session->websocket, piece, sizeof(piece), &type, &remaining, 0);

	if (len == -EAGAIN) {
		return false;
	}
	if (len < 0) {
		/* Gone without a Close, or it broke the protocol and the library has closed. */
		session_unregister(session, "error", 0);
	} else if (type & WEBSOCKET_FLAG_CLOSE) {
		receive_close(session, piece, (size_t)len);
	} else if (!(type & (WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG))) {
		receive_data(session, piece, (size_t)len, type,
			     remaining == 0 && (type & WEBSOCKET_FLAG_FINAL) != 0);
	}

	return is_served(session);
}

static void serve_one(struct session *session, bool is_readable)
{
	for (int i = 0; is_readable && i < PIECES_PER_TURN; i++) {
		is_readable = receive_piece(session);
	}
	if (atomic_get(&session->state) == SESSION_CLOSING && k_uptime_get() >= session->closing_until) {
		/* It does not answer our Close. */
		session_unregister(session, "device", session->sent_code);
	}
	if (atomic_get(&session->state) == SESSION_OPEN && atomic_get(&is_ending)) {
		session_close(session, GOING_AWAY, "the device stops");
	}
}

/* @return how many clients there are. */
static int serve_all(void)
{
	struct session *served[SESSIONS];
	struct zsock_pollfd entries[SESSIONS];
	int32_t wait_ms = POLL_MS;
	int count = 0;

	for (size_t i = 0; i < SESSIONS; i++) {
		if (atomic_get(&sessions[i].state) == SESSION_OPEN) {
			wait_ms = live_send(&sessions[i], wait_ms);
		}
		/* One that takes nothing is gone now. */
		if (is_served(&sessions[i])) {
			served[count] = &sessions[i];
			entries[count] = (struct zsock_pollfd){.fd = sessions[i].websocket, .events = ZSOCK_POLLIN};
			count++;
		}
	}
	if (count == 0) {
		return 0;
	}
	/* Not 0: sockets that the host does for native_sim are never ready without waiting. */
	if (zsock_poll(entries, count, MAX(wait_ms, 1)) < 0) {
		printk("error: poll(): errno %d\n", errno);
		return count;
	}
	for (int i = 0; i < count; i++) {
		serve_one(served[i], entries[i].revents != 0);
	}

	return count;
}

static void run(void *first, void *second, void *third)
{
	ARG_UNUSED(first);
	ARG_UNUSED(second);
	ARG_UNUSED(third);
	for (;;) {
		if (serve_all() == 0) {
			(void)k_sem_take(&arrivals, K_FOREVER);
		}
	}
}

K_THREAD_DEFINE(session_thread, STACK_SIZE, run, NULL, NULL, NULL, PRIORITY, 0, 0);

void sessions_end(void)
{
	const int64_t end = k_uptime_get() + 2 * CLOSING_MS;
	bool are_some_open = true;

	atomic_set(&is_ending, 1);
	while (are_some_open && k_uptime_get() < end) {
		are_some_open = false;
		for (size_t i = 0; i < SESSIONS; i++) {
			are_some_open = are_some_open || is_served(&sessions[i]);
		}
		k_msleep(POLL_MS);
	}
}
