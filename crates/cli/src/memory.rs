//! The allocator of the binary, and when memory goes back to the system.
//!
//! Facts are made by one thread and let go by another, hundreds of thousands a second, so what is let go is needed again
//! in a moment. Giving it back meanwhile costs more than keeping it: the system clears every page before it lends it
//! again. This module decides when memory goes back, never who gets how much of it.

#![expect(
    unsafe_code,
    reason = "the allocator is told by calls into C; the one place says why they are sound here"
)]

use std::time::Duration;

use libmimalloc_sys as ffi;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory that was let go waits so long for somebody who needs it, unless `MIMALLOC_PURGE_DELAY` in the environment says
/// otherwise.
const KEPT_MS: std::ffi::c_long = 30_000;
/// How often a server that does nothing looks whether there is memory to give back.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The allocator's number for its option `purge_delay`, in milliseconds; there is no name for it outside of C.
const PURGE_DELAY: ffi::mi_option_t = 15;

/// Keeps what is let go for a while. To be called once, before there are other threads.
pub(crate) fn keep() {
    // SAFETY: the option exists and takes a number; nobody else reads or writes options yet.
    unsafe { ffi::mi_option_set_default(PURGE_DELAY, KEPT_MS) };
}

/// Gives back what nobody needed for a while, again and again. A busy server does it by itself, one that is idle asks the
/// allocator for nothing and so would keep what it has.
pub(crate) async fn give_back() {
    let mut ticks = tokio::time::interval(LOOK_AGAIN);
    loop {
        ticks.tick().await;
        // SAFETY: any thread may ask for it at any time.
        unsafe { ffi::mi_collect(false) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_let_go_is_kept_for_as_long_as_we_say() {
        // SAFETY: nobody else in this process writes options.
        let delay = || unsafe { ffi::mi_option_get(PURGE_DELAY) };
        assert_eq!(delay(), 1_000, "the option is another one in this version of the allocator");
        keep();
        assert_eq!(delay(), KEPT_MS);
    }
}
