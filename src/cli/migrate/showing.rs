//! What `migrate-check` found, as findings and as its document.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, traffic};
use crate::{
    checks::{self, Finding, Severity},
    cli::present,
    mesh::{Failure, Mesh, Subject},
    object::{FieldPath, Id, Text, evidence::Evidence, first_of},
    queries::migrate::{self, Blocker, Cause, Confidence, Policy, Ready, Shown, Step, Target, Verdicts, Wave},
    report::{document, migrate as doc},
};

/// The finding that speaks of a blocker.
pub(super) fn finding(mesh: &Mesh<'_>, blocker: &Blocker) -> Option<Finding> {
    let rule = checks::find(blocker.cause.rule())?;
    let servers: Vec<&Subject> = blocker.servers.keys().collect();
    let message = message(blocker);
    let of = |subject: &Subject| mesh.workloads_in(&subject.namespace).iter().find(|workload| workload.subject == *subject);
    let finding = match &blocker.shown_by {
        Shown::Field(id, at) => Finding::about(rule, mesh.snapshot(), id, at.clone(), message),
        Shown::Clients(clients) => {
            let workload = clients.first().and_then(of)?;
            Finding::about_workload(rule, workload, FieldPath::of("metadata.name"), message)
        }
        Shown::Servers => Finding::about_workload(rule, of(servers.first()?)?, FieldPath::of("metadata.name"), message),
    };
    let severity = match blocker.confidence {
        _ if blocker.fails_already => Severity::Info,
        Confidence::Possible => Severity::Warning,
        Confidence::Certain | Confidence::Seen => rule.severity,
    };
    Some(finding.severity(severity).related(servers.into_iter().cloned()))
}

fn message(blocker: &Blocker) -> String {
    let servers = first_of(3, blocker.servers.iter().map(|(server, ports)| format!("{server}{}", ports_of(ports))));
    let cause = blocker.failure.map(|failure| format!(" ({}: {})", failure.code(), failure.cause())).unwrap_or_default();
    match (blocker.fails_already, blocker.confidence) {
        _ if blocker.cause == Cause::NoEvidence => format!("nobody can tell from traffic who calls {servers} in plaintext"),
        (_, Confidence::Seen) => format!("plaintext was seen from {} to {servers}, which STRICT refuses", blocker.client),
        (true, _) => format!("{} cannot reach {servers}, STRICT or not{cause}", blocker.client),
        (false, Confidence::Possible) => format!("any call of {} to {servers} would fail under STRICT{cause}", blocker.client),
        (false, _) => format!("{} would no longer reach {servers} under STRICT{cause}", blocker.client),
    }
}

fn ports_of(ports: &BTreeSet<u16>) -> String {
    let all: Vec<String> = ports.iter().map(ToString::to_string).collect();
    match all.len() {
        0 => String::new(),
        1 => format!(" port {}", all[0]),
        _ => format!(" ports {}", all.join(", ")),
    }
}

/// The document, with traffic where that was looked at.
pub(super) fn body(mesh: &Mesh<'_>, target: &Target<'_>, found: &Found, traffic: Option<(&Evidence, &Verdicts<'_>)>) -> doc::Migration {
    let wave_of =
        |name: &Text| found.waves.iter().rposition(|wave| wave.step != Step::Mesh && wave.namespaces.contains(name)).map(|at| at + 1);
    let namespace = |(name, ready): (&Text, &Ready)| doc::Namespace {
        name: name.to_string(),
        ready: ready.word(),
        wave: wave_of(name).filter(|_| *ready != Ready::Already),
        blockers: found.blockers.iter().filter(|blocker| blocker.namespace == *name).filter_map(blocker).collect(),
        evidence: traffic.map(|(_, verdicts)| traffic::evidence(mesh, target, name, verdicts)).unwrap_or_default(),
        patch: if *ready == Ready::Already {
            String::new()
        } else {
            manifests(found.strict.iter().filter(|policy| policy.id.namespace == *name))
        },
    };
    let mut applied: BTreeMap<Id, Option<String>> = BTreeMap::new();
    let waves = found.waves.iter().enumerate().map(|(at, wave)| doc::Wave {
        wave: at + 1,
        step: wave.step.word(),
        namespaces: wave.namespaces.iter().map(ToString::to_string).collect(),
        rests_on: rests_on(wave, &found.blockers, !mesh.gaps().is_empty()),
        manifests: manifests(&wave.policies),
        back: back(mesh, wave, &mut applied),
    });
    let waves = waves.collect();
    doc::Migration {
        namespaces: found.ready.iter().map(namespace).collect(),
        waves,
        traffic: traffic.map(|(evidence, _)| traffic::looked_at(evidence)),
    }
}

fn blocker(blocker: &Blocker) -> Option<doc::Blocker> {
    let rule = checks::find(blocker.cause.rule())?;
    let server = |(subject, ports): (&Subject, &BTreeSet<u16>)| doc::Server {
        subject: present::subject(subject),
        ports: ports.iter().copied().collect(),
    };
    let subject = match blocker.servers.keys().collect::<Vec<_>>().as_slice() {
        [one] => present::subject(one),
        _ => document::Subject { kind: "Namespace".into(), namespace: None, name: blocker.namespace.to_string() },
    };
    Some(doc::Blocker {
        rule: rule.id,
        name: rule.name,
        subject,
        servers: blocker.servers.iter().map(server).collect(),
        client: blocker.client.clone(),
        evidence: match &blocker.shown_by {
            Shown::Field(id, at) => format!("{id} {at}"),
            Shown::Clients(clients) => first_of(20, clients.iter()),
            Shown::Servers => "what the servers' labels and proxies say".into(),
        },
        confidence: blocker.confidence.word(),
        code: blocker.failure.map(Failure::code),
        fails_already: blocker.fails_already,
    })
}

/// What has to be so for a wave to break nothing.
fn rests_on(wave: &Wave, blockers: &[Blocker], has_gaps: bool) -> Vec<String> {
    let own = |blocker: &&Blocker| {
        wave.namespaces.contains(&blocker.namespace) && blocker.confidence == Confidence::Possible && !blocker.fails_already
    };
    if !matches!(wave.step, Step::Assuming | Step::Excepted | Step::Mesh) {
        return Vec::new();
    }
    let mut called: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for blocker in blockers.iter().filter(own) {
        called.entry(&blocker.client).or_default().insert(&blocker.namespace);
    }
    let says = |(client, namespaces): (&str, BTreeSet<&str>)| {
        format!("no call of {client} goes to {}", namespaces.into_iter().collect::<Vec<_>>().join(", "))
    };
    let unread = has_gaps.then(|| "what could not be read changes nothing".to_owned());
    called.into_iter().map(says).chain(unread).collect()
}

/// Manifests, one after the other.
pub(super) fn manifests<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> String {
    policies.into_iter().map(Policy::manifest).collect::<Vec<_>>().join("---\n")
}

/// The commands that take a wave back to what was there before it.
fn back(mesh: &Mesh<'_>, wave: &Wave, applied: &mut BTreeMap<Id, Option<String>>) -> String {
    let mut commands = String::new();
    for policy in &wave.policies {
        let before = applied.insert(policy.id.clone(), Some(policy.manifest()));
        match before.unwrap_or_else(|| migrate::as_it_is(mesh, &policy.id).map(|old| old.manifest())) {
            Some(manifest) => commands.extend(["kubectl apply -f - <<'EOF'\n", &manifest, "EOF\n"]),
            None => commands.extend(["kubectl delete peerauthentication ", &policy.id.name, " -n ", &policy.id.namespace, "\n"]),
        }
    }
    commands
}
