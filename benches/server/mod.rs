//! An API server that costs next to nothing: everything it sends lies encoded in memory, and a page is one slice of it.

mod mesh;
mod stamp;

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, OnceLock},
    thread,
};

use crate::protobuf;
use mesh::Mesh;

/// What stands before the number in the token of a page.
pub(crate) const TOKEN: &str = "at-";

/// The media type of Kubernetes's protobuf.
pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// One way to write a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

/// Encoded objects, one behind the other.
#[derive(Debug, Default)]
struct Items {
    bytes: Vec<u8>,
    /// Where each one ends.
    ends: Vec<usize>,
}

/// A kind, and its objects in each encoding that somebody has asked for.
struct List {
    path: &'static str,
    api_version: &'static str,
    kind: &'static str,
    protobuf: OnceLock<Items>,
    json: OnceLock<Items>,
}

struct State {
    mesh: Mesh,
    lists: Vec<List>,
}

/// A request, as far as it matters.
struct Asked {
    path: String,
    query: String,
    encoding: Encoding,
}

/// What is listed: path, `apiVersion`, kind. What is not built in has no protobuf.
const LISTED: [(&str, &str, &str); 22] = [
    ("/api/v1/pods", "v1", "Pod"),
    ("/api/v1/namespaces", "v1", "Namespace"),
    ("/api/v1/services", "v1", "Service"),
    ("/api/v1/replicationcontrollers", "v1", "ReplicationController"),
    ("/apis/apps/v1/deployments", "apps/v1", "Deployment"),
    ("/apis/apps/v1/replicasets", "apps/v1", "ReplicaSet"),
    ("/apis/apps/v1/statefulsets", "apps/v1", "StatefulSet"),
    ("/apis/apps/v1/daemonsets", "apps/v1", "DaemonSet"),
    ("/apis/batch/v1/jobs", "batch/v1", "Job"),
    ("/apis/batch/v1/cronjobs", "batch/v1", "CronJob"),
    (
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
    ),
    ("/apis/discovery.k8s.io/v1/endpointslices", "discovery.k8s.io/v1", "EndpointSlice"),
    ("/apis/security.istio.io/v1/peerauthentications", "security.istio.io/v1", "PeerAuthentication"),
    ("/apis/security.istio.io/v1/authorizationpolicies", "security.istio.io/v1", "AuthorizationPolicy"),
    ("/apis/networking.istio.io/v1/virtualservices", "networking.istio.io/v1", "VirtualService"),
    ("/apis/networking.istio.io/v1/destinationrules", "networking.istio.io/v1", "DestinationRule"),
    ("/apis/networking.istio.io/v1/serviceentries", "networking.istio.io/v1", "ServiceEntry"),
    ("/apis/networking.istio.io/v1/workloadentries", "networking.istio.io/v1", "WorkloadEntry"),
    ("/apis/networking.istio.io/v1/workloadgroups", "networking.istio.io/v1", "WorkloadGroup"),
    ("/apis/networking.istio.io/v1/sidecars", "networking.istio.io/v1", "Sidecar"),
    ("/apis/networking.istio.io/v1/gateways", "networking.istio.io/v1", "Gateway"),
    ("/apis/networking.istio.io/v1alpha3/envoyfilters", "networking.istio.io/v1alpha3", "EnvoyFilter"),
];

/// Serves a mesh with so many pods until the standard input ends, and prints the address when all is ready.
pub(crate) fn serve(pods: usize) -> io::Result<()> {
    let lists = LISTED.map(|(path, api_version, kind)| List::new(path, api_version, kind)).into();
    let state = Arc::new(State { mesh: Mesh::new(pods), lists });
    for list in &state.lists {
        list.items(Encoding::Protobuf, &state.mesh);
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let state = Arc::clone(&state);
            thread::spawn(move || converse(&stream, &state));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink()).map(|_| ())
}

impl Items {
    /// Adds what was written behind the others.
    fn close(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// The bytes of some objects, first and end given by number.
    fn slice(&self, first: usize, end: usize) -> &[u8] {
        let at = |n: usize| if n == 0 { 0 } else { self.ends[n - 1] };
        &self.bytes[at(first)..at(end)]
    }
}

impl List {
    fn new(path: &'static str, api_version: &'static str, kind: &'static str) -> Self {
        Self { path, api_version, kind, protobuf: OnceLock::new(), json: OnceLock::new() }
    }

    /// The objects, encoded when they are first asked for.
    fn items(&self, encoding: Encoding, mesh: &Mesh) -> &Items {
        let cell = if self.is(encoding) == Encoding::Protobuf { &self.protobuf } else { &self.json };
        cell.get_or_init(|| mesh.items(self.kind, self.is(encoding)))
    }

    /// The encoding in which it is sent to those who would take this one.
    fn is(&self, encoding: Encoding) -> Encoding {
        if protobuf::is_known(self.kind) { encoding } else { Encoding::Json }
    }

    /// Sends one page.
    fn send(&self, mut stream: &TcpStream, asked: &Asked, mesh: &Mesh) -> io::Result<()> {
        let items = self.items(asked.encoding, mesh);
        let first = asked.number("continue").unwrap_or_default();
        let end = items.ends.len().min(first.saturating_add(asked.number("limit").unwrap_or(usize::MAX)));
        let token = if end < items.ends.len() { format!("{TOKEN}{end}") } else { String::new() };
        let slice = items.slice(first.min(end), end);
        let (head, slice, tail) = match self.is(asked.encoding) {
            Encoding::Protobuf => {
                let (head, tail) = protobuf::frame(self.api_version, self.kind, &token, slice.len());
                (head, slice, tail)
            }
            Encoding::Json => {
                let Self { api_version, kind, .. } = self;
                let head = format!(
                    r#"{{"kind":"{kind}List","apiVersion":"{api_version}","metadata":{{"resourceVersion":"1","continue":"{token}"}},"items":["#
                );
                (head.into_bytes(), slice.strip_suffix(b",").unwrap_or(slice), b"]}".to_vec())
            }
        };
        let head = [http_head("200 OK", self.is(asked.encoding), head.len() + slice.len() + tail.len()).into_bytes(), head].concat();
        stream.write_all(&head)?;
        stream.write_all(slice)?;
        stream.write_all(&tail)
    }
}

impl Asked {
    /// Reads the head of the next request; none at the end of the connection.
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut encoding = Encoding::Json;
        let mut header = String::new();
        while reader.read_line(&mut header).ok()? > 2 {
            if header.contains(PROTOBUF) {
                encoding = Encoding::Protobuf;
            }
            header.clear();
        }
        let target = line.split(' ').nth(1)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Self { path: path.to_owned(), query: query.to_owned(), encoding })
    }

    /// A number among the parameters, with or without the mark of a token.
    fn number(&self, name: &str) -> Option<usize> {
        let value = self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        value.trim_start_matches(TOKEN).parse().ok()
    }
}

fn http_head(status: &str, encoding: Encoding, length: usize) -> String {
    let media = if encoding == Encoding::Protobuf { PROTOBUF } else { "application/json" };
    format!("HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n")
}

/// Answers the requests of one connection, one after the other.
fn converse(stream: &TcpStream, state: &State) {
    // Without it the end of a page waits for the other side.
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some(asked) = Asked::read(&mut reader) {
        if answer(stream, &asked, state).is_err() {
            return;
        }
    }
}

fn answer(mut stream: &TcpStream, asked: &Asked, state: &State) -> io::Result<()> {
    if let Some(list) = state.lists.iter().find(|list| list.path == asked.path) {
        return list.send(stream, asked, &state.mesh);
    }
    let (status, encoding, body) = match mesh::one(&asked.path) {
        Some(object) if object["kind"] == "ConfigMap" && asked.encoding == Encoding::Protobuf => {
            ("200 OK", Encoding::Protobuf, protobuf::object(&object))
        }
        Some(object) => ("200 OK", Encoding::Json, object.to_string().into_bytes()),
        None => ("404 Not Found", Encoding::Json, br#"{"kind":"Status","message":"not found","code":404}"#.to_vec()),
    };
    stream.write_all(&[http_head(status, encoding, body.len()).into_bytes(), body].concat())
}
