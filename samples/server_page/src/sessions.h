/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The clients behind the websockets: how the HTTP side hands one over, and what the parts of this side share.
 */
#ifndef SERVER_PAGE_SESSIONS_H_
#define SERVER_PAGE_SESSIONS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#if defined(CONFIG_ZEPHYR_HOST)
/* A program of a PC. */
#define LARGEST_SIZE (64 * 1024)
#else
#define LARGEST_SIZE CONFIG_SERVER_PAGE_LARGEST
#endif

#define RECEIVE_SIZE 512
#define COMMAND_SIZE 128

enum session_state {
	SESSION_FREE,
	/** The HTTP side uses its receive buffer. */
	SESSION_CLAIMED,
	/** A websocket that our thread serves. */
	SESSION_OPEN,
	/** We sent a Close and wait, not for ever, for the client's. */
	SESSION_CLOSING,
};

struct session {
	/* An enum session_state. Who finds it free and takes it has the rest, until it is open: then our thread has it. */
	atomic_t state;

	int websocket;
	unsigned int number;
	uint16_t sent_code; /* of our Close; 0 without one */
	int64_t closing_until;

	/* The message that is being received. */
	bool is_in_message;
	bool is_command;
	bool is_too_long;
	bool is_text;
	size_t command_len;
	char command[COMMAND_SIZE];

	/* The live value. */
	int32_t live_ms; /* 0: none wanted */
	int64_t live_next;
	unsigned int live_number;

	/* What the client sent. */
	unsigned int messages;
	size_t octets;

	/* The library keeps what it received in here for as long as the websocket exists. */
	uint8_t receive_buffer[RECEIVE_SIZE];
};

/* --------------------------------------------------------------------------- for the HTTP side */

/** A place for one more client, or NULL. */
struct session *session_claim(void);

/** Gives a place back that came to nothing. */
void session_abandon(struct session *session);

/** The place has a websocket, registered with the session's receive buffer: our thread does the rest. */
void session_open(struct session *session, int websocket);

/** Closes all with 1001, "going away", and waits for their ends, not for ever. */
void sessions_end(void);

/* ------------------------------------------------- between sessions.c, commands.c and live.c */

/** Milliseconds that a client may take to accept what is sent to it. */
#define SEND_MS 2000

/** Sends a Close and lets the client answer it. */
void session_close(struct session *session, uint16_t code, const char *reason);

/** Ends the websocket at once, as close() does. */
void session_unregister(struct session *session, const char *by, uint16_t code);

/** Does what a message that begins with a slash says. */
void command_run(struct session *session, const char *command);

/** Sends the live value where it is due. @return milliseconds until the next one, at most `most_ms`. */
int32_t live_send(struct session *session, int32_t most_ms);

#endif /* SERVER_PAGE_SESSIONS_H_ */
