/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table of connections: who has a slot, who uses it, and when it is free again.
 */
#include <errno.h>
#include <string.h>

#include <zephyr/logging/log.h>
LOG_MODULE_DECLARE(net_websocket, CONFIG_NET_WEBSOCKET_LOG_LEVEL);

#include "slot.h"

BUILD_ASSERT(CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE >= 32, "a frame header and some payload have to fit");
BUILD_ASSERT(CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE <= UINT16_MAX, "the send half counts in 16 bits");
BUILD_ASSERT(offsetof(struct zws_slot_head, tag_mask) == offsetof(struct zws_slot_head, life) + sizeof(uint32_t));

/* C objects of the in-tree type: the build finds them as kernel objects, and the net shell reads them. */
struct websocket_context zws_contexts[CONFIG_WEBSOCKET_MAX_CONTEXTS];
struct zws_slot zws_slots[CONFIG_WEBSOCKET_MAX_CONTEXTS];

static K_MUTEX_DEFINE(table_lock);
/* Opening handshakes so far; under the table's mutex. */
static uint32_t handshakes;

/* The object of the slot's descriptor: it means this life of the slot, see ZWS_TAGS. */
static void *object_of(struct zws_slot *slot)
{
	return (uint8_t *)slot->context + zws_slot_generation(slot) % ZWS_TAGS;
}

static bool is_used(struct zws_slot *slot)
{
	return zws_life_is_used(&slot->head.life) != 0;
}

int zws_slot_index(const struct zws_slot *slot)
{
	return (int)(slot - zws_slots);
}

struct zws_slot *zws_slot_at(int index)
{
	return index >= 0 && index < (int)ARRAY_SIZE(zws_slots) && is_used(&zws_slots[index]) ? &zws_slots[index] : NULL;
}

void zws_slots_init(void)
{
	/* Everything is initialised at build time or when a slot is claimed: nothing that a second call could harm. */
}

static struct zws_slot *unused_slot(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(zws_slots); i++) {
		if (!is_used(&zws_slots[i])) {
			return &zws_slots[i];
		}
	}

	return NULL;
}

/* A thread that was aborted in an opening handshake, or in the last moments of a connection, has given nothing back. */
static void bury_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(zws_slots); i++) {
		zws_slot_bury(&zws_slots[i]);
		zws_slot_bury_closer(&zws_slots[i]);
	}
}

/* `ends`: of a server's connection, and of a client's. */
static bool is_carried(int real_sock, const void *object, const zws_end_point ends[2])
{
	for (size_t i = 0; i < ARRAY_SIZE(zws_slots); i++) {
		/* A number that is another socket's by now carries nothing. */
		if (is_used(&zws_slots[i]) && zws_slots[i].real.sock == real_sock && zws_slots[i].real.object == object &&
		    zws_slots[i].real.end_point == ends[zws_slots[i].real.is_client]) {
			return true;
		}
	}

	return false;
}

/* All but its life and tags, which other threads may look at, and the octets of texts and frames. */
static void clear(struct zws_slot *slot)
{
	uint8_t *const begin = (uint8_t *)slot;
	uint8_t *const behind = (uint8_t *)(&slot->head.tag_mask + 1);

	memset(begin, 0, (uint8_t *)&slot->head.life - begin);
	memset(behind, 0, begin + offsetof(struct zws_slot, protocol) - behind);
}

static void put_send_buffer(struct zws_slot *slot)
{
#if defined(CONFIG_NET_TEST)
	static uint8_t tx_buffers[CONFIG_WEBSOCKET_MAX_CONTEXTS][CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE];

	slot->head.tx_buffer = tx_buffers[slot - zws_slots];
	slot->head.tx_buffer_len = sizeof(tx_buffers[0]);
#else
	slot->head.tx_buffer = slot->tx_buffer;
	slot->head.tx_buffer_len = sizeof(slot->tx_buffer);
#endif
}

/* Nobody is in a slot that has just been claimed. */
static void fill(struct zws_slot *slot, int real_sock, bool is_client, uint8_t *rx_buffer, size_t rx_buffer_len)
{
	struct websocket_context *const context = &zws_contexts[slot - zws_slots];

	memset(context, 0, sizeof(*context));
	clear(slot);
	k_mutex_init(&context->lock);
	k_poll_signal_init(&slot->wake[0]);
	k_poll_signal_init(&slot->wake[1]);
	atomic_set(&context->refcount, 1);
	context->sock = -1;
	context->real_sock = real_sock;
	context->recv_buf.buf = rx_buffer;
	context->recv_buf.size = rx_buffer_len;
	slot->context = context;
	slot->real.sock = real_sock;
	slot->real.is_client = is_client;
	slot->head.rx_buffer = rx_buffer;
	slot->head.rx_buffer_len = rx_buffer_len;
	slot->head.ws_sock = -1;
	slot->head.tag_mask = ZWS_TAGS - 1;
	if (is_client) {
		slot->handshake_sock = real_sock;
		slot->handshake_number = ++handshakes;
	}
	put_send_buffer(slot);
}

uint8_t zws_slot_claim(int real_sock, bool is_client, uint8_t *rx_buffer, size_t rx_buffer_len, struct zws_slot **claimed)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const object = zvfs_get_fd_obj_and_vtable(real_sock, &vtable, &lock);
	zws_end_point ends[2];
	struct zws_slot *slot;
	const int saved_errno = errno;
	uint8_t status = 0;

	if (object == NULL) {
		return ZWS_STATUS_BAD_DESCRIPTOR;
	}
	(void)k_mutex_lock(lock, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		ends[i] = zws_end_point_of(object, vtable, i != 0);
	}
	(void)k_mutex_unlock(lock);

	k_mutex_lock(&table_lock, K_FOREVER);
	bury_all();
	slot = unused_slot();
	if (is_carried(real_sock, object, ends)) {
		status = ZWS_STATUS_EXISTS;
	} else if (slot == NULL) {
		status = ZWS_STATUS_NO_ENTRY;
	} else {
		(void)zws_life_claim(&slot->head.life);
		fill(slot, real_sock, is_client, rx_buffer, rx_buffer_len);
		slot->real.object = object;
		slot->real.vtable = vtable;
		slot->real.lock = lock;
		slot->real.end_point = ends[is_client];
		slot->real.is_native = zws_is_native(vtable);
		slot->is_tls = net_socket_is_tls(object);
		slot->head.policy = zws_policy(slot);
		*claimed = slot;
	}
	k_mutex_unlock(&table_lock);

	errno = saved_errno;

	return status;
}

void zws_slot_hide(struct zws_slot *slot)
{
	if (slot->context->sock >= 0) {
		(void)sock_obj_core_dealloc(slot->context->sock);
	}
	slot->context->sock = -1;
	slot->context->real_sock = -1;
	(void)atomic_set(&slot->context->refcount, 0);
}

int zws_slot_publish(struct zws_slot *slot)
{
	const int ws_sock = zvfs_reserve_fd();

	if (ws_sock < 0) {
		return -1;
	}

	slot->context->sock = ws_sock;
	slot->head.ws_sock = ws_sock;
	zws_life_publish(&slot->head.life);
	zvfs_finalize_typed_fd(ws_sock, object_of(slot), &zws_socket_vtable.fd_vtable, ZVFS_MODE_IFSOCK);
	(void)sock_obj_core_alloc_find(slot->real.sock, ws_sock, SOCK_STREAM);

	return ws_sock;
}

uint32_t zws_slot_generation(struct zws_slot *slot)
{
	return zws_life_generation(&slot->head.life);
}

void zws_slot_close(struct zws_slot *slot, uint32_t generation, int ws_sock)
{
	bool is_same;

	k_mutex_lock(&table_lock, K_FOREVER);
	is_same = is_used(slot) && zws_slot_generation(slot) == generation && slot->head.ws_sock == ws_sock;
	k_mutex_unlock(&table_lock);

	if (is_same) {
		(void)zsock_close(ws_sock);
	}
}

struct zws_slot *zws_slot_hold_at(int index)
{
	return zws_life_hold(&zws_slots[index].head.life, 0, 1) != 0 ? &zws_slots[index] : NULL;
}

struct zws_slot *zws_slot_hold(const void *object)
{
	const struct zws_place place = zws_place_of(object);

	if (zws_life_hold(&place.slot->head.life, place.tag, ZWS_TAGS) == 0) {
		errno = EBADF;
		return NULL;
	}

	return place.slot;
}

uint8_t zws_slot_find(int ws_sock, uint8_t direction, struct zws_slot **slot, uint32_t *tag)
{
	const struct fd_op_vtable *vtable;
	void *const object = zvfs_get_fd_obj_and_vtable(ws_sock, &vtable, NULL);
	struct zws_place place;

	ARG_UNUSED(direction);

	if (object == NULL) {
		return ZWS_STATUS_BAD_DESCRIPTOR;
	}
#if defined(CONFIG_NET_TEST)
	*slot = zws_test_slot(ws_sock, object, vtable, direction);
	if (*slot != NULL) {
		*tag = 0;
		return 0;
	}
#endif
	if (vtable != &zws_socket_vtable.fd_vtable) {
		return ZWS_STATUS_NO_ENTRY;
	}
	place = zws_place_of(object);
	*slot = place.slot;
	*tag = place.tag;

	return 0;
}

uint8_t zws_slot_hold_sock(int ws_sock, struct zws_slot **slot)
{
	uint32_t tag;
	const uint8_t status = zws_slot_find(ws_sock, ZWS_LOCK_SEND, slot, &tag);

	if (status != 0) {
		return status;
	}
	if (zws_life_hold(&(*slot)->head.life, tag, ZWS_TAGS) == 0) {
		return ZWS_STATUS_BAD_DESCRIPTOR;
	}
	if ((*slot)->head.ws_sock != ws_sock) {
		zws_slot_put(*slot);
		return ZWS_STATUS_NO_ENTRY;
	}

	return 0;
}

void zws_slot_put(struct zws_slot *slot)
{
	if (zws_life_put(&slot->head.life) != 0) {
		zws_changed();
	}
}

/* What the in-tree header's readers see: where they look, it is true. */
static void show(struct zws_slot *slot)
{
	struct websocket_context *const context = slot->context;
	struct zws_connection connection;

	zws_connection_describe(slot, &connection);
	context->recv_buf.count = connection.buffered_len;
	context->parser_state = connection.in_header ? WEBSOCKET_PARSER_STATE_OPCODE : WEBSOCKET_PARSER_STATE_PAYLOAD;
	context->parser_remaining = connection.in_header ? 0 : connection.frame_remaining;
	context->message_type = connection.in_header ? 0 : connection.frame_type;
	context->masked = !slot->real.is_client;
	context->all_received = context->sec_accept_ok = connection.handshake_status == 101;
#if defined(ZWS_CONTEXT_HAS_IS_CLIENT)
	context->is_client = slot->real.is_client;
#endif
}

void zws_slots_each(void (*visit)(struct zws_slot *slot, void *user_data), void *user_data)
{
	k_mutex_lock(&table_lock, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(zws_slots); i++) {
		if (is_used(&zws_slots[i])) {
			k_mutex_lock(&zws_contexts[i].lock, K_FOREVER);
			show(&zws_slots[i]);
			visit(&zws_slots[i], user_data);
			k_mutex_unlock(&zws_contexts[i].lock);
		}
	}
	k_mutex_unlock(&table_lock);
}

struct context_visit {
	void (*visit)(struct websocket_context *context, void *user_data);
	void *user_data;
};

static void visit_context(struct zws_slot *slot, void *user_data)
{
	const struct context_visit *const visit = user_data;

	visit->visit(slot->context, visit->user_data);
}

void zws_slots_foreach(void (*visit)(struct websocket_context *context, void *user_data), void *user_data)
{
	struct context_visit context_visit = {.visit = visit, .user_data = user_data};

	if (visit != NULL) {
		zws_slots_each(visit_context, &context_visit);
	}
}

int32_t zws_last_handshake_status(int real_sock)
{
	const struct zws_slot *last = NULL;
	int32_t status;

	k_mutex_lock(&table_lock, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(zws_slots); i++) {
		/* Numbers are those of handshakes: a slot that had none has 0. */
		if (zws_slots[i].handshake_number != 0 && zws_slots[i].handshake_sock == real_sock &&
		    (last == NULL || zws_slots[i].handshake_number > last->handshake_number)) {
			last = &zws_slots[i];
		}
	}
	status = last != NULL ? last->handshake_status : -1;
	k_mutex_unlock(&table_lock);

	return status;
}
