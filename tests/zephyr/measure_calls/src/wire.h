/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A socket without a network: it takes everything, and gives what was laid out, a segment at a time.
 */
#ifndef MEASURE_WIRE_H_
#define MEASURE_WIRE_H_

#include <stddef.h>
#include <stdint.h>

/** How often its methods were called. */
struct wire_counts {
	uint32_t sends;
	uint32_t receives;
	uint32_t polls;
};

extern struct wire_counts wire_counts;

/** The descriptor of the socket. */
int wire_open(void);

/** What receives give from now on, at most `segment` octets each. */
void wire_lay_out(const void *octets, size_t len, size_t segment);

/** Called by the first receive, before it looks for octets: `request` is what was sent until then, terminated. */
void wire_on_first_receive(void (*answer)(const char *request));

#endif /* MEASURE_WIRE_H_ */
