/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The kernel and the C library for Rust: errno, clock, entropy, log, and the end of the system.
 */
#include <errno.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/random/random.h>

#include "zws/glue.h"

LOG_MODULE_REGISTER(net_websocket, CONFIG_NET_WEBSOCKET_LOG_LEVEL);

/* The only place that knows errno numbers: they are this image's C library's. */
static int errno_of(uint8_t status, int32_t os_error)
{
	static const int numbers[] = {
		[ZWS_STATUS_INVALID] = EINVAL,
		[ZWS_STATUS_BAD_DESCRIPTOR] = EBADF,
		[ZWS_STATUS_NO_ENTRY] = ENOENT,
		[ZWS_STATUS_EXISTS] = EEXIST,
		[ZWS_STATUS_NO_SPACE] = ENOSPC,
		[ZWS_STATUS_AGAIN] = EAGAIN,
		[ZWS_STATUS_TIMED_OUT] = ETIMEDOUT,
		[ZWS_STATUS_NOT_CONNECTED] = ENOTCONN,
		[ZWS_STATUS_ABORTED] = ECONNABORTED,
		[ZWS_STATUS_PROTOCOL] = EPROTO,
		[ZWS_STATUS_MESSAGE_SIZE] = EMSGSIZE,
		[ZWS_STATUS_RESET] = ECONNRESET,
		[ZWS_STATUS_BAD_MESSAGE] = EBADMSG,
		[ZWS_STATUS_REFUSED] = ECONNREFUSED,
		[ZWS_STATUS_NO_OPTION] = ENOPROTOOPT,
		[ZWS_STATUS_ALREADY] = EALREADY,
	};

	if (status == ZWS_STATUS_OS || status >= ARRAY_SIZE(numbers)) {
		return os_error > 0 ? os_error : EIO;
	}

	return numbers[status];
}

void zws_set_errno(uint8_t status, int32_t os_error)
{
	errno = errno_of(status, os_error);
}

int zws_fail(uint8_t status, int32_t os_error)
{
	const int number = errno_of(status, os_error);

	errno = number;

	return -number;
}

int zws_not_supported(void)
{
	errno = EOPNOTSUPP;

	return -EOPNOTSUPP;
}

bool zws_compare_and_swap(uint32_t *word, uint32_t before, uint32_t after)
{
	/* Such CPUs have 32 bits, and so has atomic_t there. */
	return atomic_cas((atomic_t *)word, (atomic_val_t)before, (atomic_val_t)after);
}

int64_t zws_uptime_ms(void)
{
	return k_uptime_get();
}

void zws_random(uint8_t *data, size_t len)
{
#if defined(CONFIG_CSPRNG_ENABLED)
	if (sys_csrand_get(data, len) == 0) {
		return;
	}
#endif
	/* Masking is then predictable; RFC 6455 section 10.3 wants strong entropy. */
	sys_rand_get(data, len);
}

void zws_log(uint8_t event, int32_t first, int32_t second)
{
	switch (event) {
	case ZWS_EVENT_HANDSHAKE_STATUS:
		LOG_WRN("handshake: the server answered %d instead of 101 (url, host, authorization?)", first);
		break;
	case ZWS_EVENT_HANDSHAKE_FAILED:
		LOG_WRN("handshake: the response breaks rule %d of handshake::Failure", first);
		break;
	case ZWS_EVENT_PROTOCOL_ERROR:
		LOG_WRN("the peer broke rule %d of protocol::ProtocolError: closing with %d", second, first);
		break;
	case ZWS_EVENT_CLOSE_RECEIVED:
		LOG_DBG("the peer closed with %d", first);
		break;
	case ZWS_EVENT_PING_TOO_LONG:
		LOG_WRN("a ping of %d octets is not answered: tmp_buf has %d, give it at least 125", first, second);
		break;
	case ZWS_EVENT_PONG_DROPPED:
		LOG_WRN("a ping of %d octets is not answered: CONFIG_WEBSOCKET_RUST_TX_BUFFER_SIZE has to be 6 larger", first);
		break;
	case ZWS_EVENT_FRAME_TORN:
		LOG_ERR("a frame was cut short after %d octets: nothing more is sent on this connection", first);
		break;
	case ZWS_EVENT_BAD_ARGUMENT:
		LOG_WRN("refused to send opcode %d with %d octets (control frames: final, at most 125)", first,
			second);
		break;
	case ZWS_EVENT_CLOSED_UNDER_A_CALL:
		LOG_WRN("closed under a call that did not leave in time");
		break;
	case ZWS_EVENT_HEADER_INCOMPLETE:
		LOG_ERR("optional_headers[%d] does not end in CRLF, or has an empty line: nothing was sent", first);
		break;
	default:
		LOG_DBG("event %u: %d, %d", event, first, second);
		break;
	}
}

void zws_panic(void)
{
	k_panic();
}
