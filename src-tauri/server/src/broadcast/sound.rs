//! The sound of a moment: all voices as they were decoded, added up. Pure.
//!
//! Each voice has a little in store, so that packets which come unevenly are heard evenly; what runs dry is silent until there is a store again, and what piles up is
//! thrown away, so no voice lags behind its picture.

use std::collections::VecDeque;

/// Samples per second, of each of the two channels.
pub(super) const SAMPLE_RATE: usize = 48_000;
pub(super) const CHANNELS: usize = 2;
/// The store that a voice begins with: 80 ms.
const STORE: usize = SAMPLE_RATE * CHANNELS * 80 / 1000;
/// The most that is kept: 160 ms. What is more comes when a decoder begins, and would be heard late for ever.
const MOST: usize = SAMPLE_RATE * CHANNELS * 160 / 1000;

/// A voice on its way to the mix: samples of both channels in turn.
#[derive(Debug, Default)]
pub(super) struct Voice {
    store: VecDeque<i16>,
    is_heard: bool,
}

impl Voice {
    /// Takes what was decoded.
    pub(super) fn push(&mut self, samples: impl IntoIterator<Item = i16>) {
        self.store.extend(samples);
        if self.store.len() > MOST {
            // Both channels at once, or they would change places.
            let surplus = (self.store.len() - STORE) / CHANNELS * CHANNELS;
            self.store.drain(..surplus);
        }
    }

    /// Adds the next samples to a mix, as many as it has.
    pub(super) fn add_to(&mut self, mix: &mut [i32]) {
        self.is_heard |= self.store.len() >= STORE;
        if !self.is_heard {
            return;
        }
        let count = self.store.len().min(mix.len());
        for (sum, sample) in mix.iter_mut().zip(self.store.drain(..count)) {
            *sum += i32::from(sample);
        }
        self.is_heard = count == mix.len();
    }

    /// Forgets what is in store: it is not to be heard any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A mix as bytes of 16 bits each, low byte first; too loud is as loud as can be.
pub(super) fn bytes_of(mix: &[i32]) -> Vec<u8> {
    let loudest = |sample: &i32| (*sample).clamp(i16::MIN.into(), i16::MAX.into()) as i16;
    mix.iter().flat_map(|sample| loudest(sample).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thirtieth of a second of a mix.
    fn mixed(voice: &mut Voice) -> Vec<i32> {
        let mut mix = vec![0; SAMPLE_RATE / 30 * CHANNELS];
        voice.add_to(&mut mix);
        mix
    }

    #[test]
    fn a_voice_begins_when_there_is_a_store_and_is_silent_when_it_runs_dry() {
        let mut voice = Voice::default();
        voice.push(vec![7; STORE - 2]);
        assert!(mixed(&mut voice).iter().all(|sample| *sample == 0));
        voice.push(vec![7; 2]);
        assert!(mixed(&mut voice).iter().all(|sample| *sample == 7));
        assert!(mixed(&mut voice).iter().all(|sample| *sample == 7));
        let last = mixed(&mut voice);
        assert_eq!((last[0], last[last.len() - 1]), (7, 0), "the rest, and then nothing");
        voice.push(vec![7; 200]);
        assert!(mixed(&mut voice).iter().all(|sample| *sample == 0));
    }

    #[test]
    fn what_piles_up_is_thrown_away_from_its_old_end_by_both_channels() {
        let mut voice = Voice::default();
        voice.push((0..MOST as i32 + 2).map(|index| (index % 2) as i16));
        assert_eq!(voice.store.len(), STORE);
        assert_eq!(voice.store.front(), Some(&0), "left is left");
    }

    #[test]
    fn voices_add_up_and_too_loud_is_cut() {
        let (mut one, mut two) = (Voice::default(), Voice::default());
        one.push(vec![30_000; STORE]);
        two.push(vec![30_000; STORE]);
        let mut mix = vec![0; 4];
        one.add_to(&mut mix);
        two.add_to(&mut mix);
        assert_eq!(mix, [60_000; 4]);
        assert_eq!(bytes_of(&mix[..1]), i16::MAX.to_le_bytes());
        assert_eq!(bytes_of(&[-2]), [0xfe, 0xff]);
    }
}
