/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Between client.c and receive.c.
 */
#ifndef RECEIVE_H_
#define RECEIVE_H_

#include "client.h"

/**
 * Takes in what there is of one packet, and handles it when it is complete.
 * @return 0; -EAGAIN: it is not complete; another negative errno
 */
int client_receive(struct client *client);

/** Sends a packet that is nothing but its type and an identifier, or its type alone. */
int client_send_short(struct client *client, uint8_t type_and_flags, uint16_t id);

#endif /* RECEIVE_H_ */
