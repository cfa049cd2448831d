//! Asks the system which addresses this computer has right now.
//!
//! `local-ip-address` lists them; it also lists those of interfaces that are switched off or have no cable, so each is
//! checked twice more: the interface must be running, and a socket must be able to use the address.

use std::{
    collections::HashSet,
    net::{IpAddr, UdpSocket},
};

use thiserror::Error;

/// What one look at the system found; unsorted, straight from the system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Every usable address with the name of its interface, in the system's order.
    pub found: Vec<(String, IpAddr)>,
    /// The address from which the system itself would reach the outside, if it has a route there.
    pub routed: Option<IpAddr>,
}

/// The system refused to list its interfaces. `Display` is half a sentence: what follows depends on what is known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("The system does not tell Confab its network addresses ({0})")]
pub struct SurveyError(String);

impl SurveyError {
    /// With the system's own words.
    pub fn new(reason: &impl std::fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

/// Lists the addresses of all interfaces that are up. It blocks for some milliseconds.
///
/// # Errors
/// When the system refuses the list.
pub fn survey() -> Result<Survey, SurveyError> {
    let listed = local_ip_address::list_afinet_netifas().map_err(|error| SurveyError::new(&error))?;
    let running = running_interfaces();
    let found = listed
        .into_iter()
        .map(|(name, ip)| (without_label(&name).to_owned(), ip))
        .filter(|(name, ip)| running.as_ref().is_none_or(|running| running.contains(name)) && can_be_used(*ip))
        .collect();
    Ok(Survey {
        found,
        routed: local_ip_address::local_ip().ok(),
    })
}

/// An alias such as `eth0:1` is an address of `eth0`. Interface names hold no colon otherwise.
fn without_label(name: &str) -> &str {
    name.split_once(':').map_or(name, |(interface, _)| interface)
}

/// Whether a socket can be opened on the address: not while its interface is off (Linux, Windows) nor while an IPv6
/// address is still being checked for duplicates. A link-local IPv6 address fails too, which is right: no link can name it.
fn can_be_used(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// The interfaces that are switched on and have a carrier, or `None` where the system does not say.
#[cfg(unix)]
fn running_interfaces() -> Option<HashSet<String>> {
    use nix::net::if_::InterfaceFlags;

    let up = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
    let interfaces = nix::ifaddrs::getifaddrs().ok()?;
    Some(
        interfaces
            .filter(|interface| interface.flags.contains(up))
            .map(|interface| interface.interface_name)
            .collect(),
    )
}

/// Windows gives no usable address to an adapter without a carrier, so [`can_be_used`] is enough there.
#[cfg(not(unix))]
fn running_interfaces() -> Option<HashSet<String>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_has_at_least_its_loopback() {
        let survey = survey().expect("the system lists its interfaces");
        assert!(survey.found.iter().any(|(_, ip)| ip.is_loopback()), "{survey:?}");
    }

    #[test]
    fn an_alias_belongs_to_its_interface() {
        assert_eq!(without_label("eth0:1"), "eth0");
        assert_eq!(without_label("Ethernet 2"), "Ethernet 2");
    }

    #[test]
    fn an_address_of_another_computer_cannot_be_used() {
        assert!(can_be_used(IpAddr::from([127, 0, 0, 1])));
        assert!(!can_be_used(IpAddr::from([198, 51, 100, 77])));
    }
}
