//! A media worker that dies alone, as by a fault of the engine: what the engine throws where it cannot go on is thrown in the worker's thread, while that waits for
//! something to do. The process lives on, and the engine's own code sees to the rest.

#![allow(unsafe_code, reason = "nothing that is safe ends another thread")]

use std::ffi::{c_char, c_int};
use std::time::Duration;

use mediasoup::prelude::*;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::guest::HUNG;

unsafe extern "C-unwind" {
    /// `std::__throw_runtime_error` of the library that the engine is linked with.
    #[link_name = "_ZSt21__throw_runtime_errorPKc"]
    fn throw_runtime_error(words: *const c_char) -> !;
}

extern "C-unwind" fn give_up(_signal: c_int) {
    // SAFETY: the words are a string of C's, and there is nothing in this frame that would have to be dropped.
    unsafe { throw_runtime_error(c"a test ends this worker".as_ptr()) }
}

/// Ends a worker that has nothing to do, and returns when all who asked for that were told. For tests in a process of their own alone.
pub(crate) async fn kill(worker: &Worker) {
    let thread = thread_of(worker).await;
    // SAFETY: both are called alike; that the one may unwind is what it is for.
    let handler = unsafe { std::mem::transmute::<extern "C-unwind" fn(c_int), extern "C" fn(c_int)>(give_up) };
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::empty(), SigSet::empty());
    // SAFETY: nobody else in this process handles this signal.
    unsafe { sigaction(Signal::SIGUSR2, &action) }.unwrap();
    let (dead, died) = oneshot::channel();
    let tell = move || {
        let _ = dead.send(()); // whoever waits for it gave up
    };
    worker.on_close(tell).detach();
    until_asleep(thread).await;
    // SAFETY: a signal to a thread of this process, which `until_asleep` has just seen.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, libc::SIGUSR2) };
    assert_eq!(sent, 0);
    timeout(HUNG, died).await.expect("the worker dies").unwrap();
}

/// The thread of a worker, by the number that the system gives it: messages of a router are handed on there.
async fn thread_of(worker: &Worker) -> libc::pid_t {
    let router = worker.create_router(RouterOptions::default()).await.unwrap();
    let transport = router.create_direct_transport(DirectTransportOptions::default()).await;
    let transport = transport.unwrap();
    let sender = transport.produce_data(DataProducerOptions::new_direct()).await.unwrap();
    let options = DataConsumerOptions::new_direct(sender.id(), None);
    let listener = transport.consume_data(options).await.unwrap();
    let (heard, mut threads) = mpsc::unbounded_channel();
    let _on_message = listener.on_message(move |_| {
        // SAFETY: it asks for a number.
        let _ = heard.send(unsafe { libc::gettid() });
    });
    let DataProducer::Direct(sender) = sender else {
        panic!("a direct transport makes direct producers")
    };
    let message = WebRtcMessage::String(b"who?".into());
    sender.send(message, None, None, None).unwrap();
    let thread = timeout(HUNG, threads.recv()).await.unwrap().unwrap();
    let name = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm")).unwrap();
    assert!(name.starts_with("mediasoup-work"), "{name}");
    thread
}

/// Waits until a thread has waited for a while for something to do.
async fn until_asleep(thread: libc::pid_t) {
    let mut times = 0;
    while times < 5 {
        let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap();
        let (_, state) = stat.rsplit_once(") ").unwrap();
        times = if state.starts_with('S') { times + 1 } else { 0 };
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
