//! Tables of interface names as real systems give them.

use super::{AddressKind::*, *};

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn survey(found: &[(&str, &str)], routed: Option<&str>) -> Survey {
    Survey {
        found: found
            .iter()
            .map(|(name, text)| ((*name).to_owned(), ip(text)))
            .collect(),
        routed: routed.map(ip),
    }
}

fn ranked(found: &[(&str, &str)], routed: Option<&str>) -> Vec<String> {
    rank(&survey(found, routed))
        .into_iter()
        .map(|address| address.ip.to_string())
        .collect()
}

fn assert_kinds(kind: AddressKind, names: &[&str]) {
    for name in names {
        assert_eq!(kind_of(name, ip("192.168.7.3")), kind, "{name}");
    }
}

#[test]
fn linux_names() {
    assert_kinds(
        Lan,
        &[
            "eth0",
            "enp3s0",
            "eno1",
            "ens18",
            "enx00e04c680001",
            "end0",
            "wlan0",
            "wlp2s0",
            "wlx74da38",
            "bond0",
            "team0",
            "br0",
            "vmbr0",
            "br-lan",
            "usb0",
            "eth0.20",
            "wwan0",
            "bnep0",
            "ap0",
            "lan0",
        ],
    );
    assert_kinds(
        Vpn,
        &[
            "tun0",
            "tap0",
            "wg0",
            "wg-office",
            "tailscale0",
            "ztrtaqjqoo",
            "nebula1",
            "nordlynx",
            "proton0",
            "ppp0",
            "wt0",
            "cscotun0",
            "gpd0",
            "CloudflareWARP",
            "vpn0",
            "wgpia0",
            "ipsec0",
            "office-vpn",
        ],
    );
    assert_kinds(
        Virtual,
        &[
            "docker0",
            "docker_gwbridge",
            "br-1f2e3d4c5b6a",
            "veth5e1c2d3",
            "virbr0",
            "virbr0-nic",
            "vnet3",
            "vboxnet0",
            "vmnet8",
            "lxcbr0",
            "lxdbr0",
            "incusbr0",
            "cni0",
            "cni-podman0",
            "podman1",
            "flannel.1",
            "cali1234",
            "kube-bridge",
            "dummy0",
            "ifb0",
            "waydroid0",
        ],
    );
    assert_kinds(Loopback, &["lo"]);
}

#[test]
fn macos_names() {
    assert_kinds(Lan, &["en0", "en1", "en7", "bridge0"]);
    assert_kinds(Vpn, &["utun0", "utun4", "ipsec0", "ppp0", "gif0", "stf0", "feth1234"]);
    assert_kinds(
        Virtual,
        &[
            "bridge100",
            "bridge101",
            "vmenet0",
            "vmnet1",
            "vmnet8",
            "awdl0",
            "llw0",
            "anpi0",
        ],
    );
    assert_kinds(Loopback, &["lo0"]);
}

#[test]
fn windows_names() {
    assert_kinds(
        Lan,
        &[
            "Ethernet",
            "Ethernet 2",
            "Wi-Fi",
            "WLAN",
            "Local Area Connection",
            "Local Area Connection* 10",
            "Ethernet-Verbindung",
        ],
    );
    assert_kinds(
        Vpn,
        &[
            "Tailscale",
            "ZeroTier One [8056c2e21c000001]",
            "OpenVPN TAP-Windows6",
            "OpenVPN Wintun",
            "NordLynx",
            "ProtonVPN TUN",
            "WireGuard Tunnel",
            "Company VPN",
            "Hamachi",
            "Cisco AnyConnect Secure Mobility Client Connection",
        ],
    );
    assert_kinds(
        Virtual,
        &[
            "vEthernet (WSL)",
            "vEthernet (Default Switch)",
            "VirtualBox Host-Only Network",
            "VMware Network Adapter VMnet8",
            "Teredo Tunneling Pseudo-Interface",
        ],
    );
    assert_kinds(Loopback, &["Loopback Pseudo-Interface 1", "Npcap Loopback Adapter"]);
}

#[test]
fn tailscale_is_known_by_its_addresses() {
    assert_eq!(kind_of("Ethernet 5", ip("100.101.102.103")), Vpn);
    assert_eq!(kind_of("en9", ip("fd7a:115c:a1e0::1")), Vpn);
    assert_eq!(kind_of("eth0", ip("100.128.0.1")), Lan);
    assert_eq!(kind_of("eth0", ip("127.0.0.5")), Loopback);
}

#[test]
fn lan_before_vpn_before_containers_before_loopback() {
    let found = [
        ("lo", "127.0.0.1"),
        ("docker0", "172.17.0.1"),
        ("tailscale0", "100.90.1.2"),
        ("wg0", "10.8.0.2"),
        ("wlan0", "192.168.1.20"),
        ("br-1f2e3d4c5b6a", "172.18.0.1"),
    ];
    assert_eq!(
        ranked(&found, Some("10.8.0.2")),
        [
            "192.168.1.20",
            "10.8.0.2",
            "100.90.1.2",
            "172.17.0.1",
            "172.18.0.1",
            "127.0.0.1"
        ]
    );
}

#[test]
fn of_two_lans_the_one_with_the_route_comes_first() {
    let found = [("eth0", "10.0.0.5"), ("wlan0", "192.168.1.20")];
    assert_eq!(ranked(&found, Some("192.168.1.20")), ["192.168.1.20", "10.0.0.5"]);
    assert_eq!(ranked(&found, Some("10.0.0.5")), ["10.0.0.5", "192.168.1.20"]);
    assert_eq!(ranked(&found, None), ["10.0.0.5", "192.168.1.20"]);
}

#[test]
fn rare_links_come_last_among_lans() {
    let found = [
        ("wwan0", "10.64.3.2"),
        ("eth1", "169.254.9.9"),
        ("eth0", "192.168.1.5"),
        ("wg0", "10.8.0.2"),
    ];
    assert_eq!(
        ranked(&found, Some("10.64.3.2")),
        ["192.168.1.5", "10.64.3.2", "169.254.9.9", "10.8.0.2"]
    );
}

#[test]
fn ipv6_stands_in_only_where_an_interface_has_no_ipv4() {
    let both = [("eth0", "192.168.1.5"), ("eth0", "2001:db8::5"), ("eth0", "fe80::1")];
    assert_eq!(ranked(&both, None), ["192.168.1.5"]);
    let only_ipv6 = [
        ("eth0", "fe80::1"),
        ("eth0", "2001:db8::9c1f:22ff:fe01:5"),
        ("eth0", "2001:db8::1:2:3"),
        ("eth0", "fd00::a"),
        ("eth0", "fd00::b"),
        ("lo", "::1"),
    ];
    assert_eq!(ranked(&only_ipv6, None), ["fd00::a"]);
    assert_eq!(ranked(&only_ipv6[..3], None), ["2001:db8::9c1f:22ff:fe01:5"]);
}

#[test]
fn an_address_on_two_interfaces_is_listed_once_and_nonsense_never() {
    let found = [
        ("eth0", "192.168.1.5"),
        ("br0", "192.168.1.5"),
        ("eth1", "0.0.0.0"),
        ("eth2", "224.0.0.1"),
        ("eth3", "::"),
    ];
    assert_eq!(ranked(&found, None), ["192.168.1.5"]);
}
