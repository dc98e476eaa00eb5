/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket below a websocket: sends, receives and waits, and never mistakes another socket for it.
 */
#include <errno.h>

#include "slot.h"

/* A native socket takes one event a direction, a TLS socket those of the one below it. */
#define POLL_EVENTS_MAX 4
/* No buffer in the network stack: nothing announces the next one. */
#define STARVED_RETRY_MS 10
/* An offloaded socket cannot be woken: close() is noticed after this time. */
#define OFFLOAD_SLICE_MS 100

void *zws_real_socket(struct zws_slot *slot, const struct fd_op_vtable **vtable, struct k_mutex **lock)
{
	const int saved_errno = errno;
	void *object = zvfs_get_fd_obj_and_vtable(zws_slot_context(slot)->real_sock, vtable, lock);

	errno = saved_errno;
	if (object != slot->real_object || *vtable != slot->real_vtable) {
		return NULL;
	}

	return object;
}

static bool is_gone(struct zws_slot *slot)
{
	const struct fd_op_vtable *vtable;

	return zws_real_socket(slot, &vtable, NULL) == NULL;
}

int32_t zws_socket_send(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	ssize_t sent;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return zws_test_send(slot, data, len);
	}
#endif
	if (is_gone(slot)) {
		return -ENOTCONN;
	}

	sent = zsock_send(zws_slot_context(slot)->real_sock, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT);
	slot->starved = sent < 0 && (errno == ENOBUFS || errno == ENOMEM);
	if (sent > 0) {
		sock_obj_core_update_send_stats(zws_slot_context(slot)->sock, (int)sent);
		return (int32_t)sent;
	}
	if (sent == 0 || errno == EAGAIN || errno == EWOULDBLOCK || slot->starved) {
		return ZWS_WOULD_BLOCK;
	}

	return -errno;
}

int32_t zws_socket_receive(struct zws_slot *slot, uint8_t *data, size_t len)
{
	ssize_t received;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return zws_test_receive(slot, data, len);
	}
#endif
	if (is_gone(slot)) {
		return -ENOTCONN;
	}

	received = zsock_recv(zws_slot_context(slot)->real_sock, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT);
	if (received >= 0) {
		sock_obj_core_update_recv_stats(zws_slot_context(slot)->sock, (int)received);
		return (int32_t)received;
	}

	return errno == EAGAIN || errno == EWOULDBLOCK ? ZWS_WOULD_BLOCK : -errno;
}

/* Lets close() find the signal; false when it has begun already. */
static bool enter_wait(struct zws_slot *slot, struct k_poll_signal *signal)
{
	struct k_mutex *const mutex = &zws_slot_context(slot)->lock;
	bool is_open;

	(void)k_mutex_lock(mutex, K_FOREVER);
	is_open = !zws_slot_is_closing(slot);
	for (size_t i = 0; is_open && i < ARRAY_SIZE(slot->wake); i++) {
		if (slot->wake[i] == NULL) {
			slot->wake[i] = signal;
			break;
		}
	}
	(void)k_mutex_unlock(mutex);

	return is_open;
}

static void leave_wait(struct zws_slot *slot, const struct k_poll_signal *signal)
{
	struct k_mutex *const mutex = &zws_slot_context(slot)->lock;

	(void)k_mutex_lock(mutex, K_FOREVER);
	for (size_t i = 0; i < ARRAY_SIZE(slot->wake); i++) {
		if (slot->wake[i] == signal) {
			slot->wake[i] = NULL;
		}
	}
	(void)k_mutex_unlock(mutex);
}

/* One turn of poll() on the real socket, with our signal as a further event. 1, 0, or -os_error; -EXDEV: offloaded. */
static int32_t poll_turn(struct zws_slot *slot, struct k_poll_signal *signal, short wanted, k_timeout_t timeout)
{
	struct k_poll_event events[POLL_EVENTS_MAX + 1];
	struct k_poll_event *end = events;
	struct zsock_pollfd entry = {.fd = zws_slot_context(slot)->real_sock, .events = wanted};
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *object = zws_real_socket(slot, &vtable, &lock);
	int result;

	if (object == NULL) {
		return -ENOTCONN;
	}

	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_POLL_PREPARE, &entry, &end, events + POLL_EVENTS_MAX);
	(void)k_mutex_unlock(lock);
	if (result == -EALREADY) {
		timeout = K_NO_WAIT;
	} else if (result < 0) {
		return result;
	}

	k_poll_event_init(end, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, signal);
	(void)k_poll(events, end - events + 1, timeout);

	end = events;
	object = zws_real_socket(slot, &vtable, &lock);
	if (object == NULL) {
		return -ENOTCONN;
	}
	(void)k_mutex_lock(lock, K_FOREVER);
	result = zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_POLL_UPDATE, &entry, &end);
	(void)k_mutex_unlock(lock);
	if (result == -EAGAIN) {
		return 0;
	}
	if (result < 0) {
		return result;
	}

	return (entry.revents & ZSOCK_POLLNVAL) != 0 ? -ENOTCONN : entry.revents != 0;
}

/* The driver of an offloaded socket polls by itself and knows nothing of our signal. */
static int32_t poll_offloaded(struct zws_slot *slot, short wanted, k_timepoint_t end)
{
	struct zsock_pollfd entry = {.fd = zws_slot_context(slot)->real_sock, .events = wanted};

	while (!zws_slot_is_closing(slot)) {
		const bool is_last = sys_timepoint_cmp(end, sys_timepoint_calc(K_MSEC(OFFLOAD_SLICE_MS))) <= 0;
		const int left = is_last ? k_ticks_to_ms_ceil32(sys_timepoint_timeout(end).ticks) : OFFLOAD_SLICE_MS;
		const int result = zsock_poll(&entry, 1, left);

		if (result != 0 || is_last) {
			return result < 0 ? -errno : result;
		}
	}

	return ZWS_CLOSING;
}

int32_t zws_socket_wait(struct zws_slot *slot, uint8_t events, int32_t timeout_ms)
{
	const short wanted = events == ZWS_READABLE ? ZSOCK_POLLIN : ZSOCK_POLLOUT;
	const k_timepoint_t end = sys_timepoint_calc(timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms));
	struct k_poll_signal signal;
	int32_t result;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return 0;
	}
#endif
	if (slot->starved && events == ZWS_WRITABLE) {
		k_msleep(timeout_ms < 0 ? STARVED_RETRY_MS : MIN(timeout_ms, STARVED_RETRY_MS));
		return zws_slot_is_closing(slot) ? ZWS_CLOSING : 1;
	}
#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
	/* The host's epoll takes a socket once: while somebody polls it for reading, a writer tries again and again. */
	if (events == ZWS_WRITABLE && slot->wake[0] != NULL) {
		k_msleep(timeout_ms < 0 ? STARVED_RETRY_MS : MIN(timeout_ms, STARVED_RETRY_MS));
		return zws_slot_is_closing(slot) ? ZWS_CLOSING : 1;
	}
#endif

	k_poll_signal_init(&signal);
	if (!enter_wait(slot, &signal)) {
		return ZWS_CLOSING;
	}
	do {
		result = poll_turn(slot, &signal, wanted, sys_timepoint_timeout(end));
		if (result == 0 && zws_slot_is_closing(slot)) {
			result = ZWS_CLOSING;
		}
	} while (result == 0 && !sys_timepoint_expired(end));
	leave_wait(slot, &signal);
	if (result == -EXDEV) {
		result = poll_offloaded(slot, wanted, end);
	}

	return result;
}
