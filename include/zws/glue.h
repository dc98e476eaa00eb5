/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the C glue offers to the Rust library: the kernel, the socket and the application's callbacks.
 *
 * Plain integers, pointers and fixed-layout structs only, so that nothing here depends on Kconfig or on the C
 * library. bindgen turns this file into src/platform/zephyr/bindings.rs (`cargo xtask bindings`).
 *
 * errno numbers differ between C libraries: they cross as opaque positive numbers (`os_error`) that Rust
 * only hands back. Conditions that Rust has to tell apart have the names below.
 */
#ifndef ZWS_GLUE_H_
#define ZWS_GLUE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * One connection: in-tree context, locks, buffers. It begins with the storage of the Rust state, 64-bit words:
 * ZWS_RECEIVER_WORDS guarded by ZWS_LOCK_RECEIVE, ZWS_SENDER_WORDS by ZWS_LOCK_SEND, ZWS_SHARED_WORDS by nothing.
 * A struct zws_slot_head follows.
 */
struct zws_slot;

/** What Rust reads of a connection without a call. But for two words, input and policy it stays as it is while the slot is used. */
struct zws_slot_head {
	uint8_t *rx_buffer;   /* the caller's tmp_buf, guarded by ZWS_LOCK_RECEIVE */
	size_t rx_buffer_len;
	uint8_t *tx_buffer;   /* the send buffer, guarded by ZWS_LOCK_SEND */
	size_t tx_buffer_len;
	uint32_t life;        /* slot::Life: who may use it. Not cleared with the slot, nor is what follows */
	uint32_t tag_mask;    /* so many lives have different tags, less 1: a power of two */
	uint32_t locks;       /* slot::Locks */
	void *descriptor_lock; /* struct k_mutex: what the socket layer holds when it calls a method */
	int32_t ws_sock;      /* its descriptor; negative before there is one */
	uint8_t policy;       /* bits ZWS_POLICY_* */
	uint8_t input;        /* ZWS_INPUT_*, written under ZWS_LOCK_RECEIVE; SOME by anybody */
};
/** What a poll knows of a connection's input without a lock. */
#define ZWS_INPUT_NONE 0              /* nothing is buffered */
#define ZWS_INPUT_SOME 1              /* octets are buffered, or the end has been seen: worth a look */
#define ZWS_INPUT_READABLE 2          /* a poll has found what a receive returns without waiting, and none has come */

/** One opening handshake: the application's request, callbacks and `struct http_request`. */
struct zws_exchange;

/** No limit in time, as SYS_FOREVER_MS. */
#define ZWS_FOREVER (-1)

/** Results of zws_socket_*() beside byte counts and negative os_error numbers. */
#define ZWS_WOULD_BLOCK (-0x10000000)
/** The application is closing this websocket: give up at once. */
#define ZWS_CLOSING (-0x10000001)

/** What zws_socket_wait() waits for. */
#define ZWS_READABLE 1
#define ZWS_WRITABLE 2

/** Which part of what leaves together a send is (platform::Part). */
#define ZWS_PART_WHOLE 0
#define ZWS_PART_MORE 1
#define ZWS_PART_END 2

/** The two locks of a connection. */
#define ZWS_LOCK_RECEIVE 0
#define ZWS_LOCK_SEND 1

/** What the library answers to C: zws_fail() turns it into errno of the C library in use. */
#define ZWS_STATUS_OS 0               /* the os_error that comes with it */
#define ZWS_STATUS_INVALID 1          /* EINVAL */
#define ZWS_STATUS_BAD_DESCRIPTOR 2   /* EBADF */
#define ZWS_STATUS_NO_ENTRY 3         /* ENOENT */
#define ZWS_STATUS_EXISTS 4           /* EEXIST */
#define ZWS_STATUS_NO_SPACE 5         /* ENOSPC */
#define ZWS_STATUS_AGAIN 6            /* EAGAIN */
#define ZWS_STATUS_TIMED_OUT 7        /* ETIMEDOUT */
#define ZWS_STATUS_NOT_CONNECTED 8    /* ENOTCONN */
#define ZWS_STATUS_ABORTED 9          /* ECONNABORTED */
#define ZWS_STATUS_PROTOCOL 10        /* EPROTO */
#define ZWS_STATUS_MESSAGE_SIZE 11    /* EMSGSIZE */
#define ZWS_STATUS_RESET 12           /* ECONNRESET */
#define ZWS_STATUS_BAD_MESSAGE 13     /* EBADMSG */
#define ZWS_STATUS_REFUSED 14         /* ECONNREFUSED */
#define ZWS_STATUS_NO_OPTION 15       /* ENOPROTOOPT */
#define ZWS_STATUS_ALREADY 16         /* EALREADY */

/** Policy of the image (Kconfig) and role, bits of zws_policy(). */
#define ZWS_POLICY_STRICT 0x01        /* RSV bits, minimal lengths and the peer's masking are enforced */
#define ZWS_POLICY_UTF8 0x02          /* TEXT and close reasons are validated */
#define ZWS_POLICY_AUTO_PONG 0x04     /* PING is answered by the library */
#define ZWS_POLICY_SWALLOW_CONTROL 0x08 /* websocket_recv_msg() does not report PING and PONG */
#define ZWS_POLICY_CONTINUATION_TYPE 0x10 /* continuation frames carry their message's type */
#define ZWS_POLICY_STICKY_SENDS 0x40 /* the socket wants refused octets again before others (TLS) */
#define ZWS_POLICY_ANY_ROLE 0x20      /* masked and unmasked frames are both accepted (CONFIG_NET_TEST) */
#define ZWS_POLICY_CLIENT 0x80        /* this end is the client */

/* ---------------------------------------------------------------------------- the socket methods */

/** Memory of the caller; laid out as `struct iovec`, which the glue asserts. */
struct zws_piece {
	void *data;
	size_t len;
};

/** Bits of zws_receive::flags. */
#define ZWS_RECEIVE_PEEK 0x01          /* the octets stay where they are */
#define ZWS_RECEIVE_FULL 0x02          /* until the memory is full: recv() with MSG_WAITALL */
#define ZWS_RECEIVE_MESSAGE 0x04       /* until the message ends: recvmsg() with MSG_WAITALL */
#define ZWS_RECEIVE_NO_WAIT 0x20       /* MSG_DONTWAIT */
#define ZWS_RECEIVE_ENDS 0x10          /* the end of a message is told, also where its last frame has no octets */
#define ZWS_RECEIVE_REAL_LENGTH 0x08   /* the result counts what is left of the frame too: MSG_TRUNC */

/** A receive of a socket method: what is wanted, and what is told beside the octets. */
struct zws_receive {
	const struct zws_piece *pieces;
	size_t piece_count;
	uint8_t flags;
	uint32_t message_type; /* out: WEBSOCKET_FLAG_* of the frame that the last octet is from */
	uint64_t remaining;    /* out: octets of that frame that are still to come */
};

/** What zws_stream_poll() does beside looking at what is buffered. */
#define ZWS_POLL_READ 0x01   /* it takes what the socket has */
#define ZWS_POLL_LOCKED 0x02 /* the caller has the lock of the real socket, and knows that it is the one that was given to us */

/** Bits of zws_stream_poll()'s result. */
#define ZWS_POLL_READABLE 0x01 /* a receive would return without waiting */
#define ZWS_POLL_ENDED 0x02    /* and it would be the end, or the peer's Close */
#define ZWS_POLL_BUSY 0x04     /* another thread is receiving: what it leaves is not known yet */

/** What a connection looks like from outside: the net shell, the module's shell command. */
struct zws_connection {
	uint32_t messages_received;
	uint32_t messages_sent;
	uint64_t octets_received;
	uint64_t octets_sent;
	uint64_t frame_remaining;   /* of the frame that is under way; not while a thread receives */
	uint32_t frame_type;        /* WEBSOCKET_FLAG_* of that frame */
	uint32_t buffered_len;      /* unread octets of the receive buffer */
	uint16_t pings_unanswered;
	uint16_t peer_close_code;   /* 0: the peer has not closed; 1005, 1006 as RFC 6455 */
	uint16_t handshake_status;
	bool in_header;             /* between frames, or in a header */
	bool close_sent;
};

/* ------------------------------------------------------------------------------------------ slots */

/**
 * Takes a free slot for `real_sock` and clears its whole state.
 * @return 0, or ZWS_STATUS_EXISTS (the socket has a websocket already), _NO_ENTRY (no slot is free),
 *         _BAD_DESCRIPTOR (`real_sock` is not open). Look-up and allocation are one critical section.
 */
uint8_t zws_slot_claim(int real_sock, bool is_client, uint8_t *rx_buffer, size_t rx_buffer_len,
		       struct zws_slot **slot);

/** Takes a slot that comes to its end away from those who look at it from outside. */
void zws_slot_hide(struct zws_slot *slot);

/**
 * Gives the slot a descriptor and makes it findable.
 * @return the descriptor, or -1: the table is full.
 */
int zws_slot_publish(struct zws_slot *slot);

/**
 * The slot behind a descriptor, and which of its lives: it is to be held (slot::Life) before anything else.
 * @param direction ZWS_LOCK_RECEIVE or ZWS_LOCK_SEND: what it is wanted for
 * @return 0, or ZWS_STATUS_BAD_DESCRIPTOR (not open), _NO_ENTRY (not a websocket).
 */
uint8_t zws_slot_find(int ws_sock, uint8_t direction, struct zws_slot **slot, uint32_t *tag);

/** How long the library may wait for the peer on its own behalf, in milliseconds. */
uint32_t zws_close_timeout_ms(void);

/** The sub-protocol that the server selected, and its length; NULL: it was longer than what Kconfig has room for. */
const uint8_t *zws_protocol(struct zws_slot *slot, size_t *len);

/** Sets it, in the opening handshake; `data` is not read where `len` is longer than what there is room for. */
void zws_protocol_set(struct zws_slot *slot, const uint8_t *data, size_t len);

/**
 * The payload of the Close frame that this end begins with, under ZWS_LOCK_SEND: two octets of room for the status code, and
 * the reason.
 */
uint8_t *zws_close_payload(struct zws_slot *slot, size_t *len);

/** Replaces the reason, under ZWS_LOCK_SEND; `false`: longer than what Kconfig has room for, nothing is changed. */
bool zws_close_reason_set(struct zws_slot *slot, const uint8_t *data, size_t len);

/** The server's status line came, in the opening handshake of this slot. */
void zws_slot_set_handshake_status(struct zws_slot *slot, uint16_t status);

/** That status; 0: none came, or this end is the server. */
uint16_t zws_slot_handshake_status(struct zws_slot *slot);

/**
 * The status of the last opening handshake on a socket, also after it failed, until its slot is used again.
 * @return 0 when no status line came, -1 when no handshake on that socket is remembered.
 */
int32_t zws_last_handshake_status(int real_sock);

/** Closes a websocket's descriptor as zsock_close() does: 0, or -1 with errno. */
int zws_descriptor_close(int ws_sock);

/**
 * websocket_unregister(): closes `ws_sock` and the socket below it.
 * @return 0, or ZWS_STATUS_NO_ENTRY / _INVALID.
 */
uint8_t zws_slot_unregister(int ws_sock);

/** Once or often, before or during use; keeps live connections. */
void zws_slots_init(void);

/* A visit to every used slot under its lock is websocket_context_foreach(). */
struct websocket_context;
void zws_slots_foreach(void (*visit)(struct websocket_context *context, void *user_data), void *user_data);

/* -------------------------------------------------------------------------------- other threads */

/**
 * Takes the mutex of those that wait for another thread, in place of the descriptor's lock if this thread has it: that is
 * returned.
 */
void *zws_await_begin(struct zws_slot *slot);

/** Waits, giving up the mutex meanwhile, until something has changed or the time is up. */
void zws_await(int32_t timeout_ms);

/** Gives the mutex back; `descriptor_lock` is zws_await_begin()'s. */
void zws_await_end(void *descriptor_lock);

/** A lock was given back that somebody waits for, a slot is being closed, or the last call has left it. */
void zws_changed(void);

/**
 * Whether a thread that waits in zws_socket_wait() has been aborted there; it is told once.
 * @param direction slot::Direction
 */
bool zws_waiter_bury(struct zws_slot *slot, uint8_t direction);

/** This thread waits for the calls in a slot that it closes. */
void zws_closer_set(struct zws_slot *slot);

/** Whether a thread has been aborted since it called zws_closer_set() in this life of the slot. */
bool zws_closer_is_dead(const struct zws_slot *slot);

/* ----------------------------------------------------------------------------- the socket below it */

/**
 * Sends what the socket takes now, without waiting.
 * @param part ZWS_PART_*: for ZWS_PART_MORE TCP_NODELAY is off, for ZWS_PART_END it is on, as long as this takes and under the
 *        lock of the socket's descriptor, where it knows that option
 * @return bytes taken (> 0), ZWS_WOULD_BLOCK, or -os_error
 *         (ENOTCONN when the descriptor is no longer the socket that was given to connect).
 */
int32_t zws_socket_send(struct zws_slot *slot, const uint8_t *data, size_t len, uint8_t part);

/**
 * The buffer for messages that are larger than a send buffer, which all connections share, for a moment in which nothing is
 * waited for; zws_large_buffer_give() ends that. NULL: there is none, or another thread has it.
 */
uint8_t *zws_large_buffer_take(size_t *len);
void zws_large_buffer_give(void);

/**
 * Receives what is there, without waiting: bytes (> 0), 0 at the end of the stream, ZWS_WOULD_BLOCK, -os_error. `is_locked`:
 * the caller has the lock of the real socket.
 */
int32_t zws_socket_receive(struct zws_slot *slot, uint8_t *data, size_t len, bool is_locked);

/** How long SO_RCVTIMEO or SO_SNDTIMEO, and O_NONBLOCK, let a call wait for `events`: milliseconds, or ZWS_FOREVER. */
int32_t zws_socket_limit(struct zws_slot *slot, uint8_t events);

/**
 * Waits until the socket is ready, holding no lock of the descriptor.
 * @param events ZWS_READABLE or ZWS_WRITABLE
 * @return 1 (try now), 0 (time is up), ZWS_CLOSING, or -os_error.
 */
int32_t zws_socket_wait(struct zws_slot *slot, uint8_t events, int32_t timeout_ms);

/** Ends waits of other threads in zws_socket_wait(): they return 1. Those that were aborted have been buried. */
void zws_socket_wake(struct zws_slot *slot);

/** Has zws_stream_flush() called again and again, by the system's work queue, until nothing is left. */
void zws_leave_later(struct zws_slot *slot);

/* ------------------------------------------------------------------------------- kernel and errors */

/** On a CPU without a compare-and-swap of its own: `*word` becomes `after` if it is `before`. */
bool zws_compare_and_swap(uint32_t *word, uint32_t before, uint32_t after);

/** Milliseconds since boot, monotonic. */
int64_t zws_uptime_ms(void);

/** Fills with bytes of the cryptographic generator, of the plain one where there is none. */
void zws_random(uint8_t *data, size_t len);

/**
 * Sets errno and returns its negative.
 * @param status ZWS_STATUS_…
 * @param os_error the number for ZWS_STATUS_OS
 */
int zws_fail(uint8_t status, int32_t os_error);

/** The same for a call that Kconfig has left out: EOPNOTSUPP. */
int zws_not_supported(void);

/** Sets errno only (a handshake's cause beside its -ECONNABORTED). */
void zws_set_errno(uint8_t status, int32_t os_error);

/** Writes one line to the log of the module; `event` is one of ZWS_EVENT_*, the numbers are its arguments. */
void zws_log(uint8_t event, int32_t first, int32_t second);

/** first = HTTP status */
#define ZWS_EVENT_HANDSHAKE_STATUS 0
/** first = which check failed (handshake::Failure) */
#define ZWS_EVENT_HANDSHAKE_FAILED 1
/** first = close code sent, second = rule broken (protocol::ProtocolError) */
#define ZWS_EVENT_PROTOCOL_ERROR 2
/** first = close code received */
#define ZWS_EVENT_CLOSE_RECEIVED 3
/** first = length of the ping's payload, second = size of tmp_buf */
#define ZWS_EVENT_PING_TOO_LONG 4
/** first = length of the ping's payload */
#define ZWS_EVENT_PONG_DROPPED 5
/** first = bytes of the frame that were sent */
#define ZWS_EVENT_FRAME_TORN 6
/** first = opcode, second = length */
#define ZWS_EVENT_BAD_ARGUMENT 7
/** first = index of the entry in optional_headers */
#define ZWS_EVENT_HEADER_INCOMPLETE 8
/** Calls were in it that did not leave in time */
#define ZWS_EVENT_CLOSED_UNDER_A_CALL 9

/** Ends the system: the library has no panic, this is what a broken invariant would reach. */
void zws_panic(void);

/* --------------------------------------------------------------------------- the opening handshake */

/** The fields of `struct websocket_request` that Rust reads. */
struct zws_connect_request {
	const char *host;
	const char *url;
	const char *const *optional_headers; /* NULL-terminated, or NULL */
	uint8_t *tmp_buf;
	size_t tmp_buf_len;
	bool has_header_callback;
	bool wants_body; /* somebody listens to the body of a refusal, or to its end */
};

struct websocket_request;
void zws_connect_request_read(const struct websocket_request *request, struct zws_connect_request *fields);

/** Whether it wants to be called back, which Kconfig may have left out. */
bool zws_has_callbacks(const struct websocket_request *request);

/**
 * Runs `body` with the `struct http_request` of this handshake filled in; it lives on this call's stack. Where the
 * result is a descriptor, the application's connect callback is called, and may refuse it: then it is closed.
 * @return the descriptor; or what `body` returned; or the callback's negative result, which is in errno too.
 */
int zws_exchange_run(const struct websocket_request *request, struct zws_slot *slot, int real_sock, void *user_data,
		     int (*body)(void *context, struct zws_exchange *exchange), void *context);

/** Calls optional_headers_cb: bytes it sent (>= 0) or its negative result. */
int zws_exchange_optional_headers(struct zws_exchange *exchange);

/** What zws_exchange_observe() reports of the final response (handshake::Seen). */
#define ZWS_SEEN_MESSAGE_BEGIN 0    /* number = HTTP status */
#define ZWS_SEEN_STATUS 1           /* a piece of the reason phrase */
#define ZWS_SEEN_HEADER_FIELD 2     /* a piece of a name */
#define ZWS_SEEN_HEADER_VALUE 3     /* a piece of a value */
#define ZWS_SEEN_HEADERS_COMPLETE 4 /* number = Content-Length, or UINT32_MAX: none that counts */
#define ZWS_SEEN_BODY 5             /* a piece of a refusal's body */
#define ZWS_SEEN_MESSAGE_COMPLETE 6 /* of a refusal */

/** Calls the application's http_cb, where set; `at` is not terminated. Results are ignored as the stock client does. */
void zws_exchange_observe(struct zws_exchange *exchange, uint8_t seen, uint32_t number, const uint8_t *at, size_t len);

/**
 * The response was accepted: `consumed` octets of what came last were its own, and `leftover_len` that came behind it
 * stand at the front of tmp_buf.
 */
void zws_exchange_opened(struct zws_exchange *exchange, size_t consumed, size_t leftover_len);

#endif /* ZWS_GLUE_H_ */
