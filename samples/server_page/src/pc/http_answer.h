/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the HTTP server of the PC answers.
 */
#ifndef SERVER_PAGE_HTTP_ANSWER_H_
#define SERVER_PAGE_HTTP_ANSWER_H_

#include <stddef.h>
#include <stdint.h>

#include "../sessions.h"
#include "http_request.h"

struct http_answer {
	char head[512];
	size_t head_len;
	const uint8_t *body;
	size_t body_len;
	/** The place of the websocket that begins after this answer; else NULL. */
	struct session *session;
};

/** A status without more. */
void http_answer_status(struct http_answer *answer, int status);

/** A file of the page, the opening of a websocket, or why not. */
void http_answer_get(struct http_answer *answer, const struct http_get *request);

/** The answer is out: the connection becomes a websocket, or is closed. */
void http_answer_upgrade(struct http_answer *answer, int socket);

/** The answer did not get out. */
void http_answer_abandon(struct http_answer *answer);

#endif /* SERVER_PAGE_HTTP_ANSWER_H_ */
