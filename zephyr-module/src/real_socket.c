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

/* Large enough for either family, also where the stack has only one of them. */
union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static struct zws_end_point end_point_of_address(const union address *address, bool is_client)
{
	struct zws_end_point end_point = {0};

	/* Both families have the port in the same place. */
	end_point.port = address->ipv4.sin_port;
	if (is_client) {
		return end_point;
	}
	if (address->any.sa_family == AF_INET6) {
		memcpy(&end_point.address, &address->ipv6.sin6_addr.s6_addr[12], sizeof(end_point.address));
	} else {
		end_point.address = address->ipv4.sin_addr.s_addr;
	}

	return end_point;
}

struct zws_end_point zws_end_point_of(void *object, const struct fd_op_vtable *vtable, bool is_client)
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
		return (struct zws_end_point){0};
	}

	return end_point_of_address(&address, is_client);
}

/* Objects of closed sockets are used again, often for the very next one: the end point tells them apart. */
static bool has_same_end(const struct zws_slot *slot)
{
	struct zws_end_point now;

	if (slot->end_point.port == 0) {
		return true;
	}
#if defined(CONFIG_NET_NATIVE)
	if (slot->is_native) {
		now = end_point_of_context(slot->real_object, slot->is_client);
		return now.port == slot->end_point.port && now.address == slot->end_point.address;
	}
#endif
	now = zws_end_point_of(slot->real_object, slot->real_vtable, slot->is_client);

	/* Others have none when the connection has ended. */
	return now.port == 0 || (now.port == slot->end_point.port && now.address == slot->end_point.address);
}

bool zws_is_real(const struct zws_slot *slot)
{
	const struct fd_op_vtable *vtable;
	int *const number = &errno;
	const int saved_errno = *number;
	void *const object = zvfs_get_fd_obj_and_vtable(slot->real_sock, &vtable, NULL);
	const bool is_real = object == slot->real_object && vtable == slot->real_vtable && has_same_end(slot);

	*number = saved_errno;

	return is_real;
}

bool zws_is_real_now(const struct zws_slot *slot)
{
	bool is_real;

	(void)k_mutex_lock(slot->real_lock, K_FOREVER);
	is_real = zws_is_real(slot);
	(void)k_mutex_unlock(slot->real_lock);

	return is_real;
}

/*
 * Takes the lock of the real socket's descriptor: 0; -ENOTCONN: it is not the socket that was given to us; -EBADF: this
 * thread is in user mode and may not use it. Not inlined: what it needs of the stack is not there while the socket is
 * in use.
 */
static __attribute__((noinline)) int32_t lock_real_socket(const struct zws_slot *slot)
{
#if defined(CONFIG_USERSPACE)
	/* As the socket layer decides it. */
	if (k_is_in_user_syscall() && !k_object_is_valid(slot->real_object, K_OBJ_NET_SOCKET)) {
		return zws_is_real(slot) ? -EBADF : -ENOTCONN;
	}
#endif
	(void)k_mutex_lock(slot->real_lock, K_FOREVER);
	/* Under the lock: it cannot be closed meanwhile, and its number not be another's. */
	if (!zws_is_real(slot)) {
		(void)k_mutex_unlock(slot->real_lock);
		return -ENOTCONN;
	}

	return 0;
}

static const struct socket_op_vtable *methods_of(const struct zws_slot *slot)
{
	return (const struct socket_op_vtable *)slot->real_vtable;
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
	return methods_of(slot)->sendto(slot->real_object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL, 0);
}

static bool set_no_delay(struct zws_slot *slot, int value)
{
	return methods_of(slot)->setsockopt(slot->real_object, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0;
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
	    methods->getsockopt(slot->real_object, IPPROTO_TCP, TCP_NODELAY, &value, &len) == 0) {
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
	status = lock_real_socket(slot);
	if (status != 0) {
		return status;
	}
	sent = part == ZWS_PART_WHOLE ? send_whole(slot, data, len)
				      : send_piece(slot, data, len, part == ZWS_PART_END);
	(void)k_mutex_unlock(slot->real_lock);
	if (sent <= 0) {
		return why_not_sent(slot, sent, saved_errno);
	}
	if (atomic_get(&slot->said_writable) != 0) {
		(void)atomic_clear(&slot->said_writable);
	}
	sock_obj_core_update_send_stats(slot->real_sock, (int)sent);
	sock_obj_core_update_send_stats(slot->head.ws_sock, (int)sent);

	return (int32_t)sent;
}

int32_t zws_socket_receive(struct zws_slot *slot, uint8_t *data, size_t len)
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
	status = lock_real_socket(slot);
	if (status != 0) {
		return status;
	}
	received = methods_of(slot)->recvfrom(slot->real_object, data, MIN(len, INT32_MAX), ZSOCK_MSG_DONTWAIT, NULL,
					      NULL);
	(void)k_mutex_unlock(slot->real_lock);
	if (received >= 0) {
		sock_obj_core_update_recv_stats(slot->real_sock, (int)received);
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
