/*
 * What the port's TLS sockets count, for tests: the kernel has nothing of the kind.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_PORT_TLS_COUNTS_H_
#define ZEPHYR_HOST_PORT_TLS_COUNTS_H_

#include <zephyr/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_tls_counts {
	uint32_t records_sent;      /* of application data */
	uint32_t records_received;  /* of any type */
	uint32_t sends_refused;     /* EAGAIN after the record was made: the caller has to repeat the send */
	uint32_t wrong_repetitions; /* such a send was repeated with other octets: EINVAL */
};

/** @return 0, or -1 with EBADF (no TLS socket) or ENOTCONN (not connected yet). */
int port_tls_counts(int sock, struct port_tls_counts *counts);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_PORT_TLS_COUNTS_H_ */
