//! What no API server accepts is a finding, and has no effect.

use kubectl_mtls::object::{DefectKind, Snapshot};

use crate::support::{rules, snapshot, with};

/// The fields that are rejected, with the reasons.
fn rejected(snapshot: &Snapshot) -> Vec<(String, String)> {
    let reason = |kind: &DefectKind| if let DefectKind::WrongType { error } = kind { Some(error.clone()) } else { None };
    snapshot.defects.iter().filter_map(|defect| Some((defect.at.to_string(), reason(&defect.kind)?))).collect()
}

#[test]
fn a_kind_that_no_api_server_serves_is_an_error_that_names_the_kind_that_was_meant() {
    for (api_version, kind, name, meant) in [
        ("security.istio.io/v1", "PeerAuthetication", "shop/default", "`apiVersion: security.istio.io/v1` and `kind: PeerAuthentication`"),
        ("securty.istio.io/v1", "PeerAuthentication", "shop/default", "`kind: PeerAuthentication`"),
        ("networking.istio.io/v1", "PeerAuthentication", "shop/default", "`kind: PeerAuthentication`"),
        ("security.istio.io", "PeerAuthentication", "shop/default", "`kind: PeerAuthentication`"),
        ("\"\"", "PeerAuthentication", "shop/default", "`kind: PeerAuthentication`"),
        ("authentication.istio.io/v1alpha1", "Policy", "shop/default", "`kind: PeerAuthentication`"),
        ("extensions/v1beta1", "Deployment", "shop/default", "`apiVersion: apps/v1` and `kind: Deployment`"),
    ] {
        let text = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: default, namespace: shop}}\n");
        let read = snapshot(&text);
        assert!(read.is_empty() && read.gaps.is_empty(), "{text}");
        with(&text, |mesh| {
            let findings = kubectl_mtls::checks::run(mesh, |_| true);
            assert_eq!(rules(mesh), ["MTLS001"], "{text}");
            assert!(findings[0].message.contains(name) && findings[0].message.contains(&format!("unknown kind `{kind}`")), "{text}");
            assert!(findings[0].fix.as_ref().unwrap().contains(meant), "{text}");
        });
    }
}

#[test]
fn an_unknown_kind_of_a_group_of_istio_is_a_gap() {
    let text = |api_version: &str, kind: &str| format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n");
    let gaps = |api_version, kind| snapshot(&text(api_version, kind)).gaps.into_iter().map(|gap| gap.reason).collect::<Vec<_>>();
    assert_eq!(gaps("security.istio.io/v1", "MeshWideTls"), ["line 1: unknown kind MeshWideTls with apiVersion security.istio.io/v1"]);
    assert!(gaps("security.istio.io/v1", "RequestAuthentication").is_empty());
    assert!(gaps("networking.istio.io/v1beta1", "ProxyConfig").is_empty());
    assert!(gaps("security.example.com/v1", "MeshWideTls").is_empty());
}

#[test]
fn names_are_those_that_the_api_server_accepts() {
    let long = "a".repeat(254);
    let label = "a".repeat(64);
    for (kind, name, is_valid) in [
        ("PeerAuthentication", "default", true),
        ("PeerAuthentication", "a.b-c.1", true),
        ("PeerAuthentication", "0", true),
        ("PeerAuthentication", &label, true),
        ("PeerAuthentication", &long, false),
        ("PeerAuthentication", "Default", false),
        ("PeerAuthentication", "Default policy/1", false),
        ("PeerAuthentication", "--all", false),
        ("PeerAuthentication", "-a", false),
        ("PeerAuthentication", "a-", false),
        ("PeerAuthentication", "a..b", false),
        ("PeerAuthentication", ".", false),
        ("PeerAuthentication", "a_b", false),
        ("PeerAuthentication", "a b", false),
        ("PeerAuthentication", "$(id)", false),
        ("PeerAuthentication", "a\u{301}", false),
        ("PeerAuthentication", "a\\n", false),
        ("Namespace", "a.b", false),
        ("Namespace", &label, false),
        ("Service", "a.b", false),
    ] {
        let api_version = if kind == "PeerAuthentication" { "security.istio.io/v1" } else { "v1" };
        let read = snapshot(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: \"{name}\"}}\n"));
        assert_eq!(!read.is_empty(), is_valid, "{kind} {name}");
        assert_eq!(read.gaps.len(), usize::from(!is_valid), "{kind} {name}");
        let fields: Vec<String> = rejected(&read).into_iter().map(|(at, _)| at).collect();
        let is_template = name.contains("$(");
        assert_eq!(fields, if is_valid || is_template { vec![] } else { vec!["metadata.name".to_owned()] }, "{kind} {name}");
    }
}

#[test]
fn a_name_that_is_not_a_string_is_one_finding() {
    for name in ["off", "1", "1e3", "~", "[a]", "{a: b}"] {
        let read = snapshot(&format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}}}\n"));
        assert_eq!(rejected(&read).len(), 1, "{name}: {:?}", rejected(&read));
    }
}

#[test]
fn labels_namespaces_and_ports_are_those_that_the_api_server_accepts() {
    let policy =
        |metadata: &str| format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: a, {metadata}}}\n");
    let pod = |port: i64| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: a, ports: [{{containerPort: {port}}}]}}]}}\n"
        )
    };
    let service =
        |port: &str| format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{selector: {{a: b}}, ports: [{{{port}}}]}}\n");
    let deployment = |template: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{selector: {{matchLabels: {{a: b}}}}, template: {template}}}\n"
        )
    };
    let cron_job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {jobTemplate: {spec: {template: {metadata: {labels: {a: '-'}}}}}}\n";
    for (text, field) in [
        (policy("namespace: shop"), ""),
        (policy("namespace: Shop"), "metadata.namespace"),
        (policy("namespace: a.b"), "metadata.namespace"),
        (policy("labels: {a: b, a.b/c: '', A_b.c: D_e.f}"), ""),
        (policy("labels: {'a b': c}"), "metadata.labels.a b"),
        (policy("labels: {a/b/c: d}"), "metadata.labels[\"a/b/c\"]"),
        (policy("labels: {A/b: d}"), "metadata.labels[\"A/b\"]"),
        (policy("labels: {a: 'b c'}"), "metadata.labels.a"),
        (policy("labels: {a: -b}"), "metadata.labels.a"),
        (policy(&format!("labels: {{a: {}}}", "b".repeat(64))), "metadata.labels.a"),
        (policy("annotations: {A/b: 'any text'}"), ""),
        (policy("annotations: {'a b': c}"), "metadata.annotations.a b"),
        (pod(8080), ""),
        (pod(0), "spec.containers.0.ports.0.containerPort"),
        (pod(65536), "spec.containers.0.ports.0.containerPort"),
        (pod(-1), "spec.containers.0.ports.0.containerPort"),
        (service("port: 80, targetPort: 8080, name: http"), ""),
        (service("port: 80, targetPort: http"), ""),
        (service("port: 70000"), "spec.ports.0.port"),
        (service("port: 80, targetPort: 65536"), "spec.ports.0.targetPort"),
        (deployment("{metadata: {labels: {a: b}}}"), ""),
        (deployment("{metadata: {labels: {a: b!}}}"), "spec.template.metadata.labels.a"),
        (cron_job.to_owned(), "spec.jobTemplate.spec.template.metadata.labels.a"),
    ] {
        let read = snapshot(&text);
        let fields: Vec<String> = rejected(&read).into_iter().map(|(at, _)| at).collect();
        assert_eq!(fields.concat(), field, "{text}");
        assert_eq!(read.is_empty(), !field.is_empty(), "{text}");
    }
}

#[test]
fn variables_in_names_and_labels_are_a_template() {
    for (metadata, hint) in [
        ("name: \"{{ .Values.name }}\"", "helm template"),
        ("name: a, namespace: \"${NAMESPACE}\"", "envsubst"),
        ("name: a, namespace: $(NAMESPACE)", "envsubst"),
        ("name: a, labels: {app: \"{{ .Values.app }}\"}", "helm template"),
        ("name: a, labels: {app: \"${APP}\"}", "envsubst"),
    ] {
        let read = snapshot(&format!("apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{{metadata}}}\n"));
        assert!(read.defects.is_empty() && read.is_empty(), "{metadata}");
        assert!(read.gaps[0].reason.contains("unrendered template") && read.gaps[0].hint.contains(hint), "{metadata}: {:?}", read.gaps);
    }
}

#[test]
fn s01_an_object_in_a_version_that_is_not_served_has_no_effect() {
    for version in ["security.istio.io/v1alpha1", "security.istio.io/v2", "security.istio.io/v1/x", "security.istio.io/"] {
        let read = snapshot(&format!("apiVersion: {version}\nkind: PeerAuthentication\nmetadata: {{name: a}}\n"));
        assert!(read.is_empty() && read.gaps.len() == 1 && read.defects.len() == 1, "{version}");
    }
}
