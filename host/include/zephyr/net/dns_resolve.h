/*
 * Results of name look-ups.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_DNS_RESOLVE_H_
#define ZEPHYR_HOST_NET_DNS_RESOLVE_H_

enum dns_resolve_status {
	DNS_EAI_BADFLAGS = -1,
	DNS_EAI_NONAME = -2,
	DNS_EAI_AGAIN = -3,
	DNS_EAI_FAIL = -4,
	DNS_EAI_NODATA = -5,
	DNS_EAI_FAMILY = -6,
	DNS_EAI_SOCKTYPE = -7,
	DNS_EAI_SERVICE = -8,
	DNS_EAI_ADDRFAMILY = -9,
	DNS_EAI_MEMORY = -10,
	DNS_EAI_SYSTEM = -11,
	DNS_EAI_OVERFLOW = -12,
};

#endif /* ZEPHYR_HOST_NET_DNS_RESOLVE_H_ */
