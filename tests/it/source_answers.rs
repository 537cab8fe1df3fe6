//! What an API server sends in place of the list that was asked for, and how much of it is read at most.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use kubectl_mtls::{
    object::{Coverage, Kind, Snapshot},
    source::{
        BodyLimits, Connection,
        cluster::{self, Limits},
    },
};
use serde_json::{Value, json};

use crate::{
    api::{Api, Fault, What},
    protobuf,
    source_cluster::request,
};

const BOOKINFO: &str = "testdata/meshes/bookinfo";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const POLICIES: &str = "security.istio.io/v1/peerauthentications";

/// Reads a server, with limits.
fn read(api: &Api, name: &str, limits: Limits) -> Snapshot {
    let connection = Connection { kubeconfig: Some(api.kubeconfig(&format!("answers-{name}"))), ..Connection::default() };
    cluster::read(&cluster::Request { limits, timeout: Duration::from_secs(30), ..request(connection) })
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads a mesh of which one list is always answered like this.
fn with(name: &str, at: &'static str, what: What, limits: Limits) -> Snapshot {
    read(&Api::new(BOOKINFO, &[Fault { at, what, times: 100_000 }]), name, limits)
}

/// Nothing passes for having been read, and the reason says why.
fn assert_unread(name: &str, snapshot: &Snapshot, kind: Kind, because: &str) {
    let gap = snapshot.gaps.iter().find(|gap| gap.kind == Some(kind)).unwrap_or_else(|| panic!("{name}: no gap"));
    assert!(gap.reason.contains(because), "{name}: {}", gap.reason);
    assert!(!gap.hint.is_empty(), "{name}");
    assert_eq!(snapshot.coverage.get(&kind), Some(&Coverage::Nothing), "{name}");
}

#[test]
fn what_is_not_a_list_of_the_kind_in_json_is_a_gap() {
    let list = |kind: &str, api_version: &str, items: Value| json!({"kind": kind, "apiVersion": api_version, "items": items}).to_string();
    let (kind, api_version) = ("PeerAuthenticationList", "security.istio.io/v1");
    let rows = [
        (
            "status",
            json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no"}).to_string(),
            "is a Status, not a PeerAuthenticationList",
        ),
        ("status-with-items", list("Status", "v1", json!([])), "is a Status, not a PeerAuthenticationList"),
        ("nothing", "{}".into(), "invalid response to"),
        ("null", "null".into(), "invalid response to"),
        ("empty", String::new(), "invalid response to"),
        ("array", "[]".into(), "invalid response to"),
        ("error", json!({"error": "upstream"}).to_string(), "invalid response to"),
        ("page", "<html>login</html>".into(), "invalid response to"),
        ("no-kind", json!({"items": []}).to_string(), "has no kind; a PeerAuthenticationList was requested"),
        ("no-items", json!({"kind": kind, "apiVersion": api_version}).to_string(), "items"),
        ("items-of-no-list", list(kind, api_version, json!({})), "invalid response to"),
        ("item-of-no-object", list(kind, api_version, json!([null])), "an item is not an object"),
        ("another-kind", list("RequestAuthenticationList", api_version, json!([])), "is a RequestAuthenticationList, not a"),
        (
            "a-single-object",
            json!({"kind": "PeerAuthentication", "apiVersion": api_version, "metadata": {"name": "a"}}).to_string(),
            "invalid response to",
        ),
        (
            "another-group",
            list(kind, "authentication.istio.io/v1alpha1", json!([])),
            "is of authentication.istio.io/v1alpha1, not of security.istio.io/v1",
        ),
        (
            "another-item",
            list(kind, api_version, json!([{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}}])),
            "is a Secret, not a PeerAuthentication",
        ),
        (
            "another-item-in-a-plain-list",
            list("List", "v1", json!([{"kind": "Secret", "metadata": {"name": "a"}}])),
            "is a Secret, not a PeerAuthentication",
        ),
        ("items-twice", format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","items":[],"items":[]}}"#), "duplicate field"),
        ("two-lists", list(kind, api_version, json!([])).repeat(2), "invalid response to"),
    ];
    for (name, body, because) in rows {
        let snapshot = with(name, POLICIES, What::With("", body.into_bytes()), Limits::default());
        assert_unread(name, &snapshot, Kind::PeerAuthentication, because);
        assert!(!snapshot.pods.is_empty(), "{name}: the rest was not read");
    }
}

#[test]
fn what_is_not_a_list_of_the_kind_in_protobuf_is_a_gap() {
    let without_types = {
        let whole = protobuf::list("v1", "Pod", "", &[]);
        let types = usize::from(whole[5]) + 6;
        [&whole[..4], &whole[types..]].concat()
    };
    let rows = [
        ("proto-service", protobuf::list("v1", "Service", "", &[]), "is a ServiceList, not a PodList"),
        ("proto-group", protobuf::list("apps/v1", "Pod", "", &[]), "is of apps/v1, not of v1"),
        (
            "proto-object",
            protobuf::object(&json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}})),
            "is a Pod, not a PodList",
        ),
        ("proto-no-types", without_types, "does not declare its kind"),
        ("proto-empty", b"k8s\0".to_vec(), "truncated protobuf"),
    ];
    for (name, body, because) in rows {
        let snapshot = with(name, "/v1/pods", What::Typed(PROTOBUF, body), Limits::default());
        assert_unread(name, &snapshot, Kind::Pod, because);
    }
    let whole = What::Typed(PROTOBUF, protobuf::list("v1", "Pod", "", &[]));
    assert_eq!(with("proto-whole", "/v1/pods", whole, Limits::default()).gaps, []);
}

/// Without its `ConfigMap` istiod has the defaults; without an answer about it nothing is known.
#[test]
fn what_is_not_the_requested_config_map_is_a_gap() {
    let other = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "other", "namespace": "istio-system"}});
    for (name, what, because) in [
        ("cm-nothing", What::Body("{}"), "has no kind"),
        ("cm-status", What::Body(r#"{"kind": "Status", "apiVersion": "v1"}"#), "is a Status, not a ConfigMap"),
        ("cm-other", What::With("", other.to_string().into_bytes()), "is another object"),
        ("cm-proto-other", What::Typed(PROTOBUF, protobuf::object(&other)), "is another object"),
        ("cm-proto-pod", What::Typed(PROTOBUF, protobuf::object(&json!({"kind": "Pod", "apiVersion": "v1"}))), "is a Pod, not a ConfigMap"),
    ] {
        let snapshot = with(name, "/configmaps/istio", what, Limits::default());
        assert!(snapshot.gaps.iter().any(|gap| gap.reason.contains(because)), "{name}: {:?}", snapshot.gaps);
    }
}

#[test]
fn pages_without_end_are_a_gap() {
    let page = |items: &str| {
        format!(
            r#"{{"kind":"PeerAuthenticationList","apiVersion":"security.istio.io/v1","metadata":{{"continue":"same"}},"items":[{items}]}}"#
        )
    };
    let object = r#"{"metadata":{"name":"a","namespace":"b"},"spec":{}}"#;
    let new_tokens = What::NewTokens(
        r#"{"kind":"PeerAuthenticationList","apiVersion":"security.istio.io/v1","items":[],"metadata":{"continue":"t"#,
        r#""}}"#,
    );
    let new_objects = What::NewTokens(
        r#"{"kind":"PeerAuthenticationList","apiVersion":"security.istio.io/v1","items":[{"metadata":{"name":"a","namespace":"b"},"spec":{}}],"metadata":{"continue":"t"#,
        r#""}}"#,
    );
    let small = Limits { empty_pages: 20, objects: 300, ..Limits::default() };
    let long = format!(
        r#"{{"kind":"PeerAuthenticationList","apiVersion":"security.istio.io/v1","metadata":{{"continue":"{}"}},"items":[]}}"#,
        "t".repeat(20_000)
    );
    for (name, what, because) in [
        (
            "same-token",
            What::With("", page("").into_bytes()),
            "a continue token of /apis/security.istio.io/v1/peerauthentications?limit=500 came again",
        ),
        ("same-token-with-objects", What::With("", page(object).into_bytes()), "came again"),
        ("new-tokens", new_tokens, "more than 20 pages without an object"),
        ("new-objects", new_objects, "the limit of 300 objects is reached"),
        ("long-token", What::With("", long.into_bytes()), "the continue token is longer than"),
    ] {
        assert_unread(name, &with(name, POLICIES, what, small), Kind::PeerAuthentication, because);
    }
    let proto = What::Typed(PROTOBUF, protobuf::list("v1", "Pod", "same", &[]));
    assert_unread("same-token-proto", &with("same-token-proto", "/v1/pods", proto, small), Kind::Pod, "came again");
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

const GZIP: &str = "Content-Encoding: gzip\r\n";

#[test]
fn compressed_responses_are_read_if_they_are_whole_and_do_not_unpack_too_far() {
    let list = br#"{"kind":"PeerAuthenticationList","apiVersion":"security.istio.io/v1","items":[]}"#;
    let whole = packed(list);
    let item = [br#"{"a":""#.as_slice(), &vec![b' '; 40 << 20], br#""}"#].concat();
    let bomb = packed(&[&list[..list.len() - 2], &item, b"]}"].concat());
    let rows: [(&str, &'static str, Vec<u8>, Option<&str>); 7] = [
        ("gzip", GZIP, whole.clone(), None),
        ("gzip-of-old", "Content-Encoding: x-gzip\r\n", whole.clone(), None),
        ("gzip-bomb", GZIP, bomb, Some("unpacks to more than 300 times its size")),
        ("gzip-cut", GZIP, whole[..whole.len() - 9].to_vec(), Some("damaged or cut off")),
        ("gzip-none", GZIP, list.to_vec(), Some("damaged or cut off")),
        ("gzip-and-more", GZIP, [whole, b"more".to_vec()].concat(), Some("damaged or cut off")),
        ("brotli", "Content-Encoding: br\r\n", list.to_vec(), Some("the content encoding is br, which was not requested")),
    ];
    for (name, headers, body, because) in rows {
        let snapshot = with(name, POLICIES, What::With(headers, body), Limits::default());
        match because {
            None => assert_eq!(snapshot.gaps, [], "{name}"),
            Some(because) => assert_unread(name, &snapshot, Kind::PeerAuthentication, because),
        }
    }
}

#[test]
fn what_is_larger_than_a_limit_is_a_gap_and_what_is_within_is_none() {
    let defaults = Limits::default();
    let rows = [
        ("objects", Limits { objects: 3, ..defaults }, Kind::Pod, "the limit of 3 objects is reached"),
        ("bytes", Limits { bytes: 1 << 10, ..defaults }, Kind::Pod, "the limit of 1024 bytes of objects is reached"),
        (
            "response",
            Limits { response: BodyLimits { bytes: 2_000, ..defaults.response }, ..defaults },
            Kind::Pod,
            "the response is larger than 2000 bytes",
        ),
        ("object", Limits { object_bytes: 20_000, ..defaults }, Kind::DestinationRule, "an item is larger than 20000 bytes"),
    ];
    for (name, limits, kind, because) in rows {
        let large = json!({"metadata": {"name": "a", "namespace": "b", "annotations": {"x": "y".repeat(30_000)}}});
        let list = json!({"kind": "DestinationRuleList", "apiVersion": "networking.istio.io/v1", "items": [large]}).to_string();
        let snapshot = with(name, "destinationrules", What::With("", list.into_bytes()), limits);
        assert_unread(name, &snapshot, kind, because);
    }
    for json_only in [false, true] {
        let api = Api::new(BOOKINFO, &[]);
        let api = if json_only { api.json_only() } else { api };
        let limits = Limits { objects: 500, bytes: 1 << 20, object_bytes: 1 << 20, ..defaults };
        assert_eq!(read(&api, &format!("within-{json_only}"), limits).gaps, []);
    }
}

/// A page that is requested again does not count twice.
#[test]
fn a_page_that_broke_counts_once() {
    let objects = read(&Api::new(BOOKINFO, &[]), "count", Limits::default()).len() as u64;
    let api = Api::new(BOOKINFO, &[Fault { at: "/v1/pods", what: What::CutBody, times: 1 }]);
    assert_eq!(read(&api, "count-once", Limits { objects, ..Limits::default() }).gaps, []);
}

#[test]
fn the_time_for_everything_is_limited() {
    let api = Api::new(BOOKINFO, &[Fault { at: "/v1/services", what: What::Stall, times: 100 }]);
    let snapshot = read(&api, "total", Limits { total: Duration::from_millis(1500), ..Limits::default() });
    assert_unread("total", &snapshot, Kind::Service, "the limit of 1.5 s for reading everything is reached");
    assert!(snapshot.gaps[0].hint.contains("--total-timeout"), "{:?}", snapshot.gaps);
}

#[test]
fn a_body_that_ends_early_and_a_redirection_are_gaps() {
    for (name, what, because) in [
        ("chunks", What::CutChunks, "the response was cut off"),
        (
            "redirection",
            What::Head(302, "Location: https://me:s3cret@login.example/?t=s3cret\r\n"),
            "redirected to https://…@login.example/?…",
        ),
        ("teapot", What::With("Content-Type: text/html\r\n", b"<html>".to_vec()), "invalid response to"),
    ] {
        assert_unread(name, &with(name, POLICIES, what, Limits::default()), Kind::PeerAuthentication, because);
    }
}

/// That a cluster has no Istio is said only by a list of API groups that is whole.
#[test]
fn what_is_no_list_of_api_groups_does_not_prove_that_there_is_no_istio() {
    let status = r#"{"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no"}"#;
    for (name, at, what, because) in [
        ("apis-nothing", "/apis", What::Body("{}"), "missing field `groups`"),
        ("apis-no-kind", "/apis", What::Body(r#"{"groups": [{"name": "apps"}]}"#), "unknown which APIs the server has"),
        ("apis-status", "/apis", What::Body(status), "invalid response to /apis"),
        ("apis-other", "/apis", What::Body(r#"{"kind": "APIVersions", "groups": []}"#), "a APIVersions, not an APIGroupList"),
        ("apis-page", "/apis", What::Typed("text/html", b"<html>".to_vec()), "the content type is text/html"),
        ("apis-page-as-json", "/apis", What::Body("<html>login</html>"), "invalid response to /apis"),
        ("apis-cut", "/apis", What::CutBody, "the response was cut off"),
        ("apis-chunks", "/apis", What::CutChunks, "the response was cut off"),
        ("apis-truncated", "/apis", What::Body(r#"{"kind": "APIGroupList", "groups": [{"name": "#), "invalid response to /apis"),
        ("apis-redirected", "/apis", What::Head(301, "Location: /login\r\n"), "redirected to /login"),
        ("apis-forbidden", "/apis", What::Status(403, "no"), "forbidden: no"),
        ("version-page", "/version", What::Body("<html>login</html>"), "invalid response to /version"),
        ("version-huge", "/version", What::With("", vec![b' '; 3 << 20]), "larger than 1 MiB"),
        ("version-starting", "/version", What::Status(503, "not ready"), "status 503: not ready; it may still be starting"),
    ] {
        let api = Api::new(BOOKINFO, &[Fault { at, what, times: 100 }]);
        let connection = Connection { kubeconfig: Some(api.kubeconfig(name)), ..Connection::default() };
        let limits = Limits { object_bytes: 1 << 20, ..Limits::default() };
        let error = cluster::read(&cluster::Request { limits, ..request(connection) }).unwrap_err().to_string();
        assert!(error.contains(because) && !error.contains("no Istio"), "{name}: {error}");
    }
}
