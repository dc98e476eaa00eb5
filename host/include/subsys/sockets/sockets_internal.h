/*
 * The socket layer's internals that socket implementations use: statistics, which the PC port does not keep.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SOCKETS_INTERNAL_H_
#define ZEPHYR_HOST_SOCKETS_INTERNAL_H_

#include <zephyr/net/net_context.h>
#include <zephyr/net/socket.h>
#include <zephyr/sys/fdtable.h>

static inline int sock_obj_core_alloc_find(int sock, int new_sock, int type)
{
	ARG_UNUSED(sock);
	ARG_UNUSED(new_sock);
	ARG_UNUSED(type);
	return -ENOTSUP;
}

static inline int sock_obj_core_dealloc(int sock)
{
	ARG_UNUSED(sock);
	return -ENOTSUP;
}

static inline void sock_obj_core_update_send_stats(int sock, int bytes)
{
	ARG_UNUSED(sock);
	ARG_UNUSED(bytes);
}

static inline void sock_obj_core_update_recv_stats(int sock, int bytes)
{
	ARG_UNUSED(sock);
	ARG_UNUSED(bytes);
}

bool net_socket_is_tls(void *obj);

static inline size_t msghdr_non_empty_iov_count(const struct msghdr *msg)
{
	size_t count = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		count += msg->msg_iov[i].iov_len != 0;
	}
	return count;
}

#endif /* ZEPHYR_HOST_SOCKETS_INTERNAL_H_ */
