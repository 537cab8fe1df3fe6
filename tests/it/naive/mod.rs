//! A second reading of the semantics, naive and slow, that holds the fast one to account on small meshes made by chance:
//! who uses which rule, what is sent, and what comes of it, for every client and every service port (S44–S95).

mod generate;
mod manifest;
mod model;

use std::collections::BTreeSet;

use kubectl_mtls::{
    istio::{Protocol, Selector},
    mesh::{
        CallProperties, Client, ClientKind, Cluster, Dataplane, Destination, Endpoint, Failure, Mesh, Mismatch, RuleInForce, SentAs,
        Subject, Verdict,
    },
    object::{Labels, Text},
    queries::reach::{self, CallAnswer, CallQuestion, CallTarget},
};
use proptest::{prelude::*, test_runner::RngSeed};

pub(crate) use self::generate::world;
use self::model::{Answer, Caller, Plane, World};
use crate::{mesh_client::word, support::with};

/// Who calls: as the real mesh knows it, and as the naive one does.
fn callers<'m>(world: &World, mesh: &'m Mesh<'m>) -> Vec<(String, Client<'m>, Caller)> {
    let mut all = Vec::new();
    for load in &world.loads {
        let is_it = |subject: &Subject| subject.namespace == load.meta.namespace && subject.name == load.meta.name.as_str();
        let workload = mesh.workloads().iter().find(|workload| is_it(&workload.subject)).expect("every workload was read");
        all.push((workload.subject.to_string(), Client::workload(workload, &workload.instances[0]), world.caller(load)));
    }
    for space in &world.spaces {
        let client = Client::any(mesh.indices(), space.name, Labels::default(), ClientKind::Sidecar);
        let (namespace, is_canary) = (space.name, world.is_canary(space.name));
        let caller = Caller { namespace, labels: model::Labels::new(), plane: Plane::Sidecar, is_canary, load: None };
        all.push((format!("{namespace}/any"), client, caller));
    }
    let outside = Caller { namespace: "", labels: model::Labels::new(), plane: Plane::None, is_canary: false, load: None };
    all.push(("outside".to_owned(), Client::outside(), outside));
    all
}

/// The fast reading's answer, in the words of the naive one.
fn told(reach: &CallAnswer<'_>) -> Answer {
    let in_force = reach.client.cluster.as_ref().and_then(|cluster| cluster.rule.as_ref());
    let policy = |rule: &RuleInForce<'_>| if rule.traffic_policy().is_present { &rule.policy.id } else { &rule.from[0].id }.path();
    let rule = in_force.map(|rule| (policy(rule), rule.from.iter().map(|rule| rule.id.path()).collect()));
    let one = |reached: &reach::EndpointAnswer<'_>| {
        let endpoint = &reached.endpoint;
        let name = endpoint.server.map_or_else(
            || "-".to_owned(),
            |(workload, _)| format!("{} {}/{}", workload.subject.kind, workload.subject.namespace, workload.subject.name),
        );
        (name, endpoint.port, reached.sent_as.as_str(), word(reached.evaluation.verdict))
    };
    let mut endpoints: Vec<_> = reach.endpoints.iter().map(one).collect();
    endpoints.sort_unstable();
    Answer { rule, tls: reach.client.tls.as_str(), failure: reach.failure.map(Failure::code), endpoints }
}

/// The first call of which the two say different things.
fn difference(world: &World, mesh: &Mesh<'_>) -> Option<String> {
    let subsets = [None, Some("one"), Some("two")];
    let targets: BTreeSet<(&str, u16)> =
        world.services.iter().flat_map(|service| service.ports.iter().map(|port| (service.host.as_str(), port.number))).collect();
    for (name, client, caller) in callers(world, mesh) {
        for (host, port) in targets.iter().filter(|(host, port)| !is_left_open(world, &caller, host, *port)) {
            for subset in subsets {
                let subset_text = subset.map(ToOwned::to_owned);
                let question = CallQuestion {
                    from: client.clone(),
                    to: CallTarget::Host((*host).to_owned()),
                    port: *port,
                    subset: subset_text,
                    scheme: None,
                };
                let answer = reach::reach(mesh, &question);
                let classes = reach::reach_classes(mesh, &question);
                if let Some(difference) = class_difference(mesh, &answer, &classes) {
                    return Some(format!("{name} to {host}:{port} {subset:?}\n{difference}"));
                }
                let fast = told(&answer);
                let naive = world.answer(&caller, host, *port, subset);
                if fast != naive {
                    return Some(format!("{name} to {host}:{port} {subset:?}\nfast  {fast:?}\nnaive {naive:?}"));
                }
            }
        }
    }
    None
}

/// The first call of a pod by its name below a headless Service of which the two say different things: at the ports of the Service, and at
/// one that it does not have.
fn difference_of_pods(world: &World, mesh: &Mesh<'_>) -> Option<String> {
    for (name, client, caller) in callers(world, mesh) {
        for (load, service) in world.named_pods() {
            let ports = service.ports.iter().map(|port| port.number).chain([8080, 9999]);
            for port in ports.filter(|port| !is_left_open(world, &caller, &service.host, *port)) {
                let host = format!("{}.{}", world.loads[load].meta.name, service.host);
                let to = CallTarget::Host(host.clone());
                let fast = told(&reach::reach(mesh, &CallQuestion { from: client.clone(), to, port, subset: None, scheme: None }));
                let naive = world.of_pod(&caller, load, service, port);
                if fast != naive {
                    return Some(format!("{name} to {host}:{port}\nfast  {fast:?}\nnaive {naive:?}"));
                }
            }
        }
    }
    None
}

/// Whether an answer with one endpoint for each class has another result, or other servers behind its endpoints, than the full one.
fn class_difference(mesh: &Mesh<'_>, full: &CallAnswer<'_>, classes: &CallAnswer<'_>) -> Option<String> {
    type Server = (Option<Subject>, u16, &'static str, Verdict);
    let listed = |reached: &reach::EndpointAnswer<'_>| -> Vec<Server> {
        let server = |subject| (subject, reached.endpoint.port, reached.sent_as.as_str(), reached.evaluation.verdict);
        match reached.endpoint.represents {
            Some(by) => mesh.represented(by).map(|workload| server(Some(workload.subject.clone()))).collect(),
            None => vec![server(reached.endpoint.server.map(|(workload, _)| workload.subject.clone()))],
        }
    };
    let servers = |answer: &CallAnswer<'_>| -> BTreeSet<Server> { answer.endpoints.iter().flat_map(listed).collect() };
    let (one, other) = (servers(full), servers(classes));
    let results = [full, classes].map(|answer| (answer.result(), answer.lowest_failure()));
    (one != other || results[0] != results[1]).then(|| format!("full    {one:?} {:?}\nclasses {other:?} {:?}", results[0], results[1]))
}

/// Whether the semantics leave open which of several services a host is: S231 does not say what ztunnel makes of entries alone, nor of one
/// without address for clients of its namespace, nor S48 which one wins where several listeners of a Sidecar resource import different ones,
/// nor whose word counts for what an application speaks to a port that none of those in scope has.
fn is_left_open(world: &World, caller: &Caller, host: &str, port: u16) -> bool {
    let services = world.services.iter().filter(|service| service.host == host);
    let of_port = services.clone().flat_map(|service| service.ports.iter().filter(|one| one.number == port));
    let words: BTreeSet<_> = of_port.map(model::is_tls).collect();
    let has_listeners = || world.scope(caller).is_some_and(|scope| scope.egress.len() > 1);
    let kubernetes = services.clone().find(|service| matches!(service.source, model::Source::Kubernetes { .. }));
    let is_of_client = |service: &model::Service| service.meta.namespace == caller.namespace;
    let is_open_for_ztunnel = || {
        kubernetes.is_none_or(|kubernetes| {
            kubernetes.meta.namespace != caller.namespace
                && services.clone().any(|one| is_of_client(one) && one.meta.namespace != kubernetes.meta.namespace)
        })
    };
    let is_open = || if caller.plane == Plane::Ambient { is_open_for_ztunnel() } else { has_listeners() };
    words.len() > 1 || services.clone().count() > 1 && is_open()
}

/// A failing call, whoever makes it: host, port, subset, server, verdict.
type Broken = (Text, u16, Option<Text>, Option<Subject>, Verdict);

/// What the grouped search for mismatches says.
fn grouped(mesh: &Mesh<'_>) -> BTreeSet<Broken> {
    // Modes of workloads that were not read are not compared: the naive reading has none.
    let fails = mesh.mismatches().iter().filter(|mismatch| matches!(mismatch.verdict, Verdict::Fail(_)) && !mismatch.is_assumed);
    let broken = |one: &Mismatch| {
        let server = one.server.as_ref().map(|(subject, _)| subject.clone());
        Some((one.service.0.clone(), one.service.1?, one.subset.clone(), server, one.verdict))
    };
    fails.filter_map(broken).collect()
}

/// Every client there may be: of each namespace with a proxy that calls, without labels and with those that a rule or a
/// Sidecar resource there selects.
fn hypothetical<'m>(mesh: &'m Mesh<'m>) -> Vec<Client<'m>> {
    let mut all = Vec::new();
    for namespace in mesh.namespaces().keys() {
        let has = |plane| mesh.workloads_in(namespace).iter().any(|load| load.instances.iter().any(|one| one.dataplane == plane));
        let kinds = [(Dataplane::Sidecar, ClientKind::Sidecar), (Dataplane::Gateway, ClientKind::Gateway)];
        let mut selected = BTreeSet::from([Labels::default()]);
        for rule in mesh.destination_rules().iter().filter(|rule| rule.id.namespace == *namespace) {
            if let Selector::Labels(labels) = &rule.selector {
                selected.insert(labels.clone());
            }
        }
        let scopes = mesh.indices().services().sidecar_selectors(namespace);
        let merged = |own: &Labels, more: &Labels| own.iter().chain(more.iter()).map(|(key, value)| (key.clone(), value.clone())).collect();
        let both: Vec<Labels> = scopes.flat_map(|scope| selected.iter().map(move |own| merged(own, scope)).collect::<Vec<_>>()).collect();
        selected.extend(both);
        for (_, kind) in kinds.into_iter().filter(|(plane, _)| has(*plane)) {
            all.extend(selected.iter().map(|labels| Client::any(mesh.indices(), namespace, labels.clone(), kind)));
        }
    }
    all
}

/// The same as `grouped`, client by client and port by port.
fn one_by_one(mesh: &Mesh<'_>) -> BTreeSet<Broken> {
    let mut all = BTreeSet::new();
    for client in hypothetical(mesh) {
        for service in mesh.registry().services() {
            for port in &service.ports {
                let seen = mesh.indices().destination(&client, &service.host, port.number).filter(|to| to.is_port_of(service, port.number));
                if let Some(to) = seen.filter(|to| mesh.taken_by(&client, *to).is_none()) {
                    broken(mesh, &client, to, &mut all);
                }
            }
        }
    }
    all
}

/// The failing calls of one client to one port: of the whole, and of subsets to which it speaks otherwise.
fn broken(mesh: &Mesh<'_>, client: &Client<'_>, to: Destination<'_>, all: &mut BTreeSet<Broken>) {
    let endpoints = mesh.endpoints_for(client.kind, to.service, to.port);
    let whole = mesh.indices().cluster(client, to, None, &endpoints);
    let names = whole.rule.iter().flat_map(|rule| &rule.subsets).map(|(_, subset)| Some(&subset.name));
    for subset in std::iter::once(None).chain(names) {
        let cluster = mesh.indices().cluster(client, to, subset.map(Text::as_str), &endpoints);
        if subset.is_some() && cluster.tls == whole.tls {
            continue;
        }
        // S280: a call of an address goes to the service that has its listener.
        let is_by_address = client.kind == ClientKind::Sidecar && to.service.is_headless();
        let is_own = |endpoint: &Endpoint<'_>| {
            let owner = is_by_address.then(|| mesh.listener_at(client, endpoint, to.port.number)).flatten();
            owner.is_none_or(|owner| owner.service.id == to.service.id)
        };
        for endpoint in endpoints.iter().filter(|endpoint| is_in(&cluster, subset, &endpoint.labels) && is_own(endpoint)) {
            let is_app_tls = to.port.protocol == Protocol::Tls;
            let wire = mesh.sent_as(client, Some(&cluster), endpoint, is_app_tls);
            let call = CallProperties { client: client.kind, is_not_http: false, is_app_tls, is_server_first: false };
            let judged = mesh.evaluate(endpoint, wire, call).verdict;
            let names = mesh.indices().accepted_names(client, &cluster, &endpoints);
            let is_strange = wire == SentAs::Mtls && judged == Verdict::Mtls && !mesh.indices().is_identified(client, &names, endpoint);
            let verdict = if is_strange { Verdict::Fail(Failure::ServerIdentityRejected) } else { judged };
            // That nothing answers at an endpoint is no disagreement about TLS.
            if matches!(verdict, Verdict::Fail(_)) && verdict != Verdict::Fail(Failure::NothingThere) {
                let server = endpoint.server.map(|(workload, _)| workload.subject.clone());
                all.insert((to.service.host.clone(), to.port.number, subset.cloned(), server, verdict));
            }
        }
    }
}

/// Whether an endpoint is one of a subset (S75: of an `ORIGINAL_DST` cluster every one is).
fn is_in(cluster: &Cluster<'_>, subset: Option<&Text>, labels: &Labels) -> bool {
    let named = subset.and_then(|name| cluster.rule.as_ref()?.subset(name));
    cluster.is_original_dst || named.is_none_or(|subset| subset.labels.selects(labels))
}

/// A thousand meshes, the same in every run; others and more if `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for them.
fn config() -> ProptestConfig {
    at_least(1024)
}

/// The same with another number of meshes.
pub(crate) fn at_least(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let rng_seed = if config.rng_seed == RngSeed::Random { RngSeed::Fixed(44) } else { config.rng_seed };
    ProptestConfig {
        cases: if config.cases > 256 { config.cases } else { cases },
        rng_seed,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn all_pairs_agree_with_the_naive_reading(world in world()) {
        let found = with(&world.yaml(), |mesh| difference(&world, mesh));
        prop_assert!(found.is_none(), "{}", found.unwrap_or_default());
    }

    #[test]
    fn names_of_pods_agree_with_the_naive_reading(world in world()) {
        let found = with(&world.yaml(), |mesh| difference_of_pods(&world, mesh));
        prop_assert!(found.is_none(), "{}", found.unwrap_or_default());
    }

    #[test]
    fn the_matrix_counts_what_all_pairs_say(world in world()) {
        with(&world.yaml(), crate::matrix::agree);
    }

    #[test]
    fn what_the_mismatches_say_is_what_all_pairs_say(world in world()) {
        let (fast, naive) = with(&world.yaml(), |mesh| (grouped(mesh), one_by_one(mesh)));
        let missing: Vec<_> = naive.difference(&fast).collect();
        let invented: Vec<_> = fast.difference(&naive).collect();
        prop_assert!(missing.is_empty() && invented.is_empty(), "missing {missing:#?}\ninvented {invented:#?}");
    }
}

/// Every client that was read: its namespace, what sends its calls, its labels. A waypoint calls for others only.
pub(crate) fn everybody(mesh: &Mesh<'_>) -> BTreeSet<(Text, ClientKind, Labels)> {
    let all = mesh.workloads().iter().flat_map(|workload| workload.instances.iter().map(move |one| (workload, one)));
    let callers = all.map(|(workload, one)| (workload.subject.namespace.clone(), one.dataplane.into(), one.labels.clone()));
    callers.filter(|(_, kind, _)| *kind != ClientKind::Waypoint).collect()
}
