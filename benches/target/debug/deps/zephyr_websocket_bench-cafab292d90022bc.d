/work/main/benches/target/debug/deps/zephyr_websocket_bench-cafab292d90022bc.d: src/main.rs src/embedded.rs src/ours.rs src/pure.rs src/tungstenite_peer.rs src/wire.rs

/work/main/benches/target/debug/deps/libzephyr_websocket_bench-cafab292d90022bc.rmeta: src/main.rs src/embedded.rs src/ours.rs src/pure.rs src/tungstenite_peer.rs src/wire.rs

src/main.rs:
src/embedded.rs:
src/ours.rs:
src/pure.rs:
src/tungstenite_peer.rs:
src/wire.rs:
