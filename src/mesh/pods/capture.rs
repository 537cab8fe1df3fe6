//! Which inbound ports a sidecar captures, and which bypass it (S32–S34).

use std::collections::{BTreeMap, BTreeSet};

use super::dataplane;
use crate::{
    istio::{self, Container, PodSpec, ProxySettings},
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// The inbound ports that are captured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capture {
    /// All ports except these.
    AllExcept(BTreeSet<u16>),
    /// Only these; exclusions configured elsewhere have no effect (S32).
    Only(BTreeSet<u16>),
    /// `interceptionMode: NONE`: only the listeners of a Sidecar resource, each on its own port (S34).
    Listeners(BTreeSet<u16>),
    /// Every port: ztunnel captures all of them, or the data plane does not use capture.
    Everything,
    /// No port.
    Nothing,
}

/// Traffic that bypasses the proxy, and the setting that causes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bypass {
    /// What bypasses the proxy: `port 9090`, `interface eth1`, `every port`.
    pub what: String,
    /// The ports, if they are known.
    pub ports: BTreeSet<u16>,
    /// The annotation, argument or setting that causes it.
    pub caused_by: String,
    /// The annotation's key, if an annotation causes it.
    pub annotation: Option<&'static str>,
}

const INCLUDE_PORTS: &str = "traffic.sidecar.istio.io/includeInboundPorts";
const EXCLUDE_PORTS: &str = "traffic.sidecar.istio.io/excludeInboundPorts";
const EXCLUDE_INTERFACES: &str = "traffic.sidecar.istio.io/excludeInterfaces";
const INTERCEPTION: &str = "sidecar.istio.io/interceptionMode";
const STATUS_PORT: &str = "status.sidecar.istio.io/port";
/// Inbound capture always excludes these two ports, and the status port (S32).
const ALWAYS_OPEN: [u16; 2] = [15090, 15021];

impl Capture {
    /// Whether a port is captured.
    #[must_use]
    pub fn captures(&self, port: u16) -> bool {
        match self {
            Self::AllExcept(open) => !open.contains(&port),
            Self::Only(captured) | Self::Listeners(captured) => captured.contains(&port),
            Self::Everything => true,
            Self::Nothing => false,
        }
    }

    /// Whether the workload as a whole is captured: ports that no setting names, or at least one that is named.
    #[must_use]
    pub fn captures_workload(&self) -> bool {
        match self {
            Self::AllExcept(_) | Self::Only(_) | Self::Everything => true,
            Self::Listeners(_) | Self::Nothing => false,
        }
    }
}

/// The inputs that determine the capture of one pod.
#[derive(Clone, Copy)]
pub(in crate::mesh) struct CaptureInput<'p> {
    pub(in crate::mesh) spec: PodSpec<'p>,
    pub(in crate::mesh) annotations: &'p Labels,
    /// The pod's own proxy settings, merged over the mesh's.
    pub(in crate::mesh) proxy: ProxySettings<'p>,
    pub(in crate::mesh) revision: &'p str,
    /// Whether the pod runs: its template then already contains the injector's values (S33).
    pub(in crate::mesh) is_running: bool,
}

impl Indices<'_> {
    /// What a sidecar captures, and the inbound traffic that settings let bypass it.
    pub(in crate::mesh) fn capture(&self, input: &CaptureInput<'_>, listeners: impl FnOnce() -> BTreeSet<u16>) -> (Capture, Vec<Bypass>) {
        let mut bypasses = Vec::new();
        if let Some(interfaces) = input.annotations.get(EXCLUDE_INTERFACES).filter(|list| !list.is_empty()) {
            bypasses.push(bypass(format!("interface {interfaces}"), BTreeSet::new(), Some(EXCLUDE_INTERFACES), interfaces));
        }
        if input.interception_mode() == "NONE" {
            let by_annotation = input.annotations.get(INTERCEPTION).is_some();
            bypasses.push(bypass("every port".into(), BTreeSet::new(), by_annotation.then_some(INTERCEPTION), "interceptionMode NONE"));
            return (Capture::Listeners(listeners()), bypasses);
        }
        let injected = input.init_args();
        let values = Some(self.control_planes().injector(input.revision)).filter(|_| !input.is_running);
        let annotated = |key| input.annotations.get(key);
        let include =
            injected.get("-b").copied().or_else(|| annotated(INCLUDE_PORTS)).or_else(|| values?.include_inbound_ports()).unwrap_or("*");
        let exclude = injected.get("-d").copied().or_else(|| annotated(EXCLUDE_PORTS)).or_else(|| values?.exclude_inbound_ports());
        let by_annotation = |key: &'static str| annotated(key).is_some().then_some(key);
        match include.trim() {
            "*" => {
                let own = ports(exclude.unwrap_or_default());
                let excluded: BTreeSet<u16> = own.iter().copied().filter(|port| !input.always_open().contains(port)).collect();
                bypasses.extend(excluded.iter().map(|&port| {
                    bypass(format!("port {port}"), BTreeSet::from([port]), by_annotation(EXCLUDE_PORTS), "excludeInboundPorts")
                }));
                (Capture::AllExcept(own.into_iter().chain(input.always_open()).collect()), bypasses)
            }
            "" => {
                bypasses.push(bypass("every port".into(), BTreeSet::new(), by_annotation(INCLUDE_PORTS), "includeInboundPorts is empty"));
                (Capture::Nothing, bypasses)
            }
            list => {
                let captured = ports(list);
                bypasses.push(bypass(
                    format!("every port except {list}"),
                    BTreeSet::new(),
                    by_annotation(INCLUDE_PORTS),
                    "includeInboundPorts",
                ));
                (if captured.is_empty() { Capture::Nothing } else { Capture::Only(captured) }, bypasses)
            }
        }
    }
}

impl<'p> CaptureInput<'p> {
    /// `REDIRECT`, `TPROXY` or `NONE`: from the running proxy, else the annotation, else the settings of the pod and the mesh (S34).
    fn interception_mode(&self) -> &'p str {
        let live = dataplane::proxy(self.spec).and_then(|proxy| proxy.variable("ISTIO_META_INTERCEPTION_MODE"));
        let live = live.filter(|mode| !mode.is_empty()).or_else(|| self.init_args().get("-m").copied());
        live.or_else(|| self.annotations.get(INTERCEPTION)).unwrap_or_else(|| self.proxy.interception_mode())
    }

    /// Ports that are never captured: statistics, health, and the agent's status (S32, S184).
    fn always_open(&self) -> Vec<u16> {
        let annotated = self.annotations.get(STATUS_PORT).and_then(|port| port.parse().ok());
        let status = annotated.map_or_else(|| self.proxy.status_port(), istio::port);
        ALWAYS_OPEN.into_iter().chain(status).collect()
    }

    fn init_args(&self) -> BTreeMap<&'p str, &'p str> {
        init_args(self.spec)
    }
}

/// Options of the `istio-init` container, if there is one (S33).
pub(in crate::mesh) fn init_args(spec: PodSpec<'_>) -> BTreeMap<&str, &str> {
    let args: &[Text] = spec.init_containers().find(|c| c.name() == "istio-init").map(Container::args).unwrap_or_default();
    args.windows(2).filter(|pair| pair[0].starts_with('-')).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect()
}

/// The numbers of a list that commas separate; invalid entries are skipped.
pub(super) fn ports(list: &str) -> BTreeSet<u16> {
    list.split(',').filter_map(|port| port.trim().parse().ok()).collect()
}

pub(in crate::mesh) fn bypass(what: String, ports: BTreeSet<u16>, annotation: Option<&'static str>, setting: &str) -> Bypass {
    let caused_by = annotation.map_or_else(|| setting.to_owned(), |key| format!("annotation {key}"));
    Bypass { what, ports, caused_by, annotation }
}
