//! Cameras whose packets go through a relay that disturbs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use confab_server::recording::RecordedProducer;
use mediasoup::prelude::*;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Source, Studio, VIDEO, described, ffmpeg, producing};

/// How many frames a relay hands on, and which of the packets the lossy one loses: one between the first key frame and the second.
const RELAYED_FRAMES: u64 = 110;
const LOST: u64 = 60;

/// How a relay disturbs what it hands on.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Relay {
    /// Every fourth packet comes after the three that follow it.
    Shuffled,
    /// One packet in the middle is lost.
    Lossy,
}

/// A camera whose packets go through a relay.
pub(crate) struct RelayedSender {
    pub(crate) described: RecordedProducer,
    begin: std::cell::RefCell<Option<oneshot::Sender<()>>>,
    task: JoinHandle<Relayed>,
}

/// What a relay saw.
#[derive(Debug, Default)]
pub(crate) struct Relayed {
    pub(crate) frames: u64,
    /// Packets that it moved or lost.
    pub(crate) disturbed: u64,
    pub(crate) key_frame_requests: u64,
}

impl Studio {
    /// Prepares a camera behind a relay; nothing is sent before it is told to begin.
    pub(crate) async fn relay(&self, seat: u64, source: Source, relay: Relay) -> RelayedSender {
        let transport = self
            .router
            .create_direct_transport(DirectTransportOptions::default())
            .await
            .unwrap();
        let producer = transport.produce(producing(source)).await.unwrap();
        let described = described(seat, source, &producer);
        let (begin, begun) = oneshot::channel();
        let task = tokio::spawn(relay_packets(transport, producer, (source, relay), begun));
        RelayedSender {
            described,
            begin: Some(begin).into(),
            task,
        }
    }
}

impl RelayedSender {
    pub(crate) fn begin(&self) {
        self.begin.borrow_mut().take().unwrap().send(()).unwrap();
    }

    /// Waits until it has relayed what it is to.
    pub(crate) async fn end(self) -> Relayed {
        self.task.await.unwrap()
    }
}

async fn relay_packets(
    transport: DirectTransport,
    producer: Producer,
    (source, relay): (Source, Relay),
    begun: oneshot::Receiver<()>,
) -> Relayed {
    let Producer::Direct(producer) = producer else {
        panic!("a direct transport makes direct producers")
    };
    let key_frame_requests = Arc::new(AtomicU64::new(0));
    let requests = key_frame_requests.clone();
    // Payload-specific feedback (206) of the kind "picture loss" (1) or "full intra request" (4).
    let _handler = transport.on_rtcp(move |packet| {
        if packet.len() > 1 && packet[1] == 206 && matches!(packet[0] & 0x1f, 1 | 4) {
            requests.fetch_add(1, Ordering::Relaxed);
        }
    });
    begun.await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let _ffmpeg = ffmpeg(source, [port; 2]);
    let mut relayed = Relayed::default();
    let (mut count, mut held) = (0, Vec::new());
    let mut buffer = [0; 2048];
    while relayed.frames < RELAYED_FRAMES {
        let length = socket.recv(&mut buffer).await.unwrap();
        let packet = buffer[..length].to_vec();
        if packet[1] & 0x7f != VIDEO {
            continue; // a sender report
        }
        count += 1;
        relayed.frames += u64::from(packet[1] >> 7);
        match relay {
            Relay::Lossy if count == LOST => relayed.disturbed += 1,
            Relay::Lossy => {
                producer.send(packet).unwrap();
                // The receiver sees the gap now; nothing more comes before it asks.
                while count == LOST + 1 && key_frame_requests.load(Ordering::Relaxed) == 0 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            Relay::Shuffled => {
                held.push(packet);
                if held.len() == 4 || relayed.frames == RELAYED_FRAMES {
                    relayed.disturbed += 1;
                    held.rotate_left(1);
                    held.drain(..).for_each(|packet| producer.send(packet).unwrap());
                }
            }
        }
    }
    // Everything is on its way through the worker; an answer to a request says that it was handled.
    transport.dump().await.unwrap();
    relayed.key_frame_requests = key_frame_requests.load(Ordering::Relaxed);
    relayed
}
