/*
 * A socket between the library and TCP that counts calls, takes little and refuses on demand.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * It stands for what TCP over loopback does not do at will: TLS, offloaded sockets, full buffers, errors. Atomic is what
 * the test and a thread that calls the library look at together.
 */
#ifndef BEHAVIOUR_FILTER_H_
#define BEHAVIOUR_FILTER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct filter {
	int below;            /* the TCP socket */
	int fd;               /* the descriptor above it */
	size_t send_limit;    /* octets a send takes at most; 0: all */
	size_t receive_limit; /* octets a receive gives at most; 0: all */
	bool hesitates;       /* every second send is refused with EAGAIN, though poll() says POLLOUT */
	bool is_writable_at_once; /* POLL_PREPARE for POLLOUT is EALREADY and takes no event, as on an offloaded interface */
	int mute_prepare;     /* so many POLL_PREPARE later, one is EALREADY and its event never fires; 0: none */
	int empty_receives;   /* so many receives say EAGAIN, though poll() says POLLIN */
	_Atomic int send_errno;       /* error of sends after `sends_left` octets; 0: none */
	size_t sends_left;
	int64_t full_until_ms; /* sends after `sends_left` octets are refused with EAGAIN before this uptime */
	_Atomic int receive_errno;    /* error of receives; 0: none */
	_Atomic int offloads;         /* polls are this socket's own: so many were made; -1: the kernel polls */
	bool knows_options;   /* options are those of the socket below; else there are none */
	/* What was seen. */
	int no_delay[32];     /* TCP_NODELAY at each of the first sends, of a socket that knows options */
	int no_delays;
	_Atomic int sends;
	_Atomic int receives;
	_Atomic int refusals; /* by full_until_ms */
	bool is_torn_retry; /* after EAGAIN, other octets were offered */
	bool refused;
	uint8_t refused_octet;
	size_t refused_len;
};

extern struct filter filter;

/* A descriptor above `below`; closing it closes both. There is one filter at a time. */
int filter_open(int below);

#endif /* BEHAVIOUR_FILTER_H_ */
