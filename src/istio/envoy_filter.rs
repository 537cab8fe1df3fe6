//! `EnvoyFilter`: only which proxies it changes (S42).

use std::sync::LazyLock;

use crate::object::{Labels, Read, wire};

/// The labels of the proxies that an `EnvoyFilter` changes; empty selects every proxy in its scope.
#[must_use]
pub fn envoy_filter_selector(read: &Read<wire::EnvoyFilter>) -> &Labels {
    static ALL: LazyLock<Labels> = LazyLock::new(Labels::default);
    read.body.spec.workload_selector.as_ref().map_or_else(|| &*ALL, |selector| &selector.labels)
}
