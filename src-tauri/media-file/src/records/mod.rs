//! What lies in a recording's folder beside its tracks: `metadata` says what the tracks are and where they lie in time, `sidecar` what happened (see `SIDECAR.md`), and `rebuild`
//! makes the one of the other where it is lost; `products` is what was made of it all, by its `options`, and `id` what everything is called.

pub mod id;
pub mod metadata;
pub mod options;
pub mod products;
pub mod rebuild;
pub mod sidecar;
