//! Which IP addresses a call may go to (controls C42).
//!
//! Public unicast addresses are allowed; everything else only where the operator names its network. Addresses that
//! nobody has a reason to call (cloud metadata, multicast, unspecified) are refused even then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The networks that calls may go to.
#[derive(Debug, Clone)]
pub(super) struct Networks {
    allowed: Vec<IpNet>,
    loopback_only: bool,
}

impl Networks {
    /// Public addresses, and the networks that are named.
    pub(super) fn new(allowed: &[IpNet]) -> Self {
        Networks {
            allowed: allowed.to_vec(),
            loopback_only: false,
        }
    }

    /// The loopback part of these networks: the only place where `http:` may go.
    pub(super) fn loopback(&self) -> Self {
        Networks {
            allowed: self.allowed.clone(),
            loopback_only: true,
        }
    }

    /// Whether a call may go to this address.
    pub(super) fn permit(&self, address: IpAddr) -> bool {
        if self.loopback_only && !address.is_loopback() {
            return false;
        }
        if never(address) {
            return false;
        }
        self.allowed.iter().any(|network| network.contains(&address)) || is_public(address)
    }
}

/// Addresses that are refused whatever is configured.
fn never(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.octets()[0] == 0
                || METADATA_V4.contains(&v4)
        }
        // A mapped, compatible or translated IPv4 address would pass a check on the IPv6 form only.
        IpAddr::V6(v6) => {
            v6.is_unspecified()
                || v6.is_multicast()
                || METADATA_V6.contains(&v6)
                || (!v6.is_loopback() && in_any(v6, EMBEDDED_V4))
        }
    }
}

/// Cloud metadata services.
const METADATA_V4: &[Ipv4Addr] = &[
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

const METADATA_V6: &[Ipv6Addr] = &[Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)];

/// IPv6 networks that carry an IPv4 address: compatible, mapped, translated, NAT64, 6to4 and Teredo.
const EMBEDDED_V4: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::UNSPECIFIED, 96),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96),
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// IPv6 networks of the global range that are not for the public internet.
const RESERVED_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0x2, 0, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x2001, 0x10, 0, 0, 0, 0, 0, 0), 28),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// IPv4 networks that are not for the public internet, beside those that the standard library names.
const RESERVED_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn in_any(address: Ipv6Addr, networks: &[(Ipv6Addr, u8)]) -> bool {
    networks
        .iter()
        .any(|(base, length)| Ipv6Net::new(*base, *length).is_ok_and(|network| network.contains(&address)))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let reserved = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || RESERVED_V4.iter().any(|(base, length)| {
                    Ipv4Net::new(*base, *length).is_ok_and(|network| network.contains(&v4))
                });
            !reserved
        }
        // Only 2000::/3 is global unicast; unique local, link-local and site-local addresses fall outside.
        IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000 && !in_any(v6, RESERVED_V6),
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn only_public_addresses_are_permitted_by_default() {
        let networks = Networks::new(&[]);
        for text in ["8.8.8.8", "145.97.0.1", "2a00:1450:400e::1", "2001:67c:2e8::1"] {
            assert!(networks.permit(text.parse().unwrap()), "{text}");
        }
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "240.0.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!networks.permit(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_named_network_is_permitted_but_never_metadata() {
        let named = Networks::new(&[
            "10.20.0.0/16".parse().unwrap(),
            "169.254.0.0/16".parse().unwrap(),
            "fd00::/8".parse().unwrap(),
            "::/0".parse().unwrap(),
            "127.0.0.0/8".parse().unwrap(),
        ]);
        for (text, expected) in [
            ("10.20.1.1", true),
            ("10.21.1.1", false),
            ("169.254.1.1", true),
            ("169.254.169.254", false),
            ("fd12::1", true),
            ("fd00:ec2::254", false),
            ("::ffff:10.20.1.1", false),
            ("::1", true),
        ] {
            assert_eq!(named.permit(text.parse().unwrap()), expected, "{text}");
        }
        let loopback = named.loopback();
        assert!(loopback.permit("127.0.0.1".parse().unwrap()));
        assert!(!loopback.permit("10.20.1.1".parse().unwrap()));
        assert!(!loopback.permit("8.8.8.8".parse().unwrap()));
    }
}
