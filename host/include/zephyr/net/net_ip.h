/*
 * Addresses and messages: the PC's own types, under Zephyr's header name.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * The PC's `struct sockaddr` is smaller than `struct sockaddr_in6`, and its AF_INET6 is another number than Zephyr's:
 * portable code stores addresses in `struct sockaddr_storage` and uses the names.
 */
#ifndef ZEPHYR_HOST_NET_NET_IP_H_
#define ZEPHYR_HOST_NET_NET_IP_H_

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <zephyr/sys/byteorder.h>
#include <zephyr/sys/util.h>
#include <zephyr/toolchain.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NET_IPV4_ADDR_LEN 16
#define NET_IPV6_ADDR_LEN 46

static inline struct sockaddr_in *net_sin(const struct sockaddr *address)
{
	return (struct sockaddr_in *)address;
}

static inline struct sockaddr_in6 *net_sin6(const struct sockaddr *address)
{
	return (struct sockaddr_in6 *)address;
}

static inline char *net_addr_ntop(sa_family_t family, const void *src, char *dst, size_t size)
{
	return (char *)inet_ntop(family, src, dst, (socklen_t)size);
}

static inline int net_addr_pton(sa_family_t family, const char *src, void *dst)
{
	return inet_pton(family, src, dst) == 1 ? 0 : -EINVAL;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_NET_IP_H_ */
