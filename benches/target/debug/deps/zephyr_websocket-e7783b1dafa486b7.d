/work/main/benches/target/debug/deps/zephyr_websocket-e7783b1dafa486b7.d: /work/main/src/lib.rs /work/main/src/connection/mod.rs /work/main/src/connection/ahead.rs /work/main/src/connection/answers.rs /work/main/src/connection/buffer.rs /work/main/src/connection/call.rs /work/main/src/connection/control.rs /work/main/src/connection/deadline.rs /work/main/src/connection/deliver.rs /work/main/src/connection/error.rs /work/main/src/connection/open.rs /work/main/src/connection/pieces.rs /work/main/src/connection/readiness.rs /work/main/src/connection/receive.rs /work/main/src/connection/scatter.rs /work/main/src/connection/send.rs /work/main/src/connection/settings.rs /work/main/src/connection/shared.rs /work/main/src/handshake/mod.rs /work/main/src/handshake/failure.rs /work/main/src/handshake/headers.rs /work/main/src/handshake/key.rs /work/main/src/handshake/optional_headers.rs /work/main/src/handshake/request.rs /work/main/src/handshake/response.rs /work/main/src/handshake/sha1.rs /work/main/src/handshake/text.rs /work/main/src/platform/mod.rs /work/main/src/protocol/mod.rs /work/main/src/protocol/close.rs /work/main/src/protocol/error.rs /work/main/src/protocol/fragmentation.rs /work/main/src/protocol/frame.rs /work/main/src/protocol/masking.rs /work/main/src/protocol/opcode.rs /work/main/src/protocol/utf8.rs /work/main/src/slot/mod.rs /work/main/src/slot/atomic.rs /work/main/src/slot/life.rs

/work/main/benches/target/debug/deps/libzephyr_websocket-e7783b1dafa486b7.rmeta: /work/main/src/lib.rs /work/main/src/connection/mod.rs /work/main/src/connection/ahead.rs /work/main/src/connection/answers.rs /work/main/src/connection/buffer.rs /work/main/src/connection/call.rs /work/main/src/connection/control.rs /work/main/src/connection/deadline.rs /work/main/src/connection/deliver.rs /work/main/src/connection/error.rs /work/main/src/connection/open.rs /work/main/src/connection/pieces.rs /work/main/src/connection/readiness.rs /work/main/src/connection/receive.rs /work/main/src/connection/scatter.rs /work/main/src/connection/send.rs /work/main/src/connection/settings.rs /work/main/src/connection/shared.rs /work/main/src/handshake/mod.rs /work/main/src/handshake/failure.rs /work/main/src/handshake/headers.rs /work/main/src/handshake/key.rs /work/main/src/handshake/optional_headers.rs /work/main/src/handshake/request.rs /work/main/src/handshake/response.rs /work/main/src/handshake/sha1.rs /work/main/src/handshake/text.rs /work/main/src/platform/mod.rs /work/main/src/protocol/mod.rs /work/main/src/protocol/close.rs /work/main/src/protocol/error.rs /work/main/src/protocol/fragmentation.rs /work/main/src/protocol/frame.rs /work/main/src/protocol/masking.rs /work/main/src/protocol/opcode.rs /work/main/src/protocol/utf8.rs /work/main/src/slot/mod.rs /work/main/src/slot/atomic.rs /work/main/src/slot/life.rs

/work/main/src/lib.rs:
/work/main/src/connection/mod.rs:
/work/main/src/connection/ahead.rs:
/work/main/src/connection/answers.rs:
/work/main/src/connection/buffer.rs:
/work/main/src/connection/call.rs:
/work/main/src/connection/control.rs:
/work/main/src/connection/deadline.rs:
/work/main/src/connection/deliver.rs:
/work/main/src/connection/error.rs:
/work/main/src/connection/open.rs:
/work/main/src/connection/pieces.rs:
/work/main/src/connection/readiness.rs:
/work/main/src/connection/receive.rs:
/work/main/src/connection/scatter.rs:
/work/main/src/connection/send.rs:
/work/main/src/connection/settings.rs:
/work/main/src/connection/shared.rs:
/work/main/src/handshake/mod.rs:
/work/main/src/handshake/failure.rs:
/work/main/src/handshake/headers.rs:
/work/main/src/handshake/key.rs:
/work/main/src/handshake/optional_headers.rs:
/work/main/src/handshake/request.rs:
/work/main/src/handshake/response.rs:
/work/main/src/handshake/sha1.rs:
/work/main/src/handshake/text.rs:
/work/main/src/platform/mod.rs:
/work/main/src/protocol/mod.rs:
/work/main/src/protocol/close.rs:
/work/main/src/protocol/error.rs:
/work/main/src/protocol/fragmentation.rs:
/work/main/src/protocol/frame.rs:
/work/main/src/protocol/masking.rs:
/work/main/src/protocol/opcode.rs:
/work/main/src/protocol/utf8.rs:
/work/main/src/slot/mod.rs:
/work/main/src/slot/atomic.rs:
/work/main/src/slot/life.rs:
