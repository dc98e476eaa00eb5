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
 * What tells a connection from the next one with its number and object, in network order; 0: not known. A client has another
 * local port each time, a server another peer.
 */
struct zws_end_point {
	uint32_t address;
	uint16_t port;
};

struct zws_slot {
	/* Storage of the Rust halves; all-zero is a fresh connection. */
	uint64_t receiver[ZWS_RECEIVER_WORDS];
	uint64_t sender[ZWS_SENDER_WORDS];
	/* And of what both see without a lock. */
	uint64_t shared[ZWS_SHARED_WORDS];
	/* The socket that was given to us: its number may be another socket's by now. */
	void *real_object;
	const struct fd_op_vtable *real_vtable;
	/* Who may use the slot; not cleared with it. Changed by zws_life_*() only. */
	uint32_t life;
	/* Ends the wait of the receiver and that of the sender; raised until one of their waits has seen it. */
	struct k_poll_signal wake[2];
	/* The lock that the socket layer holds when it calls a method. */
	struct k_mutex *descriptor_lock;
	/* Wakes those that wait for one of the two locks; goes with the context's mutex. */
	struct k_condvar unlocked;
	/* The thread that closes this websocket (k_tid_t): it alone goes on. */
	atomic_t closer;
#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
	/* The native simulator's sockets take one poll at a time: the host's epoll refuses the second. */
	atomic_t is_polled;
#endif
	/* Bits 1 << ZWS_LOCK_*: locks that are taken. */
	atomic_t taken;
	/* Threads that wait for a lock. */
	atomic_t contenders;
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
	/* The end of the real socket that a new connection in its place does not have. */
	struct zws_end_point end_point;
	bool is_client;
	/* The real socket encrypts: what it refused has to be given to it again. */
	bool is_tls;
	/* The last send was refused for another reason than the window, so that only time helps. */
	atomic_t starved;
	/* The last wait has said that there is room, and no send has followed. */
	atomic_t said_writable;
	uint8_t protocol[CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE];
	uint8_t close_reason[CONFIG_WEBSOCKET_RUST_CLOSE_REASON_SIZE];
#if defined(CONFIG_NET_TEST)
	struct websocket_context *test_context;
	struct test_data *test_input;
	uint8_t *tx_buffer;
	size_t tx_buffer_len;
#else
	uint8_t tx_buffer[CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE];
#endif
};

extern const struct socket_op_vtable zws_socket_vtable;

/** Which life of the slot this is: it changes when the slot is released. */
uint32_t zws_slot_generation(struct zws_slot *slot);

/** Closes `ws_sock` if it still is this life of the slot. */
void zws_slot_close(struct zws_slot *slot, uint32_t generation, int ws_sock);

/** The context of a slot: the object behind its descriptor. */
struct websocket_context *zws_slot_context(struct zws_slot *slot);

/**
 * Holds the slot of a descriptor's object, for the socket methods.
 * @return NULL when it is being closed.
 */
struct zws_slot *zws_slot_hold(void *object);

/** The same for the slot with this number; NULL when it is free, too. */
struct zws_slot *zws_slot_hold_at(int index);

/** Marks the slot of an object as closing: no further hold is given. @return NULL when somebody closes it already. */
struct zws_slot *zws_slot_begin_close(void *object);

/** Waits until nobody holds the slot any more, which is being closed. */
void zws_slot_wait_alone(struct zws_slot *slot);

/** Frees it then. */
void zws_slot_release(struct zws_slot *slot);

/** Visits every used slot, its context brought up to date, under the table's mutex and the context's. */
void zws_slots_each(void (*visit)(struct zws_slot *slot, void *user_data), void *user_data);

/** Whether another thread than this one closes the websocket: every call has to leave. */
bool zws_slot_is_closing(struct zws_slot *slot);

/** The number of a slot, and back: NULL for a slot that is free. */
int zws_slot_index(const struct zws_slot *slot);
struct zws_slot *zws_slot_at(int index);

/** The slot of any object that a socket method is called with. */
struct zws_slot *zws_slot_of(void *object);

/** What the descriptor of the real socket stands for, or NULL when that is another object by now. */
void *zws_real_object(struct zws_slot *slot, const struct fd_op_vtable **vtable, struct k_mutex **lock);

/** The real socket's object, vtable and lock, or NULL when the descriptor is not that connection any more. */
void *zws_real_socket(struct zws_slot *slot, const struct fd_op_vtable **vtable, struct k_mutex **lock);

/** The end point that counts for this role, as it is now; errno stays. */
struct zws_end_point zws_end_point_of(int real_sock, void *object, const struct fd_op_vtable *vtable, bool is_client);

/** Whether the socket below is a socket of Zephyr's own TCP, of which `struct net_context` tells what it is. */
bool zws_is_native(const struct fd_op_vtable *vtable);

#if defined(CONFIG_NET_TEST)
/** A stand-in slot for a context that the test suite made by itself; NULL when the object is not one. */
struct zws_slot *zws_test_slot(void *object, const struct fd_op_vtable *vtable, uint8_t direction);
bool zws_is_test_slot(const struct zws_slot *slot);
int32_t zws_test_send(struct zws_slot *slot, const uint8_t *data, size_t len);
int32_t zws_test_receive(struct zws_slot *slot, uint8_t *data, size_t len);
#endif

#endif /* ZWS_SLOT_H_ */
