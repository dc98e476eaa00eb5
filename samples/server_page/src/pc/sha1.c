/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * SHA-1 for the PC, where the sample has no cryptographic library (on a board, Zephyr's HTTP server brings one).
 * https://www.rfc-editor.org/rfc/rfc3174. Good for Sec-WebSocket-Accept, which is no secret, and for nothing else.
 */
#include "accept_key.h"

#include <string.h>

#define BLOCK_LEN 64

static uint32_t rotated(uint32_t word, unsigned int count)
{
	return word << count | word >> (32 - count);
}

static void add_block(uint32_t state[5], const uint8_t block[BLOCK_LEN])
{
	uint32_t words[80];
	uint32_t a = state[0];
	uint32_t b = state[1];
	uint32_t c = state[2];
	uint32_t d = state[3];
	uint32_t e = state[4];

	for (size_t i = 0; i < 16; i++) {
		words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	}
	for (size_t i = 16; i < 80; i++) {
		words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
	}
	for (size_t i = 0; i < 80; i++) {
		const uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999U
				       : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1U
				       : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU
						: (b ^ c ^ d) + 0xCA62C1D6U;
		const uint32_t next = rotated(a, 5) + mixed + e + words[i];

		e = d;
		d = c;
		c = rotated(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void sha1(const uint8_t *message, size_t len, uint8_t digest[SHA1_LEN])
{
	uint32_t state[5] = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
	const uint64_t bits = (uint64_t)len * 8;
	uint8_t block[BLOCK_LEN];

	while (len >= BLOCK_LEN) {
		add_block(state, message);
		message += BLOCK_LEN;
		len -= BLOCK_LEN;
	}
	/* The rest, one bit, zeros, and the length in the last eight octets: of this block or of one more. */
	memset(block, 0, sizeof(block));
	memcpy(block, message, len);
	block[len] = 0x80;
	if (len >= BLOCK_LEN - 8) {
		add_block(state, block);
		memset(block, 0, sizeof(block));
	}
	for (size_t i = 0; i < 8; i++) {
		block[BLOCK_LEN - 1 - i] = (uint8_t)(bits >> 8 * i);
	}
	add_block(state, block);
	for (size_t i = 0; i < SHA1_LEN; i++) {
		digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
	}
}
