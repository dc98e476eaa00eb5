/*
 * The table of descriptors and the operations behind them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_FDTABLE_H_
#define ZEPHYR_HOST_SYS_FDTABLE_H_

#include <stdarg.h>
#include <sys/types.h>
#include <time.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/util.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZVFS_O_RDONLY 0x0000
#define ZVFS_O_WRONLY 0x0001
#define ZVFS_O_RDWR 0x0002
#define ZVFS_O_APPEND 0x0008
#define ZVFS_O_CREAT 0x0200
#define ZVFS_O_TRUNC 0x0400
#define ZVFS_O_EXCL 0x0800
#define ZVFS_O_NONBLOCK 0x4000

#define ZVFS_F_DUPFD 0
#define ZVFS_F_GETFL 3
#define ZVFS_F_SETFL 4

#define ZVFS_MODE_UNSPEC 0000000
#define ZVFS_MODE_IFIFO 0010000
#define ZVFS_MODE_IFCHR 0020000
#define ZVFS_MODE_IMSGQ 0030000
#define ZVFS_MODE_IFDIR 0040000
#define ZVFS_MODE_IFSEM 0050000
#define ZVFS_MODE_IFBLK 0060000
#define ZVFS_MODE_IFSHM 0070000
#define ZVFS_MODE_IFREG 0100000
#define ZVFS_MODE_IFLNK 0120000
#define ZVFS_MODE_IFSOCK 0140000
#define ZVFS_MODE_IFMT 0170000

#define ZVFS_POLLIN 0x01
#define ZVFS_POLLPRI 0x02
#define ZVFS_POLLOUT 0x04
#define ZVFS_POLLERR 0x08
#define ZVFS_POLLHUP 0x10
#define ZVFS_POLLNVAL 0x20

/* Numbers below 0x100 are fcntl()'s. */
enum {
	ZFD_IOCTL_FSYNC = 0x100,
	ZFD_IOCTL_LSEEK = 0x101,
	ZFD_IOCTL_POLL_PREPARE = 0x102,
	ZFD_IOCTL_POLL_UPDATE = 0x103,
	ZFD_IOCTL_POLL_OFFLOAD = 0x104,
	ZFD_IOCTL_SET_LOCK = 0x105,
	ZFD_IOCTL_STAT = 0x106,
	ZFD_IOCTL_TRUNCATE = 0x107,
	ZFD_IOCTL_MMAP = 0x108,
	ZFD_IOCTL_FIONREAD = 0x541B,
	ZFD_IOCTL_FIONBIO = 0x5421,
};

/** What can be done with any descriptor. Sockets are closed through close2. */
struct fd_op_vtable {
	union {
		ssize_t (*read)(void *obj, void *buf, size_t sz);
		ssize_t (*read_offs)(void *obj, void *buf, size_t sz, size_t offset);
	};
	union {
		ssize_t (*write)(void *obj, const void *buf, size_t sz);
		ssize_t (*write_offs)(void *obj, const void *buf, size_t sz, size_t offset);
	};
	union {
		int (*close)(void *obj);
		int (*close2)(void *obj, int fd);
	};
	int (*ioctl)(void *obj, unsigned int request, va_list args);
};

/** Takes the lowest free descriptor. @return it, or -1/ENFILE. */
int zvfs_reserve_fd(void);
/** Gives a reserved descriptor its object and tells the object the descriptor's lock (ZFD_IOCTL_SET_LOCK). */
void zvfs_finalize_typed_fd(int fd, void *obj, const struct fd_op_vtable *vtable, uint32_t mode);
static inline void zvfs_finalize_fd(int fd, void *obj, const struct fd_op_vtable *vtable)
{
	zvfs_finalize_typed_fd(fd, obj, vtable, ZVFS_MODE_UNSPEC);
}
int zvfs_alloc_fd(void *obj, const struct fd_op_vtable *vtable);
void zvfs_free_fd(int fd);
/** @return the object; NULL with EBADF (not open) or `err` (open, but with another vtable than the one asked for). */
void *zvfs_get_fd_obj(int fd, const struct fd_op_vtable *vtable, int err);
/** @return the object, or NULL/EBADF; `lock` may be NULL. */
void *zvfs_get_fd_obj_and_vtable(int fd, const struct fd_op_vtable **vtable, struct k_mutex **lock);
bool zvfs_get_obj_lock_and_cond(void *obj, const struct fd_op_vtable *vtable, struct k_mutex **lock,
				struct k_condvar **cond);

static inline int zvfs_fdtable_call_ioctl(const struct fd_op_vtable *vtable, void *obj,
					  unsigned long request, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, request);
	result = vtable->ioctl(obj, (unsigned int)request, arguments);
	va_end(arguments);

	return result;
}

int zvfs_close(int fd);
ssize_t zvfs_read(int fd, void *buf, size_t sz, const size_t *from_offset);
ssize_t zvfs_write(int fd, const void *buf, size_t sz, const size_t *from_offset);
/** The POSIX fcntl() and ioctl(): unlike the socket layer's they do not take the descriptor's lock. */
int zvfs_fcntl(int fd, int cmd, va_list args);
int zvfs_ioctl(int fd, unsigned long request, va_list args);

struct zvfs_pollfd {
	int fd;
	short events;
	short revents;
};

int zvfs_poll(struct zvfs_pollfd *fds, int nfds, int timeout_ms);
int zvfs_poll_internal(struct zvfs_pollfd *fds, int nfds, k_timeout_t timeout);

struct zvfs_fd_set {
	uint32_t bitset[(CONFIG_ZVFS_OPEN_MAX + 31) / 32];
};

#define ZVFS_FD_SETSIZE (sizeof(((struct zvfs_fd_set *)0)->bitset) * 8)

void ZVFS_FD_CLR(int fd, struct zvfs_fd_set *fdset);
int ZVFS_FD_ISSET(int fd, struct zvfs_fd_set *fdset);
void ZVFS_FD_SET(int fd, struct zvfs_fd_set *fdset);
void ZVFS_FD_ZERO(struct zvfs_fd_set *fdset);
int zvfs_select(int nfds, struct zvfs_fd_set *ZRESTRICT readfds,
		struct zvfs_fd_set *ZRESTRICT writefds, struct zvfs_fd_set *ZRESTRICT errorfds,
		const struct timespec *ZRESTRICT timeout, const void *ZRESTRICT sigmask);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_SYS_FDTABLE_H_ */
