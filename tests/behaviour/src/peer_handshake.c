/*
 * SHA-1, base64 and the response of a server, for the tests only: a second opinion beside the library's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <string.h>

#include "peer_handshake.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define BLOCK_SIZE 64
#define DIGEST_SIZE 20
#define NONCE_SIZE 16

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t rotate(uint32_t value, unsigned int by)
{
	return value << by | value >> (32 - by);
}

static void sha1_block(uint32_t state[5], const uint8_t block[BLOCK_SIZE])
{
	uint32_t word[80];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

	for (int i = 0; i < 16; i++) {
		word[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			  (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	}
	for (int i = 16; i < 80; i++) {
		word[i] = rotate(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);
	}
	for (int i = 0; i < 80; i++) {
		const uint32_t mix = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999U
				     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1U
				     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU
					      : (b ^ c ^ d) + 0xCA62C1D6U;
		const uint32_t next = rotate(a, 5) + mix + e + word[i];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/* Of key and GUID: 60 octets, so the padding takes a second block. */
static void sha1_of_key(const char *key, uint8_t digest[DIGEST_SIZE])
{
	uint32_t state[5] = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
	uint8_t blocks[2 * BLOCK_SIZE] = {0};
	const size_t len = HANDSHAKE_KEY_LEN + sizeof(GUID) - 1;

	memcpy(blocks, key, HANDSHAKE_KEY_LEN);
	memcpy(&blocks[HANDSHAKE_KEY_LEN], GUID, sizeof(GUID) - 1);
	blocks[len] = 0x80;
	blocks[sizeof(blocks) - 2] = (uint8_t)(len * 8 >> 8);
	blocks[sizeof(blocks) - 1] = (uint8_t)(len * 8);
	sha1_block(state, blocks);
	sha1_block(state, &blocks[BLOCK_SIZE]);
	for (int i = 0; i < DIGEST_SIZE; i++) {
		digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
	}
}

void handshake_accept(const char key[HANDSHAKE_KEY_LEN], char accept[HANDSHAKE_ACCEPT_LEN + 1])
{
	/* One octet of zero behind it: 20 octets are six groups of three and one of two. */
	uint8_t digest[DIGEST_SIZE + 1] = {0};
	char *out = accept;

	sha1_of_key(key, digest);
	for (int i = 0; i < DIGEST_SIZE; i += 3) {
		const uint32_t group = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6) {
			*out++ = alphabet[group >> shift & 0x3F];
		}
	}
	out[-1] = '=';
	*out = '\0';
}

bool handshake_key_is_valid(const char key[HANDSHAKE_KEY_LEN])
{
	/* The last character before the padding carries two bits only. */
	static const char last[] = "AQgw";

	for (int i = 0; i < HANDSHAKE_KEY_LEN - 2; i++) {
		if (key[i] == '\0' || strchr(alphabet, key[i]) == NULL) {
			return false;
		}
	}

	return strchr(last, key[HANDSHAKE_KEY_LEN - 3]) != NULL && key[HANDSHAKE_KEY_LEN - 2] == '=' &&
	       key[HANDSHAKE_KEY_LEN - 1] == '=';
}

const char *handshake_find_key(const char *request)
{
	static const char name[] = "\r\nSec-WebSocket-Key: ";
	const char *const at = strstr(request, name);

	if (at == NULL || strlen(at) < sizeof(name) - 1 + HANDSHAKE_KEY_LEN) {
		return NULL;
	}

	return at + sizeof(name) - 1;
}

static void distort(char kind, char *accept)
{
	const size_t last = HANDSHAKE_ACCEPT_LEN - 1;

	switch (kind) {
	case 'P':
		accept[last] = '\0';
		break;
	case 'X':
		accept[last - 1] = accept[last - 1] == 'A' ? 'E' : 'A';
		break;
	case 'L':
		accept[last + 1] = '=';
		accept[last + 2] = '\0';
		break;
	case 'C':
		for (size_t i = 0; i < last; i++) {
			const char lower = accept[i] | 0x20;

			if (lower >= 'a' && lower <= 'z') {
				accept[i] ^= 0x20;
			}
		}
		break;
	default:
		break;
	}
}

size_t handshake_response(const char *template, const char *key, char *response, size_t size)
{
	size_t len = 0;

	for (const char *at = template; *at != '\0'; at++) {
		char accept[HANDSHAKE_ACCEPT_LEN + 2] = {at[0]};

		if (at[0] == '$') {
			handshake_accept(key, accept);
			distort(at[1], accept);
			at++;
		}
		for (const char *c = accept; *c != '\0' && len + 1 < size; c++) {
			response[len++] = *c;
		}
	}
	response[len] = '\0';

	return len;
}
