//! The server's tests with real workers and real media: one binary, a module a subject.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected is to stop there")]

mod asking;
mod bad_input;
mod broadcast;
mod chat;
mod crowd;
mod doors;
#[cfg(target_os = "linux")]
mod dying_worker;
mod fairness;
mod fetching;
mod files;
mod forging;
mod guest;
mod hosting;
mod house;
mod kept;
mod leaving;
mod left_out;
mod metrics;
mod own_process;
mod own_view;
mod owner;
mod quality;
mod recording;
mod resuming;
mod settings;
mod streams;
mod troubles;
