/*
 * HTTP request methods.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_HTTP_METHOD_H_
#define ZEPHYR_HOST_NET_HTTP_METHOD_H_

enum http_method {
	HTTP_DELETE = 0,
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 3,
	HTTP_PUT = 4,
	HTTP_CONNECT = 5,
	HTTP_OPTIONS = 6,
	HTTP_TRACE = 7,
	HTTP_PATCH = 28,
};

#endif /* ZEPHYR_HOST_NET_HTTP_METHOD_H_ */
