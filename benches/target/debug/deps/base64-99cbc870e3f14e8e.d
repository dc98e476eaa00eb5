/work/main/benches/target/debug/deps/base64-99cbc870e3f14e8e.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/chunked_encoder.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/display.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/tables.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/encode.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/decode.rs

/work/main/benches/target/debug/deps/libbase64-99cbc870e3f14e8e.rmeta: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/lib.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/chunked_encoder.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/display.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/tables.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/encode.rs /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/decode.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/lib.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/chunked_encoder.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/display.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/tables.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/encode.rs:
/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/base64-0.13.1/src/decode.rs:
