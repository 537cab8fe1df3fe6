//! The changes that findings carry, each applied alone: what the finding is about is gone, nothing that works breaks, and nothing accepts or
//! sends plaintext that did not, unless the advice begins with it.

use std::{collections::BTreeMap, fmt, path::Path};

use kubectl_mtls::{
    checks::{self, ALL, Finding},
    istio::Mode,
    mesh::{Client, ClientKind, ControlPlaneOptions, Mesh, Mismatch, SentAs, Verdict},
    object::{Labels, Patch, Snapshot},
    queries::reach::{CallQuestion, CallTarget, reach},
};
use proptest::prelude::*;

use crate::{
    naive,
    support::{folder, snapshot},
};

/// Who calls what, through which subset, and who answers: what is sent, and the result.
type Calls = BTreeMap<(String, String, u16, Option<String>, String), (Option<SentAs>, Verdict)>;

/// Every client of a mesh: of each namespace with each kind of proxy that it has, without labels and with those of its workloads, and one
/// that has no proxy.
fn clients<'m>(mesh: &'m Mesh<'m>) -> Vec<(String, Client<'m>)> {
    let mut all = vec![("outside".to_owned(), Client::outside())];
    for workload in mesh.workloads() {
        for (at, instance) in workload.instances.iter().enumerate() {
            let client = Client::workload(workload, instance);
            if client.kind == ClientKind::Waypoint {
                continue;
            }
            all.push((format!("{} {at}", workload.subject), client));
            let namespace = &workload.subject.namespace;
            let kind = instance.dataplane.into();
            all.push((format!("any {namespace} {kind:?}"), Client::any(mesh.indices(), namespace, Labels::default(), kind)));
        }
    }
    all
}

fn calls(mesh: &Mesh<'_>) -> Calls {
    let mut all = Calls::new();
    for (name, client) in clients(mesh) {
        for service in mesh.registry().services() {
            for port in &service.ports {
                let question = |subset: Option<String>| CallQuestion {
                    from: client.clone(),
                    to: CallTarget::Host(service.host.to_string()),
                    port: port.number,
                    subset,
                    scheme: None,
                };
                let mut subsets = vec![None];
                let whole = reach(mesh, &question(None));
                let rules = whole.client.cluster.iter().filter_map(|cluster| cluster.rule.as_ref());
                subsets.extend(rules.flat_map(|rule| &rule.subsets).map(|(_, subset)| Some(subset.name.to_string())));
                for subset in subsets {
                    let answer = reach(mesh, &question(subset.clone()));
                    let mut add = |server: String, sent: Option<SentAs>, verdict| {
                        all.insert((name.clone(), service.host.to_string(), port.number, subset.clone(), server), (sent, verdict));
                    };
                    if let Some(failure) = answer.failure {
                        add("-".to_owned(), None, Verdict::Fail(failure));
                    }
                    for one in &answer.endpoints {
                        let server =
                            one.endpoint.server.map_or_else(|| format!("address of {}", service.id), |(w, _)| w.subject.to_string());
                        add(format!("{server}:{} {:?}", one.endpoint.port, one.endpoint.pod), Some(one.sent_as), one.evaluation.verdict);
                    }
                }
            }
        }
    }
    all
}

/// Each port of each workload that rejects plaintext.
fn closed(mesh: &Mesh<'_>) -> BTreeMap<(String, Option<u16>), bool> {
    let mut all = BTreeMap::new();
    for workload in mesh.workloads() {
        for (at, instance) in workload.instances.iter().enumerate() {
            let server = mesh.server(workload, instance);
            let name = format!("{} {at}", workload.subject);
            let is_closed = |mode: Option<Mode>| mode == Some(Mode::Strict);
            all.insert((name.clone(), None), is_closed(server.workload().mode));
            for port in instance.ports.keys() {
                all.insert((name.clone(), Some(*port)), is_closed(server.port(*port).mode));
            }
        }
    }
    all
}

/// What is wrong with a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Changes(String),
    Remains(String),
    StillFails(String),
    Breaks(String),
    Opens(String),
    SendsPlaintext(String),
}

impl Fault {
    fn kind(&self) -> &'static str {
        match self {
            Self::Changes(_) | Self::Remains(_) => "void",
            Self::StillFails(_) => "still fails",
            Self::Breaks(_) => "breaks",
            Self::Opens(_) | Self::SendsPlaintext(_) => "weakens",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Changes(what)
        | Self::Remains(what)
        | Self::StillFails(what)
        | Self::Breaks(what)
        | Self::Opens(what)
        | Self::SendsPlaintext(what)) = self;
        write!(f, "{}: {what}", self.kind())
    }
}

fn findings(mesh: &Mesh<'_>) -> Vec<Finding> {
    checks::suppress(mesh, checks::run(mesh, |_| true)).0
}

/// What the finding is about and still fails after the change.
fn still_failing(finding: &Finding, before: &Mesh<'_>, after: &Mesh<'_>) -> Option<String> {
    let fails = |one: &&Mismatch| matches!(one.verdict, Verdict::Fail(_));
    let is_it = |one: &&Mismatch| one.cause.as_ref().is_some_and(|(id, at)| finding.subject == id.into() && *at == finding.field_path);
    let key = |one: &Mismatch| (one.clients.clone(), one.service.clone(), one.subset.clone(), one.server.clone());
    // Clients of one namespace may have different rules, by their labels.
    let others: Vec<_> = before.mismatches().iter().filter(fails).filter(|one| !is_it(one)).map(key).collect();
    let left: Vec<_> = after.mismatches().iter().filter(fails).map(key).filter(|key| !others.contains(key)).collect();
    before.mismatches().iter().filter(fails).filter(is_it).map(key).find(|key| left.contains(key)).map(|key| format!("{key:?}"))
}

/// What is wrong with the change of a finding.
fn faults(finding: &Finding, patch: &Patch, before: &Snapshot, mesh: &Mesh<'_>, calls_before: &Calls) -> Vec<Fault> {
    let mut changed = before.clone();
    if !changed.apply(patch) {
        return vec![Fault::Changes(format!("{patch:?} changes nothing"))];
    }
    let after = Mesh::new(&changed, &ControlPlaneOptions::default());
    let mut found = Vec::new();
    let same =
        |other: &Finding| (other.rule.id, &other.subject, &other.field_path) == (finding.rule.id, &finding.subject, &finding.field_path);
    found.extend(findings(&after).into_iter().find(same).map(|other| Fault::Remains(other.message)));
    found.extend(still_failing(finding, mesh, &after).map(Fault::StillFails));
    let calls_after = calls(&after);
    let works = |verdict: Verdict| !matches!(verdict, Verdict::Fail(_));
    for (key, (sent, was)) in calls_before {
        match calls_after.get(key) {
            Some((now, is)) => {
                if works(*was) && !works(*is) {
                    found.push(Fault::Breaks(format!("{key:?} {sent:?} {was:?}, then {now:?} {is:?}")));
                } else if *now == Some(SentAs::Plaintext) && *sent != *now && sent.is_some() {
                    found.push(Fault::SendsPlaintext(format!("{key:?} {sent:?} {was:?}, then {now:?} {is:?}")));
                }
            }
            None if works(*was) => found.push(Fault::Breaks(format!("{key:?} {was:?} is gone"))),
            None => {}
        }
    }
    let closed_after = closed(&after);
    for (key, was_closed) in closed(mesh) {
        if was_closed && closed_after.get(&key) == Some(&false) {
            found.push(Fault::Opens(format!("{key:?}")));
        }
    }
    found
}

/// Each finding with a change, and what is wrong with the change.
fn evaluate(before: &Snapshot) -> Vec<(Finding, Vec<Fault>)> {
    let mesh = Mesh::new(before, &ControlPlaneOptions::default());
    let all: Vec<Finding> = findings(&mesh).into_iter().filter(|finding| finding.patch.is_some()).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let calls_before = calls(&mesh);
    let of = |finding: Finding| {
        let mut faults = finding.patch.as_ref().map(|patch| faults(&finding, patch, before, &mesh, &calls_before)).unwrap_or_default();
        if finding.is_weakened_by_patch && finding.fix.as_ref().is_some_and(|fix| fix.starts_with("Weakens protection")) {
            faults.retain(|fault| !matches!(fault, Fault::Opens(_) | Fault::SendsPlaintext(_)));
        }
        (finding, faults)
    };
    all.into_iter().map(of).collect()
}

/// Meshes with names: those of the tests, the examples of the rules, and the cases beside the project, if they are there.
fn known_meshes() -> Vec<(String, Snapshot)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir("testdata/meshes").unwrap() {
        let path = entry.unwrap().path();
        all.push((path.display().to_string(), folder(path.to_str().unwrap())));
    }
    all.extend(ALL.iter().map(|check| (check.rule.id.to_owned(), snapshot(check.rule.bad))));
    let cases = ["../shared/cases", "../../shared/cases"].map(Path::new);
    for entry in cases.into_iter().filter_map(|path| std::fs::read_dir(path).ok()).flatten().flatten() {
        let (file, input) = (entry.path().join("input.yaml"), entry.path().join("input"));
        if let Ok(text) = std::fs::read_to_string(&file) {
            all.push((file.display().to_string(), snapshot(&text)));
        } else if input.is_dir() {
            all.push((input.display().to_string(), folder(input.to_str().unwrap())));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn assert_faultless(name: &str, all: &[(Finding, Vec<Fault>)]) {
    for (finding, faults) in all {
        let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
        let (rule, fix) = (finding.rule.id, finding.fix.as_deref().unwrap_or(finding.rule.fix));
        assert!(faults.is_empty(), "{name}: {rule} {}\n{fix}\n{:?}\n{}", finding.message, finding.patch, text.join("\n"));
    }
}

#[test]
fn each_change_of_a_known_mesh_fixes_its_finding_and_does_no_harm() {
    let all = known_meshes();
    assert!(all.len() > 60, "{}", all.len());
    for (name, mesh) in all {
        assert_faultless(&name, &evaluate(&mesh));
    }
}

proptest! {
    #![proptest_config(naive::at_least(1024))]

    #[test]
    fn each_change_fixes_its_finding_and_does_no_harm_in_any_mesh(world in naive::world()) {
        assert_faultless("generated", &evaluate(&snapshot(&world.yaml())));
    }
}
