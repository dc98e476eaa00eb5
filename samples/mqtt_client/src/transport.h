/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * MQTT's transport: octets to and from a broker over a websocket.
 */
#ifndef TRANSPORT_H_
#define TRANSPORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/socket.h>

/** Where the broker's WebSocket listener is. */
struct broker {
	/** IPv4, in figures. */
	char address[16];
	uint16_t port;
	char path[64];
};

/** A TCP connection and the websocket over it. */
struct transport {
	int socket;
	int websocket;
	/** The library receives into it: it has to live as long as the websocket. */
	uint8_t buffer[512];
};

/** Connects and does the opening handshake. @return 0 or a negative errno; then nothing is left open. */
int transport_connect(struct transport *transport, const struct broker *broker, int32_t timeout_ms);

/** Sends a packet as one message of one frame. @return 0 or a negative errno. */
int transport_write(struct transport *transport, const uint8_t *data, size_t len);

/** Sends a packet as one message, each of its parts as a frame. @return octets or a negative errno. */
int transport_write_parts(struct transport *transport, const struct msghdr *parts);

/**
 * Receives what there is, at most `len` octets; frames have no meaning for MQTT.
 * @param wait for ever, or not at all
 * @return octets; 0: the broker has closed; -EAGAIN: nothing yet (with `wait`: nothing but a control frame or an empty
 *         one came); another negative errno: the connection is lost
 */
int transport_read(struct transport *transport, uint8_t *data, size_t len, bool wait);

/** Waits until transport_read() has something to say. @return 1, 0 (time is up) or a negative errno. */
int transport_poll(struct transport *transport, int timeout_ms);

/** Closes the websocket and the TCP connection. */
void transport_disconnect(struct transport *transport);

#endif /* TRANSPORT_H_ */
