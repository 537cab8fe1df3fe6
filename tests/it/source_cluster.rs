//! The cluster as a source: the same answers as files give, and every way in which it can fail.

use std::time::Duration;

use kubectl_mtls::{
    checks,
    mesh::{ControlPlaneOptions, Mesh},
    object::{Coverage, Kind, Snapshot},
    source::{Connection, SourceError, cluster},
};

use crate::{
    api::{Api, Fault, What, documents},
    laws::answers,
    mesh_injection::deployment,
    support::{NOW, folder, namespace, snapshot},
};

const BOOKINFO: &str = "testdata/meshes/bookinfo";

pub(crate) fn read_with(api: &Api, name: &str, page: usize, namespaces: &[&str], timeout: Duration) -> Result<Snapshot, SourceError> {
    cluster::read(&cluster::Request {
        connection: Connection { kubeconfig: Some(api.kubeconfig(name)), ..Connection::default() },
        namespaces: namespaces.iter().map(ToString::to_string).collect(),
        istio_namespace: "istio-system".into(),
        timeout,
        page,
        now: NOW,
        kinds: cluster::Kinds::All,
        progress: cluster::Progress::default(),
        limits: cluster::Limits::default(),
    })
}

/// A request for all of a cluster.
pub(crate) fn request(connection: Connection) -> cluster::Request {
    cluster::Request {
        connection,
        namespaces: vec![],
        istio_namespace: "istio-system".into(),
        timeout: Duration::from_secs(5),
        page: 500,
        now: NOW,
        kinds: cluster::Kinds::All,
        progress: cluster::Progress::default(),
        limits: cluster::Limits::default(),
    }
}

fn read(api: &Api, name: &str) -> Result<Snapshot, SourceError> {
    read_with(api, name, 500, &[], Duration::from_secs(30))
}

fn ask(snapshot: &Snapshot) -> String {
    answers(&Mesh::new(snapshot, &ControlPlaneOptions::default()))
}

/// The keystone: one mesh, two sources, one answer.
#[test]
fn files_and_cluster_give_the_same_answers() {
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "external-callers", "two-revisions"] {
        let path = format!("testdata/meshes/{mesh}");
        let snapshot = read(&Api::new(&path, &[]), mesh).unwrap();
        assert_eq!(snapshot.gaps, [], "{mesh}");
        assert_eq!(ask(&snapshot), ask(&folder(&path)), "{mesh}");
        let place = snapshot.cluster.unwrap();
        assert_eq!((place.context.as_deref(), place.version.as_str()), (Some("test"), "v1.36.2"));
    }
}

/// A cluster in which no webhook is Istio's injects nothing; files without one only leave that open (S138).
#[test]
fn without_a_webhook_of_istio_a_cluster_injects_nothing() {
    let yaml = namespace("shop", "istio-injection: enabled") + &deployment("shop", "", "", "");
    let read = read(&Api::serving(documents(&yaml), &[]), "no-webhooks").unwrap();
    for (source, snapshot, assumes, dataplane) in [("cluster", read, false, "none"), ("files", snapshot(&yaml), true, "sidecar")] {
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
        assert_eq!((mesh.indices().assumes_webhooks(), crate::support::dataplane(&mesh, "web")), (assumes, dataplane), "{source}");
    }
}

/// JSON is the way back where a server, or something before it, has no protobuf.
#[test]
fn protobuf_and_json_give_the_same_answers() {
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "external-callers", "two-revisions"] {
        let path = format!("testdata/meshes/{mesh}");
        let whole = ask(&folder(&path));
        let servers =
            [("both", Api::new(&path, &[])), ("json", Api::new(&path, &[]).json_only()), ("406", Api::new(&path, &[]).refusing_protobuf())];
        for (name, api) in servers {
            let snapshot = read_with(&api, &format!("{mesh}-{name}"), 3, &[], Duration::from_secs(30)).unwrap();
            assert_eq!(snapshot.gaps, [], "{mesh} {name}");
            assert_eq!(ask(&snapshot), whole, "{mesh} {name}");
        }
    }
}

/// Nobody decides where the network cuts a body: in the middle of a number, of a name, or between two objects.
#[test]
fn how_a_body_is_cut_makes_no_difference() {
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "external-callers", "two-revisions"] {
        let path = format!("testdata/meshes/{mesh}");
        let whole = ask(&folder(&path));
        for size in [1, 7, 64, 4096] {
            let api = Api::new(&path, &[]).in_pieces(size);
            let snapshot = read(&api, &format!("{mesh}-pieces-{size}")).unwrap();
            assert_eq!(snapshot.gaps, [], "{mesh}, {size} bytes");
            assert_eq!(ask(&snapshot), whole, "{mesh}, {size} bytes");
        }
    }
}

/// Beginnings of the paths of kinds that the API server itself defines.
const BUILT_IN: [&str; 8] = [
    "/api/v1/",
    "/apis/apps/",
    "/apis/batch/",
    "/apis/admissionregistration.k8s.io/",
    "/apis/discovery.k8s.io/",
    "/apis/apiextensions.k8s.io/",
    "/apis/apiregistration.k8s.io/",
    "/apis/networking.k8s.io/",
];

#[test]
fn protobuf_is_asked_for_where_the_server_has_it() {
    let api = Api::new(BOOKINFO, &[]);
    read(&api, "accept").unwrap();
    for (path, accept) in api.accepts() {
        let is_built_in = BUILT_IN.iter().any(|start| path.contains(start));
        assert_eq!(accept.contains("vnd.kubernetes.protobuf"), is_built_in, "{path}: {accept}");
    }
}

/// A body that breaks in the middle of a page is asked for again, and nothing counts twice.
#[test]
fn a_page_that_broke_once_is_read_from_its_start() {
    let whole = ask(&folder(BOOKINFO));
    for (name, what) in [("cut", What::CutBody), ("reset", What::Reset)] {
        let api = Api::new(BOOKINFO, &[Fault { at: "/pods?limit=3&continue", what, times: 1 }]);
        let snapshot = read_with(&api, &format!("once-{name}"), 3, &[], Duration::from_secs(30)).unwrap();
        assert_eq!((snapshot.gaps.len(), ask(&snapshot)), (0, whole.clone()), "{name}");
    }
}

#[test]
fn the_size_of_a_page_makes_no_difference() {
    let whole = ask(&folder(BOOKINFO));
    for page in [1, 2, 7] {
        let snapshot = read_with(&Api::new(BOOKINFO, &[]), &format!("page-{page}"), page, &[], Duration::from_secs(30)).unwrap();
        assert_eq!(ask(&snapshot), whole, "{page} a page");
    }
}

#[test]
fn only_gets_leave_and_no_secret_is_asked_for() {
    for (name, kinds, namespaces, least) in [
        ("all", cluster::Kinds::All, &[][..], 15),
        ("all-in-data", cluster::Kinds::All, &["data"], 15),
        ("comparison", cluster::Kinds::Comparison, &[], 21),
        ("policies", cluster::Kinds::Policies, &[], 10),
        ("workloads", cluster::Kinds::Workloads, &[], 14),
    ] {
        let api = Api::new(BOOKINFO, &[]);
        let connection = Connection { kubeconfig: Some(api.kubeconfig(&format!("verbs-{name}"))), ..Connection::default() };
        let namespaces = namespaces.iter().map(ToString::to_string).collect();
        cluster::read(&cluster::Request { kinds, namespaces, ..request(connection) }).unwrap();
        let requests = api.requests();
        assert!(requests.len() > least, "{name}: {requests:?}");
        for request in requests {
            assert!(request.starts_with("GET ") && !request.contains("secret") && !request.contains("watch"), "{name}: {request}");
            let is_by_name = request.contains("/configmaps/istio");
            assert!(!request.contains("configmaps") || is_by_name, "{name}: {request}");
        }
    }
}

/// A selector narrows one list and no other.
#[test]
fn endpoints_that_a_controller_derives_from_pods_are_not_asked_for() {
    const CHOSEN: &str = "labelSelector=endpointslice.kubernetes.io%2Fmanaged-by%21%3Dendpointslice-controller.k8s.io";
    for (name, namespaces) in [("everywhere", &[][..]), ("in-one", &["data"])] {
        let api = Api::new(BOOKINFO, &[]);
        read_with(&api, &format!("slices-{name}"), 500, namespaces, Duration::from_secs(30)).unwrap();
        let (slices, others): (Vec<String>, Vec<String>) =
            api.requests().into_iter().partition(|request| request.contains("/endpointslices?"));
        assert!(!slices.is_empty() && slices.iter().all(|request| request.ends_with(CHOSEN)), "{name}: {slices:?}");
        assert!(others.iter().all(|request| !request.contains("Selector")), "{name}: {others:?}");
    }
}

#[test]
fn with_namespaces_workloads_are_read_there_only_and_policies_everywhere() {
    let api = Api::new(BOOKINFO, &[]);
    let snapshot = read_with(&api, "confined", 500, &["data"], Duration::from_secs(30)).unwrap();
    assert!(snapshot.pods.iter().all(|read| read.id.namespace == "data") && !snapshot.pods.is_empty());
    assert!(snapshot.peer_authentications.iter().any(|read| read.id.namespace == "istio-system"));
    assert!(snapshot.gaps.is_empty(), "{:?}", snapshot.gaps);
}

#[test]
fn what_depends_on_clients_reads_the_workloads_of_all_namespaces() {
    let read = |name: &str, kinds, api: Api| {
        let connection = Connection { kubeconfig: Some(api.kubeconfig(name)), ..Connection::default() };
        cluster::read(&cluster::Request { kinds, namespaces: vec!["data".into()], ..request(connection) }).unwrap()
    };
    for (name, kinds) in [("call", cluster::Kinds::Call), ("compared", cluster::Kinds::Comparison)] {
        let snapshot = read(name, kinds, Api::new(BOOKINFO, &[]));
        assert!(snapshot.pods.iter().any(|read| read.id.namespace == "bookinfo"), "{name}");
        assert_eq!((snapshot.gaps.as_slice(), snapshot.coverage.get(&Kind::Pod)), (&[][..], None), "{name}");
        // With rights in one namespace alone, the rest is a gap.
        let narrow = read(&format!("{name}-narrow"), kinds, Api::new(BOOKINFO, &[]).only_in(&["data", "istio-system"]));
        assert!(narrow.gaps.iter().any(|gap| gap.kind == Some(Kind::Pod)), "{name}: {:?}", narrow.gaps);
        assert!(narrow.pods.iter().any(|read| read.id.namespace == "data"), "{name}");
    }
}

/// Who may read in one namespace and in istiod's alone knows nothing of the others, and says so.
#[test]
fn with_narrow_rights_only_what_was_looked_at_counts_as_seen() {
    let api = Api::new(BOOKINFO, &[]).only_in(&["data", "istio-system"]);
    let snapshot = read_with(&api, "narrow", 500, &["data"], Duration::from_secs(30)).unwrap();
    let within = |namespaces: &[&str]| Some(Coverage::Within(namespaces.iter().map(|namespace| (*namespace).into()).collect()));
    for (kind, seen) in [
        (Kind::Pod, within(&["data"])),
        (Kind::Service, within(&["data"])),
        (Kind::EndpointSlice, within(&["data"])),
        (Kind::Deployment, within(&["data", "istio-system"])),
        (Kind::PeerAuthentication, within(&["data", "istio-system"])),
        (Kind::DestinationRule, within(&["data", "istio-system"])),
        (Kind::KubernetesGateway, within(&["data", "istio-system"])),
        (Kind::Namespace, Some(Coverage::Nothing)),
        (Kind::MutatingWebhookConfiguration, Some(Coverage::Nothing)),
    ] {
        assert_eq!(snapshot.coverage.get(&kind), seen.as_ref(), "{kind:?}");
    }
    let policies = || snapshot.peer_authentications.iter().map(|read| &*read.id.namespace);
    assert!(policies().any(|namespace| namespace == "istio-system") && policies().all(|namespace| namespace != "bookinfo"));
}

#[test]
fn a_namespace_that_is_refused_is_a_gap_and_the_others_are_read() {
    let refused = Fault { at: "/namespaces/bookinfo/pods", what: What::Status(403, "not here"), times: 100 };
    let api = Api::new(BOOKINFO, &[refused]);
    let snapshot = read_with(&api, "one-refused", 500, &["bookinfo", "data"], Duration::from_secs(30)).unwrap();
    let [gap] = &snapshot.gaps[..] else { panic!("{:?}", snapshot.gaps) };
    assert_eq!((gap.resource.as_str(), gap.reason.as_str()), ("pods in namespace bookinfo", "forbidden: not here"));
    assert_eq!(snapshot.coverage.get(&Kind::Pod), Some(&Coverage::Within(["data".into()].into())));
    assert!(!snapshot.pods.is_empty() && snapshot.pods.iter().all(|read| read.id.namespace == "data"));
}

/// A server that is busy says when to come again: neither sooner nor later.
#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    // Without a word of the server's the three waits of the second row would take 1.4 s.
    for (after, times, sooner, later) in [(1, 1, 1000, 2500), (0, 3, 0, 1400)] {
        let api = Api::new(BOOKINFO, &[Fault { at: "/pods", what: What::Busy(after), times }]);
        let snapshot = read(&api, &format!("busy-{after}")).unwrap();
        assert_eq!(snapshot.gaps, []);
        let moments = api.moments("/pods");
        assert_eq!(moments.len(), times + 1);
        let waited = moments[times].duration_since(moments[0]).as_millis();
        assert!((sooner..later).contains(&waited), "{after} s: waited {waited} ms");
    }
}

#[test]
fn what_passes_by_itself_leaves_no_trace() {
    let whole = ask(&folder(BOOKINFO));
    for (name, at, what, times) in [
        ("429", "/pods", What::Status(429, "slow down"), 2),
        ("500", "peerauthentications", What::Status(500, "etcd"), 1),
        ("503", "/version", What::Status(503, "starting"), 2),
        ("410", "/pods?limit=3&continue", What::Status(410, "too old"), 1),
    ] {
        let api = Api::new(BOOKINFO, &[Fault { at, what, times }]);
        let snapshot = read_with(&api, name, 3, &[], Duration::from_secs(30)).unwrap();
        assert_eq!(snapshot.gaps, [], "{name}");
        assert_eq!(ask(&snapshot), whole, "{name}");
    }
}

#[test]
fn what_does_not_come_is_a_gap_with_cause_and_remedy_and_the_rest_is_read() {
    let rows: [(&str, &str, What, &str, &str); 15] = [
        ("proto", "/pods", What::TruncatedProtobuf, "truncated protobuf", "try again"),
        ("page", "/pods", What::Typed("text/html", b"<html>".to_vec()), "the content type is text/html", "proxy in front of it"),
        ("magic", "/pods", What::Typed("application/vnd.kubernetes.protobuf", b"{}".to_vec()), "protobuf header is missing", "try again"),
        ("bytes", "/pods", What::Typed("application/json", b"\xff\xfe".to_vec()), "invalid response to", "try again"),
        ("401", "/pods", What::Status(401, "expired"), "unauthorized: expired", "log in again"),
        ("429", "/pods", What::Busy(0), "returned status 429: too many requests", "try again"),
        ("403", "/pods", What::Status(403, "no pods for you"), "forbidden: no pods for you", "grant `list` on pods"),
        ("404", "sidecars", What::Status(404, "not found"), "returned status 404", "install the CRD of sidecars.networking.istio.io"),
        ("500s", "services", What::Status(500, "etcd"), "returned status 500: etcd", "try again"),
        ("410s", "/pods?limit=3&continue", What::Status(410, "too old"), "returned status 410", "try again"),
        ("cut", "/pods", What::CutBody, "the connection failed", "try again"),
        ("cut-json", "envoyfilters", What::CutBody, "the connection failed", "try again"),
        ("reset", "/pods", What::Reset, "the connection failed", "try again"),
        ("login", "destinationrules", What::Body("<html>login</html>"), "invalid response to", "try again"),
        ("half", "gateways", What::Body("{\"items\": [{"), "invalid response to", "try again"),
    ];
    for (name, at, what, because, hint) in rows {
        let api = Api::new(BOOKINFO, &[Fault { at, what, times: 100 }]);
        let snapshot = read_with(&api, &format!("gap-{name}"), 3, &[], Duration::from_secs(30)).unwrap();
        let gap = snapshot.gaps.first().unwrap_or_else(|| panic!("{name}: no gap"));
        assert!(gap.reason.contains(because), "{name}: {}", gap.reason);
        assert!(gap.hint.contains(hint), "{name}: {}", gap.hint);
        assert!(!snapshot.peer_authentications.is_empty(), "{name}: the rest was not read");
    }
}

#[test]
fn a_byte_that_never_comes_ends_at_the_deadline() {
    for (name, at) in [("protobuf", "/services"), ("json", "/sidecars")] {
        let api = Api::new(BOOKINFO, &[Fault { at, what: What::Stall, times: 100 }]);
        let snapshot = read_with(&api, &format!("stall-{name}"), 500, &[], Duration::from_secs(1)).unwrap();
        let [gap] = &snapshot.gaps[..] else { panic!("{name}: {:?}", snapshot.gaps) };
        assert!(gap.reason.contains("no response within 1 s") && gap.hint.contains("--request-timeout"), "{name}: {gap:?}");
    }
}

#[test]
fn a_cluster_that_cannot_be_read_at_all_is_an_error_with_a_hint() {
    let all = |what: What| vec![Fault { at: "/", what, times: 1000 }];
    let lists = |code: u16| ["/api/v1/", "/apis/"].map(|at| Fault { at, what: What::Status(code, "no"), times: 1000 }).to_vec();
    for (name, faults, said) in [
        ("nobody", all(What::Status(401, "who are you")), "unauthorized: who are you"),
        ("hung-up", all(What::Reset), "the connection failed"),
        ("webpage", all(What::Body("<html>")), "invalid response to"),
        ("nothing", lists(403), "is not allowed to read anything from"),
    ] {
        let error = read(&Api::new(BOOKINFO, &faults), name).unwrap_err();
        assert!(error.to_string().contains(said), "{name}: {error}");
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn a_cluster_without_istio_gets_a_clear_answer() {
    let api = Api::new(
        BOOKINFO,
        &[Fault { at: "/apis", what: What::Body("{\"kind\": \"APIGroupList\", \"groups\": [{\"name\": \"apps\"}]}"), times: 1 }],
    );
    let error = read(&api, "no-istio").unwrap_err();
    assert!(error.to_string().contains("has no Istio"), "{error}");
}

#[test]
fn nobody_answers_at_an_address_where_nobody_listens() {
    let connection = Connection {
        server: Some("http://127.0.0.1:1".into()),
        kubeconfig: Some(Api::serving(vec![], &[]).kubeconfig("gone")),
        ..Connection::default()
    };
    let error = cluster::read(&request(connection)).unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("http://127.0.0.1:1"), "{error}");
}

#[test]
fn an_unusable_kubeconfig_says_what_is_wrong_with_it() {
    let api = Api::serving(vec![], &[]);
    let good = api.kubeconfig("good");
    let broken = good.with_file_name("kubeconfig-broken");
    std::fs::write(&broken, "clusters: [").unwrap();
    for (connection, said) in [
        (Connection { kubeconfig: Some("no/such/config".into()), ..Connection::default() }, "no/such/config"),
        (Connection { kubeconfig: Some(broken), ..Connection::default() }, "parse"),
        (Connection { kubeconfig: Some(good.clone()), context: Some("other".into()), ..Connection::default() }, "other"),
        (Connection { kubeconfig: Some(good), server: Some("not a url".into()), ..Connection::default() }, "--server: invalid server"),
    ] {
        let error = cluster::read(&request(connection)).unwrap_err();
        assert!(matches!(error, SourceError::NoKubeconfig { .. }) && error.to_string().contains(said), "{said}: {error}");
    }
}

#[test]
fn findings_from_a_cluster_name_the_object_in_place_of_a_line() {
    let yaml = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: istio-system}\nspec: {selector: {matchLabels: {a: b}}}\n";
    let snapshot = read(&Api::serving(documents(yaml), &[]), "finding").unwrap();
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
    let found = checks::run(&mesh, |_| true);
    assert_eq!(found[0].rule.id, "MTLS105");
    assert_eq!(kubectl_mtls::source::locate([(&found[0].origin, &found[0].field_path)]), [None]);
}

/// What no API server would hold: it refuses such labels, keeps one object of a name, and hands out no key twice.
const OF_FILES: [&str; 3] = ["MTLS002", "MTLS004", "MTLS005"];

/// Injection as an installation sets it up, and a webhook for each revision that the manifests name; files without webhooks are taken
/// to have all of them (S138).
fn injectors(yaml: &str) -> String {
    let own = std::fs::read_to_string("testdata/meshes/bookinfo/webhooks.yaml").unwrap();
    let revisions = yaml.lines().filter_map(|line| line.trim().strip_prefix("istio.io/rev: ")).filter(|revision| *revision != "default");
    let webhook = |revision: &str| {
        format!(
            "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{name: {revision}, labels: {{istio.io/rev: {revision}}}}}\n\
             webhooks: [{{name: rev.namespace.sidecar-injector.istio.io, namespaceSelector: {{matchExpressions: [{{key: istio.io/rev, operator: In, values: [{revision}]}}, \
             {{key: istio-injection, operator: DoesNotExist}}]}}}}]\n"
        )
    };
    revisions.map(webhook).fold(own, |all, one| all + &one)
}

/// The rules that fire on manifests that a cluster serves.
fn fired_in_cluster(yaml: &str, name: &str) -> Vec<&'static str> {
    let has_webhooks = yaml.contains("MutatingWebhookConfiguration");
    let objects = documents(yaml).into_iter().chain(if has_webhooks { Vec::new() } else { documents(&injectors(yaml)) }).collect();
    let snapshot = read(&Api::serving(objects, &[]), name).unwrap();
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
    let mut fired: Vec<&str> =
        checks::suppress(&mesh, checks::run(&mesh, |rule| rule.id != "MTLS415")).0.iter().map(|finding| finding.rule.id).collect();
    fired.dedup();
    fired
}

#[test]
fn each_rule_fires_on_its_bad_example_in_a_cluster_and_on_its_good_one_not_at_all() {
    for rule in checks::ALL.iter().map(|check| check.rule).filter(|rule| !OF_FILES.contains(&rule.id)) {
        assert_eq!(fired_in_cluster(rule.bad, "bad"), [rule.id], "{}", rule.name);
        assert_eq!(fired_in_cluster(rule.good, "good"), Vec::<&str>::new(), "{}", rule.name);
    }
}
