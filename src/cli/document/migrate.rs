//! The document of `migrate-check`.

use std::collections::BTreeSet;

use super::{finding::subject, traffic};
use crate::{
    checks,
    cli::{kubectl, manifest},
    mesh::{Failure, Mesh, Subject},
    object::{Id, Kind, Text, abbreviated_list, evidence::Evidence},
    queries::migrate::{self, Assessments, Blocker, BlockerSubject, MigrationPlan, OpenPort, Readiness, Rollback, Target, Wave},
    report::document::migrate as doc,
};

/// The document, with traffic evidence if it was read.
pub(crate) fn migration(
    mesh: &Mesh<'_>,
    target: &Target<'_>,
    plan: &MigrationPlan,
    traffic: Option<(&Evidence, &Assessments<'_>)>,
) -> anyhow::Result<doc::Migration> {
    let namespace = |(name, ready): (&Text, &Readiness)| -> anyhow::Result<doc::Namespace> {
        let blockers = |is_wanted: &dyn Fn(&Blocker) -> bool| -> Vec<doc::Blocker> {
            plan.blockers.iter().filter(|blocker| blocker.namespace == *name && is_wanted(blocker)).map(blocker).collect()
        };
        let policies = if *ready == Readiness::Already { &plan.closing } else { &plan.policies };
        Ok(doc::Namespace {
            name: name.to_string(),
            ready: (*ready).into(),
            wave: plan.wave_of(name).map(|at| at + 1),
            blockers: blockers(&|blocker| !blocker.fails_already()),
            cut_off: blockers(&Blocker::fails_already),
            open_ports: plan.open_ports.iter().filter(|port| port.server.namespace == *name).map(open_port).collect(),
            evidence: traffic.map(|(_, assessments)| traffic::evidence(mesh, target, name, assessments)).unwrap_or_default(),
            patch: manifest::policies(policies.iter().filter(|policy| policy.id.namespace == *name))?,
        })
    };
    let has_gaps = !mesh.gaps().is_empty();
    let wave = |(at, (wave, rollback)): (usize, (&Wave, Vec<Rollback>))| -> anyhow::Result<doc::Wave> {
        Ok(doc::Wave {
            wave: at + 1,
            step: wave.step.into(),
            namespaces: wave.namespaces.iter().map(ToString::to_string).collect(),
            conditions: migrate::conditions(wave, plan, has_gaps),
            manifests: manifest::policies(&wave.policies)?,
            rollback: kubectl::rollback(&rollback)?,
        })
    };
    Ok(doc::Migration {
        namespaces: plan.readiness.iter().map(namespace).collect::<anyhow::Result<_>>()?,
        waves: plan.waves.iter().zip(migrate::rollbacks(mesh, &plan.waves)).enumerate().map(wave).collect::<anyhow::Result<_>>()?,
        traffic: traffic.map(|(evidence, _)| traffic::traffic(evidence)),
    })
}

fn open_port(open: &OpenPort) -> doc::OpenPort {
    let caller = |(client, certain): (&String, &bool)| doc::OpenPortCaller { client: client.clone(), certain: *certain };
    doc::OpenPort {
        subject: subject(&open.server),
        port: open.port,
        mode: open.mode.into(),
        decided_by: open.decided_by.path(),
        callers: open.callers.iter().map(caller).collect(),
    }
}

fn blocker(blocker: &Blocker) -> doc::Blocker {
    let rule = checks::migration_rule(blocker.cause);
    let server =
        |(server, ports): (&Subject, &BTreeSet<u16>)| doc::Server { subject: subject(server), ports: ports.iter().copied().collect() };
    let about = match blocker.servers.keys().collect::<Vec<_>>().as_slice() {
        [one] => subject(one),
        _ => subject(&Subject::from(&Id::new(Kind::Namespace, "", blocker.namespace.clone()))),
    };
    doc::Blocker {
        rule: rule.id,
        name: rule.name,
        subject: about,
        servers: blocker.servers.iter().map(server).collect(),
        client: blocker.client.clone(),
        evidence: match &blocker.subject {
            BlockerSubject::Field(id, at) => format!("{id} {at}"),
            BlockerSubject::Clients(clients) => abbreviated_list(20, clients.iter()),
            BlockerSubject::Servers => "labels and proxies of the servers".into(),
        },
        confidence: blocker.confidence.into(),
        code: blocker.failure.map(Failure::code),
        fails_already: blocker.fails_already(),
    }
}
