/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * MQTT 3.1.1 control packets as octets: what this client sends, and the fixed header of what it receives.
 */
#ifndef PACKET_H_
#define PACKET_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** First octet of a fixed header, upper half. */
enum packet_type {
	PACKET_CONNECT = 0x10,
	PACKET_CONNACK = 0x20,
	PACKET_PUBLISH = 0x30,
	PACKET_PUBACK = 0x40,
	PACKET_PUBREC = 0x50,
	PACKET_PUBREL = 0x60,
	PACKET_PUBCOMP = 0x70,
	PACKET_SUBSCRIBE = 0x80,
	PACKET_SUBACK = 0x90,
	PACKET_PINGREQ = 0xc0,
	PACKET_PINGRESP = 0xd0,
	PACKET_DISCONNECT = 0xe0,
};

/** Type and four octets of length. */
#define PACKET_FIXED_HEADER_MAX 5

/** A packet that is being written. */
struct packet {
	uint8_t *data;
	size_t size;
	/** Octets written; larger than `size` when it did not fit. */
	size_t len;
};

/** Starts a packet whose octets behind the fixed header are `rest` in number. */
void packet_begin(struct packet *packet, uint8_t type_and_flags, size_t rest);

void packet_add_octet(struct packet *packet, uint8_t octet);
void packet_add_number(struct packet *packet, uint16_t number);
/** A string with its length in front. */
void packet_add_string(struct packet *packet, const char *string);

/** The two octets at `data` as a number. */
uint16_t packet_number(const uint8_t *data);

/**
 * Reads the length behind the first octet.
 * @return length of the fixed header; -EAGAIN: `len` octets do not hold all of it; -EBADMSG: it is too long
 */
int packet_length(const uint8_t *data, size_t len, size_t *rest);

#endif /* PACKET_H_ */
