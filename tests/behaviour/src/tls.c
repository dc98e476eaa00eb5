/*
 * A websocket over a TLS socket: nothing of the frames changes, records are few, and what TLS holds back is seen.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The whole suite also runs over TLS (BEHAVIOUR_OVER_TLS in the environment); here is what only TLS has.
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"
#include "tls_pair.h"
#include "worker.h"

#if BEHAVIOUR_HAS_TLS

static void tls_before_test(void *fixture)
{
	conn_before_test(fixture);
	conn_tls_protocol = IPPROTO_TLS_1_2;
}

ZTEST_SUITE(ws_tls, NULL, NULL, tls_before_test, conn_after_test, NULL);

#define TX_SIZE CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE
/* Two octets of header and the key. */
#define FITS (TX_SIZE - 8)

static int send_text(struct conn *c, size_t len, int32_t timeout_ms)
{
	return websocket_send_msg(c->ws, letters(), len, WEBSOCKET_OPCODE_DATA_TEXT, true, true, timeout_ms);
}

static void check_both_apis(struct conn *c, int protocol)
{
	char buffer[16] = "";

	conn_tls_protocol = protocol;
	conn_open(c);
	zassert_equal(send_text(c, 1000, PATIENCE_MS), 1000);
	expect_frame(c, FIN_TEXT, letters(), 1000);
	peer_frame(c, FIN_BINARY, letters(), 300);
	expect_message(c, BINARY, letters(), 300, 0);
	zassert_equal(zsock_send(c->ws, "socket", 6, 0), 6);
	expect_frame(c, FIN_TEXT, "socket", 6);
	peer_text(c, "answer");
	zassert_equal(zsock_recv(c->ws, buffer, sizeof(buffer), 0), 6);
	zassert_mem_equal(buffer, "answer", 6);
	peer_frame(c, FIN_PING, "p", 1);
	expect_message(c, PING, "p", 1, 0);
	expect_frame(c, FIN_PONG, "p", 1);
	peer_frame(c, FIN_CLOSE, "\x03\xe8", 2);
	expect_message(c, CLOSE, "\x03\xe8", 2, 0);
	expect_close(c, 1000);
	conn_close(c);
}

ZTEST(ws_tls, both_apis_over_tls_1_2)
{
	check_both_apis(&conns[0], IPPROTO_TLS_1_2);
}

ZTEST(ws_tls, both_apis_over_tls_1_3)
{
	check_both_apis(&conns[0], IPPROTO_TLS_1_3);
}

ZTEST(ws_tls, server_over_tls)
{
	struct conn *const c = &conns[0];

	conn_open_server(c);
	peer_text(c, "from the client");
	expect_text(c, "from the client");
	zassert_equal(websocket_send_msg(c->ws, letters(), 5000, WEBSOCKET_OPCODE_DATA_BINARY, false, true,
					 PATIENCE_MS), 5000);
	expect_frame(c, FIN_BINARY, letters(), 5000);
}

ZTEST(ws_tls, frame_that_fits_the_send_buffer_is_one_record)
{
	struct conn *const c = &conns[0];
	uint32_t before;

	conn_open(c);
	for (size_t len = 0; len <= FITS; len++) {
		before = tls_counts(c->tcp).records_sent;
		zassert_equal(send_text(c, len, PATIENCE_MS), (int)len);
		expect_frame(c, FIN_TEXT, letters(), len);
		zassert_equal(tls_counts(c->tcp).records_sent, before + 1, "%u octets: %u records", (unsigned int)len,
			      (unsigned int)(tls_counts(c->tcp).records_sent - before));
	}
	before = tls_counts(c->tcp).records_sent;
	peer_frame(c, FIN_PING, letters(), 100);
	expect_message(c, PING, letters(), 100, 0);
	expect_frame(c, FIN_PONG, letters(), 100);
	zassert_equal(zsock_close(c->ws), 0);
	c->ws = -1;
	expect_close(c, 1000);
	zassert_equal(tls_counts(c->tcp).records_sent, before + 2, "a pong and a Close");
}

ZTEST(ws_tls, longer_frame_is_a_record_for_each_filling_of_the_send_buffer)
{
	struct conn *const c = &conns[0];
	const size_t len = 10 * TX_SIZE;
	const uint32_t before = (conn_open(c), tls_counts(c->tcp).records_sent);

	zassert_equal(send_text(c, len, PATIENCE_MS), (int)len);
	expect_frame(c, FIN_TEXT, letters(), len);
	/* Two octets of length more than in a short frame. */
	zassert_equal(tls_counts(c->tcp).records_sent - before, DIV_ROUND_UP(8 + len, TX_SIZE));
}

/* Several messages in one record, which is more than tmp_buf: TLS holds the rest, and TCP has nothing any more. */
static size_t send_one_record(struct conn *c, int *count)
{
	static uint8_t record[3 * CONN_TMP_SIZE];
	size_t len = 0;

	*count = 0;
	while (len + 100 <= sizeof(record)) {
		len += frame_build(c, &record[len], FIN_TEXT, letters(), 60);
		(*count)++;
	}
	zassert_true(len > 2 * CONN_TMP_SIZE && len <= CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN);
	peer_send(c, record, len);

	return len;
}

ZTEST(ws_tls, poll_sees_what_tls_has_decrypted)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd pollfd = {.events = ZSOCK_POLLIN};
	int count;

	conn_open(c);
	pollfd.fd = c->ws;
	(void)send_one_record(c, &count);
	for (int i = 0; i < count; i++) {
		pollfd.revents = 0;
		zassert_equal(zsock_poll(&pollfd, 1, i == 0 ? PATIENCE_MS : 0), 1, "message %d of %d", i, count);
		zassert_equal(pollfd.revents, ZSOCK_POLLIN);
		expect_message_now(c, TEXT, letters(), 60, 0);
	}
	zassert_equal(zsock_poll(&pollfd, 1, 0), 0);
}

ZTEST(ws_tls, waiting_for_the_rest_of_a_message_sees_what_tls_has_decrypted)
{
	struct conn *const c = &conns[0];
	static uint8_t buffer[100];
	int count;

	conn_open(c);
	(void)send_one_record(c, &count);
	for (int i = 0; i < count; i++) {
		size_t got = 0;

		while (got < 60) {
			const ssize_t piece = zsock_recv(c->ws, buffer, 7, 0);

			zassert_true(piece > 0, "message %d: errno %d", i, errno);
			zassert_mem_equal(buffer, &letters()[got], (size_t)piece);
			got += (size_t)piece;
		}
		zassert_equal(got, 60);
	}
}

/* I-37: a TLS 1.3 server sends tickets after the handshake. The socket is readable, and there is no data. */
ZTEST(ws_tls, records_without_data_are_not_mistaken_for_data)
{
	struct conn *const c = &conns[0];
	struct zsock_pollfd pollfd = {.events = ZSOCK_POLLIN};
	static struct receive_job job;
	uint32_t before;
	int worker;

	conn_tls_protocol = IPPROTO_TLS_1_3;
	conn_tcp_pair(&c->tcp, &c->peer);
	before = tls_counts(c->tcp).records_received;
	/* A server's side of a websocket needs no handshake, in which the tickets would be read. */
	c->ws = websocket_register(c->tcp, c->tmp, sizeof(c->tmp));
	zassert_true(c->ws >= 0);
	c->is_server = true;
	pollfd.fd = c->ws;
	zassert_equal(zsock_poll(&pollfd, 1, SHORT_MS), 0);
	expect_receive_error(c, EAGAIN, SHORT_MS);
	zassert_true(tls_counts(c->tcp).records_received > before, "no tickets have come: nothing was tested");
	conn_close(c);

	conn_tcp_pair(&c->tcp, &c->peer);
	c->ws = websocket_register(c->tcp, c->tmp, sizeof(c->tmp));
	job = (struct receive_job){.ws = c->ws, .timeout_ms = SYS_FOREVER_MS};
	worker = worker_start(receive_work, &job);
	zassert_false(worker_ended(worker, SHORT_MS), "result %d, errno %d", job.result, job.error);
	zassert_true(tls_counts(c->tcp).records_received > before, "no tickets have come: nothing was tested");
	peer_text(c, "data");
	worker_join(worker);
	zassert_equal(job.result, 4, "result %d, errno %d", job.result, job.error);
}

/* Fills the connection with messages of 100 octets until one is refused: how many were accepted. */
static int fill(struct conn *c)
{
	int count = 0, before;

	/* What is on its way makes room again for a moment. */
	do {
		before = count;
		while (send_text(c, 100, 0) == 100) {
			count++;
			zassert_true(count < BEHAVIOUR_STALL_SIZE / 100, "the connection does not fill up");
		}
		zassert_equal(errno, EAGAIN, "errno %d", errno);
		k_msleep(SHORT_MS / 2);
	} while (count > before);

	return count;
}

static void open_full(struct conn *c, int *count)
{
	conn_prepare(c);
	conn_shrink_buffers(c);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	*count = fill(c);
	zassert_true(tls_counts(c->tcp).sends_refused > 0, "no send was refused: nothing is tested");
}

/* I-56 */
ZTEST(ws_tls, refused_send_is_repeated_unchanged_and_nothing_is_lost_or_doubled)
{
	struct conn *const c = &conns[0];
	static const int lens[] = {5, 100, 1};
	bool is_accepted[ARRAY_SIZE(lens)];
	int count;

	open_full(c, &count);
	/*
	 * Attempts of others: none of them may get before the record that is half on its way. Each may find room: TCP lets a
	 * sender try again and again.
	 */
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		const int timeout_ms = i == 1 ? SHORT_MS : 0;
		const int result = send_text(c, (size_t)lens[i], timeout_ms);

		is_accepted[i] = result == lens[i];
		zassert_true(is_accepted[i] || result == (timeout_ms > 0 ? -ETIMEDOUT : -EAGAIN), "result %d", result);
	}
	peer_frame(c, FIN_PING, "p", 1);
	expect_message(c, PING, "p", 1, 0);
	for (int i = 0; i < count; i++) {
		if (i == count - 1) {
			expect_receive_error(c, EAGAIN, 0);
		}
		expect_frame(c, FIN_TEXT, letters(), 100);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		if (is_accepted[i]) {
			expect_frame(c, FIN_TEXT, letters(), (size_t)lens[i]);
		}
	}
	zassert_equal(send_text(c, 3, PATIENCE_MS), 3);
	{
		struct frame frame = expect_header(c);

		/* The pong, if it found room in the end. */
		if (frame.first == FIN_PONG) {
			uint8_t octet;

			zassert_equal(peer_read(c, &octet, 1), 1);
			frame = expect_header(c);
		}
		zassert_equal(frame.first, FIN_TEXT, "0x%02x", frame.first);
		zassert_equal(frame.len, 3);
	}
	zassert_equal(tls_counts(c->tcp).wrong_repetitions, 0);
}

/* I-70 */
ZTEST(ws_tls, close_of_a_full_connection_takes_a_limited_time)
{
	struct conn *const c = &conns[0];
	const int64_t start = k_uptime_get();
	int count;

	open_full(c, &count);
	zassert_ok(zsock_close(c->ws));
	c->ws = -1;
	zassert_true(k_uptime_get() - start < PATIENCE_MS);
	for (int i = 0; i < count - 1; i++) {
		expect_frame(c, FIN_TEXT, letters(), 100);
	}
	zassert_equal(tls_counts(c->tcp).wrong_repetitions, 0);
}

#define ECHOES 300
/* A receive gives no more than one, which is a filling of the send buffer. */
#define RECORDS_AT_A_TIME 500

static int echo_errors;

/* Sends while the peer reads now and then. */
static void echo_work(void *connection)
{
	const struct conn *const c = connection;

	for (int i = 0; i < ECHOES; i++) {
		const size_t len = (size_t)(i * 37) % 1500;

		if (websocket_send_msg(c->ws, letters(), len, WEBSOCKET_OPCODE_DATA_BINARY, true, true,
				       PATIENCE_MS) != (int)len) {
			echo_errors++;
		}
	}
}

/* Pongs and data of several threads meet in a connection that is full most of the time. */
ZTEST(ws_tls, pongs_between_refused_sends_repeat_what_was_refused)
{
	struct conn *const c = &conns[0];
	static uint8_t chunk[4096];
	uint32_t type;
	uint64_t remaining;
	int worker, pings = 0;

	conn_prepare(c);
	conn_shrink_buffers(c);
	zassert_true(conn_handshake(c, NULL, PATIENCE_MS, NULL) >= 0);
	echo_errors = 0;
	worker = worker_start(echo_work, c);
	do {
		peer_frame(c, FIN_PING, "ping", 4);
		pings++;
		zassert_equal(websocket_recv_msg(c->ws, chunk, 125, &type, &remaining, PATIENCE_MS), 4);
		zassert_equal(type, PING);
		/* Nothing before the connection is full. */
		for (int i = 0; i < RECORDS_AT_A_TIME && tls_counts(c->tcp).sends_refused > 0 &&
				zsock_recv(c->peer, chunk, sizeof(chunk), ZSOCK_MSG_DONTWAIT) > 0;
		     i++) {
		}
	} while (!worker_ended(worker, 0));
	zassert_equal(echo_errors, 0);
	zassert_true(tls_counts(c->tcp).sends_refused > 0, "no send was refused: nothing was tested");
	zassert_equal(tls_counts(c->tcp).wrong_repetitions, 0);
}

ZTEST(ws_tls, end_of_tls_without_close_frame_is_the_end)
{
	struct conn *const c = &conns[0];

	conn_open(c);
	zsock_close(c->peer);
	c->peer = -1;
	expect_receive_error(c, ENOTCONN, PATIENCE_MS);
}

/* Zephyr's TLS socket does not tell such an end from another. That a message was cut shows in `remaining`. */
ZTEST(ws_tls, end_of_tcp_without_end_of_tls_is_the_end)
{
	static const uint8_t frames[] = {0x81, 3, 'o', 'n', 'e', 0x81, 5, 't', 'w'};
	struct conn *const c = &conns[0];
	char octet;

	for (int is_stream = 0; is_stream < 2; is_stream++) {
		conn_open(c);
		peer_send(c, frames, sizeof(frames));
		zassert_ok(zsock_shutdown(c->peer, ZSOCK_SHUT_WR));
		if (is_stream) {
			for (size_t i = 0; i < 5; i++) {
				zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 1, "octet %u: errno %d",
					      (unsigned int)i, errno);
				zassert_equal(octet, "onetw"[i]);
			}
			zassert_equal(zsock_recv(c->ws, &octet, 1, 0), 0);
		} else {
			expect_text(c, "one");
			expect_message(c, TEXT, "tw", 2, 3);
			expect_receive_error(c, ENOTCONN, PATIENCE_MS);
		}
		expect_number(c, WEBSOCKET_OPT_PEER_CLOSE_CODE, 1006);
		conn_close(c);
	}
}

#endif /* BEHAVIOUR_HAS_TLS */
