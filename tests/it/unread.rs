//! What rests on objects that were not read is unknown: whatever kind is taken away, no answer becomes another definite one.

use std::collections::{BTreeMap, BTreeSet};

use kubectl_mtls::{
    mesh::{Client, ClientKind, ControlPlaneOptions, Mesh, MeshState, Verdict},
    object::{ClusterInfo, Coverage, Gap, Id, Kind, Labels, Snapshot, Text},
    queries::{
        Scope,
        compare::BeforeAfter,
        diff::{CallSummary, EnforcedState, diff},
        matrix,
        migrate::{Readiness, Target, plan},
        policies::{self, PolicyStatus, RuleStatus},
        reach::{CallQuestion, CallTarget, OverallResult, reach},
        sidecars,
    },
};

use crate::support::{audit_all, folder, snapshot as manifests, word};

/// The answers to all questions; `None` for an answer that is unknown.
type Answers = BTreeMap<String, Option<String>>;

fn everything() -> Scope {
    Scope { include_system: true, ..Scope::default() }
}

fn answers(snapshot: &Snapshot) -> Answers {
    let options = ControlPlaneOptions::default();
    let mesh = Mesh::new(snapshot, &options);
    let mut all = Answers::new();
    modes(&mesh, &mut all);
    calls(&mesh, &mut all);
    groups_of_clients(&mesh, &mut all);
    proxies(&mesh, &mut all);
    // The slowest question; where objects come from does not matter to it.
    if snapshot.cluster.is_none() {
        effects(&mesh, &options, &mut all);
    }
    status_of_policies(&mesh, &mut all);
    let target = Target::namespaces(&mesh, &everything());
    for (namespace, readiness) in plan(&mesh, &options, &target, &everything(), None).readiness {
        all.insert(format!("migrate-check {namespace}"), (readiness != Readiness::Unknown).then(|| word(readiness)));
    }
    all
}

fn modes(mesh: &Mesh<'_>, all: &mut Answers) {
    let audit = audit_all(mesh);
    for row in &audit.workloads {
        let name = &row.workload.subject;
        all.insert(format!("mode {name}"), row.mode.is_enforcement_certain().then(|| word(row.mode.mode)));
        all.insert(format!("policy mode {name}"), row.mode.is_certain.then(|| word(row.mode.policy_mode)));
        let is_plain = !row.is_assumed;
        all.insert(format!("data plane {name}"), is_plain.then(|| word(row.dataplane)));
        all.insert(format!("pods {name}"), row.known_pods().map(|pods| pods.to_string()));
        all.insert(format!("policy of {name}"), row.mode.is_certain.then(|| word(row.mode.known_policy())));
        for (port, mode) in &row.ports {
            all.insert(format!("mode {name}:{port}"), mode.is_enforcement_certain().then(|| word(mode.mode)));
        }
    }
    for row in &audit.namespaces {
        all.insert(format!("mode of namespace {}", row.name), row.is_certain.then(|| word(row.mode)));
        all.insert(format!("policy of namespace {}", row.name), row.is_certain.then(|| word(row.decided_by)));
        all.insert(format!("data plane of namespace {}", row.name), (!row.is_assumed).then(|| word(row.dataplane)));
        let counts = row.counts;
        let is_known = !counts.is_partial && counts.unknown == 0;
        all.insert(format!("other ports in {}", row.name), is_known.then(|| counts.with_exceptions.to_string()));
        let modes = [counts.strict, counts.permissive, counts.disable, counts.none];
        all.insert(format!("modes in {}", row.name), (!counts.is_partial && counts.unknown == 0).then(|| word(modes)));
        all.insert(format!("workloads in {}", row.name), (!counts.is_partial).then(|| counts.total.to_string()));
    }
}

fn calls(mesh: &Mesh<'_>, all: &mut Answers) {
    let mut call = |name: String, from: Client<'_>, host: &Text, port: u16| {
        let name = format!("call {name} -> {host}:{port}");
        let answer =
            reach(mesh, &CallQuestion { from: from.clone(), to: CallTarget::Host(host.to_string()), port, subset: None, scheme: None });
        let result = answer.result();
        all.insert(name, (result != OverallResult::All(Verdict::Unknown)).then(|| word(result)));
    };
    for service in mesh.registry().services() {
        for port in &service.ports {
            for (workload, instance, _) in mesh.members() {
                call(workload.subject.to_string(), Client::workload(workload, instance), &service.host, port.number);
            }
            for namespace in mesh.namespaces().keys() {
                for kind in [ClientKind::Sidecar, ClientKind::Ambient, ClientKind::None] {
                    let from = Client::any(mesh.indices(), namespace, Labels::default(), kind);
                    call(format!("{} of {namespace}", kind.as_str()), from, &service.host, port.number);
                }
            }
        }
    }
}

/// The results of calls by group of clients, as `audit --by client` prints them.
fn groups_of_clients(mesh: &Mesh<'_>, all: &mut Answers) {
    for row in matrix::matrix(mesh, &everything()) {
        for (server, ports) in &row.servers {
            let is_known = !row.partial.contains(server) && ports.of(matrix::CallOutcome::Unknown) == 0;
            for client in &row.namespaces {
                all.insert(format!("matrix {} of {client} to {server}", row.kind.as_str()), is_known.then(|| word(ports)));
            }
        }
    }
}

fn proxies(mesh: &Mesh<'_>, all: &mut Answers) {
    let inventory = sidecars::inventory(mesh, &everything());
    for row in &inventory.workloads {
        let (name, state) = (&row.workload.subject, &row.membership.state);
        let mut add = |question: &str, answer: Option<String>| all.insert(format!("{question} {name}"), answer);
        add("proxy", (*state != MeshState::Unknown).then(|| word(state)));
        add("expected proxy", row.expected().map(word));
        add("would be injected", row.would_inject().map(word));
        add("would be captured", row.would_capture().map(word));
        add("pods of", row.known_pods().map(word));
        add("pods with proxy", row.known_with_proxy().map(word));
        add("pods that lack one", row.known_missing().map(word));
    }
    for row in &inventory.namespaces {
        all.insert(format!("enrolment of {}", row.name), row.is_known.then(|| word((row.enrolled, &row.by))));
        let counts = row.counts;
        all.insert(format!("proxies in {}", row.name), (!counts.is_partial && counts.unknown == 0).then(|| word(counts)));
    }
    for row in sidecars::services(mesh, &everything()) {
        all.insert(
            format!("endpoints of {}", row.service),
            row.is_certain.then(|| word((row.endpoints, row.without, row.unknown_addresses))),
        );
    }
}

/// What becomes of modes and calls if every namespace is made STRICT.
fn effects(mesh: &Mesh<'_>, options: &ControlPlaneOptions, all: &mut Answers) {
    let strict = |namespace: &Text| {
        let yaml = format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: new, namespace: {namespace}}}\nspec: {{mtls: {{mode: STRICT}}}}\n"
        );
        manifests(&yaml)
    };
    let mut changed = mesh.snapshot().clone();
    mesh.namespaces().keys().for_each(|namespace| changed.append(strict(namespace)));
    changed.normalize();
    let after = Mesh::new(&changed, options);
    let found = diff(BeforeAfter { before: mesh, after: &after }, &everything());
    for change in &found.modes {
        let known = |state: &EnforcedState<'_>| state.mode.is_enforcement_certain().then(|| word(state.mode.mode));
        let name = format!("effect on {}:{:?}", change.workload, change.port);
        let both = change.before.as_ref().map(known).zip(change.after.as_ref().map(known)).and_then(|(before, after)| before.zip(after));
        all.insert(name, both.map(word));
    }
    for change in &found.calls {
        let is_unknown = |summary: Option<CallSummary>| summary.is_some_and(|one| one.result == OverallResult::All(Verdict::Unknown));
        for client in &change.namespaces {
            let name =
                format!("effect on calls of {client} {} {} to {}:{}", change.kind.as_str(), change.labels, change.port.0, change.port.1);
            all.insert(name, (!is_unknown(change.before) && !is_unknown(change.after)).then(|| word((change.before, change.after))));
        }
    }
}

fn status_of_policies(mesh: &Mesh<'_>, all: &mut Answers) {
    for row in policies::server_side(mesh, &everything()) {
        let status = &row.status;
        all.insert(format!("status of {}", row.policy.id), (*status != PolicyStatus::Unknown).then(|| word(status)));
        all.insert(format!("governs {}", row.policy.id), (!row.is_partial).then(|| format!("{} of {}", row.governs, row.selects)));
    }
    for row in policies::client_side(mesh, &everything()) {
        all.insert(format!("status of {}", row.rule.id), (!matches!(row.status, RuleStatus::Unknown(_))).then(|| word(row.status)));
    }
}

/// Calls a macro with every list of a snapshot.
macro_rules! retain {
    ($snapshot:ident, $keep:expr, $($list:ident)+) => { $($snapshot.$list.retain(|read| $keep(&read.id));)+ };
}

fn retain(snapshot: &mut Snapshot, mut keep: impl FnMut(&Id) -> bool) {
    retain!(snapshot, keep, namespaces pods services config_maps controllers endpoint_slices webhooks peer_authentications
        authorization_policies destination_rules virtual_services service_entries workload_entries workload_groups sidecars gateways
        envoy_filters kubernetes_gateways validating_webhooks custom_resources api_services ingresses monitors);
}

/// Every way in which a kind may not be read wholly: forbidden, forbidden in one namespace, or broken off after some objects.
fn losses(whole: &Snapshot) -> Vec<(String, Snapshot)> {
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let ids: Vec<&Id> = whole.ids().filter(|id| id.kind == *kind).collect();
        let namespaces: BTreeSet<&Text> = ids.iter().map(|id| &id.namespace).filter(|name| !name.is_empty()).collect();
        let mut lose = |how: String, coverage: Coverage, is_kept: &mut dyn FnMut(&Id) -> bool| {
            let mut snapshot = whole.clone();
            retain(&mut snapshot, |id| id.kind != *kind || is_kept(id));
            snapshot.gaps.push(Gap::new(how.clone(), "forbidden", "").of(*kind));
            // ConfigMaps of a cluster are read one by one, so only a gap shows that one is missing.
            if *kind != Kind::ConfigMap || whole.cluster.is_none() {
                snapshot.coverage.insert(*kind, coverage);
            }
            found.push((how, snapshot));
        };
        if ids.is_empty() {
            continue;
        }
        lose(format!("no {kind}"), Coverage::Nothing, &mut |_| false);
        for lost in &namespaces {
            let rest = Coverage::Within(whole.ids().map(|id| &id.namespace).filter(|name| name != lost).cloned().collect());
            let one = Coverage::Except([(*lost).clone()].into());
            lose(format!("no {kind} in {lost}"), if whole.cluster.is_some() { rest } else { one }, &mut |id| id.namespace != **lost);
        }
        for n in [1, ids.len() / 2, ids.len() - 1].into_iter().filter(|n| (1..ids.len()).contains(n)).collect::<BTreeSet<_>>() {
            let mut seen = 0;
            lose(format!("the first {n} {kind}"), Coverage::Nothing, &mut |_| {
                seen += 1;
                seen <= n
            });
        }
    }
    found
}

/// What may still change although objects are missing, with the reason.
const REMAINING: [(&str, &str); 0] = [];

fn is_argued(_loss: &str, answer: &str) -> bool {
    REMAINING.iter().any(|(prefix, _)| answer.starts_with(prefix))
}

#[test]
fn no_answer_becomes_another_definite_one_if_objects_are_not_read() {
    let mut violations: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for mesh in ["ambient", "bookinfo", "clean", "external-callers", "legacy-versions", "migration", "two-revisions"] {
        let mut whole = folder(&format!("testdata/meshes/{mesh}"));
        whole.gaps.clear();
        for is_cluster in [true, false] {
            whole.cluster = is_cluster.then(ClusterInfo::default);
            let known = answers(&whole);
            for (loss, snapshot) in losses(&whole) {
                for (question, answer) in answers(&snapshot) {
                    let Some(before) = known.get(&question) else { continue };
                    if answer.is_some() && answer != *before && !is_argued(&loss, &question) {
                        let key = format!("{loss}: {}", question.split(' ').next().unwrap_or_default());
                        let example = format!("{mesh}: {question}: {before:?} became {answer:?}");
                        violations.entry(key).or_insert((0, example)).0 += 1;
                    }
                }
            }
        }
    }
    let lines: Vec<String> = violations.iter().map(|(key, (count, example))| format!("{count:4} {key}: {example}\n")).collect();
    assert!(lines.is_empty(), "{} kinds of violations:\n{}", lines.len(), lines.concat());
}
