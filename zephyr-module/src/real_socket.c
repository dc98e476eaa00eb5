/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket below a websocket: sends, receives and waits, and never mistakes another socket for it.
 */
#include <errno.h>
#include <string.h>

#if defined(CONFIG_USERSPACE)
#include <zephyr/internal/syscall_handler.h>
#endif

#include "slot.h"

/* A native socket takes one event a direction, a TLS socket those of the one below it. */
#define POLL_EVENTS_MAX 4
/* Where nothing announces that it is worth another try: no buffer in the network stack, no place to wait. */
#define RETRY_MS 10
/* An offloaded socket cannot be woken: close() is noticed after this time. */
#define OFFLOAD_SLICE_MS 100

void *zws_real_object(struct zws_slot *slot, const struct fd_op_vtable **vtable, struct k_mutex **lock)
{
	const int saved_errno = errno;
	void *object = zvfs_get_fd_obj_and_vtable(zws_slot_context(slot)->real_sock, vtable, lock);

	errno = saved_errno;
	if (object != slot->real_object || *vtable != slot->real_vtable) {
		return NULL;
	}

	return object;
}

#if defined(CONFIG_NET_NATIVE)
/* The socket layer's table for sockets of Zephyr's own stack, whose object is a `struct net_context`. */
extern const struct socket_op_vtable sock_fd_op_vtable;

bool zws_is_native(const struct fd_op_vtable *vtable)
{
	return vtable == &sock_fd_op_vtable.fd_vtable;
}

/* Both families have port and address in the same place. */
static struct zws_end_point end_point_of_context(const struct net_context *context, bool is_client)
{
	if (is_client) {
		return (struct zws_end_point){.port = ((const struct sockaddr_in_ptr *)&context->local)->sin_port};
	}

	return (struct zws_end_point){
		.address = ((const struct sockaddr_in *)&context->remote)->sin_addr.s_addr,
		.port = ((const struct sockaddr_in *)&context->remote)->sin_port,
	};
}
#else
bool zws_is_native(const struct fd_op_vtable *vtable)
{
	ARG_UNUSED(vtable);

	return false;
}
#endif

struct zws_end_point zws_end_point_of(int real_sock, void *object, const struct fd_op_vtable *vtable, bool is_client)
{
	/* Large enough for either family, also where the stack has only one of them. */
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} address = {0};
	socklen_t len = sizeof(address);
	struct zws_end_point end_point = {0};
	const int saved_errno = errno;
	int result;

#if defined(CONFIG_NET_NATIVE)
	if (zws_is_native(vtable)) {
		return end_point_of_context(object, is_client);
	}
#endif
	ARG_UNUSED(object);
	ARG_UNUSED(vtable);
	result = is_client ? zsock_getsockname(real_sock, &address.any, &len)
			   : zsock_getpeername(real_sock, &address.any, &len);
	if (result == 0 && address.any.sa_family == AF_INET) {
		end_point.port = address.ipv4.sin_port;
		end_point.address = is_client ? 0 : address.ipv4.sin_addr.s_addr;
	} else if (result == 0 && address.any.sa_family == AF_INET6) {
		end_point.port = address.ipv6.sin6_port;
		if (!is_client) {
			memcpy(&end_point.address, &address.ipv6.sin6_addr.s6_addr[12], sizeof(end_point.address));
		}
	}
	errno = saved_errno;

	return end_point;
}

/* Objects of closed sockets are used again, often for the very next one: the end point tells them apart. */
void *zws_real_socket(struct zws_slot *slot, const struct fd_op_vtable **vtable, struct k_mutex **lock)
{
	void *const object = zws_real_object(slot, vtable, lock);
	struct zws_end_point now;

	if (object == NULL || slot->end_point.port == 0) {
		return object;
	}
	now = zws_end_point_of(zws_slot_context(slot)->real_sock, object, *vtable, slot->is_client);
	if (now.port == 0) {
		return object;
	}

	return now.port == slot->end_point.port && now.address == slot->end_point.address ? object : NULL;
}

/*
 * Takes the lock of the real socket's descriptor: 0; -ENOTCONN: it is not the socket that was given to us; -EBADF: this
 * thread is in user mode and may not use it. Not inlined: what it needs of the stack is not there while the socket is
 * in use.
 */
static __attribute__((noinline)) int32_t lock_real_socket(struct zws_slot *slot, struct k_mutex **lock)
{
	const struct fd_op_vtable *vtable;
	void *const object = zws_real_socket(slot, &vtable, lock);

	if (object == NULL) {
		return -ENOTCONN;
	}
#if defined(CONFIG_USERSPACE)
	/* As the socket layer decides it. */
	if (k_is_in_user_syscall() && !k_object_is_valid(object, K_OBJ_NET_SOCKET)) {
		return -EBADF;
	}
#endif
	(void)k_mutex_lock(*lock, K_FOREVER);
	/* It may have been closed, and its number be another's, while this thread waited for the lock. */
	if (zws_real_object(slot, &vtable, NULL) == NULL) {
		(void)k_mutex_unlock(*lock);
		return -ENOTCONN;
	}

	return 0;
}

static const struct socket_op_vtable *methods_of(const struct zws_slot *slot)
{
	return (const struct socket_op_vtable *)slot->real_vtable;
}

/* Not inlined: only its result is on the stack while the socket is in use. */
static __attribute__((noinline)) int32_t sent_or_why(struct zws_slot *slot, ssize_t sent, int saved_errno)
{
	const bool is_starved = sent < 0 && (errno == ENOBUFS || errno == ENOMEM);
	const bool is_refused = sent == 0 || (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || is_starved));

	(void)atomic_set(&slot->starved, is_starved || (is_refused && atomic_get(&slot->said_writable) != 0));
	(void)atomic_clear(&slot->said_writable);
	if (is_refused) {
		/* A call that succeeds in the end leaves errno alone. */
		errno = saved_errno;
		return ZWS_WOULD_BLOCK;
	}
	if (sent < 0) {
		return -errno;
	}
	sock_obj_core_update_send_stats(zws_slot_context(slot)->real_sock, (int)sent);
	sock_obj_core_update_send_stats(zws_slot_context(slot)->sock, (int)sent);

	return (int32_t)sent;
}

/*
 * The method of the socket, and not zsock_sendto(): it would look the socket up once more, and its frame is stack that
 * threads with little of it have not.
 */
int32_t zws_socket_send(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	const int saved_errno = errno;
	struct k_mutex *lock;
	int32_t status;
	ssize_t sent;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return zws_test_send(slot, data, len);
	}
#endif
	if (methods_of(slot)->sendto == NULL) {
		return -EOPNOTSUPP;
	}
	status = lock_real_socket(slot, &lock);
	if (status != 0) {
		return status;
	}
	sent = methods_of(slot)->sendto(slot->real_object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL, 0);
	(void)k_mutex_unlock(lock);

	return sent_or_why(slot, sent, saved_errno);
}

static __attribute__((noinline)) int32_t received_or_why(struct zws_slot *slot, ssize_t received, int saved_errno)
{
	const int number = errno;

	if (received >= 0) {
		sock_obj_core_update_recv_stats(zws_slot_context(slot)->real_sock, (int)received);
		sock_obj_core_update_recv_stats(zws_slot_context(slot)->sock, (int)received);
		return (int32_t)received;
	}
	errno = saved_errno;
	if (number == ENOTCONN) {
		/* What Zephyr's TCP says of a connection that has ended. */
		return 0;
	}

	return number == EAGAIN || number == EWOULDBLOCK ? ZWS_WOULD_BLOCK : -number;
}

int32_t zws_socket_receive(struct zws_slot *slot, uint8_t *data, size_t len)
{
	const int saved_errno = errno;
	struct k_mutex *lock;
	int32_t status;
	ssize_t received;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return zws_test_receive(slot, data, len);
	}
#endif
	if (methods_of(slot)->recvfrom == NULL) {
		return -EOPNOTSUPP;
	}
	status = lock_real_socket(slot, &lock);
	if (status != 0) {
		return status;
	}
	received = methods_of(slot)->recvfrom(slot->real_object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL,
					      NULL);
	(void)k_mutex_unlock(lock);

	return received_or_why(slot, received, saved_errno);
}

void zws_socket_wake(struct zws_slot *slot)
{
	for (size_t i = 0; i < ARRAY_SIZE(slot->wake); i++) {
		(void)k_poll_signal_raise(&slot->wake[i], 0);
	}
}

/* A wake-up is seen once, and before the next look at what it tells of: so none is lost. */
static bool was_woken(struct k_poll_signal *signal)
{
	unsigned int raised;
	int result;

	k_poll_signal_check(signal, &raised, &result);
	if (raised != 0) {
		k_poll_signal_reset(signal);
	}

	return raised != 0;
}

#if defined(CONFIG_NET_NATIVE_OFFLOADED_SOCKETS)
static bool begin_poll(struct zws_slot *slot)
{
	return atomic_cas(&slot->is_polled, 0, 1);
}

static void end_poll(struct zws_slot *slot)
{
	(void)atomic_set(&slot->is_polled, 0);
}
#else
static bool begin_poll(struct zws_slot *slot)
{
	ARG_UNUSED(slot);

	return true;
}

static void end_poll(struct zws_slot *slot)
{
	ARG_UNUSED(slot);
}
#endif

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

static int32_t wait_for(struct zws_slot *slot, uint8_t events, int32_t timeout_ms)
{
	const short wanted = events == ZWS_READABLE ? ZSOCK_POLLIN : ZSOCK_POLLOUT;
	const k_timepoint_t end = sys_timepoint_calc(timeout_ms < 0 ? K_FOREVER : K_MSEC(timeout_ms));
	struct k_poll_signal *const signal = &slot->wake[events == ZWS_READABLE ? 0 : 1];
	int32_t result;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return 0;
	}
#endif
	if ((atomic_get(&slot->starved) != 0 && events == ZWS_WRITABLE) || !begin_poll(slot)) {
		k_msleep(timeout_ms < 0 ? RETRY_MS : MIN(timeout_ms, RETRY_MS));
		return zws_slot_is_closing(slot) ? ZWS_CLOSING : 1;
	}
	do {
		if (zws_slot_is_closing(slot)) {
			result = ZWS_CLOSING;
			break;
		}
		result = poll_turn(slot, signal, wanted, sys_timepoint_timeout(end));
		if (was_woken(signal) && result == 0) {
			result = zws_slot_is_closing(slot) ? ZWS_CLOSING : 1;
		}
	} while (result == 0 && !sys_timepoint_expired(end));
	end_poll(slot);
	if (result == -EXDEV) {
		result = poll_offloaded(slot, wanted, end);
	}
	if (events == ZWS_WRITABLE) {
		(void)atomic_set(&slot->said_writable, result == 1);
	}

	return result;
}

int32_t zws_socket_wait(struct zws_slot *slot, uint8_t events, int32_t timeout_ms)
{
	const int saved_errno = errno;
	const int32_t result = wait_for(slot, events, timeout_ms);

	errno = saved_errno;

	return result;
}
