//! The document of `explain FROM TO`.

use std::collections::BTreeMap;

use super::{
    trail::{Step, steps, trail},
    words::enforced,
};
use crate::{
    istio::DestinationRule,
    mesh::{Failure, Instance, Mesh, Subject, Verdict},
    object::Kind,
    queries::{
        call_fixes,
        proxy_clusters::{ProxyCluster, proxy_clusters},
        reach::{self, CallAnswer, CallQuestion, EndpointAnswer, Note},
        symptom::{self, SymptomCause},
    },
    report::document::{
        self, call as doc,
        words::{Tls, Wire},
    },
};

/// Both sides of a call and its result, with the possible causes of a symptom if one is given.
pub(crate) fn call<'m>(mesh: &'m Mesh<'m>, question: &CallQuestion<'m>, answer: &CallAnswer<'m>, symptom: Option<&str>) -> doc::Call {
    let code = answer.lowest_failure();
    let clusters = proxy_clusters(mesh, question, answer);
    doc::Call {
        from: from(question),
        to: doc::CallDestination { host: answer.host.clone(), port: question.port, subset: question.subset.clone() },
        client: client_side(mesh, answer),
        endpoints: endpoints(mesh, answer),
        result: answer.result().into(),
        code: code.map(Failure::code),
        symptom: code.map(Failure::symptom),
        routed_to: answer.routed_to.iter().map(ToString::to_string).collect(),
        why: reach::why(answer),
        call_fixes: call_fixes::call_fixes(mesh, question, answer),
        cluster_host: clusters.iter().find(|one| matches!(one, ProxyCluster::Service { .. })).map(|one| one.host().to_owned()),
        proxy_clusters: clusters.iter().map(proxy_cluster).collect(),
        seen: symptom.map(ToOwned::to_owned),
        causes: symptom.map(|text| symptom::causes(mesh, question, answer, text).iter().map(cause).collect()).unwrap_or_default(),
    }
}

fn proxy_cluster(cluster: &ProxyCluster) -> doc::ProxyCluster {
    let (port, subset) = match cluster {
        ProxyCluster::Service { port, subset, .. } => (Some(*port), subset.clone()),
        ProxyCluster::Passthrough | ProxyCluster::BlackHole => (None, None),
    };
    doc::ProxyCluster { host: cluster.host().to_owned(), port, subset }
}

fn from(question: &CallQuestion<'_>) -> doc::CallClient {
    let client = &question.from;
    let subject = client.instance.map(|(workload, _)| &workload.subject);
    doc::CallClient {
        namespace: (!client.namespace.is_empty()).then(|| client.namespace.to_string()),
        kind: subject.map(|subject| subject.kind.to_string()),
        name: subject.map(|subject| subject.name.to_string()),
        dataplane: client.kind.into(),
    }
}

fn client_side(mesh: &Mesh<'_>, answer: &CallAnswer<'_>) -> doc::ClientSide {
    let cluster = answer.client.cluster.as_ref();
    // A rule that was not read could be in force instead.
    let rule = cluster.filter(|_| answer.unread.is_none()).and_then(|cluster| cluster.rule.as_ref());
    let mut from: Vec<&DestinationRule> = rule.iter().flat_map(|rule| &rule.from).copied().collect();
    // A generated rule is the oldest, but the settings of a user apply first (S60).
    from.sort_by_key(|one| rule.is_some_and(|rule| rule.fallback.is_some() && one.is_fallback()));
    let rule_kind = from.first().map_or(Kind::DestinationRule, |first| first.id.kind);
    let merged: Vec<String> = from.iter().map(|rule| rule.id.path()).collect();
    let mut notes = Vec::new();
    for Note { object, field, message, outcome } in &answer.notes {
        notes.push(Step { object: object.as_ref(), field: field.as_ref(), message, outcome: *outcome });
    }
    doc::ClientSide {
        destination_rule: merged.first().cloned(),
        rule_kind: rule_kind.name(),
        merged_from: merged,
        other_rules: answer.client.unused_rules.iter().map(|rule| rule.id.path()).collect(),
        configured_tls: match cluster.and_then(|cluster| cluster.configured) {
            _ if answer.unread.is_some() => Tls::Unknown,
            configured => configured.map_or(Tls::Auto, Tls::from),
        },
        tls: if answer.unread.is_some() { Tls::Unknown } else { answer.client.tls.into() },
        trail: steps(mesh, &notes),
    }
}

/// The endpoints; the trail is computed once per instance and port.
fn endpoints(mesh: &Mesh<'_>, answer: &CallAnswer<'_>) -> Vec<doc::CallEndpoint> {
    let mut trails: BTreeMap<(*const Instance<'_>, u16), Vec<document::TrailStep>> = BTreeMap::new();
    let mut converted = Vec::new();
    for endpoint in &answer.endpoints {
        let (server, port) = (endpoint.endpoint.server, endpoint.endpoint.port);
        let trail = server.map(|(workload, instance)| {
            let new_trail = || trail(mesh, &mesh.indices().trail(workload, instance, Some(port)));
            trails.entry((std::ptr::from_ref(instance), port)).or_insert_with(new_trail).clone()
        });
        let converted_endpoint = self::endpoint(mesh, endpoint, trail.unwrap_or_default());
        let wire = if answer.unread.is_some() { Wire::Unknown } else { converted_endpoint.wire };
        converted.push(doc::CallEndpoint { wire, ..converted_endpoint });
    }
    converted
}

fn endpoint(mesh: &Mesh<'_>, reached: &EndpointAnswer<'_>, trail: Vec<document::TrailStep>) -> doc::CallEndpoint {
    let at = &reached.endpoint;
    let subject = at.server.map(|(workload, _)| &workload.subject);
    let failure = if let Verdict::Fail(failure) = reached.evaluation.verdict { Some(failure) } else { None };
    doc::CallEndpoint {
        workload: subject.map(Subject::path),
        pod: at.pod.map(ToString::to_string),
        address: at.address.as_ref().or_else(|| mesh.address_of(at)).map(ToString::to_string),
        port: at.port,
        mode: enforced(reached.evaluation.mode, reached.evaluation.is_certain),
        wire: reached.sent_as.into(),
        result: reached.evaluation.verdict.into(),
        code: failure.map(Failure::code),
        symptom: failure.map(Failure::symptom),
        trail,
    }
}

fn cause(cause: &SymptomCause) -> doc::SymptomCause {
    doc::SymptomCause {
        likelihood: cause.likelihood.into(),
        code: cause.failure.map(Failure::code),
        assuming: cause.assuming.clone(),
        message: cause.message.clone(),
    }
}
