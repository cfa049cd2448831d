//! What browsers reach: the one port for HTTP and HTTPS, the pages, and the headers that come with them.

pub mod app;
pub mod bind;
mod files;
pub mod headers;
mod line;
mod meetings_api;
mod metrics;
pub mod pages;
pub mod port;
mod recordings;
mod redirect;

pub use app::app;
pub use bind::{BindError, bind};
pub use port::serve;
