//! Small meshes by chance, made of choices that shrink: every list gets shorter, every choice moves towards the first of its kind.
//!
//! What is kept out, and why, stands where it would have been made.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
};

use super::model::{
    Backend, Balancer, Config, INJECT, Inline, Labels, Listener, Load, Meta, Mode, Policy, Port, ROOT, Resolution, Rule, Scope, Service,
    Shape, Source, Space, SpaceLabel, Subset, TLS_MODE, Target, Tls, Traffic, World, generated_rules,
};

const NAMES: [&str; 4] = ["a", "b", ROOT, "c"];

/// One of a few, the first ones more often: what is together has more to do with each other.
fn somewhere() -> impl Strategy<Value = usize> {
    select(&[0, 0, 0, 0, 1, 1, 2, 3][..])
}

/// Where an object lies and when it was created; its name is a letter, so that age and name do not say the same, and its place.
fn meta(letters: &'static [&'static str]) -> impl Strategy<Value = (usize, &'static str, u8)> {
    (somewhere(), select(letters), select(&[0u8, 1, 2, 3][..]))
}

fn named((namespace, letter, second): (usize, &'static str, u8), at: usize, spaces: &[Space]) -> Meta {
    Meta { namespace: spaces[namespace % spaces.len()].name, name: format!("{letter}{at}"), second }
}

fn app() -> impl Strategy<Value = Labels> {
    select(&["x", "y"][..]).prop_map(|app| Labels::from([("app", app)]))
}

fn version() -> impl Strategy<Value = Option<(&'static str, &'static str)>> {
    select(&[None, Some(("version", "v1")), Some(("version", "v2"))][..])
}

type Placed<T> = ((usize, &'static str, u8), T);

/// A workload. A gateway is a client only: what a Gateway resource opens on it is another table's business (S102).
fn load() -> impl Strategy<Value = Placed<Load>> {
    let shapes = [
        Shape::Sidecar,
        Shape::Sidecar,
        Shape::Sidecar,
        Shape::Naked,
        Shape::Template,
        Shape::Template,
        Shape::Ambient,
        Shape::Ambient,
        Shape::Gateway,
    ];
    let tls_mode = select(&[None, None, None, None, Some("disabled"), Some("istio"), Some("other")][..]);
    let ports = select(vec![vec![("web", 8080)], vec![("web", 8080), ("admin", 9090)], vec![("web", 9090)], vec![]]);
    let excluded = select(&[None, None, None, None, None, Some(8080), Some(9090)][..]);
    let inject = select(&[None, None, Some("true"), Some("false")][..]);
    let shape = select(shapes.to_vec());
    let meta = (0..NAMES.len(), Just("w"), Just(0));
    (meta, shape, app(), version(), (tls_mode, inject), ports, excluded).prop_map(
        |(meta, shape, mut labels, version, (tls_mode, inject), ports, excluded)| {
            labels.extend(version);
            match shape {
                Shape::Gateway => {
                    labels = Labels::from([("app", "edge")]);
                }
                Shape::Sidecar => {
                    // Injection adds it unless the template says otherwise; a third word stands for a pod made by hand.
                    labels.insert(TLS_MODE, tls_mode.unwrap_or("istio"));
                }
                Shape::Template => {
                    labels.extend(tls_mode.map(|mode| (TLS_MODE, mode)));
                    labels.extend(inject.map(|inject| (INJECT, inject)));
                }
                Shape::Naked | Shape::Ambient => labels.extend(tls_mode.map(|mode| (TLS_MODE, mode))),
            }
            let nowhere = Meta { namespace: ROOT, name: String::new(), second: 0 };
            (meta, Load { meta: nowhere, shape, labels, ports, excluded })
        },
    )
}

/// A service before it knows where it is, and the workloads that its own endpoints mean.
#[derive(Clone, Debug)]
struct Draft {
    source: Source,
    selector: Labels,
    ports: Vec<Port>,
    export_to: Vec<&'static str>,
    host: Host,
    /// The workload that it means, if there is one that it means.
    of: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Host {
    /// Its own.
    Own,
    /// One that several may have.
    Shared,
    /// That of another service.
    Of(usize),
}

/// Who sees something: most often everybody.
fn export_to() -> impl Strategy<Value = Vec<&'static str>> {
    let fixed = select(vec![vec!["*"], vec!["."], vec!["a"], vec!["b"], vec!["a", "b"], vec![".", "b"], vec![ROOT]]);
    prop_oneof![6 => Just(Vec::new()), 3 => fixed, 1 => subsequence(vec![".", "a", "b", "c", ROOT], 1..4)]
}

/// A port of a Kubernetes Service. No `mysql` and the like: a server that speaks first is S30's, and held by its own tests.
fn port(number: u16) -> impl Strategy<Value = Port> {
    let words = ["http", "tcp", "foo", "https", "grpc", "HTTP2", "grpc-web", "redis"];
    let app_protocols = [None, None, None, None, None, Some("http"), Some("tcp"), Some("kubernetes.io/h2c"), Some("https")];
    let targets = [Target::Number(8080), Target::Number(9090), Target::Same, Target::Name("web"), Target::Name("admin")];
    (select(words.to_vec()), select(app_protocols.to_vec()), select(targets.to_vec())).prop_map(move |(word, app_protocol, target)| Port {
        number,
        word: format!("{word}-{number}"),
        app_protocol,
        target,
    })
}

/// The workload that a service or a policy means; none for one that means nobody in particular.
fn meant() -> impl Strategy<Value = Option<usize>> {
    prop::option::weighted(0.8, 0..5usize)
}

fn kubernetes() -> impl Strategy<Value = Draft> {
    let selector = (app(), version(), any::<bool>()).prop_map(|(mut labels, version, is_narrow)| {
        labels.extend(version.filter(|_| is_narrow));
        labels
    });
    (select(&[false, false, false, true][..]), selector, (port(80), prop::option::of(port(81))), export_to(), meant()).prop_map(
        |(is_headless, selector, (first, second), export_to, of)| {
            let mut ports: Vec<Port> = std::iter::once(first).chain(second).collect();
            if is_headless {
                // A headless service's port is not translated (S75): nothing says what comes of a port at which nobody listens.
                for port in &mut ports {
                    port.number += 8000;
                    port.target = Target::Same;
                }
            }
            Draft { source: Source::Kubernetes { is_headless }, selector, ports, export_to, host: Host::Own, of }
        },
    )
}

fn entry() -> impl Strategy<Value = Draft> {
    let inline = (0..6usize, any::<bool>(), version(), select(&[None, Some("istio"), Some("disabled")][..])).prop_map(
        |(load, is_foreign, version, tls_mode)| Inline {
            load: Some(load).filter(|_| !is_foreign),
            labels: version.into_iter().chain(tls_mode.map(|mode| (TLS_MODE, mode))).collect(),
        },
    );
    let resolution = select(&[Resolution::Static, Resolution::Static, Resolution::Static, Resolution::Dns, Resolution::None][..]);
    let by = prop_oneof![app().prop_map(|labels| (labels, Vec::new())), vec(inline, 0..3).prop_map(|inline| (Labels::new(), inline))];
    let one = |number| {
        let targets = vec![Target::Number(8080), Target::Same, Target::Number(9090)];
        (select(&["HTTP", "TCP", "HTTPS"][..]), select(targets)).prop_map(move |(word, target)| Port {
            number,
            word: word.to_owned(),
            app_protocol: None,
            target,
        })
    };
    let ports = (one(80), prop::option::of(one(81))).prop_map(|(first, second)| std::iter::once(first).chain(second).collect());
    let host = prop_oneof![3 => Just(Host::Own), 2 => Just(Host::Shared), 1 => (0..4usize).prop_map(Host::Of)];
    (any::<bool>(), resolution, by, ports, export_to(), host, meant()).prop_map(
        |(is_external, resolution, (selector, inline), ports, export_to, host, of)| {
            // Only STATIC has endpoints: what a name resolves to is in no configuration.
            let (selector, inline) = if resolution == Resolution::Static { (selector, inline) } else { (Labels::new(), Vec::new()) };
            Draft { source: Source::Entry { is_external, resolution, inline }, selector, ports, export_to, host, of }
        },
    )
}

fn service() -> impl Strategy<Value = Placed<Draft>> {
    (meta(&["s"]), prop_oneof![3 => kubernetes().boxed(), 1 => entry().boxed()])
}

fn tls() -> impl Strategy<Value = Option<Tls>> {
    let modes = [
        None,
        None,
        Some(Tls::Disable),
        Some(Tls::IstioMutual),
        Some(Tls::Empty),
        Some(Tls::Simple),
        Some(Tls::Mutual),
        Some(Tls::Hollow),
        Some(Tls::Credential),
    ];
    select(modes.to_vec())
}

fn balancer() -> impl Strategy<Value = Option<Balancer>> {
    select(&[None, None, None, None, None, None, Some(Balancer::RoundRobin), Some(Balancer::Passthrough)][..])
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let port = prop::option::weighted(0.4, (select(&[80u16, 80, 8080, 81][..]), tls(), balancer()));
    (tls(), balancer(), port).prop_map(|(tls, balancer, port)| Traffic { tls, balancer, ports: port.into_iter().collect() })
}

/// A host as a rule may write it.
#[derive(Clone, Copy, Debug)]
enum Written {
    Of(usize),
    Short(usize),
    Dotted(usize),
    Of2(usize),
    Namespace(usize),
    Suffix(&'static str),
}

fn written() -> impl Strategy<Value = Written> {
    prop_oneof![
        6 => somewhere().prop_map(Written::Of),
        3 => somewhere().prop_map(Written::Short),
        1 => (0..5usize).prop_map(Written::Dotted),
        1 => (0..5usize).prop_map(Written::Of2),
        2 => (0..NAMES.len()).prop_map(Written::Namespace),
        3 => select(&["*.local", "*", "*.example.com", "*.svc.cluster.local"][..]).prop_map(Written::Suffix),
    ]
}

fn host(written: Written, services: &[Service], spaces: &[Space]) -> String {
    let of = |at: usize| services.get(at % services.len().max(1));
    match written {
        Written::Of(at) => of(at).map_or_else(|| "none.example.com".to_owned(), |service| service.host.clone()),
        Written::Short(at) => of(at).map_or_else(|| "none".to_owned(), |service| service.meta.name.clone()),
        Written::Dotted(at) => {
            of(at).map_or_else(|| "none.a".to_owned(), |service| service.meta.name.clone() + "." + service.meta.namespace)
        }
        Written::Of2(at) => of(at).map_or_else(|| "*".to_owned(), |service| format!("*{}", service.host)),
        Written::Namespace(at) => format!("*.{}.svc.cluster.local", spaces[at % spaces.len()].name),
        Written::Suffix(host) => host.to_owned(),
    }
}

/// A rule, how it writes its host, and whether it is for the very host of the one before it, beside that (S58).
type Draw = (Rule, Written, bool);

fn rule() -> impl Strategy<Value = Placed<Draw>> {
    let subset_labels = select(vec![vec![("version", "v1")], vec![("version", "v2")], vec![]]);
    let subset = |name| {
        let of = (subset_labels.clone(), prop::option::of(traffic()));
        prop::option::weighted(0.35, of.prop_map(move |(labels, traffic)| Subset { name, labels: labels.into_iter().collect(), traffic }))
    };
    let selector = prop::option::weighted(0.25, app());
    let written = (written(), any::<bool>());
    (meta(&["r", "q"]), written, export_to(), selector, prop::option::weighted(0.85, traffic()), (subset("one"), subset("two"))).prop_map(
        |(meta, (host, is_again), export_to, selector, traffic, (one, two))| {
            let nowhere = Meta { namespace: ROOT, name: String::new(), second: 0 };
            let subsets = one.into_iter().chain(two).collect();
            (
                meta,
                (Rule { meta: nowhere, host: String::new(), export_to, selector, traffic, subsets, is_generated: false }, host, is_again),
            )
        },
    )
}

fn mode() -> impl Strategy<Value = Option<Mode>> {
    select(&[Some(Mode::Strict), None, Some(Mode::Permissive), Some(Mode::Disable)][..])
}

/// A policy. None with `selector: {}`: sidecars and ztunnel read that differently, and S127 does not say all of how.
fn policy() -> impl Strategy<Value = Placed<(Policy, Option<usize>)>> {
    let ports = vec((select(&[8080u16, 8080, 9090, 80][..]), mode()), 0..3);
    (meta(&["p", "o"]), prop::option::of(app()), mode(), ports, meant()).prop_map(|(meta, selector, mode, mut ports, of)| {
        ports.sort_by_key(|(port, _)| *port);
        ports.dedup_by_key(|(port, _)| *port);
        if selector.is_none() {
            // The API server refuses ports without a selector (S4).
            ports.clear();
        }
        let nowhere = Meta { namespace: ROOT, name: String::new(), second: 0 };
        (meta, (Policy { meta: nowhere, selector, mode, ports }, of))
    })
}

/// What an `egress` lists: the namespace, and the host of a service or a suffix.
fn listed() -> impl Strategy<Value = (&'static str, Option<usize>, &'static str)> {
    let of = select(&["*", ".", "a", "b", ROOT, "~", "~a", "~."][..]);
    (of, prop::option::of(0..5usize), select(&["*", "*.svc.cluster.local", "*.example.com"][..]))
}

type Egress = Vec<(Option<u16>, Vec<(&'static str, Option<usize>, &'static str)>)>;

fn scope() -> impl Strategy<Value = Placed<(Scope, Egress)>> {
    let port = select(&[None, None, None, Some(80), Some(81)][..]);
    let egress = vec((port, vec(listed(), 1..4)), 0..3);
    let outbound = select(&[None, None, Some(false), Some(true)][..]);
    (meta(&["e", "d"]), prop::option::weighted(0.4, app()), egress, outbound).prop_map(|(meta, selector, egress, is_registry_only)| {
        let nowhere = Meta { namespace: ROOT, name: String::new(), second: 0 };
        // A selector in the root namespace is nobody's (S44), which is worth having.
        (meta, (Scope { meta: nowhere, selector, egress: Vec::new(), is_registry_only }, egress))
    })
}

/// Most often none, because they hide things.
fn scopes() -> impl Strategy<Value = Vec<Placed<(Scope, Egress)>>> {
    prop_oneof![3 => Just(Vec::new()), 2 => vec(scope(), 1..3)]
}

fn spaces() -> impl Strategy<Value = Vec<Space>> {
    let labels = [SpaceLabel::Injected, SpaceLabel::Nothing, SpaceLabel::Ambient, SpaceLabel::Canary];
    (vec(select(labels.to_vec()), NAMES.len()), 1..NAMES.len()).prop_map(|(labels, others)| {
        let all: Vec<Space> = NAMES.into_iter().zip(labels).map(|(name, label)| Space { name, label }).collect();
        let is_there = |(at, space): &(usize, Space)| space.name == ROOT || at - usize::from(*at > 2) < others;
        all.into_iter().enumerate().filter(is_there).map(|(_, space)| space).collect()
    })
}

fn config() -> impl Strategy<Value = Config> {
    let auto = select(&[true, true, true, true, false][..]);
    (auto, select(&[false, false, false, false, true][..]))
        .prop_map(|(has_auto_mtls, is_registry_only)| Config { has_auto_mtls, is_registry_only })
}

/// Backend policies before their services are known: most often none.
fn backends() -> impl Strategy<Value = Vec<(usize, Option<usize>, u8)>> {
    let one = (somewhere(), prop::option::of(0..2usize), select(&[0u8, 1, 2, 3][..]));
    prop_oneof![2 => Just(Vec::new()), 1 => vec(one, 1..4)]
}

fn attached(drawn: Vec<(usize, Option<usize>, u8)>, services: &[Service]) -> Vec<Backend> {
    let place = |(at, (service, port, second)): (usize, (usize, Option<usize>, u8))| {
        let service = service % services.len();
        let meta = Meta { namespace: services[service].meta.namespace, name: format!("b{at}"), second };
        Backend { meta, service, port: port.map(|port| port % services[service].ports.len()) }
    };
    let mut all: Vec<Backend> = drawn.into_iter().enumerate().map(place).collect();
    // Policies for two entries with one host are one rule or two (S260), which is not what these meshes are about.
    let is_first = |one: &Backend| {
        let of = |at: usize| (&services[at].host, services[at].meta.namespace);
        (0..one.service).all(|before| of(before) != of(one.service))
    };
    all.retain(is_first);
    all.sort_by_key(|one| (one.meta.second.wrapping_sub(1), one.meta.namespace, one.meta.name.clone()));
    all
}

/// A small mesh.
pub(crate) fn world() -> impl Strategy<Value = World> {
    let objects = (vec(load(), 1..7), vec(service(), 1..6), vec(rule(), 0..6), vec(policy(), 0..5), scopes());
    let of_gateway_api = (backends(), any::<bool>());
    (spaces(), config(), config(), objects, of_gateway_api).prop_map(|(spaces, config, canary, objects, (backends, is_old))| {
        let (loads, services, rules, policies, scopes) = objects;
        let place = |placed, at| named(placed, at, &spaces);
        let loads: Vec<Load> = loads.into_iter().enumerate().map(|(at, (meta, load))| Load { meta: place(meta, at), ..load }).collect();
        let metas: Vec<Meta> = services.iter().enumerate().map(|(at, (meta, draft))| beside(place(*meta, at), draft, &loads)).collect();
        let services: Vec<Service> = services.into_iter().enumerate().map(|(at, (_, draft))| settled(draft, at, &metas, &loads)).collect();
        let rules = placed(rules, &services, &spaces);
        let policies = policies.into_iter().enumerate().map(|(at, (meta, (policy, of)))| {
            let of = of.map(|of| &loads[of % loads.len()]);
            aimed(Policy { meta: place(meta, at), ..policy }, of)
        });
        let scopes = scopes.into_iter().enumerate().map(|(at, (meta, (scope, egress)))| Scope {
            meta: place(meta, at),
            egress: egress.into_iter().map(|(port, hosts)| listener(port, &hosts, &services)).collect(),
            ..scope
        });
        let (policies, scopes) = (policies.collect(), scopes.collect());
        let backends = attached(backends, &services);
        let generated = generated_rules(&services, &backends);
        let is_old = is_old && !backends.is_empty();
        World { spaces, config, canary, loads, services, rules, backends, generated, is_old, policies, scopes }
    })
}

fn placed(drawn: Vec<Placed<Draw>>, services: &[Service], spaces: &[Space]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (at, (meta, (rule, written, is_again))) in drawn.into_iter().enumerate() {
        let mut meta = named(meta, at, spaces);
        let mut host = host(written, services, spaces);
        if let Some(before) = rules.last().filter(|_| is_again) {
            (meta.namespace, host) = (before.meta.namespace, before.host.clone());
        }
        rules.push(Rule { meta, host, ..rule });
    }
    rules
}

fn own_host(meta: &Meta) -> String {
    format!("{}.{}.svc.cluster.local", meta.name, meta.namespace)
}

/// A policy with a selector, made to select a workload that it means.
fn aimed(mut policy: Policy, of: Option<&Load>) -> Policy {
    if let (Some(load), Some(selector)) = (of, &mut policy.selector) {
        policy.meta.namespace = load.meta.namespace;
        selector.extend(load.labels.get("app").map(|app| ("app", *app)));
    }
    policy
}

/// The workload that a service means, where that can be a server.
fn meant_by<'l>(draft: &Draft, loads: &'l [Load]) -> Option<&'l Load> {
    draft.of.map(|of| &loads[of % loads.len()]).filter(|load| load.shape != Shape::Gateway)
}

/// A service lies where the workload is that it means.
fn beside(meta: Meta, draft: &Draft, loads: &[Load]) -> Meta {
    Meta { namespace: meant_by(draft, loads).map_or(meta.namespace, |load| load.meta.namespace), ..meta }
}

fn settled(draft: Draft, at: usize, metas: &[Meta], loads: &[Load]) -> Service {
    let app = meant_by(&draft, loads).and_then(|load| load.labels.get("app").copied());
    let Draft { mut source, mut selector, ports, export_to, host, .. } = draft;
    if let (Some(app), Some(selected)) = (app, selector.get_mut("app")) {
        *selected = app;
    }
    let meta = metas[at].clone();
    let host = match (&mut source, host) {
        (Source::Kubernetes { .. }, _) => own_host(&meta),
        (Source::Entry { inline, .. }, host) => {
            for one in inline {
                one.load = one.load.map(|load| load % loads.len()).filter(|load| has_address(&loads[*load]));
            }
            match host {
                Host::Own => format!("{}.example.com", meta.name),
                Host::Shared => "shared.example.com".to_owned(),
                Host::Of(other) => own_host(&metas[other % metas.len()]),
            }
        }
    };
    Service { meta, host, source, selector, ports, export_to }
}

/// Whether an address in an entry may mean this workload. A template has none, and a gateway is nobody's server here.
fn has_address(load: &Load) -> bool {
    !matches!(load.shape, Shape::Template | Shape::Gateway)
}

fn listener(port: Option<u16>, hosts: &[(&'static str, Option<usize>, &'static str)], services: &[Service]) -> Listener {
    let one = |(namespace, service, suffix): &(&'static str, Option<usize>, &'static str)| {
        let name = service.map_or_else(|| (*suffix).to_owned(), |at| services[at % services.len()].host.clone());
        format!("{namespace}/{name}")
    };
    Listener { port, hosts: hosts.iter().map(one).collect() }
}
