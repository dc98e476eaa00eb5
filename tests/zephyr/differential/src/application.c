/*
 * The application's steps: each call of a correct application, and what came of it on one line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>
#include <zephyr/sys/fdtable.h>

#include "application.h"
#include "peer.h"
#include "peer_frames.h"

#define CONNECT_TIMEOUT_MS 3000
#define BUFFER_MAX 1200
#define SEND_BUFFER 2048
/* What a call leaves there that writes no type or remaining octets. */
#define NOT_WRITTEN 0x5A5A5A5AU

static const uint16_t tmp_sizes[] = {160, 256, 1024};
static const uint16_t buffer_sizes[] = {1, 4, 16, 64, 130, 400, BUFFER_MAX};
static const uint16_t send_sizes[] = {0, 1, 10, 125, 126, 500, 504, 505, 1000, 3000};
static const int timeouts[] = {0, 0, 50, SYS_FOREVER_MS};

static uint8_t tmp[1024];
static uint8_t buffer[3000];
static int tcp = -1;
static int ws = -1;
/* What the application has begun to send. */
static bool is_message_open;
static bool has_sent_close;
static bool is_nonblocking;
static int64_t began_at;

static void begin(void)
{
	errno = 0;
	began_at = k_uptime_get();
}

/* Numbers depend on the C library. */
static const char *name_of(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{0, "0"}, {EPERM, "EPERM"}, {ENOENT, "ENOENT"}, {EIO, "EIO"}, {EBADF, "EBADF"}, {EAGAIN, "EAGAIN"},
		{ENOMEM, "ENOMEM"}, {EEXIST, "EEXIST"}, {EINVAL, "EINVAL"}, {EPIPE, "EPIPE"}, {EPROTO, "EPROTO"},
		{EOPNOTSUPP, "EOPNOTSUPP"}, {ENOTSUP, "EOPNOTSUPP"}, {ECONNRESET, "ECONNRESET"}, {ENOBUFS, "ENOBUFS"},
		{ECONNABORTED, "ECONNABORTED"}, {ETIMEDOUT, "ETIMEDOUT"}, {EALREADY, "EALREADY"},
		{ENOTCONN, "ENOTCONN"}, {ESHUTDOWN, "ESHUTDOWN"}, {ENOSPC, "ENOSPC"}, {EMSGSIZE, "EMSGSIZE"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].error == error) {
			return names[i].name;
		}
	}

	return "OTHER";
}

/* errno means something only where a call failed. */
static void print_result(int result)
{
	const int error = result < 0 ? errno : 0;
	const int ms = (int)(k_uptime_get() - began_at);

	if (result < -1) {
		printk(" = -1 error=%s errno=%s ms=%d", name_of(-result), name_of(error), ms);
	} else {
		printk(" = %d errno=%s ms=%d", result, name_of(error), ms);
	}
}

static void end_line(void)
{
	printk("\n");
	peer_print_received();
}

static void print_data(int len)
{
	if (len > 0) {
		printk(" data=%08x", digest_of(buffer, (size_t)len));
	}
}

static void close_all(void)
{
	if (ws >= 0) {
		printk("disconnect");
		begin();
		print_result(websocket_disconnect(ws));
		end_line();
		ws = -1;
	}
	peer_close();
	if (tcp >= 0) {
		(void)zsock_close(tcp);
		tcp = -1;
	}
	/* The stack closes its end, too. */
	k_msleep(10);
}

static void connect_to_peer(const struct step *step)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(PEER_PORT), .sin_addr = INADDR_LOOPBACK_INIT,
	};
	struct websocket_request request = {
		.host = "h", .url = "/", .tmp_buf = tmp, .tmp_buf_len = CHOSEN(tmp_sizes, step->choice[0]),
	};
	const int send_buffer = SEND_BUFFER;

	if (ws >= 0) {
		return;
	}
	close_all();
	is_message_open = false;
	has_sent_close = false;
	is_nonblocking = false;
	peer_frames_connect(step);
	tcp = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (zsock_connect(tcp, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		printk("no connection\n");
		return;
	}
	(void)zsock_setsockopt(tcp, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
	printk("connect tmp=%u", (unsigned int)request.tmp_buf_len);
	begin();
	ws = websocket_connect(tcp, &request, CONNECT_TIMEOUT_MS, NULL);
	/* The number itself says nothing. */
	print_result(MIN(ws, 0));
	end_line();
}

static void poll_it(const struct step *step)
{
	static const short wanted[] = {ZSOCK_POLLIN, ZSOCK_POLLIN, ZSOCK_POLLOUT, ZSOCK_POLLIN | ZSOCK_POLLOUT};
	struct zsock_pollfd entry = {.fd = ws, .events = CHOSEN(wanted, step->choice[0])};
	int timeout = step->choice[1] % 2 == 0 ? 0 : 50;

	if (step->choice[2] % 5 == 0 && peer_frames_arrive(step)) {
		timeout = 50;
	}
	printk("poll events=%d timeout=%d", entry.events, timeout);
	begin();
	print_result(zsock_poll(&entry, 1, timeout));
	printk(" revents=%d", entry.revents);
	end_line();
}

static void receive_message(const struct step *step)
{
	const size_t size = CHOSEN(buffer_sizes, step->choice[0]);
	int timeout = step->choice[3] % 3 == 0 ? 50 : 0;
	uint32_t type = NOT_WRITTEN;
	uint64_t left = NOT_WRITTEN;
	int got;

	if (step->choice[2] % 6 == 0 && peer_frames_arrive(step)) {
		timeout = step->choice[3] % 2 == 0 ? 50 : SYS_FOREVER_MS;
	}
	printk("recv_msg size=%u timeout=%d", (unsigned int)size, timeout);
	begin();
	got = websocket_recv_msg(ws, buffer, size, &type, &left, timeout);
	print_result(got);
	if (got >= 0 && type == NOT_WRITTEN) {
		printk(" type=no");
	} else if (got >= 0) {
		printk(" type=%u", type);
	}
	if (got >= 0 && left == NOT_WRITTEN) {
		printk(" left=no");
	} else if (got >= 0) {
		printk(" left=%u", (unsigned int)left);
	}
	print_data(got);
	end_line();
}

static void receive_octets(const struct step *step)
{
	const size_t size = CHOSEN(buffer_sizes, step->choice[0]);
	int flags = ZSOCK_MSG_DONTWAIT;
	int got;

	if (step->choice[2] % 4 == 0 && peer_frames_arrive(step)) {
		flags = 0;
	}
	printk("recv size=%u wait=%d nonblocking=%d", (unsigned int)size, flags == 0, is_nonblocking);
	begin();
	got = (int)zsock_recv(ws, buffer, size, flags);
	print_result(got);
	print_data(got);
	end_line();
}

static void send_message(const struct step *step)
{
	static const uint8_t opcodes[] = {
		WEBSOCKET_OPCODE_DATA_TEXT, WEBSOCKET_OPCODE_DATA_TEXT, WEBSOCKET_OPCODE_DATA_BINARY,
		WEBSOCKET_OPCODE_DATA_BINARY, WEBSOCKET_OPCODE_PING, WEBSOCKET_OPCODE_PONG, WEBSOCKET_OPCODE_CLOSE,
	};
	uint8_t opcode = CHOSEN(opcodes, step->choice[0]);
	const int timeout = CHOSEN(timeouts, step->choice[3]);
	size_t len = CHOSEN(send_sizes, step->choice[1]);
	bool is_final = true;
	int sent;

	if (has_sent_close) {
		return;
	}
	memset(buffer, 'A' + step->choice[2] % 26, sizeof(buffer));
	if (opcode >= WEBSOCKET_OPCODE_CLOSE) {
		len = MIN(len, 125);
	} else {
		is_final = step->choice[2] % 4 != 0;
		opcode = is_message_open ? WEBSOCKET_OPCODE_CONTINUE : opcode;
		is_message_open = !is_final;
	}
	if (opcode == WEBSOCKET_OPCODE_CLOSE) {
		has_sent_close = true;
		len = len < 10 ? 0 : 10;
		/* 1001 */
		buffer[0] = 0x03;
		buffer[1] = 0xE9;
	}
	printk("send_msg op=%u fin=%d len=%u timeout=%d", opcode, is_final, (unsigned int)len, timeout);
	begin();
	sent = websocket_send_msg(ws, buffer, len, (enum websocket_opcode)opcode, true, is_final, timeout);
	print_result(sent);
	end_line();
}

static void send_octets(const struct step *step)
{
	const size_t len = CHOSEN(send_sizes, step->choice[1]);
	const int flags = step->choice[3] % 2 == 0 ? ZSOCK_MSG_DONTWAIT : 0;

	/* It would be a new message inside the one that is open. */
	if (has_sent_close || is_message_open) {
		return;
	}
	memset(buffer, 'A' + step->choice[2] % 26, sizeof(buffer));
	printk("send len=%u wait=%d", (unsigned int)len, flags == 0);
	begin();
	print_result((int)zsock_send(ws, buffer, len, flags));
	end_line();
}

static void count_octets(void)
{
	int count = -1;

	printk("fionread");
	begin();
	print_result(zsock_ioctl(ws, ZFD_IOCTL_FIONREAD, &count));
	printk(" count=%d", count);
	end_line();
}

static void set_nonblocking(const struct step *step)
{
	const int flags = zsock_fcntl(ws, ZVFS_F_GETFL, 0);
	const bool wanted = step->choice[0] % 2 == 0;

	printk("nonblock was=%d set=%d", flags, wanted);
	begin();
	print_result(zsock_fcntl(ws, ZVFS_F_SETFL, wanted ? ZVFS_O_NONBLOCK : 0));
	end_line();
	is_nonblocking = wanted;
}

static void shut_down(const struct step *step)
{
	static const int hows[] = {ZSOCK_SHUT_RD, ZSOCK_SHUT_WR, ZSOCK_SHUT_RDWR};
	const int how = CHOSEN(hows, step->choice[0]);

	printk("shutdown how=%d", how);
	begin();
	print_result(zsock_shutdown(ws, how));
	end_line();
	has_sent_close = has_sent_close || how != ZSOCK_SHUT_RD;
}

static void read_option(const struct step *step)
{
	static const int options[] = {SO_ERROR, SO_TYPE};
	int value = -1;
	socklen_t len = sizeof(value);
	const int option = CHOSEN(options, step->choice[0]);

	printk("getsockopt option=%d", option);
	begin();
	print_result(zsock_getsockopt(ws, SOL_SOCKET, option, &value, &len));
	printk(" value=%d", value);
	end_line();
}

static void read_name(void)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof(address);

	printk("getpeername");
	begin();
	print_result(zsock_getpeername(ws, (struct sockaddr *)&address, &len));
	printk(" port=%u", ntohs(address.sin_port));
	end_line();
}

/* As Zephyr's OCPP library reconnects: the socket below first. What is still called is in question only for the end. */
static void close_below(void)
{
	printk("close_below");
	begin();
	print_result(zsock_close(tcp));
	tcp = -1;
	end_line();
}

static bool needs_socket_below(enum step_kind kind)
{
	return kind != STEP_CONNECT && kind != STEP_DISCONNECT;
}

void application_play(const struct step *step)
{
	if (step->kind == STEP_CONNECT) {
		connect_to_peer(step);
		return;
	}
	if (ws < 0 || (tcp < 0 && needs_socket_below(step->kind))) {
		return;
	}
	switch (step->kind) {
	case STEP_POLL:
		poll_it(step);
		break;
	case STEP_RECV_MSG:
		receive_message(step);
		break;
	case STEP_RECV:
		receive_octets(step);
		break;
	case STEP_SEND_MSG:
		send_message(step);
		break;
	case STEP_SEND:
		send_octets(step);
		break;
	case STEP_FIONREAD:
		count_octets();
		break;
	case STEP_NONBLOCK:
		set_nonblocking(step);
		break;
	case STEP_SHUTDOWN:
		shut_down(step);
		break;
	case STEP_SOCKET_OPTION:
		read_option(step);
		break;
	case STEP_SOCKET_NAME:
		read_name();
		break;
	case STEP_CLOSE_BELOW:
		close_below();
		break;
	case STEP_DISCONNECT:
		close_all();
		break;
	case STEP_FRAME:
		peer_frames_send(step);
		peer_print_received();
		break;
	case STEP_END_OF_STREAM:
		peer_frames_end_stream();
		peer_print_received();
		break;
	case STEP_PAUSE:
		peer_pause(step->choice[0] % 2 == 0);
		printk("pause is=%d", step->choice[0] % 2 == 0);
		end_line();
		break;
	default:
		break;
	}
}

void application_end(void)
{
	close_all();
}
