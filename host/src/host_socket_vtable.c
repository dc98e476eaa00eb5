/*
 * The vtable of the PC's sockets: methods in Rust, and the ioctl method, whose arguments only C can read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>

#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

ssize_t port_host_read(void *obj, void *buf, size_t size, size_t offset);
ssize_t port_host_write(void *obj, const void *buf, size_t size, size_t offset);
int port_host_close(void *obj, int fd);
int port_host_shutdown(void *obj, int how);
int port_host_bind(void *obj, const struct sockaddr *addr, socklen_t addrlen);
int port_host_connect(void *obj, const struct sockaddr *addr, socklen_t addrlen);
int port_host_listen(void *obj, int backlog);
int port_host_accept(void *obj, struct sockaddr *addr, socklen_t *addrlen);
ssize_t port_host_sendto(void *obj, const void *buf, size_t len, int flags,
			 const struct sockaddr *addr, socklen_t addrlen);
ssize_t port_host_recvfrom(void *obj, void *buf, size_t max_len, int flags, struct sockaddr *addr,
			   socklen_t *addrlen);
int port_host_getsockopt(void *obj, int level, int name, void *value, socklen_t *length);
int port_host_setsockopt(void *obj, int level, int name, const void *value, socklen_t length);
ssize_t port_host_sendmsg(void *obj, const struct msghdr *msg, int flags);
ssize_t port_host_recvmsg(void *obj, struct msghdr *msg, int flags);
int port_host_getpeername(void *obj, struct sockaddr *addr, socklen_t *addrlen);
int port_host_getsockname(void *obj, struct sockaddr *addr, socklen_t *addrlen);
int port_host_set_lock(void *obj, struct k_mutex *lock);
int port_host_poll_prepare(void *obj, const struct zvfs_pollfd *entry, struct k_poll_event **next,
			   struct k_poll_event *end);
int port_host_poll_update(void *obj, struct zvfs_pollfd *entry, struct k_poll_event **next);
int port_host_get_flags(void *obj);
int port_host_set_flags(void *obj, int flags);
int port_host_available(void *obj, int *available);

static int host_ioctl(void *obj, unsigned int request, va_list args)
{
	switch (request) {
	case ZVFS_F_GETFL:
		return port_host_get_flags(obj);
	case ZVFS_F_SETFL:
		return port_host_set_flags(obj, va_arg(args, int));
	case ZFD_IOCTL_FIONBIO:
		/* The kernel's sockets do not look at the argument either. */
		return port_host_set_flags(obj, ZVFS_O_NONBLOCK);
	case ZFD_IOCTL_FIONREAD:
		return port_host_available(obj, va_arg(args, int *));
	case ZFD_IOCTL_SET_LOCK:
		return port_host_set_lock(obj, va_arg(args, struct k_mutex *));
	case ZFD_IOCTL_POLL_PREPARE: {
		struct zvfs_pollfd *entry = va_arg(args, struct zvfs_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);
		struct k_poll_event *end = va_arg(args, struct k_poll_event *);

		return port_host_poll_prepare(obj, entry, next, end);
	}
	case ZFD_IOCTL_POLL_UPDATE: {
		struct zvfs_pollfd *entry = va_arg(args, struct zvfs_pollfd *);
		struct k_poll_event **next = va_arg(args, struct k_poll_event **);

		return port_host_poll_update(obj, entry, next);
	}
	default:
		errno = EOPNOTSUPP;
		return -1;
	}
}

extern const struct socket_op_vtable port_host_socket_vtable;

const struct socket_op_vtable port_host_socket_vtable = {
	.fd_vtable = {
		.read_offs = port_host_read,
		.write_offs = port_host_write,
		.close2 = port_host_close,
		.ioctl = host_ioctl,
	},
	.shutdown = port_host_shutdown,
	.bind = port_host_bind,
	.connect = port_host_connect,
	.listen = port_host_listen,
	.accept = port_host_accept,
	.sendto = port_host_sendto,
	.recvfrom = port_host_recvfrom,
	.getsockopt = port_host_getsockopt,
	.setsockopt = port_host_setsockopt,
	.sendmsg = port_host_sendmsg,
	.recvmsg = port_host_recvmsg,
	.getpeername = port_host_getpeername,
	.getsockname = port_host_getsockname,
};
