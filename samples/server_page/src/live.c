/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The live value, in the place of a sensor: a temperature that goes up and down and trembles a little.
 */
#include "sessions.h"

#include <string.h>

#include <zephyr/net/websocket.h>

#define MEAN_MILLIDEGREES 21500
/* The wave takes so many milliseconds, about. */
#define WAVE_MS 9000

/* A parabola for each half of the wave: -1000 to 1000, and no table. */
static int32_t wave(uint32_t ms)
{
	const int32_t at = (int32_t)(ms % WAVE_MS) * 4000 / WAVE_MS;
	const int32_t half = at < 2000 ? at : at - 2000;
	const int32_t height = half * (2000 - half) / 1000;

	return at < 2000 ? height : -height;
}

static int32_t millidegrees(uint32_t ms)
{
	static uint32_t noise = 1;

	noise = noise * 1664525U + 1013904223U;

	return MEAN_MILLIDEGREES + wave(ms) + wave(ms * 37U / 10U) / 4 + (int32_t)(noise >> 25) - 64;
}

int32_t live_send(struct session *session, int32_t most_ms)
{
	const int64_t now = k_uptime_get();
	const int32_t value = millidegrees((uint32_t)now);
	char text[96];
	int len;

	/* Between the frames of a message that is being echoed no other message may begin. */
	if (session->live_ms == 0 || session->is_in_message) {
		return most_ms;
	}
	if (now < session->live_next) {
		return (int32_t)MIN(session->live_next - now, most_ms);
	}
	len = snprintk(text, sizeof(text), "{\"live\":{\"n\":%u,\"ms\":%u,\"value\":%d.%03d}}", session->live_number,
		       (uint32_t)now, value / 1000, value % 1000);
	if (websocket_send_msg(session->websocket, (const uint8_t *)text, (size_t)len, WEBSOCKET_OPCODE_DATA_TEXT, false,
			       true, SEND_MS) != len) {
		session_unregister(session, "error", 0);
		return most_ms;
	}
	session->live_number++;
	session->live_next += session->live_ms;
	if (session->live_next < now) {
		/* Behind by more than one: those are left out. */
		session->live_next = now + session->live_ms;
	}

	return (int32_t)MIN(session->live_next - now, most_ms);
}
