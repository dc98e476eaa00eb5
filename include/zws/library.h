/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the Rust library offers to C. Written by `cargo xtask bindings` from src/abi/: do not edit.
 */

#ifndef ZWS_LIBRARY_H_
#define ZWS_LIBRARY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/websocket.h>

struct zws_slot;
struct zws_piece;
struct zws_receive;
struct zws_connection;
struct websocket_context;

/**
 * How many 64-bit words of storage C has to give for a [`Receiver`]; all-zero is a fresh one.
 */
#define ZWS_RECEIVER_WORDS 9

/**
 * How many 64-bit words of storage C has to give for a [`Sender`]; all-zero is a fresh one.
 */
#define ZWS_SENDER_WORDS 6

/**
 * How many 64-bit words of storage C has to give for the [`Shared`] atomics; all-zero is a fresh connection.
 */
#define ZWS_SHARED_WORDS 26

/**
 * How many octets of text there must be room for: the value of Sec-WebSocket-Accept.
 */
#define MIN_TEXT_LEN 28

/**
 * The longest body of a refusal that is read, with all that its framing adds.
 */
#define MAX_BODY_LEN (64 * 1024)

/**
 * How many interim responses may come before the final one.
 */
#define MAX_INTERIMS 16

/**
 * Octets of a status code on the wire (RFC 6455 §5.5.1).
 */
#define CODE_LEN 2

















































/**
 * Opens a websocket over a connected socket; returns its descriptor, or a negative errno: -EINVAL (`http_sock` < 0;
 * NULL `req`, host or url; control characters in them; an entry of the optional headers that does not end in CRLF or
 * has an empty line), -EEXIST (the socket carries a websocket already), -ENOENT
 * (no slot is free), -ENOSPC (no descriptor is free), the connect callback's negative result, or -ECONNABORTED for
 * every failure of the handshake. errno is the negative of the result, but for -ECONNABORTED, where it is the cause:
 * ETIMEDOUT, ECONNRESET (the server closed), ECONNREFUSED (status not 101), EPROTO (101, but not this handshake's
 * answer), EBADMSG (not HTTP), EMSGSIZE (header block too large), EINVAL (no `tmp_buf`), EBADF, or the socket's own.
 *
 * # Safety
 * - `req`: NULL, or a valid `struct websocket_request`; its `tmp_buf` stays valid for as long as the websocket exists.
 */
int websocket_connect(int http_sock,
                      struct websocket_request *req,
                      int32_t timeout,
                      void *user_data);

/**
 * Prepares the library. May be called at any time, any number of times: live connections stay.
 */
void websocket_init(void);

/**
 * Makes a websocket of a server's connection whose opening handshake is done; returns its descriptor, or a negative
 * errno, which is also in errno: -EINVAL (`http_sock` < 0, NULL or empty `recv_buf`), -EBADF (not an open socket),
 * -EEXIST (carries a websocket already), -ENOENT (no slot is free), -ENOSPC (no descriptor is free).
 *
 * # Safety
 * - `recv_buf`: NULL, or valid for `recv_buf_len` octets for as long as the websocket exists.
 */
int websocket_register(int http_sock,
                       uint8_t *recv_buf,
                       size_t recv_buf_len);

/**
 * Closes a websocket and the socket below it; returns 0, or a negative errno, which is also in errno: -EINVAL
 * (negative), -ENOENT (not a websocket).
 */
int websocket_unregister(int ws_sock);

/**
 * Closes a websocket, with a Close frame in bounded time, and leaves the socket below it to the caller; returns 0,
 * or **-1** with errno EBADF or ENOENT (not a websocket).
 */
int websocket_disconnect(int ws_sock);

/**
 * Calls `cb` for every used context under its lock.
 *
 * # Safety
 * - `cb`: NULL, or a function that C may call with a context and `user_data`.
 */
void websocket_context_foreach(void (*cb)(struct websocket_context *context, void *user_data),
                               void *user_data);

/**
 * Takes a free slot; `false`: it is not.
 *
 * # Safety
 * - `word`: of a slot.
 */
bool zws_life_claim(uint32_t *word);

/**
 * Lets calls in, for the one who claimed the slot.
 *
 * # Safety
 * - `word`: of a slot.
 */
void zws_life_publish(uint32_t *word);

/**
 * Which life of the slot it is.
 *
 * # Safety
 * - `word`: of a slot.
 */
uint32_t zws_life_generation(uint32_t *word);

/**
 * Lets a call in; `false`: the slot is free, or being closed, or its generation modulo `tags` is not `tag`.
 *
 * # Safety
 * - `word`: of a slot.
 */
bool zws_life_hold(uint32_t *word,
                   uint32_t tag,
                   uint32_t tags);

/**
 * It can be held: [`zws_life_hold`] would succeed.
 *
 * # Safety
 * - `word`: of a slot.
 */
bool zws_life_is_open(uint32_t *word, uint32_t tag, uint32_t tags);

/**
 * A call leaves. `true`: somebody closes and is alone now, and has to be woken.
 *
 * # Safety
 * - `word`: of a slot that the caller holds.
 */
bool zws_life_put(uint32_t *word);

/**
 * Somebody closes the slot.
 *
 * # Safety
 * - `word`: of a slot.
 */
bool zws_life_is_closing(uint32_t *word);

/**
 * The slot is taken.
 *
 * # Safety
 * - `word`: of a slot.
 */
bool zws_life_is_used(uint32_t *word);

/**
 * Gives back what a thread had that was aborted while it waited for the socket of this slot.
 *
 * # Safety
 * - `slot`: one of the glue's, that nobody claims meanwhile.
 */
void zws_slot_bury(struct zws_slot *slot);

/**
 * Releases a slot whose last thread was aborted while it closed it, or leaves it to the calls that are in it.
 *
 * # Safety
 * - `slot`: one of the glue's, that nobody else claims or buries meanwhile.
 */
void zws_slot_bury_closer(struct zws_slot *slot);

/**
 * Sends one frame; returns `payload_len`, or a negative errno, which is also in errno:
 * -EINVAL (opcode; NULL payload with a length; a control frame over 125 octets or not final), -EMSGSIZE (over
 * `INT_MAX`), -EBADF, -ENOENT (not a websocket), -ENOTCONN (closed by either end, or the socket was), -EAGAIN
 * (`timeout` 0) and -ETIMEDOUT (not all of the frame within `timeout`, in milliseconds; -1 has no limit: repeat the call,
 * it goes on where it stopped), -EALREADY (another frame has to be completed so first), -ECONNABORTED (a frame was cut
 * short, or another thread closes), or the socket's own.
 *
 * Any number of threads may send and receive at once.
 *
 * # Safety
 * - `payload`: NULL, or valid for `payload_len` octets.
 */
int websocket_send_msg(int ws_sock,
                       const uint8_t *payload,
                       size_t payload_len,
                       enum websocket_opcode opcode,
                       bool mask,
                       bool final,
                       int32_t timeout);

/**
 * Receives payload of one frame; returns its length (0 for an empty frame), or a negative errno, which is also in
 * errno: -EINVAL (NULL or empty `buf`), -EBADF, -ENOENT, -EAGAIN (nothing within `timeout`; what was read of a frame
 * is kept), -ENOTCONN (closed by the peer), -EPROTO (the peer broke the protocol: the connection has been failed), -EMSGSIZE (the same for a message over
 * WEBSOCKET_OPT_MAX_MESSAGE_SIZE),
 * -ECONNABORTED (another thread closes), or the socket's own.
 *
 * Any number of threads may send and receive at once.
 *
 * # Safety
 * - `buf`: NULL, or valid for writes of `buf_len` octets.
 * - `message_type`, `remaining`: NULL, or valid for writes.
 */
int websocket_recv_msg(int ws_sock,
                       uint8_t *buf,
                       size_t buf_len,
                       uint32_t *message_type,
                       uint64_t *remaining,
                       int32_t timeout);

/**
 * Sets an option of the websocket's own level: 0, or -1 with errno.
 *
 * # Safety
 * - `slot`: held by the caller.
 * - `value`: NULL, or valid for `len` octets.
 */
int zws_option_set(struct zws_slot *slot, int name, const void *value, size_t len);

/**
 * Reads an option of the websocket's own level into `value`, of whose `*len` octets it uses the first, and sets
 * `*len`: 0, or -1 with errno.
 *
 * # Safety
 * - `slot`: held by the caller.
 * - `len`: NULL, or valid for reads and writes.
 * - `value`: NULL, or valid for writes of `*len` octets.
 */
int zws_option_get(struct zws_slot *slot,
                   int name,
                   void *value,
                   size_t *len);

/**
 * Sends all `pieces` as one final frame of the type that WEBSOCKET_OPT_SEND_OPCODE says, masked where this end is a
 * client: octets, or -1 with errno. EAGAIN: not within the time; repeating the call goes on where it stopped. The time is
 * SO_SNDTIMEO's, none with `no_wait`.
 *
 * # Safety
 * - `slot`: of the object that the method is called with, and `tag` its life.
 * - `pieces`: NULL, or valid for `piece_count` pieces, each NULL or valid for its length.
 */
int zws_stream_send(struct zws_slot *slot,
                    uint32_t tag,
                    const struct zws_piece *pieces,
                    size_t piece_count,
                    bool no_wait);

/**
 * Receives data: octets, 0 at the end (the peer's Close, or the end of the stream), or -1 with errno. The time is
 * SO_RCVTIMEO's.
 *
 * # Safety
 * - `slot`, `tag`, and the pieces of `receive`: as in [`zws_stream_send`]; the pieces are valid for writes.
 * - `receive`: valid for reads and writes.
 */
int zws_stream_receive(struct zws_slot *slot,
                       uint32_t tag,
                       struct zws_receive *receive);

/**
 * Says what a receive would find, by bits; `how` is of bits, too (ZWS_POLL_*). Does not wait. Pings in what it looks at are
 * answered.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
uint8_t zws_stream_poll(struct zws_slot *slot,
                        uint8_t how);

/**
 * Stands back for a moment for the thread that is receiving, or sending; `true`: it still is.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
bool zws_stream_await(struct zws_slot *slot, bool sends);

/**
 * FIONREAD: payload octets of data that receives would return without asking the socket, after taking what it has.
 * 0 while another thread is receiving.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
int zws_stream_readable(struct zws_slot *slot);

/**
 * SO_ERROR: takes an error that the next receive would report; 0 when there is none, or another thread is receiving.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
int zws_stream_take_error(struct zws_slot *slot);

/**
 * Sends what an earlier call left in the send buffer, as far as the socket takes it now; whether some may still be left.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
bool zws_stream_flush(struct zws_slot *slot);

/**
 * `shutdown()` for receiving: what was received is still delivered, then the end; nothing more is read.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
void zws_stream_shut_read(struct zws_slot *slot);

/**
 * `shutdown()` for sending: a Close frame with the code and reason of the options, once, within the image's close timeout.
 * 0, or -1 with errno: the frame could not be sent yet.
 *
 * # Safety
 * - `slot`: held by the caller.
 */
int zws_stream_shut_write(struct zws_slot *slot);

/**
 * `close()`: a Close frame, as [`zws_stream_shut_write`], when no other call is in the websocket any more; then its slot is free.
 * All of it within `timeout_ms`. 0, or -1 with errno EBADF: it is not open, or is being closed.
 *
 * # Safety
 * - `slot`, `tag`: as in [`zws_stream_send`].
 */
int zws_stream_close(struct zws_slot *slot,
                     uint32_t tag,
                     uint32_t timeout_ms);

/**
 * Fills `view` with what the connection looks like now, for the net shell and the module's own shell command.
 * What a thread that receives has in hand is left 0.
 *
 * # Safety
 * - `slot`: held by the caller, or kept from being released in another way.
 * - `view`: valid for writes.
 */
void zws_connection_describe(struct zws_slot *slot,
                             struct zws_connection *view);

#endif  /* ZWS_LIBRARY_H_ */
