/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What a client can ask the device for: text messages that begin with a slash.
 */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#include <zephyr/net/websocket.h>

#define LIVE_MS_MAX 60000
#define LIVE_MS_MIN 10

static const char usage[] = "commands: /live MILLISECONDS, /send OCTETS [OCTETS-PER-FRAME], /close [CODE [REASON]]";

static void answer(struct session *session, const char *text)
{
	const int len = (int)strlen(text);

	if (websocket_send_msg(session->websocket, (const uint8_t *)text, (size_t)len, WEBSOCKET_OPCODE_DATA_TEXT, false,
			       true, SEND_MS) != len) {
		session_unregister(session, "error", 0);
	}
}

/* The words behind a command's name, or NULL where it is another one. */
static const char *arguments_of(const char *command, const char *name)
{
	const size_t len = strlen(name);

	if (strncmp(command, name, len) != 0 || (command[len] != ' ' && command[len] != '\0')) {
		return NULL;
	}

	return command[len] == ' ' ? &command[len + 1] : &command[len];
}

/* A number up to `most` and the space behind it; -1 where there is none. */
static long take_number(const char **words, long most)
{
	long number = 0;
	const char *at = *words;

	while (*at >= '0' && *at <= '9' && number <= most) {
		number = number * 10 + (*at - '0');
		at++;
	}
	if (at == *words || number > most || (*at != ' ' && *at != '\0')) {
		return -1;
	}
	*words = *at == ' ' ? at + 1 : at;

	return number;
}

static void run_live(struct session *session, const char *words)
{
	const long interval = take_number(&words, LIVE_MS_MAX);

	if (interval < 0 || *words != '\0') {
		answer(session, usage);
		return;
	}
	session->live_ms = interval == 0 ? 0 : (int32_t)MAX(interval, LIVE_MS_MIN);
	session->live_next = k_uptime_get();
}

static void run_send(struct session *session, const char *words)
{
	static uint8_t octets[LARGEST_SIZE];
	const long len = take_number(&words, LARGEST_SIZE);
	const long frame_len = *words == '\0' ? len : take_number(&words, LARGEST_SIZE);
	long sent = 0;

	if (len < 0 || frame_len < 0 || *words != '\0' || (frame_len == 0 && len > 0)) {
		answer(session, usage);
		return;
	}
	for (long i = 0; i < len; i++) {
		octets[i] = (uint8_t)(i % 251);
	}
	do {
		const size_t piece = (size_t)MIN(frame_len, len - sent);
		const int ret = websocket_send_msg(session->websocket, &octets[sent], piece,
						   sent == 0 ? WEBSOCKET_OPCODE_DATA_BINARY
							     : WEBSOCKET_OPCODE_CONTINUE,
						   false, sent + (long)piece == len, SEND_MS);

		if (ret != (int)piece) {
			session_unregister(session, "error", 0);
			return;
		}
		sent += (long)piece;
	} while (sent < len);
}

static bool may_be_sent(long code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static void run_close(struct session *session, const char *words)
{
	long code;

	if (*words == '\0') {
		session_unregister(session, "device", 1000);
		return;
	}
	code = take_number(&words, 4999);
	if (!may_be_sent(code)) {
		answer(session, "no such close code: 1000 to 1014 but 1004 to 1006, 3000 to 4999");
		return;
	}
	session_close(session, (uint16_t)code, words);
}

void command_run(struct session *session, const char *command)
{
	const char *words;

	if ((words = arguments_of(command, "/live")) != NULL) {
		run_live(session, words);
	} else if ((words = arguments_of(command, "/send")) != NULL) {
		run_send(session, words);
	} else if ((words = arguments_of(command, "/close")) != NULL) {
		run_close(session, words);
	} else {
		answer(session, usage);
	}
}
