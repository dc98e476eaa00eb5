/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sec-WebSocket-Accept: base64 of the SHA-1 of the key and a fixed text.
 * https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2
 */
#include "accept_key.h"

#include <string.h>

#define KEY_LEN 24

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

void accept_key(const char *key, char accept[ACCEPT_KEY_LEN + 1])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t message[KEY_LEN + sizeof(guid) - 1];
	/* One more, as 20 is no multiple of three. */
	uint8_t digest[SHA1_LEN + 1] = {0};
	char *out = accept;

	memcpy(message, key, KEY_LEN);
	memcpy(&message[KEY_LEN], guid, sizeof(guid) - 1);
	sha1(message, sizeof(message), digest);
	for (size_t i = 0; i < sizeof(digest); i += 3) {
		const uint32_t three = (uint32_t)digest[i] << 16 | (uint32_t)digest[i + 1] << 8 | digest[i + 2];

		*out++ = alphabet[three >> 18 & 63];
		*out++ = alphabet[three >> 12 & 63];
		*out++ = alphabet[three >> 6 & 63];
		*out++ = alphabet[three & 63];
	}
	accept[ACCEPT_KEY_LEN - 1] = '=';
	accept[ACCEPT_KEY_LEN] = '\0';
}
