# SPDX-License-Identifier: Apache-2.0
# Builds the Rust library with cargo and prelinks it to one object that defines nothing but our exports.

# zws_rust_library(<target> <rustc flags> <prelink.py flags> <variable>): sets the variable to the object's path and
# makes the target zws_rust, which builds it.
function(zws_rust_library target flags prelink_flags object_variable)
  cmake_path(GET CMAKE_CURRENT_FUNCTION_LIST_DIR PARENT_PATH module)
  cmake_path(GET module PARENT_PATH root)

  if(DEFINED ENV{CARGO})
    set(cargo $ENV{CARGO})
  else()
    find_program(cargo cargo NO_CACHE)
  endif()
  if(NOT cargo)
    zws_toolchain(${root} toolchain)
    message(FATAL_ERROR "zephyr-websocket: cargo was not found. Install Rust (rustup.rs), "
      "then `rustup target add --toolchain ${toolchain} ${target}`.")
  endif()

  set(build_std "")
  if(CONFIG_WEBSOCKET_RUST_BUILD_STD)
    set(build_std -Zbuild-std=core,compiler_builtins -Zbuild-std-features=compiler-builtins-mem)
  else()
    zws_require_core(${cargo} ${target} ${root})
  endif()
  set(environment "")
  if(build_std OR flags MATCHES "-Z")
    list(APPEND environment RUSTC_BOOTSTRAP=1)
  endif()
  if(DEFINED ENV{RUSTC})
    # The compiler that was chosen when the build was configured, also for later builds.
    list(APPEND environment RUSTC=$ENV{RUSTC})
  endif()

  # Otherwise what Cargo.toml says: small, but not at any price.
  if(CONFIG_SIZE_OPTIMIZATIONS_AGGRESSIVE)
    list(APPEND environment CARGO_PROFILE_RELEASE_OPT_LEVEL=z)
  elseif(CONFIG_SPEED_OPTIMIZATIONS)
    list(APPEND environment CARGO_PROFILE_RELEASE_OPT_LEVEL=3)
  endif()

  set(target_dir ${CMAKE_CURRENT_BINARY_DIR}/rust)
  set(archive ${target_dir}/${target}/release/libzephyr_websocket.a)
  set(object ${target_dir}/zephyr_websocket.o)
  list(JOIN flags " " rustflags)
  if(NOT CONFIG_DEBUG_OPTIMIZATIONS AND NOT CONFIG_DEBUG)
    list(APPEND prelink_flags --strip)
  endif()
  if((CONFIG_ARM OR CONFIG_RISCV) AND NOT CONFIG_WEBSOCKET_RUST_OWN_MEMCPY)
    list(APPEND prelink_flags --drop-compiler-builtins)
  endif()

  add_custom_command(
    OUTPUT ${object}
    DEPFILE ${target_dir}/${target}/release/libzephyr_websocket.d
    DEPENDS ${module}/exports.txt ${module}/cmake/prelink.py ${root}/Cargo.toml ${root}/Cargo.lock ${root}/build.rs
      ${DOTCONFIG}
    COMMAND ${CMAKE_COMMAND} -E env ${environment} "ZWS_DOTCONFIG=${DOTCONFIG}" "RUSTFLAGS=${rustflags}"
      ${cargo} rustc --release --locked --package zephyr-websocket --lib --crate-type staticlib --features zephyr
      --target ${target} --target-dir ${target_dir} ${build_std}
    COMMAND ${PYTHON_EXECUTABLE} ${module}/cmake/prelink.py --archive ${archive} --output ${object}
      --exports ${module}/exports.txt --dotconfig ${DOTCONFIG} --ld ${CMAKE_LINKER} --objcopy ${CMAKE_OBJCOPY} --ar ${CMAKE_AR}
      ${prelink_flags}
    WORKING_DIRECTORY ${root}
    COMMENT "Building the Rust WebSocket library for ${target}"
    USES_TERMINAL
    VERBATIM
  )
  add_custom_target(zws_rust DEPENDS ${object})
  set(${object_variable} ${object} PARENT_SCOPE)
endfunction()

# The toolchain that rust-toolchain.toml pins: outside of the module's folder rustup has another one.
function(zws_toolchain root result)
  file(STRINGS ${root}/rust-toolchain.toml line REGEX "^channel")
  string(REGEX REPLACE "^channel *= *\"(.*)\"$" "\\1" channel "${line}")
  set(${result} ${channel} PARENT_SCOPE)
endfunction()

# Says which command is missing where there is no precompiled core library for the target.
function(zws_require_core cargo target root)
  cmake_path(GET cargo PARENT_PATH cargo_directory)
  if(DEFINED ENV{RUSTC})
    set(rustc $ENV{RUSTC})
  else()
    find_program(rustc rustc HINTS ${cargo_directory} NO_CACHE)
  endif()
  execute_process(
    COMMAND ${rustc} --print target-libdir --target ${target}
    WORKING_DIRECTORY ${root}
    OUTPUT_VARIABLE libdir OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result ERROR_VARIABLE error)
  file(GLOB core "${libdir}/libcore-*.rlib")
  if(result OR NOT core)
    zws_toolchain(${root} toolchain)
    message(FATAL_ERROR "zephyr-websocket: the Rust compiler has no core library for ${target}.\n"
      "Run: rustup target add --toolchain ${toolchain} ${target}\n"
      "or set CONFIG_WEBSOCKET_RUST_BUILD_STD=y for a toolchain that has its source. ${error}")
  endif()
endfunction()
