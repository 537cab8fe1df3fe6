//! Reading manifests: what Kubernetes would read, and every way in which a file can be broken.

use std::{fs, io::Cursor, path::PathBuf};

use kubectl_mtls::{
    istio::Mode,
    mesh::Mesh,
    object::{Gap, Snapshot},
    source::{SourceError, manifest},
};

use crate::support::{NOW, mode, policy, rules, snapshot, with};

const STRICT: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: shop}\nspec: {mtls: {mode: STRICT}}\n";

/// A folder of the test's own, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("source-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for (file, content) in files {
            let file = path.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        Self(path)
    }

    fn read(&self, recursive: bool) -> Result<Snapshot, SourceError> {
        read(std::slice::from_ref(&self.0), recursive)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read(paths: &[PathBuf], recursive: bool) -> Result<Snapshot, SourceError> {
    manifest::read(
        &manifest::Request { paths, recursive, namespace: "", now: NOW, ..manifest::Request::default() },
        &mut Cursor::new(Vec::new()),
    )
}

/// The names of the policies that were read.
fn policies(snapshot: &Snapshot) -> Vec<String> {
    snapshot.peer_authentications.iter().map(|read| read.id.path()).collect()
}

/// The one gap of a text, and what of it was read all the same.
fn gap(text: &str) -> (Gap, Vec<String>) {
    let snapshot = snapshot(text);
    assert_eq!(snapshot.gaps.len(), 1, "{:?}", snapshot.gaps);
    (snapshot.gaps[0].clone(), policies(&snapshot))
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let error = read(&[PathBuf::from("no/such/file.yaml")], false).unwrap_err();
    assert_eq!(error.to_string(), "cannot read no/such/file.yaml");
    assert!(error.hint().contains("check the path"));
}

#[test]
fn a_folder_without_manifests_says_whether_its_sub_folders_have_some() {
    let folder = Folder::new("deeper", &[("notes.txt", b"x"), ("sub/a.yaml", STRICT.as_bytes())]);
    let error = folder.read(false).unwrap_err();
    assert!(error.to_string().ends_with("contains no .yaml, .yml or .json file") && error.hint().contains("-R"), "{error}");
    assert_eq!(policies(&folder.read(true).unwrap()), ["shop/default"]);
    let empty = Folder::new("empty", &[("notes.txt", b"x")]);
    assert!(!empty.read(true).unwrap_err().hint().contains("-R"));
}

#[test]
fn nothing_to_read_is_no_answer() {
    for text in ["", "\n\n", "# only a comment\n", "---\n---\n"] {
        let read = manifest::read(
            &manifest::Request { paths: &[PathBuf::from("-")], recursive: false, namespace: "", now: NOW, ..manifest::Request::default() },
            &mut Cursor::new(text.as_bytes().to_vec()),
        );
        assert!(matches!(read, Err(SourceError::Empty { .. })), "{text:?}");
    }
}

#[test]
fn a_binary_file_is_a_gap_beside_files_that_are_read() {
    let folder = Folder::new("binary", &[("a.yaml", STRICT.as_bytes()), ("b.yaml", b"\x7fELF\0\0\x01"), ("c.yaml", b"\xff\xfea\xfe")]);
    let snapshot = folder.read(false).unwrap();
    assert_eq!(policies(&snapshot), ["shop/default"]);
    let said: Vec<&str> = snapshot.gaps.iter().map(|gap| gap.reason.as_str()).collect();
    assert_eq!(said, ["a binary file, not a manifest", "not UTF-8 text, so not a manifest"]);
    assert!(snapshot.gaps[0].resource.ends_with("b.yaml"));
}

#[test]
fn one_broken_document_loses_nothing_but_itself() {
    let first = policy("a", "one", "", "mtls: {mode: STRICT}");
    let third = policy("c", "three", "", "mtls: {mode: STRICT}");
    let (gap, read) = gap(&format!("{first}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: \"web}}\n{third}"));
    assert_eq!(read, ["a/one", "c/three"]);
    assert_eq!(gap.resource, "document 2 of <stdin>");
    assert!(gap.reason.starts_with("line 9, column 18: unclosed quote"), "{}", gap.reason);
    assert!(gap.hint.contains("everything else in the file was read"));
}

#[test]
fn broken_yaml_of_every_kind_ends_in_a_gap_with_place_and_reason() {
    let head = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x, namespace: y}\n";
    let deep = format!("{head}spec: {}{}\n", "[".repeat(64), "]".repeat(64));
    let bomb: String =
        (1..12).map(|n| [format!("b{n}: &b{n} ["), vec![format!("*b{}", n - 1); 9].join(", "), "]\n".into()].concat()).collect();
    for (text, place, because) in [
        (format!("{head}spec: *nobody\n"), "line 4, column 7", "without an anchor"),
        (format!("{head}spec: {{a: b\n"), "line 4", ""),
        (format!("{head}\tspec: 1\n"), "line 4", ""),
        (deep, "line 4", "nested deeper than 64 levels"),
        (format!("{head}b0: &b0 [a]\n{bomb}spec: {{}}\n"), "", "alias expansion limit exceeded"),
    ] {
        let (gap, _) = gap(&text);
        assert!(gap.reason.starts_with(place) && gap.reason.contains(because), "{:?}: {}", text.get(..120), gap.reason);
    }
}

#[test]
fn sixty_levels_are_read() {
    let text = format!("{STRICT}ignored: {}1{}\n", "[".repeat(60), "]".repeat(60));
    assert_eq!(policies(&snapshot(&text)), ["shop/default"]);
}

#[test]
fn an_unrendered_template_is_told_from_a_broken_document() {
    for text in [
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: {{ .Release.Name }}-x\n",
        "{{- if .Values.x }}\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\n{{- end }}\n",
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: \"{{ .Release.Name }}\"\n",
    ] {
        let (gap, read) = gap(text);
        assert!(gap.reason.contains("an unrendered template") && gap.hint.contains("helm template"), "{text}: {}", gap.reason);
        assert!(read.is_empty());
    }
}

#[test]
fn a_value_of_the_wrong_type_is_a_finding_and_a_gap_and_not_in_force() {
    for (spec, field) in [
        ("mtls: {mode: 5}", "spec.mtls.mode"),
        ("mtls: STRICT", "spec.mtls"),
        ("portLevelMtls: []", "spec.portLevelMtls"),
        ("selector: {matchLabels: [a]}", "spec.selector.matchLabels"),
    ] {
        let yaml = policy("shop", "default", "", spec);
        with(&yaml, |mesh| {
            assert_eq!(rules(mesh), ["MTLS001"], "{spec}");
            assert!(mesh.policies().all().is_empty(), "{spec}");
            assert_eq!(mesh.gaps().len(), 1, "{spec}");
        });
        assert_eq!(snapshot(&yaml).defects[0].at.to_string(), field, "{spec}");
    }
}

#[test]
fn an_unknown_mode_word_is_a_finding_and_a_gap() {
    with(&policy("shop", "default", "", "mtls: {mode: Strict}"), |mesh| {
        assert_eq!(rules(mesh), ["MTLS001"]);
        assert_eq!(mesh.gaps()[0].resource, "PeerAuthentication shop/default");
    });
}

#[test]
fn yaml_1_1_scalars_are_what_kubernetes_makes_of_them() {
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ns, labels: {app: on, zero: 0777, ok: \"yes\", date: 2020-01-01}}\nspec: {hostNetwork: yes}\n";
    let read = snapshot(yaml);
    let flaws: Vec<String> = read.defects.iter().map(|defect| format!("{} {:?}", defect.at, defect.kind)).collect();
    assert_eq!(
        flaws,
        [
            "metadata.labels.app NotAString { read_as: \"the boolean true\" }",
            "metadata.labels.zero NotAString { read_as: \"the number 511\" }"
        ]
    );
    let pod = &read.pods[0].body;
    assert!(pod.spec.host_network.0);
    assert!(pod.metadata.labels.has("app", "on") && pod.metadata.labels.has("zero", "0777") && pod.metadata.labels.has("ok", "yes"));
}

#[test]
fn a_repeated_key_is_told_and_the_last_one_counts() {
    let yaml = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: shop}\nspec:\n  mtls:\n    mode: STRICT\n    mode: DISABLE\n";
    with(yaml, |mesh| {
        assert_eq!(rules(mesh), ["MTLS005"]);
        assert_eq!(mesh.namespace_mode("shop").mode.as_str(), "DISABLE");
    });
}

#[test]
fn merge_keys_and_aliases_are_applied() {
    let yaml = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: shop}\nspec:\n  mtls: &m {mode: STRICT}\n  selector: {matchLabels: {a: b}}\n  portLevelMtls:\n    8080: {<<: *m}\n";
    with(yaml, |mesh| assert_eq!(mesh.policies().all()[0].ports[&8080].map(Mode::as_str), Some("STRICT")));
}

#[test]
fn line_ends_and_byte_order_mark_make_no_difference() {
    let folder = Folder::new("crlf", &[("a.yaml", format!("\u{feff}{}", STRICT.replace('\n', "\r\n")).as_bytes())]);
    let snapshot = folder.read(false).unwrap();
    assert_eq!(policies(&snapshot), ["shop/default"]);
    assert!(snapshot.gaps.is_empty() && snapshot.defects.is_empty());
}

#[test]
fn lists_are_flattened_in_yaml_and_json_and_one_bad_item_loses_itself() {
    let item = |name: &str| {
        format!("- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  metadata:\n    name: {name}\n    namespace: shop\n")
    };
    let list = format!("apiVersion: v1\nitems:\n{}{}{}kind: List\nmetadata: {{}}\n", item("a"), item("'b"), item("c"));
    let (gap, read) = gap(&list);
    assert_eq!(read, ["shop/a", "shop/c"]);
    assert!(gap.reason.starts_with("line 11"), "{}", gap.reason);

    let json = r#"{"kind": "PeerAuthenticationList", "apiVersion": "security.istio.io/v1", "items": [
        {"metadata": {"name": "a", "namespace": "shop"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {}}]}
        {"apiVersion": "security.istio.io/v1beta1", "kind": "PeerAuthentication", "metadata": {"name": "b", "namespace": "shop"}}"#;
    let read = snapshot(json);
    assert_eq!(policies(&read), ["shop/a", "shop/b"]);
    assert_eq!(read.tally.unused.get("v1/Secret"), Some(&1));
}

#[test]
fn an_alias_from_one_item_of_a_list_to_another_still_works() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  metadata: {name: a, namespace: shop}\n  spec: &s {mtls: {mode: STRICT}}\n- apiVersion: security.istio.io/v1\n  kind: PeerAuthentication\n  metadata: {name: b, namespace: data}\n  spec: *s\n";
    with(list, |mesh| assert_eq!(mesh.namespace_mode("data").mode.as_str(), "STRICT"));
}

#[test]
fn a_flow_style_document_is_read_like_any_other() {
    let text = "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a, namespace: shop}, spec: {mtls: {mode: STRICT}}}\n";
    assert_eq!(policies(&snapshot(text)), ["shop/a"]);
}

#[test]
fn other_peoples_kinds_are_counted_and_not_taken_for_ours() {
    let text = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: a}\n---\n# nothing\n";
    let read = snapshot(text);
    assert!(read.services.is_empty() && read.gaps.is_empty());
    let unused: Vec<&str> = read.tally.unused.keys().map(String::as_str).collect();
    assert_eq!(unused, ["gateway.networking.k8s.io/v1/GatewayClass", "serving.knative.dev/v1/Service"]);
    assert_eq!((read.tally.documents, read.tally.empty), (2, 1));
}

#[test]
fn what_is_no_object_at_all_is_a_gap_unless_the_file_is_known_to_hold_none() {
    for (text, what) in [
        ("just: values\n", "a mapping without `kind`"),
        ("- a\n- list\n", "a list"),
        ("No resources found in shop namespace.\n", "plain text"),
        ("Error from server (Forbidden): peerauthentications is forbidden\n", "a mapping without `kind`"),
    ] {
        let (gap, _) = gap(&format!("{STRICT}---\n{text}"));
        assert!(gap.reason.contains(what), "{text}: {}", gap.reason);
        assert_eq!(gap.resource, "document 2 of <stdin>");
    }
    let folder = Folder::new(
        "chart",
        &[("a.yaml", STRICT.as_bytes()), ("values-prod.yaml", b"just: values\n"), ("c/Chart.yaml", b"name: x\n"), ("c/b.yaml", b"")],
    );
    let read = folder.read(true).unwrap();
    assert!(read.gaps.is_empty());
    assert_eq!(read.tally.not_entered.iter().map(|one| one.path.ends_with("b.yaml")).collect::<Vec<_>>(), [true]);
}

#[test]
fn a_field_beside_the_spec_is_refused() {
    let text = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: shop}\nmtls: {mode: STRICT}\nstatus: {}\n";
    with(text, |mesh| assert_eq!(rules(mesh), ["MTLS001"]));
    assert_eq!(snapshot(text).defects[0].at.to_string(), "mtls");
}

#[test]
fn one_anchor_for_thousands_of_items_is_no_bomb() {
    let items: String = (0..3_000)
        .map(|n| ["- apiVersion: v1\n  kind: Pod\n  metadata: {name: p", &n.to_string(), ", namespace: shop, labels: *l}\n"].concat())
        .collect();
    let read = snapshot(&format!("apiVersion: v1\nkind: List\nx-labels: &l {{app: d}}\nitems:\n{items}"));
    assert!(read.gaps.is_empty(), "{:?}", read.gaps.first());
    assert_eq!(read.pods.len(), 3_000);
    assert!(read.pods[2_999].body.metadata.labels.has("app", "d"));
}

#[cfg(unix)]
#[test]
fn a_file_of_a_folder_that_cannot_be_read_is_a_gap() {
    let folder = Folder::new("dangling", &[("a.yaml", STRICT.as_bytes())]);
    std::os::unix::fs::symlink("nothing", folder.0.join("b.yaml")).unwrap();
    let snapshot = folder.read(true).unwrap();
    assert_eq!(policies(&snapshot), ["shop/default"]);
    assert!(snapshot.gaps[0].resource.ends_with("b.yaml") && snapshot.gaps[0].reason.starts_with("cannot read it"));
}

#[cfg(unix)]
#[test]
fn in_a_folder_only_plain_files_are_read() {
    let other = Folder::new("elsewhere", &[("b.yaml", policy("shop", "other", "", "mtls: {mode: STRICT}").as_bytes())]);
    let folder = Folder::new("plain", &[("a.yaml", STRICT.as_bytes()), ("hidden/c.txt", policy("shop", "c", "", "").as_bytes())]);
    let link = |target: &std::path::Path, name: &str| std::os::unix::fs::symlink(target, folder.0.join(name)).unwrap();
    link(&other.0.join("b.yaml"), "b.yaml");
    link(std::path::Path::new("a.yaml"), "again.yaml");
    link(std::path::Path::new("hidden/c.txt"), "c.yaml");
    link(&other.0, "folder.yaml");
    let fifo = folder.0.join("d.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("e.yaml")).unwrap();
    let snapshot = folder.read(true).unwrap();
    assert_eq!(policies(&snapshot), ["shop/c", "shop/default"]);
    assert!(snapshot.defects.is_empty());
    let gaps: Vec<(&str, &str)> = snapshot.gaps.iter().map(|gap| (gap.resource.rsplit('/').next().unwrap(), gap.reason.as_str())).collect();
    let special = "neither a plain file nor a folder";
    assert_eq!(gaps, [("b.yaml", "a link to a file outside the folder"), ("d.yaml", special), ("e.yaml", special)]);
}

#[cfg(unix)]
#[test]
fn a_folder_with_nothing_but_special_files_is_a_gap() {
    let folder = Folder::new("special", &[]);
    assert!(std::process::Command::new("mkfifo").arg(folder.0.join("a.yaml")).status().unwrap().success());
    assert_eq!(folder.read(true).unwrap().gaps.len(), 1);
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let folder = Folder::new("large", &[("a.yaml", STRICT.as_bytes()), ("b.yaml", &[b'#'; 4096])]);
    let read = |paths: &[PathBuf]| {
        manifest::read(
            &manifest::Request { paths, max_file_size: 4095, ..manifest::Request::default() },
            &mut Cursor::new(vec![b'#'; 4096]),
        )
    };
    let snapshot = read(std::slice::from_ref(&folder.0)).unwrap();
    assert_eq!(policies(&snapshot), ["shop/default"]);
    assert_eq!(snapshot.gaps[0].reason, "cannot read it: larger than 4095 bytes");
    for path in ["-".into(), folder.0.join("b.yaml")] {
        assert!(matches!(read(&[path]), Err(SourceError::Unreadable { .. })));
    }
}

#[test]
fn a_path_named_twice_is_read_once() {
    let folder = Folder::new("twice", &[("a.yaml", STRICT.as_bytes())]);
    let file = folder.0.join("a.yaml");
    let again = folder.0.join("../source-twice/./a.yaml");
    assert!(read(&[file.clone(), file, again, folder.0.clone()], false).unwrap().defects.is_empty());
}

#[test]
fn aliases_may_repeat_no_more_than_the_text_has_bytes() {
    let anchor = "x: &x [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
    let document = |aliases: usize| format!("{anchor}kind: Other\napiVersion: v1\ny: [{}]\n", vec!["*x"; aliases].join(","));
    assert!(snapshot(&document(15)).gaps.is_empty());
    assert!(gap(&document(200)).0.reason.ends_with("alias expansion limit exceeded"));
    // Not by many small documents either.
    assert_eq!(snapshot(&vec![document(200); 10].join("---\n")).gaps.len(), 10);
}

#[test]
fn json_is_nested_no_deeper_than_yaml() {
    let nested =
        |levels: usize| format!("{{\"kind\":\"Other\",\"apiVersion\":\"v1\",\"x\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(snapshot(&nested(60)).gaps.is_empty());
    for levels in [1_000, 1_000_000] {
        assert_eq!(snapshot(&nested(levels)).gaps.len(), 1);
    }
}

#[test]
fn an_object_without_namespace_lies_in_the_one_of_the_flag_else_in_default() {
    let text = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\n";
    assert_eq!(policies(&snapshot(text)), ["default/a"]);
    let request =
        manifest::Request { paths: &[PathBuf::from("-")], recursive: false, namespace: "shop", now: NOW, ..manifest::Request::default() };
    assert_eq!(policies(&manifest::read(&request, &mut Cursor::new(text.as_bytes().to_vec())).unwrap()), ["shop/a"]);
}

#[test]
fn the_same_object_twice_is_told_and_the_later_counts() {
    let yaml = [policy("shop", "default", "", "mtls: {mode: STRICT}"), policy("shop", "default", "", "mtls: {mode: DISABLE}")];
    with(&yaml.concat(), |mesh| {
        assert_eq!(rules(mesh), ["MTLS004"]);
        assert_eq!(mesh.namespace_mode("shop").mode.as_str(), "DISABLE");
    });
}

#[test]
fn a_single_document_of_twenty_megabytes_is_read() {
    let labels: String = (0..1_000_000).map(|n| ["    l", &n.to_string(), ": a-value-of-some-length\n"].concat()).collect();
    let text = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: huge\n  labels:\n{labels}");
    assert!(text.len() > 20 << 20);
    let read = snapshot(&text);
    assert_eq!(read.namespaces[0].body.metadata.labels.len(), 1_000_000);
}

#[test]
fn configuration_inside_a_config_map_that_cannot_be_read_is_a_gap() {
    let text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    rootNamespace: [\n";
    let (gap, _) = gap(text);
    assert_eq!(gap.resource, "data.mesh of ConfigMap istio-system/istio");
    assert!(gap.hint.contains("defaults were assumed"));
}

#[test]
fn many_files_are_read_in_the_same_way_as_one() {
    let texts: Vec<(String, String)> =
        (0..300).map(|n| (format!("{n:03}.yaml"), policy(&format!("ns{n}"), "default", "", "mtls: {mode: STRICT}"))).collect();
    let files: Vec<(&str, &[u8])> = texts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let apart = Folder::new("many", &files).read(false).unwrap();
    let together = snapshot(&texts.iter().map(|(_, text)| text.as_str()).collect::<String>());
    assert_eq!(policies(&apart), policies(&together));
    assert_eq!(apart.tally.files, 300);
    let mesh = Mesh::new(&apart, &kubectl_mtls::mesh::ControlPlaneOptions::default());
    assert_eq!(mesh.namespace_mode("ns299").mode.as_str(), "STRICT");
}

#[test]
fn a_pod_without_content_in_its_status_is_a_manifest() {
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web}]}\nstatus: {}\n";
    with(text, |mesh| assert_eq!(mode(mesh, "web", 0), "PERMISSIVE -"));
}
