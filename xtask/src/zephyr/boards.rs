// SPDX-License-Identifier: Apache-2.0
//! The boards: which toolchain builds for one, which Rust target it needs, and how its image is run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, tools};

/// How an image is run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Machine {
    /// The image is a program of this machine; sockets are the host's where the application says so.
    Native,
    /// `qemu-system-i386` with an e1000.
    QemuX86,
    /// `qemu-system-x86_64`; QEMU boots it from two files.
    QemuX8664,
    /// `qemu-system-arm` with a Stellaris network controller.
    QemuCortexM3,
    /// `qemu-system-arm` as Arm's MPS2 with the AN385 image.
    Mps2An385,
    /// `qemu-system-riscv32`.
    QemuRiscv32,
}

/// What an application may need of a board.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Need {
    /// A way to a server: the samples have configuration for it.
    Network,
    /// More than 64 KiB of RAM.
    Memory,
    /// Threads in user mode.
    UserMode,
}

/// The network that QEMU makes for an image.
#[derive(Clone, Copy)]
pub(super) struct Guest {
    network: &'static str,
    /// Where the image finds the server.
    server: &'static str,
    /// Where the image is one.
    own: &'static str,
}

impl Guest {
    /// Of the applications here.
    pub(super) const OURS: Self = Self {
        network: "",
        server: "10.0.2.100:9001",
        own: "10.0.2.15:8080",
    };
    /// Of Zephyr's samples: the addresses that are kept for documentation.
    pub(super) const DOCUMENTATION: Self = Self {
        network: "net=192.0.2.0/24,host=192.0.2.254,",
        server: "192.0.2.2:9001",
        own: "192.0.2.1:80",
    };
}

pub(super) struct Board {
    pub(super) name: &'static str,
    pub(super) rust_target: &'static str,
    pub(super) machine: Machine,
    /// What it does not have, or the application has no configuration for.
    pub(super) lacks: &'static [Need],
    /// Turns its network controller on, where an application has no file for this board.
    pub(super) ethernet: &'static [&'static str],
    /// The same on every machine.
    toolchain: &'static [&'static str],
}

impl Board {
    /// Installs what building for the board and running its images needs.
    ///
    /// # Errors
    /// Something is missing and cannot be installed.
    pub(super) fn install(&self) -> Result<()> {
        tools::programs(self.machine.packages())?;
        if self.is_32_bits_of_this_machine() && !Path::new("/usr/lib32/crt1.o").exists() {
            tools::install(&[&tools::multilib()?])?;
        }
        Ok(())
    }

    /// The machine's own compiler builds for it, in its other width.
    fn is_32_bits_of_this_machine(&self) -> bool {
        ["i586-unknown-linux-gnu", "i686-unknown-linux-gnu"].contains(&self.rust_target)
    }

    /// Where the compiler has to be told of the kernel's headers: a package that cannot be beside the compilers for
    /// other machines has a link to them, which programs of 32 bits need.
    pub(super) fn kernel_headers(&self) -> Option<&'static str> {
        let is_program = self.machine == Machine::Native && self.is_32_bits_of_this_machine();
        (is_program && !Path::new("/usr/include/asm").exists())
            .then_some("/usr/include/x86_64-linux-gnu")
    }

    /// What CMake is told of the toolchain.
    ///
    /// # Errors
    /// A compiler that has to be asked does not run.
    pub(super) fn toolchain(&self) -> Result<Vec<String>> {
        let mut options: Vec<String> = self.toolchain.iter().map(|&s| s.to_owned()).collect();
        if self.machine == Machine::QemuRiscv32 {
            // Zephyr's -march names extensions of which this compiler does not know that its libgcc is fit for them.
            let libgcc = process::build(Command::new("riscv64-unknown-elf-gcc").args([
                "-march=rv32imac",
                "-mabi=ilp32",
                "-print-libgcc-file-name",
            ]))?;
            let directory = Path::new(libgcc.trim()).parent().context("no libgcc")?;
            options.push(format!("-DEXTRA_LDFLAGS=-L{}", directory.display()));
        }
        Ok(options)
    }
}

const M32: &[&str] = &[
    "-DZEPHYR_TOOLCHAIN_VARIANT=host",
    "-DEXTRA_CFLAGS=-m32",
    "-DEXTRA_AFLAGS=-m32",
    "-DEXTRA_CXXFLAGS=-m32",
    // Zephyr 3.7 finds the 64-bit libgcc: by name the compiler finds the other one.
    "-DEXTRA_LDFLAGS=-m32 -lgcc",
];

const ARM: &[&str] = &[
    "-DZEPHYR_TOOLCHAIN_VARIANT=gnuarmemb",
    "-DGNUARMEMB_TOOLCHAIN_PATH=/usr",
];

/// Debian's compiler for both widths. The directory is not used: without it CMake searches all of /usr for one.
const RISCV32: &[&str] = &[
    "-DZEPHYR_TOOLCHAIN_VARIANT=cross-compile",
    "-DCROSS_COMPILE=/usr/bin/riscv64-unknown-elf-",
    "-DSYSROOT_DIR=/usr/lib/riscv64-unknown-elf",
];

pub(super) const BOARDS: &[Board] = &[
    Board {
        name: "native_sim/native/64",
        rust_target: "x86_64-unknown-linux-gnu",
        machine: Machine::Native,
        lacks: &[Need::UserMode],
        ethernet: &[],
        toolchain: &["-DZEPHYR_TOOLCHAIN_VARIANT=host"],
    },
    Board {
        name: "native_sim",
        rust_target: "i686-unknown-linux-gnu",
        machine: Machine::Native,
        lacks: &[Need::UserMode],
        ethernet: &[],
        toolchain: &["-DZEPHYR_TOOLCHAIN_VARIANT=host"],
    },
    Board {
        name: "qemu_x86",
        rust_target: "i586-unknown-linux-gnu",
        machine: Machine::QemuX86,
        lacks: &[],
        ethernet: &[
            "-DCONFIG_NET_L2_ETHERNET=y",
            "-DCONFIG_NET_QEMU_ETHERNET=y",
            "-DCONFIG_NET_SLIP_TAP=n",
            "-DCONFIG_PCIE=y",
            "-DCONFIG_ETH_E1000=y",
        ],
        toolchain: M32,
    },
    Board {
        name: "qemu_x86_64",
        rust_target: "x86_64-unknown-none",
        machine: Machine::QemuX8664,
        lacks: &[Need::Network, Need::UserMode],
        ethernet: &[],
        toolchain: &["-DZEPHYR_TOOLCHAIN_VARIANT=host"],
    },
    Board {
        name: "qemu_cortex_m3",
        rust_target: "thumbv7m-none-eabi",
        machine: Machine::QemuCortexM3,
        lacks: &[Need::Memory, Need::UserMode],
        ethernet: &[
            "-DCONFIG_NET_L2_ETHERNET=y",
            "-DCONFIG_NET_QEMU_ETHERNET=y",
            "-DCONFIG_NET_SLIP_TAP=n",
            "-DCONFIG_ETH_STELLARIS=y",
        ],
        toolchain: ARM,
    },
    Board {
        name: "mps2/an385",
        rust_target: "thumbv7m-none-eabi",
        machine: Machine::Mps2An385,
        lacks: &[Need::UserMode],
        ethernet: &[],
        toolchain: ARM,
    },
    Board {
        name: "qemu_riscv32",
        rust_target: "riscv32imac-unknown-none-elf",
        machine: Machine::QemuRiscv32,
        lacks: &[Need::Network, Need::UserMode],
        ethernet: &[],
        toolchain: RISCV32,
    },
];

const ARM_CONSOLE: &str = "-nographic -vga none -chardev stdio,id=con,mux=on -serial chardev:con \
                           -mon chardev=con,mode=readline";
const PC: &str = "-m 32 -machine q35 -device isa-debug-exit,iobase=0xf4,iosize=0x04 -no-reboot -nographic \
                  -serial mon:stdio";

impl Machine {
    /// QEMU's program, what it emulates, and the network controller that the samples are configured for.
    fn qemu(self) -> (&'static str, String, &'static str) {
        match self {
            Self::Native => ("", String::new(), ""),
            Self::QemuX86 => (
                "qemu-system-i386",
                format!("{PC} -cpu qemu32,+nx,+pae"),
                "e1000",
            ),
            Self::QemuX8664 => (
                "qemu-system-x86_64",
                format!("{PC} -cpu qemu64 -smp cpus=2"),
                "",
            ),
            Self::QemuCortexM3 => (
                "qemu-system-arm",
                format!("-cpu cortex-m3 -machine lm3s6965evb {ARM_CONSOLE}"),
                "stellaris",
            ),
            Self::Mps2An385 => (
                "qemu-system-arm",
                format!("-cpu cortex-m3 -machine mps2-an385 {ARM_CONSOLE}"),
                "lan9118",
            ),
            Self::QemuRiscv32 => (
                "qemu-system-riscv32",
                "-machine virt -bios none -m 256 -nographic -serial mon:stdio".to_owned(),
                "",
            ),
        }
    }

    /// What Ninja builds; nothing is everything.
    pub(super) fn ninja_targets(self) -> &'static [&'static str] {
        match self {
            Self::QemuX8664 => &["qemu_kernel_target"],
            _ => &[],
        }
    }

    /// The server that the guest looks for is `port` on this machine's loopback; every connection gets its own.
    pub(super) fn command(
        self,
        build: &Path,
        port: Option<u16>,
        guest: Guest,
        seconds: u64,
    ) -> Command {
        let Guest {
            network, server, ..
        } = guest;
        let forwarding = port.map(|port| {
            format!("{network}restrict=on,guestfwd=tcp:{server}-cmd:socat - TCP:127.0.0.1:{port}")
        });
        self.command_forwarding(build, forwarding, seconds)
    }

    /// The other way: `port` on this machine's loopback leads to the guest's own server.
    pub(super) fn command_visited(
        self,
        build: &Path,
        port: u16,
        guest: Guest,
        seconds: u64,
    ) -> Command {
        let Guest { network, own, .. } = guest;
        let forwarding = format!("{network}restrict=on,hostfwd=tcp:127.0.0.1:{port}-{own}");
        self.command_forwarding(build, Some(forwarding), seconds)
    }

    fn command_forwarding(self, build: &Path, forwarding: Option<String>, seconds: u64) -> Command {
        let image = build.join("zephyr");
        if self == Self::Native {
            let mut command = Command::new(image.join("zephyr.exe"));
            command.arg(format!("-stop_at={seconds}"));
            return command;
        }
        let (program, machine, model) = self.qemu();
        let network = forwarding.map_or_else(
            || "none".to_owned(),
            |forwarding| format!("user,model={model},{forwarding}"),
        );
        let mut command = Command::new(program);
        command
            .args(machine.split_whitespace())
            .args(["-nic", &network]);
        if self == Self::QemuX8664 {
            let rest = image.join("zephyr-qemu-main.elf");
            command
                .arg("-device")
                .arg(format!("loader,file={}", rest.display()))
                .arg("-kernel")
                .arg(image.join("zephyr-qemu-locore.elf"));
        } else {
            command.arg("-kernel").arg(image.join("zephyr.elf"));
        }
        command
    }

    /// The programs, and the packages that have them.
    fn packages(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Native => &[("gcc", "gcc")],
            Self::QemuX86 => &[
                ("gcc", "gcc"),
                ("qemu-system-i386", "qemu-system-x86"),
                ("socat", "socat"),
            ],
            Self::QemuX8664 => &[("gcc", "gcc"), ("qemu-system-x86_64", "qemu-system-x86")],
            Self::QemuCortexM3 | Self::Mps2An385 => &[
                ("qemu-system-arm", "qemu-system-arm"),
                ("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
                ("socat", "socat"),
            ],
            Self::QemuRiscv32 => &[
                ("qemu-system-riscv32", "qemu-system-misc"),
                ("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"),
            ],
        }
    }
}
