//! Writes a mesh of the naive reading down as the manifests that the real one reads.

use std::fmt::{self, Write as _};

use super::model::{
    Backend, Balancer, Config, Inline, Labels, Listener, Load, Meta, Mode, Policy, Port, ROOT, Resolution, Rule, Scope, Service, Shape,
    Source, Space, SpaceLabel, Target, Tls, Traffic, World,
};

/// As manifests, so that a mesh on which two readings differ can be tried at once.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.yaml())
    }
}

impl World {
    /// The manifests of all objects.
    pub(crate) fn yaml(&self) -> String {
        let mut text = config("istio", self.config);
        if self.spaces.iter().any(|space| space.label == SpaceLabel::Canary) {
            text += &config("istio-canary", self.canary);
        }
        text.extend(self.spaces.iter().map(namespace));
        text.extend(self.loads.iter().enumerate().map(|(at, load)| self.workload(at, load)));
        text.extend(self.services.iter().map(service));
        text.extend(self.rules.iter().map(rule));
        text.extend(self.backends.iter().map(|one| backend(one, &self.services[one.service])));
        if self.is_old {
            text += &istiod("1.30.3");
        }
        text.extend(self.policies.iter().map(policy));
        text.extend(self.scopes.iter().map(scope));
        text
    }

    fn workload(&self, at: usize, load: &Load) -> String {
        let proxy = match load.shape {
            Shape::Sidecar => ", {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}",
            Shape::Gateway => ", {name: istio-proxy, image: proxyv2, args: [proxy, router]}",
            Shape::Naked | Shape::Ambient | Shape::Template => "",
        };
        let ports: Vec<String> = load.ports.iter().map(|(name, port)| format!("{{name: {name}, containerPort: {port}}}")).collect();
        let spec = format!("{{containers: [{{name: app, image: app, ports: [{}]}}{proxy}]}}", ports.join(", "));
        let labels = map(&load.labels);
        let mut annotations = Vec::new();
        if let Some(port) = load.excluded {
            annotations.push(format!("traffic.sidecar.istio.io/excludeInboundPorts: '{port}'"));
        }
        if load.shape == Shape::Ambient {
            annotations.push("ambient.istio.io/redirection: enabled".to_owned());
        }
        if matches!(load.shape, Shape::Sidecar | Shape::Gateway) && self.is_canary(load.meta.namespace) {
            annotations.push("istio.io/rev: canary".to_owned());
        }
        let annotations = annotations.join(", ");
        if load.shape == Shape::Template {
            let template = format!("{{metadata: {{labels: {labels}, annotations: {{{annotations}}}}}, spec: {spec}}}");
            return object(
                "apps/v1",
                "Deployment",
                &load.meta,
                "",
                &format!("{{selector: {{matchLabels: {labels}}}, template: {template}}}"),
            );
        }
        let more = format!(", labels: {labels}, annotations: {{{annotations}}}");
        object("v1", "Pod", &load.meta, &more, &spec) + &format!("status: {{phase: Running, podIP: {}}}\n", address(Some(at)))
    }
}

fn address(load: Option<usize>) -> String {
    load.map_or_else(|| "192.0.2.1".to_owned(), |at| format!("10.0.0.{}", at + 1))
}

fn object(version: &str, kind: &str, meta: &Meta, more: &str, spec: &str) -> String {
    let created = if meta.second == 0 { String::new() } else { format!(", creationTimestamp: 2026-01-01T00:00:0{}Z", meta.second) };
    let Meta { namespace, name, .. } = meta;
    format!("---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}{created}{more}}}\nspec: {spec}\n")
}

fn map(labels: &Labels) -> String {
    let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}: '{value}'")).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn list<T: AsRef<str>>(items: &[T]) -> String {
    let quoted: Vec<String> = items.iter().map(|item| format!("'{}'", item.as_ref())).collect();
    format!("[{}]", quoted.join(", "))
}

fn config(name: &str, config: Config) -> String {
    let outbound = if config.is_registry_only { "REGISTRY_ONLY" } else { "ALLOW_ANY" };
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {ROOT}}}\ndata:\n  mesh: |\n    enableAutoMtls: {}\n    \
         outboundTrafficPolicy: {{mode: {outbound}}}\n",
        config.has_auto_mtls
    )
}

fn namespace(space: &Space) -> String {
    let label = match space.label {
        SpaceLabel::Nothing => "",
        SpaceLabel::Injected => "istio-injection: enabled",
        SpaceLabel::Canary => "istio.io/rev: canary",
        SpaceLabel::Ambient => "istio.io/dataplane-mode: ambient",
    };
    crate::support::namespace(space.name, label)
}

fn service(service: &Service) -> String {
    match &service.source {
        Source::Kubernetes { is_headless } => {
            let ports: Vec<String> = service.ports.iter().map(port_of_service).collect();
            let cluster_ip = if *is_headless { "clusterIP: None, " } else { "" };
            let spec = format!("{{{cluster_ip}selector: {}, ports: [{}]}}", map(&service.selector), ports.join(", "));
            let annotation = if service.export_to.is_empty() {
                String::new()
            } else {
                format!(", annotations: {{networking.istio.io/exportTo: '{}'}}", service.export_to.join(","))
            };
            object("v1", "Service", &service.meta, &annotation, &spec)
        }
        Source::Entry { is_external, resolution, inline } => entry(service, *is_external, *resolution, inline),
    }
}

fn backend(one: &Backend, service: &Service) -> String {
    let (group, kind) = match service.source {
        Source::Kubernetes { .. } => ("", "Service"),
        Source::Entry { .. } => ("networking.istio.io", "ServiceEntry"),
    };
    let name = |port: &Port| if kind == "Service" { port.word.clone() } else { format!("port-{}", port.number) };
    let section = one.port.map_or_else(String::new, |port| format!(", sectionName: {}", name(&service.ports[port])));
    let target = format!("{{group: '{group}', kind: {kind}, name: {}{section}}}", service.meta.name);
    let spec = format!("{{targetRefs: [{target}], validation: {{hostname: x.example, wellKnownCACertificates: System}}}}");
    object("gateway.networking.k8s.io/v1", "BackendTLSPolicy", &one.meta, "", &spec)
}

/// The control plane, outside the mesh: only its version matters.
fn istiod(version: &str) -> String {
    let meta = Meta { namespace: ROOT, name: "istiod".to_owned(), second: 0 };
    let labels = "{app: istiod, istio.io/rev: default, sidecar.istio.io/inject: 'false', istio.io/dataplane-mode: none}";
    let spec = format!("{{containers: [{{name: discovery, image: 'docker.io/istio/pilot:{version}'}}]}}");
    let template = format!("{{metadata: {{labels: {labels}}}, spec: {spec}}}");
    object("apps/v1", "Deployment", &meta, "", &format!("{{selector: {{matchLabels: {{app: istiod}}}}, template: {template}}}"))
}

fn port_of_service(port: &Port) -> String {
    let mut text = format!("{{name: {}, port: {}", port.word, port.number);
    if let Some(word) = port.app_protocol {
        write!(text, ", appProtocol: {word}").expect("a string takes everything");
    }
    match port.target {
        Target::Same => {}
        Target::Number(number) => write!(text, ", targetPort: {number}").expect("a string takes everything"),
        Target::Name(name) => write!(text, ", targetPort: {name}").expect("a string takes everything"),
    }
    text + "}"
}

fn entry(service: &Service, is_external: bool, resolution: Resolution, inline: &[Inline]) -> String {
    let port = |port: &Port| {
        let target = if let Target::Number(number) = port.target { format!(", targetPort: {number}") } else { String::new() };
        format!("{{number: {0}, name: port-{0}, protocol: {1}{target}}}", port.number, port.word)
    };
    let ports: Vec<String> = service.ports.iter().map(port).collect();
    let endpoint = |one: &Inline| format!("{{address: {}, labels: {}}}", address(one.load), map(&one.labels));
    let endpoints: Vec<String> = inline.iter().map(endpoint).collect();
    let location = if is_external { "MESH_EXTERNAL" } else { "MESH_INTERNAL" };
    let resolution = match resolution {
        Resolution::Static => "STATIC",
        Resolution::Dns => "DNS",
        Resolution::None => "NONE",
    };
    let selector =
        if service.selector.is_empty() { String::new() } else { format!(", workloadSelector: {{labels: {}}}", map(&service.selector)) };
    let endpoints = if endpoints.is_empty() { String::new() } else { format!(", endpoints: [{}]", endpoints.join(", ")) };
    let spec = format!(
        "{{hosts: ['{}'], location: {location}, resolution: {resolution}, exportTo: {}, ports: [{}]{selector}{endpoints}}}",
        service.host,
        list(&service.export_to),
        ports.join(", ")
    );
    object("networking.istio.io/v1", "ServiceEntry", &service.meta, "", &spec)
}

fn tls(tls: Tls) -> &'static str {
    match tls {
        Tls::Disable => "{mode: DISABLE}",
        Tls::Empty => "{}",
        Tls::IstioMutual => "{mode: ISTIO_MUTUAL}",
        Tls::Simple => "{mode: SIMPLE}",
        Tls::Mutual => "{mode: MUTUAL, clientCertificate: /c, privateKey: /k}",
        Tls::Hollow => "{mode: MUTUAL}",
        Tls::Credential => "{mode: SIMPLE, credentialName: c}",
    }
}

fn settings(own: Option<Tls>, balancer: Option<Balancer>) -> String {
    let tls = own.map_or_else(String::new, |own| format!(", tls: {}", tls(own)));
    let balancer = match balancer {
        None => "",
        Some(Balancer::RoundRobin) => ", loadBalancer: {simple: ROUND_ROBIN}",
        Some(Balancer::Passthrough) => ", loadBalancer: {simple: PASSTHROUGH}",
    };
    format!("connectionPool: {{tcp: {{maxConnections: 1}}}}{tls}{balancer}")
}

fn traffic(traffic: Option<&Traffic>) -> String {
    let Some(traffic) = traffic else { return String::new() };
    let mut text = format!(", trafficPolicy: {{{}", settings(traffic.tls, traffic.balancer));
    let port = |(number, tls, balancer): &(u16, Option<Tls>, Option<Balancer>)| {
        format!("{{port: {{number: {number}}}, {}}}", settings(*tls, *balancer))
    };
    if !traffic.ports.is_empty() {
        let ports: Vec<String> = traffic.ports.iter().map(port).collect();
        write!(text, ", portLevelSettings: [{}]", ports.join(", ")).expect("a string takes everything");
    }
    text + "}"
}

fn rule(rule: &Rule) -> String {
    let selector =
        rule.selector.as_ref().map_or_else(String::new, |labels| format!(", workloadSelector: {{matchLabels: {}}}", map(labels)));
    let subsets = rule
        .subsets
        .iter()
        .map(|subset| format!("{{name: {}, labels: {}{}}}", subset.name, map(&subset.labels), traffic(subset.traffic.as_ref())));
    let subsets: Vec<String> = subsets.collect();
    let spec = format!(
        "{{host: '{}', exportTo: {}{selector}{}, subsets: [{}]}}",
        rule.host,
        list(&rule.export_to),
        traffic(rule.traffic.as_ref()),
        subsets.join(", ")
    );
    object("networking.istio.io/v1", "DestinationRule", &rule.meta, "", &spec)
}

fn mode(mode: Option<Mode>) -> &'static str {
    match mode {
        None => "UNSET",
        Some(Mode::Disable) => "DISABLE",
        Some(Mode::Permissive) => "PERMISSIVE",
        Some(Mode::Strict) => "STRICT",
    }
}

fn policy(policy: &Policy) -> String {
    let selector = policy.selector.as_ref().map_or_else(String::new, |labels| format!(", selector: {{matchLabels: {}}}", map(labels)));
    let ports: Vec<String> = policy.ports.iter().map(|(port, own)| format!("{port}: {{mode: {}}}", mode(*own))).collect();
    let ports = if ports.is_empty() { String::new() } else { format!(", portLevelMtls: {{{}}}", ports.join(", ")) };
    let spec = format!("{{mtls: {{mode: {}}}{selector}{ports}}}", mode(policy.mode));
    object("security.istio.io/v1", "PeerAuthentication", &policy.meta, "", &spec)
}

fn scope(scope: &Scope) -> String {
    let mut fields = Vec::new();
    if let Some(labels) = &scope.selector {
        fields.push(format!("workloadSelector: {{labels: {}}}", map(labels)));
    }
    let listener = |listener: &Listener| {
        let port = listener.port.map_or_else(String::new, |port| format!(", port: {{number: {port}, protocol: HTTP, name: port-{port}}}"));
        format!("{{hosts: {}{port}}}", list(&listener.hosts))
    };
    let egress: Vec<String> = scope.egress.iter().map(listener).collect();
    if !egress.is_empty() {
        fields.push(format!("egress: [{}]", egress.join(", ")));
    }
    if let Some(is_registry_only) = scope.is_registry_only {
        let mode = if is_registry_only { "REGISTRY_ONLY" } else { "ALLOW_ANY" };
        fields.push(format!("outboundTrafficPolicy: {{mode: {mode}}}"));
    }
    object("networking.istio.io/v1", "Sidecar", &scope.meta, "", &format!("{{{}}}", fields.join(", ")))
}
