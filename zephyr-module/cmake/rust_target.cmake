# SPDX-License-Identifier: Apache-2.0
# Which Rust target a board's CPU is, and what the compiler and the prelink have to be told for it.

# zws_rust_target(<target> <rustc flags> <prelink.py flags>): sets the three variables.
function(zws_rust_target target_variable flags_variable prelink_variable)
  set(flags "")
  set(prelink "")
  if(CONFIG_ARCH_POSIX)
    # The C library is the host's: Rust's own copies of memcpy and friends are dropped.
    set(prelink --drop-compiler-builtins)
    set(flags -Cforce-unwind-tables=no)
    if(CONFIG_64BIT)
      set(target x86_64-unknown-linux-gnu)
    else()
      set(target i686-unknown-linux-gnu)
      list(APPEND flags -Crelocation-model=static)
      list(APPEND prelink --ld-flag=-melf_i386)
    endif()
    if(NOT CMAKE_HOST_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      message(FATAL_ERROR "zephyr-websocket: native_sim is supported on x86-64 hosts only, "
        "not on ${CMAKE_HOST_SYSTEM_PROCESSOR}.")
    endif()
  elseif(CONFIG_X86_64)
    # The linker script of Zephyr discards the GOT. The precompiled core has LLVM's own calls go through it in spite of the PLT
    # flag: the other one lets the final link make them direct.
    set(target x86_64-unknown-none)
    set(flags -Crelocation-model=static -Zplt=yes -Zrelax-elf-relocations=yes)
    set(prelink --drop-compiler-builtins)
  elseif(CONFIG_X86)
    # i586, never the i686 target: Zephyr's kernel does not save SSE registers by default.
    set(target i586-unknown-linux-gnu)
    set(flags -Crelocation-model=static -Cforce-unwind-tables=no)
    set(prelink --drop-compiler-builtins --ld-flag=-melf_i386)
  elseif(CONFIG_CPU_CORTEX_M0 OR CONFIG_CPU_CORTEX_M0PLUS OR CONFIG_CPU_CORTEX_M1)
    set(target thumbv6m-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M23)
    set(target thumbv8m.base-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M3)
    set(target thumbv7m-none-eabi)
  elseif(CONFIG_CPU_CORTEX_M4 OR CONFIG_CPU_CORTEX_M7)
    set(target thumbv7em-none-eabi)
    if(CONFIG_FP_HARDABI)
      set(target thumbv7em-none-eabihf)
    endif()
  elseif(CONFIG_ARMV8_M_MAINLINE)
    set(target thumbv8m.main-none-eabi)
    if(CONFIG_FP_HARDABI)
      set(target thumbv8m.main-none-eabihf)
    endif()
  elseif(CONFIG_RISCV AND CONFIG_64BIT)
    # One toolchain serves both widths, and its ld -r takes its default for the output.
    set(target riscv64imac-unknown-none-elf)
    set(prelink --ld-flag=-melf64lriscv)
  elseif(CONFIG_RISCV)
    set(target riscv32imac-unknown-none-elf)
    set(prelink --ld-flag=-melf32lriscv)
  else()
    message(FATAL_ERROR
      "zephyr-websocket: no Rust target is known for this CPU (CONFIG_ARCH=\"${CONFIG_ARCH}\", board ${BOARD}). "
      "Set CONFIG_WEBSOCKET_RUST=n to use Zephyr's own WebSocket implementation, "
      "or add the CPU to zephyr-module/cmake/rust_target.cmake.")
  endif()
  set(${target_variable} ${target} PARENT_SCOPE)
  set(${flags_variable} "${flags}" PARENT_SCOPE)
  set(${prelink_variable} "${prelink}" PARENT_SCOPE)
endfunction()
