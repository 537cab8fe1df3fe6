//! The client side and the verdicts once more, read from the semantics a second time: plain structs, loops over everything,
//! no index, and nothing in common with the code it holds to account. Slow, short, and in the order of the rules.

use std::collections::BTreeMap;

pub(super) const ROOT: &str = "istio-system";
pub(super) const TLS_MODE: &str = "security.istio.io/tlsMode";
pub(super) const INJECT: &str = "sidecar.istio.io/inject";

pub(super) type Labels = BTreeMap<&'static str, &'static str>;

/// A whole mesh.
#[derive(Clone)]
pub(crate) struct World {
    pub(super) spaces: Vec<Space>,
    /// `MeshConfig` of the default revision.
    pub(super) config: Config,
    /// `MeshConfig` of the revision `canary`.
    pub(super) canary: Config,
    pub(super) loads: Vec<Load>,
    pub(super) services: Vec<Service>,
    pub(super) rules: Vec<Rule>,
    /// Backend policies, the oldest first.
    pub(super) backends: Vec<Backend>,
    /// What istiod makes of them (S260): `generated_rules` of the rest.
    pub(super) generated: Vec<Rule>,
    /// Whether istiod is 1.30, rather than the newest (S262).
    pub(super) is_old: bool,
    pub(super) policies: Vec<Policy>,
    pub(super) scopes: Vec<Scope>,
}

/// A `BackendTLSPolicy` for a service, or for one of its ports.
#[derive(Clone, Debug)]
pub(super) struct Backend {
    /// It lies beside its service.
    pub(super) meta: Meta,
    pub(super) service: usize,
    /// The position of the port among those of the service.
    pub(super) port: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Space {
    pub(super) name: &'static str,
    pub(super) label: SpaceLabel,
}

/// What the labels of a namespace say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpaceLabel {
    Nothing,
    Injected,
    /// Injected by the revision `canary`.
    Canary,
    Ambient,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Config {
    pub(super) has_auto_mtls: bool,
    pub(super) is_registry_only: bool,
}

/// Who an object is, and the second in which it was created: 0 for one that says nothing of it.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) namespace: &'static str,
    pub(super) name: String,
    pub(super) second: u8,
}

impl Meta {
    /// S9, S12.
    fn age(&self) -> (u8, &str, &str) {
        (self.second.wrapping_sub(1), &self.name, self.namespace)
    }

    fn path(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) meta: Meta,
    pub(super) shape: Shape,
    pub(super) labels: Labels,
    /// Named ports of the container.
    pub(super) ports: Vec<(&'static str, u16)>,
    /// A port that is excluded from capture.
    pub(super) excluded: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Sidecar,
    Naked,
    Ambient,
    Gateway,
    /// A Deployment without pods, which stands for the pod its template would become.
    Template,
}

#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) meta: Meta,
    pub(super) host: String,
    pub(super) source: Source,
    pub(super) selector: Labels,
    pub(super) ports: Vec<Port>,
    /// Empty where it does not say.
    pub(super) export_to: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) enum Source {
    Kubernetes { is_headless: bool },
    Entry { is_external: bool, resolution: Resolution, inline: Vec<Inline> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolution {
    Static,
    Dns,
    None,
}

/// An endpoint written into a `ServiceEntry`: the address of a running pod, or one that is nobody's.
#[derive(Clone, Debug)]
pub(super) struct Inline {
    pub(super) load: Option<usize>,
    pub(super) labels: Labels,
}

#[derive(Clone, Debug)]
pub(super) struct Port {
    pub(super) number: u16,
    /// Of a Kubernetes port its name, of an entry's its protocol.
    pub(super) word: String,
    pub(super) app_protocol: Option<&'static str>,
    pub(super) target: Target,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Same,
    Number(u16),
    Name(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) meta: Meta,
    pub(super) host: String,
    pub(super) export_to: Vec<&'static str>,
    pub(super) selector: Option<Labels>,
    pub(super) traffic: Option<Traffic>,
    pub(super) subsets: Vec<Subset>,
    /// Whether istiod made it of backend policies.
    pub(super) is_generated: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Subset {
    pub(super) name: &'static str,
    pub(super) labels: Labels,
    pub(super) traffic: Option<Traffic>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    pub(super) tls: Option<Tls>,
    pub(super) balancer: Option<Balancer>,
    pub(super) ports: Vec<(u16, Option<Tls>, Option<Balancer>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Disable,
    /// `tls: {}`.
    Empty,
    IstioMutual,
    Simple,
    Mutual,
    /// MUTUAL with neither files nor a credential.
    Hollow,
    /// SIMPLE with a `credentialName`.
    Credential,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Balancer {
    RoundRobin,
    Passthrough,
}

#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) meta: Meta,
    pub(super) selector: Option<Labels>,
    pub(super) mode: Option<Mode>,
    pub(super) ports: Vec<(u16, Option<Mode>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    Permissive,
    Strict,
}

/// A Sidecar resource.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) meta: Meta,
    pub(super) selector: Option<Labels>,
    pub(super) egress: Vec<Listener>,
    /// Whether it refuses what is not in it, where it says.
    pub(super) is_registry_only: Option<bool>,
}

#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) port: Option<u16>,
    pub(super) hosts: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plane {
    Sidecar,
    Gateway,
    Ambient,
    None,
}

#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) namespace: &'static str,
    pub(super) labels: Labels,
    pub(super) plane: Plane,
    pub(super) is_canary: bool,
    /// The pod that calls, by its place among the workloads.
    pub(super) load: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Http,
    Tcp,
    Auto,
}

/// One backend of a service port.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a property of its own")]
struct Endpoint {
    load: Option<usize>,
    namespace: &'static str,
    labels: Labels,
    tls_mode: &'static str,
    port: u16,
    /// Whether an entry lists it itself, so that ztunnel does not join it with the pod (S230).
    is_listed: bool,
    /// Whether it is called by a name, which no proxy calls over HBONE (S228).
    is_named: bool,
    /// Whether nothing has the port of the name (S243).
    is_nowhere: bool,
    /// Whether not everything that could have the name was read.
    is_unread: bool,
}

/// What comes of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The rule in force, and all that were merged into it.
    pub(super) rule: Option<(String, Vec<String>)>,
    pub(super) tls: &'static str,
    pub(super) failure: Option<&'static str>,
    /// Workload, port, wire form and verdict, in order.
    pub(super) endpoints: Vec<(String, u16, &'static str, &'static str)>,
}

/// Rules of one host that were merged (S58).
#[derive(Clone)]
struct Merged<'w> {
    export_to: Vec<&'static str>,
    selector: Option<&'w Labels>,
    namespace: &'static str,
    rules: Vec<&'w Rule>,
    traffic: Option<(&'w Rule, Traffic)>,
    subsets: Vec<&'w Subset>,
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

// ---------------------------------------------------------------- workloads

impl World {
    fn label_of(&self, namespace: &str) -> SpaceLabel {
        self.spaces.iter().find(|space| space.name == namespace).map_or(SpaceLabel::Nothing, |space| space.label)
    }

    /// S110, S138, S139, S146: what takes the traffic of a workload.
    pub(super) fn plane(&self, load: &Load) -> Plane {
        match load.shape {
            Shape::Sidecar => Plane::Sidecar,
            Shape::Naked => Plane::None,
            Shape::Ambient => Plane::Ambient,
            Shape::Gateway => Plane::Gateway,
            Shape::Template => {
                let (label, asks) = (self.label_of(load.meta.namespace), load.labels.get(INJECT).copied());
                match (label, asks) {
                    (SpaceLabel::Injected | SpaceLabel::Canary, None | Some("true"))
                    | (SpaceLabel::Nothing | SpaceLabel::Ambient, Some("true")) => Plane::Sidecar,
                    (SpaceLabel::Ambient, _) => Plane::Ambient,
                    _ => Plane::None,
                }
            }
        }
    }

    /// S8, S150: its labels, with the one that injection adds.
    fn labels(&self, load: &Load) -> Labels {
        let mut labels = load.labels.clone();
        if load.shape == Shape::Template && self.plane(load) == Plane::Sidecar {
            labels.entry(TLS_MODE).or_insert("istio");
        }
        labels
    }

    /// S20: whether clients of a namespace obey the revision `canary`.
    pub(super) fn is_canary(&self, namespace: &str) -> bool {
        self.label_of(namespace) == SpaceLabel::Canary
    }

    pub(super) fn caller(&self, load: &Load) -> Caller {
        let (namespace, plane) = (load.meta.namespace, self.plane(load));
        let is_it = |other: &Load| other.meta.path() == load.meta.path() && other.shape == load.shape;
        let load_at = self.loads.iter().position(is_it).filter(|_| load.shape != Shape::Template);
        Caller { namespace, labels: self.labels(load), plane, is_canary: self.is_canary(namespace), load: load_at }
    }

    fn config(&self, caller: &Caller) -> Config {
        if caller.is_canary { self.canary } else { self.config }
    }
}

// ---------------------------------------------------------------- servers

/// The policies that count for a workload: mesh, namespace, workload (S5–S11).
struct Winners<'w> {
    mesh: Option<&'w Policy>,
    space: Option<&'w Policy>,
    own: Option<&'w Policy>,
}

impl World {
    fn oldest_whole(&self, namespace: &str) -> Option<&Policy> {
        let of = self.policies.iter().filter(|policy| policy.meta.namespace == namespace && policy.selector.is_none());
        of.min_by_key(|policy| policy.meta.age())
    }

    fn winners(&self, namespace: &str, labels: &Labels) -> Winners<'_> {
        let matches = |policy: &&Policy| policy.selector.as_ref().is_some_and(|selector| selects(selector, labels));
        let own = self.policies.iter().filter(|policy| policy.meta.namespace == namespace && namespace != ROOT).filter(matches);
        Winners {
            mesh: self.oldest_whole(ROOT),
            space: self.oldest_whole(namespace).filter(|_| namespace != ROOT),
            own: own.min_by_key(|policy| policy.meta.age()),
        }
    }

    /// S13, S14.
    fn mode(&self, namespace: &str, labels: &Labels, port: u16) -> Mode {
        let Winners { mesh, space, own } = self.winners(namespace, labels);
        let mut mode = Mode::Permissive;
        for policy in [mesh, space, own].into_iter().flatten() {
            mode = policy.mode.unwrap_or(mode);
        }
        let of_port = own.and_then(|policy| policy.ports.iter().find(|(number, _)| *number == port));
        of_port.and_then(|(_, mode)| *mode).unwrap_or(mode)
    }

    /// S17, with the PERMISSIVE of S70 where nothing is known.
    fn space_mode(&self, namespace: &str) -> Mode {
        let of = |namespace| self.oldest_whole(namespace).and_then(|policy| policy.mode);
        of(namespace).or_else(|| of(ROOT)).unwrap_or(Mode::Permissive)
    }

    /// S282: plaintext is denied for certain only if it is, whichever of the policies of one age istiod uses.
    fn is_denied(&self, namespace: &str, labels: &Labels, port: u16) -> bool {
        let winners = self.winners(namespace, labels);
        let tied = |oldest: Option<&Policy>| -> Vec<Option<&Policy>> {
            let Some(oldest) = oldest else { return vec![None] };
            let is_alike = |policy: &&Policy| {
                policy.meta.namespace == oldest.meta.namespace
                    && policy.meta.second == oldest.meta.second
                    && policy.selector.is_some() == oldest.selector.is_some()
                    && policy.selector.as_ref().is_none_or(|selector| selects(selector, labels))
            };
            self.policies.iter().filter(is_alike).map(Some).collect()
        };
        let (meshes, spaces, owns) = (tied(winners.mesh), tied(winners.space), tied(winners.own));
        let all = meshes.iter().flat_map(|&mesh| spaces.iter().map(move |&space| (mesh, space)));
        all.flat_map(|(mesh, space)| owns.iter().map(move |&own| Winners { mesh, space, own })).all(|one| is_denied_by(&one, port))
    }

    /// S23, S26: the class that the oldest Service declares for a workload's port.
    fn class_at(&self, index: usize, port: u16) -> Class {
        let load = &self.loads[index];
        let mut declared = Vec::new();
        // S215: entries declare ports of pods in their own namespace, if they select or list them; a name is no address.
        let is_declarer = |service: &&Service| match &service.source {
            Source::Entry { inline, .. } => {
                service.meta.namespace == load.meta.namespace && (!service.selector.is_empty() || !inline.is_empty())
            }
            Source::Kubernetes { .. } => true,
        };
        for service in self.services.iter().filter(is_declarer) {
            for (at, of_port) in service.ports.iter().enumerate() {
                if self.endpoints(service, of_port).iter().any(|endpoint| endpoint.load == Some(index) && endpoint.port == port) {
                    declared.push(((service.meta.second.wrapping_sub(1), &service.host, at), class(service, of_port)));
                }
            }
        }
        debug_assert!(load.shape != Shape::Gateway, "no gateway is a server here");
        declared.into_iter().min_by_key(|(age, _)| *age).map_or(Class::Auto, |(_, class)| class)
    }
}

/// S126–S130: whether ztunnel denies plaintext at a port.
fn is_denied_by(&Winners { mesh, space, own }: &Winners<'_>, port: u16) -> bool {
    let (root_mode, space_mode) = (mesh.and_then(|policy| policy.mode), space.and_then(|policy| policy.mode));
    let parent_is_strict = space_mode.or(root_mode) == Some(Mode::Strict);
    let Some(own) = own else { return parent_is_strict };
    let has = |wanted: &[Mode]| own.ports.iter().any(|(_, mode)| mode.is_some_and(|mode| wanted.contains(&mode)));
    match own.mode {
        Some(Mode::Strict) if !has(&[Mode::Permissive, Mode::Disable]) => return true,
        None if parent_is_strict && !has(&[Mode::Permissive]) => return true,
        Some(Mode::Permissive | Mode::Disable) if !has(&[Mode::Strict]) => return false,
        None if !parent_is_strict && !has(&[Mode::Strict]) => return false,
        _ => {}
    }
    is_denied_by_converted(own, space, root_mode, port)
}

/// S129.
fn is_denied_by_converted(own: &Policy, space: Option<&Policy>, root_mode: Option<Mode>, port: u16) -> bool {
    let space_mode = space.and_then(|policy| policy.mode);
    let root_is_strict = root_mode == Some(Mode::Strict);
    let parent_is_strict = space_mode.or(root_mode) == Some(Mode::Strict);
    let mut exceptions = Vec::new();
    for (number, mode) in &own.ports {
        match mode {
            Some(Mode::Strict) => {
                let is_skipped = own.mode == Some(Mode::Strict)
                    || own.mode.is_none() && space_mode == Some(Mode::Strict)
                    || space_mode.is_none() && root_is_strict;
                if !is_skipped && *number == port {
                    return true;
                }
            }
            Some(Mode::Permissive | Mode::Disable) => {
                let parent_opens = if space.is_some() { space_mode != Some(Mode::Strict) } else { !root_is_strict };
                let is_skipped = matches!(own.mode, Some(Mode::Permissive | Mode::Disable)) || own.mode.is_none() && parent_opens;
                if !is_skipped {
                    exceptions.push(*number);
                }
            }
            None => {}
        }
    }
    let denies = own.mode == Some(Mode::Strict) || parent_is_strict && !exceptions.is_empty();
    denies && !exceptions.contains(&port)
}

/// S26.
fn class(service: &Service, port: &Port) -> Class {
    let of_entry = matches!(service.source, Source::Entry { .. });
    let word = match port.app_protocol {
        Some("kubernetes.io/h2c") => "http2".to_owned(),
        Some(word) => word.to_lowercase(),
        None => port.word.to_lowercase(),
    };
    let first = if of_entry || !word.contains('-') { word.as_str() } else { word.split('-').next().unwrap_or_default() };
    match first {
        "http" | "http2" | "grpc" => Class::Http,
        "tcp" | "tls" | "https" | "mongo" | "redis" | "mysql" => Class::Tcp,
        _ => Class::Auto,
    }
}

/// Whether the application speaks TLS of its own at a port, by the port's word.
pub(super) fn is_tls(port: &Port) -> bool {
    let word = port.app_protocol.unwrap_or(&port.word).to_lowercase();
    word.split('-').next() == Some("https")
}

// ---------------------------------------------------------------- endpoints

impl World {
    /// S74, S104.
    fn endpoints(&self, service: &Service, port: &Port) -> Vec<Endpoint> {
        let mut found = Vec::new();
        if !service.selector.is_empty() {
            for (index, load) in self.loads.iter().enumerate() {
                let labels = self.labels(load);
                if load.meta.namespace == service.meta.namespace && selects(&service.selector, &labels) {
                    let number = match port.target {
                        Target::Same => Some(port.number),
                        Target::Number(number) => Some(number),
                        Target::Name(name) => load.ports.iter().find(|(named, _)| *named == name).map(|(_, number)| *number),
                    };
                    let tls_mode = labels.get(TLS_MODE).copied().unwrap_or("disabled");
                    let namespace = load.meta.namespace;
                    found.extend(number.map(|port| Endpoint {
                        load: Some(index),
                        namespace,
                        labels,
                        tls_mode,
                        port,
                        is_listed: false,
                        is_named: false,
                        is_nowhere: false,
                        is_unread: false,
                    }));
                }
            }
        }
        if let Source::Entry { resolution, inline, .. } = &service.source {
            let number = if let Target::Number(number) = port.target { number } else { port.number };
            for one in inline {
                let tls_mode = one.labels.get(TLS_MODE).copied().unwrap_or("disabled");
                let (namespace, labels) = (service.meta.namespace, one.labels.clone());
                found.push(Endpoint {
                    load: one.load,
                    namespace,
                    labels,
                    tls_mode,
                    port: number,
                    is_listed: true,
                    is_named: false,
                    is_nowhere: false,
                    is_unread: false,
                });
            }
            if *resolution != Resolution::Static {
                found.extend(self.behind_name(service, number));
            }
        }
        found
    }
}

impl World {
    /// S277, S279: what the cluster of an Envoy has.
    fn endpoints_for(&self, plane: Plane, service: &Service, port: &Port) -> Vec<Endpoint> {
        let Source::Entry { resolution, .. } = service.source else { return self.endpoints(service, port) };
        if matches!(plane, Plane::None | Plane::Ambient) {
            return self.endpoints(service, port);
        }
        if resolution == Resolution::None {
            return if plane == Plane::Gateway { Vec::new() } else { self.endpoints(service, port) };
        }
        let mut found = Vec::new();
        let is_other = |other: &&Service| other.meta.path() != service.meta.path();
        let same = self.services.iter().filter(|one| one.host == service.host && one.meta.namespace == service.meta.namespace);
        let mut others: Vec<&Service> = same.filter(is_other).collect();
        others.sort_by_key(|one| (one.meta.second.wrapping_sub(1), one.meta.name.clone()));
        for one in std::iter::once(service).chain(others) {
            let joins = match one.source {
                Source::Entry { resolution: Resolution::Static, .. } => true,
                Source::Entry { resolution: Resolution::Dns, .. } => resolution == Resolution::Dns,
                Source::Entry { resolution: Resolution::None, .. } | Source::Kubernetes { .. } => false,
            };
            if let Some(own) = one.ports.iter().find(|own| joins && own.number == port.number) {
                found.extend(self.endpoints(one, own));
            }
        }
        found
    }

    /// S243: a name in the cluster's domain that no Service has; those of a namespace were read if one of them was.
    fn without_service(&self, entry: &Service, unknown: Endpoint) -> Endpoint {
        let namespace = entry.host.strip_suffix(".svc.cluster.local").and_then(|part| part.rsplit('.').next());
        let is_of = |service: &&Service| matches!(service.source, Source::Kubernetes { .. }) && Some(service.meta.namespace) == namespace;
        let is_read = self.services.iter().any(|service| is_of(&service));
        Endpoint { is_nowhere: namespace.is_some() && is_read, is_unread: namespace.is_some() && !is_read, ..unknown }
    }

    /// S225, S232: what DNS has for the host of an entry; the pods of the Service with that name, if there is one.
    fn behind_name(&self, entry: &Service, number: u16) -> Vec<Endpoint> {
        let unknown = unknown(entry.meta.namespace, number);
        let is_it = |other: &&Service| other.host == entry.host && matches!(other.source, Source::Kubernetes { .. });
        let Some(service) = self.services.iter().find(is_it) else { return vec![self.without_service(entry, unknown)] };
        let port = service.ports.iter().find(|port| port.number == number);
        let Some(port) = port.or_else(|| service.ports.first().filter(|_| is_headless(service))) else {
            return vec![Endpoint { is_nowhere: true, ..unknown }];
        };
        let own = |endpoint: Endpoint| Endpoint {
            load: endpoint.load,
            port: if is_headless(service) { number } else { endpoint.port },
            is_listed: true,
            is_named: true,
            labels: Labels::new(),
            ..unknown
        };
        self.endpoints(service, port).into_iter().map(own).collect()
    }
}

/// S243: nothing answers at any endpoint.
fn nowhere(endpoints: &[Endpoint]) -> Option<&'static str> {
    (!endpoints.is_empty() && endpoints.iter().all(|endpoint| endpoint.is_nowhere)).then_some("F14")
}

fn unknown(namespace: &'static str, port: u16) -> Endpoint {
    Endpoint {
        load: None,
        namespace,
        labels: Labels::new(),
        tls_mode: "disabled",
        port,
        is_listed: false,
        is_named: false,
        is_nowhere: false,
        is_unread: false,
    }
}

// ---------------------------------------------------------------- scope

impl World {
    /// S44.
    pub(super) fn scope(&self, caller: &Caller) -> Option<&Scope> {
        if caller.plane != Plane::Sidecar {
            return None;
        }
        let of = |namespace: &str, has_selector: bool| {
            let fits = |scope: &&Scope| match &scope.selector {
                Some(selector) => has_selector && selects(selector, &caller.labels),
                None => !has_selector,
            };
            self.scopes.iter().filter(|scope| scope.meta.namespace == namespace).filter(fits).min_by_key(|scope| scope.meta.age())
        };
        of(caller.namespace, true).or_else(|| of(caller.namespace, false)).or_else(|| of(ROOT, false))
    }

    /// What a client knows of a host at a port: the cluster, if it has one.
    fn seen(&self, caller: &Caller, host: &str, port: u16) -> Option<(&Service, &Port)> {
        if let Seen::Cluster(service, port) = self.look(caller, host, port) { Some((service, port)) } else { None }
    }

    /// S45, S47, S48, S279.
    fn look(&self, caller: &Caller, host: &str, port: u16) -> Seen<'_> {
        let cluster =
            self.clusters(caller, host).and_then(|(service, ports)| Some((service, ports.into_iter().find(|one| one.number == port)?)));
        match (cluster, self.listeners(caller, host).into_iter().any(|listener| self.is_routed(caller, &listener, port))) {
            (Some((service, port)), true) => Seen::Cluster(service, port),
            (None, true) => Seen::NoCluster,
            (_, false) => Seen::Nothing,
        }
    }

    /// S45: whether one of the services in a listener is called through it.
    fn is_routed(&self, caller: &Caller, (at, services): &(usize, Vec<&Service>), number: u16) -> bool {
        let egress = self.egress(caller);
        let named = egress.iter().position(|listener| listener.port == Some(number));
        let router = named.or_else(|| egress.iter().position(|listener| listener.port.is_none())).unwrap_or(0);
        let is_for = egress.get(*at).is_none_or(|listener| listener.port.is_none_or(|only| only == number));
        let of_port = |service: &&Service| service.ports.iter().find(|port| port.number == number).map(|port| class(service, port));
        is_for && services.iter().filter_map(of_port).any(|class| class != Class::Http || router == *at)
    }

    fn egress(&self, caller: &Caller) -> &[Listener] {
        self.scope(caller).map_or(&[], |scope| &scope.egress)
    }

    /// S48: the services of a host in each listener of a client, those of one namespace.
    fn listeners(&self, caller: &Caller, host: &str) -> Vec<(usize, Vec<&Service>)> {
        let mut visible: Vec<&Service> = self.services.iter().filter(|one| one.host == host && is_visible(one, caller)).collect();
        visible.sort_by_key(|service| order(service));
        if caller.plane != Plane::Sidecar {
            return vec![(0, visible)];
        }
        let of_listener = |listener: Option<&Listener>| {
            let has_port = |service: &Service| {
                listener.and_then(|one| one.port).is_none_or(|only| service.ports.iter().any(|port| port.number == only))
            };
            let is_in = |service: &&&Service| has_port(service) && listener.is_none_or(|one| does_list(one, caller, service));
            let all: Vec<&Service> = visible.iter().filter(is_in).copied().collect();
            let own = all.iter().find(|service| service.meta.namespace == caller.namespace);
            let kubernetes = all.iter().find(|service| matches!(service.source, Source::Kubernetes { .. }));
            let namespace = own.or(kubernetes).or(all.first()).map(|service| service.meta.namespace);
            all.into_iter().filter(|service| Some(service.meta.namespace) == namespace).collect()
        };
        match self.egress(caller) {
            [] => vec![(0, of_listener(None))],
            some => some.iter().enumerate().map(|(at, listener)| (at, of_listener(Some(listener)))).collect(),
        }
    }

    /// S279: the service whose clusters a host has, and their ports.
    fn clusters(&self, caller: &Caller, host: &str) -> Option<(&Service, Vec<&Port>)> {
        let mut found: Option<(&Service, Vec<&Port>)> = None;
        for (at, services) in self.listeners(caller, host) {
            let only = self.egress(caller).get(at).and_then(|listener| listener.port);
            for service in services {
                let ports = || service.ports.iter().filter(|port| only.is_none_or(|only| only == port.number));
                let is_kubernetes = |one: &Service| matches!(one.source, Source::Kubernetes { .. });
                match &mut found {
                    None => found = Some((service, ports().collect())),
                    Some((first, _)) if !is_kubernetes(first) && is_kubernetes(service) => found = Some((service, ports().collect())),
                    Some((first, known)) if is_mergeable(first, service) => {
                        for port in ports() {
                            if known.iter().all(|one| one.number != port.number) {
                                known.push(port);
                            }
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    /// S281: the entry that has a port of every address, and whether HTTP is told apart from the rest there.
    fn shared(&self, caller: &Caller, number: u16) -> (Option<&Service>, bool) {
        let mut all: Vec<(&Service, &Port)> =
            self.services.iter().flat_map(|service| service.ports.iter().map(move |port| (service, port))).collect();
        all.retain(|(_, port)| port.number == number);
        all.sort_by_key(|(service, _)| order(service));
        let mut bound: Vec<(&Service, &Port)> = Vec::new();
        let count = self.egress(caller).len().max(1);
        for at in 0..count {
            let only = self.egress(caller).get(at).and_then(|listener| listener.port);
            if only.is_some_and(|only| only != number) || only.is_none() && !bound.is_empty() {
                continue;
            }
            for (service, port) in &all {
                let is_listed = self.listeners(caller, &service.host)[at].1.iter().any(|one| one.meta.path() == service.meta.path());
                let is_entry = matches!(service.source, Source::Entry { .. });
                if is_listed && (is_entry || class(service, port) == Class::Http) {
                    bound.push((service, port));
                }
            }
        }
        let has_http = bound.iter().any(|(service, port)| class(service, port) == Class::Http);
        let owner = bound.iter().find(|(service, port)| class(service, port) == Class::Tcp && !is_tls(port));
        (owner.map(|(service, _)| *service), has_http)
    }

    /// S281: the entry that gets a call to an address without a listener.
    fn taker(&self, caller: &Caller, number: u16, is_http: bool) -> Option<&Service> {
        let (owner, has_http) = self.shared(caller, number);
        owner.filter(|_| caller.plane == Plane::Sidecar && !(has_http && is_http))
    }
}

/// What a client has for a host and port.
enum Seen<'w> {
    Cluster(&'w Service, &'w Port),
    NoCluster,
    Nothing,
}

/// The order in which istiod lists services.
fn order(service: &Service) -> (bool, u8, String, &'static str, String) {
    let is_public = service.export_to.is_empty() || service.export_to.contains(&"*");
    // Services of one second go by their hosts and not by their objects' names (S23), which leaves the namespace here.
    (is_public, service.meta.second.wrapping_sub(1), service.host.clone(), service.meta.namespace, service.meta.name.clone())
}

/// S279.
fn is_mergeable(one: &Service, other: &Service) -> bool {
    let resolution = |service: &Service| match service.source {
        Source::Entry { resolution, .. } => Some(resolution),
        Source::Kubernetes { .. } => None,
    };
    let exports = |service: &Service| service.export_to.iter().copied().collect::<std::collections::BTreeSet<_>>();
    if one.meta.path() == other.meta.path() {
        // One service, of which two listeners import different ports.
        return true;
    }
    resolution(one).is_some()
        && resolution(one) == resolution(other)
        && one.meta.namespace == other.meta.namespace
        && one.selector == other.selector
        && exports(one) == exports(other)
}

fn is_visible(service: &Service, caller: &Caller) -> bool {
    let sees = |to: &&str| *to == "*" || *to == caller.namespace || *to == "." && service.meta.namespace == caller.namespace;
    service.export_to.is_empty() || service.export_to.iter().any(sees)
}

fn does_list(listener: &Listener, caller: &Caller, service: &Service) -> bool {
    let fits = |namespace: &str, name: &str| {
        let in_namespace = match namespace {
            "*" => true,
            "." => service.meta.namespace == caller.namespace,
            other => service.meta.namespace == other,
        };
        in_namespace && host_fits(name, &service.host)
    };
    let parts = || listener.hosts.iter().filter_map(|host| host.split_once('/'));
    let is_out = parts().filter_map(|(namespace, name)| Some((namespace.strip_prefix('~')?, name)));
    let mut is_out = is_out.map(|(namespace, name)| (if namespace.is_empty() { "*" } else { namespace }, name));
    parts().any(|(namespace, name)| fits(namespace, name)) && !is_out.any(|(namespace, name)| fits(namespace, name))
}

/// S53.
fn host_fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.ends_with(suffix),
        None => pattern == host,
    }
}

// ---------------------------------------------------------------- rules

/// S52.
fn resolved(rule: &Rule) -> String {
    if rule.host == "*" || rule.host.contains('.') {
        rule.host.clone()
    } else {
        format!("{}.{}.svc.cluster.local", rule.host, rule.meta.namespace)
    }
}

/// S55: the exportTo that counts.
fn exports(rule: &Rule) -> Vec<&'static str> {
    let mut to = if rule.selector.is_some() { vec!["."] } else { rule.export_to.clone() };
    to.sort_unstable();
    to.dedup();
    to
}

fn is_private(rule: &Rule) -> bool {
    let to = exports(rule);
    to == ["."] || to == [rule.meta.namespace]
}

fn is_local(rule: &Rule) -> bool {
    let to = exports(rule);
    to.is_empty() || to.iter().any(|to| *to == "*" || *to == "." || *to == rule.meta.namespace)
}

impl World {
    /// S54, S57, S58: the merged rules of the most specific host in one index.
    fn best(&self, host: &str, is_in: impl Fn(&Rule) -> bool) -> Vec<Merged<'_>> {
        let all = self.rules.iter().chain(&self.generated);
        let mut rules: Vec<&Rule> = all.filter(|rule| is_in(rule) && host_fits(&resolved(rule), host)).collect();
        rules.sort_by_key(|rule| (rule.selector.is_none(), !rule.is_generated, rule.meta.age()));
        let rank = |rule: &&Rule| {
            let host = resolved(rule);
            (host.starts_with('*'), std::cmp::Reverse(host.len()), host)
        };
        let Some(best) = rules.iter().min_by_key(|rule| rank(rule)).map(|rule| resolved(rule)) else { return Vec::new() };
        let mut list = Vec::new();
        for rule in rules.into_iter().filter(|rule| resolved(rule) == best) {
            merge(&mut list, rule, self.is_old);
        }
        list
    }

    /// S56, S59.
    fn rule_for(&self, caller: &Caller, service: &Service) -> Option<Merged<'_>> {
        let (own, host) = (caller.namespace, &service.host);
        let mut list = if own == ROOT {
            self.best(host, |rule| rule.meta.namespace == ROOT && is_private(rule))
        } else {
            self.best(host, |rule| rule.meta.namespace == own && is_local(rule))
        };
        for namespace in [service.meta.namespace, ROOT] {
            if list.is_empty() {
                list = self.best(host, |rule| rule.meta.namespace == namespace && !is_private(rule));
                list.retain(|merged| merged.export_to.is_empty() || merged.export_to.iter().any(|to| *to == "*" || *to == own));
            }
        }
        let is_for =
            |merged: &&Merged<'_>| merged.namespace == own && merged.selector.is_some_and(|selector| selects(selector, &caller.labels));
        let chosen = list.iter().find(is_for).or_else(|| list.iter().rev().find(|merged| merged.selector.is_none()));
        chosen.cloned()
    }
}

/// S58.
fn merge<'w>(list: &mut Vec<Merged<'w>>, rule: &'w Rule, is_old: bool) {
    let (export_to, selector) = (exports(rule), rule.selector.as_ref());
    let mut is_apart = true;
    for entry in list.iter_mut() {
        if export_to == entry.export_to {
            is_apart = false;
        } else if !entry.export_to.is_empty() && entry.export_to.iter().all(|to| export_to.contains(to)) {
            is_apart = true;
        } else {
            is_apart = true;
            continue;
        }
        match (selector, entry.selector) {
            (Some(one), Some(other)) if one != other => {
                is_apart = true;
                continue;
            }
            (Some(_), Some(_)) | (None, None) => is_apart = false,
            (Some(_), None) | (None, Some(_)) => {}
        }
        entry.rules.push(rule);
        for subset in &rule.subsets {
            if entry.subsets.iter().all(|known| known.name != subset.name) {
                entry.subsets.push(subset);
            }
        }
        entry.traffic = match (entry.traffic.take(), &rule.traffic) {
            (None, own) => own.clone().map(|own| (rule, own)),
            (Some((first, below)), Some(own)) if first.is_generated && !is_old => Some((rule, over(own, below))),
            (before, _) => before,
        };
    }
    if is_apart {
        let traffic = rule.traffic.clone().map(|traffic| (rule, traffic));
        let subsets = rule.subsets.iter().collect();
        list.push(Merged { export_to, selector, namespace: rule.meta.namespace, rules: vec![rule], traffic, subsets });
    }
}

/// S60, S292: a user's settings over those that istiod made.
fn over(user: &Traffic, below: Traffic) -> Traffic {
    let mut ports = user.ports.clone();
    ports.extend(below.ports.into_iter().filter(|(port, ..)| user.ports.iter().all(|(own, ..)| own != port)));
    Traffic { tls: user.tls.or(below.tls), balancer: user.balancer.or(below.balancer), ports }
}

/// S260: one rule for each service that has a backend policy, which has the name of the policy for the whole service, or of the first.
pub(super) fn generated_rules(services: &[Service], backends: &[Backend]) -> Vec<Rule> {
    let rule = |(at, service): (usize, &Service)| {
        let own: Vec<&Backend> = backends.iter().filter(|one| one.service == at).collect();
        let whole = own.iter().find(|one| one.port.is_none());
        let mut ports: Vec<(u16, Option<Tls>, Option<Balancer>)> = Vec::new();
        for port in own.iter().filter_map(|one| one.port) {
            let number = service.ports[port].number;
            if ports.iter().all(|(known, ..)| *known != number) {
                ports.push((number, Some(Tls::Simple), None));
            }
        }
        let meta = whole.or(own.first())?.meta.clone();
        let traffic = Some(Traffic { tls: whole.map(|_| Tls::Simple), balancer: None, ports });
        Some(Rule {
            meta,
            host: service.host.clone(),
            export_to: Vec::new(),
            selector: None,
            traffic,
            subsets: Vec::new(),
            is_generated: true,
        })
    };
    services.iter().enumerate().filter_map(rule).collect()
}

// ---------------------------------------------------------------- clusters

/// What a client's proxy sets up for a service port, or a subset of it.
struct Cluster {
    tls: &'static str,
    is_original_dst: bool,
    /// The mode by which endpoints decide (S64).
    shadow: Option<Tls>,
}

type Effective = (Option<Tls>, Option<Balancer>);

/// S61.
fn at_port(traffic: Option<&Traffic>, port: u16) -> Effective {
    let Some(traffic) = traffic else { return (None, None) };
    match traffic.ports.iter().find(|(number, ..)| *number == port) {
        Some((_, tls, balancer)) => (*tls, *balancer),
        None => (traffic.tls, traffic.balancer),
    }
}

/// S62.
fn at_subset(whole: Effective, subset: Option<&Traffic>, port: u16) -> Effective {
    let Some(traffic) = subset else { return whole };
    match traffic.ports.iter().find(|(number, ..)| *number == port) {
        Some((_, tls, balancer)) => (*tls, *balancer),
        None => (traffic.tls.or(whole.0), traffic.balancer.or(whole.1)),
    }
}

/// S64.
fn shadow(traffic: Option<&Traffic>, port: u16) -> Option<Tls> {
    let traffic = traffic?;
    let of_port = traffic.ports.iter().find(|(number, ..)| *number == port).and_then(|(_, tls, _)| *tls);
    of_port.or(traffic.tls)
}

impl World {
    fn cluster(&self, caller: &Caller, service: &Service, port: &Port, rule: Option<&Merged<'_>>, subset: Option<&Subset>) -> Cluster {
        let whole = rule.and_then(|rule| rule.traffic.as_ref()).map(|(_, traffic)| traffic);
        let own = subset.and_then(|subset| subset.traffic.as_ref());
        let of_service = at_port(whole, port.number);
        let (tls, balancer) = if subset.is_some() { at_subset(of_service, own, port.number) } else { of_service };
        let is_direct = is_passthrough(service);
        let is_original_dst = is_direct && caller.plane == Plane::Sidecar
            || of_service.1 == Some(Balancer::Passthrough)
            || balancer == Some(Balancer::Passthrough);
        let looked_at = if subset.is_some() { own } else { whole };
        let may_be_direct = is_direct || looked_at.and_then(|traffic| traffic.balancer) == Some(Balancer::Passthrough);
        let tls = match tls {
            Some(tls) => explicit(caller, rule, tls),
            None if self.is_auto(caller, service, port, may_be_direct) => "AUTO",
            None => "DISABLE",
        };
        Cluster { tls, is_original_dst, shadow: shadow(own, port.number).or_else(|| shadow(whole, port.number)) }
    }

    /// S70, S71.
    fn is_auto(&self, caller: &Caller, service: &Service, port: &Port, may_be_direct: bool) -> bool {
        if let Source::Entry { is_external: true, .. } = service.source {
            return false;
        }
        if !self.config(caller).has_auto_mtls {
            return false;
        }
        let endpoints = self.endpoints_for(caller.plane, service, port);
        if may_be_direct && (endpoints.is_empty() || endpoints.iter().any(|endpoint| endpoint.tls_mode == "disabled")) {
            return false;
        }
        self.space_mode(service.meta.namespace) != Mode::Disable
    }

    /// S65–S78: what goes to an endpoint.
    fn wire(&self, cluster: &Cluster, endpoint: &Endpoint, app: &'static str) -> &'static str {
        if !cluster.is_original_dst && self.takes_hbone(endpoint) && endpoint.tls_mode != "istio" {
            return "hbone";
        }
        match cluster.tls {
            "SIMPLE" => "tls",
            "MUTUAL" => "custom-mtls",
            "ISTIO_MUTUAL" => "mtls",
            "AUTO" if cluster.is_original_dst || self.keeps(cluster, endpoint) => "mtls",
            _ => app,
        }
    }

    /// S73.
    fn keeps(&self, cluster: &Cluster, endpoint: &Endpoint) -> bool {
        let is_istio = endpoint.tls_mode == "istio";
        match cluster.shadow {
            Some(Tls::IstioMutual) => is_istio,
            Some(_) => false,
            None => is_istio && self.mode(endpoint.namespace, &endpoint.labels, endpoint.port) != Mode::Disable,
        }
    }

    fn takes_hbone(&self, endpoint: &Endpoint) -> bool {
        !endpoint.is_named && endpoint.load.is_some_and(|load| self.plane(&self.loads[load]) == Plane::Ambient)
    }
}

/// S63, S65–S69.
fn explicit(caller: &Caller, rule: Option<&Merged<'_>>, tls: Tls) -> &'static str {
    let has_selector = rule.is_some_and(|rule| rule.selector.is_some());
    match tls {
        Tls::Disable | Tls::Empty => "DISABLE",
        Tls::IstioMutual => "ISTIO_MUTUAL",
        Tls::Credential if caller.plane == Plane::Sidecar && !has_selector => "DISABLE",
        Tls::Simple | Tls::Credential => "SIMPLE",
        Tls::Mutual => "MUTUAL",
        Tls::Hollow => "INVALID",
    }
}

/// S70, S75.
fn is_passthrough(service: &Service) -> bool {
    matches!(service.source, Source::Kubernetes { is_headless: true } | Source::Entry { resolution: Resolution::None, .. })
}

// ---------------------------------------------------------------- verdicts

impl World {
    /// S94, S95.
    fn verdict(&self, from: Plane, wire: &'static str, endpoint: &Endpoint) -> &'static str {
        if wire == "hbone" {
            return "mtls";
        }
        if endpoint.is_unread {
            return "unknown";
        }
        let Some(index) = endpoint.load else { return raw(wire) };
        let load = &self.loads[index];
        let (namespace, labels, port) = (load.meta.namespace, self.labels(load), endpoint.port);
        match self.plane(load) {
            Plane::Sidecar if load.excluded == Some(port) => raw(wire),
            Plane::Sidecar => sidecar(from, wire, self.mode(namespace, &labels, port), self.class_at(index, port)),
            Plane::Ambient if self.is_denied(namespace, &labels, port) => "F8",
            Plane::Ambient | Plane::None | Plane::Gateway => raw(wire),
        }
    }
}

/// The rows RAW and AM-O.
fn raw(wire: &str) -> &'static str {
    match wire {
        "plaintext" => "plain",
        "mtls" => "F3",
        _ => "tls",
    }
}

/// The rows SC; `app-tls` is TLS of the application's own.
fn sidecar(from: Plane, wire: &str, mode: Mode, class: Class) -> &'static str {
    let is_http = class == Class::Http;
    match (mode, wire) {
        (Mode::Strict, "plaintext") if matches!(from, Plane::Sidecar | Plane::Gateway) => "F2",
        (Mode::Strict, "plaintext") => "F1",
        (Mode::Strict | Mode::Permissive, "mtls") => "mtls",
        (Mode::Strict, "custom-mtls") => "unknown",
        (Mode::Strict, _) => "F4",
        (_, "plaintext") => "plain",
        (Mode::Permissive, _) if is_http => "F6",
        (Mode::Disable, "mtls") => "F3",
        (Mode::Disable, "app-tls") if is_http => "F7",
        (Mode::Disable, _) if is_http => "F3",
        _ => "tls",
    }
}

// ---------------------------------------------------------------- answers

impl World {
    /// What comes of a call.
    pub(super) fn answer(&self, caller: &Caller, host: &str, port: u16, subset: Option<&str>) -> Answer {
        match caller.plane {
            Plane::None => self.past(caller, host, port),
            Plane::Ambient => self.by_ztunnel(host, port),
            Plane::Sidecar | Plane::Gateway => match self.look(caller, host, port) {
                Seen::Cluster(service, port) if subset.is_none() && caller.plane == Plane::Sidecar && is_headless(service) => {
                    self.by_address(caller, service, port.number, self.endpoints(service, port))
                }
                Seen::Cluster(service, port) => match self.taker_of(caller, service, port).filter(|_| subset.is_none()) {
                    Some(owner) => {
                        self.through(caller, owner, port.number, application(port), &self.endpoints_for(caller.plane, service, port))
                    }
                    None => self.in_scope(caller, service, port, subset),
                },
                Seen::NoCluster => Answer { tls: "DISABLE", failure: Some("F12"), ..Answer::default() },
                Seen::Nothing => self.out_of_scope(caller, host, port, subset),
            },
        }
    }

    /// S281: the entry that gets the calls of another one.
    fn taker_of(&self, caller: &Caller, service: &Service, port: &Port) -> Option<&Service> {
        let is_bound = matches!(service.source, Source::Entry { .. }) && class(service, port) == Class::Tcp && !is_tls(port);
        self.taker(caller, port.number, false).filter(|owner| is_bound && owner.host != service.host)
    }

    /// S281: a call through the listener of an entry without an address.
    fn through(&self, caller: &Caller, owner: &Service, number: u16, word: &'static str, dialled: &[Endpoint]) -> Answer {
        let Some((service, port)) = self.seen(caller, &owner.host, number) else {
            return Answer { tls: "DISABLE", failure: Some("F12"), ..Answer::default() };
        };
        let answer = self.in_scope(caller, service, port, None);
        let cluster = self.cluster(caller, service, port, self.rule_for(caller, service).as_ref(), None);
        let own = self.endpoints_for(caller.plane, service, port);
        let endpoints = if is_passthrough(service) { dialled } else { &own };
        let reached = self.reached(caller.plane, endpoints, |endpoint| self.wire(&cluster, endpoint, word));
        let reached = if word == "app-tls" { in_tls(&cluster, reached) } else { reached };
        let failure = nowhere(endpoints).or(answer.failure.filter(|failure| *failure != "F14"));
        Answer { endpoints: reached, failure, ..answer }
    }

    fn in_scope(&self, caller: &Caller, service: &Service, port: &Port, subset: Option<&str>) -> Answer {
        let rule = self.rule_for(caller, service);
        let named = subset.and_then(|name| rule.as_ref()?.subsets.iter().copied().find(|subset| subset.name == name));
        let cluster = self.cluster(caller, service, port, rule.as_ref(), named);
        let in_force = rule.as_ref().map(|rule| {
            let policy = rule.traffic.as_ref().map_or(rule.rules[0], |(rule, _)| *rule);
            (policy.meta.path(), rule.rules.iter().map(|rule| rule.meta.path()).collect())
        });
        let answer = Answer { rule: in_force, tls: cluster.tls, ..Answer::default() };
        if subset.is_some() && named.is_none() {
            return Answer { failure: Some("F12"), ..answer };
        }
        let mut endpoints = self.endpoints_for(caller.plane, service, port);
        if let Some(subset) = named.filter(|_| !cluster.is_original_dst) {
            endpoints.retain(|endpoint| selects(&subset.labels, &endpoint.labels));
        }
        if subset.is_some() && endpoints.is_empty() && matches!(service.source, Source::Entry { resolution: Resolution::Dns, .. }) {
            // S278.
            return Answer { failure: Some("F12"), ..answer };
        }
        let wires = |endpoint: &Endpoint| self.wire(&cluster, endpoint, application(port));
        let mut reached = doubled(&cluster, port, self.reached(caller.plane, &endpoints, wires));
        reached.sort_unstable();
        Answer { endpoints: reached, failure: nowhere(&endpoints), ..answer }
    }

    /// S49.
    fn out_of_scope(&self, caller: &Caller, host: &str, port: u16, subset: Option<&str>) -> Answer {
        let answer = Answer { tls: "DISABLE", ..Answer::default() };
        if caller.plane == Plane::Gateway {
            return Answer { failure: Some("F12"), ..answer };
        }
        let own = self.scope(caller).and_then(|scope| scope.is_registry_only);
        if let Some(service) = self.headless(host) {
            return self.by_address(caller, service, port, self.dialled(service, port));
        }
        let (endpoints, word, is_http) = self.dialled_by(host, port);
        if let Some(owner) = self.taker(caller, port, is_http).filter(|_| subset.is_none()) {
            return self.through(caller, owner, port, word, &endpoints);
        }
        if own.unwrap_or(self.config(caller).is_registry_only) {
            return Answer { failure: Some("F9"), ..answer };
        }
        self.past(caller, host, port)
    }

    /// What a call past every rule reaches, what the application writes, and whether it speaks HTTP.
    fn dialled_by(&self, host: &str, port: u16) -> (Vec<Endpoint>, &'static str, bool) {
        let of_port = |service: &'_ Service| service.ports.iter().position(|one| one.number == port);
        let mut all: Vec<&Service> = self.services.iter().filter(|service| service.host == host).collect();
        all.sort_by_key(|service| (service.meta.second.wrapping_sub(1), service.meta.namespace, service.meta.name.clone()));
        let kubernetes = all.iter().find(|service| matches!(service.source, Source::Kubernetes { .. }));
        let declared = kubernetes.and_then(|service| Some((*service, &service.ports[of_port(service)?])));
        let entry = || all.iter().find_map(|service| Some((*service, &service.ports[of_port(service)?])));
        let endpoints = declared.map_or_else(|| vec![unknown("", port)], |(service, port)| self.endpoints(service, port));
        let (word, is_http) =
            declared.or_else(entry).map_or(("plaintext", true), |(service, port)| (application(port), class(service, port) != Class::Tcp));
        (endpoints, word, is_http)
    }

    /// What Kubernetes picks, in plaintext (S49, S101).
    fn past(&self, caller: &Caller, host: &str, port: u16) -> Answer {
        let at = |service: &&Service| service.host == host;
        let ports = |service: &'_ Service| service.ports.iter().position(|one| one.number == port);
        let kubernetes = self.services.iter().filter(at).find(|service| matches!(service.source, Source::Kubernetes { .. }));
        let declared = kubernetes.and_then(|service| Some((service, &service.ports[ports(service)?])));
        if let (None, Some(service)) = (declared, self.headless(host)) {
            let endpoints = self.dialled(service, port);
            let word = |endpoint: &Endpoint| self.application_at(endpoint);
            return Answer { tls: "DISABLE", endpoints: self.reached(caller.plane, &endpoints, word), ..Answer::default() };
        }
        let (endpoints, word) = if let Some((service, port)) = declared {
            (self.endpoints(service, port), application(port))
        } else {
            let entry = self.services.iter().filter(at).find_map(|service| Some(&service.ports[ports(service)?]));
            (vec![unknown("", port)], entry.map_or("plaintext", application))
        };
        Answer { tls: "DISABLE", endpoints: self.reached(caller.plane, &endpoints, |_| word), ..Answer::default() }
    }

    /// S99, S121, S122.
    fn by_ztunnel(&self, host: &str, port: u16) -> Answer {
        // S231: the Service before entries of other namespaces.
        let is_entry = |service: &&Service| matches!(service.source, Source::Entry { .. });
        let service = self.services.iter().filter(|service| service.host == host).min_by_key(is_entry);
        let found = service.and_then(|service| Some((service, service.ports.iter().find(|one| one.number == port)?)));
        let (endpoints, word) = match found {
            Some((service, port)) => (self.endpoints(service, port), application(port)),
            None if self.headless(host).is_some() => return self.past_ztunnel(&self.dialled(service.expect("it is there"), port)),
            // S244: ztunnel knows the Service by its address, and not this port of it.
            None if service.is_some_and(|service| !is_entry(&service)) => {
                return Answer { tls: "AUTO", failure: Some("F10"), ..Answer::default() };
            }
            None => (vec![unknown("", port)], "plaintext"),
        };
        let wire = |endpoint: &Endpoint| if self.takes_hbone(endpoint) && !endpoint.is_listed { "hbone" } else { word };
        Answer { tls: "AUTO", endpoints: self.reached(Plane::Ambient, &endpoints, wire), failure: nowhere(&endpoints), ..Answer::default() }
    }

    fn reached(
        &self,
        from: Plane,
        endpoints: &[Endpoint],
        wire: impl Fn(&Endpoint) -> &'static str,
    ) -> Vec<(String, u16, &'static str, &'static str)> {
        let one = |endpoint: &Endpoint| {
            let sent = wire(endpoint);
            let shown = if sent == "app-tls" { "tls" } else { sent };
            (self.name(endpoint.load), endpoint.port, shown, self.verdict(from, sent, endpoint))
        };
        let mut all: Vec<_> = endpoints.iter().filter(|endpoint| !endpoint.is_nowhere).map(one).collect();
        all.sort_unstable();
        all
    }

    fn name(&self, load: Option<usize>) -> String {
        let Some(load) = load.map(|load| &self.loads[load]) else { return "-".to_owned() };
        let kind = if load.shape == Shape::Template { "Deployment" } else { "Pod" };
        format!("{kind} {}", load.meta.path())
    }
}

/// What the application writes at a port.
fn application(port: &Port) -> &'static str {
    if is_tls(port) { "app-tls" } else { "plaintext" }
}

// ---------------------------------------------------------------- addresses of pods

/// S241: TLS inside TLS.
fn doubled(
    cluster: &Cluster,
    port: &Port,
    reached: Vec<(String, u16, &'static str, &'static str)>,
) -> Vec<(String, u16, &'static str, &'static str)> {
    if is_tls(port) { in_tls(cluster, reached) } else { reached }
}

fn in_tls(
    cluster: &Cluster,
    mut reached: Vec<(String, u16, &'static str, &'static str)>,
) -> Vec<(String, u16, &'static str, &'static str)> {
    if matches!(cluster.tls, "SIMPLE" | "MUTUAL") {
        for (server, _, _, verdict) in reached.iter_mut().filter(|(_, _, _, verdict)| *verdict == "tls") {
            *verdict = if server == "-" { "F3" } else { "F7" };
        }
    }
    reached
}

fn is_headless(service: &Service) -> bool {
    matches!(service.source, Source::Kubernetes { is_headless: true })
}

/// What becomes of the call of one address.
type Way<'w> = (Option<&'w Service>, Answer);

impl World {
    fn headless(&self, host: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.host == host && is_headless(service))
    }

    /// S291: the pods of a headless Service at a number, whether it has that port or not.
    fn dialled(&self, service: &Service, number: u16) -> Vec<Endpoint> {
        let port = Port { number, word: String::new(), app_protocol: None, target: Target::Same };
        self.endpoints(service, &port)
    }

    /// What an application writes to a port of which only the workload declares something.
    fn application_at(&self, endpoint: &Endpoint) -> &'static str {
        let mut declared = Vec::new();
        for service in &self.services {
            for (at, port) in service.ports.iter().enumerate() {
                let is_it = |one: &Endpoint| one.load.is_some() && one.load == endpoint.load && one.port == endpoint.port;
                if self.endpoints(service, port).iter().any(is_it) {
                    declared.push(((service.meta.second.wrapping_sub(1), &service.host, at), application(port)));
                }
            }
        }
        declared.into_iter().min_by_key(|(age, _)| *age).map_or("plaintext", |(_, word)| word)
    }

    fn past_ztunnel(&self, endpoints: &[Endpoint]) -> Answer {
        let wire = |endpoint: &Endpoint| if self.takes_hbone(endpoint) { "hbone" } else { self.application_at(endpoint) };
        Answer { tls: "AUTO", endpoints: self.reached(Plane::Ambient, endpoints, wire), ..Answer::default() }
    }

    /// S76, S217, S280: the oldest of the headless Services that contain a pod has the listener of its address, unless the port is HTTP.
    fn owner(&self, caller: &Caller, endpoint: &Endpoint, number: u16) -> Option<(&Service, &Port)> {
        let owns = |service: &&Service| {
            let of_port = service.ports.iter().find(|port| port.number == number && class(service, port) != Class::Http);
            let contains = |port: &Port| self.endpoints(service, port).iter().any(|one| one.load == endpoint.load);
            let is_seen = || self.seen(caller, &service.host, number).is_some_and(|(seen, _)| seen.meta.path() == service.meta.path());
            is_headless(service) && of_port.is_some_and(contains) && is_seen()
        };
        let rank = |service: &&Service| {
            let is_public = service.export_to.is_empty() || service.export_to.contains(&"*");
            let is_named = service.export_to.contains(&caller.namespace);
            (is_public, !is_public && is_named, service.meta.second.wrapping_sub(1), service.host.clone())
        };
        let service = self.services.iter().filter(owns).min_by_key(rank)?;
        Some((service, service.ports.iter().find(|port| port.number == number)?))
    }

    /// The calls of a sidecar to the addresses of a headless Service's pods.
    fn by_address(&self, caller: &Caller, service: &Service, number: u16, endpoints: Vec<Endpoint>) -> Answer {
        let named = self.seen(caller, &service.host, number).filter(|(seen, _)| is_headless(seen));
        if endpoints.is_empty() {
            return self.one_way(caller, service, number, named, &[]).1;
        }
        let ways: Vec<Way<'_>> = endpoints
            .into_iter()
            .map(|endpoint| {
                let owner = self.owner(caller, &endpoint, number).or(named);
                self.one_way(caller, service, number, owner, &[endpoint])
            })
            .collect();
        let is_named = |way: &&Way<'_>| way.0.map(|one| &one.host) == named.map(|(one, _)| &one.host);
        let first = ways.iter().find(is_named).unwrap_or(&ways[0]).1.clone();
        let failure = ways.iter().filter_map(|(_, answer)| answer.failure).min();
        let mut endpoints: Vec<_> = ways.iter().flat_map(|(_, answer)| answer.endpoints.clone()).collect();
        endpoints.sort_unstable();
        Answer { failure: failure.filter(|_| endpoints.is_empty()), endpoints, ..first }
    }

    fn one_way<'w>(
        &'w self,
        caller: &Caller,
        to: &Service,
        number: u16,
        owner: Option<(&'w Service, &'w Port)>,
        endpoints: &[Endpoint],
    ) -> Way<'w> {
        if let Some((service, port)) = owner {
            let answer = self.in_scope(caller, service, port, None);
            let cluster = self.cluster(caller, service, port, self.rule_for(caller, service).as_ref(), None);
            let reached = self.reached(caller.plane, endpoints, |endpoint| self.wire(&cluster, endpoint, application(port)));
            let endpoints = doubled(&cluster, port, reached);
            return (Some(service), Answer { endpoints, ..answer });
        }
        let own = self.scope(caller).and_then(|scope| scope.is_registry_only);
        let answer = Answer { tls: "DISABLE", ..Answer::default() };
        let declared = to.ports.iter().find(|port| port.number == number);
        let is_http = declared.is_none_or(|port| class(to, port) != Class::Tcp);
        if let Some(owner) = self.taker(caller, number, is_http) {
            return (None, self.through(caller, owner, number, declared.map_or("plaintext", application), endpoints));
        }
        if own.unwrap_or(self.config(caller).is_registry_only) {
            return (None, Answer { failure: Some("F9"), ..answer });
        }
        let word = |endpoint: &Endpoint| declared.map_or_else(|| self.application_at(endpoint), application);
        (None, Answer { endpoints: self.reached(caller.plane, endpoints, word), ..answer })
    }

    /// S216–S223: what comes of a call of a pod by its name below a headless Service.
    pub(super) fn of_pod(&self, caller: &Caller, load: usize, service: &Service, number: u16) -> Answer {
        let is_it = |endpoint: &Endpoint| endpoint.load == Some(load);
        let endpoints: Vec<_> = self.dialled(service, number).into_iter().filter(is_it).collect();
        let declared = service.ports.iter().find(|port| port.number == number);
        let word = |endpoint: &Endpoint| declared.map_or_else(|| self.application_at(endpoint), application);
        match caller.plane {
            Plane::Gateway => Answer { tls: "DISABLE", failure: Some("F12"), ..Answer::default() },
            Plane::Ambient => {
                let wire = |endpoint: &Endpoint| if self.takes_hbone(endpoint) { "hbone" } else { word(endpoint) };
                Answer { tls: "AUTO", endpoints: self.reached(Plane::Ambient, &endpoints, wire), ..Answer::default() }
            }
            Plane::None => Answer { tls: "DISABLE", endpoints: self.reached(Plane::None, &endpoints, word), ..Answer::default() },
            Plane::Sidecar if caller.load == Some(load) => {
                let itself = endpoints.iter().map(|endpoint| (self.name(endpoint.load), number, "plaintext", "plain")).collect();
                Answer { tls: "DISABLE", endpoints: itself, ..Answer::default() }
            }
            Plane::Sidecar => self.by_address(caller, service, number, endpoints),
        }
    }

    /// The pods that have a name below a headless Service: the workload, and the Service.
    pub(super) fn named_pods(&self) -> Vec<(usize, &Service)> {
        let mut all = Vec::new();
        for service in self.services.iter().filter(|service| is_headless(service)) {
            for endpoint in self.dialled(service, 1) {
                all.extend(endpoint.load.filter(|&load| self.loads[load].shape != Shape::Template).map(|load| (load, service)));
            }
        }
        all
    }
}
