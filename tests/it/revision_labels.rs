//! Labels that request injection and get none: no webhook matches them, or another label overrides them (S255–S257).

use kubectl_mtls::{
    checks::{self, Severity},
    mesh::Dataplane,
};

use crate::support::{dataplane, namespace, with};

/// The webhooks of a revision, which a tag may make the default one.
fn revision(name: &str, tag: &str) -> String {
    let tag_label = if tag.is_empty() { String::new() } else { format!(", istio.io/tag: {tag}") };
    let selected = if tag.is_empty() { name } else { tag };
    let default = if tag == "default" {
        "\n- name: namespace.sidecar-injector.istio.io\n  namespaceSelector: {matchLabels: {istio-injection: enabled}}"
    } else {
        ""
    };
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
         metadata: {{name: i-{name}{tag}, labels: {{app: sidecar-injector, istio.io/rev: '{name}'{tag_label}}}}}\nwebhooks:\n\
         - name: rev.namespace.sidecar-injector.istio.io\n  namespaceSelector:\n    matchLabels: {{istio.io/rev: '{selected}'}}\n    matchExpressions: [{{key: istio-injection, operator: DoesNotExist}}]{default}\n"
    )
}

fn deployment(labels: &str, image: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\n\
         spec: {{template: {{metadata: {{labels: {{app: web{labels}}}, annotations: {{inject.istio.io/templates: gateway}}}}, spec: {{containers: [{image}]}}}}}}\n"
    )
}

const APP: &str = "{name: app, image: app}";
const AUTO: &str = "{name: istio-proxy, image: auto}";

/// The findings of a rule: severity, message and fix.
fn found(yaml: &str, id: &str) -> Vec<(Severity, String, String)> {
    with(yaml, |mesh| {
        let findings = checks::run(mesh, |rule| rule.id == id);
        findings.into_iter().map(|one| (one.severity, one.message, one.fix.unwrap_or_default())).collect()
    })
}

#[test]
fn s256_injection_by_a_default_that_no_webhook_has_is_reported_with_a_revision_that_exists() {
    let enabled = namespace("shop", "istio-injection: enabled") + &deployment("", APP);
    let found = found(&(enabled.clone() + &revision("1-29-1", "")), "MTLS310");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Severity::Error);
    assert!(found[0].2.contains("`kubectl label --overwrite namespace shop istio-injection- istio.io/rev=1-29-1`"), "{}", found[0].2);
    // With the tag, and where no webhook was read, it is served; and what is advised is.
    for served in
        [enabled.clone() + &revision("1-29-1", "default"), enabled, namespace("shop", "istio.io/rev: 1-29-1") + &revision("1-29-1", "")]
    {
        assert_eq!(self::found(&served, "MTLS310"), [], "{served}");
    }
}

#[test]
fn s257_a_revision_of_pods_that_their_namespace_overrides_is_reported_with_the_one_in_force() {
    let canary = deployment(", istio.io/rev: canary", APP);
    let both = revision("1-29-1", "default") + &revision("canary", "");
    for (labels, effect) in [
        ("istio-injection: enabled", "new pods get revision 1-29-1"),
        ("istio-injection: disabled", "new pods are not injected"),
        ("istio.io/rev: default", "new pods get revision 1-29-1"),
    ] {
        let found = found(&(namespace("shop", labels) + &canary + &both), "MTLS310");
        assert_eq!(found.len(), 1, "{labels}");
        assert!(found[0].0 == Severity::Info && found[0].1.ends_with(effect), "{}", found[0].1);
    }
    for labels in ["", "istio.io/rev: canary"] {
        assert_eq!(
            found(&(namespace("shop", labels) + &canary + &both + "  # nothing\n"), "MTLS310")
                .iter()
                .filter(|one| one.0 == Severity::Info)
                .count(),
            0
        );
    }
}

#[test]
fn s255_an_image_that_nothing_replaces_is_no_proxy_and_the_fix_names_what_is_in_force() {
    let only_revision = revision("1-29-1", "");
    let gateway = deployment(", sidecar.istio.io/inject: 'true'", AUTO);
    let disabled = namespace("shop", "istio-injection: disabled") + &gateway + &only_revision;
    let plain = namespace("shop", "") + &gateway + &only_revision;
    for (yaml, advice) in
        [(&disabled, "namespace shop istio-injection- istio.io/rev=1-29-1`"), (&plain, "namespace shop istio.io/rev=1-29-1`")]
    {
        let found = found(yaml, "MTLS312");
        assert!(found.len() == 1 && found[0].2.contains(advice), "{found:?}");
        assert_eq!(with(yaml, |mesh| dataplane(mesh, "web")), Dataplane::None.as_str());
    }
    // With its webhook it is a gateway, and so it is where its Namespace was not read.
    let served = namespace("shop", "istio.io/rev: 1-29-1") + &gateway + &only_revision;
    assert_eq!(with(&served, |mesh| dataplane(mesh, "web")), Dataplane::Gateway.as_str());
    assert_eq!(with(&deployment("", AUTO), |mesh| dataplane(mesh, "web")), Dataplane::Gateway.as_str());
}
