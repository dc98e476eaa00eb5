/*
 * The port's descriptors behave as the kernel's: numbers, objects, locks, and polling any object.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/net/socket.h>
#include <zephyr/ztest.h>

#define SHORT_MS 50
#define LONG_MS 5000

/** An object without a socket behind it that records what it is asked. */
struct stub {
	struct k_mutex *lock;
	int closed_fd;
	int prepare_result;
	short revents;
	int updates_again;
	uint32_t lock_count_seen;
};

static ssize_t stub_read(void *obj, void *buf, size_t size, size_t offset)
{
	struct stub *stub = obj;

	ARG_UNUSED(offset);
	stub->lock_count_seen = stub->lock->lock_count;
	memset(buf, 'x', size);
	return (ssize_t)size;
}

static int stub_close(void *obj, int fd)
{
	((struct stub *)obj)->closed_fd = fd;
	errno = EIO;
	return -1;
}

static int stub_ioctl(void *obj, unsigned int request, va_list args)
{
	struct stub *stub = obj;

	switch (request) {
	case ZFD_IOCTL_SET_LOCK:
		stub->lock = va_arg(args, struct k_mutex *);
		return 0;
	case ZFD_IOCTL_POLL_PREPARE:
		stub->lock_count_seen = stub->lock->lock_count;
		return stub->prepare_result;
	case ZFD_IOCTL_POLL_UPDATE: {
		struct zsock_pollfd *entry = va_arg(args, struct zsock_pollfd *);

		if (stub->updates_again > 0) {
			stub->updates_again--;
			return -EAGAIN;
		}
		entry->revents = stub->revents;
		return 0;
	}
	case ZFD_IOCTL_POLL_OFFLOAD: {
		struct zsock_pollfd *entries = va_arg(args, struct zsock_pollfd *);
		const int count = va_arg(args, int);

		entries[0].revents = ZSOCK_POLLOUT;
		return count * 100 + va_arg(args, int);
	}
	default:
		errno = EOPNOTSUPP;
		return -1;
	}
}

static const struct socket_op_vtable stub_vtable = {
	.fd_vtable = {.read_offs = stub_read, .close2 = stub_close, .ioctl = stub_ioctl},
};

static const struct fd_op_vtable other_vtable;

static int open_stub(struct stub *stub)
{
	const int fd = zvfs_reserve_fd();

	zvfs_finalize_typed_fd(fd, stub, (const struct fd_op_vtable *)&stub_vtable,
			       ZVFS_MODE_IFSOCK);
	return fd;
}

ZTEST(port_descriptors, lowest_free_number)
{
	const int first = zvfs_reserve_fd();
	const int second = zvfs_reserve_fd();

	zassert_true(first >= 0);
	zassert_equal(second, first + 1);
	zvfs_free_fd(first);
	zassert_equal(zvfs_reserve_fd(), first);
	zvfs_free_fd(first);
	zvfs_free_fd(second);
	zvfs_free_fd(second);
}

ZTEST(port_descriptors, table_gets_full)
{
	static int taken[CONFIG_ZVFS_OPEN_MAX];
	int count = 0;
	int fd;

	while ((fd = zvfs_reserve_fd()) >= 0) {
		taken[count++] = fd;
	}
	zassert_equal(errno, ENFILE);
	zassert_equal(count, CONFIG_ZVFS_OPEN_MAX);
	zassert_equal(zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), -1);
	while (count > 0) {
		zvfs_free_fd(taken[--count]);
	}
}

ZTEST(port_descriptors, null_vtable_is_allowed)
{
	const struct fd_op_vtable *vtable = (const void *)&stub_vtable;
	int object;
	const int fd = zvfs_reserve_fd();

	zassert_is_null(zvfs_get_fd_obj(fd, NULL, 0));
	zvfs_finalize_fd(fd, &object, NULL);
	zassert_equal_ptr(zvfs_get_fd_obj(fd, NULL, 0), &object);
	zassert_equal_ptr(zvfs_get_fd_obj_and_vtable(fd, &vtable, NULL), &object);
	zassert_is_null(vtable);
	zvfs_free_fd(fd);
	zassert_is_null(zvfs_get_fd_obj(fd, NULL, 0));
	zassert_equal(errno, EBADF);
}

ZTEST(port_descriptors, object_vtable_lock_and_close2)
{
	struct stub stub = {.closed_fd = -1};
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	struct k_condvar *cond;
	char buffer[4];
	const int fd = open_stub(&stub);

	zassert_not_null(stub.lock);
	zassert_equal_ptr(zvfs_get_fd_obj_and_vtable(fd, &vtable, &lock), &stub);
	zassert_equal_ptr(vtable, &stub_vtable);
	zassert_equal_ptr(lock, stub.lock);
	zassert_true(zvfs_get_obj_lock_and_cond(&stub, vtable, &lock, &cond));
	zassert_equal_ptr(lock, stub.lock);
	zassert_is_null(zvfs_get_fd_obj(fd, (const void *)&other_vtable, ENOTSOCK));
	zassert_equal(errno, ENOTSOCK);

	zassert_equal(zvfs_read(fd, buffer, sizeof(buffer), NULL), 4);
	zassert_equal(stub.lock_count_seen, 1, "read runs under the lock");
	zassert_equal(zvfs_write(fd, buffer, sizeof(buffer), NULL), -1);
	zassert_equal(errno, EIO);
	zassert_equal(zsock_send(fd, buffer, sizeof(buffer), 0), -1);
	zassert_equal(errno, EOPNOTSUPP);
	zassert_equal(zsock_shutdown(fd, ZSOCK_SHUT_RDWR), -1);
	zassert_equal(errno, ENOTSUP);
	zassert_equal(zsock_fcntl(fd, ZVFS_F_GETFL), -1);
	zassert_equal(errno, EOPNOTSUPP);

	zassert_equal(zsock_close(fd), -1, "the method's result");
	zassert_equal(errno, EIO);
	zassert_equal(stub.closed_fd, fd);
	zassert_equal(zsock_close(fd), -1);
	zassert_equal(errno, EBADF);
}

ZTEST(port_descriptors, poll_asks_the_object)
{
	struct stub stub = {.prepare_result = -EALREADY, .revents = ZSOCK_POLLIN};
	const int fd = open_stub(&stub);
	struct zsock_pollfd entries[] = {{.fd = -1}, {.fd = fd, .events = ZSOCK_POLLIN}};

	zassert_equal(zsock_poll(entries, 2, LONG_MS), 1, "EALREADY does not wait");
	zassert_equal(entries[1].revents, ZSOCK_POLLIN);
	zassert_equal(stub.lock_count_seen, 1, "POLL_PREPARE runs under the lock");

	stub.prepare_result = 0;
	stub.updates_again = 1;
	zassert_equal(zsock_poll(entries, 2, SHORT_MS), 0);

	stub.prepare_result = -EXDEV;
	zassert_equal(zsock_poll(entries, 2, 7), 207, "POLL_OFFLOAD has the array and the time");

	stub.prepare_result = -ENOMEM;
	zassert_equal(zsock_poll(entries, 2, 7), -1);
	zassert_equal(errno, ENOMEM);

	zsock_close(fd);
	zassert_equal(zsock_poll(entries, 2, SHORT_MS), 1, "after the whole time, as the kernel");
	zassert_equal(entries[1].revents, ZSOCK_POLLNVAL);
}

ZTEST_SUITE(port_descriptors, NULL, NULL, NULL, NULL, NULL);
