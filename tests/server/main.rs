//! The server's tests with real workers and real media: one binary, a module a subject.

#![allow(clippy::unwrap_used)] // in a test a panic is the report

mod recording;
