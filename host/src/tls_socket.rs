//! The pool of TLS sockets: each is an object of its own in front of a TCP socket that nobody else sees.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! The descriptor's lock is held around every method, as the kernel's TLS sockets expect it; the guard in here only
//! protects the state where a call has given that lock up, and lets ThreadSanitizer see the order.

use crate::clock::{Deadline, Timeout};
use crate::descriptor_io::zvfs_close;
use crate::descriptor_table;
use crate::errno;
use crate::host_methods;
use crate::mutex::KMutex;
use crate::native::Guard;
use crate::socket_poll;
use crate::tls_configuration::Options;
use crate::tls_session::{Counts, Session};
use crate::vtable::{DescriptorVtable, Object, PollDescriptor, port_tls_socket_vtable};
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, Ordering::SeqCst};

/// `IPPROTO_TLS_1_2`
pub const TLS_1_2: c_int = 258;
/// `IPPROTO_TLS_1_3`
pub const TLS_1_3: c_int = 259;
const MODE_SOCKET: u32 = 0o140_000;
const NO_DESCRIPTOR: c_int = -1;
/// As many as there may be descriptors for tests that open both ends of every connection.
const CAPACITY: usize = 64;
/// `ZVFS_F_GETFL` and `ZVFS_O_NONBLOCK`
const GET_FLAGS: c_int = 3;
const NON_BLOCKING: c_int = 0x4000;
/// `ZSOCK_MSG_DONTWAIT`
const DONT_WAIT: c_int = 0x40;
const POLL_INVALID: i16 = 0x20;

static POOL: [TlsSocket; CAPACITY] = [const { TlsSocket::new() }; CAPACITY];

/// What a TLS socket keeps beside its TCP socket.
pub struct State {
    /// What `setsockopt()` has said.
    pub options: Options,
    /// From connect or accept on.
    pub session: Option<Session>,
    /// `SO_RCVTIMEO` and `SO_SNDTIMEO` in microseconds, 0 for none.
    pub receive_limit_us: i64,
    /// As above.
    pub send_limit_us: i64,
}

/// A TLS socket.
pub struct TlsSocket {
    in_use: AtomicBool,
    /// One for the descriptor, one for every call that is running.
    references: AtomicU32,
    closed: AtomicBool,
    /// The Zephyr descriptor of the TCP socket.
    below: AtomicI32,
    /// The descriptor's lock, learnt through ZFD_IOCTL_SET_LOCK.
    lock: AtomicPtr<KMutex>,
    guard: Guard,
    state: UnsafeCell<Option<State>>,
}

// SAFETY: the state is reached through with(), which holds the guard; the rest is atomic.
unsafe impl Sync for TlsSocket {}

unsafe extern "C" {
    /// C: `flags` matter with ZVFS_F_SETFL only.
    safe fn zsock_fcntl_impl(sock: c_int, command: c_int, flags: c_int) -> c_int;
}

impl TlsSocket {
    const fn new() -> Self {
        Self {
            in_use: AtomicBool::new(false),
            references: AtomicU32::new(0),
            closed: AtomicBool::new(false),
            below: AtomicI32::new(NO_DESCRIPTOR),
            lock: AtomicPtr::new(ptr::null_mut()),
            guard: Guard::new(),
            state: UnsafeCell::new(None),
        }
    }

    /// The TCP socket's descriptor.
    pub fn below(&self) -> c_int {
        self.below.load(SeqCst)
    }

    /// Uses the state; EBADF after the end. `action` must not come here again.
    pub fn with<T>(&self, action: impl FnOnce(&mut State) -> Result<T, c_int>) -> Result<T, c_int> {
        let _held = self.guard.hold();
        // SAFETY: the guard is held, and is not recursive: a second call would not come this far.
        let state = unsafe { &mut *self.state.get() };
        action(state.as_mut().ok_or(libc::EBADF)?)
    }

    /// Uses the session; ENOTCONN before there is one.
    pub fn with_session<T>(
        &self,
        action: impl FnOnce(&mut Session) -> Result<T, c_int>,
    ) -> Result<T, c_int> {
        self.with(|state| action(state.session.as_mut().ok_or(libc::ENOTCONN)?))
    }

    fn set_state(&self, state: Option<State>) {
        let _held = self.guard.hold();
        // SAFETY: the guard is held.
        unsafe { *self.state.get() = state };
    }

    /// Whether a call with these flags may wait.
    pub fn waits(&self, flags: c_int) -> bool {
        let status = zsock_fcntl_impl(self.below(), GET_FLAGS, 0);
        flags & DONT_WAIT == 0 && status >= 0 && status & NON_BLOCKING == 0
    }

    /// Waits for the TCP socket; the descriptor's lock stays as it is.
    pub fn wait(&self, events: i16, deadline: Deadline) -> Result<(), c_int> {
        let mut entry = PollDescriptor {
            fd: self.below(),
            events,
            revents: 0,
        };
        socket_poll::poll(core::slice::from_mut(&mut entry), deadline.remaining())?;
        if self.closed.load(SeqCst) || entry.revents & POLL_INVALID != 0 {
            return Err(libc::EBADF);
        }
        Ok(())
    }

    /// Runs `wait` without the descriptor's lock.
    pub fn unlocked<T>(&self, wait: impl FnOnce() -> T) -> T {
        // SAFETY: a lock of the descriptor table, which is static.
        match unsafe { self.lock.load(SeqCst).as_ref() } {
            Some(lock) => lock.without(wait),
            None => wait(),
        }
    }

    fn close(&self) -> Result<c_int, c_int> {
        if self.closed.swap(true, SeqCst) {
            return Err(libc::EBADF);
        }
        let _ = self.with_session(|session| {
            session.close();
            Ok(())
        });
        let result = zvfs_close(self.below());
        self.release();
        errno::check(result)
    }

    fn release(&self) {
        if self.references.fetch_sub(1, SeqCst) == 1 {
            self.set_state(None);
            self.in_use.store(false, SeqCst);
        }
    }
}

/// A TLS socket in use by a running call.
pub struct InUse(&'static TlsSocket);

impl core::ops::Deref for InUse {
    type Target = TlsSocket;

    fn deref(&self) -> &TlsSocket {
        self.0
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.release();
    }
}

fn index_of(object: Object) -> Option<usize> {
    let offset = object.addr().checked_sub(POOL.as_ptr().addr())?;
    let index = offset / size_of::<TlsSocket>();
    (index < CAPACITY && offset % size_of::<TlsSocket>() == 0).then_some(index)
}

/// Uses the object of a vtable call, or EBADF when it is closed.
pub fn enter(object: Object) -> Result<InUse, c_int> {
    let index = index_of(object).ok_or(libc::EBADF)?;
    let socket = POOL.get(index).ok_or(libc::EBADF)?;
    let one_more = |references: u32| (references != 0).then_some(references + 1);
    socket
        .references
        .fetch_update(SeqCst, SeqCst, one_more)
        .map_err(|_| libc::EBADF)?;
    let socket = InUse(socket);
    if socket.closed.load(SeqCst) {
        Err(libc::EBADF)
    } else {
        Ok(socket)
    }
}

/// `zsock_socket()` with one of the TLS protocols.
pub fn create(family: c_int, kind: c_int, protocol: c_int) -> Result<c_int, c_int> {
    if kind != libc::SOCK_STREAM {
        return Err(libc::EPROTOTYPE);
    }
    let fd = descriptor_table::reserve()?;
    let below = match host_methods::create(family, kind, libc::IPPROTO_TCP) {
        Ok(below) => below,
        Err(error) => {
            descriptor_table::free(fd);
            return Err(error);
        }
    };
    publish(fd, below, Options::new(protocol), None)
}

/// Puts a TLS socket in front of a TCP socket, or closes that and fails.
pub fn publish(
    fd: c_int,
    below: c_int,
    options: Options,
    session: Option<Session>,
) -> Result<c_int, c_int> {
    let Some(socket) = POOL.iter().find(|socket| !socket.in_use.swap(true, SeqCst)) else {
        descriptor_table::free(fd);
        zvfs_close(below);
        return Err(libc::ENOMEM);
    };
    socket.set_state(Some(State {
        options,
        session,
        receive_limit_us: 0,
        send_limit_us: 0,
    }));
    socket.below.store(below, SeqCst);
    socket.closed.store(false, SeqCst);
    socket.lock.store(ptr::null_mut(), SeqCst);
    socket.references.store(1, SeqCst);
    let object = ptr::from_ref(socket).cast_mut().cast::<c_void>();
    let vtable: *const DescriptorVtable = &port_tls_socket_vtable.descriptor;
    // SAFETY: the vtable and the object are static and made for each other.
    unsafe { descriptor_table::zvfs_finalize_typed_fd(fd, object, vtable, MODE_SOCKET) };
    Ok(fd)
}

/// Until when a call that begins now may wait.
pub fn deadline(limit_us: i64) -> Deadline {
    Deadline::after(match limit_us {
        0 => Timeout::FOREVER,
        limit => Timeout::from_us(limit),
    })
}

#[unsafe(no_mangle)]
extern "C" fn net_socket_is_tls(object: Object) -> bool {
    index_of(object).is_some()
}

/// The close2 method.
#[unsafe(no_mangle)]
extern "C" fn port_tls_close(object: Object, _fd: c_int) -> c_int {
    errno::answer(enter(object).and_then(|socket| socket.close()))
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_set_lock(object: Object, lock: *mut KMutex) -> c_int {
    errno::answer(enter(object).map(|socket| {
        socket.lock.store(lock, SeqCst);
        0
    }))
}

/// The TCP socket's descriptor, for the ioctls that C passes on.
#[unsafe(no_mangle)]
extern "C" fn port_tls_below(object: Object) -> c_int {
    enter(object).map_or(NO_DESCRIPTOR, |socket| socket.below())
}

#[unsafe(no_mangle)]
extern "C" fn port_tls_counts(sock: c_int, counts: &mut Counts) -> c_int {
    let found = descriptor_table::look_up(sock).and_then(|(_, target)| enter(target.object));
    errno::answer(found.and_then(|socket| {
        *counts = socket.with_session(|session| Ok(session.counts))?;
        Ok(0)
    }))
}
