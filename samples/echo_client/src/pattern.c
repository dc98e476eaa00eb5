/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Payload from positions: a multiplicative hash, so that swapped, lost or repeated pieces differ.
 */
#include "pattern.h"

static uint8_t octet_at(const struct pattern *pattern, size_t position)
{
	const uint32_t hash = ((uint32_t)position + pattern->seed * 7919U) * 2654435761U;
	const uint8_t octet = (uint8_t)(hash >> 24);

	return pattern->is_text ? ' ' + octet % 95 : octet;
}

void pattern_fill(const struct pattern *pattern, size_t start, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		data[i] = octet_at(pattern, start + i);
	}
}

size_t pattern_match(const struct pattern *pattern, size_t start, const uint8_t *data, size_t len)
{
	size_t i = 0;

	while (i < len && data[i] == octet_at(pattern, start + i)) {
		i++;
	}

	return i;
}
