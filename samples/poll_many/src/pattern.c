/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Letters that differ from place to place and from message to message.
 */
#include "pattern.h"

static uint8_t letter(uint32_t seed, size_t at)
{
	uint32_t mixed = (seed + 1U) * 2654435761U + (uint32_t)at * 40503U;

	mixed ^= mixed >> 15;

	return (uint8_t)('a' + mixed % 26U);
}

void pattern_fill(uint32_t seed, size_t at, uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		octets[i] = letter(seed, at + i);
	}
}

bool pattern_matches(uint32_t seed, size_t at, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (octets[i] != letter(seed, at + i)) {
			return false;
		}
	}

	return true;
}
