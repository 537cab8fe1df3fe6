//! Calls that bypass the client's proxy because of annotations (S51).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::object::Labels;

const OUTBOUND: &str = "traffic.sidecar.istio.io/";

/// The annotation by which a call to a port and an address is not captured; exclusion of ports comes first (S51).
pub(super) fn bypass(annotations: &Labels, port: u16, addresses: &[IpAddr]) -> Option<String> {
    let get = |name: &str| annotations.get(&format!("{OUTBOUND}{name}")).map(str::trim);
    let names_port = |list: &str| list.split(',').any(|one| one.trim().parse() == Ok(port));
    let holds = |list: &str| list.split(',').filter_map(range).any(|range| addresses.iter().any(|address| range.contains(address)));
    let found = if get("excludeOutboundPorts").is_some_and(names_port) {
        "excludeOutboundPorts"
    } else if get("includeOutboundPorts").is_some_and(names_port) {
        return None;
    } else if get("excludeOutboundIPRanges").is_some_and(holds) {
        "excludeOutboundIPRanges"
    } else if get("includeOutboundIPRanges").is_some_and(|list| list.is_empty() || list != "*" && !addresses.is_empty() && !holds(list)) {
        "includeOutboundIPRanges"
    } else {
        return None;
    };
    Some(format!("{OUTBOUND}{found}"))
}

/// A range, or an address alone. Bits of the address beyond its prefix have no effect.
fn range(text: &str) -> Option<IpNet> {
    let (address, length) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
    let address: IpAddr = address.parse().ok()?;
    if length.is_empty() { Some(address.into()) } else { IpNet::new(address, length.parse().ok()?).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_addresses_of_its_own_family() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("10.0.0.0/8", &["10.0.0.0", "10.255.255.255"], &["9.255.255.255", "11.0.0.0", "::ffff:10.0.0.1", "a00::1"]),
            (" 10.0.0.0/8 ", &["10.1.2.3"], &[]),
            // Bits beyond the prefix.
            ("10.1.2.3/8", &["10.0.0.0", "10.200.0.1"], &["11.1.2.3"]),
            ("2001:db8::1/32", &["2001:db8::", "2001:db8:ffff::1"], &["2001:db9::1", "32.1.13.184"]),
            // Every address of a family, and one alone.
            ("0.0.0.0/0", &["0.0.0.0", "255.255.255.255"], &["::", "::ffff:1.2.3.4"]),
            ("1.2.3.4/0", &["255.255.255.255"], &[]),
            ("::/0", &["::", "ffff::1", "::ffff:1.2.3.4"], &["1.2.3.4"]),
            ("10.0.0.7", &["10.0.0.7"], &["10.0.0.6", "10.0.0.8", "::ffff:10.0.0.7"]),
            ("10.0.0.7/32", &["10.0.0.7"], &["10.0.0.6", "10.0.0.8"]),
            ("10.0.0.7/", &["10.0.0.7"], &["10.0.0.6"]),
            ("10.0.0.7/31", &["10.0.0.6", "10.0.0.7"], &["10.0.0.8"]),
            ("fd00::7", &["fd00::7"], &["fd00::6"]),
            ("fd00::7/128", &["fd00::7"], &["fd00::6"]),
            // An IPv4 address in IPv6 stays one of IPv6.
            ("::ffff:10.0.0.0/104", &["::ffff:10.1.2.3"], &["10.1.2.3", "::ffff:11.0.0.1"]),
            ("::ffff:10.0.0.0/8", &["::1", "ff::"], &["10.0.0.1", "100::"]),
            // How the length may be written.
            ("10.0.0.0/08", &["10.1.2.3"], &["11.0.0.1"]),
            ("10.0.0.0/+8", &["10.1.2.3"], &["11.0.0.1"]),
            ("10.0.0.0/008", &["10.1.2.3"], &["11.0.0.1"]),
        ];
        for (text, inside, outside) in cases {
            let range = range(text).unwrap_or_else(|| panic!("{text}"));
            for (addresses, wanted) in [(inside, true), (outside, false)] {
                for address in *addresses {
                    assert_eq!(range.contains(&address.parse::<IpAddr>().unwrap()), wanted, "{text} {address}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_range_is_none() {
        let texts = [
            "",
            "*",
            "/8",
            "web",
            "10.0.0",
            "10.0.0.0.0/8",
            "010.0.0.0/8",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "10.0.0.0 /8",
            "10.0.0.0/ 8",
            "10.0.0.0/255.0.0.0",
            "fd00::/129",
            "fd00::/256",
            "[fd00::]/8",
            "fe80::1%eth0",
            "10.0.0.0-10.0.0.9",
        ];
        for text in texts {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
