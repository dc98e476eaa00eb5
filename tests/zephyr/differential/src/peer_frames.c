/*
 * What the peer sends: fragments in order, nothing behind a Close, control frames between fragments, frames cut anywhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include <zephyr/kernel.h>

#include "peer.h"
#include "peer_frames.h"

#define ARRIVES_AFTER_MS 20

enum { CONTINUATION, TEXT, BINARY, CLOSE = 8, PING, PONG };

static const uint8_t opcodes[] = {
	TEXT, TEXT, TEXT, TEXT, TEXT, BINARY, BINARY, BINARY, PING, PING, PONG, CLOSE,
};
static const uint16_t data_sizes[] = {0, 1, 2, 5, 5, 40, 125, 126, 300, 1000};
static const uint16_t control_sizes[] = {0, 0, 1, 4, 40, 125};

static bool is_data_only;
static bool is_message_open;
static bool is_over;
static char letter;

static uint8_t frame[1100];
static size_t frame_len;
static size_t frame_sent;

void peer_frames_begin(bool data_only)
{
	is_data_only = data_only;
}

static void reset(void)
{
	is_message_open = false;
	is_over = false;
	letter = 'a';
	frame_len = 0;
	frame_sent = 0;
}

/* Lays the next frame out and says which it is. */
static void make(uint32_t what, uint32_t size, uint32_t last)
{
	uint8_t opcode = CHOSEN(opcodes, what);
	size_t len;
	bool is_final = true;

	if (is_data_only && opcode >= CLOSE) {
		opcode = TEXT;
	}
	if (opcode >= CLOSE) {
		len = CHOSEN(control_sizes, size);
	} else {
		len = CHOSEN(data_sizes, size);
		if (is_data_only && len == 0) {
			len = 3;
		}
		is_final = last % 4 != 0;
		opcode = is_message_open ? CONTINUATION : opcode;
		is_message_open = !is_final;
	}
	if (opcode == CLOSE) {
		len = size % 2 == 0 ? 0 : 6;
		is_over = true;
	}
	frame[0] = (uint8_t)((is_final ? 0x80 : 0) | opcode);
	frame_len = 2;
	if (len < 126) {
		frame[1] = (uint8_t)len;
	} else {
		frame[1] = 126;
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
		frame_len = 4;
	}
	memset(&frame[frame_len], letter, len);
	if (opcode == CLOSE && len > 0) {
		/* 1000 */
		frame[frame_len] = 0x03;
		frame[frame_len + 1] = 0xE8;
	}
	letter = letter == 'z' ? 'a' : (char)(letter + 1);
	frame_len += len;
	frame_sent = 0;
	printk("frame op=%u fin=%d len=%u header=%u", opcode, is_final, (unsigned int)len,
	       (unsigned int)(frame_len - len));
}

void peer_frames_connect(const struct step *step)
{
	reset();
	if (step->choice[2] % 4 != 0) {
		peer_expect(frame, 0);
		return;
	}
	make(step->choice[1], step->choice[2] / 4, step->choice[3]);
	frame_sent = frame_len;
	printk(" sent=%u with=response\n", (unsigned int)frame_len);
	peer_expect(frame, frame_len);
}

void peer_frames_send(const struct step *step)
{
	size_t now;

	if (frame_sent < frame_len) {
		now = frame_len - frame_sent;
		printk("rest sent=%u\n", (unsigned int)now);
	} else if (is_over) {
		return;
	} else {
		make(step->choice[0], step->choice[1], step->choice[2]);
		/* One in five is cut, most of them near the header. */
		now = frame_len;
		if (step->choice[3] % 5 == 0) {
			now = 1 + step->choice[3] / 5 % MIN(frame_len - 1, 9);
		}
		printk(" sent=%u\n", (unsigned int)now);
	}
	peer_send(&frame[frame_sent], now);
	frame_sent += now;
}

bool peer_frames_arrive(const struct step *step)
{
	if (is_over || frame_sent < frame_len) {
		return false;
	}
	/* Text that is not empty: it ends every call that waits. */
	make(0, 3 + step->choice[1] % 7, step->choice[2]);
	printk(" sent=%u after=%u\n", (unsigned int)frame_len, ARRIVES_AFTER_MS);
	frame_sent = frame_len;
	peer_send_in(ARRIVES_AFTER_MS, frame, frame_len);

	return true;
}

void peer_frames_end_stream(void)
{
	/* A correct peer ends its stream behind its Close; others just go away, between two frames or inside one. */
	is_over = true;
	frame_sent = frame_len;
	printk("end_of_stream\n");
	peer_end_stream();
}
