//! Laws that hold for every mesh, tried on generated ones.

use std::fmt::Write as _;

use kubectl_mtls::{
    checks,
    mesh::{ControlPlaneOptions, Mesh, PortMode},
    queries::{Scope, sidecars},
    source::{SourceError, manifest},
};
use proptest::{collection::vec, prelude::*};

use crate::support::{ambient_pod, audit_all, meshed_pod, namespace, policy_at, with};

const MODES: [&str; 5] = ["", "mode: UNSET", "mode: DISABLE", "mode: PERMISSIVE", "mode: STRICT"];
const NAMESPACES: [&str; 3] = ["istio-system", "a", "b"];

/// A document of a small mesh: policies at all scopes with ages that often tie, and pods for them to meet.
fn document() -> impl Strategy<Value = String> {
    let policy = (0..3usize, 0..4u8, 0..3u8, 0..5usize, prop::option::of((8080..8083u16, 0..5usize)), 0..4u8).prop_map(
        |(namespace, name, selector, mode, port, age)| {
            let selector = ["", "app=x", "app=y"][usize::from(selector)];
            let port = port.map(|(port, mode)| format!(", portLevelMtls: {{{port}: {{{}}}}}", MODES[mode])).unwrap_or_default();
            let created = if age == 0 { String::new() } else { format!("2025-01-01T00:00:0{age}Z") };
            policy_at(&created, NAMESPACES[namespace], &format!("p{name}"), selector, &format!("mtls: {{{}}}{port}", MODES[mode]))
        },
    );
    let pod = (0..3usize, 0..3u8, any::<bool>()).prop_map(|(namespace, app, is_ambient)| {
        let (app, name) = (["x", "y", "z"][usize::from(app)], format!("pod-{app}-{is_ambient}"));
        let labels = format!("app: {app}");
        if is_ambient {
            ambient_pod(NAMESPACES[namespace], &name, &labels, &[8080, 8081])
        } else {
            meshed_pod(NAMESPACES[namespace], &name, &labels, "", &[8080, 8081])
        }
    });
    prop_oneof![3 => policy, 2 => pod]
}

/// Everything a mesh answers, as text.
pub(crate) fn answers(mesh: &Mesh<'_>) -> String {
    let mut text = String::new();
    let words = |mode: &PortMode<'_>| {
        let enforced = mode.mode.map_or("NONE", |mode| mode.as_str());
        format!("{enforced} {} {}", mode.policy_mode, mode.decided_by.map_or_else(String::new, kubectl_mtls::object::Id::path))
    };
    for row in audit_all(mesh).workloads {
        writeln!(text, "{} {}", row.workload.subject, words(&row.mode)).unwrap();
        for (port, mode) in &row.ports {
            writeln!(text, "{}:{port} {}", row.workload.subject, words(mode)).unwrap();
        }
    }
    let everything = Scope { include_system: true, ..Scope::default() };
    for row in sidecars::inventory(mesh, &everything).workloads {
        text += &["", &row.workload.subject.to_string(), &format!("{:?} {:?}", row.membership, row.bypasses), "\n"].join(" ");
    }
    for finding in checks::run(mesh, |_| true) {
        writeln!(text, "{} {} {} {}", finding.rule.id, finding.subject, finding.field_path, finding.message).unwrap();
    }
    text
}

/// Of one object twice the later counts, so laws about order need objects that are there once.
fn once(documents: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let key = |text: &str| {
        text.lines()
            .filter(|l| l.starts_with("kind") || l.starts_with("metadata"))
            .map(|l| l.split(", labels").next().unwrap().split(", creation").next().unwrap().trim_end_matches('}').to_owned())
            .collect::<Vec<_>>()
    };
    documents.into_iter().filter(|text| seen.insert(key(text))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_objects_never_matters(documents in vec(document(), 1..20).prop_map(once), seed in any::<u64>()) {
        let mut shuffled = documents.clone();
        let n = shuffled.len();
        for at in 0..n {
            let with = usize::try_from(seed.rotate_left(u32::try_from(at).unwrap()) % u64::try_from(n).unwrap()).unwrap();
            shuffled.swap(at, with);
        }
        prop_assert_eq!(with(&documents.concat(), answers), with(&shuffled.concat(), answers));
    }

    #[test]
    fn an_unrelated_namespace_changes_nothing(documents in vec(document(), 1..15).prop_map(once)) {
        let far = [
            namespace("far", "istio-injection: enabled"),
            policy_at("", "far", "default", "", "mtls: {mode: DISABLE}"),
            policy_at("", "far", "x", "app=x", "mtls: {mode: STRICT}"),
        ];
        // A mesh without any workload has nothing to hold selectors against.
        let near = meshed_pod("near", "anchor", "app: anchor", "", &[]);
        let before = with(&format!("{}{near}", documents.concat()), answers);
        let after = with(&format!("{}{near}{}", documents.concat(), far.concat()), answers);
        let without: String = after.split_inclusive('\n').filter(|line| !line.contains(" far/")).collect();
        prop_assert_eq!(before, without);
    }

    #[test]
    fn a_stricter_workload_policy_never_weakens_a_sidecar(mode in 0..5usize, mesh_mode in 0..5usize) {
        let base = [policy_at("", "istio-system", "default", "", &format!("mtls: {{{}}}", MODES[mesh_mode])), meshed_pod("a", "web", "app: x", "", &[8080])];
        let with_policy = format!("{}{}", base.concat(), policy_at("", "a", "w", "app=x", &format!("mtls: {{{}}}", MODES[mode])));
        let enforced = |yaml: &str| with(yaml, |mesh| audit_all(mesh).workloads[0].mode.mode);
        let (before, after) = (enforced(&base.concat()), enforced(&with_policy));
        if mode == 4 { prop_assert!(after >= before) }
        if mode <= 1 { prop_assert_eq!(after, before) }
    }

    #[test]
    fn text_is_read_or_reported(text in "\\PC{0,200}") {
        read_anything(&text);
    }

    #[test]
    fn what_looks_like_a_policy_is_read_or_reported(spec in "[ \\-:{}\\[\\]a-z0-9&*!|>'\"\\n#,%@`<]{0,120}") {
        read_anything(&format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: x\nspec:\n  {spec}\n"));
        read_anything(&format!("apiVersion: v1\nkind: List\nitems:\n{spec}\n- kind: Pod\n"));
    }

    #[test]
    fn what_a_policy_sets_is_valid_or_reported(mode in "[A-Z]{0,8}|[a-z]{1,4}|[0-9]{1,3}", selector in "[a-z]{1,5}|[0-9]{1,3}|true|'no'") {
        read_anything(&policy_at("", "a", "x", &format!("app={selector}"), &format!("mtls: {{mode: {mode}}}")));
        read_anything(&policy_at("", "istio-system", "x", &format!("app={selector}"), &format!("mtls: {{mode: {mode}}}")));
    }
}

/// Reads a text and evaluates what is in it: no document is lost, and each finding is at a place in the text.
fn read_anything(text: &str) {
    let paths = [std::path::PathBuf::from("-")];
    let request = manifest::Request { paths: &paths, recursive: false, namespace: "", now: 0, ..manifest::Request::default() };
    let read = || manifest::read(&request, &mut std::io::Cursor::new(text.as_bytes().to_vec()));
    let snapshot = match read() {
        Ok(snapshot) => snapshot,
        Err(SourceError::Empty { .. }) => {
            // A directive belongs to the document that follows.
            let is_empty =
                |line: &str| line.trim_start().starts_with('%') || ["", "---", "..."].contains(&line.split('#').next().unwrap().trim());
            assert!(text.lines().all(is_empty), "a document is lost: {text}");
            return;
        }
        Err(other) => panic!("{other}: {text}"),
    };
    assert_eq!(read().unwrap(), snapshot, "{text}");
    assert!(snapshot.tally.documents > 0, "{text}");
    // A list may be empty.
    let is_list = text.contains("kind: List");
    assert!(
        is_list || !snapshot.is_empty() || !snapshot.gaps.is_empty() || !snapshot.tally.unused.is_empty(),
        "a document is lost: {text}"
    );
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
    let findings = checks::run(&mesh, |_| true);
    let places = kubectl_mtls::source::locate(findings.iter().map(|finding| (&finding.origin, &finding.field_path)));
    assert_eq!(places.len(), findings.len());
    for (finding, place) in findings.iter().zip(places) {
        let place = place.unwrap_or_else(|| panic!("{} has no place: {text}", finding.message));
        let line = text.lines().nth(usize::try_from(place.line).unwrap() - 1);
        let line = line.unwrap_or_else(|| panic!("{place:?}: {text}"));
        // The text of an item is not kept where its list was read item by item.
        assert!(place.text == line || is_list && place.text.is_empty(), "{place:?}: {text}");
        let end = usize::try_from(place.column - 1 + place.width).unwrap();
        assert!(place.column > 0 && place.width > 0 && end <= line.chars().count().max(1), "{place:?}: {text}");
    }
}
