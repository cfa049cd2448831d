//! Reads how long a track file is that nobody finished.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::time::Duration;

use super::ebml::id;

/// How long the track file is; `None` if it is no track file or has no frame in it. Looks at the header and at no more: the writer corrects the duration there
/// after every cluster.
pub fn read_duration(path: &Path) -> io::Result<Option<Duration>> {
    duration_in(&mut BufReader::new(File::open(path)?))
}

/// As [`read_duration`], of a track file that was opened.
pub fn duration_in(file: &mut BufReader<impl Read + Seek>) -> io::Result<Option<Duration>> {
    match find_duration(file) {
        Ok(millis) => Ok(millis
            .filter(|millis| *millis > 0.0 && millis.is_finite())
            .and_then(|millis| Duration::try_from_secs_f64(millis / 1000.0).ok())
            .filter(|duration| !duration.is_zero())),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn find_duration(file: &mut BufReader<impl Read + Seek>) -> io::Result<Option<f64>> {
    // Elements that the duration is in are entered, all others are passed over.
    loop {
        let (element, size) = (read_id(file)?, read_size(file)?);
        match (element, size) {
            (id::SEGMENT | id::INFO, _) => {}
            (id::DURATION, Some(8)) => {
                let mut bytes = [0; 8];
                file.read_exact(&mut bytes)?;
                return Ok(Some(f64::from_be_bytes(bytes)));
            }
            (id::CLUSTER, _) | (_, None) => return Ok(None),
            (_, Some(size)) => {
                let Ok(size) = i64::try_from(size) else { return Ok(None) };
                // What was read ahead is kept: there may be many small elements.
                file.seek_relative(size)?;
            }
        }
    }
}

fn read_id(file: &mut impl Read) -> io::Result<u32> {
    let mut first = [0];
    file.read_exact(&mut first)?;
    let more = first[0].leading_zeros() as usize;
    let mut bytes = [0; 4];
    let Some(rest) = bytes.get_mut(1..=more.min(4)).filter(|_| more < 4) else {
        return Ok(0);
    };
    file.read_exact(rest)?;
    bytes[0] = first[0];
    Ok(u32::from_be_bytes(bytes) >> (8 * (3 - more)))
}

/// `None` where the size is unknown.
fn read_size(file: &mut impl Read) -> io::Result<Option<u64>> {
    let mut first = [0];
    file.read_exact(&mut first)?;
    let more = first[0].leading_zeros() as usize;
    if more > 7 {
        return Ok(None);
    }
    let mut bytes = [0; 8];
    bytes[0] = first[0];
    file.read_exact(&mut bytes[1..=more])?;
    let shift = 8 * (7 - more);
    let value = u64::from_be_bytes(bytes) >> shift;
    let bits = 7 * (more as u32 + 1);
    let value = value & ((1 << bits) - 1);
    Ok((value != (1 << bits) - 1).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::super::writer::{TrackWriter, VideoSize};
    use super::*;
    use crate::rtp::frames::Codec;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_duration_of_an_unfinished_file_is_that_of_its_last_cluster() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("track.webm");
        let size = Some(VideoSize {
            width: 320,
            height: 240,
        });
        let mut writer = TrackWriter::create(&path, Codec::Vp8, size, None).unwrap();
        assert_eq!(read_duration(&path).unwrap(), None);
        writer.write(ms(0), None, true, &[1; 2000]).unwrap();
        writer.write(ms(40), None, false, &[2; 100]).unwrap();
        writer.flush().unwrap();
        writer.write(ms(80), None, false, &[3; 100]).unwrap();
        assert_eq!(read_duration(&path).unwrap(), Some(ms(80)));
        writer.finish().unwrap();
        assert_eq!(read_duration(&path).unwrap(), Some(ms(120)));
    }

    #[test]
    fn what_is_no_track_file_has_no_duration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("track.webm");
        for bytes in [
            &b""[..],
            b"\0\0\0\0\0\0\0\0\0\0\0\0",
            b"\x1a\x45\xdf\xa3",
            b"not a film at all",
            &[0xff; 64],
            // Less than a nanosecond.
            b"\x44\x89\x88\x01\0\0\0\0\0\0\0",
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(read_duration(&path).unwrap(), None, "{bytes:?}");
        }
    }
}
