/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What is sent: letters that can be computed at any place, so that no message has to be kept to compare with.
 */
#ifndef POLL_MANY_PATTERN_H_
#define POLL_MANY_PATTERN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Writes the letters [at, at + len) of message `seed`. */
void pattern_fill(uint32_t seed, size_t at, uint8_t *octets, size_t len);

/** Whether these are the letters [at, at + len) of message `seed`. */
bool pattern_matches(uint32_t seed, size_t at, const uint8_t *octets, size_t len);

#endif /* POLL_MANY_PATTERN_H_ */
