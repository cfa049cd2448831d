//! What the server concludes from the list of addresses: which one stands in the join link, on which ones media
//! listens, which ones the certificate names. Pure: the list, the host's choice and `ANNOUNCED_IP` go in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::interfaces::SurveyError;
use super::ranking::{AddressKind, is_self_assigned};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// One address at which this computer can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The address itself.
    pub ip: IpAddr,
    /// The system's name of its interface; `ANNOUNCED_IP` for the announced one.
    pub interface: String,
    /// What it is good for.
    pub kind: AddressKind,
}

/// The addresses that the server uses, until the next change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// All that the host may choose from, best first.
    pub all: Vec<Address>,
    /// Where media listens: one address per interface, or when one is [announced](Self::announced) that one alone; where
    /// it is not this computer's, all addresses at once (the unspecified address).
    pub listen: Vec<IpAddr>,
    /// The address of the join link.
    pub chosen: IpAddr,
    /// Whether the host chose it; otherwise it is the best one, or the announced one.
    pub is_manual: bool,
    /// `ANNOUNCED_IP`: what media announces instead of the addresses that it listens on.
    pub announced: Option<IpAddr>,
    /// Why the list may be out of date: the system refused the last look.
    pub refused: Option<SurveyError>,
}

impl Addresses {
    /// Draws the conclusions from a [ranked](super::ranking::rank) list.
    ///
    /// `choice` counts as long as the list has it. `announced` overrides it.
    #[must_use]
    pub fn new(ranked: Vec<Address>, choice: Option<IpAddr>, announced: Option<IpAddr>) -> Self {
        let mut all = ranked;
        if let Some(ip) = announced {
            // An answer must come from the address that was asked: a socket on all addresses leaves that to the routes.
            let is_here = ip.is_loopback() || all.iter().any(|address| address.ip == ip);
            all.retain(|address| address.ip != ip);
            all.insert(
                0,
                Address {
                    ip,
                    interface: "ANNOUNCED_IP".to_owned(),
                    kind: AddressKind::Announced,
                },
            );
            let listen = if is_here {
                ip
            } else if ip.is_ipv4() {
                IpAddr::V4(Ipv4Addr::UNSPECIFIED)
            } else {
                IpAddr::V6(Ipv6Addr::UNSPECIFIED)
            };
            return Self {
                all,
                listen: vec![listen],
                chosen: ip,
                is_manual: false,
                announced,
                refused: None,
            };
        }
        let manual = choice.filter(|ip| all.iter().any(|address| address.ip == *ip));
        let chosen = manual
            .or_else(|| all.first().map(|address| address.ip))
            .unwrap_or(LOOPBACK);
        let mut listen = listen_on(&all);
        if !listen.contains(&chosen) {
            listen.push(chosen);
        }
        Self {
            all,
            listen,
            chosen,
            is_manual: manual.is_some(),
            announced: None,
            refused: None,
        }
    }

    /// The addresses that the certificate must name, loopback aside: all of LANs and VPNs, and whatever is in use.
    /// Container bridges come and go with the containers, so they count only while one is in use.
    #[must_use]
    pub fn certified(&self) -> Vec<IpAddr> {
        let mut certified: Vec<IpAddr> = Vec::new();
        let lasting = self
            .all
            .iter()
            .filter(|address| address.kind <= AddressKind::Vpn)
            .map(|address| address.ip);
        for ip in lasting.chain([self.chosen]).chain(self.listen.iter().copied()) {
            if !ip.is_loopback() && !ip.is_unspecified() && !certified.contains(&ip) {
                certified.push(ip);
            }
        }
        certified
    }

    /// What is wrong with the network, in a sentence for the host; `None` when others can join.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if let Some(refused) = &self.refused {
            return Some(if self.all.is_empty() {
                format!(
                    "{refused}, so nobody else can join: name its address with --announced-ip or the setting \
                     ANNOUNCED_IP, then start Confab again."
                )
            } else {
                format!("{refused}: Confab goes on with those that it knew before.")
            });
        }
        let chosen = self.all.iter().find(|address| address.ip == self.chosen);
        let sentence = match chosen.map(|address| address.kind) {
            _ if self.chosen.is_loopback() && self.announced.is_some() => {
                "Only this computer can join: ANNOUNCED_IP is its loopback address. Remove that setting or name another \
                 address, then start Confab again."
            }
            _ if self.chosen.is_loopback() && self.is_manual => {
                "Only this computer can join: choose another address than the loopback one."
            }
            _ if self.chosen.is_loopback() => {
                "This computer is on no network, so nobody else can join: connect it to the Wi-Fi or a cable."
            }
            // Whoever chose it by hand knows who is there.
            _ if self.is_manual => return None,
            Some(AddressKind::Virtual) => {
                "This computer is on no network but that of its own containers or virtual machines, so nobody else can \
                 join: connect it to the Wi-Fi or a cable."
            }
            Some(AddressKind::Lan | AddressKind::Vpn) if is_self_assigned(self.chosen) => {
                "No network gave this computer an address, so only a computer on the same cable can join: connect it \
                 to the Wi-Fi, or see to the router."
            }
            _ => return None,
        };
        Some(sentence.to_owned())
    }
}

/// One address per interface: of LANs and VPNs; if there are none, self-assigned ones; then bridges; then loopback.
fn listen_on(all: &[Address]) -> Vec<IpAddr> {
    let first_of_each = |wanted: &dyn Fn(&Address) -> bool| {
        let mut interfaces: Vec<&str> = Vec::new();
        let mut listen = Vec::new();
        for address in all.iter().filter(|address| wanted(address)) {
            if !interfaces.contains(&address.interface.as_str()) {
                interfaces.push(&address.interface);
                listen.push(address.ip);
            }
        }
        listen
    };
    let is_network = |address: &Address| matches!(address.kind, AddressKind::Lan | AddressKind::Vpn);
    [
        first_of_each(&|address| is_network(address) && !is_self_assigned(address.ip)),
        first_of_each(&is_network),
        first_of_each(&|address| address.kind == AddressKind::Virtual),
    ]
    .into_iter()
    .find(|listen| !listen.is_empty())
    .unwrap_or_else(|| vec![LOOPBACK])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{interfaces::Survey, ranking::rank};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn addresses(found: &[(&str, &str)], choice: Option<&str>, announced: Option<&str>) -> Addresses {
        let found = found
            .iter()
            .map(|(name, text)| ((*name).to_owned(), ip(text)))
            .collect();
        Addresses::new(rank(&Survey { found, routed: None }), choice.map(ip), announced.map(ip))
    }

    const OFFICE: &[(&str, &str)] = &[
        ("lo", "127.0.0.1"),
        ("eth0", "10.1.0.4"),
        ("eth0", "10.1.0.99"),
        ("wlan0", "192.168.1.20"),
        ("docker0", "172.17.0.1"),
        ("wg0", "10.8.0.2"),
    ];

    #[test]
    fn media_listens_once_per_network_and_not_on_bridges() {
        let office = addresses(OFFICE, None, None);
        assert_eq!(office.chosen, ip("10.1.0.4"));
        assert!(!office.is_manual);
        assert_eq!(office.listen, [ip("10.1.0.4"), ip("192.168.1.20"), ip("10.8.0.2")]);
        assert_eq!(office.problem(), None);
        assert_eq!(
            office.certified(),
            [ip("10.1.0.4"), ip("10.1.0.99"), ip("192.168.1.20"), ip("10.8.0.2")]
        );
    }

    #[test]
    fn the_hosts_choice_counts_while_it_exists() {
        let chosen = addresses(OFFICE, Some("192.168.1.20"), None);
        assert_eq!((chosen.chosen, chosen.is_manual), (ip("192.168.1.20"), true));
        assert_eq!(
            chosen.listen,
            addresses(OFFICE, None, None).listen,
            "a choice among them changes no listener"
        );
        let gone = addresses(OFFICE, Some("192.168.77.1"), None);
        assert_eq!((gone.chosen, gone.is_manual), (ip("10.1.0.4"), false));
    }

    #[test]
    fn media_also_listens_on_a_chosen_bridge_or_second_address() {
        assert!(
            addresses(OFFICE, Some("10.1.0.99"), None)
                .listen
                .contains(&ip("10.1.0.99"))
        );
        let bridge = addresses(OFFICE, Some("172.17.0.1"), None);
        assert_eq!(bridge.listen.last(), Some(&ip("172.17.0.1")));
        assert!(bridge.certified().contains(&ip("172.17.0.1")));
    }

    #[test]
    fn an_announced_address_overrides_all() {
        let announced = addresses(OFFICE, Some("192.168.1.20"), Some("203.0.113.9"));
        assert_eq!((announced.chosen, announced.is_manual), (ip("203.0.113.9"), false));
        assert_eq!(announced.listen, [ip("0.0.0.0")]);
        assert_eq!(announced.all[0].kind, AddressKind::Announced);
        assert!(announced.certified().contains(&ip("203.0.113.9")));
        assert!(announced.certified().contains(&ip("10.1.0.4")));
        assert!(!announced.certified().contains(&ip("0.0.0.0")));
        assert_eq!(addresses(&[], None, Some("2001:db8::7")).listen, [ip("::")]);
    }

    #[test]
    fn an_announced_address_of_this_computer_is_listened_on() {
        assert_eq!(
            addresses(OFFICE, None, Some("192.168.1.20")).listen,
            [ip("192.168.1.20")]
        );
        let alone = addresses(OFFICE, None, Some("127.0.0.1"));
        assert_eq!(alone.listen, [ip("127.0.0.1")]);
        assert!(alone.problem().is_some_and(|problem| problem.contains("ANNOUNCED_IP")));
    }

    #[test]
    fn an_announced_address_of_this_computer_is_listed_once() {
        let announced = addresses(OFFICE, None, Some("192.168.1.20"));
        assert_eq!(
            announced
                .all
                .iter()
                .filter(|address| address.ip == ip("192.168.1.20"))
                .count(),
            1
        );
    }

    #[test]
    fn without_a_network_the_next_best_is_taken() {
        let cable = addresses(&[("lo", "127.0.0.1"), ("eth0", "169.254.3.4")], None, None);
        assert_eq!(cable.listen, [ip("169.254.3.4")]);
        assert!(cable.problem().is_some_and(|problem| problem.contains("same cable")));
        let bridge = addresses(&[("lo", "127.0.0.1"), ("docker0", "172.17.0.1")], None, None);
        assert_eq!(bridge.listen, [ip("172.17.0.1")]);
        assert!(bridge.problem().is_some_and(|problem| problem.contains("containers")));
        let wanted = addresses(
            &[("lo", "127.0.0.1"), ("docker0", "172.17.0.1")],
            Some("172.17.0.1"),
            None,
        );
        assert_eq!(wanted.problem(), None, "the host chose it");
        let alone = addresses(&[("lo", "127.0.0.1")], None, None);
        assert_eq!(
            (alone.chosen, alone.listen.clone()),
            (ip("127.0.0.1"), vec![ip("127.0.0.1")])
        );
        assert!(alone.problem().is_some());
        assert!(alone.certified().is_empty());
        assert_eq!(addresses(&[], None, None).chosen, ip("127.0.0.1"));
    }

    #[test]
    fn self_assigned_addresses_do_not_disturb_a_real_network() {
        let both = addresses(&[("eth1", "169.254.3.4"), ("wlan0", "192.168.1.20")], None, None);
        assert_eq!(both.listen, [ip("192.168.1.20")]);
    }
}
