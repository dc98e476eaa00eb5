/*
 * The steps of a sequence, as the seed gives them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DIFFERENTIAL_STEPS_H_
#define DIFFERENTIAL_STEPS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STEPS_MAX 16
#define STEP_CHOICES 4

enum step_kind {
	/* The application's. */
	STEP_CONNECT,
	STEP_POLL,
	STEP_RECV_MSG,
	STEP_RECV,
	STEP_SEND_MSG,
	STEP_SEND,
	STEP_FIONREAD,
	STEP_NONBLOCK,
	STEP_SHUTDOWN,
	STEP_SOCKET_OPTION,
	STEP_SOCKET_NAME,
	STEP_CLOSE_BELOW,
	STEP_DISCONNECT,
	/* The peer's. */
	STEP_FRAME,
	STEP_END_OF_STREAM,
	STEP_PAUSE,
	STEP_KINDS,
};

/*
 * What a step is in detail follows from its choices when it is played: whatever is left out of a sequence, the rest is what
 * a correct application and a correct peer do.
 */
struct step {
	enum step_kind kind;
	uint32_t choice[STEP_CHOICES];
};

struct sequence {
	struct step steps[STEPS_MAX];
	size_t count;
	/* The application uses websocket_recv_msg(), recv(), or now one and now the other. */
	bool receives_frames;
	bool receives_octets;
	/* The peer sends data only, no control frames and no empty ones. */
	bool is_data_only;
};

struct sequence sequence_of(uint32_t seed);

/* One of an array, by a choice. */
#define CHOSEN(array, choice) ((array)[(choice) % (sizeof(array) / sizeof((array)[0]))])

#endif /* DIFFERENTIAL_STEPS_H_ */
