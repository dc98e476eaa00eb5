/*
 * From a seed to a sequence of steps; no more is random.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "steps.h"

/* How often each kind is drawn. */
static const uint8_t weights[STEP_KINDS] = {
	[STEP_CONNECT] = 2,       [STEP_POLL] = 12,         [STEP_RECV_MSG] = 20, [STEP_RECV] = 20,
	[STEP_SEND_MSG] = 10,     [STEP_SEND] = 5,          [STEP_FIONREAD] = 4,  [STEP_NONBLOCK] = 2,
	[STEP_SHUTDOWN] = 1,      [STEP_SOCKET_OPTION] = 2, [STEP_SOCKET_NAME] = 1, [STEP_CLOSE_BELOW] = 1,
	[STEP_DISCONNECT] = 3,    [STEP_FRAME] = 30,        [STEP_END_OF_STREAM] = 3, [STEP_PAUSE] = 2,
};

static uint32_t state;

/* An xorshift: the same on both images, whatever their own generators are. */
static uint32_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;

	/* The low bits of an xorshift are its worst. */
	return state * 2654435761U >> 8;
}

static enum step_kind draw_kind(void)
{
	uint32_t sum = 0;
	uint32_t at;

	for (size_t i = 0; i < STEP_KINDS; i++) {
		sum += weights[i];
	}
	at = draw() % sum;
	for (size_t i = 0; i < STEP_KINDS; i++) {
		if (at < weights[i]) {
			return (enum step_kind)i;
		}
		at -= weights[i];
	}

	return STEP_FRAME;
}

static bool fits(const struct sequence *sequence, enum step_kind kind)
{
	switch (kind) {
	case STEP_RECV_MSG:
		return sequence->receives_frames;
	case STEP_RECV:
		return sequence->receives_octets;
	default:
		return true;
	}
}

struct sequence sequence_of(uint32_t seed)
{
	struct sequence sequence = {0};
	uint32_t style;

	/* Never zero, and neighbours have nothing in common. */
	state = (seed + 1) * 2654435761U | 1;
	for (int i = 0; i < 4; i++) {
		(void)draw();
	}
	style = draw() % 10;
	sequence.receives_frames = style < 6;
	sequence.receives_octets = style > 4;
	sequence.is_data_only = sequence.receives_octets && draw() % 2 == 0;
	sequence.count = 3 + draw() % (STEPS_MAX - 2);
	for (size_t i = 0; i < sequence.count; i++) {
		struct step *const step = &sequence.steps[i];

		do {
			step->kind = i == 0 ? STEP_CONNECT : draw_kind();
		} while (!fits(&sequence, step->kind));
		for (size_t c = 0; c < STEP_CHOICES; c++) {
			step->choice[c] = draw();
		}
	}

	return sequence;
}
