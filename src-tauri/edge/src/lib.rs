//! The edge of the server, where HTTP and Engine.IO come in: what bounds those who read them, and what is said to browsers.
//!
//! It stands without the media engine, so that it can be fuzzed by itself (`tests/fuzz`) just as it is served.

pub mod attachment;
pub mod engine_io;
pub mod http1;
