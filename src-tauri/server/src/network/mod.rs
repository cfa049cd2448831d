//! Where Confab can be reached: the computer's addresses, the certificates for them and the links to them.
//!
//! [`interfaces`] asks the system, [`ranking`] judges what it says, [`addresses`] draws the server's conclusions and
//! [`watch`] repeats all that while the program runs. [`certificates`] keeps the local authority and its current leaf,
//! [`links`] writes join links and their QR codes.

pub mod addresses;
pub mod certificates;
pub mod interfaces;
pub mod links;
pub mod ranking;
pub mod watch;

pub use addresses::{Address, Addresses};
pub use certificates::{CertificateError, Certificates};
pub use ranking::AddressKind;
pub use watch::{AddressWatch, ChooseError};
