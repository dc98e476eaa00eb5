/*
 * zsock_select() and its sets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_SOCKET_SELECT_H_
#define ZEPHYR_HOST_NET_SOCKET_SELECT_H_

#include <time.h>

#include <zephyr/net/socket_types.h>
#include <zephyr/sys/fdtable.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zvfs_fd_set zsock_fd_set;

#define ZSOCK_FD_SETSIZE ZVFS_FD_SETSIZE

static inline int zsock_select(int nfds, zsock_fd_set *readfds, zsock_fd_set *writefds,
			       zsock_fd_set *exceptfds, struct zsock_timeval *timeout)
{
	struct timespec limit = {0};

	if (timeout != NULL) {
		limit.tv_sec = timeout->tv_sec;
		limit.tv_nsec = timeout->tv_usec * (long)NSEC_PER_USEC;
	}
	return zvfs_select(nfds, readfds, writefds, exceptfds, timeout == NULL ? NULL : &limit,
			   NULL);
}

static inline void ZSOCK_FD_ZERO(zsock_fd_set *set)
{
	ZVFS_FD_ZERO(set);
}

static inline int ZSOCK_FD_ISSET(int fd, zsock_fd_set *set)
{
	return ZVFS_FD_ISSET(fd, set);
}

static inline void ZSOCK_FD_CLR(int fd, zsock_fd_set *set)
{
	ZVFS_FD_CLR(fd, set);
}

static inline void ZSOCK_FD_SET(int fd, zsock_fd_set *set)
{
	ZVFS_FD_SET(fd, set);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_SOCKET_SELECT_H_ */
