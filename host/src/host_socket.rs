//! The pool of sockets of the PC that stand behind Zephyr descriptors, and how they wait.
//!
//! SPDX-License-Identifier: Apache-2.0
//!
//! The PC's descriptor never blocks. A blocking call waits in poll(), without the lock of its Zephyr descriptor, as
//! the kernel's TCP does. Objects are static: a late user of a closed one finds EBADF, or what took its place.

use crate::clock::{Deadline, Timeout};
use crate::configuration::DESCRIPTOR_CAPACITY;
use crate::descriptor_table;
use crate::errno;
use crate::event_poll::host_poll;
use crate::mutex::KMutex;
use crate::vtable::{DescriptorVtable, Object, port_host_socket_vtable};
use core::ffi::{c_int, c_short, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU32, Ordering::SeqCst,
};

const MODE_SOCKET: u32 = 0o140_000;
const NO_DESCRIPTOR: c_int = -1;
/// No limit, in the time fields of a socket.
const FOREVER_US: i64 = -1;

static POOL: [HostSocket; DESCRIPTOR_CAPACITY] = [const { HostSocket::new() }; DESCRIPTOR_CAPACITY];

/// A socket of the PC.
pub struct HostSocket {
    in_use: AtomicBool,
    /// One for the Zephyr descriptor, one for every call that is running.
    references: AtomicU32,
    descriptor: AtomicI32,
    closed: AtomicBool,
    /// The Zephyr descriptor's lock, learnt through ZFD_IOCTL_SET_LOCK.
    lock: AtomicPtr<KMutex>,
    /// `O_NONBLOCK` of the Zephyr descriptor.
    pub non_blocking: AtomicBool,
    receive_limit_us: AtomicI64,
    send_limit_us: AtomicI64,
}

impl HostSocket {
    const fn new() -> Self {
        Self {
            in_use: AtomicBool::new(false),
            references: AtomicU32::new(0),
            descriptor: AtomicI32::new(NO_DESCRIPTOR),
            closed: AtomicBool::new(false),
            lock: AtomicPtr::new(ptr::null_mut()),
            non_blocking: AtomicBool::new(false),
            receive_limit_us: AtomicI64::new(FOREVER_US),
            send_limit_us: AtomicI64::new(FOREVER_US),
        }
    }

    /// The field of `SO_RCVTIMEO`.
    pub fn receive_limit(&self) -> Limit<'_> {
        Limit(&self.receive_limit_us)
    }

    /// The field of `SO_SNDTIMEO`.
    pub fn send_limit(&self) -> Limit<'_> {
        Limit(&self.send_limit_us)
    }

    /// Remembers the lock to release while waiting.
    pub fn set_lock(&self, lock: *mut KMutex) {
        self.lock.store(lock, SeqCst);
    }

    /// The PC's descriptor.
    pub fn descriptor(&self) -> c_int {
        self.descriptor.load(SeqCst)
    }

    /// Waits for the events without the Zephyr descriptor's lock: `on_timeout` when time is up, EINTR when the
    /// socket is closed meanwhile, as the kernel's sockets say.
    pub fn wait(
        &self,
        events: c_short,
        deadline: Deadline,
        on_timeout: c_int,
    ) -> Result<(), c_int> {
        let mut entry = libc::pollfd {
            fd: self.descriptor(),
            events,
            revents: 0,
        };
        let mut poll = || host_poll(core::slice::from_mut(&mut entry), deadline);
        let lock = self.lock.load(SeqCst);
        // SAFETY: a lock of the descriptor table, which is static.
        let count = match unsafe { lock.as_ref() } {
            Some(lock) => lock.without(poll),
            None => poll(),
        }?;
        if self.closed.load(SeqCst) {
            return Err(libc::EINTR);
        }
        if count == 0 { Err(on_timeout) } else { Ok(()) }
    }

    /// `zsock_close()`: wakes whoever waits, and gives up the Zephyr descriptor's reference.
    fn close(&self) -> Result<c_int, c_int> {
        if self.closed.swap(true, SeqCst) {
            return Err(libc::EBADF);
        }
        if !self.closes_abortively() {
            // SAFETY: the descriptor is open while there is a reference. It fails without a connection, but wakes.
            unsafe { libc::shutdown(self.descriptor(), libc::SHUT_RDWR) };
        }
        self.release();
        Ok(0)
    }

    /// Would a shutdown spoil the reset that `SO_LINGER` with no time asks for?
    fn closes_abortively(&self) -> bool {
        let mut linger = libc::linger {
            l_onoff: 0,
            l_linger: 0,
        };
        let mut length = size_of::<libc::linger>() as libc::socklen_t;
        // SAFETY: the option is written to our variable of that length.
        let result = unsafe {
            libc::getsockopt(
                self.descriptor(),
                libc::SOL_SOCKET,
                libc::SO_LINGER,
                (&raw mut linger).cast(),
                &mut length,
            )
        };
        result == 0 && linger.l_onoff != 0 && linger.l_linger == 0
    }

    fn release(&self) {
        if self.references.fetch_sub(1, SeqCst) == 1 {
            close_host(self.descriptor.swap(NO_DESCRIPTOR, SeqCst));
            self.in_use.store(false, SeqCst);
        }
    }
}

/// A time limit of a socket, 0 in its option meaning none.
pub struct Limit<'a>(&'a AtomicI64);

impl Limit<'_> {
    /// Sets it from the option's value.
    pub fn set_us(&self, us: i64) {
        self.0.store(if us == 0 { FOREVER_US } else { us }, SeqCst);
    }

    /// The option's value.
    pub fn us(&self) -> i64 {
        self.0.load(SeqCst).max(0)
    }

    /// Until when a call that begins now may wait.
    pub fn deadline(&self) -> Deadline {
        let limited = self.us() != 0;
        Deadline::after(if limited {
            Timeout::from_us(self.us())
        } else {
            Timeout::FOREVER
        })
    }
}

/// A socket in use by a running call.
pub struct InUse(&'static HostSocket);

impl core::ops::Deref for InUse {
    type Target = HostSocket;

    fn deref(&self) -> &HostSocket {
        self.0
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// Uses the object of a vtable call, or EBADF when it is closed.
pub fn enter(object: Object) -> Result<InUse, c_int> {
    let index = object.addr().wrapping_sub(POOL.as_ptr().addr()) / size_of::<HostSocket>();
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

/// Gives the PC's descriptor a Zephyr one, or closes it and fails.
pub fn publish(host: c_int) -> Result<c_int, c_int> {
    let fd = descriptor_table::reserve().inspect_err(|_| close_host(host))?;
    let Some(socket) = POOL.iter().find(|socket| !socket.in_use.swap(true, SeqCst)) else {
        descriptor_table::free(fd);
        close_host(host);
        return Err(libc::ENFILE);
    };
    socket.descriptor.store(host, SeqCst);
    socket.closed.store(false, SeqCst);
    socket.set_lock(ptr::null_mut());
    socket.non_blocking.store(false, SeqCst);
    socket.receive_limit().set_us(0);
    socket.send_limit().set_us(0);
    socket.references.store(1, SeqCst);
    let object = ptr::from_ref(socket).cast_mut().cast::<c_void>();
    let vtable: *const DescriptorVtable = &port_host_socket_vtable.descriptor;
    // SAFETY: the vtable and the object are static and made for each other.
    unsafe { descriptor_table::zvfs_finalize_typed_fd(fd, object, vtable, MODE_SOCKET) };
    Ok(fd)
}

fn close_host(descriptor: c_int) {
    let error = errno::last();
    // SAFETY: the descriptor is ours, and nobody uses it any more.
    unsafe { libc::close(descriptor) };
    errno::set(error);
}

/// The close2 method.
#[unsafe(no_mangle)]
extern "C" fn port_host_close(object: Object, _fd: c_int) -> c_int {
    errno::answer(enter(object).and_then(|socket| socket.close()))
}

#[unsafe(no_mangle)]
extern "C" fn port_host_set_lock(object: Object, lock: *mut KMutex) -> c_int {
    errno::answer(enter(object).map(|socket| {
        socket.set_lock(lock);
        0
    }))
}
