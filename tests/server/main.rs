//! The server's tests with real workers and real media: one binary, a module a subject.

mod recording;
