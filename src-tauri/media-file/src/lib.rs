//! The files of a recording: from RTP packets to whole frames with a time ([`rtp`]), to track files ([`webm`]), and what lies beside those ([`records`]).
//!
//! All of it is plain data, and files where their folder is told; it stands without the media engine, so that it can be fuzzed by itself (`tests/fuzz`).
//! Nothing here trusts what it reads: packets come from somebody's browser, and files from a disk that may have lost its power.

pub mod records;
pub mod rtp;
pub mod webm;
