/work/main/benches/target/debug/deps/embedded_websocket-1c63bd62a895a151.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/http.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/random.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer_async.rs

/work/main/benches/target/debug/deps/libembedded_websocket-1c63bd62a895a151.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/http.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/random.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer_async.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/lib.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/http.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/random.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/embedded-websocket-0.9.5/src/framer_async.rs:
