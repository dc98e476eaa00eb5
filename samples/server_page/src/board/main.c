/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The page on Zephyr's HTTP server: three static resources, and one that becomes a websocket.
 */
#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/net/http/server.h>
#include <zephyr/net/http/service.h>
#include <zephyr/net/websocket.h>
#include <zephyr/version.h>

#include "../page.h"
#include "../sessions.h"

static uint16_t port = CONFIG_SERVER_PAGE_PORT;

static struct http_resource_detail_static files[PAGE_FILES];

static struct http_resource_detail_websocket websocket = {
	.common = {
			.type = HTTP_RESOURCE_TYPE_WEBSOCKET,
			.bitmask_of_supported_http_methods = BIT(HTTP_GET),
		},
	.data_buffer_len = RECEIVE_SIZE,
};

#define FULL_MS 50

/* The session whose receive buffer the next websocket gets; NULL when all are taken. */
static struct session *next;
static K_MUTEX_DEFINE(next_lock);

/*
 * The resource has one receive buffer, and the server gives it to every websocket: so it is another one for each.
 * Without one the server's websocket_register() fails, and it closes the connection. (It has answered 101 by then: on
 * a board, one client too many sees the connection end instead of status 503.)
 */
static void provide_buffer(void)
{
	next = session_claim();
	websocket.data_buffer = next != NULL ? next->receive_buffer : NULL;
}

#if KERNEL_VERSION_NUMBER >= ZEPHYR_VERSION(4, 1, 0)
static int open_websocket(int descriptor, struct http_request_ctx *request, void *user_data)
{
	ARG_UNUSED(request);
#else
static int open_websocket(int descriptor, void *user_data)
{
#endif
	ARG_UNUSED(user_data);
	k_mutex_lock(&next_lock, K_FOREVER);
	session_open(next, descriptor);
	provide_buffer();
	k_mutex_unlock(&next_lock);

	return 0;
}

HTTP_SERVICE_DEFINE(page_service, CONFIG_SERVER_PAGE_ADDRESS, &port, CONFIG_HTTP_SERVER_MAX_CLIENTS, 4, NULL, NULL, NULL);
HTTP_RESOURCE_DEFINE(page_html, page_service, "/", &files[PAGE_HTML]);
HTTP_RESOURCE_DEFINE(page_css, page_service, "/page.css", &files[PAGE_CSS]);
HTTP_RESOURCE_DEFINE(page_js, page_service, "/page.js", &files[PAGE_JS]);
HTTP_RESOURCE_DEFINE(page_websocket, page_service, PAGE_WEBSOCKET_PATH, &websocket);

int main(void)
{
	int result;

	for (size_t i = 0; i < PAGE_FILES; i++) {
		files[i] = (struct http_resource_detail_static){
			.common = {
					.type = HTTP_RESOURCE_TYPE_STATIC,
					.bitmask_of_supported_http_methods = BIT(HTTP_GET),
					.content_type = page_files[i].type,
				},
			.static_data = page_files[i].octets,
			.static_data_len = page_files[i].len,
		};
	}
	websocket.cb = open_websocket;
	provide_buffer();
	result = http_server_start();
	if (result != 0) {
		printk("server_page: FAIL, http_server_start(): %d\n", result);
		return 0;
	}
	printk("listening on " CONFIG_SERVER_PAGE_ADDRESS ":%u\n", port);
	for (;;) {
		k_msleep(FULL_MS);
		k_mutex_lock(&next_lock, K_FOREVER);
		if (next == NULL) {
			/* All were taken: perhaps one has ended. */
			provide_buffer();
		}
		k_mutex_unlock(&next_lock);
	}
}
