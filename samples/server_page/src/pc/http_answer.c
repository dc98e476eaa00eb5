/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Files, refusals, and the server's half of the opening handshake.
 * https://www.rfc-editor.org/rfc/rfc6455#section-4.2
 */
#include "http_answer.h"

#include <stdio.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#include "../page.h"
#include "accept_key.h"

static const struct {
	int status;
	const char *phrase;
	const char *headers;
} refusals[] = {
	{400, "Bad Request", ""},
	{403, "Forbidden", ""},
	{404, "Not Found", ""},
	{405, "Method Not Allowed", "Allow: GET\r\n"},
	{408, "Request Timeout", ""},
	{414, "URI Too Long", ""},
	/* https://www.rfc-editor.org/rfc/rfc6455#section-4.4 */
	{426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
	{431, "Request Header Fields Too Large", ""},
	{501, "Not Implemented", ""},
	{503, "Service Unavailable", "Retry-After: 5\r\n"},
	{505, "HTTP Version Not Supported", ""},
};

void http_answer_status(struct http_answer *answer, int status)
{
	const char *phrase = "Internal Server Error";
	const char *headers = "";

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (refusals[i].status == status) {
			phrase = refusals[i].phrase;
			headers = refusals[i].headers;
		}
	}
	*answer = (struct http_answer){.body = (const uint8_t *)phrase, .body_len = strlen(phrase)};
	answer->head_len = (size_t)snprintk(answer->head, sizeof(answer->head),
					    "HTTP/1.1 %d %s\r\n"
					    "Content-Type: text/plain\r\n"
					    "Content-Length: %zu\r\n"
					    "%s"
					    "Connection: %s\r\n\r\n",
					    status, phrase, answer->body_len, headers,
					    status == 426 ? "close, Upgrade" : "close");
}

static void answer_file(struct http_answer *answer, const struct page_file *file)
{
	*answer = (struct http_answer){.body = file->octets, .body_len = file->len};
	answer->head_len = (size_t)snprintk(answer->head, sizeof(answer->head),
					    "HTTP/1.1 200 OK\r\n"
					    "Content-Type: %s\r\n"
					    "Content-Length: %zu\r\n"
					    "Content-Security-Policy: default-src 'self'; img-src 'self' data:\r\n"
					    "X-Content-Type-Options: nosniff\r\n"
					    "Cache-Control: no-store\r\n"
					    "Connection: close\r\n\r\n",
					    file->type, file->len);
}

/* Pages of other servers shall not talk to this one through their visitors' browsers. */
static bool is_own_page(const struct http_get *request)
{
	static const char scheme[] = "http://";

	return request->counts.origin == 0 || (strncmp(request->origin, scheme, strlen(scheme)) == 0 &&
					       strcmp(&request->origin[strlen(scheme)], request->host) == 0);
}

static void answer_websocket(struct http_answer *answer, const struct http_get *request)
{
	char accept[ACCEPT_KEY_LEN + 1];
	struct session *session;

	if (!request->has_upgrade || !request->has_connection) {
		http_answer_status(answer, 426);
		return;
	}
	if (request->counts.version != 1 || request->key[0] == '\0') {
		http_answer_status(answer, 400);
		return;
	}
	if (!request->is_version_13) {
		http_answer_status(answer, 426);
		return;
	}
	if (!is_own_page(request)) {
		http_answer_status(answer, 403);
		return;
	}
	session = session_claim();
	if (session == NULL) {
		http_answer_status(answer, 503);
		return;
	}
	accept_key(request->key, accept);
	*answer = (struct http_answer){.session = session};
	answer->head_len = (size_t)snprintk(answer->head, sizeof(answer->head),
					    "HTTP/1.1 101 Switching Protocols\r\n"
					    "Upgrade: websocket\r\n"
					    "Connection: Upgrade\r\n"
					    "Sec-WebSocket-Accept: %s\r\n\r\n",
					    accept);
}

void http_answer_get(struct http_answer *answer, const struct http_get *request)
{
	const size_t path_len = strcspn(request->target, "?");

	for (size_t i = 0; i < PAGE_FILES; i++) {
		if (strlen(page_files[i].path) == path_len &&
		    strncmp(page_files[i].path, request->target, path_len) == 0) {
			answer_file(answer, &page_files[i]);
			return;
		}
	}
	if (path_len == strlen(PAGE_WEBSOCKET_PATH) && strncmp(PAGE_WEBSOCKET_PATH, request->target, path_len) == 0) {
		answer_websocket(answer, request);
		return;
	}
	http_answer_status(answer, 404);
}

void http_answer_upgrade(struct http_answer *answer, int socket)
{
	struct session *const session = answer->session;
	const int websocket =
		websocket_register(socket, session->receive_buffer, sizeof(session->receive_buffer));

	if (websocket < 0) {
		printk("error: websocket_register(): %d\n", websocket);
		zsock_close(socket);
		session_abandon(session);
		return;
	}
	session_open(session, websocket);
}

void http_answer_abandon(struct http_answer *answer)
{
	if (answer->session != NULL) {
		session_abandon(answer->session);
		answer->session = NULL;
	}
}
