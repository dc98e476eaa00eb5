/*
 * Several threads on one connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "suite.h"
#include "worker.h"

ZTEST_SUITE(ws_threads, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define SENDERS 2
#define PER_SENDER (BEHAVIOUR_MESSAGES / SENDERS)
/* Sender, number (4 digits base 26), letters. */
#define PREFIX 5
#define MESSAGE_MAX 300

struct sender {
	int ws;
	int number;
	int sent;
	int result;
};

static size_t message_len(int number)
{
	return PREFIX + (size_t)(number * 37 % (MESSAGE_MAX - PREFIX));
}

static void write_message(uint8_t *message, int sender, int number)
{
	int rest = number;

	message[0] = (uint8_t)('A' + sender);
	for (int i = 1; i < PREFIX; i++) {
		message[i] = (uint8_t)('a' + rest % 26);
		rest /= 26;
	}
	memcpy(&message[PREFIX], letters(), message_len(number) - PREFIX);
}

static bool is_message(const uint8_t *message, size_t len, int *next)
{
	static const uint8_t first = 'A';
	const int sender = len >= PREFIX ? message[0] - first : -1;
	int number = 0;

	if (sender < 0 || sender >= SENDERS) {
		return false;
	}
	for (int i = PREFIX - 1; i > 0; i--) {
		number = number * 26 + (message[i] - 'a');
	}

	return number == next[sender]++ && len == message_len(number) &&
	       memcmp(&message[PREFIX], letters(), len - PREFIX) == 0;
}

static void send_many(void *argument)
{
	struct sender *const sender = argument;
	uint8_t message[MESSAGE_MAX];

	for (sender->sent = 0; sender->sent < PER_SENDER; sender->sent++) {
		const size_t len = message_len(sender->sent);

		write_message(message, sender->number, sender->sent);
		sender->result = websocket_send_msg(sender->ws, message, len, WEBSOCKET_OPCODE_DATA_TEXT, true, true,
						    SYS_FOREVER_MS);
		if (sender->result != (int)len) {
			break;
		}
	}
}

/* The peer as a thread: checks every frame and sends it back. */
struct echo {
	int sock;
	int count;
	const char *problem;
	int next[SENDERS];
	uint8_t data[1024];
	size_t have, at;
};

static bool echo_read(struct echo *echo, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (echo->at == echo->have) {
			const ssize_t got = zsock_recv(echo->sock, echo->data, sizeof(echo->data), 0);

			if (got <= 0) {
				return false;
			}
			echo->have = (size_t)got;
			echo->at = 0;
		}
		out[i] = echo->data[echo->at++];
	}

	return true;
}

static const char *echo_one(struct echo *echo)
{
	uint8_t frame[4 + MESSAGE_MAX];
	uint8_t head[4], key[4];
	size_t len, header = 2;

	if (!echo_read(echo, head, 2)) {
		return "the stream has ended";
	}
	if (head[0] != FIN_TEXT || (head[1] & 0x80) == 0 || head[1] == 0xFF) {
		return "not the header of a message";
	}
	len = head[1] & 0x7f;
	if (len == 126) {
		if (!echo_read(echo, &head[2], 2)) {
			return "the stream has ended in a header";
		}
		len = (size_t)head[2] << 8 | head[3];
		header = 4;
	}
	if (len > MESSAGE_MAX) {
		return "length";
	}
	if (!echo_read(echo, key, 4) || !echo_read(echo, &frame[header], len)) {
		return "the stream has ended in a frame";
	}
	for (size_t i = 0; i < len; i++) {
		frame[header + i] ^= key[i % 4];
	}
	if (!is_message(&frame[header], len, echo->next)) {
		return "a message that nobody sent, or out of order";
	}
	frame[0] = head[0];
	frame[1] = head[1] & 0x7f;
	frame[2] = header == 4 ? head[2] : frame[2];
	frame[3] = header == 4 ? head[3] : frame[3];
	for (size_t at = 0; at < header + len;) {
		const ssize_t sent = zsock_send(echo->sock, &frame[at], header + len - at, 0);

		if (sent <= 0) {
			return "cannot send";
		}
		at += (size_t)sent;
	}

	return NULL;
}

static void echo_work(void *argument)
{
	struct echo *const echo = argument;

	while (echo->count < SENDERS * PER_SENDER) {
		echo->problem = echo_one(echo);
		if (echo->problem != NULL) {
			/* The others must not wait for what does not come. */
			(void)zsock_shutdown(echo->sock, ZSOCK_SHUT_RDWR);
			return;
		}
		echo->count++;
	}
}

/* I-50, I-51 */
ZTEST(ws_threads, two_senders_and_a_receiver_at_the_same_time)
{
	static struct sender senders[SENDERS];
	static struct echo echo;
	static uint8_t buffer[MESSAGE_MAX + 1];
	struct conn *const c = &conns[0];
	int workers[SENDERS], peer, received = 0, next[SENDERS] = {0};
	int64_t last = 0;

	(void)letters();
	conn_open(c);
	echo = (struct echo){.sock = c->peer};
	peer = worker_start(echo_work, &echo);
	for (int i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){.ws = c->ws, .number = i};
		workers[i] = worker_start(send_many, &senders[i]);
	}
	last = k_uptime_get();
	while (received < SENDERS * PER_SENDER) {
		uint32_t type = 0;
		uint64_t remaining = 0;
		const int got = websocket_recv_msg(c->ws, buffer, sizeof(buffer), &type, &remaining, SHORT_MS);

		if (got == -EAGAIN) {
			zassert_true(k_uptime_get() - last < PATIENCE_MS, "%d messages, then nothing: %s", received,
				     echo.problem == NULL ? "" : echo.problem);
			continue;
		}
		last = k_uptime_get();
		zassert_true(got >= PREFIX, "message %d: result %d; peer: %s", received, got,
			     echo.problem == NULL ? "" : echo.problem);
		zassert_true(type == TEXT || type == WEBSOCKET_FLAG_TEXT, "type 0x%x", type);
		while (remaining > 0) {
			zassert_unreachable("a part of a message");
		}
		zassert_true(is_message(buffer, (size_t)got, next), "message %d", received);
		received++;
	}
	for (int i = 0; i < SENDERS; i++) {
		worker_join(workers[i]);
		zassert_equal(senders[i].sent, PER_SENDER, "sender %d: result %d", i, senders[i].result);
	}
	worker_join(peer);
	zassert_is_null(echo.problem, "%s", echo.problem == NULL ? "" : echo.problem);
	expect_usable(c);
}

struct receiver {
	int ws;
	int messages;
	const char *problem;
	volatile int *left;
};

static K_MUTEX_DEFINE(left_lock);

static void receive_many(void *argument)
{
	struct receiver *const receiver = argument;
	uint8_t buffer[64];
	bool more = true;

	while (more) {
		uint32_t type = 0;
		uint64_t remaining = 99;
		const int got = websocket_recv_msg(receiver->ws, buffer, sizeof(buffer), &type, &remaining, SHORT_MS);

		if (got > 0) {
			bool same = remaining == 0 && type == TEXT;

			for (int i = 1; i < got; i++) {
				same = same && buffer[i] == buffer[0];
			}
			if (!same || got != buffer[0] - 'a' + 1) {
				receiver->problem = "not one whole message";
			}
			receiver->messages++;
			(void)k_mutex_lock(&left_lock, K_FOREVER);
			(*receiver->left)--;
			(void)k_mutex_unlock(&left_lock);
		} else if (got != -EAGAIN) {
			receiver->problem = "an error";
			break;
		}
		(void)k_mutex_lock(&left_lock, K_FOREVER);
		more = *receiver->left > 0;
		(void)k_mutex_unlock(&left_lock);
	}
}

/* I-76 */
ZTEST(ws_threads, two_receivers_get_whole_messages)
{
	static struct receiver receivers[2];
	static volatile int left;
	struct conn *const c = &conns[0];
	const int count = BEHAVIOUR_MESSAGES / 10;
	int workers[2];

	left = count;
	conn_open(c);
	for (int i = 0; i < 2; i++) {
		receivers[i] = (struct receiver){.ws = c->ws, .left = &left};
		workers[i] = worker_start(receive_many, &receivers[i]);
	}
	for (int i = 0; i < count; i++) {
		uint8_t payload[26];

		/* As many letters as its letter says. */
		memset(payload, 'a' + i % 26, sizeof(payload));
		peer_frame(c, FIN_TEXT, payload, (size_t)(i % 26 + 1));
	}
	for (int i = 0; i < 2; i++) {
		worker_join(workers[i]);
		zassert_is_null(receivers[i].problem, "%s", receivers[i].problem == NULL ? "" : receivers[i].problem);
	}
	zassert_equal(receivers[0].messages + receivers[1].messages, count);
	expect_usable(c);
}
