//! Calls that bypass the client's proxy because of annotations (S51).

use std::net::IpAddr;

use crate::object::Labels;

const OUTBOUND: &str = "traffic.sidecar.istio.io/";

/// The annotation by which a call to a port and an address is not captured; exclusion of ports comes first (S51).
pub(super) fn bypass(annotations: &Labels, port: u16, addresses: &[IpAddr]) -> Option<String> {
    let get = |name: &str| annotations.get(&format!("{OUTBOUND}{name}")).map(str::trim);
    let names_port = |list: &str| list.split(',').any(|one| one.trim().parse() == Ok(port));
    let holds = |list: &str| list.split(',').filter_map(range).any(|range| addresses.iter().any(|address| contains(range, *address)));
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

fn range(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    let bits = if bits.is_empty() { whole } else { bits.parse().ok().filter(|bits| *bits <= whole)? };
    Some((address, bits))
}

fn contains((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)) << 96,
        IpAddr::V6(v6) => u128::from(v6),
    };
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - u32::from(bits)) };
    network.is_ipv4() == address.is_ipv4() && number(network) & mask == number(address) & mask
}
