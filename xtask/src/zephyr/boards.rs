// SPDX-License-Identifier: Apache-2.0
//! The boards: which toolchain builds for one, which Rust target it needs, and how its image is run.

use std::path::Path;
use std::process::Command;

/// How an image is run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Machine {
    /// The image is a program of this machine; sockets are the host's where the application says so.
    Native,
    /// `qemu-system-i386` with an e1000.
    QemuX86,
    /// `qemu-system-arm` with a Stellaris network controller.
    QemuCortexM3,
}

pub(super) struct Board {
    pub(super) name: &'static str,
    pub(super) rust_target: &'static str,
    pub(super) machine: Machine,
    /// What CMake is told of the toolchain.
    pub(super) toolchain: &'static [&'static str],
}

const M32: &[&str] = &[
    "-DZEPHYR_TOOLCHAIN_VARIANT=host",
    "-DEXTRA_CFLAGS=-m32",
    "-DEXTRA_AFLAGS=-m32",
    "-DEXTRA_CXXFLAGS=-m32",
    "-DEXTRA_LDFLAGS=-m32",
];

pub(super) const BOARDS: &[Board] = &[
    Board {
        name: "native_sim/native/64",
        rust_target: "x86_64-unknown-linux-gnu",
        machine: Machine::Native,
        toolchain: &["-DZEPHYR_TOOLCHAIN_VARIANT=host"],
    },
    Board {
        name: "native_sim",
        rust_target: "i686-unknown-linux-gnu",
        machine: Machine::Native,
        toolchain: &["-DZEPHYR_TOOLCHAIN_VARIANT=host"],
    },
    Board {
        name: "qemu_x86",
        rust_target: "i586-unknown-linux-gnu",
        machine: Machine::QemuX86,
        toolchain: M32,
    },
    Board {
        name: "qemu_cortex_m3",
        rust_target: "thumbv7m-none-eabi",
        machine: Machine::QemuCortexM3,
        toolchain: &[
            "-DZEPHYR_TOOLCHAIN_VARIANT=gnuarmemb",
            "-DGNUARMEMB_TOOLCHAIN_PATH=/usr",
        ],
    },
];

impl Machine {
    /// The guest's port 9001 on 10.0.2.100 is `port` on this machine's loopback; every connection gets its own.
    pub(super) fn command(self, build: &Path, port: Option<u16>, seconds: u64) -> Command {
        if self == Self::Native {
            let mut command = Command::new(build.join("zephyr/zephyr.exe"));
            command.arg(format!("-stop_at={seconds}"));
            return command;
        }
        let (program, model, machine) = match self {
            Self::QemuX86 => (
                "qemu-system-i386",
                "e1000",
                "-m 32 -cpu qemu32,+nx,+pae -machine q35 -device isa-debug-exit,iobase=0xf4,iosize=0x04 -no-reboot \
                 -nographic -serial mon:stdio",
            ),
            _ => (
                "qemu-system-arm",
                "stellaris",
                "-cpu cortex-m3 -machine lm3s6965evb -nographic -vga none -chardev stdio,id=con,mux=on \
                 -serial chardev:con -mon chardev=con,mode=readline",
            ),
        };
        let network = port.map_or_else(
            || "none".to_owned(),
            |port| {
                format!(
                    "user,model={model},restrict=on,\
                     guestfwd=tcp:10.0.2.100:9001-cmd:socat - TCP:127.0.0.1:{port}"
                )
            },
        );
        let mut command = Command::new(program);
        command
            .args(machine.split_whitespace())
            .args(["-nic", &network, "-kernel"])
            .arg(build.join("zephyr/zephyr.elf"));
        command
    }

    pub(super) fn packages(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Native => &[("gcc", "gcc-multilib")],
            Self::QemuX86 => &[("qemu-system-i386", "qemu-system-x86"), ("socat", "socat")],
            Self::QemuCortexM3 => &[
                ("qemu-system-arm", "qemu-system-arm"),
                ("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
                ("socat", "socat"),
            ],
        }
    }
}
