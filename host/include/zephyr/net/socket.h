/*
 * BSD sockets with Zephyr's names and behaviour.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Types and socket options are the PC's own; message flags, descriptor flags and poll bits have Zephyr's numbers.
 */
#ifndef ZEPHYR_HOST_NET_SOCKET_H_
#define ZEPHYR_HOST_NET_SOCKET_H_

#include <netdb.h>
#include <stdlib.h>
#include <sys/types.h>

#include <zephyr/kernel.h>
#include <zephyr/net/dns_resolve.h>
#include <zephyr/net/net_ip.h>
#include <zephyr/net/socket_poll.h>
#include <zephyr/net/socket_select.h>
#include <zephyr/sys/fdtable.h>
#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ZSOCK_POLLIN 0x01
#define ZSOCK_POLLPRI 0x02
#define ZSOCK_POLLOUT 0x04
#define ZSOCK_POLLERR 0x08
#define ZSOCK_POLLHUP 0x10
#define ZSOCK_POLLNVAL 0x20

#define ZSOCK_MSG_PEEK 0x02
#define ZSOCK_MSG_CTRUNC 0x08
#define ZSOCK_MSG_TRUNC 0x20
#define ZSOCK_MSG_DONTWAIT 0x40
#define ZSOCK_MSG_WAITALL 0x100

#define ZSOCK_SHUT_RD 0
#define ZSOCK_SHUT_WR 1
#define ZSOCK_SHUT_RDWR 2

/*
 * Names that only Zephyr has. TLS sockets know the tags, the hostname and the verification, and refuse the other
 * options with ENOPROTOOPT.
 */
#define SOL_TLS 282
#define TLS_SEC_TAG_LIST 1
#define TLS_HOSTNAME 2
#define TLS_CIPHERSUITE_LIST 3
#define TLS_CIPHERSUITE_USED 4
#define TLS_PEER_VERIFY 5
#define TLS_DTLS_ROLE 6
#define TLS_ALPN_LIST 7
#define TLS_PEER_VERIFY_NONE 0
#define TLS_PEER_VERIFY_OPTIONAL 1
#define TLS_PEER_VERIFY_REQUIRED 2
#define IPPROTO_TLS_1_2 258
#define IPPROTO_TLS_1_3 259

/** What can be done with a socket. */
struct socket_op_vtable {
	struct fd_op_vtable fd_vtable;
	int (*shutdown)(void *obj, int how);
	int (*bind)(void *obj, const struct sockaddr *addr, socklen_t addrlen);
	int (*connect)(void *obj, const struct sockaddr *addr, socklen_t addrlen);
	int (*listen)(void *obj, int backlog);
	int (*accept)(void *obj, struct sockaddr *addr, socklen_t *addrlen);
	ssize_t (*sendto)(void *obj, const void *buf, size_t len, int flags,
			  const struct sockaddr *dest_addr, socklen_t addrlen);
	ssize_t (*recvfrom)(void *obj, void *buf, size_t max_len, int flags,
			    struct sockaddr *src_addr, socklen_t *addrlen);
	int (*getsockopt)(void *obj, int level, int optname, void *optval, socklen_t *optlen);
	int (*setsockopt)(void *obj, int level, int optname, const void *optval, socklen_t optlen);
	ssize_t (*sendmsg)(void *obj, const struct msghdr *msg, int flags);
	ssize_t (*recvmsg)(void *obj, struct msghdr *msg, int flags);
	int (*getpeername)(void *obj, struct sockaddr *addr, socklen_t *addrlen);
	int (*getsockname)(void *obj, struct sockaddr *addr, socklen_t *addrlen);
};

int zsock_socket(int family, int type, int proto);
int zsock_socketpair(int family, int type, int proto, int *sv);
int zsock_close(int sock);
int zsock_shutdown(int sock, int how);
int zsock_bind(int sock, const struct sockaddr *addr, socklen_t addrlen);
int zsock_connect(int sock, const struct sockaddr *addr, socklen_t addrlen);
int zsock_listen(int sock, int backlog);
int zsock_accept(int sock, struct sockaddr *addr, socklen_t *addrlen);
ssize_t zsock_sendto(int sock, const void *buf, size_t len, int flags,
		     const struct sockaddr *dest_addr, socklen_t addrlen);
ssize_t zsock_sendmsg(int sock, const struct msghdr *msg, int flags);
ssize_t zsock_recvfrom(int sock, void *buf, size_t max_len, int flags, struct sockaddr *src_addr,
		       socklen_t *addrlen);
ssize_t zsock_recvmsg(int sock, struct msghdr *msg, int flags);
int zsock_getsockopt(int sock, int level, int optname, void *optval, socklen_t *optlen);
int zsock_setsockopt(int sock, int level, int optname, const void *optval, socklen_t optlen);
int zsock_getpeername(int sock, struct sockaddr *addr, socklen_t *addrlen);
int zsock_getsockname(int sock, struct sockaddr *addr, socklen_t *addrlen);
void *zsock_get_context_object(int sock);

static inline ssize_t zsock_send(int sock, const void *buf, size_t len, int flags)
{
	return zsock_sendto(sock, buf, len, flags, NULL, 0);
}

static inline ssize_t zsock_recv(int sock, void *buf, size_t max_len, int flags)
{
	return zsock_recvfrom(sock, buf, max_len, flags, NULL, NULL);
}

static inline int zsock_poll(struct zsock_pollfd *fds, int nfds, int timeout)
{
	return zvfs_poll(fds, nfds, timeout);
}

int zsock_fcntl_impl(int sock, int cmd, int flags);
int zsock_ioctl_impl(int sock, unsigned long request, va_list args);
/** Variable arguments: `int flags` with ZVFS_F_SETFL. */
int zsock_fcntl(int sock, int cmd, ...);
int zsock_ioctl(int sock, unsigned long request, ...);

int zsock_gethostname(char *buf, size_t len);
int zsock_inet_pton(sa_family_t family, const char *src, void *dst);
static inline char *zsock_inet_ntop(sa_family_t family, const void *src, char *dst, size_t size)
{
	return net_addr_ntop(family, src, dst, size);
}

/** One address of a name. */
struct zsock_addrinfo {
	struct zsock_addrinfo *ai_next;
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	int ai_eflags;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname;
	struct sockaddr_storage _ai_addr;
	char _ai_canonname[256];
};

/** @return 0 or one of DNS_EAI_*. */
int zsock_getaddrinfo(const char *host, const char *service, const struct zsock_addrinfo *hints,
		      struct zsock_addrinfo **res);
void zsock_freeaddrinfo(struct zsock_addrinfo *ai);
const char *zsock_gai_strerror(int errcode);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_SOCKET_H_ */
