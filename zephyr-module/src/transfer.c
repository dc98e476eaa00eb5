/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket methods that carry data: send(), recv(), sendmsg() and recvmsg() on a websocket's descriptor.
 */
#include <errno.h>
#include <string.h>

#include "slot.h"
#include "transfer.h"
#include "zephyr/net/websocket_socket.h"

#if defined(CONFIG_WEBSOCKET_RUST_SOCKET_CALLS)

/* The pieces of a message are given to Rust as they are. */
BUILD_ASSERT(sizeof(struct zws_piece) == sizeof(struct iovec));
BUILD_ASSERT(offsetof(struct zws_piece, data) == offsetof(struct iovec, iov_base));
BUILD_ASSERT(offsetof(struct zws_piece, len) == offsetof(struct iovec, iov_len));

/* The octets of the result are a frame's; what MSG_TRUNC adds is told, not delivered. */
static uint8_t receive_flags(int flags, uint8_t wait_all)
{
	return ((flags & ZSOCK_MSG_PEEK) != 0 ? ZWS_RECEIVE_PEEK : 0) |
	       ((flags & ZSOCK_MSG_DONTWAIT) != 0 ? ZWS_RECEIVE_NO_WAIT : 0) |
	       ((flags & ZSOCK_MSG_WAITALL) != 0 ? wait_all : 0) |
	       ((flags & ZSOCK_MSG_TRUNC) != 0 ? ZWS_RECEIVE_REAL_LENGTH : 0);
}

ssize_t zws_recvfrom(void *object, void *buffer, size_t size, int flags, struct sockaddr *source, socklen_t *source_len)
{
	const struct zws_piece piece = {.data = buffer, .len = size};
	const struct zws_place place = zws_place_of(object);
	struct zws_receive receive;

	ARG_UNUSED(source);
	ARG_UNUSED(source_len);

#if !defined(CONFIG_WEBSOCKET_RUST_MESSAGE_CALLS)
	if ((flags & (ZSOCK_MSG_PEEK | ZSOCK_MSG_WAITALL | ZSOCK_MSG_TRUNC)) != 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
#endif
	receive.pieces = &piece;
	receive.piece_count = 1;
	receive.flags = receive_flags(flags, ZWS_RECEIVE_FULL);
	receive.message_type = 0;
	receive.remaining = 0;

	return zws_stream_receive(place.slot, place.tag, &receive);
}

#if defined(CONFIG_WEBSOCKET_RUST_MESSAGE_CALLS)
static bool has_room(const struct msghdr *msg)
{
	return msg->msg_control != NULL && msg->msg_controllen >= CMSG_LEN(sizeof(struct websocket_message));
}

/* Puts the one ancillary object where the caller has room for it. */
static void tell_message(struct msghdr *msg, const struct zws_receive *receive)
{
	struct websocket_message message;
	struct cmsghdr *header;

	memset(&message, 0, sizeof(message));
	message.remaining = receive->remaining;
	message.message_type = receive->message_type;
	if (!has_room(msg)) {
		if (msg->msg_control != NULL && msg->msg_controllen > 0) {
			msg->msg_flags |= ZSOCK_MSG_CTRUNC;
		}
		msg->msg_controllen = 0;
		return;
	}
	header = CMSG_FIRSTHDR(msg);
	header->cmsg_level = SOL_WEBSOCKET;
	header->cmsg_type = WEBSOCKET_CMSG_MESSAGE;
	header->cmsg_len = CMSG_LEN(sizeof(message));
	memcpy(CMSG_DATA(header), &message, sizeof(message));
	msg->msg_controllen = MIN(msg->msg_controllen, CMSG_SPACE(sizeof(message)));
}

ssize_t zws_recvmsg(void *object, struct msghdr *msg, int flags)
{
	const struct zws_place place = zws_place_of(object);
	struct zws_receive receive = {.flags = receive_flags(flags, ZWS_RECEIVE_MESSAGE)};
	int result;

	if (msg == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (has_room(msg)) {
		/* A result of 0 is told from the end of the stream by the ancillary data. */
		receive.flags |= ZWS_RECEIVE_ENDS;
	}
	receive.pieces = (const struct zws_piece *)msg->msg_iov;
	receive.piece_count = msg->msg_iovlen;
	result = zws_stream_receive(place.slot, place.tag, &receive);
	if (result >= 0) {
		msg->msg_flags = 0;
		msg->msg_namelen = 0;
		if (receive.message_type != 0) {
			tell_message(msg, &receive);
		} else {
			/* The end of the stream is no part of a message. */
			msg->msg_controllen = 0;
		}
	}

	return result;
}
#endif

/* Inlined: sends go the deepest into the network stack, and a frame of its own costs them 50 octets of stack. */
static ALWAYS_INLINE ssize_t send_pieces(void *object, const struct zws_piece *pieces, size_t count, int flags)
{
	const struct zws_place place = zws_place_of(object);

	return zws_stream_send(place.slot, place.tag, pieces, count, (flags & ZSOCK_MSG_DONTWAIT) != 0);
}

ssize_t zws_sendto(void *object, const void *buffer, size_t len, int flags, const struct sockaddr *target,
		   socklen_t target_len)
{
	const struct zws_piece piece = {.data = (void *)buffer, .len = len};

	ARG_UNUSED(target);
	ARG_UNUSED(target_len);

	return send_pieces(object, &piece, 1, flags);
}

#if defined(CONFIG_WEBSOCKET_RUST_MESSAGE_CALLS)
ssize_t zws_sendmsg(void *object, const struct msghdr *msg, int flags)
{
	if (msg == NULL) {
		errno = EINVAL;
		return -1;
	}

	return send_pieces(object, (const struct zws_piece *)msg->msg_iov, msg->msg_iovlen, flags);
}
#endif

#endif /* CONFIG_WEBSOCKET_RUST_SOCKET_CALLS */
