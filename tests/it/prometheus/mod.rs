//! Traffic from a Prometheus: what it says of whom, and what is said where it says nothing.

mod history;
mod migrating;
mod partial;
mod server;
mod stub;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use kubectl_mtls::{
    mesh::Mesh,
    object::evidence::{
        Component, Evidence, EvidenceQuery as Topic, MeasuredTraffic, NamedBy, Pair, Peer, Plaintext, Target, TrafficCounts, Window,
    },
    queries::evidence::{MissingEvidence, TrafficVerdict, assessments},
    source::{
        Connection,
        prometheus::{self, Access, AccessError, Credentials, Options, Request, Secret, promql},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use self::{
    history::{END, LENGTH},
    server::Server,
    stub::{Asked, JSON, Reply, Stub},
};
use crate::{
    source_login::{Authority, Front, Holds},
    support::{ambient_pod, meshed_pod, namespace, pod, policy, with},
};

const DAY: u64 = 86_400;
const RECORDED: &str = "testdata/prometheus/api/answers.json";
const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
const SLOW: &str = r#"{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}"#;

/// The mesh whose history is told.
fn mesh_of_the_history() -> String {
    let sidecar = |namespace: &str, name: &str| meshed_pod(namespace, name, &format!("app: {name}"), "", &[80]);
    let sidecars = [
        ("quay", "crane"),
        ("quay", "ferry"),
        ("quay", "buoy"),
        ("quay", "anchor-db"),
        ("depot", "hoist"),
        ("depot", "vault"),
        ("depot", "lamp"),
        ("depot", "late"),
        ("depot", "mast"),
        ("depot", "ghost"),
    ];
    let mut yaml: String = sidecars.into_iter().map(|(namespace, name)| sidecar(namespace, name)).collect();
    for name in ["coral", "kelp", "mint"] {
        yaml += &ambient_pod("reef", name, &format!("app: {name}"), &[80]);
    }
    yaml += &pod("istio-system", "ztunnel-4fk2z", "app: ztunnel", "", &[], "");
    yaml += &pod("depot", "gate", "app: gate", "", &[], "{name: istio-proxy, image: proxyv2, args: [proxy, router]}");
    yaml += &pod("attic", "old-db", "app: old-db", "", &[], "");
    yaml += &policy("depot", "vault", "app=vault", "mtls: {mode: STRICT}");
    yaml += &namespace("reef", "istio.io/dataplane-mode: ambient");
    // Released three hours before the end.
    yaml += "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: crew-7d9f8b6c5d-x2k4m\n  namespace: depot\n  creationTimestamp: \"2026-10-01T09:00:00Z\"\n\
             \x20 labels: {app: crew, pod-template-hash: 7d9f8b6c5d}\n\
             \x20 ownerReferences: [{kind: ReplicaSet, name: crew-7d9f8b6c5d, controller: true}]\n\
             spec: {containers: [{name: app, image: app}, {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}]}\nstatus: {phase: Running}\n";
    yaml
}

fn options(place: &str) -> Options {
    Options { address: place.to_owned(), timeout: Duration::from_secs(20), ..Options::default() }
}

fn access(place: &str) -> Access {
    Access::new(options(place)).unwrap()
}

fn question(seconds: u64) -> Request {
    Request { namespaces: Vec::new(), window: Window { end: END, seconds } }
}

fn read(stub: &Stub, seconds: u64) -> Evidence {
    prometheus::read(&access(&stub.url), &question(seconds))
}

/// A query and its moment.
type Key = (String, String);

fn key(asked: &Asked) -> Key {
    (asked.parameter("query"), asked.parameter("time"))
}

/// The answers that a Prometheus once gave.
fn recorded() -> BTreeMap<Key, Value> {
    let all: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(RECORDED).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.iter().map(|one| ((text(&one["query"]), text(&one["time"])), one["answer"].clone())).collect()
}

/// A server that knows nothing but the recorded answers.
fn replay() -> Stub {
    let answers = recorded();
    Stub::new(move |asked| replayed(&answers, asked))
}

fn replayed(answers: &BTreeMap<Key, Value>, asked: &Asked) -> Reply {
    let answer = answers.get(&key(asked)).unwrap_or_else(|| panic!("never recorded: {:?}", key(asked)));
    Reply::json(answer.to_string())
}

/// A server for which the whole history takes too long, though not a day of it.
fn takes_too_long(asked: &Asked) -> bool {
    let query = asked.parameter("query");
    query.contains(&format!("[{LENGTH}s")) && !query.contains("[10m]")
}

/// The rows of an answer in an order, because Prometheus has none.
fn sorted(mut answer: Value) -> Value {
    if let Some(rows) = answer["data"]["result"].as_array_mut() {
        rows.sort_by_key(|row| row["metric"].to_string());
    }
    answer
}

/// Whether two answers say the same, up to what versions of Prometheus make of the ends of a window.
fn is_alike(one: &Value, other: &Value) -> bool {
    let rows = |answer: &Value| -> Option<Vec<(String, f64)>> {
        let rows = answer["data"]["result"].as_array()?.iter();
        Some(rows.map(|row| (row["metric"].to_string(), row["value"][1].as_str().unwrap().parse().unwrap())).collect())
    };
    let (Some(a), Some(b)) = (rows(one), rows(other)) else { return one == other };
    let close = |a: f64, b: f64| (a - b).abs() <= 1.0 + a.abs() * 0.02;
    a.len() == b.len() && a.iter().zip(&b).all(|((name, a), (other, b))| name == other && close(*a, *b))
}

/// With `RECORD_PROMETHEUS` set the answers are written down anew.
#[test]
fn the_recorded_answers_are_those_of_a_real_prometheus() {
    let Some(server) = Server::start() else { return };
    let (address, answers) = (server.address().to_owned(), Arc::new(Mutex::new(BTreeMap::new())));
    let seen = Arc::clone(&answers);
    let stub = Stub::new(move |asked| {
        if takes_too_long(asked) {
            return Reply::Answer(503, JSON, SLOW.into());
        }
        let Reply::Answer(code, media, body) = Server::answer(&address, asked) else { unreachable!() };
        seen.lock().unwrap().insert(key(asked), sorted(serde_json::from_str(&body).unwrap()));
        Reply::Answer(code, media, body)
    });
    for seconds in [DAY, LENGTH] {
        let evidence = read(&stub, seconds);
        assert_eq!(evidence.gaps, [], "{seconds}");
    }
    let answers = answers.lock().unwrap();
    if std::env::var_os("RECORD_PROMETHEUS").is_some() {
        let all = answers.iter().map(|((query, time), answer)| json!({"query": query, "time": time, "answer": answer}));
        std::fs::write(RECORDED, serde_json::to_string_pretty(&all.collect::<Vec<_>>()).unwrap() + "\n").unwrap();
    }
    let recorded = recorded();
    assert_eq!(answers.keys().collect::<Vec<_>>(), recorded.keys().collect::<Vec<_>>(), "RECORD_PROMETHEUS=1 writes them anew");
    for (key, answer) in answers.iter() {
        assert!(is_alike(answer, &recorded[key]), "{key:?}: {answer:#}, recorded {:#}", recorded[key]);
    }
}

/// The five words, each from traffic that a real Prometheus counted.
const VERDICTS: [(&str, TrafficVerdict); 17] = [
    ("anchor-db", TrafficVerdict::PlaintextSeen),
    ("buoy", TrafficVerdict::PlaintextSeen),
    ("coral", TrafficVerdict::PlaintextSeen),
    ("crane", TrafficVerdict::NoPlaintext),
    ("crew", TrafficVerdict::NoPlaintext),
    ("ferry", TrafficVerdict::PlaintextSeen),
    ("gate", TrafficVerdict::NotCovered),
    ("ghost", TrafficVerdict::NotCovered),
    ("hoist", TrafficVerdict::NotCovered),
    ("kelp", TrafficVerdict::Refused),
    ("lamp", TrafficVerdict::NoTraffic),
    ("late", TrafficVerdict::NotCovered),
    ("mast", TrafficVerdict::NoPlaintext),
    ("mint", TrafficVerdict::NoPlaintext),
    ("old-db", TrafficVerdict::NotCovered),
    ("vault", TrafficVerdict::Refused),
    ("ztunnel-4fk2z", TrafficVerdict::NotCovered),
];

fn words(mesh: &Mesh<'_>, evidence: &Evidence) -> BTreeMap<String, TrafficVerdict> {
    assessments(mesh, evidence).into_iter().map(|(subject, verdict)| (subject.name.to_string(), verdict.verdict)).collect()
}

fn expected() -> BTreeMap<String, TrafficVerdict> {
    VERDICTS.into_iter().map(|(name, traffic)| (name.to_owned(), traffic)).collect()
}

#[test]
fn each_workload_gets_the_word_that_its_traffic_deserves() {
    let evidence = read(&replay(), DAY);
    assert_eq!((evidence.gaps.len(), evidence.unanswered.len()), (0, 0), "{:?}", evidence.gaps);
    with(&mesh_of_the_history(), |mesh| assert_eq!(words(mesh, &evidence), expected()));
}

#[test]
fn the_facts_behind_a_word_are_told() {
    let evidence = read(&replay(), DAY);
    with(&mesh_of_the_history(), |mesh| {
        let all = assessments(mesh, &evidence);
        let of = |name: &str| all.iter().find(|(subject, _)| subject.name == name).unwrap().1;
        let clients = |name: &str| -> Vec<(String, NamedBy, u64, u64, u64)> {
            let pairs = of(name).plaintext.iter().chain(&of(name).denied);
            let told = pairs.map(|(pair, seen)| {
                let counted = seen.counted;
                (pair.client.workload.to_string(), pair.named_by, counted.requests, counted.connections, counted.bytes)
            });
            told.collect()
        };
        assert_eq!(clients("ferry"), [("winch".into(), NamedBy::Headers, 3_600, 0, 0), ("unknown".into(), NamedBy::Unknown, 1_440, 0, 0)]);
        assert_eq!(clients("buoy"), [("night-job".into(), NamedBy::Headers, 1, 0, 0)]);
        assert_eq!(clients("anchor-db"), [("unknown".into(), NamedBy::Unknown, 0, 0, 36_000)]);
        assert_eq!(clients("coral"), [("old-cron".into(), NamedBy::Address, 0, 1_440, 144_000)]);
        assert_eq!(clients("kelp"), [("old-cron".into(), NamedBy::Address, 0, 1_440, 0)]);
        assert_eq!(of("vault").failed[0].flags, "UF,URX");
        assert_eq!((of("crane").measured.mutual.requests, of("crane").coverage), (71_900, Some(100)));
        assert_eq!((of("late").coverage, of("ghost").coverage, of("crew").coverage), (Some(10), Some(0), Some(100)));
        assert_eq!(of("hoist").coverage_gaps, BTreeSet::from([MissingEvidence::LabelDropped]));
        assert_eq!(of("gate").coverage_gaps, BTreeSet::from([MissingEvidence::Gateway]));
        let last = |name: &str| END - of(name).plaintext[0].1.last.unwrap();
        // The one request came 400 minutes before the end; half an hour is how precise that is told.
        assert!(last("ferry") < 1_800 && (22_200..=24_000).contains(&last("buoy")), "{} {}", last("ferry"), last("buoy"));
    });
    assert!(evidence.notes.iter().any(|note| note.contains("the proxy of depot/mast is scraped twice")), "{:?}", evidence.notes);
}

/// A query over the whole window may take too long where one over a day does not.
#[test]
fn a_window_that_takes_too_long_is_asked_for_in_pieces() {
    let answers = recorded();
    let stub =
        Stub::new(move |asked| if takes_too_long(asked) { Reply::Answer(503, JSON, SLOW.into()) } else { replayed(&answers, asked) });
    let evidence = read(&stub, LENGTH);
    assert_eq!(evidence.gaps, []);
    assert_eq!(evidence.measured.iter().find(|(target, _)| target.workload == "mast").unwrap().1.mutual.requests, 2 * 6 * 30 * 26);
    let times: BTreeSet<String> = stub.asked().iter().map(|asked| asked.parameter("time")).collect();
    assert_eq!(times, [END, END - 86_400].map(|time| time.to_string()).into());
    with(&mesh_of_the_history(), |mesh| {
        let words = words(mesh, &evidence);
        for name in ["ferry", "buoy", "anchor-db", "coral", "mast", "kelp", "lamp"] {
            assert_eq!(words[name], expected()[name], "{name}");
        }
    });
}

/// The words of every workload when the question of one topic ends in this way.
fn without(is_it: impl Fn(&str) -> bool + Send + Sync + 'static, reply: Reply) -> (Evidence, BTreeMap<String, TrafficVerdict>) {
    let answers = recorded();
    let stub = Stub::new(move |asked| if is_it(&asked.parameter("query")) { reply.clone() } else { replayed(&answers, asked) });
    let evidence = read(&stub, DAY);
    let words = with(&mesh_of_the_history(), |mesh| words(mesh, &evidence));
    (evidence, words)
}

/// No data, nothing and all of it are never taken for each other.
#[test]
fn without_an_answer_nothing_passes_for_safe_or_for_silent() {
    type Is = fn(&str) -> bool;
    let topics: [(&str, Is, bool); 8] = [
        ("requests", |query| query.contains("max_over_time(istio_requests"), false),
        ("bytes", |query| query.contains("max_over_time(istio_tcp_received"), false),
        ("opened", |query| query.contains("max_over_time(istio_tcp_connections_opened"), false),
        ("shares", |query| query.starts_with("sum by (destination_cluster"), false),
        ("label", |query| query.starts_with("count by (destination_workload_namespace"), false),
        ("scrapes", |query| query.starts_with("count_over_time((count by (component"), false),
        ("history", |query| query.contains("[10m] offset"), false),
        ("failed", |query| query.contains("UF|URX"), true),
    ];
    let failures = [
        Reply::Answer(422, JSON, r#"{"status":"error","errorType":"execution","error":"many-to-many matching not allowed"}"#.into()),
        Reply::Answer(503, JSON, SLOW.into()),
        Reply::json(r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}}"#),
        Reply::json(r#"{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["1 store did not answer"]}"#),
        Reply::json(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
    ];
    for (name, is_it, may_be_safe) in topics {
        for failure in &failures {
            let (evidence, words) = without(is_it, failure.clone());
            assert!(!evidence.gaps.is_empty(), "{name}, {failure:?}: no gap");
            let safe = words.values().filter(|word| matches!(word, TrafficVerdict::NoPlaintext | TrafficVerdict::NoTraffic)).count();
            assert_eq!(safe > 0, may_be_safe, "{name}, {failure:?}: {words:?}");
        }
    }
}

/// Where nobody says that a connection was denied, it counts as plaintext: the careful side.
#[test]
fn without_word_of_denials_plaintext_stays_plaintext() {
    let failure = Reply::Answer(422, JSON, r#"{"status":"error","errorType":"execution","error":"no"}"#.into());
    let (evidence, words) = without(|query| query.contains("DENY"), failure);
    assert_eq!((words["kelp"], evidence.gaps.len()), (TrafficVerdict::PlaintextSeen, 1));
}

#[test]
fn a_history_shorter_than_the_window_covers_nobody() {
    let (evidence, words) = without(|query| query.contains("[10m] offset"), Reply::json(EMPTY));
    assert!(evidence.gaps.is_empty() && !evidence.covers_window);
    assert_eq!(
        (words["crane"], words["lamp"], words["ferry"]),
        (TrafficVerdict::NotCovered, TrafficVerdict::NotCovered, TrafficVerdict::PlaintextSeen)
    );
    with(&mesh_of_the_history(), |mesh| {
        let all = assessments(mesh, &evidence);
        let crane = all.iter().find(|(subject, _)| subject.name == "crane").unwrap().1;
        assert_eq!(crane.coverage_gaps, BTreeSet::from([MissingEvidence::ShortHistory]));
    });
}

#[test]
fn an_empty_prometheus_is_no_evidence() {
    let stub = Stub::new(|_| Reply::json(EMPTY));
    let evidence = read(&stub, DAY);
    assert_eq!((stub.asked().len(), evidence.gaps.len()), (1, 1));
    assert!(evidence.gaps[0].reason.contains("no server-side Istio metrics"), "{:?}", evidence.gaps);
    let words = with(&mesh_of_the_history(), |mesh| words(mesh, &evidence));
    assert!(words.values().all(|word| *word == TrafficVerdict::NotCovered), "{words:?}");
}

#[test]
fn metrics_that_lost_a_label_are_said_to_have() {
    let row = |labels: &str, value: &str| {
        Reply::json(format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{{labels}}},"value":[1,"{value}"]}}]}}}}"#
        ))
    };
    let (evidence, words) = without(|query| query.contains("max_over_time(istio_requests"), row(r#""reporter":"destination""#, "3"));
    assert!(evidence.gaps[0].reason.contains("lack destination_workload"), "{:?}", evidence.gaps);
    assert_eq!((words["crane"], words["lamp"]), (TrafficVerdict::NotCovered, TrafficVerdict::NotCovered));
    let (evidence, words) = without(|query| query.starts_with("count_over_time((count by (component"), row(r#""component":"proxy""#, "49"));
    assert!(evidence.has_unlabelled_scrapes);
    assert_eq!(
        (words["crane"], words["lamp"], words["kelp"]),
        (TrafficVerdict::NotCovered, TrafficVerdict::NotCovered, TrafficVerdict::Refused)
    );
}

#[test]
fn what_stands_in_the_way_is_named_with_cause_and_remedy() {
    let rows: [(&str, Reply, &str, &str, usize); 12] = [
        ("401", Reply::Answer(401, "text/plain", "Unauthorized".into()), "unauthorized", "--prometheus-token-file", 1),
        ("403", Reply::Answer(403, "text/plain", "no".into()), "forbidden", "request permission", 1),
        ("login page", Reply::Answer(200, "text/html", "<!doctype html><form>".into()), "an HTML page", "pass credentials", 1),
        ("redirect", Reply::Redirect("https://login.example/"), "an HTML page", "pass credentials", 1),
        ("404", Reply::Answer(404, "text/plain", "404 page not found\n".into()), "no query API at this address", "any prefix", 1),
        ("reset", Reply::Reset, "the connection failed", "check the address", 1),
        ("timeout", Reply::Answer(503, JSON, SLOW.into()), "the query was not completed: query timed out", "shorter --window", 2),
        (
            "422",
            Reply::Answer(422, JSON, r#"{"status":"error","errorType":"execution","error":"too many samples"}"#.into()),
            "the query was not completed: too many samples",
            "shorter --window",
            2,
        ),
        (
            "400",
            Reply::Answer(400, JSON, r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#.into()),
            "rejected the query (bad_data): parse error",
            "--prometheus-match",
            1,
        ),
        ("500", Reply::Answer(500, "text/plain", "oops".into()), "returned status 500", "that Prometheus runs", 1),
        ("text", Reply::Answer(200, JSON, "pong".into()), "not a Prometheus query result", "the URL is that of a Prometheus", 1),
        (
            "no number",
            Reply::json(r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"many"]}]}}"#),
            "invalid number `many`",
            "the URL is that of a Prometheus",
            1,
        ),
    ];
    for (name, reply, because, hint, asked) in rows {
        let stub = Stub::new(move |_| reply.clone());
        let evidence = read(&stub, DAY);
        let gap = evidence.gaps.first().unwrap_or_else(|| panic!("{name}: no gap"));
        assert!(gap.reason.contains(because), "{name}: {}", gap.reason);
        assert!(gap.hint.contains(hint), "{name}: {}", gap.hint);
        assert!(gap.resource.contains(&stub.url), "{name}: {}", gap.resource);
        assert!(evidence.unanswered.contains(&Topic::Plaintext), "{name}");
        assert!(stub.asked().len() <= asked, "{name}: asked {} times", stub.asked().len());
    }
}

#[test]
fn nobody_listens_and_nobody_answers() {
    let evidence = prometheus::read(&access("http://127.0.0.1:1/"), &question(DAY));
    assert!(evidence.gaps[0].reason.contains("the connection failed"), "{:?}", evidence.gaps);
    let stub = Stub::new(|_| Reply::Silence);
    let patient = Access::new(Options { timeout: Duration::from_millis(300), ..options(&stub.url) }).unwrap();
    let evidence = prometheus::read(&patient, &question(DAY));
    assert!(evidence.gaps[0].reason.contains("no response within 0.3 s"), "{:?}", evidence.gaps);
    assert_eq!(stub.asked().len(), 2, "the rest is not asked");
}

#[test]
fn a_path_before_the_api_is_kept_and_only_queries_leave() {
    for prefix in ["", "/", "/prometheus", "/a/b/"] {
        let stub = Stub::new(|_| Reply::json(EMPTY));
        let _ = prometheus::read(&access(&format!("{}{prefix}", stub.url)), &question(DAY));
        let path = format!("GET {}/api/v1/query?query=", prefix.trim_end_matches('/'));
        assert!(stub.asked().iter().all(|asked| asked.line.starts_with(&path)), "{prefix}: {:?}", stub.asked());
    }
    let replay = replay();
    read(&replay, DAY);
    assert!(replay.asked().iter().all(|asked| asked.line.starts_with("GET /api/v1/query?query=")));
}

fn secret(name: &str) -> Secret {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-secret-{name}"));
    std::fs::write(&path, "s3cret\n").unwrap();
    Secret::from_file(&path).unwrap()
}

#[test]
fn a_login_and_headers_arrive_and_are_never_printed() {
    let rows = [
        ("token", Credentials::Token(secret("token")), "Bearer s3cret"),
        ("basic", Credentials::Basic { user: "ann".into(), password: secret("basic") }, "Basic YW5uOnMzY3JldA=="),
    ];
    for (name, login, sent) in rows {
        let stub = Stub::new(|_| Reply::Answer(401, "text/plain", "no".into()));
        let headers = vec![("X-Scope-OrgID".to_owned(), "harbour".to_owned())];
        let access = Access::new(Options { credentials: login, headers, ..options(&stub.url) }).unwrap();
        let evidence = prometheus::read(&access, &question(DAY));
        let asked = &stub.asked()[0];
        assert_eq!((asked.header("authorization"), asked.header("x-scope-orgid")), (vec![sent], vec!["harbour"]), "{name}");
        assert!(!format!("{access:?} {evidence:?}").contains("s3cret"), "{name}: {access:?}");
    }
}

#[test]
fn a_way_that_would_give_a_secret_away_is_refused() {
    let token = || Credentials::Token(secret("refused"));
    let cookie = vec![("Cookie".to_owned(), "session=1".to_owned())];
    let wrong = |place: &str, login: Credentials, headers: Vec<(String, String)>| {
        Access::new(Options { credentials: login, headers, ..options(place) }).err()
    };
    let plaintext = |host: &str| Some(AccessError::PlaintextCredentials(host.to_owned()));
    assert_eq!(wrong("http://prom.example:9090", token(), vec![]), plaintext("prom.example"));
    assert_eq!(wrong("http://10.0.0.7:9090", Credentials::None, cookie), plaintext("10.0.0.7"));
    assert_eq!(wrong("http://127.0.0.1.example", token(), vec![]), plaintext("127.0.0.1.example"));
    assert_eq!(wrong("svc:mon/prometheus:9090", token(), vec![]), Some(AccessError::CredentialsToService));
    assert_eq!(wrong("https://ann:s3cret@prom.example", Credentials::None, vec![]), Some(AccessError::CredentialsInUrl));
    for place in ["http://127.0.0.1:9090", "http://localhost:9090/x", "http://[::1]:9090", "https://prom.example"] {
        assert_eq!(wrong(place, token(), vec![]), None, "{place}");
    }
    assert_eq!(wrong("http://prom.example:9090", Credentials::None, vec![]), None);
    for place in ["", "prom.example:9090", "ftp://prom.example", "svc:prometheus", "svc:mon/prometheus", "svc:mon/../x:1", "svc:a/b:c/d"] {
        assert_eq!(wrong(place, Credentials::None, vec![]), Some(AccessError::InvalidAddress(place.to_owned())));
    }
    assert_eq!(wrong("http://h/?token=s3cret", Credentials::None, vec![]), Some(AccessError::InvalidAddress("http://h/?…".into())));
}

#[test]
fn files_and_headers_that_are_none_are_named_before_anything_is_sent() {
    let missing = Path::new("no/such/file");
    assert!(Secret::from_file(missing).unwrap_err().to_string().contains("no/such/file"));
    assert!(Secret::from_env("NO_SUCH_VARIABLE_HERE").unwrap_err().to_string().contains("NO_SUCH_VARIABLE_HERE"));
    let with = |options: Options| Access::new(options).unwrap_err().to_string();
    assert!(with(Options { ca_file: Some(missing.into()), ..options("https://h") }).contains("no/such/file"));
    assert!(with(Options { ca_file: Some("Cargo.toml".into()), ..options("https://h") }).contains("no BEGIN CERTIFICATE block"));
    let is_answered = with(Options { headers: vec![("a b".into(), "s3cret".into())], ..options("https://h") });
    assert!(is_answered.contains("`a b`") && !is_answered.contains("s3cret"), "{is_answered}");
    assert!(with(Options { matchers: vec!["cluster=east".into()], ..options("https://h") }).contains("expected LABEL=\"VALUE\""));
}

/// The server behind TLS has no Prometheus: who hears that from it has believed its certificate.
#[test]
fn a_certificate_is_believed_by_its_authority_or_not_at_all() {
    let ours = Authority::new("ours");
    let file = |name: &str, authority: &Authority| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-ca-{name}.pem"));
        std::fs::write(&path, authority.pem()).unwrap();
        Some(path)
    };
    for (case, ca_file, insecure, is_answered) in [
        ("ours", file("ours", &ours), false, "not a Prometheus query result"),
        ("another", file("another", &Authority::new("another")), false, "the connection failed"),
        ("none", None, false, "the connection failed"),
        ("any", None, true, "not a Prometheus query result"),
    ] {
        let front = Front::tls(ours.sign("127.0.0.1", Holds::Now).serving(None));
        let login = Credentials::Token(secret(&format!("tls-{case}")));
        let access = Access::new(Options { ca_file, insecure, credentials: login, ..options(&front.url()) }).unwrap();
        let gaps = prometheus::read(&access, &question(DAY)).gaps;
        assert!(gaps[0].reason.contains(is_answered), "{case}: {gaps:?}");
    }
}

/// An API server that passes requests on to a Service.
fn kubeconfig(stub: &Stub, name: &str) -> Connection {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kubeconfig-prometheus-{name}"));
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: t\nclusters:\n- name: t\n  cluster: {{server: \"{}\"}}\nusers:\n- name: t\n  user: {{token: t}}\ncontexts:\n- name: t\n  context: {{cluster: t, user: t}}\n",
        stub.url
    );
    std::fs::write(&path, text).unwrap();
    Connection { kubeconfig: Some(path), ..Connection::default() }
}

#[test]
fn a_service_is_reached_through_the_api_server() {
    let answers = recorded();
    let stub = Stub::new(move |asked| replayed(&answers, asked));
    let access = Access::new(Options { connection: kubeconfig(&stub, "service"), ..options("svc:mon/prometheus:9090") }).unwrap();
    let evidence = prometheus::read(&access, &question(DAY));
    assert_eq!((evidence.from.as_str(), evidence.gaps.len()), ("svc:mon/prometheus:9090", 0));
    let path = "GET /api/v1/namespaces/mon/services/http:prometheus:9090/proxy/api/v1/query?query=";
    assert!(stub.asked().iter().all(|asked| asked.line.starts_with(path)), "{:?}", stub.asked());
    for (name, code, message, because, hint) in [
        ("403", 403, "services is forbidden", "forbidden: services is forbidden", "`get` on services/proxy"),
        ("404", 404, "services prometheus not found", "services prometheus not found", "svc:NAMESPACE/NAME:PORT"),
        ("503", 503, "no endpoints available", "no endpoints available", "check the address"),
        ("401", 401, "Unauthorized", "unauthorized", "use a URL"),
    ] {
        let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}).to_string();
        let stub = Stub::new(move |_| Reply::Answer(code, JSON, status.clone()));
        let access = Access::new(Options { connection: kubeconfig(&stub, name), ..options("svc:mon/prometheus:9090") }).unwrap();
        let gap = prometheus::read(&access, &question(DAY)).gaps.remove(0);
        assert!(gap.reason.contains(because) && gap.hint.contains(hint), "{name}: {gap:?}");
    }
}

#[test]
fn candidates_are_listed_and_none_is_chosen() {
    let stub = Stub::new(|asked| {
        let service = |namespace: &str, name: &str, ports: &[u16]| {
            let ports: Vec<Value> = ports.iter().map(|port| json!({"port": port})).collect();
            json!({"metadata": {"namespace": namespace, "name": name}, "spec": {"ports": ports}})
        };
        let items = match asked.parameter("labelSelector").as_str() {
            "app.kubernetes.io/name=prometheus" => {
                vec![service("mon", "web", &[80, 81]), service("istio-system", "prometheus", &[9090, 8080])]
            }
            "operated-prometheus=true" => vec![service("mon", "prometheus-operated", &[9090])],
            other => panic!("asked for {other}"),
        };
        Reply::json(json!({"kind": "ServiceList", "items": items}).to_string())
    });
    let found = prometheus::candidates(&kubeconfig(&stub, "candidates"), Duration::from_secs(20)).unwrap();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["svc:istio-system/prometheus:9090", "svc:mon/prometheus-operated:9090", "svc:mon/web:80", "svc:mon/web:81"]);
    for place in found {
        assert!(Access::new(options(&place)).is_ok(), "{place} can be asked for as it is written");
    }
}

/// A mesh with these pods: who owns a pod, when it was created, and a label of it.
fn owned(name: &str, owner: &str, created: &str, labels: &str) -> String {
    let owner = owner.split_once('/').map(|(kind, name)| format!("{{kind: {kind}, name: {name}, controller: true}}")).unwrap_or_default();
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: quay\n  creationTimestamp: \"{created}\"\n  labels: {{{labels}}}\n  ownerReferences: [{owner}]\n\
         spec: {{containers: [{{name: app, image: app}}, {{name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}}]}}\nstatus: {{phase: Running}}\n"
    )
}

/// Evidence in which everything was answered, for a day of 49 moments.
fn evidence() -> Evidence {
    Evidence {
        window: Window { end: END, seconds: DAY },
        step: 1_800,
        points: 49,
        has_metrics: true,
        covers_window: true,
        ..Evidence::default()
    }
}

fn mutual(requests: u64) -> MeasuredTraffic {
    MeasuredTraffic { mutual: TrafficCounts { requests, ..TrafficCounts::default() }, ..MeasuredTraffic::default() }
}

fn target(workload: &str) -> Target {
    Target { namespace: "quay".into(), workload: workload.into() }
}

/// A pod that is younger than the window counts since its creation, where pods of the same Deployment were scraped before it.
#[test]
fn a_release_within_the_window_leaves_no_hole_if_the_pods_before_it_were_scraped() {
    const OLD: &str = "2026-09-01T00:00:00Z";
    const YOUNG: &str = "2026-10-01T06:00:00Z";
    const HASH: &str = "pod-template-hash: 7d9f8b6c5d";
    let set = "ReplicaSet/web-7d9f8b6c5d";
    for (case, owner, labels, created, scraped, before, expected) in [
        ("all the time", set, HASH, OLD, 49, 0, Some(100)),
        ("a hole of an hour", set, HASH, OLD, 47, 0, Some(95)),
        ("a hole of two hours", set, HASH, OLD, 45, 0, Some(91)),
        ("young, after others", set, HASH, YOUNG, 12, 49, Some(100)),
        ("young, after a hole", set, HASH, YOUNG, 12, 40, Some(81)),
        ("young, with a hole", set, HASH, YOUNG, 6, 49, Some(54)),
        ("young, and the first", set, HASH, YOUNG, 12, 12, Some(24)),
        ("young, of no Deployment", "StatefulSet/web", "app: web", YOUNG, 12, 49, Some(24)),
        ("an old name", "StatefulSet/web", "app: web", YOUNG, 49, 0, Some(100)),
    ] {
        let mut evidence = evidence();
        evidence.scrapes.insert((Component::Proxy, "quay".into(), "web-0".into()), scraped);
        evidence.deployment_scrapes.insert(("quay".into(), "web".into()), before);
        evidence.measured.insert(target("web"), mutual(1));
        with(&owned("web-0", owner, created, labels), |mesh| {
            let all = assessments(mesh, &evidence);
            let verdict = all.values().next().unwrap();
            let safe = if expected.is_some_and(|percent| percent >= 95) { TrafficVerdict::NoPlaintext } else { TrafficVerdict::NotCovered };
            assert_eq!((verdict.coverage, verdict.verdict), (expected, safe), "{case}");
        });
    }
}

/// Metrics speak of a workload by the name that Istio's injection gave it, which need not be that of the owner on top.
#[test]
fn a_workload_is_found_by_every_name_that_istio_may_give_it() {
    let operated = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db-shard, namespace: quay, ownerReferences: [{kind: Database, name: db, controller: true}]}\n";
    let old = "2026-09-01T00:00:00Z";
    for (case, yaml, name) in [
        ("a bare pod", owned("web-0", "", old, "app: web"), "web-0"),
        ("its Deployment", owned("web-0", "ReplicaSet/web-5d", old, "pod-template-hash: 5d"), "web"),
        ("a StatefulSet of an operator", owned("db-shard-0", "StatefulSet/db-shard", old, "app: db") + operated, "db-shard"),
        ("a label of the pod", owned("web-0", "ReplicaSet/web-5d", old, "service.istio.io/workload-name: shop"), "shop"),
    ] {
        let mut evidence = evidence();
        let named = |workload: &str| Peer { cluster: "".into(), namespace: "".into(), workload: workload.into() };
        let [cluster, service, protocol, reporter] = ["", "", "http", "destination"].map(Into::into);
        let pair =
            Pair { server: target(name), cluster, service, client: named("unknown"), named_by: NamedBy::Unknown, protocol, reporter };
        let counted = TrafficCounts { requests: 1, ..TrafficCounts::default() };
        evidence.plaintext.insert(pair, Plaintext { counted, ..Plaintext::default() });
        with(&yaml, |mesh| {
            let words: Vec<TrafficVerdict> = assessments(mesh, &evidence).values().map(|verdict| verdict.verdict).collect();
            assert_eq!(words, [TrafficVerdict::PlaintextSeen], "{case}");
        });
    }
}

/// What was not asked about is not silent.
#[test]
fn who_lies_in_no_namespace_that_was_asked_about_is_not_covered() {
    for (namespaces, expected) in
        [(vec![], TrafficVerdict::NoPlaintext), (vec!["quay"], TrafficVerdict::NoPlaintext), (vec!["reef"], TrafficVerdict::NotCovered)]
    {
        let mut evidence = Evidence { namespaces: namespaces.into_iter().map(Into::into).collect(), ..evidence() };
        evidence.scrapes.insert((Component::Proxy, "quay".into(), "web-0".into()), 49);
        evidence.measured.insert(target("web-0"), mutual(1));
        with(&owned("web-0", "", "2026-09-01T00:00:00Z", "app: web"), |mesh| {
            let words: Vec<TrafficVerdict> = assessments(mesh, &evidence).values().map(|verdict| verdict.verdict).collect();
            assert_eq!(words, [expected], "{:?}", evidence.namespaces);
        });
    }
    let stub = Stub::new(|_| Reply::json(EMPTY));
    let asked = prometheus::read(&access(&stub.url), &Request { namespaces: vec!["quay".into()], ..question(DAY) });
    assert_eq!(asked.namespaces, BTreeSet::from(["quay".into()]));
}

#[test]
fn what_ztunnel_denied_is_told_from_what_it_let_through() {
    for (requests, connections, bytes, denied, is_denied) in [
        (0, 100, 0, 100, true),
        (0, 1, 0, 1, true),
        (0, 0, 0, 5, true),
        (0, 103, 0, 100, true),
        (0, 100, 0, 0, false),
        (0, 104, 0, 100, false),
        (0, 100, 1, 100, false),
        (1, 100, 0, 100, false),
        (0, 0, 0, 0, false),
    ] {
        let plaintext = Plaintext { counted: TrafficCounts { requests, connections, bytes }, denied, last: None };
        assert_eq!(plaintext.is_denied(), is_denied, "{plaintext:?}");
    }
}

/// Every query of a question about these namespaces, with these matchers.
fn queries(namespaces: &[&str], matchers: &[&str]) -> Vec<String> {
    let stub = Stub::new(|asked| {
        let shape =
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"reporter":"destination"},"value":[1,"1"]}]}}"#;
        Reply::json(if asked.parameter("query").contains("by (__name__") { shape } else { EMPTY })
    });
    let matchers = matchers.iter().map(ToString::to_string).collect();
    let access = Access::new(Options { matchers, ..options(&stub.url) }).unwrap();
    let namespaces = namespaces.iter().map(ToString::to_string).collect();
    let _ = prometheus::read(&access, &Request { namespaces, ..question(DAY) });
    stub.asked().iter().map(|asked| asked.parameter("query")).collect()
}

#[test]
fn matchers_stand_in_every_selector_and_namespaces_in_those_about_destinations() {
    let all = queries(&["quay", "a.b"], &["cluster=\"east\"", "env=~'prod|stage', zone != \"x\\\"y\""]);
    assert_eq!(all.len(), 14);
    // Braces of a regular expression are no selector's.
    for query in all.iter().map(|query| query.replace("{1,10}", "").replace("{5}", "")) {
        let selectors: Vec<&str> = query.split('{').skip(1).filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit())).collect();
        let ours = selectors.iter().filter(|rest| rest.contains(",cluster=\"east\",env=~\"prod|stage\",zone!=\"x\\\"y\"")).count();
        assert!(ours == selectors.len() && ours > 0, "{query}");
        let filter = ",destination_workload_namespace=~\"quay|a\\\\.b\"}";
        assert_eq!(
            query.matches(filter).count(),
            if query.contains("destination") && !query.contains("__name__,reporter") { ours } else { 0 },
            "{query}"
        );
    }
    let many: Vec<String> = (0..400).map(|n| format!("namespace-{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(queries(&many, &[]).iter().all(|query| query.len() < 8_000 && !query.contains("namespace-7")));
}

/// What a string of `PromQL` holds, and what follows it: read by another hand than the one that wrote it.
fn string_of(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.strip_prefix('"').expect("a quote").char_indices();
    loop {
        match chars.next().expect("the string ends") {
            (at, '"') => return (value, &text[at + 2..]),
            (_, '\\') => match chars.next().unwrap().1 {
                'n' => value.push('\n'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                    value.push(char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap());
                }
                c => value.push(c),
            },
            (_, '\n') => panic!("a string does not go over lines"),
            (_, c) => value.push(c),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// A name from outside stays between its quotes, and means itself alone.
    #[test]
    fn a_name_never_leaves_its_quotes(name in any::<String>(), tail in "[a-z\"\\\\{}]{0,8}") {
        let quoted = promql::quoted(&name);
        let text = format!("{quoted}{tail}");
        let (value, rest) = string_of(&text);
        prop_assert_eq!((value.as_str(), rest), (name.as_str(), tail.as_str()));
    }

    /// Every sign that means something in a regular expression stands behind a backslash, and nothing else does.
    #[test]
    fn a_name_is_a_regular_expression_for_itself(name in any::<String>()) {
        let mut plain = String::new();
        let escaped = promql::escaped(&name);
        let mut chars = escaped.chars();
        while let Some(c) = chars.next() {
            prop_assert!(!r".+*?()|[]{}^$".contains(c), "{c} in {escaped}");
            plain.push(if c == '\\' { chars.next().unwrap() } else { c });
        }
        prop_assert_eq!(plain, name);
    }

    /// Matchers of the command line are refused, or written anew so that they end where they should.
    #[test]
    fn matchers_are_taken_apart_and_written_anew(value in any::<String>(), text in any::<String>()) {
        let own = format!("label={}", promql::quoted(&value));
        if !value.chars().any(char::is_control) {
            prop_assert_eq!(promql::Matchers::parse(&own).unwrap().to_string(), format!(",{own}"));
        }
        if let Ok(matchers) = promql::Matchers::parse(&text) {
            let written = matchers.to_string();
            let again = promql::Matchers::parse(written.trim_start_matches(','));
            prop_assert!(written.chars().any(char::is_control) || again == Ok(matchers), "{written}");
        }
    }
}
