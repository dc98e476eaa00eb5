/*
 * Both ends of a TLS connection in one process, where the PC port has TLS sockets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_TLS_PAIR_H_
#define BEHAVIOUR_TLS_PAIR_H_

#include <stdbool.h>

#if defined(CONFIG_ZEPHYR_HOST) && defined(CONFIG_NET_SOCKETS_SOCKOPT_TLS)
#define BEHAVIOUR_HAS_TLS 1
#else
#define BEHAVIOUR_HAS_TLS 0
#endif

/* Whether the environment asks for TLS under every test. */
bool tls_is_wanted(void);

/* Two ends of a TLS connection over the loopback interface. */
void tls_pair(int protocol, int *connecting, int *accepting);

#if BEHAVIOUR_HAS_TLS
#include <port/tls_counts.h>

/* What a TLS socket has counted. */
struct port_tls_counts tls_counts(int sock);
#endif

/* A send that a TLS socket had refused was repeated with other octets. False for sockets without TLS. */
bool tls_was_repeated_wrongly(int sock);

#endif /* BEHAVIOUR_TLS_PAIR_H_ */
