//! Judges an interface by its name and address: will people on the same network reach this computer there?
//!
//! The system does not say what an interface is for, but names follow customs on every system. A name that nothing here
//! knows is taken for a LAN: a wrong entry at the end of a list harms less than the one right address missing.

use std::{
    cmp::Reverse,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::Serialize;
use ts_rs::TS;

use super::{addresses::Address, interfaces::Survey};

/// What an address is good for, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum AddressKind {
    /// Set by the owner as `ANNOUNCED_IP`; not necessarily an address of this computer.
    Announced,
    /// Ethernet or Wi-Fi.
    Lan,
    /// A private network over another one: guests must be in it too.
    Vpn,
    /// A bridge for containers or virtual machines on this computer.
    Virtual,
    /// This computer alone.
    Loopback,
}

/// Beginnings of names (lower case) of interfaces that lead into a VPN.
const VPN_NAMES: &[&str] = &[
    "tun",
    "tap",
    "utun",
    "wg",
    "wireguard",
    "tailscale",
    "ts0",
    "zt",
    "zerotier",
    "feth", // ZeroTier on macOS
    "nebula",
    "netbird",
    "wt0", // NetBird
    "nordlynx",
    "nordtun",
    "proton",
    "pvpn",
    "mullvad",
    "surfshark",
    "expressvpn",
    "hamachi",
    "ham0",
    "radmin",
    "ppp",
    "ipsec",
    "vti",
    "xfrm",
    "gre",
    "sit",
    "ip6tnl",
    "gif",
    "stf",
    "openvpn",
    "ovpn",
    "cscotun", // Cisco AnyConnect
    "cisco anyconnect",
    "gpd", // GlobalProtect
    "pangp",
    "fortinet",
    "fortissl",
    "cloudflare",
    "warp",
    "softether",
    "vpn",
];

/// Beginnings of names (lower case) of interfaces that lead to containers and virtual machines on this computer.
const VIRTUAL_NAMES: &[&str] = &[
    "docker",
    "podman",
    "cni",
    "veth",
    "virbr",
    "vnet",
    "vmnet",
    "vmenet",
    "vboxnet",
    "virtualbox",
    "vmware",
    "vethernet",
    "hyper-v",
    "lxc",
    "lxdbr",
    "incusbr",
    "mpqemubr", // multipass
    "waydroid",
    "anbox",
    "cali",
    "cilium",
    "flannel",
    "kube",
    "nodelocaldns",
    "weave",
    "vxlan",
    "dummy",
    "ifb",
    "macvtap",
    "nerdctl",
    "awdl", // AirDrop
    "llw",
    "anpi",
    "npcap",
    "teredo",
    "isatap",
    "ipv6leakintrf", // Proton VPN's trap for leaks
];

/// Beginnings of names (lower case) of real links that other people are rarely on: mobile modems, Bluetooth, Wi-Fi Direct.
const RARE_LAN_NAMES: &[&str] = &[
    "ww",
    "rmnet",
    "cellular",
    "mobile",
    "bnep",
    "bluetooth",
    "p2p-",
    "ap1",
    "local area connection*",
];

/// Sorts what a survey found, the best address for a join link first, and leaves out what no link can use.
///
/// Within a kind, IPv4 comes first, then the address by which the system itself reaches the outside, then the system's
/// order. IPv6 is listed for an interface only when it has no IPv4 address, and only one (a local one rather than a
/// global one): systems change their IPv6 addresses daily for privacy, and each change would cost a new certificate.
#[must_use]
pub fn rank(survey: &Survey) -> Vec<Address> {
    let mut ranked: Vec<Address> = Vec::new();
    let mut add = |interface: &str, ip: IpAddr| {
        if ranked.iter().all(|known| known.ip != ip) {
            ranked.push(Address {
                ip,
                interface: interface.to_owned(),
                kind: kind_of(interface, ip),
            });
        }
    };
    let has_ipv4 = |name: &str| {
        survey
            .found
            .iter()
            .any(|(other, ip)| other == name && is_nameable(*ip) && ip.is_ipv4())
    };
    for (interface, ip) in &survey.found {
        let is_wanted = match ip {
            IpAddr::V4(_) => true,
            IpAddr::V6(ip) => !has_ipv4(interface) && best_ipv6(survey, interface) == Some(*ip),
        };
        if is_wanted && is_nameable(*ip) {
            add(interface, *ip);
        }
    }
    ranked.sort_by_key(|address| {
        (
            address.kind,
            is_rare(address),
            address.ip.is_ipv6(),
            Reverse(survey.routed == Some(address.ip)),
        )
    });
    ranked
}

/// What an address of that interface is good for.
#[must_use]
pub fn kind_of(interface: &str, ip: IpAddr) -> AddressKind {
    let name = interface.to_lowercase();
    let begins_with = |names: &[&str]| names.iter().any(|start| name.starts_with(start));
    if ip.is_loopback() || name == "lo" || name == "lo0" || name.contains("loopback") {
        AddressKind::Loopback
    } else if is_tailscale(ip) {
        AddressKind::Vpn
    } else if begins_with(VIRTUAL_NAMES) || is_container_bridge(&name) {
        AddressKind::Virtual
    } else if begins_with(VPN_NAMES) || name.contains("vpn") || name.contains("tap-windows") {
        AddressKind::Vpn
    } else {
        AddressKind::Lan
    }
}

/// Docker's networks are `br-` and some digits, but `br-lan` and `br0` are real LANs on a bridge. On macOS
/// `bridge100` and up serve virtual machines, lower ones are Thunderbolt cables.
fn is_container_bridge(name: &str) -> bool {
    let number_of = |rest: &str| rest.parse::<u32>().is_ok_and(|number| number >= 100);
    name.strip_prefix("br-").is_some_and(|rest| rest != "lan") || name.strip_prefix("bridge").is_some_and(number_of)
}

/// Tailscale's addresses, whatever its interface is called: 100.64.0.0/10 and fd7a:115c:a1e0::/48.
fn is_tailscale(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets()[0] == 100 && ip.octets()[1] & 0b1100_0000 == 64,
        IpAddr::V6(ip) => ip.segments()[..3] == [0xfd7a, 0x115c, 0xa1e0],
    }
}

/// Whether an address goes behind the others of its kind: self-assigned ones, and links that few share.
#[must_use]
pub fn is_rare(address: &Address) -> bool {
    let name = address.interface.to_lowercase();
    is_self_assigned(address.ip) || RARE_LAN_NAMES.iter().any(|start| name.starts_with(start))
}

/// 169.254.0.0/16: what an interface gives itself when nobody gave it an address. It serves two laptops on one cable.
#[must_use]
pub fn is_self_assigned(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_link_local())
}

/// Whether another computer could write the address into its address bar.
fn is_nameable(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip != Ipv4Addr::UNSPECIFIED && !ip.is_multicast() && !ip.is_broadcast(),
        IpAddr::V6(ip) => {
            !ip.is_unspecified()
                && !ip.is_multicast()
                && !ip.is_loopback()
                && !ip.is_unicast_link_local()
                && ip.to_ipv4_mapped().is_none()
        }
    }
}

/// The one IPv6 address of an interface that is likely to stay: local before global, made from the hardware's number
/// before random, then the lowest, so that the order of the system's answer does not matter.
fn best_ipv6(survey: &Survey, interface: &str) -> Option<Ipv6Addr> {
    let addresses = survey
        .found
        .iter()
        .filter(|(name, _)| name == interface)
        .filter_map(|(_, ip)| match ip {
            IpAddr::V6(ip) if is_nameable(IpAddr::V6(*ip)) => Some(*ip),
            _ => None,
        });
    addresses.min_by_key(|ip| {
        let is_from_hardware = ip.octets()[11..13] == [0xff, 0xfe];
        (!ip.is_unique_local(), !is_from_hardware, *ip)
    })
}

#[cfg(test)]
#[path = "ranking_tests.rs"]
mod tests;
