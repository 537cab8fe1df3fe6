//! `VirtualServices` lead calls elsewhere, and bring what they lead to into a client's scope (S46, S83).

use kubectl_mtls::{
    mesh::{Client, ClientKind, Failure, Verdict},
    object::Labels,
    queries::reach::{self, CallQuestion, CallTarget, OverallResult},
};

use crate::support::{ambient_pod, meshed_pod, policy, with, workload};

const WEB: &str = "web.shop.svc.cluster.local";

fn service(namespace: &str, name: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80}}]}}\n"
    )
}

fn route(namespace: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: v, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )
}

/// Services `shop/web` and `data/db`, STRICT and behind sidecars; a rule of the first with two subsets; and whatever else.
fn mesh(more: &str) -> String {
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web, namespace: shop}\nspec: {host: web, subsets: [{name: good, labels: {app: web}}, {name: bare, labels: {app: web}, trafficPolicy: {tls: {mode: DISABLE}}}]}\n";
    meshed_pod("shop", "web", "app: web", "", &[80])
        + &meshed_pod("data", "db", "app: db", "", &[80])
        + &service("shop", "web")
        + &service("data", "db")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + rule
        + more
}

/// What comes of a call from a sidecar of a namespace to a host's port 80, and its code.
fn call(more: &str, from: &str, host: &str) -> (OverallResult, Option<&'static str>) {
    with(&mesh(more), |mesh| {
        let from = Client::any(mesh.indices(), from, Labels::default(), ClientKind::Sidecar);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(host.into()), port: 80, subset: None, scheme: None });
        (answer.result(), answer.lowest_failure().map(Failure::code))
    })
}

const MTLS: (OverallResult, Option<&str>) = (OverallResult::All(Verdict::Mtls), None);

#[test]
fn s83_a_route_picks_the_subset_whose_settings_count() {
    let to = |subsets: &str| route("shop", &format!("hosts: [web], http: [{{route: [{subsets}]}}]"));
    let subset = |name: &str| format!("{{destination: {{host: web, subset: {name}}}}}");
    assert_eq!(call("", "shop", WEB), MTLS);
    assert_eq!(call(&to(&subset("good")), "shop", WEB), MTLS);
    assert_eq!(call(&to(&subset("bare")), "shop", WEB), (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2")));
    let both = format!("{}, {}", subset("good"), subset("bare"));
    assert_eq!(call(&to(&both), "shop", WEB), (OverallResult::Mixed, Some("F2")));
    // A subset that nothing defines has no cluster.
    assert_eq!(call(&to(&subset("none")), "shop", WEB), (OverallResult::All(Verdict::Fail(Failure::NoCluster)), Some("F12")));
    let partly = format!("{}, {}", subset("good"), subset("none"));
    assert_eq!(call(&to(&partly), "shop", WEB), (OverallResult::Mixed, Some("F12")));
}

#[test]
fn s83_a_route_counts_for_whom_it_is_for() {
    let bare = "http: [{route: [{destination: {host: web.shop.svc.cluster.local, subset: bare}}]}]";
    let fails = (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2"));
    let table = [
        ("of another namespace", route("data", &format!("hosts: [{WEB}], {bare}")), fails),
        ("exported to nobody else", route("data", &format!("hosts: [{WEB}], exportTo: ['.'], {bare}")), MTLS),
        ("exported by name", route("data", &format!("hosts: [{WEB}], exportTo: [shop], {bare}")), fails),
        ("of a gateway", route("shop", &format!("hosts: [web], gateways: [ingress], {bare}")), MTLS),
        ("of a gateway and the mesh", route("shop", &format!("hosts: [web], gateways: [ingress, mesh], {bare}")), fails),
        ("of a wildcard", route("shop", &format!("hosts: ['*.shop.svc.cluster.local'], {bare}")), fails),
        ("of another host", route("shop", &format!("hosts: [other], {bare}")), MTLS),
        ("of TCP", route("shop", &format!("hosts: [web], {}", bare.replace("http:", "tcp:"))), MTLS),
        ("of another port", route("shop", &format!("hosts: [web], {}", bare.replace("{route", "{match: [{port: 81}], route"))), MTLS),
        ("of this port", route("shop", &format!("hosts: [web], {}", bare.replace("{route", "{match: [{port: 80}], route"))), fails),
    ];
    for (what, text, expected) in table {
        assert_eq!(call(&text, "shop", WEB), expected, "{what}");
    }
}

#[test]
fn s46_what_a_virtual_service_leads_to_is_in_scope() {
    let db = "db.data.svc.cluster.local";
    let sidecar = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: shop}\nspec: {egress: [{hosts: ['./*']}]}\n";
    let hidden = (OverallResult::All(Verdict::Fail(Failure::PlaintextToStrictEnvoy)), Some("F2"));
    assert_eq!(call(sidecar, "shop", db), hidden);
    let led = |namespace: &str| {
        sidecar.to_owned() + &route(namespace, &format!("hosts: [web.{namespace}], http: [{{route: [{{destination: {{host: {db}}}}}]}}]"))
    };
    assert_eq!(call(&led("shop"), "shop", "web.shop"), MTLS, "the route has a cluster");
    assert_eq!(call(&led("shop"), "shop", db), hidden, "the host itself has neither a listener nor a route");
    assert_ne!(call(&led("data"), "shop", "web.data"), MTLS, "the VirtualService itself is hidden");
}

#[test]
fn s120_a_process_of_the_host_is_told_that_its_own_node_lets_it_pass() {
    let agent = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: ops, labels: {app: agent}}\nspec: {hostNetwork: true, containers: [{name: a, image: a}]}\nstatus: {phase: Running}\n";
    let text = ambient_pod("shop", "web", "app: web", &[80])
        + &service("shop", "web")
        + &policy("shop", "default", "", "mtls: {mode: STRICT}")
        + agent;
    with(&text, |mesh| {
        let agent = workload(mesh, "agent");
        let from = Client::workload(agent, &agent.instances[0]);
        let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(WEB.into()), port: 80, subset: None, scheme: None });
        assert_eq!(answer.result(), OverallResult::All(Verdict::Fail(Failure::HboneRequired)));
        assert!(answer.notes.iter().any(|note| note.message.contains("own node")));
    });
}
