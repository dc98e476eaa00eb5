/*
 * Everything about ioctl operations, whose variable arguments only C can make and take apart.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

/* For Rust: the same requests with fixed arguments. */
int port_ioctl_set_lock(const struct fd_op_vtable *vtable, void *obj, struct k_mutex *lock);
int port_ioctl_poll_prepare(const struct fd_op_vtable *vtable, void *obj, struct zvfs_pollfd *entry,
			    struct k_poll_event **next, struct k_poll_event *end);
int port_ioctl_poll_update(const struct fd_op_vtable *vtable, void *obj, struct zvfs_pollfd *entry,
			   struct k_poll_event **next);
int port_ioctl_poll_offload(const struct fd_op_vtable *vtable, void *obj,
			    struct zvfs_pollfd *entries, int count, int timeout_ms);

int port_ioctl_set_lock(const struct fd_op_vtable *vtable, void *obj, struct k_mutex *lock)
{
	return zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_SET_LOCK, lock);
}

int port_ioctl_poll_prepare(const struct fd_op_vtable *vtable, void *obj, struct zvfs_pollfd *entry,
			    struct k_poll_event **next, struct k_poll_event *end)
{
	return zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_POLL_PREPARE, entry, next, end);
}

int port_ioctl_poll_update(const struct fd_op_vtable *vtable, void *obj, struct zvfs_pollfd *entry,
			   struct k_poll_event **next)
{
	return zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_POLL_UPDATE, entry, next);
}

int port_ioctl_poll_offload(const struct fd_op_vtable *vtable, void *obj,
			    struct zvfs_pollfd *entries, int count, int timeout_ms)
{
	return zvfs_fdtable_call_ioctl(vtable, obj, ZFD_IOCTL_POLL_OFFLOAD, entries, count,
				       timeout_ms);
}

int zvfs_ioctl(int fd, unsigned long request, va_list args)
{
	const struct fd_op_vtable *vtable;
	void *obj = zvfs_get_fd_obj_and_vtable(fd, &vtable, NULL);

	if (obj == NULL) {
		return -1;
	}
	return vtable->ioctl(obj, (unsigned int)request, args);
}

int zvfs_fcntl(int fd, int cmd, va_list args)
{
	return zvfs_ioctl(fd, (unsigned long)cmd, args);
}

int zsock_ioctl_impl(int sock, unsigned long request, va_list args)
{
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	int result;
	void *obj = zvfs_get_fd_obj_and_vtable(sock, &vtable, &lock);

	if (obj == NULL) {
		errno = EBADF;
		return -1;
	}
	(void)k_mutex_lock(lock, K_FOREVER);
	result = vtable->ioctl(obj, (unsigned int)request, args);
	(void)k_mutex_unlock(lock);

	return result;
}

int zsock_ioctl(int sock, unsigned long request, ...)
{
	va_list args;
	int result;

	va_start(args, request);
	result = zsock_ioctl_impl(sock, request, args);
	va_end(args);

	return result;
}

int zsock_fcntl_impl(int sock, int cmd, int flags)
{
	return zsock_ioctl(sock, (unsigned long)cmd, flags);
}

int zsock_fcntl(int sock, int cmd, ...)
{
	va_list args;
	int flags = 0;

	if (cmd == ZVFS_F_SETFL) {
		va_start(args, cmd);
		flags = va_arg(args, int);
		va_end(args);
	}
	return zsock_fcntl_impl(sock, cmd, flags);
}
