//! One connection from the moment that it is there: what it counts as, and how much may come over it.
//!
//! Pages and files come as fast as they can. Signalling, by websocket or by polling, is a guest's small words: it is read
//! no faster than they need, so whoever floods it waits at their own end, whatever the flood is made of; and a line whose
//! client takes nothing of it any more ends, as what waits for it would only grow.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::monitoring::Traffic;
use crate::signaling::{Flow, Place};

/// How long a client may take nothing of the words that wait for it.
const STALL: Duration = Duration::from_secs(30);

/// What a line is used for at the moment: one and the same can carry signalling, and then a page or a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Use(Arc<AtomicBool>);

impl Use {
    /// From now on this line carries the words of signalling, or something else.
    pub(super) fn carries_words(&self, words: bool) {
        self.0.store(words, Ordering::Relaxed);
    }
}

/// A connection and its place among those of its address.
pub(super) struct Line<T> {
    stream: T,
    r#use: Use,
    flow: Flow,
    /// How many bytes may be read at once; below zero where more came than that.
    allowance: i64,
    counted: Instant,
    pause: Option<Pin<Box<Sleep>>>,
    stall: Option<Pin<Box<Sleep>>>,
    traffic: Traffic,
    _place: Option<Place>,
}

impl<T> Line<T> {
    pub(super) fn new(stream: T, r#use: Use, flow: Flow, traffic: Traffic, place: Option<Place>) -> Self {
        Self {
            stream,
            r#use,
            flow,
            allowance: flow.bytes_at_once,
            counted: Instant::now(),
            pause: None,
            stall: None,
            traffic,
            _place: place,
        }
    }

    fn carries_words(&self) -> bool {
        self.r#use.0.load(Ordering::Relaxed)
    }

    /// Waits until something may be read again.
    fn poll_allowance(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            let passed = i64::try_from(self.counted.elapsed().as_millis()).unwrap_or(i64::MAX);
            let gained = passed.saturating_mul(self.flow.bytes_per_second) / 1_000;
            if gained > 0 {
                self.allowance = self.allowance.saturating_add(gained).min(self.flow.bytes_at_once);
                self.counted = Instant::now();
            }
            if self.allowance > 0 {
                return Poll::Ready(());
            }
            let lacking = self.allowance.unsigned_abs();
            let wait = lacking.saturating_mul(1_000) / self.flow.bytes_per_second.unsigned_abs() + 1;
            self.pause = Some(Box::pin(sleep(Duration::from_millis(wait))));
        }
    }

    /// Notes what the client took, and ends the line where it took nothing for too long.
    fn poll_stall(&mut self, context: &mut Context<'_>, taken: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = taken {
            self.traffic.sent.increment(u64::try_from(bytes).unwrap_or_default());
        }
        if taken.is_ready() || !self.carries_words() {
            self.stall = None;
            return taken;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stall.as_mut().poll(context));
        self.stall = None;
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Line<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.carries_words() {
            ready!(self.poll_allowance(context));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = u32::try_from(buffer.filled().len() - before).unwrap_or(u32::MAX);
        self.traffic.received.increment(u64::from(read));
        if self.carries_words() {
            self.allowance = self.allowance.saturating_sub(i64::from(read));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Line<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_stall(context, taken)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let taken = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.poll_stall(context, taken)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::monitoring::Monitor;

    const MEGABYTE: usize = 1 << 20;
    const FLOW: Flow = Flow {
        bytes_per_second: 128 << 10,
        bytes_at_once: 8 << 20,
    };

    /// How long it takes to read so many megabytes over a line.
    async fn time_to_read(megabytes: usize, r#use: Use) -> Duration {
        let (near, mut far) = duplex(64 * 1024);
        let mut line = Line::new(near, r#use, FLOW, traffic(), None);
        let sending = tokio::spawn(async move { far.write_all(&vec![0; megabytes * MEGABYTE]).await });
        let begun = Instant::now();
        line.read_exact(&mut vec![0; megabytes * MEGABYTE]).await.unwrap();
        sending.await.unwrap().unwrap();
        begun.elapsed()
    }

    fn traffic() -> Traffic {
        Monitor::new().traffic()
    }

    fn words() -> Use {
        let r#use = Use::default();
        r#use.carries_words(true);
        r#use
    }

    #[tokio::test(start_paused = true)]
    async fn words_are_read_no_faster_than_they_need() {
        assert_eq!(time_to_read(8, words()).await, Duration::ZERO);
        let seconds = time_to_read(10, words()).await.as_secs();
        assert!((15..=17).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_after_words_is_read_as_fast_as_it_comes() {
        let r#use = words();
        r#use.carries_words(false);
        assert_eq!(time_to_read(50, r#use).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn all_else_is_read_as_fast_as_it_comes() {
        assert_eq!(time_to_read(50, Use::default()).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_whose_client_takes_no_words_ends() {
        let (near, mut far) = duplex(1_024);
        let mut line = Line::new(near, words(), FLOW, traffic(), None);
        line.write_all(&[0; 1_024]).await.unwrap();
        let begun = Instant::now();
        let sending = async {
            let error = line.write_all(&[0; 1_024]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            begun.elapsed()
        };
        assert_eq!(sending.await, STALL);

        // Who takes a little now and then only is slow.
        let slow = tokio::spawn(async move {
            for _ in 0..8 {
                sleep(STALL - Duration::from_secs(1)).await;
                far.read_exact(&mut [0; 256]).await.unwrap();
            }
        });
        line.write_all(&[0; 1_024]).await.unwrap();
        slow.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_download_may_rest() {
        let (near, mut far) = duplex(1_024);
        let mut line = Line::new(near, Use::default(), FLOW, traffic(), None);
        let taking = tokio::spawn(async move {
            sleep(STALL * 10).await;
            far.read_exact(&mut [0; 2_048]).await.unwrap();
        });
        line.write_all(&[0; 2_048]).await.unwrap();
        taking.await.unwrap();
    }
}
