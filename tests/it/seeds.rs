//! The seeds of the fuzz targets: each is read as its target reads it, so that fuzzing starts behind the first checks of the format.

use std::fs;

use kubectl_mtls::{
    checks,
    cli::selector,
    mesh::{ControlPlaneOptions, Mesh},
    object::{Encoding, Kind, Snapshot},
    source::{cluster, prometheus},
};
use serde_json::Value;

use crate::{protobuf, support};

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fs::read_dir(format!("fuzz/seeds/{target}")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> =
        folder.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect();
    found.sort();
    assert!(!found.is_empty(), "{target}");
    found
}

/// The kind that the first byte of a seed chooses.
fn protobuf_kinds() -> Vec<Kind> {
    Kind::ALL.iter().copied().filter(|kind| kind.encoding() == Encoding::Protobuf).collect()
}

fn assert_read(name: &str, snapshot: &Snapshot) {
    assert!(!snapshot.is_empty() && snapshot.gaps.is_empty() && snapshot.defects.is_empty(), "{name}: {snapshot:?}");
    let settings = ControlPlaneOptions::default();
    let findings = || checks::run(&Mesh::new(snapshot, &settings), |_| true);
    assert_eq!(format!("{:?}", findings()), format!("{:?}", findings()), "{name}");
}

#[test]
fn seeds_of_manifests_are_read_without_gap_or_defect() {
    for (name, bytes) in seeds("manifests").into_iter().chain(seeds("json")) {
        assert_read(&name, &support::snapshot(std::str::from_utf8(&bytes).unwrap()));
    }
}

/// The seeds of protobuf are those of JSON in the encoding of the tests; `SNAPSHOTS=overwrite` writes them.
#[test]
fn seeds_of_protobuf_are_pages_of_the_kind_that_they_choose() {
    for (name, copies) in [("pod", 2), ("service", 1)] {
        let object: Value = serde_json::from_slice(&fs::read(format!("fuzz/seeds/json/{name}.json")).unwrap()).unwrap();
        let (api_version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
        let chosen = protobuf_kinds().iter().position(|one| one.name() == kind).unwrap();
        let named = |number: usize| {
            let mut copy = object.clone();
            copy["metadata"]["name"] = format!("{name}-{number}").into();
            copy
        };
        let body = protobuf::list(api_version, kind, "next", &(0..copies).map(named).collect::<Vec<_>>());
        let seed = [&[u8::try_from(chosen).unwrap(), 7][..], &body].concat();
        let path = format!("fuzz/seeds/protobuf/{name}");
        if std::env::var_os("SNAPSHOTS").is_some_and(|action| action == "overwrite") {
            fs::write(&path, &seed).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), seed, "{name}");
    }
    for (name, seed) in seeds("protobuf") {
        let [kind, cut, body @ ..] = &seed[..] else { panic!("{name}") };
        let kind = protobuf_kinds()[usize::from(*kind)];
        assert_read(&name, &cluster::page(kind, [body]).unwrap());
        assert_read(&name, &cluster::page(kind, body.chunks(usize::from(*cut))).unwrap());
    }
}

#[test]
fn a_page_that_is_cut_off_or_no_page_is_an_error() {
    let whole = &seeds("protobuf")[0].1[2..];
    for wrong in [&whole[..0], &whole[..3], &whole[..whole.len() / 2], b"{}", b"k8s\0"] {
        assert!(cluster::page(Kind::Pod, [wrong]).is_err(), "{wrong:?}");
    }
    assert!(cluster::page(Kind::PeerAuthentication, [whole]).is_err());
}

#[test]
fn seeds_of_answers_are_values_or_errors_with_a_message() {
    for (name, status, media_type, expected) in [
        ("vector", 200, "application/json", Ok(None)),
        ("empty", 200, "application/json", Ok(Some(0))),
        ("not-finite", 200, "application/json", Ok(Some(0))),
        ("refused", 400, "application/json", Err("parse error")),
        ("slow", 503, "application/json", Err("timed out")),
        ("api-server", 403, "application/json", Err("forbidden")),
        ("login-page", 200, "text/html", Err("")),
    ] {
        let seed = fs::read(format!("fuzz/seeds/prometheus/{name}")).unwrap();
        match (prometheus::samples(status, media_type, &seed[1..]), expected) {
            (Ok(values), Ok(None)) => assert!(!values.is_empty() && values.iter().all(|value| *value > 0.0), "{name}: {values:?}"),
            (Ok(values), Ok(Some(count))) => assert_eq!(values.len(), count, "{name}"),
            (Err(message), Err(words)) => assert!(message.contains(words) && !message.is_empty(), "{name}: {message}"),
            (got, _) => panic!("{name}: {got:?}"),
        }
    }
    assert_eq!(seeds("prometheus").len(), 7);
}

#[test]
fn seeds_of_selectors_are_what_their_names_tell() {
    for (name, bytes) in seeds("selector") {
        let text = String::from_utf8(bytes).unwrap();
        let selector = selector::parse(text.lines().next().unwrap());
        assert_eq!(selector.is_ok(), name != "wrong", "{name}: {selector:?}");
    }
}
