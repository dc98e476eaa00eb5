/*
 * The configuration of the PC port: what Kconfig writes for a device, here with a default for every value.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Included into every file with `gcc -include`. A build replaces a value with -D; -DNAME=0 is Kconfig's "n" for
 * IS_ENABLED() and #if, but not for #ifdef, so leave out with -UNAME what only #ifdef looks at.
 */
#ifndef ZEPHYR_HOST_AUTOCONF_H_
#define ZEPHYR_HOST_AUTOCONF_H_

#ifndef CONFIG_ZEPHYR_HOST
#define CONFIG_ZEPHYR_HOST 1
#endif

/* The websocket library. */
#ifndef CONFIG_WEBSOCKET_CLIENT
#define CONFIG_WEBSOCKET_CLIENT 1
#endif
#ifndef CONFIG_WEBSOCKET
#define CONFIG_WEBSOCKET 1
#endif
#ifndef CONFIG_WEBSOCKET_MAX_CONTEXTS
#define CONFIG_WEBSOCKET_MAX_CONTEXTS 8
#endif
#ifndef CONFIG_WEBSOCKET_RUST
#define CONFIG_WEBSOCKET_RUST 1
#endif
#ifndef CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE
#define CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE 128
#endif
#ifndef CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT
#define CONFIG_WEBSOCKET_RUST_CLOSE_TIMEOUT 1000
#endif
#ifndef CONFIG_WEBSOCKET_RUST_STRICT
#define CONFIG_WEBSOCKET_RUST_STRICT 1
#endif
#ifndef CONFIG_WEBSOCKET_RUST_UTF8
#define CONFIG_WEBSOCKET_RUST_UTF8 1
#endif
#ifndef CONFIG_WEBSOCKET_RUST_AUTO_PONG
#define CONFIG_WEBSOCKET_RUST_AUTO_PONG 1
#endif
#ifndef CONFIG_WEBSOCKET_RUST_CONTINUATION_TYPE
#define CONFIG_WEBSOCKET_RUST_CONTINUATION_TYPE 1
#endif

/* Log levels of modules: 0 off, 1 error, 2 warning, 3 information, 4 debug. */
#ifndef CONFIG_LOG
#define CONFIG_LOG 1
#endif
#ifndef CONFIG_NET_LOG
#define CONFIG_NET_LOG 1
#endif
#ifndef CONFIG_LOG_DEFAULT_LEVEL
#define CONFIG_LOG_DEFAULT_LEVEL 3
#endif
#ifndef CONFIG_NET_WEBSOCKET_LOG_LEVEL
#define CONFIG_NET_WEBSOCKET_LOG_LEVEL 4
#endif

/* Descriptors and sockets. */
#ifndef CONFIG_ZVFS_OPEN_MAX
#define CONFIG_ZVFS_OPEN_MAX 256
#endif
#ifndef CONFIG_ZVFS_POLL_MAX
#define CONFIG_ZVFS_POLL_MAX 64
#endif
#ifndef CONFIG_NETWORKING
#define CONFIG_NETWORKING 1
#endif
#ifndef CONFIG_NET_SOCKETS
#define CONFIG_NET_SOCKETS 1
#endif
#ifndef CONFIG_NET_TCP
#define CONFIG_NET_TCP 1
#endif
#ifndef CONFIG_NET_UDP
#define CONFIG_NET_UDP 1
#endif
#ifndef CONFIG_NET_IPV4
#define CONFIG_NET_IPV4 1
#endif
#ifndef CONFIG_NET_IPV6
#define CONFIG_NET_IPV6 1
#endif
#ifndef CONFIG_NET_SOCKETS_CONNECT_TIMEOUT
#define CONFIG_NET_SOCKETS_CONNECT_TIMEOUT 3000
#endif
#ifndef CONFIG_NET_SOCKET_MAX_SEND_WAIT
#define CONFIG_NET_SOCKET_MAX_SEND_WAIT 10000
#endif
#ifndef CONFIG_NET_SOCKETS_SOCKOPT_TLS
#define CONFIG_NET_SOCKETS_SOCKOPT_TLS 1
#endif
#ifndef CONFIG_TLS_CREDENTIALS
#define CONFIG_TLS_CREDENTIALS 1
#endif
#ifndef CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN
#define CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN 1500
#endif
#ifndef CONFIG_DNS_RESOLVER
#define CONFIG_DNS_RESOLVER 1
#endif

/* The kernel. */
#ifndef CONFIG_POLL
#define CONFIG_POLL 1
#endif
#ifndef CONFIG_MULTITHREADING
#define CONFIG_MULTITHREADING 1
#endif
#ifndef CONFIG_SYS_CLOCK_EXISTS
#define CONFIG_SYS_CLOCK_EXISTS 1
#endif
#ifndef CONFIG_SYS_CLOCK_TICKS_PER_SEC
#define CONFIG_SYS_CLOCK_TICKS_PER_SEC 1000000
#endif
#ifndef CONFIG_TIMEOUT_64BIT
#define CONFIG_TIMEOUT_64BIT 1
#endif
#ifndef CONFIG_CSPRNG_ENABLED
#define CONFIG_CSPRNG_ENABLED 1
#endif
#ifndef CONFIG_ENTROPY_HAS_DRIVER
#define CONFIG_ENTROPY_HAS_DRIVER 1
#endif
#ifndef CONFIG_ASSERT
#define CONFIG_ASSERT 1
#endif

#endif /* ZEPHYR_HOST_AUTOCONF_H_ */
