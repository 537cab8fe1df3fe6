//! An API server in the test's own process: it serves a mesh as lists, page by page, and fails by script.
//!
//! It speaks plain HTTP/1.1 over a socket, because the faults that matter (half a body, a stalled byte, a reset) lie
//! below what a server library would send. Built-in kinds are answered in protobuf to those who ask for it, as an API
//! server does; custom resources and errors are always JSON.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use kubectl_mtls::object::{Encoding, Kind};
use serde_json::{Value, json};

use crate::protobuf;

/// The media type of Kubernetes's protobuf.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
/// The media type of everything else.
const JSON: &str = "application/json";

/// What goes wrong, and where.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Part of the request's path and query.
    pub(crate) at: &'static str,
    /// What happens.
    pub(crate) what: What,
    /// How often; afterwards all is well.
    pub(crate) times: usize,
}

/// The ways in which an answer can be wrong.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A status with the message of an API server, and a header.
    Status(u16, &'static str),
    /// Too many requests (429), and so many seconds until the next one is welcome.
    Busy(u64),
    /// A body that ends before its length.
    CutBody,
    /// A body of which the last byte never comes.
    Stall,
    /// No answer at all.
    Reset,
    /// Something else with status 200, said to be JSON.
    Body(&'static str),
    /// Something else with status 200, said to be of this type.
    Typed(&'static str, Vec<u8>),
    /// A body of these bytes with more headers, each with its line break.
    With(&'static str, Vec<u8>),
    /// The status and headers, each with its line break, and no body.
    Head(u16, &'static str),
    /// Chunks of which the last, empty one never comes.
    CutChunks,
    /// A page without objects of which the token of the next page is new every time; the bytes are the list before and after it.
    NewTokens(&'static str, &'static str),
    /// A whole answer, of which the body ends in the middle of the last item; its length is that of what is there.
    TruncatedProtobuf,
}

/// Which encodings a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    /// Protobuf to those who ask for it, else JSON.
    Both,
    /// JSON, whatever was asked for.
    Json,
    /// JSON, and 406 to those who ask for protobuf.
    JsonAndRefusal,
}

/// What there is to know of a request.
#[derive(Clone, Debug)]
struct Asked {
    /// Method and path.
    line: String,
    /// The `Accept` header; empty where there was none.
    accept: String,
    /// When it came.
    when: Instant,
}

/// The server; it ends with the process.
pub(crate) struct Api {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    /// Objects by the path of their list.
    lists: BTreeMap<String, Vec<Value>>,
    faults: Mutex<Vec<Fault>>,
    requests: Mutex<Vec<Asked>>,
    manner: Mutex<Manner>,
}

/// How a server answers when nothing goes wrong.
#[derive(Clone, Copy, Debug)]
struct Manner {
    speaks: Speaks,
    /// Length of the pieces in which a body leaves; whole if there is none.
    piece: Option<usize>,
    /// The namespaces outside of which everything is forbidden.
    only_in: Option<&'static [&'static str]>,
}

/// A body, its status and its media type.
struct Answer {
    code: u16,
    media: &'static str,
    body: Vec<u8>,
    /// `Retry-After`, in seconds.
    after: u64,
}

impl Api {
    /// Serves the manifests of a folder.
    pub(crate) fn new(folder: &str, faults: &[Fault]) -> Self {
        Self::serving(objects(Path::new(folder)), faults)
    }

    /// Serves these objects.
    pub(crate) fn serving(objects: Vec<Value>, faults: &[Fault]) -> Self {
        let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for object in objects {
            if let Some(path) = list_path(&object) {
                lists.entry(path).or_default().push(object);
            }
        }
        let manner = Mutex::new(Manner { speaks: Speaks::Both, piece: None, only_in: None });
        let state = Arc::new(State { lists, faults: Mutex::new(faults.to_vec()), requests: Mutex::default(), manner });
        let served = Arc::clone(&state);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&served);
                thread::spawn(move || answer(stream, &state));
            }
        });
        Self { url, state }
    }

    /// The same server without protobuf: it answers in JSON, whatever was asked for.
    pub(crate) fn json_only(self) -> Self {
        self.state.manner.lock().unwrap().speaks = Speaks::Json;
        self
    }

    /// The same server, refusing whoever names protobuf among what they accept.
    pub(crate) fn refusing_protobuf(self) -> Self {
        self.state.manner.lock().unwrap().speaks = Speaks::JsonAndRefusal;
        self
    }

    /// The same server, sending every body in pieces of so many bytes.
    ///
    /// They are chunks of HTTP: a client is handed each of them by itself, however TCP cuts the bytes on their way.
    pub(crate) fn in_pieces(self, size: usize) -> Self {
        self.state.manner.lock().unwrap().piece = Some(size);
        self
    }

    /// The same server, forbidding what does not lie in one of these namespaces.
    pub(crate) fn only_in(self, namespaces: &'static [&'static str]) -> Self {
        self.state.manner.lock().unwrap().only_in = Some(namespaces);
        self
    }

    /// A kubeconfig for it.
    pub(crate) fn kubeconfig(&self, name: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("kubeconfig-{name}"));
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: test\n  cluster: {{server: \"{}\"}}\nusers:\n- name: test\n  user: {{token: t}}\ncontexts:\n- name: test\n  context: {{cluster: test, user: test}}\n",
            self.url
        );
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Method and path of every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().iter().map(|asked| asked.line.clone()).collect()
    }

    /// Path and query of every request so far, with its `Accept` header.
    pub(crate) fn accepts(&self) -> Vec<(String, String)> {
        let requests = self.state.requests.lock().unwrap();
        requests.iter().map(|asked| (asked.target().to_owned(), asked.accept.clone())).collect()
    }

    /// When each request came that has this in its path or query.
    pub(crate) fn moments(&self, at: &str) -> Vec<Instant> {
        let requests = self.state.requests.lock().unwrap();
        requests.iter().filter(|asked| asked.target().contains(at)).map(|asked| asked.when).collect()
    }
}

/// The objects of a folder's manifests.
fn objects(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = move || files.iter().flat_map(|file| documents(&std::fs::read_to_string(file).unwrap())).collect();
    // Parsing recurses deeper than a test's thread allows.
    thread::Builder::new().stack_size(kubectl_mtls::source::manifest::yaml::STACK_SIZE).spawn(read).unwrap().join().unwrap()
}

/// The objects of a text, lists taken apart.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let text = text.trim_start_matches('\u{feff}').replace('\r', "");
    let parts = text.split("\n---").map(|part| part.trim_start_matches("---").to_owned());
    parts
        .filter_map(|part| kubectl_mtls::source::manifest::yaml::document(&part).ok().map(|document| document.root.json()))
        .flat_map(flattened)
        .collect()
}

fn flattened(value: Value) -> Vec<Value> {
    let kind = value["kind"].as_str().unwrap_or_default().to_owned();
    let Some(items) = value["items"].as_array().filter(|_| kind.ends_with("List")) else { return vec![value] };
    let inherited = |mut item: Value| {
        if item["kind"].is_null() {
            item["kind"] = kind.trim_end_matches("List").into();
            item["apiVersion"] = value["apiVersion"].clone();
        }
        item
    };
    items.iter().cloned().map(inherited).collect()
}

/// Where the object's kind is listed, whatever version its manifest names: the server converts.
fn list_path(object: &Value) -> Option<String> {
    let (api_version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let plural = match kind {
        "Ingress" => "ingresses".to_owned(),
        "Endpoints" => "endpoints".to_owned(),
        _ if kind.ends_with('y') && kind != "Gateway" => format!("{}ies", kind[..kind.len() - 1].to_lowercase()),
        _ => format!("{}s", kind.to_lowercase()),
    };
    let version = match kind {
        "EnvoyFilter" => "v1alpha3",
        "VMServiceScrape" | "VMPodScrape" => "v1beta1",
        _ => "v1",
    };
    Some(if group.is_empty() { format!("/api/v1/{plural}") } else { format!("/apis/{group}/{version}/{plural}") })
}

impl Asked {
    /// Reads the head of a request; none where there is none.
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return None;
        }
        let mut accept = String::new();
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap_or_default() > 2 {
            if let Some((_, value)) = header.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("accept")) {
                value.trim().clone_into(&mut accept);
            }
            header.clear();
        }
        let line = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        Some(Self { line, accept, when: Instant::now() })
    }

    /// Path and query.
    fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    fn names_protobuf(&self) -> bool {
        self.accept.contains(PROTOBUF)
    }
}

impl Answer {
    fn new(media: &'static str, body: Vec<u8>) -> Self {
        Self { code: 200, media, body, after: 0 }
    }

    fn json(value: &Value) -> Self {
        Self::new(JSON, value.to_string().into_bytes())
    }

    /// An error as the API server writes it.
    fn status(code: u16, message: &str) -> Self {
        Self { code, ..Self::json(&json!({"kind": "Status", "message": message, "code": code})) }
    }

    /// The head; `length` is the header that says where the body ends.
    fn head(&self, length: &str) -> String {
        let Self { code, media, after, .. } = self;
        format!("HTTP/1.1 {code} X\r\nContent-Type: {media}\r\n{length}\r\nRetry-After: {after}\r\nConnection: close\r\n\r\n")
    }

    /// Sends the head, and as much of the body as is wanted.
    fn send(&self, stream: &mut TcpStream, length: usize) {
        let head = self.head(&format!("Content-Length: {}", self.body.len()));
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&self.body[..length]));
    }

    fn send_all(&self, stream: &mut TcpStream) {
        self.send(stream, self.body.len());
    }

    fn send_half(&self, stream: &mut TcpStream) {
        self.send(stream, self.body.len() / 2);
    }

    /// Sends everything, in pieces of so many bytes.
    fn send_pieces(&self, stream: &mut TcpStream, size: usize) {
        let mut bytes = self.head("Transfer-Encoding: chunked").into_bytes();
        for piece in self.body.chunks(size).chain([&[][..]]) {
            bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        let _ = stream.write_all(&bytes);
    }
}

fn answer(mut stream: TcpStream, state: &State) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let Some(asked) = Asked::read(&mut reader) else { return };
    state.requests.lock().unwrap().push(asked.clone());
    match fault(state, asked.target()) {
        Some(What::Reset) => _ = stream.shutdown(Shutdown::Both),
        Some(What::Status(code, message)) => Answer::status(code, message).send_all(&mut stream),
        Some(What::Busy(after)) => Answer { after, ..Answer::status(429, "too many requests") }.send_all(&mut stream),
        Some(What::Body(body)) => Answer::new(JSON, body.into()).send_all(&mut stream),
        Some(What::Typed(media, body)) => Answer::new(media, body).send_all(&mut stream),
        Some(What::With(headers, body)) => send_with(&mut stream, 200, &format!("Content-Type: {JSON}\r\n{headers}"), &body),
        Some(What::Head(code, headers)) => send_with(&mut stream, code, headers, &[]),
        Some(What::CutChunks) => {
            let body = page(state, &asked).body;
            let (head, length) = ("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), format!("{length:x}\r\n").as_bytes(), &body].concat());
        }
        Some(What::NewTokens(before, after)) => {
            let number = state.requests.lock().unwrap().len();
            Answer::new(JSON, format!("{before}{number}{after}").into_bytes()).send_all(&mut stream);
        }
        Some(What::TruncatedProtobuf) => truncated(page(state, &asked)).send_all(&mut stream),
        Some(What::CutBody) => page(state, &asked).send_half(&mut stream),
        Some(What::Stall) => {
            page(state, &asked).send_half(&mut stream);
            // Held until the client gives up.
            let _ = reader.read(&mut [0]);
        }
        None => send_page(&mut stream, state, &asked),
    }
}

fn send_with(stream: &mut TcpStream, code: u16, headers: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {code} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

fn send_page(stream: &mut TcpStream, state: &State, asked: &Asked) {
    let manner = *state.manner.lock().unwrap();
    let answer = page(state, asked);
    match manner.piece {
        Some(size) => answer.send_pieces(stream, size),
        None => answer.send_all(stream),
    }
}

/// An answer without its last bytes: what stands behind the items, and enough of the last one to break it.
fn truncated(mut answer: Answer) -> Answer {
    answer.body.truncate(answer.body.len().saturating_sub(16));
    answer
}

fn fault(state: &State, target: &str) -> Option<What> {
    let mut faults = state.faults.lock().unwrap();
    let fault = faults.iter_mut().find(|fault| target.contains(fault.at) && fault.times > 0)?;
    fault.times -= 1;
    Some(fault.what.clone())
}

/// The answer to a request when all is well.
fn page(state: &State, asked: &Asked) -> Answer {
    let Manner { speaks, only_in, .. } = *state.manner.lock().unwrap();
    if asked.names_protobuf() && speaks == Speaks::JsonAndRefusal {
        return Answer::status(406, "only the following media types are accepted: application/json");
    }
    let (path, query) = asked.target().split_once('?').unwrap_or((asked.target(), ""));
    if only_in.is_some_and(|namespaces| !is_within(path, namespaces)) {
        return Answer::status(403, "not for you");
    }
    let kind = built_in(path).filter(|_| asked.names_protobuf() && speaks == Speaks::Both);
    match path {
        "/version" => Answer::json(&json!({"gitVersion": "v1.36.2"})),
        "/apis" => Answer::json(&groups()),
        _ => match (objects_at(state, path), kind) {
            (Some(Found::List(items)), kind) => list(&items, path, query, kind),
            (Some(Found::One(object)), None) => Answer::json(&object),
            (Some(Found::One(object)), Some(_)) => Answer::new(PROTOBUF, protobuf::object(&object)),
            (None, _) => Answer::status(404, "not found"),
        },
    }
}

/// Whether a path lies in one of these namespaces, or in none because it says only what there is.
fn is_within(path: &str, namespaces: &[&str]) -> bool {
    let namespace = path.split_once("/namespaces/").and_then(|(_, rest)| rest.split('/').next());
    matches!(path, "/version" | "/apis") || namespace.is_some_and(|namespace| namespaces.contains(&namespace))
}

/// `apiVersion` and kind of the objects behind a path, where they can be sent as protobuf.
fn built_in(path: &str) -> Option<(String, &'static str)> {
    const KINDS: [(&str, &str, &str); 18] = [
        ("", "namespaces", "Namespace"),
        ("", "pods", "Pod"),
        ("", "services", "Service"),
        ("", "configmaps", "ConfigMap"),
        ("", "endpoints", "Endpoints"),
        ("", "replicationcontrollers", "ReplicationController"),
        ("apps", "deployments", "Deployment"),
        ("apps", "statefulsets", "StatefulSet"),
        ("apps", "daemonsets", "DaemonSet"),
        ("apps", "replicasets", "ReplicaSet"),
        ("batch", "jobs", "Job"),
        ("batch", "cronjobs", "CronJob"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "apiservices", "APIService"),
        ("networking.k8s.io", "ingresses", "Ingress"),
        ("discovery.k8s.io", "endpointslices", "EndpointSlice"),
    ];
    let mut parts = path.trim_start_matches('/').split('/');
    let group = if parts.next()? == "api" { "" } else { parts.next()? };
    let version = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let plural = if let ["namespaces", _, plural, ..] = rest[..] { plural } else { rest.first()? };
    let (.., kind) = KINDS.iter().find(|(of, name, _)| *of == group && *name == plural)?;
    Some((if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }, kind))
}

enum Found {
    List(Vec<Value>),
    One(Value),
}

/// The objects behind a path: a list, that of one namespace, or one object by name.
fn objects_at(state: &State, path: &str) -> Option<Found> {
    let (list, namespace, name) = match path.split_once("/namespaces/") {
        None => (path.to_owned(), None, None),
        Some((root, rest)) => {
            let mut parts = rest.split('/');
            let (namespace, plural, name) = (parts.next()?, parts.next()?, parts.next());
            (format!("{root}/{plural}"), Some(namespace), name)
        }
    };
    let in_namespace =
        |object: &Value| namespace.is_none_or(|namespace| object["metadata"]["namespace"].as_str().unwrap_or("default") == namespace);
    let mut found: Vec<Value> = state.lists.get(&list).into_iter().flatten().filter(|object| in_namespace(object)).cloned().collect();
    for object in &mut found {
        let object = object.as_object_mut().unwrap();
        if name.is_none() {
            // Items of a list do not say what they are.
            object.remove("kind");
            object.remove("apiVersion");
        }
    }
    match name {
        Some(name) => found.into_iter().find(|object| object["metadata"]["name"] == name).map(Found::One),
        None => Some(Found::List(found)),
    }
}

/// One page of a list, in protobuf where the kind is given.
fn list(items: &[Value], path: &str, query: &str, kind: Option<(String, &str)>) -> Answer {
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let limit: usize = parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    let start: usize = parameter("continue").and_then(|token| token.trim_start_matches("t%2B").parse().ok()).unwrap_or_default();
    let selector = unescaped(parameter("labelSelector").unwrap_or_default());
    let items: Vec<Value> = items.iter().filter(|item| is_selected(item, &selector)).cloned().collect();
    let end = items.len().min(start.saturating_add(limit));
    let next = if end < items.len() { format!("t+{end}") } else { String::new() };
    let items = &items[start..end];
    if let Some((api_version, kind)) = kind {
        return Answer::new(PROTOBUF, protobuf::list(&api_version, kind, &next, items));
    }
    let (api_version, kind) = listed(path);
    Answer::json(&json!({"kind": format!("{kind}List"), "apiVersion": api_version, "metadata": {"continue": next}, "items": items}))
}

/// `apiVersion` and kind of what is listed at a path.
fn listed(path: &str) -> (String, &'static str) {
    let (root, plural) = path.rsplit_once('/').unwrap_or_default();
    let api_version = root.split("/namespaces").next().unwrap_or_default().trim_start_matches("/apis/").trim_start_matches("/api/");
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = Kind::ALL.iter().find(|kind| kind.group() == group && kind.plural() == plural);
    (api_version.to_owned(), kind.map_or("Unknown", |kind| kind.name()))
}

/// Whether a selector of the form `label!=value` leaves an object in; an object without the label stays in, too.
fn is_selected(object: &Value, selector: &str) -> bool {
    let Some((label, value)) = selector.split_once("!=") else { return true };
    object["metadata"]["labels"][label] != value
}

/// A part of a query, its escapes undone.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(b'%');
        out.push(byte.into());
        out += part.get(2..).unwrap_or_default();
    }
    out
}

fn groups() -> Value {
    let group = |name: &str, versions: &[&str]| json!({"name": name, "versions": versions.iter().map(|v| json!({"version": v})).collect::<Vec<_>>()});
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        group("apps", &["v1"]),
        group("batch", &["v1"]),
        group("admissionregistration.k8s.io", &["v1"]),
        group("discovery.k8s.io", &["v1"]),
        group("security.istio.io", &["v1", "v1beta1"]),
        group("networking.istio.io", &["v1", "v1beta1", "v1alpha3"]),
        group("gateway.networking.k8s.io", &["v1", "v1beta1"]),
        group("apiextensions.k8s.io", &["v1"]),
        group("apiregistration.k8s.io", &["v1"]),
        group("networking.k8s.io", &["v1"]),
        group("monitoring.coreos.com", &["v1"]),
        group("operator.victoriametrics.com", &["v1beta1"]),
    ]})
}

/// What a client that asks for something gets: head and body.
fn ask(api: &Api, target: &str, accept: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(api.url.trim_start_matches("http://")).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: test\r\nAccept: {accept}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_default() + 4;
    let body = answer.split_off(end);
    (String::from_utf8(answer).unwrap(), body)
}

/// What a client accepts that can read protobuf.
const BOTH: &str = "application/vnd.kubernetes.protobuf,application/json";

fn shop() -> Vec<Value> {
    let slice = |name: &str, by: &str| {
        json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": name, "namespace": "shop", "labels": {"endpointslice.kubernetes.io/managed-by": by}},
        })
    };
    vec![
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart", "namespace": "shop"}}),
        json!({"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"name": "default", "namespace": "shop"}}),
        slice("of-the-controller", "endpointslice-controller.k8s.io"),
        slice("by-hand", "me"),
    ]
}

#[test]
fn built_in_kinds_come_as_protobuf_to_those_who_ask_for_it_and_all_else_as_json() {
    let rows = [
        ("/api/v1/pods", BOTH, PROTOBUF),
        ("/api/v1/namespaces/shop/pods", BOTH, PROTOBUF),
        ("/api/v1/namespaces/shop/pods/cart", BOTH, PROTOBUF),
        ("/apis/apps/v1/deployments?limit=5", BOTH, PROTOBUF),
        ("/api/v1/pods", JSON, JSON),
        ("/apis/security.istio.io/v1/peerauthentications", BOTH, JSON),
        ("/api/v1/namespaces/shop/pods/nobody", BOTH, JSON),
        ("/version", BOTH, JSON),
        ("/apis", BOTH, JSON),
    ];
    let api = Api::serving(shop(), &[]);
    for (target, accept, media) in rows {
        let (head, body) = ask(&api, target, accept);
        assert!(head.contains(&format!("Content-Type: {media}\r\n")), "{target}: {head}");
        assert_eq!(body.starts_with(b"k8s\0"), media == PROTOBUF, "{target}");
    }
    assert_eq!(api.accepts()[4], ("/api/v1/pods".to_owned(), JSON.to_owned()));
    for target in ["/api/v1/pods", "/api/v1/namespaces/shop/pods/cart", "/version"] {
        let json = Api::serving(shop(), &[]).json_only();
        assert!(ask(&json, target, BOTH).0.contains("200 X\r\nContent-Type: application/json"), "{target}");
        let refusing = Api::serving(shop(), &[]).refusing_protobuf();
        assert!(ask(&refusing, target, BOTH).0.contains("406 X\r\nContent-Type: application/json"), "{target}");
        assert!(ask(&refusing, target, JSON).0.contains("200 X\r\nContent-Type: application/json"), "{target}");
    }
}

#[test]
fn bodies_can_be_wrong_in_any_encoding() {
    let whole = ask(&Api::serving(shop(), &[]), "/api/v1/pods", BOTH).1;
    for (what, media, expected) in [
        (What::CutBody, PROTOBUF, &whole[..whole.len() / 2]),
        (What::TruncatedProtobuf, PROTOBUF, &whole[..whole.len() - 16]),
        (What::Typed("text/html", b"<html>".to_vec()), "text/html", b"<html>"),
    ] {
        let is_whole = !matches!(what, What::CutBody);
        let (head, body) = ask(&Api::serving(shop(), &[Fault { at: "/pods", what, times: 1 }]), "/api/v1/pods", BOTH);
        assert!(head.contains(&format!("Content-Type: {media}\r\n")), "{head}");
        assert_eq!(head.contains(&format!("Content-Length: {}\r\n", body.len())), is_whole, "{head}");
        assert_eq!(body, expected);
    }
}

#[test]
fn a_selector_leaves_out_what_has_the_label() {
    let target = "/apis/discovery.k8s.io/v1/endpointslices?limit=500&labelSelector=endpointslice.kubernetes.io%2Fmanaged-by%21%3Dendpointslice-controller.k8s.io";
    let api = Api::serving(shop(), &[]);
    let body: Value = serde_json::from_slice(&ask(&api, target, JSON).1).unwrap();
    assert_eq!(body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["items"][0]["metadata"]["name"], "by-hand");
}

/// A kind that this server cannot send would be read in no test.
#[test]
fn every_kind_is_served_under_its_plural_and_in_its_encoding() {
    for kind in Kind::ALL {
        let (group, plural) = (kind.group(), kind.plural());
        let path = if group.is_empty() { format!("/api/v1/{plural}") } else { format!("/apis/{group}/v1/{plural}") };
        let wanted = (kind.encoding() == Encoding::Protobuf).then_some(kind.name());
        assert_eq!(built_in(&path).map(|(_, name)| name), wanted, "{path}: KINDS of `built_in` has exactly the kinds with protobuf");
        assert_eq!(protobuf::is_known(kind.name()), wanted.is_some(), "{kind}: the table of tests/it/protobuf.rs has its fields");
        let api_version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
        let listed = list_path(&json!({"apiVersion": api_version, "kind": kind.name()})).unwrap();
        assert_eq!(listed.replace("v1alpha3", "v1").replace("v1beta1", "v1"), path);
    }
}
