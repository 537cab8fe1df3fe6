//! All inbound and outbound traffic that bypasses a pod's proxy (S32–S34, S119, S152, S167).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    capture::{Bypass, bypass, init_args, ports},
    dataplane::{self, Dataplane},
    instance::Instance,
};
use crate::{
    istio::{Container, PodSpec, parse_bool},
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// An outbound exclusion: its annotation, the corresponding option of istio-init (S33), and what bypasses the proxy.
const OUTBOUND: [(&str, &str, &str); 2] = [
    ("traffic.sidecar.istio.io/excludeOutboundPorts", "-o", "outbound port"),
    ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "-x", "outbound range"),
];
pub(in crate::mesh) const INCLUDE_RANGES: &str = "traffic.sidecar.istio.io/includeOutboundIPRanges";
const INCLUDE_PORTS: &str = "traffic.sidecar.istio.io/includeOutboundPorts";
const BYPASS: &str = "ambient.istio.io/bypass-inbound-capture";
/// The user ID that the proxy runs as.
const PROXY_USER: i64 = 1337;

/// The calls of a client that bypass its sidecar, by the port that is called (S51).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirectPorts {
    /// Whether no outbound call is captured.
    is_everything: bool,
    ports: BTreeSet<u16>,
}

impl DirectPorts {
    /// Whether calls to this port bypass the sidecar.
    #[must_use]
    pub fn contains(&self, port: u16) -> bool {
        self.is_everything || self.ports.contains(&port)
    }
}

impl Instance<'_> {
    /// The ports that its calls reach without its sidecar. Ranges of addresses are not considered.
    #[must_use]
    pub fn direct_ports(&self) -> DirectPorts {
        let args = self.spec.map(init_args).unwrap_or_default();
        let setting = |option: &str, annotation: &str| setting(&args, self.annotations, option, annotation).map(str::trim);
        let [(exclude, option, _), _] = OUTBOUND;
        let is_everything = setting("-i", INCLUDE_RANGES) == Some("") && self.annotations.get(INCLUDE_PORTS).is_none();
        DirectPorts { is_everything, ports: ports(setting(option, exclude).unwrap_or_default()) }
    }

    /// Everything that bypasses the proxy; empty if the pod has no sidecar or ztunnel to bypass.
    #[must_use]
    pub fn bypasses(&self) -> Vec<Bypass> {
        match (self.dataplane, self.spec) {
            (Dataplane::Ambient, _) if self.annotations.has(BYPASS, "true") => {
                vec![bypass("every port".into(), [].into(), Some(BYPASS), "")]
            }
            (Dataplane::Sidecar, Some(spec)) => {
                let user =
                    runs_as_proxy_user(spec).map(|(_, who)| bypass(who, [].into(), None, "it runs as user 1337, the sidecar's user"));
                self.bypasses.iter().cloned().chain(outbound(spec, self.annotations)).chain(user).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A setting of the capture: the option that istio-init was started with, else the annotation that injection would make it of (S33).
fn setting<'a>(args: &BTreeMap<&'a str, &'a str>, annotations: &'a Labels, option: &str, annotation: &str) -> Option<&'a str> {
    args.get(option).copied().or_else(|| annotations.get(annotation))
}

/// Outbound traffic that bypasses the sidecar.
fn outbound(spec: PodSpec<'_>, annotations: &Labels) -> Vec<Bypass> {
    let args = init_args(spec);
    let excluded = OUTBOUND.into_iter().flat_map(|(annotation, option, what)| {
        let list = setting(&args, annotations, option, annotation).unwrap_or_default();
        let by = annotations.get(annotation).is_some().then_some(annotation);
        let each = list.split(',').map(str::trim).filter(|one| !one.is_empty());
        each.map(move |one| bypass(format!("{what} {one}"), [].into(), by, option_name(annotation))).collect::<Vec<_>>()
    });
    let included = setting(&args, annotations, "-i", INCLUDE_RANGES).unwrap_or("*").trim();
    let by = annotations.get(INCLUDE_RANGES).is_some().then_some(INCLUDE_RANGES);
    let rest = match included {
        "*" => None,
        "" => Some("every outbound range".to_owned()),
        list => Some(format!("every outbound range except {list}")),
    };
    excluded.chain(rest.map(|what| bypass(what, [].into(), by, option_name(INCLUDE_RANGES)))).collect()
}

/// The option's name, such as `excludeOutboundPorts`, which is also the name of the value in the Helm chart.
fn option_name(annotation: &'static str) -> &'static str {
    annotation.rsplit('/').next().unwrap_or(annotation)
}

/// The field below a pod's spec by which the application runs as the sidecar's user, and the containers that this applies to (S167).
#[must_use]
pub fn runs_as_proxy_user(spec: PodSpec<'_>) -> Option<(String, String)> {
    let is_proxy_user = |user: Option<i64>| user == Some(PROXY_USER);
    let containers = spec.containers().enumerate().map(|(at, one)| ("containers", at, one));
    let all = containers.chain(spec.init_containers().enumerate().map(|(at, one)| ("initContainers", at, one)));
    let container = all
        .into_iter()
        .find(|(_, _, one)| is_application_container(*one) && is_proxy_user(one.run_as_user()))
        .map(|(list, at, one)| (format!("{list}.{at}.securityContext.runAsUser"), format!("container {}", one.name())));
    let pod = || is_proxy_user(spec.run_as_user()).then(|| ("securityContext.runAsUser".to_owned(), "every container".to_owned()));
    container.or_else(pod)
}

/// Whether a container is part of the application, not of the mesh.
fn is_application_container(container: Container<'_>) -> bool {
    !matches!(container.name().as_str(), dataplane::PROXY | "istio-init" | "istio-validation")
}

impl<'s> Instance<'s> {
    /// Whether its proxy is a native sidecar, an init container that keeps running (S146); `None` if no proxy runs in it.
    #[must_use]
    pub fn has_native_sidecar(&self) -> Option<bool> {
        let spec = self.spec.filter(|_| self.is_running)?;
        dataplane::proxy(spec)?;
        Some(!spec.containers().any(|container| container.name() == dataplane::PROXY))
    }

    /// Init containers of the application that run before a proxy that was read running: what they send is plaintext, or does not arrive
    /// (S152).
    #[must_use]
    pub fn init_containers_before_running_proxy(&self) -> Vec<&'s Text> {
        if self.has_native_sidecar() == Some(false) { self.application_init_containers() } else { Vec::new() }
    }

    fn application_init_containers(&self) -> Vec<&'s Text> {
        let Some(spec) = self.spec.filter(|_| self.dataplane == Dataplane::Sidecar) else { return Vec::new() };
        spec.init_containers().filter(|container| is_application_container(*container)).map(Container::name).collect()
    }

    /// The version of the proxy that runs in it, from the image tag.
    #[must_use]
    pub fn proxy_version(&self) -> Option<&'s str> {
        let proxy = self.spec.filter(|_| self.is_running).and_then(dataplane::proxy)?;
        proxy.image_version().filter(|version| !version.is_empty())
    }
}

/// Annotation by which a pod sets whether its sidecar is native (S151).
const NATIVE: &str = "sidecar.istio.io/nativeSidecar";

impl Indices<'_> {
    /// Init containers of an instance that run before its proxy, or would if the manifest were applied (S151, S152). Where the versions of
    /// the nodes decide whether the sidecar is native, there are none.
    #[must_use]
    pub fn containers_before_proxy<'s>(&self, instance: &Instance<'s>) -> Vec<&'s Text> {
        if instance.is_running {
            return instance.init_containers_before_running_proxy();
        }
        let own = instance.annotations.get(NATIVE).and_then(parse_bool);
        let is_native = own.or(self.control_planes().istiod_env().native_sidecars);
        if is_native == Some(false) { instance.application_init_containers() } else { Vec::new() }
    }
}
