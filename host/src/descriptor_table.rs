//! The table of descriptors.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! As in the kernel, every descriptor has a lock that the socket layer holds around the methods of its object.
//! Unlike the kernel's, a lock is not initialised again when its descriptor is reused: a late user of the old
//! descriptor may still be waiting for it.

use crate::condition_variable::KCondvar;
use crate::configuration::{DESCRIPTOR_CAPACITY, open_max};
use crate::errno;
use crate::mutex::KMutex;
use crate::native::{Guard, Held};
use crate::vtable::{DescriptorVtable, Object, port_ioctl_set_lock};
use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::Relaxed};

const MODE_UNSPECIFIED: u32 = 0;

/// Guards every entry's fields but its lock.
static TABLE: Guard = Guard::new();
static ENTRIES: [Entry; DESCRIPTOR_CAPACITY] = [const { Entry::new() }; DESCRIPTOR_CAPACITY];

/// One descriptor.
pub struct Entry {
    /// The lock held around its object's methods.
    pub lock: KMutex,
    condition: KCondvar,
    references: AtomicU32,
    object: AtomicPtr<c_void>,
    vtable: AtomicPtr<DescriptorVtable>,
    mode: AtomicU32,
    offset: AtomicUsize,
}

/// What a descriptor stands for.
#[derive(Clone, Copy)]
pub struct Target {
    /// May be null: reserved but not finalised, or finalised so.
    pub object: Object,
    /// May be null as well.
    pub vtable: *const DescriptorVtable,
    /// File type, `ZVFS_MODE_…`.
    pub mode: u32,
}

impl Entry {
    const fn new() -> Self {
        Self {
            lock: KMutex::new(),
            condition: KCondvar::new(),
            references: AtomicU32::new(0),
            object: AtomicPtr::new(ptr::null_mut()),
            vtable: AtomicPtr::new(ptr::null_mut()),
            mode: AtomicU32::new(MODE_UNSPECIFIED),
            offset: AtomicUsize::new(0),
        }
    }

    /// What it stands for now.
    pub fn target(&self) -> Target {
        self.target_while(&TABLE.hold())
    }

    /// Where the next read or write of a seekable file starts.
    pub fn offset(&self) -> usize {
        self.offset.load(Relaxed)
    }

    /// Moves that place.
    pub fn advance(&self, count: usize) {
        self.offset.fetch_add(count, Relaxed);
    }

    fn is_open(&self) -> bool {
        self.references.load(Relaxed) != 0
    }

    fn target_while(&self, _table: &Held<'_>) -> Target {
        Target {
            object: self.object.load(Relaxed),
            vtable: self.vtable.load(Relaxed),
            mode: self.mode.load(Relaxed),
        }
    }

    fn set_target(&self, _table: &Held<'_>, target: Target) {
        self.object.store(target.object, Relaxed);
        self.vtable.store(target.vtable.cast_mut(), Relaxed);
        self.mode.store(target.mode, Relaxed);
    }

    fn clear(&self, table: &Held<'_>) {
        let nothing = Target {
            object: ptr::null_mut(),
            vtable: ptr::null(),
            mode: MODE_UNSPECIFIED,
        };
        self.set_target(table, nothing);
    }
}

/// An open descriptor's entry and what it stands for; otherwise EBADF.
pub fn look_up(fd: c_int) -> Result<(&'static Entry, Target), c_int> {
    let entry = entry(fd).ok_or(libc::EBADF)?;
    let table = TABLE.hold();
    if !entry.is_open() {
        return Err(libc::EBADF);
    }
    Ok((entry, entry.target_while(&table)))
}

/// Takes the lowest free descriptor, or fails with ENFILE.
pub fn reserve() -> Result<c_int, c_int> {
    let table = TABLE.hold();
    let free = ENTRIES
        .iter()
        .take(open_max())
        .enumerate()
        .find(|(_, entry)| !entry.is_open());
    let (number, entry) = free.ok_or(libc::ENFILE)?;
    entry.references.store(1, Relaxed);
    entry.clear(&table);
    entry.lock.initialise();
    entry.offset.store(0, Relaxed);
    c_int::try_from(number).map_err(|_| libc::ENFILE)
}

/// Gives a descriptor back.
pub fn free(fd: c_int) {
    let Some(entry) = entry(fd) else { return };
    let table = TABLE.hold();
    match entry.references.load(Relaxed) {
        0 => {}
        1 => {
            entry.references.store(0, Relaxed);
            entry.clear(&table);
        }
        several => entry.references.store(several - 1, Relaxed),
    }
}

fn entry(fd: c_int) -> Option<&'static Entry> {
    ENTRIES[..open_max()].get(usize::try_from(fd).ok()?)
}

#[unsafe(no_mangle)]
extern "C" fn zvfs_reserve_fd() -> c_int {
    errno::answer(reserve())
}

/// # Safety
/// `vtable` is null or valid as long as the descriptor is open, and its methods accept `object`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zvfs_finalize_typed_fd(
    fd: c_int,
    object: Object,
    vtable: *const DescriptorVtable,
    mode: u32,
) {
    let Some(entry) = entry(fd) else { return };
    entry.set_target(
        &TABLE.hold(),
        Target {
            object,
            vtable,
            mode,
        },
    );
    // SAFETY: null or valid, says the caller.
    let Some(methods) = (unsafe { vtable.as_ref() }) else {
        return;
    };
    if methods.ioctl.is_some() {
        let before = errno::last();
        // SAFETY: the vtable has the method and accepts the object; the lock is static.
        unsafe { port_ioctl_set_lock(vtable, object, &raw const entry.lock) };
        if errno::last() == libc::EOPNOTSUPP {
            errno::set(before);
        }
    }
}

/// # Safety
/// As for `zvfs_finalize_typed_fd()`.
#[unsafe(no_mangle)]
unsafe extern "C" fn zvfs_alloc_fd(object: Object, vtable: *const DescriptorVtable) -> c_int {
    let fd = zvfs_reserve_fd();
    if fd >= 0 {
        // SAFETY: the caller's promise.
        unsafe { zvfs_finalize_typed_fd(fd, object, vtable, MODE_UNSPECIFIED) };
    }
    fd
}

#[unsafe(no_mangle)]
extern "C" fn zvfs_free_fd(fd: c_int) {
    free(fd);
}

#[unsafe(no_mangle)]
extern "C" fn zvfs_get_fd_obj(
    fd: c_int,
    vtable: *const DescriptorVtable,
    other_vtable_error: c_int,
) -> Object {
    let found = look_up(fd).and_then(|(_, target)| {
        let fits = vtable.is_null() || vtable == target.vtable;
        if fits {
            Ok(target.object)
        } else {
            Err(other_vtable_error)
        }
    });
    object_or_null(found)
}

#[unsafe(no_mangle)]
extern "C" fn zvfs_get_fd_obj_and_vtable(
    fd: c_int,
    vtable: &mut *const DescriptorVtable,
    lock: Option<&mut *const KMutex>,
) -> Object {
    let found = look_up(fd).map(|(entry, target)| {
        *vtable = target.vtable;
        if let Some(lock) = lock {
            *lock = &entry.lock;
        }
        target.object
    });
    object_or_null(found)
}

#[unsafe(no_mangle)]
extern "C" fn zvfs_get_obj_lock_and_cond(
    object: Object,
    vtable: *const DescriptorVtable,
    lock: Option<&mut *const KMutex>,
    condition: Option<&mut *const KCondvar>,
) -> bool {
    let table = TABLE.hold();
    let found = ENTRIES.iter().take(open_max()).find(|entry| {
        let target = entry.target_while(&table);
        entry.is_open() && target.object == object && target.vtable == vtable
    });
    let Some(entry) = found else {
        errno::set(libc::EBADF);
        return false;
    };
    if let Some(lock) = lock {
        *lock = &entry.lock;
    }
    if let Some(condition) = condition {
        *condition = &entry.condition;
    }
    true
}

fn object_or_null(found: Result<Object, c_int>) -> Object {
    found.unwrap_or_else(|error| {
        errno::set(error);
        ptr::null_mut()
    })
}
