/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A strict parser for GET requests: what RFC 9112 lets a server refuse is refused.
 */
#include "http_request.h"

#include <string.h>
#include <strings.h>

/* A part of the request; not ended by a zero. */
struct slice {
	const char *octets;
	size_t len;
};

static bool equals(struct slice slice, const char *text)
{
	return slice.len == strlen(text) && strncasecmp(slice.octets, text, slice.len) == 0;
}

/* https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
static bool is_token_octet(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || (octet >= '0' && octet <= '9') ||
	       (octet != '\0' && strchr("!#$%&'*+-.^_`|~", octet) != NULL);
}

static bool is_token(struct slice slice)
{
	for (size_t i = 0; i < slice.len; i++) {
		if (!is_token_octet(slice.octets[i])) {
			return false;
		}
	}

	return slice.len > 0;
}

static struct slice trimmed(struct slice slice)
{
	while (slice.len > 0 && (slice.octets[0] == ' ' || slice.octets[0] == '\t')) {
		slice.octets++;
		slice.len--;
	}
	while (slice.len > 0 && (slice.octets[slice.len - 1] == ' ' || slice.octets[slice.len - 1] == '\t')) {
		slice.len--;
	}

	return slice;
}

/* Whether a comma-separated list has this word. */
static bool lists(struct slice list, const char *word)
{
	while (list.len > 0) {
		const char *const comma = memchr(list.octets, ',', list.len);
		const size_t len = comma == NULL ? list.len : (size_t)(comma - list.octets);

		if (equals(trimmed((struct slice){list.octets, len}), word)) {
			return true;
		}
		list.octets += len;
		list.len -= len;
		if (list.len > 0) {
			list.octets++;
			list.len--;
		}
	}

	return false;
}

static bool copy(char *target, size_t size, struct slice from)
{
	if (from.len >= size) {
		return false;
	}
	memcpy(target, from.octets, from.len);
	target[from.len] = '\0';

	return true;
}

/* 16 octets in base64: the last of the 22 characters has four bits that are 0, then come two "=". */
static bool is_websocket_key(struct slice key)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (key.len != HTTP_KEY_LEN || memcmp(&key.octets[22], "==", 2) != 0) {
		return false;
	}
	for (size_t i = 0; i < 22; i++) {
		if (key.octets[i] == '\0' || strchr(alphabet, key.octets[i]) == NULL) {
			return false;
		}
	}

	return strchr("AQgw", key.octets[21]) != NULL;
}

/* Takes the line that ends here from the front. @return 1, 0 where it has no end yet, -400 for a bare CR or LF. */
static int take_line(struct slice *rest, struct slice *line)
{
	for (size_t i = 0; i < rest->len; i++) {
		const char octet = rest->octets[i];

		if (octet == '\n') {
			return -400;
		}
		if (octet == '\r') {
			if (i + 1 == rest->len) {
				return 0;
			}
			if (rest->octets[i + 1] != '\n') {
				return -400;
			}
			*line = (struct slice){rest->octets, i};
			rest->octets += i + 2;
			rest->len -= i + 2;
			return 1;
		}
		if (((unsigned char)octet < ' ' && octet != '\t') || octet == 0x7f) {
			return -400;
		}
	}

	return 0;
}

static int parse_request_line(struct slice line, struct http_get *request)
{
	const char *const first = memchr(line.octets, ' ', line.len);
	const char *const end = line.octets + line.len;
	const char *second;
	struct slice version;
	struct slice target;

	if (first == NULL || !is_token((struct slice){line.octets, (size_t)(first - line.octets)})) {
		return -400;
	}
	second = memchr(first + 1, ' ', (size_t)(end - first - 1));
	if (second == NULL) {
		return -400;
	}
	target = (struct slice){first + 1, (size_t)(second - first - 1)};
	version = (struct slice){second + 1, (size_t)(end - second - 1)};
	if (version.len != 8 || memcmp(version.octets, "HTTP/", 5) != 0 || version.octets[6] != '.') {
		return -400;
	}
	if (memcmp(version.octets, "HTTP/1.1", 8) != 0) {
		return -505;
	}
	if (first - line.octets != 3 || memcmp(line.octets, "GET", 3) != 0) {
		return -405;
	}
	if (target.len == 0 || target.octets[0] != '/' || memchr(target.octets, '\t', target.len) != NULL) {
		return -400;
	}

	return copy(request->target, sizeof(request->target), target) ? 0 : -414;
}

static int parse_header(struct slice line, struct http_get *request)
{
	const char *const colon = memchr(line.octets, ':', line.len);
	struct slice name;
	struct slice value;

	if (colon == NULL) {
		return -400;
	}
	/* A space before the colon or at the front of the line is no part of a token. */
	name = (struct slice){line.octets, (size_t)(colon - line.octets)};
	if (!is_token(name)) {
		return -400;
	}
	value = trimmed((struct slice){colon + 1, line.len - name.len - 1});
	if (equals(name, "Host")) {
		request->counts.host++;
		return copy(request->host, sizeof(request->host), value) ? 0 : -400;
	}
	if (equals(name, "Origin")) {
		request->counts.origin++;
		return copy(request->origin, sizeof(request->origin), value) ? 0 : -400;
	}
	if (equals(name, "Transfer-Encoding")) {
		return -501;
	}
	if (equals(name, "Content-Length") && !equals(value, "0")) {
		return -400;
	}
	if (equals(name, "Upgrade")) {
		request->has_upgrade = request->has_upgrade || lists(value, "websocket");
	} else if (equals(name, "Connection")) {
		request->has_connection = request->has_connection || lists(value, "upgrade");
	} else if (equals(name, "Sec-WebSocket-Version")) {
		request->counts.version++;
		request->is_version_13 = equals(value, "13");
	} else if (equals(name, "Sec-WebSocket-Key")) {
		request->counts.key++;
		if (is_websocket_key(value)) {
			(void)copy(request->key, sizeof(request->key), value);
		}
	}

	return 0;
}

int http_get_parse(const char *octets, size_t len, struct http_get *request)
{
	struct slice rest = {octets, len};
	struct slice line;
	int result;

	*request = (struct http_get){0};
	result = take_line(&rest, &line);
	if (result <= 0) {
		return result;
	}
	result = parse_request_line(line, request);
	while (result == 0) {
		result = take_line(&rest, &line);
		if (result <= 0) {
			return result;
		}
		if (line.len == 0) {
			break;
		}
		result = parse_header(line, request);
	}
	if (result < 0) {
		return result;
	}
	/* https://www.rfc-editor.org/rfc/rfc9112#section-3.2: exactly one Host. Of the others, two differ or say nothing. */
	if (request->counts.host != 1 || request->counts.key > 1 || request->counts.version > 1 ||
	    request->counts.origin > 1) {
		return -400;
	}

	return (int)(len - rest.len);
}
