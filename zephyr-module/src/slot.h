/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A connection as the glue keeps it: the in-tree context, which others look into, and beside it our own state.
 */
#ifndef ZWS_SLOT_H_
#define ZWS_SLOT_H_

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/fdtable.h>

#if defined(CONFIG_NET_NATIVE)
#include <zephyr/net/net_context.h>
#endif
#include "sockets_internal.h"
#include "websocket_internal.h"

#include "zws/glue.h"
#include "zws/library.h"

/*
 * A call that looked a descriptor up may come so late that its slot is another connection's. So the object of a
 * descriptor says which life of the slot it means: it is not always the context's first octet. With user mode it has to
 * be, and only the next life but none is told apart.
 */
#if defined(CONFIG_USERSPACE)
#define ZWS_TAGS 1
#else
#define ZWS_TAGS 64
#endif
BUILD_ASSERT(sizeof(struct websocket_context) >= ZWS_TAGS);

/**
 * What tells a connection from the next one with its number and object; 0: not known. A client has another local port each
 * time, a server another peer: its port, and its address in front.
 */
typedef uint64_t zws_end_point;

static inline zws_end_point zws_end_point_with(uint32_t address, uint16_t port)
{
	return port == 0 ? 0 : (uint64_t)address << 32 | port;
}

/** The socket below, as it was given to us: its number may be another socket's by now. */
struct zws_real {
	int sock;
	void *object;
	const struct fd_op_vtable *vtable;
	/* The number's, whoever has it. */
	struct k_mutex *lock;
	/* The end of the connection that a new one in its place does not have: which one that is depends on the role. */
	zws_end_point end_point;
	bool is_client;
	/* Of Zephyr's own TCP: the object is a `struct net_context`. */
	bool is_native;
};

/* Octets of the status code of a Close frame, in front of the reason. */
#define ZWS_CLOSE_CODE_LEN 2
/* A native socket takes one event a direction, a TLS socket those of the one below it. */
#define ZWS_EVENTS_MAX 2

struct zws_slot {
	/* Storage of the Rust halves; all-zero is a fresh connection. */
	uint64_t receiver[ZWS_RECEIVER_WORDS];
	uint64_t sender[ZWS_SENDER_WORDS];
	/* And of what both see without a lock. */
	uint64_t shared[ZWS_SHARED_WORDS];
	struct zws_slot_head head;
	struct websocket_context *context;
	struct zws_real real;
	/* Ends the wait of the receiver and that of the sender; raised until one of their waits has seen it. */
	struct k_poll_signal wake[2];
	/* The threads that wait for input, and for room (k_tid_t), or NULL; and what they wait for, which outlives them. */
	atomic_ptr_t waiting[2];
	/* Likewise the one who closes, and waits for the calls in it. */
	atomic_ptr_t closer;
	struct k_poll_event events[2][ZWS_EVENTS_MAX + 1];
#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
	/* The native simulator's sockets take one poll at a time: the host's epoll refuses the second. */
	atomic_t is_polled;
#endif
	/* SO_RCVTIMEO and SO_SNDTIMEO in milliseconds; 0: no limit. */
	atomic_t receive_timeout_ms;
	atomic_t send_timeout_ms;
	/* FIONBIO and O_NONBLOCK, where the real socket does not keep them for us. */
	atomic_t nonblocking;
	/* The socket of the last opening handshake, also after it failed; -1 for a server. Under the table's mutex. */
	int handshake_sock;
	uint32_t handshake_number;
	uint16_t handshake_status;
	/* Octets that are used of the two texts. */
	uint16_t protocol_len;
	uint8_t close_reason_len;
	/* The real socket encrypts: what it refused has to be given to it again. */
	bool is_tls;
	/* The last send was refused for another reason than the window, so that only time helps. */
	atomic_t starved;
	/* The last wait has said that there is room, and no send has followed. */
	atomic_t said_writable;
	uint8_t protocol[CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE];
	/* The payload of the Close frame to come: room for the status code, and the reason. */
	uint8_t close_payload[ZWS_CLOSE_CODE_LEN + CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE];
#if defined(CONFIG_NET_TEST)
	struct test_data *test_input;
#else
	uint8_t tx_buffer[CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE];
#endif
};

extern const struct socket_op_vtable zws_socket_vtable;

extern struct websocket_context zws_contexts[CONFIG_WEBSOCKET_MAX_CONTEXTS];
extern struct zws_slot zws_slots[CONFIG_WEBSOCKET_MAX_CONTEXTS];

/* What the object of a descriptor says. */
struct zws_place {
	struct zws_slot *slot;
	uint32_t tag;
};

static inline struct zws_place zws_place_of(const void *object)
{
	const uint32_t offset = (uint32_t)((uintptr_t)object - (uintptr_t)zws_contexts);
	const uint32_t index = offset / (uint32_t)sizeof(zws_contexts[0]);

	return (struct zws_place){
		.slot = &zws_slots[index],
		.tag = offset - index * (uint32_t)sizeof(zws_contexts[0]),
	};
}

/** Which life of the slot this is: it changes when the slot is released. */
uint32_t zws_slot_generation(struct zws_slot *slot);

/** Closes `ws_sock` if it still is this life of the slot. */
void zws_slot_close(struct zws_slot *slot, uint32_t generation, int ws_sock);

/**
 * Holds the slot of a descriptor's object, for the socket methods: it is not released before zws_slot_put().
 * @return NULL with errno EBADF: it is being closed.
 */
struct zws_slot *zws_slot_hold(const void *object);

/** The same for the slot with this number; NULL when it is free, too. */
struct zws_slot *zws_slot_hold_at(int index);

/** The same for a descriptor: 0, or ZWS_STATUS_BAD_DESCRIPTOR, _NO_ENTRY. */
uint8_t zws_slot_hold_sock(int ws_sock, struct zws_slot **slot);

/** Ends a hold. */
void zws_slot_put(struct zws_slot *slot);

/** Visits every used slot, its context brought up to date, under the table's mutex and the context's. */
void zws_slots_each(void (*visit)(struct zws_slot *slot, void *user_data), void *user_data);

/** The number of a slot, and back: NULL for a slot that is free. */
int zws_slot_index(const struct zws_slot *slot);
struct zws_slot *zws_slot_at(int index);

/** Lets the lock of the slot's descriptor go: what zws_take_again() takes; NULL where this thread does not have it. */
struct k_mutex *zws_let_go(struct zws_slot *slot);
void zws_take_again(struct k_mutex *descriptor_lock);

/**
 * Takes the lock of the real socket's descriptor, which is not closed meanwhile; errno stays. `false`, and no lock: the
 * descriptor is not the socket that was given to us.
 */
bool zws_real_lock(const struct zws_real *real);

/** Gives it back. */
void zws_real_unlock(const struct zws_real *real);

/** Whether the descriptor is the socket that was given to us. */
bool zws_is_real(const struct zws_real *real);

/** What tells the connection of a socket from the next one, for this role; may set errno. For who has its lock. */
zws_end_point zws_end_point_of(void *object, const struct fd_op_vtable *vtable, bool is_client);

/** Whether this is a socket of Zephyr's own TCP, of which `struct net_context` tells what it is. */
bool zws_is_native(const struct fd_op_vtable *vtable);

/** Bits ZWS_POLICY_* of a connection. */
uint8_t zws_policy(const struct zws_slot *slot);

#if defined(CONFIG_NET_TEST)
/** A stand-in slot for a context that the test suite made by itself; NULL when the object is not one. */
struct zws_slot *zws_test_slot(int ws_sock, void *object, const struct fd_op_vtable *vtable, uint8_t direction);
bool zws_is_test_slot(const struct zws_slot *slot);
int32_t zws_test_send(struct zws_slot *slot, const uint8_t *data, size_t len);
int32_t zws_test_receive(struct zws_slot *slot, uint8_t *data, size_t len);
#endif

#endif /* ZWS_SLOT_H_ */
