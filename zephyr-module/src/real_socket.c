/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket below a websocket: whether it still is the one that was given to us, and what it sends and receives.
 */
#include <errno.h>
#include <string.h>

#if defined(CONFIG_USERSPACE)
#include <zephyr/internal/syscall_handler.h>
#endif

#include "slot.h"

#if defined(CONFIG_NET_NATIVE)
/* The socket layer's table for sockets of Zephyr's own stack, whose object is a `struct net_context`. */
extern const struct socket_op_vtable sock_fd_op_vtable;

bool zws_is_native(const struct fd_op_vtable *vtable)
{
	return vtable == &sock_fd_op_vtable.fd_vtable;
}
#else
bool zws_is_native(const struct fd_op_vtable *vtable)
{
	ARG_UNUSED(vtable);

	return false;
}
#endif

/* Large enough for either family, also where the stack has only one of them. */
union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static uint32_t address_of(const union address *address)
{
	uint32_t last;

	if (address->any.sa_family == AF_INET) {
		return address->ipv4.sin_addr.s_addr;
	}
	/* Peers of one network differ in these. */
	memcpy(&last, &address->ipv6.sin6_addr.s6_addr[12], sizeof(last));

	return last;
}

#if defined(CONFIG_NET_NATIVE)
static zws_end_point end_point_of_context(const struct net_context *context, bool is_client)
{
	const union address *const remote = (const union address *)&context->remote;

	/* Both families have the port in the same place. */
	return is_client ? zws_end_point_with(0, ((const struct sockaddr_in_ptr *)&context->local)->sin_port)
			 : zws_end_point_with(address_of(remote), remote->ipv4.sin_port);
}
#endif

zws_end_point zws_end_point_of(void *object, const struct fd_op_vtable *vtable, bool is_client)
{
	const struct socket_op_vtable *const methods = (const struct socket_op_vtable *)vtable;
	union address address;
	socklen_t len = sizeof(address);

#if defined(CONFIG_NET_NATIVE)
	if (zws_is_native(vtable)) {
		return end_point_of_context(object, is_client);
	}
#endif
	address.any.sa_family = AF_UNSPEC;
	if (is_client) {
		if (methods->getsockname != NULL) {
			(void)methods->getsockname(object, &address.any, &len);
		}
	} else if (methods->getpeername != NULL) {
		(void)methods->getpeername(object, &address.any, &len);
	}
	if (address.any.sa_family != AF_INET && address.any.sa_family != AF_INET6) {
		return 0;
	}

	/* Both families have the port in the same place. */
	return zws_end_point_with(is_client ? 0 : address_of(&address), address.ipv4.sin_port);
}

/* Objects of closed sockets are used again, often for the very next one: the end point tells them apart. */
static bool has_same_end(const struct zws_real *real)
{
	zws_end_point now;

	if (real->end_point == 0) {
		return true;
	}
	now = zws_end_point_of(real->object, real->vtable, real->is_client);

	/* Others have none when the connection has ended. */
	return now == real->end_point || (now == 0 && !real->is_native);
}

/* For who has the lock. */
static bool is_real(const struct zws_real *real)
{
	const struct fd_op_vtable *vtable;
	int *const number = &errno;
	const int saved_errno = *number;
	void *const object = zvfs_get_fd_obj_and_vtable(real->sock, &vtable, NULL);
	const bool is_same = object == real->object && vtable == real->vtable && has_same_end(real);

	*number = saved_errno;

	return is_same;
}

/* Not inlined: what it needs of the stack is not there while the socket is in use. */
__attribute__((noinline)) bool zws_real_lock(const struct zws_real *real)
{
	(void)k_mutex_lock(real->lock, K_FOREVER);
	if (is_real(real)) {
		return true;
	}
	zws_real_unlock(real);

	return false;
}

void zws_real_unlock(const struct zws_real *real)
{
	(void)k_mutex_unlock(real->lock);
}

bool zws_is_real(const struct zws_real *real)
{
	if (!zws_real_lock(real)) {
		return false;
	}
	zws_real_unlock(real);

	return true;
}

/*
 * The same for data: 0; -ENOTCONN: it is not the socket that was given to us; -EBADF: this thread is in user mode and may
 * not use it.
 */
static int32_t lock_for_data(const struct zws_slot *slot)
{
#if defined(CONFIG_USERSPACE)
	/* As the socket layer decides it. */
	if (k_is_in_user_syscall() && !k_object_is_valid(slot->real.object, K_OBJ_NET_SOCKET)) {
		return zws_is_real(&slot->real) ? -EBADF : -ENOTCONN;
	}
#endif

	return zws_real_lock(&slot->real) ? 0 : -ENOTCONN;
}

static const struct socket_op_vtable *methods_of(const struct zws_slot *slot)
{
	return (const struct socket_op_vtable *)slot->real.vtable;
}

/* Why nothing was sent; a call that succeeds in the end leaves errno alone. Not inlined, as above. */
static __attribute__((noinline)) int32_t why_not_sent(struct zws_slot *slot, ssize_t sent, int saved_errno)
{
	const int number = errno;
	const bool is_starved = sent < 0 && (number == ENOBUFS || number == ENOMEM);
	const bool was_writable = atomic_clear(&slot->said_writable) != 0;

	if (sent < 0 && number != EAGAIN && number != EWOULDBLOCK && !is_starved) {
		return -number;
	}
	(void)atomic_set(&slot->starved, is_starved || was_writable);
	errno = saved_errno;

	return ZWS_WOULD_BLOCK;
}

static ssize_t send_whole(struct zws_slot *slot, const uint8_t *data, size_t len)
{
	return methods_of(slot)->sendto(slot->real.object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL, 0);
}

static bool set_no_delay(struct zws_slot *slot, int value)
{
	return methods_of(slot)->setsockopt(slot->real.object, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0;
}

/* Whether the application has TCP_NODELAY otherwise than this, and it could be changed; errno stays. */
static bool change_no_delay(struct zws_slot *slot, bool wanted)
{
	const struct socket_op_vtable *const methods = methods_of(slot);
	const int saved_errno = errno;
	int value = wanted;
	socklen_t len = sizeof(value);
	bool is_changed = false;

	if (methods->getsockopt != NULL && methods->setsockopt != NULL &&
	    methods->getsockopt(slot->real.object, IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0) {
		is_changed = (value != 0) != wanted && set_no_delay(slot, wanted);
	}
	errno = saved_errno;

	return is_changed;
}

/*
 * A piece of something that is longer than a buffer of ours. All under the lock of the socket's descriptor: an application that
 * asks or sets TCP_NODELAY comes before or after it. Not inlined: what is sent whole does not pay for it.
 */
static __attribute__((noinline)) ssize_t send_piece(struct zws_slot *slot, const uint8_t *data, size_t len, bool is_end)
{
	const bool is_changed = change_no_delay(slot, is_end);
	const ssize_t sent = send_whole(slot, data, len);

	if (is_changed) {
		const int number = errno;

		(void)set_no_delay(slot, !is_end);
		errno = number;
	}

	return sent;
}

/*
 * The method of the socket, and not zsock_sendto(): it would look the socket up once more, and its frame is stack that
 * threads with little of it have not.
 */
int32_t zws_socket_send(struct zws_slot *slot, const uint8_t *data, size_t len, uint8_t part)
{
	const int saved_errno = errno;
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
	status = lock_for_data(slot);
	if (status != 0) {
		return status;
	}
	sent = part == ZWS_PART_WHOLE ? send_whole(slot, data, len)
				      : send_piece(slot, data, len, part == ZWS_PART_END);
	zws_real_unlock(&slot->real);
	if (sent <= 0) {
		return why_not_sent(slot, sent, saved_errno);
	}
	if (atomic_get(&slot->said_writable) != 0) {
		(void)atomic_clear(&slot->said_writable);
	}
	sock_obj_core_update_send_stats(slot->real.sock, (int)sent);
	sock_obj_core_update_send_stats(slot->head.ws_sock, (int)sent);

	return (int32_t)sent;
}

int32_t zws_socket_receive(struct zws_slot *slot, uint8_t *data, size_t len, bool is_locked)
{
	const int saved_errno = errno;
	int32_t status;
	ssize_t received;
	int number;

#if defined(CONFIG_NET_TEST)
	if (zws_is_test_slot(slot)) {
		return zws_test_receive(slot, data, len);
	}
#endif
	if (methods_of(slot)->recvfrom == NULL) {
		return -EOPNOTSUPP;
	}
	status = is_locked ? 0 : lock_for_data(slot);
	if (status != 0) {
		return status;
	}
	received = methods_of(slot)->recvfrom(slot->real.object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL,
					      NULL);
	if (!is_locked) {
		zws_real_unlock(&slot->real);
	}
	if (received >= 0) {
		sock_obj_core_update_recv_stats(slot->real.sock, (int)received);
		sock_obj_core_update_recv_stats(slot->head.ws_sock, (int)received);
		return (int32_t)received;
	}
	number = errno;
	errno = saved_errno;
	if (number == ENOTCONN) {
		/* What Zephyr's TCP says of a connection that has ended. */
		return 0;
	}

	return number == EAGAIN || number == EWOULDBLOCK ? ZWS_WOULD_BLOCK : -number;
}
