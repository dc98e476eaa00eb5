/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Payload that is made and compared piece by piece: every octet follows from its position.
 */
#ifndef PATTERN_H_
#define PATTERN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Payload of one message; another seed is another payload. */
struct pattern {
	uint32_t seed;
	/** Printable ASCII only, which is valid UTF-8 wherever it is cut. */
	bool is_text;
};

/** Writes the octets from position `start` on. */
void pattern_fill(const struct pattern *pattern, size_t start, uint8_t *data, size_t len);

/** @return how many octets are those from position `start` on; `len` when all are. */
size_t pattern_match(const struct pattern *pattern, size_t start, const uint8_t *data, size_t len);

#endif /* PATTERN_H_ */
