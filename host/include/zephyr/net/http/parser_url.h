/*
 * The parts of a URL; a name only, the PC port has no URL parser.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_HTTP_PARSER_URL_H_
#define ZEPHYR_HOST_NET_HTTP_PARSER_URL_H_

struct http_parser_url;

#endif /* ZEPHYR_HOST_NET_HTTP_PARSER_URL_H_ */
