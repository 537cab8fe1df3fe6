//! What breaks under STRICT, and the way there (S191–S209).

use std::{collections::BTreeSet, fs};

use kubectl_mtls::{
    checks,
    istio::{Mode, PeerAuthentication},
    mesh::{Client, ClientKind, ControlPlaneOptions, Failure, Mesh, Resolution, Verdict},
    object::{Id, Kind, Labels, Read, Snapshot, Text},
    queries::{
        Scope,
        compare::BeforeAfter,
        diff::{self, Effect},
        migrate::{self, Blocker, Confidence, MigrationCause, Policy, Readiness, Target},
        reach::{CallQuestion, CallTarget, reach},
    },
};
use proptest::prelude::*;

use crate::{
    api::Api,
    naive,
    support::{ambient_pod, folder, meshed_pod, namespace, pod, policy, snapshot, word},
};

fn everything() -> Scope {
    Scope { include_system: true, ..Scope::default() }
}

/// Policies as a snapshot.
fn read(policies: &[Policy]) -> Snapshot {
    let text = kubectl_mtls::cli::manifest::policies(policies).unwrap();
    if text.is_empty() { Snapshot::default() } else { snapshot(&text) }
}

/// The blockers of every namespace, and how each stands.
fn check(before: &Snapshot) -> (Vec<Blocker>, Vec<(Text, Readiness)>) {
    let mesh = Mesh::new(before, &ControlPlaneOptions::default());
    let target = Target::namespaces(&mesh, &everything());
    let overlaid = before.with_manifests(&read(&migrate::strict_policies(&mesh, &target)), &BTreeSet::new());
    let after = Mesh::new(&overlaid, &ControlPlaneOptions::default());
    let blockers = migrate::blockers(BeforeAfter { before: &mesh, after: &after }, &target, &everything());
    let ready = |name: &Text| {
        let own = blockers.iter().filter(|blocker| blocker.namespace == *name);
        (name.clone(), migrate::readiness(&mesh, &target, name, own))
    };
    let ready = target.namespaces.iter().map(ready).collect();
    (blockers, ready)
}

/// `MTLS401 possible`: what is in the way of a namespace.
fn in_the_way(yaml: &str, namespace: &str) -> Vec<String> {
    let (blockers, _) = check(&snapshot(yaml));
    let own = blockers.iter().filter(|blocker| blocker.namespace == namespace);
    let words: BTreeSet<String> =
        own.map(|blocker| format!("{} {}", checks::migration_rule(blocker.cause).id, word(blocker.confidence))).collect();
    words.into_iter().collect()
}

const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, name: http}]}\n";

fn shop() -> String {
    namespace("shop", "istio-injection: enabled") + &namespace("web", "") + &meshed_pod("shop", "db", "app: db", "", &[80]) + SERVICE
}

fn rule(spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: db, namespace: shop}}\nspec: {{host: db, {spec}}}\n"
    )
}

#[test]
fn s191_to_s204_each_cause_is_found_where_it_is_and_only_there() {
    let meshed_web = || meshed_pod("web", "web", "app: web", "", &[81]);
    let hidden = "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: own, namespace: web}\nspec: {egress: [{hosts: [\"web/*\"]}]}\n";
    let out = |annotation: &str| meshed_pod("web", "web", "app: web", annotation, &[81]);
    let host = pod("web", "agent", "app: agent", "", &[81], "").replace("spec: {", "spec: {hostNetwork: true, ");
    let proxyless =
        meshed_pod("web", "grpc", "app: grpc", "", &[81]).replace("sidecar]", "sidecar], env: [{name: ISTIO_META_GENERATOR, value: grpc}]");
    let unlabelled =
        meshed_pod("shop", "db", "app: db", "", &[80]).replace("security.istio.io/tlsMode: istio", "security.istio.io/tlsMode: none");
    let headless = SERVICE.replace("selector", "clusterIP: None, selector").replace("name: http", "name: tcp-db");
    let table: [(&str, String, &[&str]); 17] = [
        ("nobody but sidecars", shop() + &meshed_web(), &[]),
        ("S191 a client without proxy", shop() + &pod("web", "web", "app: web", "", &[81], ""), &["MTLS401 possible"]),
        ("S192 a client on the host's network", shop() + &host, &["MTLS402 possible"]),
        (
            "S197 an endpoint without proxy behind a headless service",
            shop().replace(SERVICE, &headless) + &meshed_web() + &pod("shop", "old", "app: db", "", &[80], ""),
            &["MTLS401 possible", "MTLS407 certain"],
        ),
        ("S198 a service that the client does not see", shop() + &meshed_web() + hidden, &["MTLS408 possible"]),
        ("S199 a rule that says DISABLE", shop() + &rule("trafficPolicy: {tls: {mode: DISABLE}}"), &["MTLS409 certain"]),
        ("S199 a rule that says SIMPLE", shop() + &rule("trafficPolicy: {tls: {mode: SIMPLE}}"), &["MTLS409 certain"]),
        ("S199 a rule that says ISTIO_MUTUAL", shop() + &rule("trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"), &[]),
        ("S200 the port is excluded", shop() + &out("traffic.sidecar.istio.io/excludeOutboundPorts: \"80\""), &["MTLS410 possible"]),
        ("S200 init containers before the proxy", shop() + &out("").replace("spec: {", "spec: {initContainers: [{name: fetch}], "), &["MTLS410 possible"]),
        (
            "S152 init containers after a native proxy",
            shop() + &out("").replace("spec: {containers: [", "spec: {initContainers: [{name: istio-proxy, args: [proxy, sidecar], restartPolicy: Always}, {name: fetch}], containers: [").replace(", {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}", ""),
            &[],
        ),
        ("S200 another port is excluded", shop() + &out("traffic.sidecar.istio.io/excludeOutboundPorts: \"81\""), &[]),
        ("S201 a label of another value", namespace("shop", "istio-injection: enabled") + &unlabelled + SERVICE, &["MTLS411 certain"]),
        ("S202 an ambient client", shop() + &ambient_pod("web", "web", "app: web", &[81]), &["MTLS412 possible"]),
        (
            "S203 another identity",
            shop() + &rule("trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: [\"spiffe://other/ns/a/sa/b\"]}}"),
            &["MTLS413 certain"],
        ),
        ("S204 a proxyless client", shop() + &proxyless, &["MTLS414 possible"]),
        (
            "S205 a gateway as client",
            shop() + &meshed_pod("web", "gw", "istio: ingressgateway", "", &[80]).replace("proxy, sidecar", "proxy, router"),
            &[],
        ),
    ];
    for (what, yaml, expected) in table {
        assert_eq!(in_the_way(&yaml, "shop"), expected, "{what}");
    }
}

/// A Deployment `db` that is injected: annotations, and the rest of its container in flow style.
fn deployed(annotations: &str, container: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: db, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: db}}, \
         annotations: {{{annotations}}}}}, spec: {{containers: [{{name: app, ports: [{{containerPort: 80}}]{container}}}]}}}}}}\n"
    )
}

#[test]
fn s193_to_s196_each_caller_from_outside_is_found_where_it_is_and_only_there() {
    const AS_WRITTEN: &str = "sidecar.istio.io/rewriteAppHTTPProbers: 'false'";
    const SCRAPED: &str = "prometheus.io/scrape: 'true', prometheus.io/port: '80'";
    let get = ", readinessProbe: {httpGet: {port: 80}}";
    let apart = format!("{SCRAPED}, prometheus.istio.io/merge-metrics: 'false'");
    let excluded = "traffic.sidecar.istio.io/excludeInboundPorts: '80'";
    let hook = |service: &str| {
        format!(
            "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: hook}}\nwebhooks: [{{name: a.b.c, clientConfig: {{service: {{namespace: shop, name: {service}, port: 80}}}}}}]\n"
        )
    };
    // The API server speaks TLS, which a port that is declared as HTTP never takes.
    let unnamed = SERVICE.replace(", name: http", ", name: https");
    let of_type = |kind: &str| SERVICE.replace("spec: {", &format!("spec: {{type: {kind}, "));
    let ingress = |class: &str| {
        format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: db, namespace: shop}}\nspec: {{ingressClassName: {class}, defaultBackend: {{service: {{name: db, port: {{number: 80}}}}}}}}\n"
        )
    };
    let plain = || deployed("", "");
    let table: [(&str, String, &[&str]); 18] = [
        ("S193 a probe as it was written", deployed(AS_WRITTEN, get), &["MTLS403 certain"]),
        ("S193 a probe that injection rewrites", deployed("", get), &[]),
        ("S193 a port past the proxy", deployed(&format!("{AS_WRITTEN}, {excluded}"), get), &[]),
        ("S186 a probe that only connects", deployed(AS_WRITTEN, ", livenessProbe: {tcpSocket: {port: 80}}"), &[]),
        ("S194 a scrape of the application's port", deployed(&apart, ""), &["MTLS404 certain"]),
        ("S194 metrics that the agent merges", deployed(SCRAPED, ""), &[]),
        ("S194 nobody scrapes", deployed("prometheus.istio.io/merge-metrics: 'false'", ""), &[]),
        ("S195 a webhook", plain() + &unnamed + &hook("db"), &["MTLS405 certain"]),
        ("S195 a webhook of another service", plain() + &unnamed + &hook("other"), &[]),
        ("S195 a webhook past the proxy", deployed(excluded, "") + &unnamed + &hook("db"), &[]),
        ("S196 a load balancer", plain() + &of_type("LoadBalancer"), &["MTLS406 certain"]),
        ("S196 a port of every node", plain() + &of_type("NodePort"), &["MTLS406 possible"]),
        ("S196 a service of the cluster", plain() + &of_type("ClusterIP"), &[]),
        ("S196 a port of the node", plain().replace("containerPort: 80", "containerPort: 80, hostPort: 80"), &["MTLS406 possible"]),
        ("S196 an ingress controller outside the mesh", plain() + SERVICE + &ingress("nginx"), &["MTLS406 possible"]),
        ("S196 Istio's own", plain() + SERVICE + &ingress("istio"), &[]),
        ("nobody", plain() + SERVICE, &[]),
        (
            "S205 all of them, at a gateway",
            meshed_pod("shop", "db", "app: db", "", &[80]).replace("proxy, sidecar", "proxy, router") + &of_type("LoadBalancer"),
            &[],
        ),
    ];
    for (what, yaml, expected) in table {
        let mut found = in_the_way(&(namespace("shop", "istio-injection: enabled") + &yaml), "shop");
        found.retain(|one| ("MTLS403".."MTLS407").contains(&&one[..7]));
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn s195_what_a_caller_from_outside_never_reaches_is_told_and_gets_no_exception() {
    // TLS meets a port that is declared as HTTP: that fails while the port is PERMISSIVE, too.
    let hook = "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: hook}\nwebhooks: [{name: a.b.c, clientConfig: {service: {namespace: shop, name: db, port: 80}}}]\n";
    let (blockers, _) = check(&snapshot(&(shop() + hook)));
    let [one] = &blockers[..] else { panic!("{blockers:?}") };
    assert!(one.fails_already() && !one.breaks_working_call(), "{one:?}");
}

#[test]
fn one_caller_of_several_servers_of_a_namespace_is_one_blocker() {
    let hook = "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: hook}\nwebhooks: [{name: a.b.c, clientConfig: {service: {namespace: shop, name: db, port: 80}}}]\n";
    let both = shop() + &meshed_pod("shop", "other", "app: db", "", &[80]) + hook;
    let (blockers, _) = check(&snapshot(&both));
    let [one] = &blockers[..] else { panic!("{blockers:?}") };
    assert_eq!(one.servers.len(), 2, "{one:?}");
}

/// The rule about callers that a STRICT in force may refuse: it has no blocker, because nothing changes.
const IN_FORCE_ONLY: &str = "MTLS415";

#[test]
fn the_examples_of_each_rule_have_its_blocker_or_none() {
    let fired =
        |yaml: &str| check(&snapshot(yaml)).0.iter().map(|blocker| checks::migration_rule(blocker.cause).id).collect::<BTreeSet<_>>();
    for rule in checks::MIGRATION.iter().filter(|rule| !rule.is_of_traffic() && rule.id != IN_FORCE_ONLY) {
        assert_eq!(fired(rule.bad), BTreeSet::from([rule.id]), "{}", rule.name);
        assert_eq!(fired(rule.good), BTreeSet::new(), "{}", rule.name);
    }
}

#[test]
fn the_examples_of_the_rule_about_a_strict_in_force_are_those_of_analyze() {
    let rule = checks::find(IN_FORCE_ONLY).unwrap();
    let fired = |yaml: &str| {
        let read = snapshot(yaml);
        let mesh = Mesh::new(&read, &ControlPlaneOptions::default());
        checks::run(&mesh, |_| true).iter().map(|one| one.rule.id).collect::<Vec<_>>()
    };
    assert_eq!((fired(rule.bad), fired(rule.good)), (vec![IN_FORCE_ONLY], Vec::new()));
}

#[test]
fn the_rules_of_migration_are_those_of_all_causes_in_order_of_their_ids() {
    let ids = |rules: &[&checks::Rule]| rules.iter().map(|rule| rule.id).collect::<Vec<_>>();
    let mut of_causes: Vec<_> = MigrationCause::ALL.into_iter().map(checks::migration_rule).collect();
    of_causes.push(checks::find(IN_FORCE_ONLY).unwrap());
    of_causes.sort_by_key(|rule| rule.id);
    // An unrewritten probe has two causes and one rule.
    of_causes.dedup_by_key(|rule| rule.id);
    assert_eq!(ids(checks::MIGRATION), ids(&of_causes));
    assert!(ids(checks::MIGRATION).is_sorted_by(|a, b| a < b));
    // A cause that is missing from the list has its rule in this file all the same.
    let written = fs::read_to_string("src/checks/migration/rules.rs").unwrap();
    let written: Vec<&str> = written.lines().filter_map(|line| line.trim().strip_prefix("id: \"")?.strip_suffix("\",")).collect();
    assert_eq!(ids(checks::MIGRATION), written);
}

#[test]
fn rules_of_traffic_apply_only_where_traffic_was_read() {
    let ids = |has_traffic| checks::migration_rules(has_traffic).map(|rule| rule.id).collect::<BTreeSet<_>>();
    let of_traffic: BTreeSet<&str> =
        [MigrationCause::PlaintextSeen, MigrationCause::NoEvidence].map(|cause| checks::migration_rule(cause).id).into();
    assert_eq!(ids(true).difference(&ids(false)).copied().collect::<BTreeSet<_>>(), of_traffic);
    assert!(
        checks::all_rules().all(|rule| rule.is_of_traffic() == of_traffic.contains(rule.id) && rule.good.is_empty() == rule.bad.is_empty())
    );
}

#[test]
fn s205_a_port_that_the_proxy_does_not_take_is_not_in_the_way() {
    let open = shop().replace("annotations: {}", "annotations: {traffic.sidecar.istio.io/excludeInboundPorts: \"80\"}");
    assert_ne!(open, shop());
    let client = pod("web", "web", "app: web", "", &[81], "");
    let found = in_the_way(&(open + &client), "shop");
    assert!(!found.iter().any(|one| one.starts_with("MTLS401")), "{found:?}");
}

#[test]
fn a_namespace_is_already_strict_ready_unknown_or_blocked() {
    let stands = |yaml: &str| check(&snapshot(yaml)).1.into_iter().find(|(name, _)| name == "shop").map(|(_, ready)| ready);
    assert_eq!(stands(&(shop() + &policy("shop", "default", "", "mtls: {mode: STRICT}"))), Some(Readiness::Already));
    assert_eq!(stands(&shop()), Some(Readiness::Ready));
    assert_eq!(stands(&(shop() + &pod("web", "web", "app: web", "", &[81], ""))), Some(Readiness::Unknown));
    assert_eq!(stands(&(shop() + &rule("trafficPolicy: {tls: {mode: DISABLE}}"))), Some(Readiness::Blocked));
}

#[test]
fn a_policy_keeps_what_it_says_and_the_ports_that_it_leaves_open() {
    let table = [
        ("nothing there", String::new(), "", vec!["shop/default * STRICT"]),
        ("the namespace's own, under its name", policy("shop", "own", "", "mtls: {mode: PERMISSIVE}"), "", vec!["shop/own * STRICT"]),
        (
            "a workload's, with a port",
            policy("shop", "db", "app=db", "mtls: {mode: DISABLE}, portLevelMtls: {80: {mode: PERMISSIVE}}"),
            "",
            vec!["shop/default * STRICT", "shop/db app=db STRICT 80=PERMISSIVE"],
        ),
        ("a name that is taken", policy("shop", "default", "app=db", "mtls: {mode: STRICT}"), "", vec!["shop/default-1 * STRICT"]),
    ];
    for (what, more, _, expected) in table {
        let before = snapshot(&(shop() + &more));
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let policies = migrate::strict_policies(&mesh, &Target::namespaces(&mesh, &everything()));
        let read = read(&policies);
        let after = Mesh::new(&read, &ControlPlaneOptions::default());
        let mut found: Vec<String> = Vec::new();
        for policy in policies.iter().filter_map(|policy| after.policies().get(&policy.id)).filter(|policy| policy.id.namespace == "shop") {
            let selector = policy.selector.labels().map_or_else(|| "*".to_owned(), ToString::to_string);
            let ports = policy.ports.iter().map(|(port, mode)| format!(" {port}={}", mode.unwrap())).collect::<Vec<_>>().concat();
            found.push(format!("{} {selector} {}{ports}", policy.id.path(), policy.mode.unwrap()));
        }
        assert_eq!(found, expected, "{what}");
        assert!(after.indices().errors().is_empty(), "{what}: {:?}", after.indices().errors());
    }
}

/// Every call that fails, client by client: `namespace kind host port workload`.
fn failing(mesh: &Mesh<'_>) -> BTreeSet<(Text, String)> {
    let callers: Vec<_> = naive::everybody(mesh).into_iter().collect();
    failing_calls(mesh, &callers, &[None])
}

/// A failing call, however it fails.
fn without_code(call: &str) -> &str {
    call.rsplit_once(' ').map_or(call, |(call, _)| call)
}

/// The same, of the clients that a rule may be written for, too, whether or not they exist, and of subsets.
fn possibly_failing(mesh: &Mesh<'_>) -> BTreeSet<(Text, String)> {
    let mut callers: Vec<_> = naive::everybody(mesh).into_iter().collect();
    let of_rules = mesh.destination_rules().iter().filter_map(|rule| rule.selector.labels().cloned());
    let labels: BTreeSet<Labels> = of_rules.chain(callers.iter().map(|(_, _, labels)| labels.clone())).chain([Labels::default()]).collect();
    for namespace in mesh.namespaces().keys() {
        callers.extend(labels.iter().map(|labels| (namespace.clone(), ClientKind::Sidecar, labels.clone())));
    }
    let subsets = mesh.destination_rules().iter().flat_map(|rule| rule.subsets.iter().map(|subset| subset.name.to_string()));
    let subsets: BTreeSet<Option<String>> = subsets.map(Some).chain([None]).collect();
    failing_calls(mesh, &callers, &subsets.into_iter().collect::<Vec<_>>())
}

fn failing_calls(mesh: &Mesh<'_>, callers: &[(Text, ClientKind, Labels)], subsets: &[Option<String>]) -> BTreeSet<(Text, String)> {
    let mut found = BTreeSet::new();
    for service in mesh.registry().services().iter().filter(|one| !one.is_external() && one.resolution() != Resolution::Alias) {
        for port in &service.ports {
            for ((namespace, kind, labels), subset) in callers.iter().flat_map(|caller| subsets.iter().map(move |subset| (caller, subset)))
            {
                let from = Client::any(mesh.indices(), namespace, labels.clone(), *kind);
                let to = CallTarget::Host(service.host.to_string());
                let answer = reach(mesh, &CallQuestion { from, to, port: port.number, subset: subset.clone(), scheme: None });
                for one in &answer.endpoints {
                    let (Verdict::Fail(failure), Some((workload, _))) = (one.evaluation.verdict, one.endpoint.server) else { continue };
                    let call =
                        format!("{namespace} {} {}:{} {} {}", kind.as_str(), service.host, port.number, workload.subject, failure.code());
                    found.insert((workload.subject.namespace.clone(), call));
                }
            }
        }
    }
    found
}

/// The document of `migrate-check` on a folder.
fn document(folder: &str) -> serde_json::Value {
    let args = ["migrate-check", "-R", "-f", folder, "-o", "json"];
    let output = snapbox::cmd::Command::new(snapbox::cmd::cargo_bin!("kubectl-mtls")).args(args).env_remove("KUBECONFIG").assert();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn each_wave_breaks_nothing_but_what_it_says_it_rests_on_and_the_last_is_strict() {
    let mut before = folder("testdata/meshes/migration");
    let document = document("testdata/meshes/migration");
    let waves = document["waves"].as_array().unwrap();
    assert!(waves.len() > 2);
    for wave in waves {
        let after = before.with_manifests(&snapshot(wave["manifests"].as_str().unwrap()), &BTreeSet::new());
        let rests: String =
            wave["conditions"].as_array().unwrap().iter().map(|message| message.as_str().unwrap()).collect::<Vec<_>>().join("; ");
        let (was, is) = (Mesh::new(&before, &ControlPlaneOptions::default()), Mesh::new(&after, &ControlPlaneOptions::default()));
        for call in
            diff::diff(BeforeAfter { before: &was, after: &is }, &everything()).calls.iter().filter(|call| call.effect == Effect::Breaks)
        {
            for namespace in &call.namespaces {
                let is_named = rests.contains(namespace.as_str()) && rests.contains(call.service.namespace.as_str());
                assert!(is_named, "wave {}: {namespace} ({}) no longer reaches {}", wave["wave"], call.kind.as_str(), call.service);
            }
        }
        before = after;
    }
    let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
    assert_eq!(mesh.mesh_mode().mode, Mode::Strict);
    let target = Target::namespaces(&mesh, &everything());
    for name in &target.namespaces {
        assert_eq!(migrate::readiness(&mesh, &target, name, []), Readiness::Already, "{name}");
    }
}

#[test]
fn the_way_back_of_every_wave_undoes_it() {
    let start = folder("testdata/meshes/migration");
    let mut states = vec![start];
    let document = document("testdata/meshes/migration");
    let waves = document["waves"].as_array().unwrap();
    for wave in waves {
        let next = states.last().unwrap().with_manifests(&snapshot(wave["manifests"].as_str().unwrap()), &BTreeSet::new());
        states.push(next);
    }
    for (wave, pair) in waves.iter().zip(states.windows(2)) {
        let back = wave["rollback"].as_str().unwrap();
        let parts: Vec<&str> = back.split("kubectl apply -f - <<'EOF'\n").skip(1).map(|part| part.split("EOF\n").next().unwrap()).collect();
        let deleted: BTreeSet<Id> = back
            .lines()
            .filter_map(|line| line.strip_prefix("kubectl delete peerauthentication ")?.split_once(" -n "))
            .map(|(name, namespace)| Id::new(Kind::PeerAuthentication, namespace, name))
            .collect();
        let manifests = if parts.is_empty() { Snapshot::default() } else { snapshot(&parts.join("---\n")) };
        let undone = pair[1].with_manifests(&manifests, &deleted);
        let (was, is) = (Mesh::new(&pair[0], &ControlPlaneOptions::default()), Mesh::new(&undone, &ControlPlaneOptions::default()));
        let diff = diff::diff(BeforeAfter { before: &was, after: &is }, &everything());
        assert!(diff.modes.is_empty() && diff.calls.is_empty(), "wave {}: {:?}", wave["wave"], diff.modes);
    }
}

#[test]
fn a_manifest_reads_as_its_policy_whatever_the_names_are() {
    for name in ["shop", "a-1", "123", "1e3", "0x1f", "true", "on", "null", "2026-01-01"] {
        let yaml = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {0:?}}}\n---\n{1}",
            name,
            meshed_pod("NAME", "db", "app: db", "", &[80]).replace("NAME", &format!("{name:?}"))
        );
        let before = snapshot(&yaml);
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let policies = migrate::strict_policies(&mesh, &Target::namespaces(&mesh, &everything()));
        assert_eq!(policies.len(), 1, "{name}");
        let bodies = |snapshot: Snapshot| snapshot.peer_authentications.into_iter().map(|read| (read.id, read.body)).collect::<Vec<_>>();
        let tried = bodies(migrate::snapshot_with_policies(&mesh, &policies));
        assert_eq!(bodies(read(&policies)), tried, "{name}: {}", kubectl_mtls::cli::manifest::policy(&policies[0]).unwrap());
        assert!(tried.iter().all(|(id, _)| *id.namespace == *name), "{name}");
    }
}

proptest! {
    #![proptest_config(naive::at_least(256))]

    #[test]
    fn s209_a_namespace_that_is_ready_has_no_failing_call_under_strict(world in naive::world()) {
        let before = snapshot(&world.yaml());
        let (_, ready) = check(&before);
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let overlaid = before.with_manifests(&read(&migrate::strict_policies(&mesh, &Target::namespaces(&mesh, &everything()))), &BTreeSet::new());
        let after = Mesh::new(&overlaid, &ControlPlaneOptions::default());
        // What fails STRICT or not is in no step's way.
        let (failed, failing) = (failing(&mesh), failing(&after));
        let failed: BTreeSet<&str> = failed.iter().map(|(_, call)| without_code(call)).collect();
        for (name, _) in ready.iter().filter(|(_, ready)| *ready == Readiness::Ready) {
            let own = failing.iter().filter(|(namespace, _)| namespace == name);
            let own: Vec<_> = own.filter(|(_, call)| !failed.contains(without_code(call))).collect();
            prop_assert!(own.is_empty(), "{name}: {own:?}");
        }
    }

    #[test]
    fn what_is_in_the_way_is_a_call_that_fails_under_strict(world in naive::world()) {
        let before = snapshot(&world.yaml());
        let (blockers, _) = check(&before);
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let overlaid = before.with_manifests(&read(&migrate::strict_policies(&mesh, &Target::namespaces(&mesh, &everything()))), &BTreeSet::new());
        let failing = possibly_failing(&Mesh::new(&overlaid, &ControlPlaneOptions::default()));
        // Clients that leave past their proxy are asked about one by one, and an entry that is called external is no service of the mesh.
        // Calls of ports that no Service has are not among the calls of services.
        let is_by_address = |blocker: &Blocker| blocker.cause == MigrationCause::PodIp && blocker.confidence == Confidence::Possible;
        let asked = |blocker: &&Blocker| {
            blocker.cause != MigrationCause::Bypass && !is_by_address(blocker) && !world.yaml().contains("kind: ServiceEntry")
        };
        for blocker in blockers.iter().filter(asked) {
            let code = blocker.failure.map(Failure::code).unwrap_or_default();
            for server in blocker.servers.keys() {
                let is_it = |call: &String| call.contains(&server.to_string()) && call.ends_with(code);
                prop_assert!(failing.iter().any(|(_, call)| is_it(call)), "{:?} {}: {:?}", blocker.cause, server, failing);
            }
        }
    }

    #[test]
    fn a_policy_is_tried_as_its_manifest_reads(world in naive::world()) {
        let before = snapshot(&world.yaml());
        let (blockers, _) = check(&before);
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let strict = migrate::strict_policies(&mesh, &Target::namespaces(&mesh, &everything()));
        for policies in [migrate::with_port_exceptions(&mesh, &strict, &blockers), strict] {
            let tried = migrate::snapshot_with_policies(&mesh, &policies).peer_authentications;
            let applied = before.with_manifests(&read(&policies), &BTreeSet::new()).peer_authentications;
            // The time stands in the manifest where it decides, and in no body that is tried.
            let bodies = |all: Vec<Read<_>>| all.iter().map(|read| format!("{:?}", PeerAuthentication::decode(read))).collect::<Vec<_>>();
            prop_assert_eq!(bodies(tried), bodies(applied));
        }
    }

    #[test]
    fn exceptions_keep_every_call_working_that_is_sure_to_be_made_or_the_namespace_stays(world in naive::world()) {
        let before = snapshot(&world.yaml());
        let (blockers, _) = check(&before);
        let mesh = Mesh::new(&before, &ControlPlaneOptions::default());
        let target = Target::namespaces(&mesh, &everything());
        let excepted = migrate::with_port_exceptions(&mesh, &migrate::strict_policies(&mesh, &target), &blockers);
        let breaking = |policies: &[Policy]| -> BTreeSet<Text> {
            let overlaid = before.with_manifests(&read(policies), &BTreeSet::new());
            let after = Mesh::new(&overlaid, &ControlPlaneOptions::default());
            let left = migrate::blockers(BeforeAfter { before: &mesh, after: &after }, &target, &everything());
            left.into_iter().filter(Blocker::breaks_working_call).map(|blocker| blocker.namespace).collect()
        };
        let stuck = breaking(&excepted);
        let going: Vec<Policy> = excepted.into_iter().filter(|policy| !stuck.contains(&policy.id.namespace)).collect();
        prop_assert_eq!(breaking(&going), BTreeSet::new());
    }
}

#[test]
fn files_and_cluster_have_the_same_way_to_strict() {
    for mesh in ["ambient", "bookinfo", "migration", "external-callers", "two-revisions"] {
        let folder = format!("testdata/meshes/{mesh}");
        let api = Api::new(&folder, &[]);
        let kubeconfig = api.kubeconfig(&format!("migrate-{mesh}"));
        let args = ["migrate-check", "-o", "json", "--kubeconfig"];
        let command = snapbox::cmd::Command::new(snapbox::cmd::cargo_bin!("kubectl-mtls")).args(args).arg(kubeconfig);
        let output = command.env_remove("KUBECONFIG").assert();
        let of_cluster: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
        let of_files = document(&folder);
        assert_eq!(of_cluster["complete"], true, "{mesh}: {}", of_cluster["gaps"]);
        for part in ["namespaces", "waves"] {
            assert_eq!(of_cluster[part], of_files[part], "{mesh} {part}");
        }
    }
}
