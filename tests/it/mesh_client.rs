//! The client side: which services it sees, which rule it uses and what it sends, by the rule of the semantics each test holds (S44–S91).

use std::fmt::Write as _;

use kubectl_mtls::{
    mesh::{Client, ClientKind, Mesh, Verdict, host_matches},
    object::Text,
    queries::reach::{self, Question, Reach, Scheme, To},
};

use crate::support::{ambient_pod, meshed_pod, namespace, pod, policy, with, with_env, workload};

/// A call: who calls what, and the rest of the question.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) from: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) subset: Option<&'a str>,
    pub(crate) scheme: Option<Scheme>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(from: &'a str, host: &'a str) -> Self {
        Self { from, host, port: 80, subset: None, scheme: None }
    }

    pub(crate) fn at(self, port: u16) -> Self {
        Self { port, ..self }
    }

    pub(crate) fn subset(self, subset: &'a str) -> Self {
        Self { subset: Some(subset).filter(|subset| !subset.is_empty()), ..self }
    }

    pub(crate) fn speaking(self, scheme: Scheme) -> Self {
        Self { scheme: Some(scheme), ..self }
    }

    fn question<'m>(&self, mesh: &'m Mesh<'m>, to: To<'m>) -> Question<'m> {
        let subset = self.subset.map(ToOwned::to_owned);
        Question { from: client(mesh, self.from), to, port: self.port, subset, scheme: self.scheme }
    }

    /// The call to a host.
    pub(crate) fn ask<'m>(&self, mesh: &'m Mesh<'m>) -> Reach<'m> {
        reach::reach(mesh, &self.question(mesh, To::Host(self.host.to_owned())))
    }

    /// The call to the addresses of a workload's pods.
    pub(crate) fn ask_pods<'m>(&self, mesh: &'m Mesh<'m>) -> Reach<'m> {
        reach::reach(mesh, &self.question(mesh, To::Pods(workload(mesh, self.host), None)))
    }

    /// What comes of it.
    pub(crate) fn outcome(&self, mesh: &Mesh<'_>) -> String {
        outcome(&self.ask(mesh))
    }

    /// What is sent.
    fn wire(&self, mesh: &Mesh<'_>) -> String {
        wire(&self.ask(mesh))
    }

    /// The rule whose policy counts.
    fn rule(&self, mesh: &Mesh<'_>) -> String {
        let rule = self.ask(mesh).client.cluster.and_then(|cluster| cluster.rule);
        rule.map_or_else(|| "-".to_owned(), |rule| rule.policy.id.path())
    }
}

/// The client that is a workload.
pub(crate) fn client<'m>(mesh: &'m Mesh<'m>, name: &str) -> Client<'m> {
    let workload = workload(mesh, name);
    Client::workload(workload, &workload.instances[0])
}

/// A word for what comes of a call to one endpoint.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Mtls => "mtls",
        Verdict::Tls => "tls",
        Verdict::Plaintext => "plain",
        Verdict::Unknown => "unknown",
        Verdict::Fail(failure) => failure.code(),
    }
}

/// The words for what comes of a call, each once: `mtls`, `F2 plain`, `none` without endpoints.
pub(crate) fn outcome(reach: &Reach<'_>) -> String {
    match reach.failure {
        Some(failure) => failure.code().to_owned(),
        None => joined(reach.endpoints.iter().map(|reached| word(reached.verdict))),
    }
}

/// The words for what is sent, each once.
pub(crate) fn wire(reach: &Reach<'_>) -> String {
    joined(reach.endpoints.iter().map(|reached| reached.wire.word()))
}

fn joined<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() { "none".to_owned() } else { words.join(" ") }
}

/// An object of Istio's networking group, its spec in flow style.
fn networking(kind: &str, namespace: &str, name: &str, meta: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}{meta}}}\nspec: {{{spec}}}\n"
    )
}

/// A `DestinationRule` without a time of creation.
pub(crate) fn rule(namespace: &str, name: &str, host: &str, spec: &str) -> String {
    networking("DestinationRule", namespace, name, "", &format!("host: '{host}', {spec}"))
}

/// A `DestinationRule` of a certain second: the smaller, the older.
fn aged(second: u8, namespace: &str, name: &str, host: &str, spec: &str) -> String {
    let created = format!(", creationTimestamp: 2026-01-01T00:00:0{second}Z");
    networking("DestinationRule", namespace, name, &created, &format!("host: '{host}', {spec}"))
}

/// The traffic policy of a TLS mode.
pub(crate) fn tls(mode: &str) -> String {
    format!("trafficPolicy: {{tls: {{mode: {mode}}}}}")
}

/// A Service: its labels to select by, the rest of its spec, and its ports in flow style.
pub(crate) fn service(namespace: &str, name: &str, selector: &str, ports: &str) -> String {
    service_with(namespace, name, "", &format!("selector: {{{selector}}}, ports: [{ports}]"))
}

/// A Service with annotations and a spec.
pub(crate) fn service_with(namespace: &str, name: &str, annotations: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}, annotations: {{{annotations}}}}}\nspec: {{{spec}}}\n"
    )
}

/// A `ServiceEntry`.
pub(crate) fn entry(namespace: &str, name: &str, spec: &str) -> String {
    networking("ServiceEntry", namespace, name, "", spec)
}

/// A Sidecar resource.
fn scope(namespace: &str, name: &str, spec: &str) -> String {
    networking("Sidecar", namespace, name, "", spec)
}

/// MeshConfig: a line of it.
pub(crate) fn config(line: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata:\n  mesh: |\n    {line}\n")
}

/// A pod that runs as a gateway.
pub(crate) fn gateway_pod(namespace: &str, name: &str) -> String {
    pod(namespace, name, "istio: gateway", "", &[80], "{name: istio-proxy, image: proxyv2, args: [proxy, router]}")
}

/// Namespace `data` with a meshed `db`, its Service, and a client with a sidecar in `web`.
fn pair() -> String {
    [
        meshed_pod("web", "client", "app: client", "", &[]),
        meshed_pod("data", "db", "app: db", "", &[8080]),
        service("data", "db", "app: db", PORT),
    ]
    .concat()
}

const PORT: &str = "{name: tcp, port: 80, targetPort: 8080}";
const DB: &str = "db.data.svc.cluster.local";

#[test]
fn s44_one_sidecar_resource_counts() {
    let only = |name: &str| format!("egress: [{{hosts: ['*/{name}.data.svc.cluster.local']}}]");
    let make = |second: u8, namespace: &str, name: &str, selector: &str| {
        let selector = if selector.is_empty() { String::new() } else { format!("workloadSelector: {{labels: {{{selector}}}}}, ") };
        networking("Sidecar", namespace, name, &format!(", creationTimestamp: 2026-01-01T00:00:0{second}Z"), &(selector + &only(name)))
    };
    // Every Sidecar resource lets only the service of its own name in. Then: what the sidecar sees, and what the gateway sees.
    let table = [
        (vec![], "a b c d"),
        (vec![make(1, "web", "a", ""), make(2, "web", "b", "app: client")], "b"),
        (vec![make(2, "web", "a", "app: client"), make(1, "web", "b", "tier: front")], "b"),
        (vec![make(1, "web", "a", "app: other"), make(3, "web", "b", ""), make(2, "web", "c", "")], "c"),
        (vec![make(1, "web", "a", "app: other"), make(2, "istio-system", "b", "")], "b"),
        (vec![make(1, "istio-system", "a", "app: client"), make(3, "istio-system", "b", ""), make(2, "istio-system", "c", "")], "c"),
        (vec![make(1, "istio-system", "a", "app: client")], "a b c d"),
        (vec![make(1, "data", "a", "")], "a b c d"),
        (vec![make(9, "web", "a", ""), make(1, "istio-system", "b", "")], "a"),
    ];
    let services = ["a", "b", "c", "d"].map(|name| service("data", name, "app: db", PORT)).concat();
    let pods = meshed_pod("web", "client", "app: client, tier: front", "", &[]) + &gateway_pod("web", "edge");
    for (sidecars, expected) in table {
        with(&(pods.clone() + &services + &sidecars.concat()), |mesh| {
            let seen = |from: &str| {
                let host = |name: &str| format!("{name}.data.svc.cluster.local");
                let sees = |name: &&str| mesh.destination(&client(mesh, from), &host(name), 80).is_some();
                ["a", "b", "c", "d"].into_iter().filter(sees).collect::<Vec<_>>().join(" ")
            };
            assert_eq!(seen("client"), expected, "{sidecars:?}");
            assert_eq!(seen("edge"), "a b c d", "{sidecars:?}");
        });
    }
}

#[test]
fn s45_egress_hosts() {
    let table = [
        ("", true, true),
        ("egress: []", true, true),
        ("egress: [{hosts: ['*/*']}]", true, true),
        ("egress: [{hosts: ['./*']}]", true, false),
        ("egress: [{hosts: ['web/*']}]", true, false),
        ("egress: [{hosts: ['data/*']}]", false, true),
        ("egress: [{hosts: ['./*', 'data/*']}]", true, true),
        ("egress: [{hosts: ['./*']}, {hosts: ['data/*']}]", true, true),
        ("egress: [{hosts: ['*/db.data.svc.cluster.local']}]", false, true),
        ("egress: [{hosts: ['data/*.svc.cluster.local']}]", false, true),
        ("egress: [{hosts: ['data/*.web.svc.cluster.local']}]", false, false),
        ("egress: [{hosts: ['data/db']}]", false, false),
        ("egress: [{hosts: ['~/*']}]", false, false),
        ("egress: [{hosts: ['*/*', '~data/*']}]", true, false),
        ("egress: [{hosts: ['*/*', '~/db.data.svc.cluster.local']}]", true, false),
        ("egress: [{hosts: ['*/*', '~data/*.web.svc.cluster.local']}]", true, true),
        ("egress: [{hosts: ['*', 'db.data.svc.cluster.local']}]", false, false),
        ("egress: [{hosts: ['*/*/*']}]", false, false),
        ("egress: [{hosts: ['*/*'], port: {number: 80, protocol: TCP, name: tcp}}]", true, true),
        ("egress: [{hosts: ['*/*'], port: {number: 81, protocol: TCP, name: tcp}}]", false, false),
        ("egress: [{hosts: ['./*']}, {hosts: ['data/*'], port: {number: 80, protocol: TCP, name: tcp}}]", true, true),
    ];
    for (spec, own, other) in table {
        let yaml = pair() + &service("web", "peer", "app: client", PORT) + &scope("web", "s", spec);
        with(&yaml, |mesh| {
            let sees = |host: &str| mesh.destination(&client(mesh, "client"), host, 80).is_some();
            assert_eq!((sees("peer.web.svc.cluster.local"), sees(DB)), (own, other), "{spec}");
        });
    }
}

#[test]
fn s45_one_listener_routes_an_http_port() {
    let port = |number: u16| format!("port: {{number: {number}, protocol: HTTP, name: http}}");
    let table = [
        (format!("egress: [{{hosts: ['./*']}}, {{hosts: ['data/*'], {}}}]", port(80)), true),
        (format!("egress: [{{hosts: ['data/*']}}, {{hosts: ['./*'], {}}}]", port(80)), false),
        (format!("egress: [{{hosts: ['./*'], {0}}}, {{hosts: ['data/*'], {0}}}]", port(80)), false),
        (format!("egress: [{{hosts: ['data/*']}}, {{hosts: ['./*'], {}}}]", port(81)), true),
        ("egress: [{hosts: ['./*']}, {hosts: ['data/*']}]".to_owned(), false),
    ];
    for (spec, expected) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &service("data", "db", "app: db", "{name: http, port: 80, targetPort: 8080}")
            + &scope("web", "s", &spec);
        with(&yaml, |mesh| assert_eq!(mesh.destination(&client(mesh, "client"), DB, 80).is_some(), expected, "{spec}"));
    }
}

#[test]
fn s47_export_to_says_who_sees_a_service() {
    // What the object says, what MeshConfig says, and whether clients of the service's, of another and of a third namespace see it.
    let table = [
        ("", "", [true, true, true]),
        ("*", "", [true, true, true]),
        (".", "", [true, false, false]),
        ("~", "", [false, false, false]),
        ("web", "", [false, true, false]),
        ("web, data", "", [true, true, false]),
        ("", ".", [true, false, false]),
        ("", "~", [false, false, false]),
        ("*", ".", [true, true, true]),
        ("web", "*", [false, true, false]),
    ];
    let pods = ["data", "web", "third"].map(|namespace| meshed_pod(namespace, &format!("in-{namespace}"), "app: a", "", &[])).concat();
    for (own, default, expected) in table {
        let default_line = if default.is_empty() { String::new() } else { config(&format!("defaultServiceExportTo: ['{default}']")) };
        let annotation = if own.is_empty() { String::new() } else { format!("networking.istio.io/exportTo: '{own}'") };
        let list: Vec<String> = own.split(", ").filter(|to| !to.is_empty()).map(|to| format!("'{to}'")).collect();
        let of_entry = format!("hosts: [{DB}], exportTo: [{}], ports: [{{number: 80, name: tcp, protocol: TCP}}]", list.join(", "));
        for object in [service_with("data", "db", &annotation, &format!("ports: [{PORT}]")), entry("data", "db", &of_entry)] {
            with(&(pods.clone() + &default_line + &object), |mesh| {
                let sees = ["in-data", "in-web", "in-third"].map(|from| mesh.destination(&client(mesh, from), DB, 80).is_some());
                assert_eq!(sees, expected, "`{own}` default `{default}`: {object}");
            });
        }
    }
}

#[test]
fn s48_one_of_several_services_at_a_host_wins() {
    let spec = |second: &str| format!("{second}hosts: [{DB}], ports: [{{number: 80, name: tcp, protocol: TCP}}]");
    let kubernetes = service("data", "db", "app: db", PORT);
    let aged_entry = |second: u8, namespace: &str, name: &str, more: &str| {
        networking("ServiceEntry", namespace, name, &format!(", creationTimestamp: 2026-01-01T00:00:0{second}Z"), &spec(more))
    };
    let mine = aged_entry(1, "web", "mine", "");
    // The winner for a sidecar in `web`, and for a gateway there.
    let table = [
        (vec![kubernetes.clone(), aged_entry(1, "third", "theirs", "")], "data/db", "data/db"),
        (vec![kubernetes.clone(), aged_entry(1, "data", "beside", "")], "data/db", "data/db"),
        (vec![kubernetes.clone(), mine.clone()], "web/mine", "data/db"),
        (vec![aged_entry(1, "third", "theirs", ""), aged_entry(2, "web", "mine", "")], "web/mine", "third/theirs"),
        (vec![aged_entry(2, "third", "late", ""), aged_entry(1, "other", "early", "")], "other/early", "other/early"),
        (vec![aged_entry(2, "third", "named", "exportTo: [web], "), aged_entry(1, "other", "public", "")], "third/named", "third/named"),
        (vec![kubernetes, aged_entry(2, "third", "named", "exportTo: [web], ")], "data/db", "data/db"),
    ];
    let pods = meshed_pod("web", "client", "app: client", "", &[]) + &gateway_pod("web", "edge");
    for (objects, sidecar, gateway) in table {
        with(&(pods.clone() + &objects.concat()), |mesh| {
            let wins = |from: &str| mesh.destination(&client(mesh, from), DB, 80).map(|to| to.service.id.path());
            assert_eq!(wins("client").as_deref(), Some(sidecar), "{objects:?}");
            assert_eq!(wins("edge").as_deref(), Some(gateway), "{objects:?}");
        });
    }
}

#[test]
fn s49_calls_out_of_scope() {
    let hidden = "egress: [{hosts: ['./*']}]";
    let policy_of = |own: &str| if own.is_empty() { hidden.to_owned() } else { format!("{hidden}, outboundTrafficPolicy: {{{own}}}") };
    let mesh_wide = |mode: &str| if mode.is_empty() { String::new() } else { config(&format!("outboundTrafficPolicy: {{mode: {mode}}}")) };
    // MeshConfig's word, the Sidecar resource's word, and what comes of calls in HTTP and in TCP to a STRICT server, and to a PERMISSIVE one.
    let table = [
        ("", "", ["F2", "F2", "plain"]),
        ("ALLOW_ANY", "", ["F2", "F2", "plain"]),
        ("REGISTRY_ONLY", "", ["F9", "F9", "F9"]),
        ("REGISTRY_ONLY", "mode: ALLOW_ANY", ["F2", "F2", "plain"]),
        ("ALLOW_ANY", "mode: REGISTRY_ONLY", ["F9", "F9", "F9"]),
        ("ALLOW_ANY", "egressProxy: {host: a.b}", ["F9", "F9", "F9"]),
        ("ALLOW_ANY_DYNAMIC_DNS", "", ["F2", "F2", "plain"]),
        ("", "mode: ALLOW_ANY_DYNAMIC_DNS, tls: {mode: ISTIO_MUTUAL}", ["mtls", "F2", "mtls"]),
        ("", "mode: ALLOW_ANY_DYNAMIC_DNS, tls: {mode: SIMPLE}", ["F4", "F2", "tls"]),
    ];
    for (mesh_word, own, expected) in table {
        let yaml = pair()
            + &service("data", "open", "app: open", "{name: auto, port: 80, targetPort: 8080}")
            + &service("data", "db2", "app: db", "{name: any, port: 80, targetPort: 8080}")
            + &meshed_pod("data", "open", "app: open", "", &[8080])
            + &policy("data", "db", "app=db", "mtls: {mode: STRICT}")
            // No rule is looked at.
            + &rule("istio-system", "all", "*.local", &tls("ISTIO_MUTUAL"))
            + &scope("web", "s", &policy_of(own))
            + &mesh_wide(mesh_word);
        with(&yaml, |mesh| {
            let db = Asked::new("client", "db2.data.svc.cluster.local");
            let open = Asked::new("client", "open.data.svc.cluster.local");
            let found = [db.clone().speaking(Scheme::Http), db.speaking(Scheme::Tcp), open.speaking(Scheme::Http)];
            assert_eq!(found.map(|asked| asked.outcome(mesh)), expected, "mesh `{mesh_word}`, Sidecar `{own}`");
        });
    }
}

#[test]
fn s49_a_gateway_passes_nothing_on() {
    for mode in ["ALLOW_ANY", "REGISTRY_ONLY"] {
        let yaml = gateway_pod("web", "edge")
            + &meshed_pod("data", "db", "app: db", "", &[8080])
            + &service_with("data", "db", "networking.istio.io/exportTo: '.'", &format!("selector: {{app: db}}, ports: [{PORT}]"))
            + &config(&format!("outboundTrafficPolicy: {{mode: {mode}}}"));
        with(&yaml, |mesh| assert_eq!(Asked::new("edge", DB).outcome(mesh), "F12", "{mode}"));
    }
}

#[test]
fn s50_a_pod_address_is_in_no_scope() {
    let headless = |port: &str| service_with("data", "db", "", &format!("clusterIP: None, selector: {{app: db}}, ports: [{port}]"));
    let table = [
        (service("data", "db", "app: db", "{name: tcp, port: 8080}"), "F2"),
        (service("data", "db", "app: db", "{name: http, port: 8080}"), "F2"),
        (headless("{name: tcp, port: 8080}"), "mtls"),
        (headless("{name: any, port: 8080}"), "mtls"),
        (headless("{name: http, port: 8080}"), "F2"),
        (String::new(), "F2"),
    ];
    for (service, expected) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &meshed_pod("data", "db", "app: db", "", &[8080])
            + &policy("data", "db", "", "mtls: {mode: STRICT}")
            + &rule("istio-system", "all", "*.example", &tls("ISTIO_MUTUAL"))
            + &service;
        with(&yaml, |mesh| {
            let found = outcome(&Asked::new("client", "db").at(8080).ask_pods(mesh));
            assert_eq!(found, expected, "{service}");
            assert_eq!(outcome(&Asked::new("db", "db").at(8080).ask_pods(mesh)), "plain", "itself, {service}");
        });
    }
}

#[test]
fn s51_calls_past_the_proxy() {
    let table = [
        ("", "mtls"),
        ("excludeOutboundPorts: '80'", "F1"),
        ("excludeOutboundPorts: '443, 80'", "F1"),
        ("excludeOutboundPorts: '8080'", "mtls"),
        ("excludeOutboundIPRanges: '10.96.0.0/16'", "F1"),
        ("excludeOutboundIPRanges: '10.97.0.0/16'", "mtls"),
        ("includeOutboundIPRanges: '*'", "mtls"),
        ("includeOutboundIPRanges: '10.96.0.0/16'", "mtls"),
        ("includeOutboundIPRanges: '10.97.0.0/16'", "F1"),
        ("includeOutboundIPRanges: ''", "F1"),
        ("includeOutboundIPRanges: '', includeOutboundPorts: '80'", "mtls"),
        ("includeOutboundIPRanges: '10.97.0.0/16', includeOutboundPorts: '81'", "F1"),
        ("includeOutboundIPRanges: '10.96.0.0/16', excludeOutboundIPRanges: '10.96.0.5/32'", "F1"),
        ("includeOutboundIPRanges: '*', excludeOutboundPorts: '80'", "F1"),
        ("includeOutboundPorts: '80', excludeOutboundPorts: '80'", "F1"),
    ];
    for (settings, expected) in table {
        let annotations: Vec<String> =
            settings.split(", ").filter(|one| !one.is_empty()).map(|one| format!("traffic.sidecar.istio.io/{one}")).collect();
        // A list of ports has the separator of annotations in it.
        let annotations = annotations.join(", ").replace("traffic.sidecar.istio.io/80'", "80'");
        let yaml = meshed_pod("web", "client", "app: client", &annotations, &[])
            + &meshed_pod("data", "db", "app: db", "", &[8080])
            + &service_with("data", "db", "", &format!("clusterIP: 10.96.0.5, selector: {{app: db}}, ports: [{PORT}]"))
            + &policy("data", "db", "", "mtls: {mode: STRICT}");
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "{settings}"));
    }
}

#[test]
fn s52_only_names_without_a_dot_are_completed() {
    let table = [
        ("data", "db", true),
        ("web", "db", false),
        ("data", "db.data", false),
        ("data", "db.data.svc", false),
        ("web", "db.data", false),
        ("data", DB, true),
        ("web", DB, true),
        ("web", "*", true),
        ("web", "*.local", true),
        ("web", "*.data.svc.cluster.local", true),
        ("web", "*.web.svc.cluster.local", false),
        ("data", "*db", false),
    ];
    for (of, host, expected) in table {
        let yaml = pair() + &rule(of, "r", host, &tls("DISABLE"));
        let expected = if expected { format!("{of}/r") } else { "-".into() };
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).rule(mesh), expected, "{of}: {host}"));
    }
}

#[test]
fn s53_a_wildcard_is_a_suffix() {
    let table = [
        ("*.foo.com", "a.foo.com", true),
        ("*.foo.com", "a.b.foo.com", true),
        ("*.foo.com", "foo.com", false),
        ("*foo.com", "foo.com", true),
        ("*foo.com", "a.foo.com", true),
        ("*foo.com", "afoo.com", true),
        ("*", "foo.com", true),
        ("foo.com", "a.foo.com", false),
        ("foo.com", "foo.com", true),
        ("*.foo.com", "*.foo.com", true),
        ("*.com", "*.foo.com", true),
        ("*.a.foo.com", "*.foo.com", false),
        ("a.foo.com", "*.foo.com", false),
        ("*.bar.com", "a.foo.com", false),
    ];
    for (rule, host, expected) in table {
        assert_eq!(host_matches(rule, host), expected, "{rule} {host}");
    }
}

#[test]
fn s53_the_host_of_the_service_counts_and_not_the_one_that_was_typed() {
    let hosts = "hosts: ['*.foo.com'], resolution: NONE, ports: [{number: 80, name: tcp, protocol: TCP}]";
    for (host, expected) in [("*.foo.com", "web/r"), ("a.foo.com", "-"), ("*.com", "web/r")] {
        let yaml = meshed_pod("web", "client", "app: client", "", &[]) + &entry("web", "foo", hosts) + &rule("web", "r", host, &tls("SIMPLE"));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", "a.foo.com").rule(mesh), expected, "{host}"));
    }
}

#[test]
fn s54_the_most_specific_host_wins() {
    let hosts = ["*", "*.local", "*.svc.cluster.local", "*.data.svc.cluster.local", "*db.data.svc.cluster.local", DB];
    for last in 0..hosts.len() {
        // The most specific one is the youngest, so that age cannot be what decides.
        let rules: String = (0..=last).map(|at| aged(u8::try_from(at).unwrap(), "web", &format!("r{at}"), hosts[at], &tls("DISABLE"))).collect();
        with(&(pair() + &rules), |mesh| assert_eq!(Asked::new("client", DB).rule(mesh), format!("web/r{last}"), "{}", hosts[last]));
    }
}

/// Clients with sidecars in four namespaces, and `db` in `data`.
fn four() -> String {
    let clients = ["web", "data", "third", "istio-system"].map(|namespace| {
        let labels = "app: client";
        meshed_pod(namespace, &format!("in-{namespace}"), labels, "", &[])
    });
    clients.concat() + &meshed_pod("data", "db", "app: db", "", &[8080]) + &service("data", "db", "app: db", PORT)
}

#[test]
fn s55_export_to_says_who_uses_a_rule() {
    // Where the rule is, its exportTo, MeshConfig's default, and whether clients of web, data, third and the root namespace use it.
    let table = [
        ("data", "", "", [true, true, true, true]),
        ("data", "'*'", "", [true, true, true, true]),
        ("data", "'.'", "", [false, true, false, false]),
        ("data", "data", "", [false, true, false, false]),
        ("data", "web", "", [true, false, false, false]),
        ("data", "web, '.'", "", [true, true, false, false]),
        ("data", "web, third", "", [true, false, true, false]),
        ("data", "istio-system", "", [false, false, false, true]),
        ("data", "", ".", [false, true, false, false]),
        ("data", "'*'", ".", [true, true, true, true]),
        ("web", "", "", [true, false, false, false]),
        ("web", "'.'", "", [true, false, false, false]),
        ("web", "data", "", [false, false, false, false]),
        ("istio-system", "", "", [true, true, true, true]),
        ("istio-system", "'.'", "", [false, false, false, true]),
        ("istio-system", "istio-system", "", [false, false, false, true]),
        ("istio-system", "web", "", [true, false, false, false]),
        ("istio-system", "", ".", [false, false, false, true]),
    ];
    for (of, to, default, expected) in table {
        let default_line =
            if default.is_empty() { String::new() } else { config(&format!("defaultDestinationRuleExportTo: ['{default}']")) };
        let yaml = four() + &default_line + &rule(of, "r", DB, &format!("exportTo: [{to}], {}", tls("DISABLE")));
        with(&yaml, |mesh| {
            let uses = ["in-web", "in-data", "in-third", "in-istio-system"].map(|from| Asked::new(from, DB).rule(mesh) != "-");
            assert_eq!(uses, expected, "{of} [{to}] default `{default}`");
        });
    }
}

#[test]
fn s55_a_rule_for_selected_clients_stays_at_home() {
    let selector = "workloadSelector: {matchLabels: {app: client}}";
    for (of, expected) in [("web", ["web/r", "-", "-"]), ("data", ["-", "data/r", "-"]), ("istio-system", ["-", "-", "istio-system/r"])] {
        let yaml = four() + &rule(of, "r", DB, &format!("exportTo: ['*'], {selector}, {}", tls("DISABLE")));
        with(&yaml, |mesh| {
            assert_eq!(["in-web", "in-data", "in-istio-system"].map(|from| Asked::new(from, DB).rule(mesh)), expected, "{of}");
        });
    }
}

#[test]
fn s56_the_first_step_with_a_match_wins() {
    let all = |of: &str, name: &str, host: &str, to: &str| rule(of, name, host, &format!("exportTo: [{to}], {}", tls("DISABLE")));
    let table = [
        // A wildcard in the client's namespace hides an exact rule in the service's.
        (vec![all("web", "w", "*.local", ""), all("data", "d", DB, "")], "in-web", "web/w"),
        (vec![all("web", "w", "*.local", ""), all("data", "d", DB, "")], "in-third", "data/d"),
        (vec![all("data", "d", "*", ""), all("istio-system", "s", DB, "")], "in-web", "data/d"),
        // What the filter empties leads to the next step, where the index alone decides who is hidden.
        (vec![all("data", "d", DB, "third"), all("istio-system", "s", "*", "")], "in-web", "istio-system/s"),
        (vec![all("data", "exact", DB, "third"), all("data", "wide", "*.local", "'*'")], "in-web", "-"),
        (vec![all("data", "exact", DB, "third"), all("data", "wide", "*.local", "'*'")], "in-third", "data/exact"),
        // A private rule is in no other namespace's index, so it hides nothing there.
        (vec![all("data", "exact", DB, "'.'"), all("data", "wide", "*.local", "'*'")], "in-web", "data/wide"),
        // Clients of the root namespace see its private rules first, and its public ones last.
        (vec![all("istio-system", "s", DB, ""), all("data", "d", "*.local", "")], "in-istio-system", "data/d"),
        (vec![all("istio-system", "s", "*", "'.'"), all("data", "d", DB, "")], "in-istio-system", "istio-system/s"),
        (vec![all("istio-system", "s", "*", "")], "in-istio-system", "istio-system/s"),
        // Rules of namespaces that have no part in the call.
        (vec![all("third", "t", DB, "'*'")], "in-web", "-"),
    ];
    for (rules, from, expected) in table {
        with(&(four() + &rules.concat()), |mesh| assert_eq!(Asked::new(from, DB).rule(mesh), expected, "{from}: {rules:?}"));
    }
}

#[test]
fn s60_the_example_of_a_lookup() {
    let root = rule("istio-system", "root", "*.local", &tls("DISABLE"));
    let data = rule("data", "db", "db", &tls("ISTIO_MUTUAL"));
    let web = rule("web", "pool", "*.data.svc.cluster.local", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}");
    let clients = four() + &gateway_pod("istio-system", "edge") + &policy("data", "default", "", "mtls: {mode: STRICT}");
    let table = [
        (root.clone(), "in-web", "istio-system/root", "F2"),
        (root.clone() + &data, "in-web", "data/db", "mtls"),
        (root.clone() + &data + &web, "in-web", "web/pool", "mtls"),
        (root + &data + &web, "edge", "data/db", "mtls"),
    ];
    for (rules, from, chosen, expected) in table {
        with(&(clients.clone() + &rules), |mesh| {
            let asked = Asked::new(from, DB);
            assert_eq!((asked.rule(mesh).as_str(), asked.outcome(mesh).as_str()), (chosen, expected), "{rules}");
        });
    }
}

/// The rule for two clients of `web`: one with `app: client`, one with `app: other`.
fn two_clients(rules: &str) -> [String; 2] {
    let yaml = pair() + &meshed_pod("web", "other", "app: other", "", &[]) + rules;
    with(&yaml, |mesh| ["client", "other"].map(|from| Asked::new(from, DB).rule(mesh)))
}

const SELECTED: &str = "workloadSelector: {matchLabels: {app: client}}";

#[test]
fn s57_rules_for_selected_clients_come_first() {
    let wide = aged(1, "web", "wide", DB, &tls("DISABLE"));
    let selected = |second: u8, name: &str| aged(second, "web", name, DB, &format!("{SELECTED}, {}", tls("ISTIO_MUTUAL")));
    assert_eq!(two_clients(&(wide.clone() + &selected(2, "one"))), ["web/one", "web/wide"]);
    // Of equal selectors the oldest counts; the first that selects is used.
    assert_eq!(two_clients(&(wide.clone() + &selected(3, "late") + &selected(2, "early"))), ["web/early", "web/wide"]);
    let other = aged(1, "web", "tier", DB, &format!("workloadSelector: {{matchLabels: {{tier: front}}}}, {}", tls("SIMPLE")));
    assert_eq!(two_clients(&(wide + &other + &selected(2, "one"))), ["web/one", "web/wide"]);
}

#[test]
fn s58_merging() {
    let bare = |second: u8, name: &str, to: &str| aged(second, "web", name, DB, &format!("exportTo: [{to}]"));
    let full = |second: u8, name: &str, to: &str| aged(second, "web", name, DB, &format!("exportTo: [{to}], {}", tls("DISABLE")));
    let pool = |second: u8, name: &str| aged(second, "web", name, DB, "trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}");
    let table = [
        // A policy is adopted by a rule that has none at all, and never field by field.
        (vec![bare(1, "a", ""), full(2, "b", "")], "web/b"),
        (vec![bare(1, "a", ""), full(2, "b", ""), full(3, "c", "")], "web/b"),
        (vec![pool(1, "a"), full(2, "b", "")], "web/a"),
        // A wider exportTo is merged into a narrower one that is older, not the other way round.
        (vec![full(1, "a", "'.'"), full(2, "b", "'.', third")], "web/a"),
        (vec![full(1, "a", "'.', third"), full(2, "b", "'.'")], "web/b"),
        // The order in which an exportTo is written does not matter.
        (vec![full(1, "a", "'.', third"), full(2, "b", "third, '.'")], "web/a"),
        // By name where times are equal.
        (vec![full(1, "b", ""), full(1, "a", "")], "web/a"),
    ];
    for (rules, expected) in table {
        assert_eq!(two_clients(&rules.concat())[0], expected, "{rules:?}");
    }
}

#[test]
fn s58_a_merged_rule_keeps_who_sees_it() {
    let full = |second: u8, name: &str, to: &str| aged(second, "data", name, DB, &format!("exportTo: [{to}], {}", tls("DISABLE")));
    with(&(four() + &full(1, "a", "web") + &full(2, "b", "web, third")), |mesh| {
        assert_eq!(["in-web", "in-third"].map(|from| Asked::new(from, DB).rule(mesh)), ["data/a", "-"]);
    });
}

#[test]
fn s58_subsets_are_merged_by_name() {
    let subset = |name: &str, mode: &str| format!("{{name: {name}, labels: {{app: db}}, {}}}", tls(mode));
    let one = aged(1, "web", "a", DB, &format!("subsets: [{}]", subset("v1", "DISABLE")));
    let two = aged(2, "web", "b", DB, &format!("subsets: [{}, {}]", subset("v1", "ISTIO_MUTUAL"), subset("v2", "ISTIO_MUTUAL")));
    with(&(pair() + &one + &two), |mesh| {
        for (subset, expected) in [("v1", "plain"), ("v2", "mtls"), ("v3", "F12")] {
            assert_eq!(Asked::new("client", DB).subset(subset).outcome(mesh), expected, "{subset}");
        }
    });
}

#[test]
fn s59_consequences_of_merging() {
    let full = |second: u8, name: &str, more: &str| aged(second, "web", name, DB, &format!("{more}{}", tls("DISABLE")));
    let table = [
        // (a) The same exportTo: the oldest policy.
        (vec![full(1, "a", ""), full(2, "b", "")], ["web/a", "web/a"]),
        (vec![full(2, "a", "exportTo: ['.'], "), full(1, "b", "exportTo: ['.'], ")], ["web/b", "web/b"]),
        // (b) Different ones: the newest as a whole.
        (vec![full(1, "a", ""), full(2, "b", "exportTo: ['*'], ")], ["web/b", "web/b"]),
        (vec![full(1, "a", "exportTo: ['*'], "), full(2, "b", "")], ["web/b", "web/b"]),
        (vec![full(1, "a", "exportTo: ['.'], "), full(2, "b", "exportTo: ['*'], ")], ["web/b", "web/b"]),
        (vec![full(1, "a", "exportTo: ['*'], "), aged(2, "web", "b", DB, "exportTo: ['.']")], ["web/b", "web/b"]),
        // (c) Only rules for others: none, and no further step.
        (vec![full(1, "a", &format!("{SELECTED}, ")), rule("data", "d", DB, &tls("DISABLE"))], ["web/a", "-"]),
        // (d) Swallowed by the rule for selected clients.
        (vec![full(1, "a", &format!("{SELECTED}, ")), full(2, "b", "exportTo: ['.'], ")], ["web/a", "-"]),
        (vec![full(2, "a", &format!("{SELECTED}, ")), full(1, "b", "")], ["web/a", "web/b"]),
        // (e) It stands in for the other and inherits nothing.
        (vec![aged(1, "web", "a", DB, &format!("{SELECTED}, trafficPolicy: {{}}")), full(2, "b", "")], ["web/a", "web/b"]),
    ];
    for (rules, expected) in table {
        assert_eq!(two_clients(&rules.concat()), expected, "{rules:?}");
    }
}
