//! Reading, writing and closing any descriptor.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::descriptor_table::{self, Target};
use crate::errno;
use crate::vtable::DescriptorVtable;
use core::ffi::{c_int, c_void};
use libc::ssize_t;

const MODE_TYPE: u32 = 0o170_000;
const MODE_SHARED_MEMORY: u32 = 0o070_000;

/// `zvfs_close()`: the close method under the lock, then the descriptor is free whatever the method said.
#[unsafe(no_mangle)]
pub extern "C" fn zvfs_close(fd: c_int) -> c_int {
    let (entry, _) = match descriptor_table::look_up(fd) {
        Ok(found) => found,
        Err(error) => return errno::fail(error),
    };
    let result = {
        let _locked = entry.lock.hold();
        // What is closed is what the descriptor stands for once its lock is free.
        let target = entry.target();
        // SAFETY: zvfs_finalize_typed_fd()'s caller keeps it valid while the descriptor is open.
        match unsafe { target.vtable.as_ref() }.and_then(|methods| methods.close) {
            // SAFETY: the method accepts the object it was finalised with.
            Some(close) => unsafe { close(target.object, fd) },
            None => 0,
        }
    };
    descriptor_table::free(fd);
    result
}

/// # Safety
/// `buf` is valid for writing `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_read(
    fd: c_int,
    buf: *mut c_void,
    size: usize,
    from_offset: Option<&usize>,
) -> ssize_t {
    transfer(fd, from_offset, |target, methods, offset| {
        let read = methods.read?;
        // SAFETY: the method accepts the object, and the caller answers for the buffer.
        Some(unsafe { read(target.object, buf, size, offset) })
    })
}

/// # Safety
/// `buf` is valid for reading `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_write(
    fd: c_int,
    buf: *const c_void,
    size: usize,
    from_offset: Option<&usize>,
) -> ssize_t {
    transfer(fd, from_offset, |target, methods, offset| {
        let write = methods.write?;
        // SAFETY: the method accepts the object, and the caller answers for the buffer.
        Some(unsafe { write(target.object, buf, size, offset) })
    })
}

/// Runs one method under the descriptor's lock; nothing from it means that there is no such method.
fn transfer(
    fd: c_int,
    from_offset: Option<&usize>,
    method: impl FnOnce(Target, &DescriptorVtable, usize) -> Option<ssize_t>,
) -> ssize_t {
    let (entry, _) = match descriptor_table::look_up(fd) {
        Ok(found) => found,
        Err(error) => return errno::fail(error),
    };
    let _locked = entry.lock.hold();
    let target = entry.target();
    let seekable = target.mode & MODE_TYPE == MODE_SHARED_MEMORY;
    if from_offset.is_some() && !seekable {
        return errno::fail(libc::ENOTSUP);
    }
    let offset = from_offset.copied().unwrap_or_else(|| entry.offset());
    // SAFETY: zvfs_finalize_typed_fd()'s caller keeps it valid while the descriptor is open.
    let methods = unsafe { target.vtable.as_ref() };
    let Some(count) = methods.and_then(|methods| method(target, methods, offset)) else {
        return errno::fail(libc::EIO);
    };
    if seekable && from_offset.is_none() {
        entry.advance(usize::try_from(count).unwrap_or(0));
    }
    count
}
