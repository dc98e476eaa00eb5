/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Writes and reads the fields of MQTT 3.1.1 control packets.
 */
#include "packet.h"

#include <errno.h>
#include <string.h>

#define LENGTH_BITS 7
#define LENGTH_MORE 0x80

void packet_add_octet(struct packet *packet, uint8_t octet)
{
	if (packet->len < packet->size) {
		packet->data[packet->len] = octet;
	}
	packet->len++;
}

void packet_begin(struct packet *packet, uint8_t type_and_flags, size_t rest)
{
	packet->len = 0;
	packet_add_octet(packet, type_and_flags);
	do {
		const uint8_t more = rest >> LENGTH_BITS != 0 ? LENGTH_MORE : 0;

		packet_add_octet(packet, (uint8_t)(rest & (LENGTH_MORE - 1)) | more);
		rest >>= LENGTH_BITS;
	} while (rest != 0);
}

void packet_add_number(struct packet *packet, uint16_t number)
{
	packet_add_octet(packet, number >> 8);
	packet_add_octet(packet, (uint8_t)number);
}

void packet_add_string(struct packet *packet, const char *string)
{
	packet_add_number(packet, (uint16_t)strlen(string));
	while (*string != '\0') {
		packet_add_octet(packet, (uint8_t)*string++);
	}
}

uint16_t packet_number(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

int packet_length(const uint8_t *data, size_t len, size_t *rest)
{
	*rest = 0;
	for (int i = 1; i < PACKET_FIXED_HEADER_MAX; i++) {
		if ((size_t)i >= len) {
			return -EAGAIN;
		}
		*rest |= (size_t)(data[i] & (LENGTH_MORE - 1)) << ((i - 1) * LENGTH_BITS);
		if (!(data[i] & LENGTH_MORE)) {
			return i + 1;
		}
	}

	return -EBADMSG;
}
