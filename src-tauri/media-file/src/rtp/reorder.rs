//! Puts packets back into the sender's order and says where some are missing.
//!
//! A packet that is missing is waited for until others have come for [`WAIT`] after its successor (late packets are mostly retransmissions), then given up; while
//! nothing at all comes, as on a machine that is short of breath, it is waited for longer.
//! Time comes in with the packets and the calls: the recording's clock, in durations since its start.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use super::packet::RtpPacket;

/// How long a gap is waited for: a packet can be asked for three times over a way of 200 ms there and back, and what waits behind it is still on the disk
/// within two seconds.
pub const WAIT: Duration = Duration::from_millis(600);
/// How long a gap is waited for while nothing comes.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How many packets may wait; beyond that a gap is given up early, so that memory stays bounded.
const CAPACITY: usize = 1024;
/// How many bytes of payload may wait, likewise: half a second of 128 Mbit/s.
const CAPACITY_BYTES: usize = 8 << 20;
/// A packet this far behind is no late one: the sender counts anew.
const RESTART: i64 = 1000;

/// A packet in its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Ordered {
    /// The packet.
    pub packet: RtpPacket,
    /// When it arrived, since the recording's start.
    pub arrival: Duration,
    /// How many packets before it never came.
    pub lost: u64,
}

/// The buffer of one stream.
#[derive(Debug)]
pub struct ReorderBuffer {
    /// How long a gap is waited for.
    wait: Duration,
    waiting: BTreeMap<i64, (RtpPacket, Duration)>,
    /// How many bytes of payload wait.
    bytes: usize,
    /// The unwrapped sequence number to deliver next; `None` before the first delivery.
    next: Option<i64>,
    /// The highest number seen, from which others are unwrapped.
    highest: Option<i64>,
    /// The number that would prove that the sender counts anew.
    restart: Option<u16>,
}

impl Default for ReorderBuffer {
    fn default() -> Self {
        Self::waiting(WAIT)
    }
}

impl ReorderBuffer {
    /// One that gives a gap up when others have come for this long.
    pub fn waiting(wait: Duration) -> Self {
        Self {
            wait,
            waiting: BTreeMap::new(),
            bytes: 0,
            next: None,
            highest: None,
            restart: None,
        }
    }

    /// Takes a packet in; duplicates and packets that were already given up are dropped.
    pub fn push(&mut self, packet: RtpPacket, arrival: Duration) {
        let Some(highest) = self.highest else {
            let number = i64::from(packet.sequence);
            self.highest = Some(number);
            return self.insert(number, packet, arrival);
        };
        // The distance on the circle of 65,536 numbers, read as signed, tells earlier from later.
        let distance = i64::from(packet.sequence.wrapping_sub(highest as u16) as i16);
        if distance < -RESTART {
            if self.restart != Some(packet.sequence) {
                self.restart = Some(packet.sequence.wrapping_add(1));
                return;
            }
            // Two in a row: continue the count behind everything that is still here.
            let number = highest + 1;
            let shift = i64::from(packet.sequence) - (number & 0xffff);
            let number = number + shift.rem_euclid(0x1_0000);
            self.restart = None;
            self.highest = Some(number);
            return self.insert(number, packet, arrival);
        }
        self.restart = None;
        let number = highest + distance;
        if self.next.is_some_and(|next| number < next) {
            return;
        }
        self.highest = Some(highest.max(number));
        self.insert(number, packet, arrival);
    }

    /// Keeps a packet, unless it is there.
    fn insert(&mut self, number: i64, packet: RtpPacket, arrival: Duration) {
        if let Entry::Vacant(place) = self.waiting.entry(number) {
            self.bytes += packet.payload.len();
            place.insert((packet, arrival));
        }
    }

    /// The next packet in order, or the first after a gap that was waited for long enough; `None` if there is nothing to deliver yet.
    pub fn pop(&mut self, now: Duration) -> Option<Ordered> {
        let (&number, _) = self.waiting.first_key_value()?;
        let in_order = self.next == Some(number);
        if !in_order && self.waiting.len() < CAPACITY && self.bytes < CAPACITY_BYTES {
            let arrivals = || self.waiting.values().map(|(_, arrival)| *arrival);
            let (oldest, newest) = (arrivals().min()?, arrivals().max()?);
            if newest.saturating_sub(oldest) < self.wait && now.saturating_sub(oldest) < LONGEST_WAIT {
                return None;
            }
        }
        self.take_first()
    }

    /// The next packet without waiting for any: for the end of a stream.
    pub fn drain(&mut self) -> Option<Ordered> {
        self.take_first()
    }

    fn take_first(&mut self) -> Option<Ordered> {
        let (number, (packet, arrival)) = self.waiting.pop_first()?;
        self.bytes -= packet.payload.len();
        let lost = self.next.map_or(0, |next| number.abs_diff(next));
        self.next = Some(number + 1);
        Some(Ordered { packet, arrival, lost })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn packet(sequence: u16) -> RtpPacket {
        RtpPacket {
            sequence,
            timestamp: 0,
            marker: false,
            payload_type: 96,
            payload: Bytes::from_static(b"x"),
        }
    }

    fn delivered(buffer: &mut ReorderBuffer, now: Duration) -> Vec<(u16, u64)> {
        std::iter::from_fn(|| buffer.pop(now))
            .map(|ordered| (ordered.packet.sequence, ordered.lost))
            .collect()
    }

    #[test]
    fn the_first_packets_are_sorted_before_the_first_leaves() {
        let mut buffer = ReorderBuffer::default();
        for sequence in [3, 2, 4] {
            buffer.push(packet(sequence), ms(0));
        }
        assert_eq!(delivered(&mut buffer, ms(900)), []);
        buffer.push(packet(5), ms(600));
        assert_eq!(delivered(&mut buffer, ms(600)), [(2, 0), (3, 0), (4, 0), (5, 0)]);
    }

    #[test]
    fn a_late_packet_is_waited_for() {
        let mut buffer = ReorderBuffer::default();
        buffer.push(packet(1), ms(0));
        assert_eq!(delivered(&mut buffer, ms(1000)), [(1, 0)]);
        buffer.push(packet(3), ms(1260));
        buffer.push(packet(4), ms(1400));
        assert_eq!(delivered(&mut buffer, ms(1500)), []);
        buffer.push(packet(2), ms(1600));
        assert_eq!(delivered(&mut buffer, ms(1600)), [(2, 0), (3, 0), (4, 0)]);
    }

    #[test]
    fn a_lost_packet_is_given_up_and_counted_and_not_taken_later() {
        let mut buffer = ReorderBuffer::default();
        buffer.push(packet(1), ms(0));
        assert_eq!(delivered(&mut buffer, ms(1000)), [(1, 0)]);
        buffer.push(packet(4), ms(1300));
        buffer.push(packet(5), ms(1900));
        assert_eq!(delivered(&mut buffer, ms(1900)), [(4, 2), (5, 0)]);
        buffer.push(packet(2), ms(1910));
        buffer.push(packet(4), ms(1910));
        assert_eq!(delivered(&mut buffer, ms(3000)), []);
        buffer.push(packet(7), ms(3000));
        assert_eq!(delivered(&mut buffer, ms(4000)), [(7, 1)]); // nothing else came
    }

    #[test]
    fn the_count_goes_on_over_65535() {
        let mut buffer = ReorderBuffer::default();
        for sequence in [65534, 0, 65535, 1] {
            buffer.push(packet(sequence), ms(0));
        }
        assert_eq!(
            delivered(&mut buffer, ms(1000)),
            [(65534, 0), (65535, 0), (0, 0), (1, 0)]
        );
    }

    #[test]
    fn a_sender_that_counts_anew_is_followed_after_two_packets() {
        let mut buffer = ReorderBuffer::default();
        buffer.push(packet(30000), ms(0));
        assert_eq!(delivered(&mut buffer, ms(1000)), [(30000, 0)]);
        for sequence in [10, 11, 12] {
            buffer.push(packet(sequence), ms(1300));
        }
        let numbers: Vec<u16> = delivered(&mut buffer, ms(2300))
            .iter()
            .map(|(sequence, _)| *sequence)
            .collect();
        assert_eq!(numbers, [11, 12]);
    }

    #[test]
    fn memory_is_bounded_even_if_time_stands_still() {
        let mut buffer = ReorderBuffer::default();
        buffer.push(packet(0), ms(0));
        assert_eq!(delivered(&mut buffer, ms(1000)), [(0, 0)]);
        for sequence in 2..4000 {
            buffer.push(packet(sequence), ms(1000));
            delivered(&mut buffer, ms(1000));
            assert!(buffer.waiting.len() <= CAPACITY);
        }
    }

    #[test]
    fn large_packets_are_held_as_little_as_many() {
        let mut buffer = ReorderBuffer::default();
        buffer.push(packet(0), ms(0));
        assert_eq!(delivered(&mut buffer, ms(1000)), [(0, 0)]);
        let large = Bytes::from(vec![0; 60_000]);
        for sequence in 2..400 {
            let payload = large.clone();
            buffer.push(
                RtpPacket {
                    payload,
                    ..packet(sequence)
                },
                ms(1000),
            );
            delivered(&mut buffer, ms(1000));
            let held: usize = buffer.waiting.values().map(|(packet, _)| packet.payload.len()).sum();
            assert!(
                held <= CAPACITY_BYTES && held == buffer.bytes,
                "{held} and not {}",
                buffer.bytes
            );
        }
        assert!(buffer.waiting.is_empty(), "the gap was given up");
    }
}
