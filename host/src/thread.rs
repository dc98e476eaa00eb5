//! Threads.
//!
//! SPDX-License-Identifier: Apache-2.0

use crate::clock::{Deadline, Timeout};
use crate::native::{Condition, Guard};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

type Entry = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void);

const NAME_LENGTH: usize = 32;

const NEVER_STARTED: u32 = 0;
const WAITING_FOR_START: u32 = 1;
const RUNNING: u32 = 2;
const ENDED: u32 = 3;

/// Guards the state of all threads: it outlives every `struct k_thread`.
static STATES: Guard = Guard::new();
static STATE_CHANGED: Condition = Condition::new();

/// `struct k_thread`.
#[repr(C)]
pub struct KThread {
    entry: Option<Entry>,
    arguments: [*mut c_void; 3],
    start_delay: Timeout,
    state: AtomicU32,
    priority: AtomicI32,
    name: UnsafeCell<[c_char; NAME_LENGTH]>,
}

impl KThread {
    const fn new(entry: Option<Entry>, arguments: [*mut c_void; 3], start_delay: Timeout) -> Self {
        Self {
            entry,
            arguments,
            start_delay,
            state: AtomicU32::new(RUNNING),
            priority: AtomicI32::new(0),
            name: UnsafeCell::new([0; NAME_LENGTH]),
        }
    }

    fn set_state(&self, state: u32) {
        let _held = STATES.hold();
        self.state.store(state, Relaxed);
        STATE_CHANGED.wake_all();
    }
}

thread_local! {
    /// What k_current_get() answers in a thread that k_thread_create() did not make, as the main one.
    static FOREIGN: KThread = const { KThread::new(None, [ptr::null_mut(); 3], Timeout::NO_WAIT) };
    static CURRENT: Cell<*mut KThread> = const { Cell::new(ptr::null_mut()) };
}

/// The running thread; different for every thread that exists.
pub fn current() -> *mut KThread {
    let current = CURRENT.get();
    if current.is_null() {
        return FOREIGN.with(|foreign| ptr::from_ref(foreign).cast_mut());
    }
    current
}

#[unsafe(no_mangle)]
extern "C" fn k_current_get() -> *mut KThread {
    current()
}

/// # Safety
/// `thread` is valid for writes and stays in place until the thread has ended; `entry` may be called in it.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_thread_create(
    thread: *mut KThread,
    _stack: *mut c_void,
    _stack_size: usize,
    entry: Entry,
    first: *mut c_void,
    second: *mut c_void,
    third: *mut c_void,
    priority: c_int,
    _options: u32,
    delay: Timeout,
) -> *mut KThread {
    let created = KThread::new(Some(entry), [first, second, third], delay);
    created.priority.store(priority, Relaxed);
    created.state.store(WAITING_FOR_START, Relaxed);
    // SAFETY: the caller's promise.
    unsafe { thread.write(created) };
    if delay != Timeout::FOREVER {
        start(thread);
    }
    thread
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_start(thread: *mut KThread) {
    start(thread);
}

/// Makes the native thread. It is detached: who joins waits for the state, so nothing is left of an unjoined one.
fn start(thread: *mut KThread) {
    let mut native = core::mem::MaybeUninit::<libc::pthread_t>::uninit();
    // SAFETY: the handle is written to our variable; `run` gets the thread object, which outlives the thread.
    let error =
        unsafe { libc::pthread_create(native.as_mut_ptr(), ptr::null(), run, thread.cast()) };
    if error != 0 {
        crate::log_sink::fatal("k_thread_create: the PC has no more threads");
    }
    // SAFETY: pthread_create() succeeded, so it wrote the handle.
    let native = unsafe { native.assume_init() };
    // SAFETY: the handle is of a thread that nobody joins or detaches otherwise.
    unsafe { libc::pthread_detach(native) };
}

extern "C" fn run(thread: *mut c_void) -> *mut c_void {
    let thread = thread.cast::<KThread>();
    CURRENT.set(thread);
    // SAFETY: k_thread_create()'s caller keeps the object until the thread has ended, which is at set_state().
    let object = unsafe { &*thread };
    if object.start_delay != Timeout::FOREVER {
        sleep(object.start_delay);
    }
    object.state.store(RUNNING, Relaxed);
    if let Some(entry) = object.entry {
        let [first, second, third] = object.arguments;
        // SAFETY: k_thread_create()'s caller allows the call in this thread.
        unsafe { entry(first, second, third) };
    }
    object.set_state(ENDED);
    ptr::null_mut()
}

fn sleep(timeout: Timeout) {
    let held = STATES.hold();
    let deadline = Deadline::after(timeout);
    while !deadline.passed() {
        STATE_CHANGED.wait(&held, deadline);
    }
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_join(thread: &KThread, timeout: Timeout) -> c_int {
    let held = STATES.hold();
    let ended = || matches!(thread.state.load(Relaxed), NEVER_STARTED | ENDED);
    if ended() {
        return 0;
    }
    if timeout == Timeout::NO_WAIT {
        return -libc::EBUSY;
    }
    if ptr::from_ref(thread) == current() {
        return -libc::EDEADLK;
    }
    let deadline = Deadline::after(timeout);
    while !ended() {
        if deadline.passed() {
            return -libc::EAGAIN;
        }
        STATE_CHANGED.wait(&held, deadline);
    }
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_abort(thread: &KThread) {
    if ptr::from_ref(thread) == current() {
        thread.set_state(ENDED);
        loop {
            // The native thread stays behind asleep: it may hold locks of the C library's that nobody else may free.
            sleep(Timeout::FOREVER);
        }
    }
    if thread.state.load(Relaxed) == RUNNING {
        crate::log_sink::fatal("k_thread_abort: the PC port cannot end another running thread");
    }
}

/// # Safety
/// `name` is a terminated string; nobody reads the thread's name meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn k_thread_name_set(thread: Option<&KThread>, name: *const c_char) -> c_int {
    // SAFETY: the objects of current() live as long as this thread.
    let thread = thread.unwrap_or_else(|| unsafe { &*current() });
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    let mut stored = [0; NAME_LENGTH];
    for (to, from) in stored[..NAME_LENGTH - 1].iter_mut().zip(name.to_bytes()) {
        *to = c_char::from_ne_bytes([*from]);
    }
    // SAFETY: nobody reads it meanwhile, says the caller.
    unsafe { *thread.name.get() = stored };
    0
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_name_get(thread: &KThread) -> *const c_char {
    thread.name.get().cast()
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_priority_set(thread: &KThread, priority: c_int) {
    thread.priority.store(priority, Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn k_thread_priority_get(thread: &KThread) -> c_int {
    thread.priority.load(Relaxed)
}

/// `sizeof(struct k_thread)` in Rust, for `layout_check.c`.
#[unsafe(no_mangle)]
static PORT_SIZE_OF_THREAD: usize = size_of::<KThread>();
