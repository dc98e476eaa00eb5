/*
 * Frames as the peer writes and reads them, and messages as the application receives them.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The macros pass their line on, so that a failure names the line of the test.
 */
#ifndef BEHAVIOUR_FRAMES_H_
#define BEHAVIOUR_FRAMES_H_

#include "conn.h"

/* Header and payload of the frames that are built in memory. */
#define FRAME_ROOM (14 + 512)

/* A frame of the library. */
struct frame {
	uint8_t first; /* FIN, RSV, opcode */
	bool is_masked;
	uint8_t key[4];
	uint64_t len;
};

/* Writes a frame, masked when the peer is a client. `first` is any octet. Returns its length. */
size_t frame_build(const struct conn *c, uint8_t *frame, uint8_t first, const void *payload, size_t len);

/* Payload for any message: ASCII letters, so that it is text as well. BEHAVIOUR_STALL_SIZE octets. */
const uint8_t *letters(void);

/* The peer sends octets as they are. */
#define peer_send(c, octets, len) peer_send_at(__LINE__, c, octets, len)
void peer_send_at(int line, struct conn *c, const void *octets, size_t len);

/* A literal of octets. */
#define peer_send_octets(c, ...)                                                                   \
	peer_send(c, ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__}))

/* The peer sends a frame: one segment when it is small. */
#define peer_frame(c, first, payload, len) peer_frame_at(__LINE__, c, first, payload, len)
void peer_frame_at(int line, struct conn *c, uint8_t first, const void *payload, size_t len);
#define peer_text(c, text) peer_frame(c, FIN_TEXT, text, strlen(text))

/* The peer receives exactly this frame: header in its shortest form, masked as a frame of this end has to be. */
#define expect_frame(c, first, payload, len) expect_frame_at(__LINE__, c, first, payload, len)
struct frame expect_frame_at(int line, struct conn *c, uint8_t first, const void *payload, size_t len);

/* The header of the next frame. */
#define expect_header(c) expect_header_at(__LINE__, c)
struct frame expect_header_at(int line, struct conn *c);

/* The peer receives a Close with this code; with none when it is 0. */
#define expect_close(c, code) expect_close_at(__LINE__, c, code)
void expect_close_at(int line, struct conn *c, uint16_t code);

/* The peer receives nothing for a short while. */
#define expect_silence(c) expect_silence_at(__LINE__, c)
void expect_silence_at(int line, struct conn *c);

/* The peer reads the end of the stream, and nothing before it. */
#define expect_end(c) expect_end_at(__LINE__, c)
void expect_end_at(int line, struct conn *c);

/* The peer reads at least one octet, what there is. 0: the end. */
size_t peer_read(struct conn *c, void *buffer, size_t size);

/* The next websocket_recv_msg() gives exactly this. */
#define expect_message(c, type, payload, len, remaining)                                           \
	expect_message_at(__LINE__, c, type, payload, len, remaining, PATIENCE_MS)
/* The same with a time-out of 0. */
#define expect_message_now(c, type, payload, len, remaining)                                       \
	expect_message_at(__LINE__, c, type, payload, len, remaining, 0)
void expect_message_at(int line, struct conn *c, uint32_t type, const void *payload, size_t len, uint64_t remaining,
		       int32_t timeout_ms);
#define expect_text(c, text) expect_message(c, TEXT, text, strlen(text), 0)

/* websocket_recv_msg() fails with this. */
#define expect_receive_error(c, error, timeout_ms) expect_receive_error_at(__LINE__, c, error, timeout_ms)
void expect_receive_error_at(int line, struct conn *c, int error, int32_t timeout_ms);

/* A message goes each way, whole. */
#define expect_usable(c) expect_usable_at(__LINE__, c)
void expect_usable_at(int line, struct conn *c);

#endif /* BEHAVIOUR_FRAMES_H_ */
