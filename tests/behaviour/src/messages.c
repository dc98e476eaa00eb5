/*
 * sendmsg() and recvmsg(): one frame out of several pieces of memory, and one into several, with its type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn.h"
#include "frames.h"
#include "option_calls.h"
#include "suite.h"

ZTEST_SUITE(ws_messages, NULL, NULL, conn_before_test, conn_after_test, NULL);

#define PART(memory, len) {.iov_base = (void *)(memory), .iov_len = (len)}

/* Room for the ancillary data, aligned as its header has to be. */
union control {
	struct cmsghdr header;
	uint8_t octets[CMSG_SPACE(sizeof(struct websocket_message)) + 16];
};

static ssize_t send_parts(struct conn *c, struct iovec *parts, size_t count)
{
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};

	return zsock_sendmsg(c->ws, &message, 0);
}

/* I-95 */
ZTEST(ws_messages, sendmsg_makes_one_frame_of_all_its_parts)
{
	struct conn *const c = &conns[0];
	char first[] = "one", second[] = "two", third[] = "three";
	struct iovec parts[] = {PART(NULL, 0),   PART(first, 3),  PART(second, 0), PART(second, 3),
				PART(NULL, 0), PART(third, 5), PART(third, 0)};

	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		zassert_equal(send_parts(c, parts, ARRAY_SIZE(parts)), 11, "errno %d", errno);
		expect_frame(c, FIN_TEXT, "onetwothree", 11);
		expect_silence(c);
		/* Masking is not done in the caller's memory. */
		zassert_mem_equal(first, "one", 4);
		zassert_mem_equal(second, "two", 4);
		zassert_mem_equal(third, "three", 6);
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_messages, sendmsg_larger_than_the_send_buffer)
{
	static const size_t sizes[] = {1, 125, 126, 127, 400, 1000};
	struct conn *const c = &conns[0];

	for (int role = 0; role < 2; role++) {
		if (role == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			/* Cuts that no word and no buffer ends at. */
			const size_t a = sizes[i] / 3, b = sizes[i] / 7;
			struct iovec parts[] = {PART(letters(), a), PART(letters() + a, b),
						PART(letters() + a + b, sizes[i] - a - b)};

			zassert_equal(send_parts(c, parts, 3), (int)sizes[i], "errno %d", errno);
			expect_frame(c, FIN_TEXT, letters(), sizes[i]);
		}
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_messages, sendmsg_without_payload_is_an_empty_frame)
{
	struct conn *const c = &conns[0];
	struct iovec part = PART(NULL, 0);

	conn_open(c);
	zassert_equal(send_parts(c, &part, 1), 0);
	expect_frame(c, FIN_TEXT, NULL, 0);
	zassert_equal(send_parts(c, NULL, 0), 0);
	expect_frame(c, FIN_TEXT, NULL, 0);
}

/* I-58 */
ZTEST(ws_messages, memory_at_null_with_a_length_is_refused)
{
	struct conn *const c = &conns[0];
	struct iovec parts[] = {PART(letters(), 3), PART(NULL, 1)};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	conn_open(c);
	expect_errno(send_parts(c, parts, 2), EINVAL);
	expect_silence(c);
	peer_text(c, "x");
	wait_readable(c->ws);
	parts[0].iov_len = 0;
	expect_errno(zsock_recvmsg(c->ws, &message, 0), EINVAL);
	message.msg_iovlen = 0;
	expect_errno(zsock_recvmsg(c->ws, &message, 0), EINVAL);
	expect_text(c, "x");
	expect_usable(c);
}

/* What the last receive_parts() gave. */
static struct msghdr received;
static union control control;

static ssize_t receive_parts(struct conn *c, struct iovec *parts, size_t count, int flags)
{
	memset(&control, 0, sizeof(control));
	received = (struct msghdr){.msg_iov = parts,
				   .msg_iovlen = count,
				   .msg_control = &control,
				   .msg_controllen = CMSG_SPACE(sizeof(struct websocket_message)),
				   .msg_flags = -1};

	return zsock_recvmsg(c->ws, &received, flags);
}

/* The ancillary data of it. */
#define expect_told(type, remaining) expect_told_at(__LINE__, type, remaining)
static void expect_told_at(int line, uint32_t type, uint64_t remaining)
{
	struct cmsghdr *const header = CMSG_FIRSTHDR(&received);
	struct websocket_message told;

	zassert_equal(received.msg_flags, 0, "line %d: flags 0x%x", line, received.msg_flags);
	zassert_not_null(header, "line %d: nothing is told", line);
	zassert_equal(header->cmsg_level, SOL_WEBSOCKET, "line %d", line);
	zassert_equal(header->cmsg_type, WEBSOCKET_CMSG_MESSAGE, "line %d", line);
	zassert_equal(header->cmsg_len, CMSG_LEN(sizeof(told)), "line %d: %u octets", line,
		      (unsigned int)header->cmsg_len);
	zassert_is_null(CMSG_NXTHDR(&received, header), "line %d", line);
	memcpy(&told, CMSG_DATA(header), sizeof(told));
	zassert_equal(told.message_type, type, "line %d: type 0x%x, not 0x%x", line, told.message_type, type);
	zassert_true(told.remaining == remaining, "line %d: %u octets remaining", line, (unsigned int)told.remaining);
}

/* I-95 */
ZTEST(ws_messages, recvmsg_scatters_a_frame_and_tells_its_type)
{
	struct conn *const c = &conns[0];
	uint8_t a[4], b[3], rest[16];
	struct iovec parts[] = {PART(a, sizeof(a)), PART(NULL, 0), PART(b, sizeof(b))};
	struct iovec last = PART(rest, sizeof(rest));

	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			conn_open(c);
		} else {
			conn_open_server(c);
		}
		peer_frame(c, FIN_BINARY, "abcdefghij", 10);
		zassert_equal(receive_parts(c, parts, 3, 0), 7, "errno %d", errno);
		zassert_mem_equal(a, "abcd", 4);
		zassert_mem_equal(b, "efg", 3);
		expect_told(BINARY, 3);
		zassert_equal(receive_parts(c, &last, 1, 0), 3);
		zassert_mem_equal(rest, "hij", 3);
		expect_told(BINARY, 0);
		/* A frame that is shorter than the memory ends the call, and so does each fragment. */
		peer_frame(c, WEBSOCKET_OPCODE_DATA_TEXT, "12345", 5);
		peer_frame(c, FIN_CONTINUE, "67", 2);
		zassert_equal(receive_parts(c, parts, 3, 0), 5);
		zassert_mem_equal(a, "1234", 4);
		zassert_equal(b[0], '5');
		expect_told(WEBSOCKET_FLAG_TEXT, 0);
		zassert_equal(receive_parts(c, parts, 3, 0), 2);
		expect_told(TEXT, 0);
		conn_close(c);
	}
}

/* I-95 */
ZTEST(ws_messages, ancillary_data_that_does_not_fit_is_announced)
{
	struct conn *const c = &conns[0];
	uint8_t octet;
	struct iovec part = PART(&octet, 1);
	const size_t enough = CMSG_LEN(sizeof(struct websocket_message));

	conn_open(c);
	peer_text(c, "abcd");
	received = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				   .msg_controllen = enough - 1};
	memset(&control, 0x55, sizeof(control));
	zassert_equal(zsock_recvmsg(c->ws, &received, 0), 1);
	zassert_equal(received.msg_flags, ZSOCK_MSG_CTRUNC, "flags 0x%x", received.msg_flags);
	zassert_equal(received.msg_controllen, 0);
	for (size_t i = 0; i < sizeof(control); i++) {
		zassert_equal(control.octets[i], 0x55, "octet %u is written", (unsigned int)i);
	}
	/* Just enough, without the padding. */
	received = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				   .msg_controllen = enough};
	memset(&control, 0, sizeof(control));
	zassert_equal(zsock_recvmsg(c->ws, &received, 0), 1);
	expect_told(TEXT, 2);
	zassert_equal(received.msg_controllen, enough);
	/* More than enough. */
	received = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				   .msg_controllen = sizeof(control)};
	zassert_equal(zsock_recvmsg(c->ws, &received, 0), 1);
	zassert_equal(received.msg_controllen, CMSG_SPACE(sizeof(struct websocket_message)));
	/* Nobody asked. */
	received = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1, .msg_flags = -1};
	zassert_equal(zsock_recvmsg(c->ws, &received, 0), 1);
	zassert_equal(received.msg_flags, 0, "flags 0x%x", received.msg_flags);
	zassert_equal(octet, 'd');
}

/* I-95 */
ZTEST(ws_messages, recvmsg_at_the_end_tells_nothing)
{
	struct conn *const c = &conns[0];
	uint8_t octets[4];
	struct iovec part = PART(octets, sizeof(octets));

	conn_open(c);
	expect_errno(receive_parts(c, &part, 1, ZSOCK_MSG_DONTWAIT), EAGAIN);
	peer_frame(c, FIN_CLOSE, "\x03\xE8", 2);
	zassert_equal(receive_parts(c, &part, 1, 0), 0);
	zassert_equal(received.msg_controllen, 0);
	zassert_equal(received.msg_flags, 0);
}

/* I-34 */
ZTEST(ws_messages, recvmsg_with_waitall_goes_to_the_end_of_the_message)
{
	struct conn *const c = &conns[0];
	uint8_t a[5], b[64];
	struct iovec parts[] = {PART(a, sizeof(a)), PART(b, sizeof(b))};

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "abc", 3);
	peer_frame(c, FIN_PING, "p", 1);
	peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, NULL, 0);
	peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, "defg", 4);
	peer_frame(c, FIN_CONTINUE, "hi", 2);
	peer_text(c, "next");
	zassert_equal(receive_parts(c, parts, 2, ZSOCK_MSG_WAITALL), 9, "errno %d", errno);
	zassert_mem_equal(a, "abcde", 5);
	zassert_mem_equal(b, "fghi", 4);
	expect_told(BINARY, 0);
	/* Memory that is full ends it as well. */
	zassert_equal(receive_parts(c, parts, 1, ZSOCK_MSG_WAITALL), 4);
	zassert_mem_equal(a, "next", 4);
	peer_text(c, "longer");
	zassert_equal(receive_parts(c, parts, 1, ZSOCK_MSG_WAITALL), 5);
	expect_told(TEXT, 1);
	expect_text(c, "r");
}

/* I-34 */
ZTEST(ws_messages, waitall_does_not_wait_when_it_must_not)
{
	struct conn *const c = &conns[0];
	uint8_t octets[16];
	struct iovec part = PART(octets, sizeof(octets));

	conn_open(c);
	peer_frame(c, WEBSOCKET_OPCODE_DATA_BINARY, "abc", 3);
	wait_readable(c->ws);
	zassert_equal(receive_parts(c, &part, 1, ZSOCK_MSG_WAITALL | ZSOCK_MSG_DONTWAIT), 3);
	expect_told(WEBSOCKET_FLAG_BINARY, 0);
	expect_errno(receive_parts(c, &part, 1, ZSOCK_MSG_WAITALL | ZSOCK_MSG_DONTWAIT), EAGAIN);
	/* The peer goes in the middle: what there is, then the end. */
	peer_frame(c, WEBSOCKET_OPCODE_CONTINUE, "de", 2);
	zsock_close(c->peer);
	c->peer = -1;
	zassert_equal(receive_parts(c, &part, 1, ZSOCK_MSG_WAITALL), 2);
	zassert_equal(receive_parts(c, &part, 1, ZSOCK_MSG_WAITALL), 0);
}

/* I-34 */
ZTEST(ws_messages, recvmsg_peeks_into_all_its_parts)
{
	struct conn *const c = &conns[0];
	uint8_t a[3], b[2], d[16];
	struct iovec parts[] = {PART(a, sizeof(a)), PART(b, sizeof(b)), PART(d, sizeof(d))};

	for (int i = 0; i < 2; i++) {
		if (i == 0) {
			conn_open(c);
		} else {
			/* Masked: the key goes on from part to part. */
			conn_open_server(c);
		}
		peer_frame(c, FIN_BINARY, "abcdefghi", 9);
		peer_text(c, "next");
		wait_readable(c->ws);
		for (int again = 0; again < 2; again++) {
			memset(d, 0, sizeof(d));
			zassert_equal(receive_parts(c, parts, 3, ZSOCK_MSG_PEEK), 9);
			zassert_mem_equal(a, "abc", 3);
			zassert_mem_equal(b, "de", 2);
			zassert_mem_equal(d, "fghi", 4);
		}
		expect_message(c, BINARY, "abcdefghi", 9, 0);
		expect_text(c, "next");
		conn_close(c);
	}
}
