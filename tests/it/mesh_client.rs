//! The client side: which services it sees, which rule it uses and what it sends, by the rule of the semantics each test holds (S44–S91).

use std::fmt::Write as _;

use kubectl_mtls::{
    mesh::{Client, ClientKind, Mesh, Verdict, host_matches},
    object::Labels,
    queries::reach::{self, CallAnswer, CallQuestion, CallTarget, Scheme},
};

use crate::support::{ambient_pod, meshed_pod, pod, policy, with, with_env, workload};

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

    fn question<'m>(&self, mesh: &'m Mesh<'m>, to: CallTarget<'m>) -> CallQuestion<'m> {
        let subset = self.subset.map(ToOwned::to_owned);
        CallQuestion { from: client(mesh, self.from), to, port: self.port, subset, scheme: self.scheme }
    }

    /// The call to a host.
    pub(crate) fn ask<'m>(&self, mesh: &'m Mesh<'m>) -> CallAnswer<'m> {
        reach::reach(mesh, &self.question(mesh, CallTarget::Host(self.host.to_owned())))
    }

    /// The call to the addresses of a workload's pods.
    pub(crate) fn ask_pods<'m>(&self, mesh: &'m Mesh<'m>) -> CallAnswer<'m> {
        reach::reach(mesh, &self.question(mesh, CallTarget::Pods(workload(mesh, self.host), None)))
    }

    /// What comes of it.
    pub(crate) fn outcome(&self, mesh: &Mesh<'_>) -> String {
        outcome(&self.ask(mesh))
    }

    /// What is sent.
    pub(crate) fn wire(&self, mesh: &Mesh<'_>) -> String {
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
pub(crate) fn outcome(reach: &CallAnswer<'_>) -> String {
    match reach.failure {
        Some(failure) => failure.code().to_owned(),
        None => joined(reach.endpoints.iter().map(|reached| word(reached.evaluation.verdict))),
    }
}

/// The words for what is sent, each once.
pub(crate) fn wire(reach: &CallAnswer<'_>) -> String {
    joined(reach.endpoints.iter().map(|reached| reached.sent_as.as_str()))
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
pub(crate) fn aged(second: u8, namespace: &str, name: &str, host: &str, spec: &str) -> String {
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

/// A line of `MeshConfig`.
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
                let sees = |name: &&str| mesh.indices().destination(&client(mesh, from), &host(name), 80).is_some();
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
            let sees = |host: &str| mesh.indices().destination(&client(mesh, "client"), host, 80).is_some();
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
        with(&yaml, |mesh| assert_eq!(mesh.indices().destination(&client(mesh, "client"), DB, 80).is_some(), expected, "{spec}"));
    }
}

#[test]
fn s47_export_to_says_who_sees_a_service() {
    // What the object says, what `MeshConfig` says, and whether clients of the service's, of another and of a third namespace see it.
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
                let sees = ["in-data", "in-web", "in-third"].map(|from| mesh.indices().destination(&client(mesh, from), DB, 80).is_some());
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
            let wins = |from: &str| mesh.indices().destination(&client(mesh, from), DB, 80).map(|to| to.service.id.path());
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
        // A name without a dot, too, and then a wildcard.
        ("data", "*db", true),
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
        let yaml =
            meshed_pod("web", "client", "app: client", "", &[]) + &entry("web", "foo", hosts) + &rule("web", "r", host, &tls("SIMPLE"));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", "a.foo.com").rule(mesh), expected, "{host}"));
    }
}

#[test]
fn s54_the_most_specific_host_wins() {
    let hosts = ["*", "*.local", "*.svc.cluster.local", "*.data.svc.cluster.local", "*db.data.svc.cluster.local", DB];
    for last in 0..hosts.len() {
        // The most specific one is the youngest, so that age cannot be what decides.
        let rules: String =
            (0..=last).map(|at| aged(u8::try_from(at).unwrap(), "web", &format!("r{at}"), hosts[at], &tls("DISABLE"))).collect();
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

#[test]
fn s61_an_entry_for_a_service_port_stands_in_for_the_whole() {
    let entry = |port: u16, tls: &str| format!("portLevelSettings: [{{port: {{number: {port}}}{tls}}}]");
    let table = [
        ("tls: {mode: ISTIO_MUTUAL}".to_owned(), "mtls"),
        (format!("tls: {{mode: ISTIO_MUTUAL}}, {}", entry(80, ", tls: {mode: DISABLE}")), "F2"),
        (format!("tls: {{mode: DISABLE}}, {}", entry(80, ", tls: {mode: ISTIO_MUTUAL}")), "mtls"),
        // The number is the service's, not the workload's.
        (format!("tls: {{mode: DISABLE}}, {}", entry(8080, ", tls: {mode: ISTIO_MUTUAL}")), "F2"),
        (entry(80, ", tls: {mode: DISABLE}"), "F2"),
        (entry(81, ", tls: {mode: DISABLE}"), "mtls"),
    ];
    for (traffic, expected) in table {
        let yaml = pair() + &policy("data", "db", "", STRICT) + &rule("web", "r", DB, &format!("trafficPolicy: {{{traffic}}}"));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "{traffic}"));
    }
    // No inheritance: the entry without tls leaves the port to automatic mTLS.
    let traffic = format!("trafficPolicy: {{tls: {{mode: DISABLE}}, {}}}", entry(80, ""));
    with(&(pair() + &rule("web", "r", DB, &traffic)), |mesh| {
        assert_eq!(Asked::new("client", DB).ask(mesh).client.cluster.unwrap().configured, None);
    });
}

const STRICT: &str = "mtls: {mode: STRICT}";

#[test]
fn s62_subsets() {
    let at = |settings: &str| format!("portLevelSettings: [{{port: {{number: 80}}, {settings}}}]");
    let (off, on) = ("tls: {mode: DISABLE}", "tls: {mode: ISTIO_MUTUAL}");
    let nothing = "connectionPool: {tcp: {maxConnections: 1}}";
    // The policy of the host, that of the subset, and the mode that comes of it.
    let table = [
        (off.to_owned(), String::new(), "DISABLE"),
        (off.to_owned(), nothing.to_owned(), "DISABLE"),
        (off.to_owned(), on.to_owned(), "ISTIO_MUTUAL"),
        (at(off), on.to_owned(), "ISTIO_MUTUAL"),
        (at(off), nothing.to_owned(), "DISABLE"),
        (off.to_owned(), format!("{off}, {}", at(on)), "ISTIO_MUTUAL"),
        (on.to_owned(), at(nothing), "-"),
        (on.to_owned(), format!("{off}, {}", at(nothing)), "-"),
        (format!("{on}, {}", at(nothing)), String::new(), "-"),
        (format!("{on}, {}", at(nothing)), off.to_owned(), "DISABLE"),
        (String::new(), String::new(), "-"),
    ];
    for (whole, subset, expected) in table {
        let spec = format!("trafficPolicy: {{{whole}}}, subsets: [{{name: v1, labels: {{app: db}}, trafficPolicy: {{{subset}}}}}]");
        with(&(pair() + &rule("web", "r", DB, &spec)), |mesh| {
            let found = Asked::new("client", DB).subset("v1").ask(mesh).client.cluster.unwrap().configured;
            assert_eq!(found.map_or("-", |mode| mode.as_str()), expected, "{spec}");
        });
    }
}

#[test]
fn s63_tls_without_a_mode_is_disable() {
    for (traffic, expected) in [("tls: {}", "F2"), ("tls: {sni: x}", "F2"), ("tls: null", "mtls"), ("", "mtls")] {
        let yaml = pair() + &policy("data", "db", "", STRICT) + &rule("web", "r", DB, &format!("trafficPolicy: {{{traffic}}}"));
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "`{traffic}`"));
    }
}

#[test]
fn s64_endpoints_go_by_a_mode_of_their_own() {
    let entry = "portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 1}}}]";
    // The mode of the whole, the endpoint's label, the policy for the endpoint, and what is sent.
    let table = [
        ("DISABLE", "istio", "STRICT", "plaintext"),
        ("SIMPLE", "istio", "STRICT", "plaintext"),
        ("ISTIO_MUTUAL", "istio", "STRICT", "mtls"),
        ("ISTIO_MUTUAL", "istio", "DISABLE", "mtls"),
        ("ISTIO_MUTUAL", "disabled", "STRICT", "plaintext"),
    ];
    for (mode, label, policy_mode, expected) in table {
        for spec in [
            format!("trafficPolicy: {{tls: {{mode: {mode}}}, {entry}}}"),
            format!("subsets: [{{name: v1, labels: {{app: db}}, trafficPolicy: {{tls: {{mode: {mode}}}, {entry}}}}}]"),
        ] {
            let yaml = client_and_db(label)
                + &policy("data", "db", "app=db", &format!("mtls: {{mode: {policy_mode}}}"))
                + &rule("web", "r", DB, &spec);
            let subset = if spec.starts_with("subsets") { "v1" } else { "" };
            with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).subset(subset).wire(mesh), expected, "{label} {policy_mode} {spec}"));
        }
    }
}

/// A pod with a sidecar whose tlsMode label says something else; none if empty.
pub(crate) fn labelled_pod(namespace: &str, name: &str, tls_mode: &str, ports: &[u16]) -> String {
    let label = if tls_mode.is_empty() { String::new() } else { format!(", security.istio.io/tlsMode: '{tls_mode}'") };
    pod(namespace, name, &format!("app: {name}{label}"), "", ports, "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}")
}

fn client_and_db(tls_mode: &str) -> String {
    meshed_pod("web", "client", "app: client", "", &[])
        + &labelled_pod("data", "db", tls_mode, &[8080])
        + &service("data", "db", "app: db", PORT)
}

#[test]
fn s65_to_s69_explicit_modes() {
    let simple = |more: &str| format!("tls: {{mode: SIMPLE{more}}}");
    let mutual = |more: &str| format!("tls: {{mode: MUTUAL{more}}}");
    let files = ", clientCertificate: /a.pem, privateKey: /a.key";
    let (secret, map) = (", credentialName: secret", ", credentialName: 'configmap://ca'");
    // The settings, what a sidecar sends, what a sidecar sends by a rule that selects it, and what a gateway sends.
    let table = [
        ("tls: {mode: DISABLE}".to_owned(), ["plaintext"; 3]),
        ("tls: {mode: ISTIO_MUTUAL}".to_owned(), ["mtls"; 3]),
        (simple(""), ["tls"; 3]),
        (simple(", insecureSkipVerify: true"), ["tls"; 3]),
        (simple(secret), ["plaintext", "tls", "tls"]),
        (simple(map), ["tls"; 3]),
        (mutual(files), ["custom-mtls"; 3]),
        (mutual(secret), ["plaintext", "custom-mtls", "custom-mtls"]),
        (mutual(""), ["plaintext"; 3]),
    ];
    // ISTIO_MUTUAL and the like are for all endpoints, whatever their label and their policy say.
    for (settings, expected) in table {
        for (label, mode) in [("istio", "STRICT"), ("disabled", "STRICT"), ("", "DISABLE")] {
            let traffic = format!("trafficPolicy: {{{settings}}}");
            let base =
                client_and_db(label) + &policy("data", "db", "app=db", &format!("mtls: {{mode: {mode}}}")) + &gateway_pod("web", "edge");
            let plain = base.clone() + &rule("web", "r", DB, &traffic);
            let selecting = base + &rule("web", "r", DB, &format!("{SELECTED}, {traffic}"));
            let sent = |yaml: &str, from: &str| with(yaml, |mesh| Asked::new(from, DB).wire(mesh));
            assert_eq!(
                [sent(&plain, "client"), sent(&selecting, "client"), sent(&plain, "edge")],
                expected,
                "{settings} to `{label}` {mode}"
            );
        }
    }
}

#[test]
fn s70_s71_s73_automatic_mtls() {
    // The namespace's mode, that of the endpoint's port, the endpoint's label, and what is sent.
    let modes = ["-", "DISABLE", "PERMISSIVE", "STRICT"];
    for of_namespace in modes {
        for of_port in modes {
            for label in ["istio", "disabled", "", "other"] {
                let whole =
                    if of_namespace == "-" { String::new() } else { policy("data", "a", "", &format!("mtls: {{mode: {of_namespace}}}")) };
                let own = if of_port == "-" {
                    String::new()
                } else {
                    policy("data", "b", "app=db", &format!("mtls: {{mode: UNSET}}, portLevelMtls: {{8080: {{mode: {of_port}}}}}"))
                };
                let is_off = of_namespace == "DISABLE" || label != "istio" || of_port == "DISABLE";
                let expected = if is_off { "plaintext" } else { "mtls" };
                with(&(client_and_db(label) + &whole + &own), |mesh| {
                    assert_eq!(Asked::new("client", DB).wire(mesh), expected, "namespace {of_namespace} port {of_port} label `{label}`");
                });
            }
        }
    }
}

#[test]
fn s70_the_namespace_of_the_service_counts() {
    let table = [
        (policy("data", "p", "", "mtls: {mode: DISABLE}"), "plaintext"),
        (policy("web", "p", "", "mtls: {mode: DISABLE}"), "mtls"),
        (policy("istio-system", "p", "", "mtls: {mode: DISABLE}"), "plaintext"),
        (policy("istio-system", "p", "", "mtls: {mode: DISABLE}") + &policy("data", "p", "", STRICT), "mtls"),
        (policy("istio-system", "p", "", "mtls: {mode: DISABLE}") + &policy("data", "p", "", "mtls: {mode: UNSET}"), "plaintext"),
        // The policy for the service port's number says nothing about the workload's.
        (policy("data", "p", "app=db", "portLevelMtls: {80: {mode: DISABLE}}"), "mtls"),
        (config("enableAutoMtls: false"), "plaintext"),
    ];
    for (policies, expected) in table {
        with(&(pair() + &policies), |mesh| assert_eq!(Asked::new("client", DB).wire(mesh), expected, "{policies}"));
    }
}

#[test]
fn s70_s75_passthrough_load_balancing() {
    let (past, even) = ("loadBalancer: {simple: PASSTHROUGH}", "loadBalancer: {simple: ROUND_ROBIN}");
    let at_port = format!("portLevelSettings: [{{port: {{number: 80}}, {past}}}]");
    // The rule's policy, the subset's, and what a sidecar sends to a meshed and to a naked endpoint of the same service.
    let table = [
        (even.to_owned(), None, "mtls plaintext"),
        (past.to_owned(), None, "plaintext"),
        // istiod does not see it at a port when it guesses, and sends mTLS to all.
        (at_port.clone(), None, "mtls"),
        (past.to_owned(), Some(""), "mtls"),
        (even.to_owned(), Some(past), "plaintext"),
    ];
    for (whole, subset, expected) in table {
        let subsets = subset.map_or_else(String::new, |policy| format!(", subsets: [{{name: v1, trafficPolicy: {{{policy}}}}}]"));
        let yaml = pair()
            + &pod("data", "naked", "app: db", "", &[8080], "")
            + &rule("web", "r", DB, &format!("trafficPolicy: {{{whole}}}{subsets}"));
        with(&yaml, |mesh| {
            let asked = Asked::new("client", DB).subset(if subset.is_some() { "v1" } else { "" });
            assert_eq!(asked.wire(mesh), expected, "{whole} {subset:?}");
        });
    }
}

#[test]
fn s74_what_an_endpoint_says_of_itself() {
    let machine = |labels: &str, account: &str| {
        let account = if account.is_empty() { String::new() } else { format!(", serviceAccount: {account}") };
        let spec = format!("address: 10.9.9.9, labels: {{app: db{labels}}}{account}");
        networking("WorkloadEntry", "data", "db", "", &spec) + &service("data", "db", "app: db", PORT)
    };
    let inline = |endpoint: &str| {
        entry("data", "db", &format!("hosts: [{DB}], location: MESH_INTERNAL, resolution: STATIC, {SE_PORT}, endpoints: [{{{endpoint}}}]"))
    };
    let by_name = entry("data", "db", &format!("hosts: [{DB}], location: MESH_INTERNAL, resolution: DNS, {SE_PORT}"));
    let table = [
        (machine("", ""), "plaintext"),
        (machine("", "db"), "mtls"),
        (machine(", security.istio.io/tlsMode: disabled", "db"), "plaintext"),
        (machine(", security.istio.io/tlsMode: istio", ""), "mtls"),
        (inline("address: 10.9.9.9"), "plaintext"),
        (inline("address: 10.9.9.9, serviceAccount: db"), "mtls"),
        (inline("address: 10.9.9.9, serviceAccount: db, labels: {security.istio.io/tlsMode: disabled}"), "plaintext"),
        (inline("address: 10.9.9.9, labels: {security.istio.io/tlsMode: istio}"), "mtls"),
        (by_name, "plaintext"),
    ];
    for (objects, expected) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[]) + &objects;
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).wire(mesh), expected, "{objects}"));
    }
}

const SE_PORT: &str = "ports: [{number: 80, name: tcp, protocol: TCP, targetPort: 8080}]";

#[test]
fn s75_headless_is_all_or_nothing() {
    let headless = |target: &str| {
        service_with("data", "db", "", &format!("clusterIP: None, selector: {{app: db}}, ports: [{{name: tcp, port: 80{target}}}]"))
    };
    let base = meshed_pod("web", "client", "app: client", "", &[]) + &meshed_pod("data", "db", "app: db", "", &[80]) + &headless("");
    let naked = pod("data", "naked", "app: db", "", &[80], "");
    let port_off = policy("data", "p", "app=db", "mtls: {mode: UNSET}, portLevelMtls: {80: {mode: DISABLE}}");
    let table = [
        (String::new(), "mtls", "mtls"),
        (naked.clone(), "plaintext", "plain"),
        (naked.clone() + &policy("data", "p", "", STRICT), "plaintext", "F2 plain"),
        (port_off.clone(), "mtls", "F3"),
        (policy("data", "p", "app=db", "mtls: {mode: DISABLE}"), "mtls", "F3"),
        (policy("data", "p", "", "mtls: {mode: DISABLE}"), "plaintext", "plain"),
        (naked + &rule("web", "r", DB, &tls("ISTIO_MUTUAL")), "mtls", "F3 mtls"),
        (rule("web", "r", DB, &tls("DISABLE")), "plaintext", "plain"),
    ];
    for (objects, sent, comes) in table {
        with(&(base.clone() + &objects), |mesh| {
            let found = Asked::new("client", DB).ask(mesh);
            assert_eq!((wire(&found).as_str(), outcome(&found).as_str()), (sent, comes), "{objects}");
        });
    }
    // By endpoints again where istiod is told so.
    with_env(&(base + &port_off), &[("PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES", "true")], |mesh| {
        assert_eq!(Asked::new("client", DB).wire(mesh), "plaintext");
    });
    // The port is not translated.
    let yaml = meshed_pod("web", "client", "app: client", "", &[])
        + &meshed_pod("data", "db", "app: db", "", &[8080])
        + &headless(", targetPort: 8080");
    with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).ask(mesh).endpoints[0].endpoint.port, 80));
}

#[test]
fn s77_gateways_decide_by_endpoint_but_for_the_guess() {
    let headless = service_with("data", "db", "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 80}]");
    let base = gateway_pod("web", "edge") + &meshed_pod("data", "db", "app: db", "", &[80]) + &headless;
    let port_off = policy("data", "p", "app=db", "mtls: {mode: UNSET}, portLevelMtls: {80: {mode: DISABLE}}");
    let naked = pod("data", "naked", "app: db", "", &[80], "");
    for (objects, expected) in [(String::new(), "mtls"), (port_off, "plaintext"), (naked, "plaintext")] {
        with(&(base.clone() + &objects), |mesh| assert_eq!(Asked::new("edge", DB).wire(mesh), expected, "{objects}"));
    }
}

#[test]
fn s78_hbone() {
    let client = meshed_pod("web", "client", "app: client", "", &[]);
    let by_service = service("data", "db", "app: db", PORT);
    let headless = service_with("data", "db", "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 80}]");
    let ambient = |labels: &str| ambient_pod("data", "db", &format!("app: db{labels}"), &[80, 8080]);
    let tunnel = ", networking.istio.io/tunnel: http";
    let hbone_sidecar = meshed_pod("data", "db", &format!("app: db{tunnel}"), "", &[8080]);
    let of = |mode: &str| rule("web", "r", DB, &tls(mode));
    let (on, off) = (("PILOT_ENABLE_AMBIENT", "true"), ("PILOT_ENABLE_AMBIENT", "false"));
    let prefer = ("PILOT_PREFER_SENDING_HBONE", "true");
    let table = [
        (ambient("") + &by_service, vec![on], "hbone"),
        (ambient("") + &by_service, vec![off], "plaintext"),
        (ambient("") + &by_service + &of("DISABLE"), vec![on], "hbone"),
        (ambient("") + &by_service + &of("ISTIO_MUTUAL"), vec![on], "hbone"),
        (ambient("") + &by_service + &of("SIMPLE"), vec![on], "hbone"),
        (ambient("") + &by_service + &config("enableAutoMtls: false"), vec![on], "hbone"),
        // A label left over from a sidecar.
        (ambient(", security.istio.io/tlsMode: istio") + &by_service, vec![on], "mtls"),
        (ambient(", security.istio.io/tlsMode: istio") + &by_service, vec![on, prefer], "hbone"),
        (hbone_sidecar.clone() + &by_service, vec![on], "mtls"),
        (hbone_sidecar.clone() + &by_service, vec![on, prefer], "hbone"),
        (hbone_sidecar + &by_service, vec![off, prefer], "mtls"),
        (ambient("") + &headless, vec![on], "plaintext"),
    ];
    for (objects, env, expected) in table {
        with_env(&(client.clone() + &objects), &env, |mesh| {
            assert_eq!(Asked::new("client", DB).wire(mesh), expected, "{env:?} {objects}");
        });
    }
}

#[test]
fn s79_another_name_for_a_service() {
    let alias = |name: &str, to: &str| service_with("web", name, "", &format!("type: ExternalName, externalName: {to}, ports: [{PORT}]"));
    let base = pair() + &policy("data", "db", "", STRICT);
    let first = "first.web.svc.cluster.local";
    let table = [
        (alias("first", DB), "-", "mtls"),
        (alias("first", "second.web.svc.cluster.local") + &alias("second", DB), "-", "mtls"),
        // The rule for the other name has no effect, that for the service has.
        (alias("first", DB) + &rule("web", "r", first, &tls("DISABLE")), "-", "mtls"),
        (alias("first", DB) + &rule("web", "r", DB, &tls("DISABLE")), "web/r", "F2"),
        (alias("first", "example.com") + &config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"), "-", "F9"),
        (alias("first", "example.com"), "-", "plain"),
        (
            alias("first", "second.web.svc.cluster.local")
                + &alias("second", first)
                + &config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"),
            "-",
            "F9",
        ),
    ];
    for (objects, chosen, expected) in table {
        with(&(base.clone() + &objects), |mesh| {
            let asked = Asked::new("client", first).speaking(Scheme::Http);
            assert_eq!((asked.rule(mesh).as_str(), asked.outcome(mesh).as_str()), (chosen, expected), "{objects}");
        });
    }
}

#[test]
fn s81_a_service_entry_is_outside_unless_it_says_otherwise() {
    let of = |location: &str| {
        entry("data", "db", &format!("hosts: [{DB}], {location}resolution: STATIC, {SE_PORT}, workloadSelector: {{labels: {{app: db}}}}"))
    };
    let table = [
        (of(""), "plaintext"),
        (of("location: MESH_EXTERNAL, "), "plaintext"),
        (of("location: MESH_INTERNAL, "), "mtls"),
        (of("") + &rule("web", "r", DB, &tls("ISTIO_MUTUAL")), "mtls"),
        (of("location: MESH_INTERNAL, ") + &policy("data", "p", "", "mtls: {mode: DISABLE}"), "plaintext"),
    ];
    for (objects, expected) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[]) + &meshed_pod("data", "db", "app: db", "", &[8080]) + &objects;
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).wire(mesh), expected, "{objects}"));
    }
}

/// A meshed pod of `db` with a service account.
fn with_account(name: &str, account: &str) -> String {
    let sidecar = "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}";
    let pod = pod("data", name, "app: db, security.istio.io/tlsMode: istio", "", &[8080], sidecar);
    pod.replace("spec: {containers", &format!("spec: {{serviceAccountName: {account}, containers"))
}

#[test]
fn s84_s85_the_server_has_to_be_one_the_client_accepts() {
    let names = |names: &str| rule("web", "r", DB, &format!("trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL, subjectAltNames: [{names}]}}}}"));
    let own = "spiffe://cluster.local/ns/data/sa/db";
    let table = [
        (String::new(), "mtls"),
        (names(own), "mtls"),
        (names(&format!("spiffe://x/ns/data/sa/db, {own}")), "mtls"),
        (names("spiffe://cluster.local/ns/data/sa/other"), "F5"),
        (names("spiffe://cluster.local/ns/web/sa/db"), "F5"),
        (names("spiffe://elsewhere/ns/data/sa/db"), "F5"),
        // An empty list takes the place of the accounts, and nothing is checked.
        (names(""), "mtls"),
        (names(own) + &with_account("db2", "second"), "F5 mtls"),
        (with_account("db2", "second"), "mtls"),
    ];
    let base = meshed_pod("web", "client", "app: client", "", &[]) + &with_account("db", "db") + &service("data", "db", "app: db", PORT);
    for (objects, expected) in table {
        with(&(base.clone() + &objects), |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "{objects}"));
    }
}

#[test]
fn s84_a_trust_domain_of_its_own() {
    let yaml = meshed_pod("web", "client", "app: client", "", &[])
        + &with_account("db", "db")
        + &service("data", "db", "app: db", PORT)
        + &config("trustDomain: prod.example");
    with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), "mtls"));
    let pinned = |domain: &str| {
        let spec = format!("trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL, subjectAltNames: ['spiffe://{domain}/ns/data/sa/db']}}}}");
        yaml.clone() + &rule("web", "r", DB, &spec)
    };
    for (domain, expected) in [("prod.example", "mtls"), ("cluster.local", "F5")] {
        with(&pinned(domain), |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "{domain}"));
    }
}

#[test]
fn s88_proxyless_clients_need_istio_mutual() {
    let files = "clientCertificate: /a.pem, privateKey: /a.key";
    let table = [
        (String::new(), "plaintext"),
        (rule("web", "r", DB, &tls("ISTIO_MUTUAL")), "mtls"),
        (rule("web", "r", DB, &tls("DISABLE")), "plaintext"),
        (rule("web", "r", DB, &tls("SIMPLE")), "plaintext"),
        (rule("web", "r", DB, &format!("trafficPolicy: {{tls: {{mode: MUTUAL, {files}}}}}")), "plaintext"),
    ];
    for (objects, expected) in table {
        with(&(pair() + &objects), |mesh| {
            let from = Client { kind: ClientKind::Proxyless, ..client(mesh, "client") };
            let question = CallQuestion { from, to: CallTarget::Host(DB.to_owned()), port: 80, subset: None, scheme: None };
            assert_eq!(wire(&reach::reach(mesh, &question)), expected, "{objects}");
        });
    }
}

#[test]
fn s89_a_waypoint_speaks_hbone_or_plaintext() {
    let servers = meshed_pod("data", "sidecar", "app: sidecar", "", &[8080])
        + &meshed_pod("data", "both", "app: both, networking.istio.io/tunnel: http", "", &[8080])
        + &ambient_pod("data", "ambient", "app: ambient", &[8080])
        + &pod("data", "naked", "app: naked", "", &[8080], "");
    let names = ["sidecar", "both", "ambient", "naked"];
    let services = names.map(|name| service("data", name, &format!("app: {name}"), PORT)).concat();
    let files = "clientCertificate: /a.pem, privateKey: /a.key";
    let table = [
        (String::new(), ["plaintext", "hbone", "hbone", "plaintext"]),
        (tls("DISABLE"), ["plaintext", "hbone", "hbone", "plaintext"]),
        (tls("ISTIO_MUTUAL"), ["plaintext", "hbone", "hbone", "plaintext"]),
        (tls("SIMPLE"), ["tls", "hbone", "hbone", "tls"]),
        (format!("trafficPolicy: {{tls: {{mode: MUTUAL, {files}}}}}"), ["custom-mtls", "hbone", "hbone", "custom-mtls"]),
    ];
    for (spec, expected) in table {
        let rule = if spec.is_empty() { String::new() } else { rule("data", "r", "*.data.svc.cluster.local", &spec) };
        with(&(servers.clone() + &services + &rule), |mesh| {
            let sent = names.map(|name| {
                let from = Client::any(mesh.indices(), "data", Labels::default(), ClientKind::Waypoint);
                let to = CallTarget::Host(format!("{name}.data.svc.cluster.local"));
                wire(&reach::reach(mesh, &CallQuestion { from, to, port: 80, subset: None, scheme: None }))
            });
            assert_eq!(sent, expected, "{spec}");
        });
    }
}

#[test]
fn s104_a_verdict_for_every_endpoint() {
    let named = |name: &str, port: u16, protocol: &str| {
        let pod = meshed_pod("data", name, "app: db", "", &[port]);
        pod.replace(&format!("{{containerPort: {port}}}"), &format!("{{containerPort: {port}, name: sql, protocol: {protocol}}}"))
    };
    let client = meshed_pod("web", "client", "app: client", "", &[]);
    let at = |target: &str| service("data", "db", "app: db", &format!("{{name: tcp, port: 80{target}}}"));
    let two = named("one", 5001, "TCP") + &named("two", 5002, "TCP");
    let table: [(String, &[u16]); 6] = [
        (at("") + &two, &[80, 80]),
        (at(", targetPort: 7777") + &two, &[7777, 7777]),
        (at(", targetPort: sql") + &two, &[5001, 5002]),
        (at(", targetPort: sql") + &named("one", 5001, "TCP") + &named("two", 5002, "UDP"), &[5001]),
        (at(", targetPort: other") + &two, &[]),
        (
            at(", targetPort: sql") + &two + &policy("data", "p", "app=db", "mtls: {mode: STRICT}, portLevelMtls: {5002: {mode: DISABLE}}"),
            &[5001, 5002],
        ),
    ];
    for (objects, expected) in table {
        with(&(client.clone() + &objects), |mesh| {
            let found = Asked::new("client", DB).ask(mesh);
            let mut ports: Vec<u16> = found.endpoints.iter().map(|reached| reached.endpoint.port).collect();
            ports.sort_unstable();
            assert_eq!(ports, expected, "{objects}");
            let is_mixed = objects.contains("DISABLE");
            assert_eq!(found.result() == reach::OverallResult::Mixed, is_mixed, "{objects}");
            assert_eq!(
                outcome(&found),
                if is_mixed {
                    "mtls plain"
                } else if expected.is_empty() {
                    "none"
                } else {
                    "mtls"
                },
                "{objects}"
            );
        });
    }
}

#[test]
fn s104_the_port_of_a_slice_goes_by_name() {
    let slice = |ports: &str| slice(ports, "{addresses: [10.1.0.1], targetRef: {kind: Pod, namespace: data, name: db}}");
    let base = pair() + &service("data", "two", "app: db", "{name: a, port: 80}, {name: b, port: 81}");
    for (ports, expected) in
        [("{name: a, port: 9001}, {name: b, port: 9002}", [Some(9001), Some(9002)]), ("{name: b, port: 9002}", [None, Some(9002)])]
    {
        with(&(base.clone() + &slice(ports)), |mesh| {
            let port = |number: u16| {
                let found = Asked::new("client", "two.data.svc.cluster.local").at(number).ask(mesh);
                found.endpoints.first().map(|reached| reached.endpoint.port)
            };
            assert_eq!([port(80), port(81)], expected, "{ports}");
        });
    }
}

/// A slice of the Service `data/two`.
fn slice(ports: &str, endpoints: &str) -> String {
    let mut yaml = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n".to_owned();
    let meta = "metadata: {name: two-1, namespace: data, labels: {kubernetes.io/service-name: two}}";
    writeln!(yaml, "{meta}\nports: [{ports}]\nendpoints: [{endpoints}]").unwrap();
    yaml
}

#[test]
fn s105_who_gets_traffic() {
    let condition = |ready: &str| format!("{{addresses: [10.1.0.1], targetRef: {{kind: Pod, namespace: data, name: db}}{ready}}}");
    let table = [
        (condition(""), "mtls"),
        (condition(", conditions: {}"), "mtls"),
        (condition(", conditions: {ready: true}"), "mtls"),
        (condition(", conditions: {ready: false}"), "none"),
        // A pod that is not there counts as not meshed.
        ("{addresses: [10.1.0.9]}".to_owned(), "plain"),
        (String::new(), "none"),
    ];
    let base = pair() + &service("data", "two", "app: db", "{name: a, port: 80}");
    for (endpoints, expected) in table {
        with(&(base.clone() + &slice("{name: a, port: 8080}", &endpoints)), |mesh| {
            assert_eq!(Asked::new("client", "two.data.svc.cluster.local").outcome(mesh), expected, "{endpoints}");
        });
    }
    let names = slice("{name: a, port: 8080}", &condition("")).replace("IPv4", "FQDN");
    with(&(base + &names), |mesh| assert_eq!(Asked::new("client", "two.data.svc.cluster.local").outcome(mesh), "none"));
}

#[test]
fn s105_pods_that_have_ended_or_are_not_ready() {
    for (status, expected) in [
        ("phase: Running", "mtls"),
        ("phase: Succeeded", "none"),
        ("phase: Failed", "none"),
        ("phase: Running, conditions: [{type: Ready, status: 'True'}]", "mtls"),
        ("phase: Running, conditions: [{type: Ready, status: 'False'}]", "none"),
    ] {
        let db = meshed_pod("data", "db", "app: db", "", &[8080]).replace("phase: Running", status);
        let yaml = meshed_pod("web", "client", "app: client", "", &[]) + &db + &service("data", "db", "app: db", PORT);
        with(&yaml, |mesh| {
            let found = Asked::new("client", DB).ask(mesh);
            assert_eq!(outcome(&found), expected, "{status}");
            assert_eq!(found.result() == reach::OverallResult::NoEndpoints, expected == "none", "{status}");
        });
    }
}

#[test]
fn s51_calls_to_pod_addresses_past_the_proxy() {
    let base = meshed_pod("web", "client", "app: client", "traffic.sidecar.istio.io/excludeOutboundPorts: '8080'", &[])
        + &meshed_pod("data", "db", "app: db", "", &[8080])
        + &policy("data", "db", "", STRICT);
    let headless = service_with("data", "db", "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 8080}]");
    for objects in [String::new(), headless, config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}")] {
        with(&(base.clone() + &objects), |mesh| {
            assert_eq!(outcome(&Asked::new("client", "db").at(8080).ask_pods(mesh)), "F1", "{objects}");
        });
    }
}

#[test]
fn s74_an_address_in_a_slice_is_a_pod_of_its_namespace() {
    let pod_of = |namespace: &str| {
        let pod = meshed_pod(namespace, "addressed", "app: addressed", "", &[8080]);
        pod.replace("phase: Running", "phase: Running, podIP: 10.1.0.7")
    };
    for (namespace, expected) in [("data", "mtls"), ("web", "plaintext")] {
        let yaml = meshed_pod("web", "client", "app: client", "", &[])
            + &pod_of(namespace)
            + &service_with("data", "two", "", "ports: [{name: a, port: 80}]")
            + &slice("{name: a, port: 8080}", "{addresses: [10.1.0.7]}");
        with(&yaml, |mesh| assert_eq!(Asked::new("client", "two.data.svc.cluster.local").wire(mesh), expected, "{namespace}"));
    }
}

#[test]
fn s84_names_that_a_service_adds() {
    let mutual = rule("web", "r", DB, &tls("ISTIO_MUTUAL"));
    let external = |names: &str| {
        let spec =
            format!("hosts: [{DB}], location: MESH_INTERNAL, resolution: STATIC, {SE_PORT}{names}, endpoints: [{{address: 10.1.0.7}}]");
        entry("data", "db", &spec)
    };
    let table = [
        (external(""), "mtls"),
        (external(", subjectAltNames: ['spiffe://cluster.local/ns/data/sa/db']"), "mtls"),
        (external(", subjectAltNames: ['spiffe://cluster.local/ns/data/sa/other']"), "F5"),
        (external(", subjectAltNames: ['spiffe://old.example/ns/data/sa/db']"), "F5"),
        // Every name stands for the same in the trust domain's aliases.
        (external(", subjectAltNames: ['spiffe://cluster.local/ns/data/sa/db']") + &config("trustDomainAliases: [old.example]"), "mtls"),
    ];
    let db = with_account("db", "db").replace("phase: Running", "phase: Running, podIP: 10.1.0.7");
    for (objects, expected) in table {
        let yaml = meshed_pod("web", "client", "app: client", "", &[]) + &db + &mutual + &objects;
        with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).outcome(mesh), expected, "{objects}"));
    }
}

#[test]
fn s84_names_of_a_service_are_in_the_meshs_trust_domain_and_in_its_aliases() {
    let annotations = "alpha.istio.io/kubernetes-serviceaccounts: other, alpha.istio.io/canonical-serviceaccounts: 'vm@corp'";
    let yaml = service_with("data", "db", annotations, &format!("selector: {{app: db}}, ports: [{PORT}]"))
        + &config("{trustDomain: prod.example, trustDomainAliases: [old.example]}");
    with(&yaml, |mesh| {
        let client = Client::any(mesh.indices(), "web", Labels::default(), ClientKind::Sidecar);
        let to = mesh.indices().destination(&client, DB, 80).unwrap();
        let names = mesh.indices().accepted_names(&client, &mesh.indices().cluster(&client, to, None, &[]), &[]);
        assert_eq!(names, ["spiffe://prod.example/ns/data/sa/other", "spiffe://old.example/ns/data/sa/other", "vm@corp"]);
    });
}

#[test]
fn s78_disable_hbone_send() {
    let yaml = meshed_pod("web", "client", "app: client", "proxy.istio.io/config: '{proxyMetadata: {DISABLE_HBONE_SEND: \"true\"}}'", &[])
        + &ambient_pod("data", "db", "app: db", &[8080])
        + &service("data", "db", "app: db", PORT);
    with(&yaml, |mesh| assert_eq!(Asked::new("client", DB).wire(mesh), "plaintext"));
}
