/*
 * The vtable of TLS sockets: methods in Rust, and the ioctl method, whose arguments only C can read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>

#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

ssize_t port_tls_read(void *obj, void *buf, size_t size, size_t offset);
ssize_t port_tls_write(void *obj, const void *buf, size_t size, size_t offset);
int port_tls_close(void *obj, int fd);
int port_tls_shutdown(void *obj, int how);
int port_tls_bind(void *obj, const struct sockaddr *addr, socklen_t addrlen);
int port_tls_connect(void *obj, const struct sockaddr *addr, socklen_t addrlen);
int port_tls_listen(void *obj, int backlog);
int port_tls_accept(void *obj, struct sockaddr *addr, socklen_t *addrlen);
ssize_t port_tls_sendto(void *obj, const void *buf, size_t len, int flags, const struct sockaddr *addr,
			socklen_t addrlen);
ssize_t port_tls_recvfrom(void *obj, void *buf, size_t max_len, int flags, struct sockaddr *addr,
			  socklen_t *addrlen);
int port_tls_getsockopt(void *obj, int level, int name, void *value, socklen_t *length);
int port_tls_setsockopt(void *obj, int level, int name, const void *value, socklen_t length);
ssize_t port_tls_sendmsg(void *obj, const struct msghdr *msg, int flags);
int port_tls_getpeername(void *obj, struct sockaddr *addr, socklen_t *addrlen);
int port_tls_getsockname(void *obj, struct sockaddr *addr, socklen_t *addrlen);
int port_tls_set_lock(void *obj, struct k_mutex *lock);
int port_tls_poll_prepare(void *obj, struct zvfs_pollfd *entry, struct k_poll_event **next,
			  struct k_poll_event *end);
int port_tls_poll_update(void *obj, struct zvfs_pollfd *entry, struct k_poll_event **next);
int port_tls_below(void *obj);

/* O_NONBLOCK is the TCP socket's. */
static int tls_flags(void *obj, unsigned int request, va_list args)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const below = zvfs_get_fd_obj_and_vtable(port_tls_below(obj), &vtable, &lock);
	int result;

	if (below == NULL) {
		errno = EBADF;
		return -1;
	}
	(void)k_mutex_lock(lock, K_FOREVER);
	result = vtable->ioctl(below, request, args);
	(void)k_mutex_unlock(lock);

	return result;
}

static int tls_ioctl(void *obj, unsigned int request, va_list args)
{
	switch (request) {
	case ZVFS_F_GETFL:
	case ZVFS_F_SETFL:
		return tls_flags(obj, request, args);
	case ZFD_IOCTL_SET_LOCK:
		return port_tls_set_lock(obj, va_arg(args, struct k_mutex *));
	case ZFD_IOCTL_POLL_PREPARE: {
		struct zvfs_pollfd *entry = va_arg(args, struct zvfs_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);
		struct k_poll_event *end = va_arg(args, struct k_poll_event *);

		return port_tls_poll_prepare(obj, entry, next, end);
	}
	case ZFD_IOCTL_POLL_UPDATE: {
		struct zvfs_pollfd *entry = va_arg(args, struct zvfs_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);

		return port_tls_poll_update(obj, entry, next);
	}
	default:
		errno = EOPNOTSUPP;
		return -1;
	}
}

extern const struct socket_op_vtable port_tls_socket_vtable;

/* No recvmsg, as in the kernel. */
const struct socket_op_vtable port_tls_socket_vtable = {
	.fd_vtable = {
		.read_offs = port_tls_read,
		.write_offs = port_tls_write,
		.close2 = port_tls_close,
		.ioctl = tls_ioctl,
	},
	.shutdown = port_tls_shutdown,
	.bind = port_tls_bind,
	.connect = port_tls_connect,
	.listen = port_tls_listen,
	.accept = port_tls_accept,
	.sendto = port_tls_sendto,
	.recvfrom = port_tls_recvfrom,
	.getsockopt = port_tls_getsockopt,
	.setsockopt = port_tls_setsockopt,
	.sendmsg = port_tls_sendmsg,
	.getpeername = port_tls_getpeername,
	.getsockname = port_tls_getsockname,
};
