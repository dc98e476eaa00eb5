/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a websocket's descriptor has beyond Zephyr's stock API: socket options, ancillary data, the handshake's status.
 *
 * The functions and the calls on the descriptor are those of <zephyr/net/websocket.h> and <zephyr/net/socket.h>.
 * Written by `cargo xtask bindings` from src/abi/websocket_socket.rs: do not edit.
 */

#ifndef ZEPHYR_INCLUDE_NET_WEBSOCKET_SOCKET_H_
#define ZEPHYR_INCLUDE_NET_WEBSOCKET_SOCKET_H_

#include <stdint.h>

/**
 * Level of getsockopt() and setsockopt() for the options below, and of the ancillary data of recvmsg(). Options of
 * other levels go to the socket below the websocket, but for SO_RCVTIMEO, SO_SNDTIMEO, SO_TYPE and SO_ERROR of
 * SOL_SOCKET, which are the websocket's own.
 *
 * Errors of both calls: EBADF (not open, or being closed), EINVAL (a length that is not the option's; a value that
 * is not allowed), ENOPROTOOPT (no such option, or one that cannot be set), EAGAIN (another thread has been sending
 * for so long that the value could not be changed). Any thread may call them at any time.
 */
#define SOL_WEBSOCKET 22355

/**
 * `int`, read and write: WEBSOCKET_OPCODE_DATA_TEXT (the default) or WEBSOCKET_OPCODE_DATA_BINARY, the type of
 * what send(), write() and sendmsg() send (RFC 6455 section 5.6).
 */
#define WEBSOCKET_OPT_SEND_OPCODE 1

/**
 * `uint32_t`, read and write: octets of the longest message that is accepted, 0 (the default) for any. A longer one
 * fails the connection with status code 1009 as soon as its headers say so; the receive gives EMSGSIZE once.
 */
#define WEBSOCKET_OPT_MAX_MESSAGE_SIZE 2

/**
 * `int`, read and write: 1, pings are answered by the library while the application receives or polls; 0, the
 * application answers them. The default is CONFIG_WEBSOCKET_RUST_AUTO_PONG.
 */
#define WEBSOCKET_OPT_AUTO_PONG 3

/**
 * `int`, read and write: status code of the Close frame with which close(), shutdown() and websocket_disconnect()
 * begin the closing handshake (RFC 6455 section 7.4): 1000 (the default) to 1003, 1007 to 1014, 3000 to 4999.
 */
#define WEBSOCKET_OPT_CLOSE_CODE 4

/**
 * Text without a terminator, read and write: the reason in that Close frame, UTF-8 of at most
 * CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE octets; empty by default. A buffer that is too short for reading: EINVAL.
 */
#define WEBSOCKET_OPT_CLOSE_REASON 5

/**
 * `int`, read only: the status code of the peer's Close frame; 1005 when it had none, 1006 when the stream ended
 * without a Close frame, 0 while the peer has not closed.
 */
#define WEBSOCKET_OPT_PEER_CLOSE_CODE 6

/**
 * Text without a terminator, read only: the reason in the peer's Close frame, at most 123 octets; empty without one.
 * Kept in the buffer that was given to websocket_connect() or websocket_register(), which has to hold a Close frame
 * (127 octets) for it. EAGAIN while another thread is receiving.
 */
#define WEBSOCKET_OPT_PEER_CLOSE_REASON 7

/**
 * Text without a terminator, read only: the sub-protocol that the server selected (RFC 6455 section 1.9), empty
 * without one. EMSGSIZE: it was longer than CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE.
 */
#define WEBSOCKET_OPT_PROTOCOL 8

/**
 * `int`, read only: HTTP status of the opening handshake, 101; 0 for websocket_register().
 */
#define WEBSOCKET_OPT_HANDSHAKE_STATUS 9

/**
 * `struct websocket_counters`, read only.
 */
#define WEBSOCKET_OPT_COUNTERS 10

/**
 * `int`, read and write: which control frames wake an application that polls. WEBSOCKET_WAKE_AUTOMATIC, the default: they
 * wake whoever has received frames, or has sent a ping, with `websocket_*_msg()`; nobody else. Counts for polls that begin
 * later.
 */
#define WEBSOCKET_OPT_WAKE 11

/**
 * See WEBSOCKET_OPT_WAKE.
 */
#define WEBSOCKET_WAKE_AUTOMATIC 0

/**
 * No control frame wakes, whatever was called before: POLLIN says that there is data, or the end. Pings are answered all the
 * same.
 */
#define WEBSOCKET_WAKE_DATA 1

/**
 * Every frame wakes: POLLIN says that websocket_recv_msg() returns without waiting, which recv() may not.
 */
#define WEBSOCKET_WAKE_FRAMES 2

/**
 * Type of the ancillary data of recvmsg(), level SOL_WEBSOCKET: a `struct websocket_message`. Where `msg_control` is
 * too short for it, `msg_flags` has ZSOCK_MSG_CTRUNC. With room for it recvmsg() also tells of messages, and ends of
 * messages, without octets: the result is 0 and the ancillary data is there. At the end of the stream it is not.
 */
#define WEBSOCKET_CMSG_MESSAGE 1

/**
 * Data that went through a websocket since it was opened: whole messages, and octets of payload. They go on from 0
 * after their largest value.
 */
struct websocket_counters {
  /**
   * Octets that were delivered to the application.
   */
  uint64_t bytes_received;
  /**
   * Octets of the data frames that were sent.
   */
  uint64_t bytes_sent;
  /**
   * Messages of which the last octet was delivered.
   */
  uint32_t messages_received;
  /**
   * Messages of which the last frame was sent.
   */
  uint32_t messages_sent;
  /**
   * Pings that the application sent; 16 bits.
   */
  uint32_t pings_sent;
  /**
   * Of these, those since the last pong came.
   */
  uint32_t pings_unanswered;
};

/**
 * What the octets of a recvmsg() are a part of.
 */
struct websocket_message {
  /**
   * Octets of the frame that are still to be received.
   */
  uint64_t remaining;
  /**
   * WEBSOCKET_FLAG_TEXT or _BINARY, with _FINAL in the last frame of a message: with `remaining` 0 its end.
   */
  uint32_t message_type;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The HTTP status with which the server answered the last opening handshake on a socket: also after
 * websocket_connect() failed and gave no descriptor, until another websocket takes the place of that one.
 * 0: no status line came. -ENOENT, which is also in errno: no handshake on this socket is remembered.
 */
int websocket_handshake_status(int http_sock);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ZEPHYR_INCLUDE_NET_WEBSOCKET_SOCKET_H_ */
