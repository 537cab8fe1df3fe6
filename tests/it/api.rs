//! An API server in the test's own process: it serves a mesh as lists, page by page, and fails by script.
//!
//! It speaks plain HTTP/1.1 over a socket, because the faults that matter (half a body, a stalled byte, a reset) lie
//! below what a server library would send.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

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
    /// A body that ends before its length.
    CutBody,
    /// A body of which the last byte never comes.
    Stall,
    /// No answer at all.
    Reset,
    /// Something else with status 200.
    Body(&'static str),
}

/// The server; it ends with the process.
pub(crate) struct Api {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

struct State {
    /// Objects by the path of their list.
    lists: BTreeMap<String, Vec<Value>>,
    faults: Mutex<Vec<Fault>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Api {
    /// Serves the manifests of a folder.
    pub(crate) fn new(folder: &str, faults: &[Fault]) -> Self {
        Self::serving(objects(Path::new(folder)), faults)
    }

    /// Serves these objects.
    pub(crate) fn serving(objects: Vec<Value>, faults: &[Fault]) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for object in objects {
            if let Some(path) = list_path(&object) {
                lists.entry(path).or_default().push(object);
            }
        }
        let state = Arc::new(State { lists, faults: Mutex::new(faults.to_vec()), requests: Arc::clone(&requests) });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                thread::spawn(move || answer(stream, &state));
            }
        });
        Self { url, requests }
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
        self.requests.lock().unwrap().clone()
    }
}

/// The objects of a folder's manifests.
fn objects(folder: &Path) -> Vec<Value> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = move || files.iter().flat_map(|file| documents(&std::fs::read_to_string(file).unwrap())).collect();
    // Parsing recurses deeper than a test's thread allows.
    thread::Builder::new().stack_size(kubectl_mtls::source::yaml::STACK).spawn(read).unwrap().join().unwrap()
}

/// The objects of a text, lists taken apart.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let text = text.trim_start_matches('\u{feff}').replace('\r', "");
    let parts = text.split("\n---").map(|part| part.trim_start_matches("---").to_owned());
    parts.filter_map(|part| kubectl_mtls::source::yaml::tree(&part).ok()).flat_map(|tree| flattened(tree.json())).collect()
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
        "ServiceEntry" => "serviceentries".to_owned(),
        "WorkloadEntry" => "workloadentries".to_owned(),
        _ => format!("{}s", kind.to_lowercase()),
    };
    let version = if kind == "EnvoyFilter" { "v1alpha3" } else { "v1" };
    Some(if group.is_empty() { format!("/api/v1/{plural}") } else { format!("/apis/{group}/{version}/{plural}") })
}

fn answer(mut stream: TcpStream, state: &State) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or_default() == 0 {
        return;
    }
    let mut header = String::new();
    while reader.read_line(&mut header).unwrap_or_default() > 2 {
        header.clear();
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    state.requests.lock().unwrap().push(format!("{} {target}", line.split(' ').next().unwrap_or_default()));
    match fault(state, &target) {
        Some(What::Reset) => _ = stream.shutdown(Shutdown::Both),
        Some(What::Status(code, message)) => {
            respond(&mut stream, code, &json!({"kind": "Status", "message": message, "code": code}).to_string());
        }
        Some(What::Body(body)) => respond(&mut stream, 200, body),
        Some(What::CutBody) => half(&mut stream, state, &target),
        Some(What::Stall) => {
            half(&mut stream, state, &target);
            // Held until the client gives up.
            let _ = reader.read(&mut [0]);
        }
        None => {
            let (code, body) = page(state, &target);
            respond(&mut stream, code, &body);
        }
    }
}

fn fault(state: &State, target: &str) -> Option<What> {
    let mut faults = state.faults.lock().unwrap();
    let fault = faults.iter_mut().find(|fault| target.contains(fault.at) && fault.times > 0)?;
    fault.times -= 1;
    Some(fault.what.clone())
}

fn respond(stream: &mut TcpStream, code: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nRetry-After: 0\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn half(stream: &mut TcpStream, state: &State, target: &str) {
    let (_, body) = page(state, target);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body.as_bytes()[..body.len() / 2]));
}

/// The answer to a request when all is well.
fn page(state: &State, target: &str) -> (u16, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match path {
        "/version" => (200, json!({"gitVersion": "v1.36.2"}).to_string()),
        "/apis" => (200, groups().to_string()),
        _ => match objects_at(state, path) {
            Some(Found::List(items)) => (200, list(&items, query).to_string()),
            Some(Found::One(object)) => (200, object.to_string()),
            None => (404, json!({"kind": "Status", "message": "not found", "code": 404}).to_string()),
        },
    }
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

fn list(items: &[Value], query: &str) -> Value {
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let limit: usize = parameter("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    let start: usize = parameter("continue").and_then(|token| token.trim_start_matches("t%2B").parse().ok()).unwrap_or_default();
    let end = items.len().min(start.saturating_add(limit));
    let next = if end < items.len() { format!("t+{end}") } else { String::new() };
    json!({"kind": "List", "apiVersion": "v1", "metadata": {"continue": next}, "items": items[start..end]})
}

fn groups() -> Value {
    let group = |name: &str, versions: &[&str]| json!({"name": name, "versions": versions.iter().map(|v| json!({"version": v})).collect::<Vec<_>>()});
    json!({"groups": [
        group("apps", &["v1"]),
        group("batch", &["v1"]),
        group("admissionregistration.k8s.io", &["v1"]),
        group("security.istio.io", &["v1", "v1beta1"]),
        group("networking.istio.io", &["v1", "v1beta1", "v1alpha3"]),
        group("gateway.networking.k8s.io", &["v1", "v1beta1"]),
    ]})
}
