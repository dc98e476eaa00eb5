/*
 * What the peer sends: correct frames, whole or in pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DIFFERENTIAL_PEER_FRAMES_H_
#define DIFFERENTIAL_PEER_FRAMES_H_

#include "steps.h"

void peer_frames_begin(bool is_data_only);

/* A connection begins; a frame may come with the response. Prints it. */
void peer_frames_connect(const struct step *step);

/* Sends the next frame, or what is left of the one before. */
void peer_frames_send(const struct step *step);

/* Has a whole data frame arrive while the next call waits; false where a correct peer has nothing more to send. */
bool peer_frames_arrive(const struct step *step);

void peer_frames_end_stream(void);

#endif /* DIFFERENTIAL_PEER_FRAMES_H_ */
