/*
 * The port's sockets behave as the kernel's: flags, time limits, poll bits and wake-ups.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/net/socket.h>
#include <zephyr/ztest.h>

#include "port_helper_thread.h"

static int client = -1;
static int server = -1;

static void connect_pair(void *fixture)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	const int listener = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	ARG_UNUSED(fixture);
	zassert_ok(zsock_bind(listener, (struct sockaddr *)&address, sizeof(address)));
	zassert_ok(zsock_listen(listener, 1));
	zassert_ok(zsock_getsockname(listener, (struct sockaddr *)&address, &length));
	client = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	zassert_ok(zsock_connect(client, (struct sockaddr *)&address, sizeof(address)));
	server = zsock_accept(listener, NULL, NULL);
	zassert_true(server >= 0);
	zassert_ok(zsock_close(listener));
}

static void close_pair(void *fixture)
{
	ARG_UNUSED(fixture);
	zsock_close(client);
	zsock_close(server);
}

ZTEST(port_sockets, bytes_flags_and_options)
{
	struct timeval limit = {.tv_usec = SHORT_MS * 1000};
	socklen_t length = sizeof(limit);
	struct iovec parts[] = {{"ab", 2}, {"cd", 2}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	char buffer[8] = "";
	int value;
	int64_t start;

	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), ZSOCK_MSG_DONTWAIT), -1);
	zassert_equal(errno, EAGAIN);
	zassert_equal(zsock_sendmsg(server, &message, 0), 4);
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), ZSOCK_MSG_PEEK), 4);
	zassert_ok(zsock_ioctl(client, ZFD_IOCTL_FIONREAD, &value));
	zassert_equal(value, 4);
	zassert_equal(zsock_recv(client, buffer, 4, ZSOCK_MSG_WAITALL), 4);
	zassert_mem_equal(buffer, "abcd", 4);

	zassert_equal(zsock_fcntl(client, ZVFS_F_GETFL), 0);
	zassert_ok(zsock_fcntl(client, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	zassert_equal(zsock_fcntl(client, ZVFS_F_GETFL), ZVFS_O_NONBLOCK);
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), 0), -1);
	zassert_equal(errno, EAGAIN);
	zassert_ok(zsock_fcntl(client, ZVFS_F_SETFL, 0));
	zassert_equal(zsock_ioctl(client, 0x1234), -1);
	zassert_equal(errno, EOPNOTSUPP);

	zassert_ok(zsock_setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
	memset(&limit, 0, sizeof(limit));
	zassert_ok(zsock_getsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, &length));
	zassert_equal(limit.tv_usec, SHORT_MS * 1000);
	start = k_uptime_get();
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), 0), -1);
	zassert_equal(errno, EAGAIN);
	zassert_true(k_uptime_get() - start >= SHORT_MS - 1);

	value = 1;
	zassert_ok(zsock_setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
	length = sizeof(value);
	zassert_ok(zsock_getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length));
	zassert_ok(value);
	zassert_ok(zsock_getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &length));
	zassert_equal(value, SOCK_STREAM);
}

ZTEST(port_sockets, closed_peer_is_no_signal)
{
	char buffer[4];

	zassert_ok(zsock_close(server));
	zassert_ok(zsock_recv(client, buffer, sizeof(buffer), 0), "the end of the stream");
	for (int i = 0; i < 20; i++) {
		if (zsock_send(client, "x", 1, 0) < 0) {
			zassert_true(errno == EPIPE || errno == ECONNRESET);
			return;
		}
		k_msleep(5);
	}
	zassert_unreachable("sending to a closed peer never fails");
}

ZTEST(port_sockets, full_window_takes_a_part)
{
	static char big[1 << 20];
	const struct timeval limit = {.tv_usec = SHORT_MS * 1000};
	ssize_t sent;

	zassert_ok(zsock_setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	do {
		sent = zsock_send(client, big, sizeof(big), 0);
	} while (sent > 0);
	zassert_equal(errno, EAGAIN);
	/* The PC's window may have grown meanwhile. */
	do {
		sent = zsock_send(client, big, sizeof(big), ZSOCK_MSG_DONTWAIT);
	} while (sent > 0);
	zassert_equal(errno, EAGAIN);
}

static void receive_one(void *result, void *unused_1, void *unused_2)
{
	char byte;

	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	if (zsock_recv(client, &byte, 1, 0) != 1) {
		*(int *)result = errno;
	}
}

ZTEST(port_sockets, blocked_receive_lets_others_send)
{
	int result = 0;

	start_helper(receive_one, &result);
	k_msleep(SHORT_MS);
	zassert_equal(zsock_send(client, "x", 1, 0), 1, "the lock is free meanwhile");
	zassert_equal(zsock_send(server, "y", 1, 0), 1);
	join_helper();
	zassert_ok(result);
}

ZTEST(port_sockets, close_wakes_a_blocked_receive)
{
	int result = 0;

	start_helper(receive_one, &result);
	k_msleep(SHORT_MS);
	zassert_ok(zsock_close(client));
	join_helper();
	zassert_equal(result, EINTR);
}

ZTEST(port_sockets, poll_bits)
{
	struct zsock_pollfd entry = {.fd = client, .events = ZSOCK_POLLIN};
	const int64_t start = k_uptime_get();
	char buffer[4];

	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0);
	zassert_true(k_uptime_get() - start >= SHORT_MS - 1);
	entry.events = ZSOCK_POLLIN | ZSOCK_POLLOUT;
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLOUT);
	zassert_equal(zsock_send(server, "abc", 3, 0), 3);
	zassert_ok(zsock_shutdown(server, ZSOCK_SHUT_WR));
	k_msleep(SHORT_MS);
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLIN | ZSOCK_POLLOUT, "%x", entry.revents);
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), 0), 3);
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLIN | ZSOCK_POLLHUP, "%x", entry.revents);
	entry.events = ZSOCK_POLLOUT;
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLHUP, "%x", entry.revents);
}

ZTEST(port_sockets, select_has_sets)
{
	struct zsock_timeval limit = {.tv_usec = SHORT_MS * 1000};
	zsock_fd_set readable;
	zsock_fd_set writable;

	ZSOCK_FD_ZERO(&readable);
	ZSOCK_FD_ZERO(&writable);
	ZSOCK_FD_SET(client, &readable);
	zassert_equal(zsock_select(client + 1, &readable, NULL, NULL, &limit), 0);
	zassert_false(ZSOCK_FD_ISSET(client, &readable));
	ZSOCK_FD_SET(client, &writable);
	zassert_equal(zsock_select(client + 1, NULL, &writable, NULL, NULL), 1);
	zassert_true(ZSOCK_FD_ISSET(client, &writable));
}

ZTEST(port_sockets, refused_connection)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	const int sock = zsock_socket(AF_INET, SOCK_STREAM, 0);

	zassert_ok(zsock_getsockname(client, (struct sockaddr *)&address, &length));
	zassert_ok(zsock_close(server));
	zassert_ok(zsock_close(client));
	zassert_equal(zsock_connect(sock, (struct sockaddr *)&address, sizeof(address)), -1);
	zassert_equal(errno, ECONNREFUSED);
	zassert_ok(zsock_close(sock));
}

ZTEST(port_sockets, socketpair_and_names)
{
	struct zsock_addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct zsock_addrinfo *found = NULL;
	struct in_addr address;
	char text[NET_IPV4_ADDR_LEN];
	char byte;
	int pair[2];

	zassert_ok(zsock_socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	zassert_equal(zvfs_write(pair[0], "z", 1, NULL), 1);
	zassert_equal(zvfs_read(pair[1], &byte, 1, NULL), 1);
	zassert_equal(byte, 'z');
	zassert_ok(zsock_close(pair[0]));
	zassert_ok(zsock_close(pair[1]));

	zassert_equal(zsock_inet_pton(AF_INET, "127.0.0.1", &address), 1);
	zassert_equal(zsock_inet_pton(AF_INET, "nonsense", &address), 0);
	zassert_str_equal(zsock_inet_ntop(AF_INET, &address, text, sizeof(text)), "127.0.0.1");
	zassert_ok(zsock_getaddrinfo("127.0.0.1", "80", &hints, &found));
	zassert_equal(net_sin(found->ai_addr)->sin_port, htons(80));
	zsock_freeaddrinfo(found);
}

static struct k_poll_signal wake_up = K_POLL_SIGNAL_INITIALIZER(wake_up);

static void raise_later(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	k_msleep(SHORT_MS);
	k_poll_signal_raise(&wake_up, 42);
}

/* What the glue does: the socket's own events, and a signal to be woken by. */
ZTEST(port_sockets, poll_of_a_socket_with_a_signal)
{
	struct k_poll_event events[4];
	struct k_poll_event *next = events;
	struct zsock_pollfd entry = {.fd = client, .events = ZSOCK_POLLIN};
	const struct fd_op_vtable *vtable;
	struct k_mutex *lock;
	void *const object = zvfs_get_fd_obj_and_vtable(client, &vtable, &lock);
	int64_t start;

	k_poll_signal_init(&wake_up);
	zassert_ok(zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_POLL_PREPARE, &entry, &next,
					   events + ARRAY_SIZE(events)));
	k_poll_event_init(next, K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &wake_up);
	start_helper(raise_later, NULL);
	start = k_uptime_get();
	zassert_ok(k_poll(events, (int)(next - events) + 1, K_MSEC(LONG_MS)));
	zassert_true(k_uptime_get() - start < LONG_MS / 2);
	zassert_equal(next->state, K_POLL_STATE_SIGNALED);
	next = events;
	zassert_ok(zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_POLL_UPDATE, &entry, &next));
	zassert_equal(entry.revents, 0);
	join_helper();

	zassert_equal(zsock_send(server, "x", 1, 0), 1);
	k_poll_signal_reset(&wake_up);
	next->state = K_POLL_STATE_NOT_READY;
	zassert_ok(k_poll(events, (int)(next - events) + 1, K_MSEC(LONG_MS)));
	zassert_equal(next->state, K_POLL_STATE_NOT_READY);
	next = events;
	zassert_ok(zvfs_fdtable_call_ioctl(vtable, object, ZFD_IOCTL_POLL_UPDATE, &entry, &next));
	zassert_equal(entry.revents, ZSOCK_POLLIN);
}

ZTEST_SUITE(port_sockets, NULL, NULL, connect_pair, close_pair, NULL);
