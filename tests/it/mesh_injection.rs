//! Sidecar injection, both gates, by the rule of the semantics each test holds (S137–S150).

use kubectl_mtls::mesh::{Dataplane, Mesh};

use crate::support::{dataplane, instance, mode, namespace, pod, policy, with};

const ENABLED: &str = "istio-injection: enabled";
const INJECT: &str = "sidecar.istio.io/inject: 'true'";
const REFUSE: &str = "sidecar.istio.io/inject: 'false'";
const CANARY: &str = "istio.io/rev: canary";

/// A Deployment `web` without pods: labels and annotations of its pod template, and more of the pod's spec, in flow style.
pub(crate) fn deployment(namespace: &str, labels: &str, annotations: &str, spec: &str) -> String {
    let containers = if spec.starts_with("containers:") { "" } else { "containers: [{name: app, image: app}], " };
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: {namespace}}}\n\
         spec: {{template: {{metadata: {{labels: {{{labels}}}, annotations: {{{annotations}}}}}, spec: {{{containers}{spec}}}}}}}\n"
    )
}

/// A `ConfigMap` of the control plane with one key of YAML.
fn config_map(name: &str, key: &str, yaml: &str) -> String {
    let yaml = yaml.replace('\'', "''");
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: istio-system}}\ndata: {{{key}: '{yaml}'}}\n")
}

fn injector(config: &str) -> String {
    config_map("istio-sidecar-injector", "config", config)
}

/// The webhooks of S138 for a revision or tag `r`; those of the default revision and `auto.` on request.
fn webhooks(name: &str, labels: &str, r: &str, is_default: bool, has_auto: bool) -> String {
    let absent = |key: &str| format!("{{key: {key}, operator: DoesNotExist}}");
    let is = |key: &str, value: &str| format!("{{key: {key}, operator: In, values: ['{value}']}}");
    let (injection, rev, inject) = ("istio-injection", "istio.io/rev", "sidecar.istio.io/inject");
    let both_absent = format!("{}, {}", absent(injection), absent(rev));
    let not_refused = format!("{{key: {inject}, operator: NotIn, values: ['false']}}");
    let system =
        "{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, kube-public, kube-node-lease, local-path-storage]}";
    let entries = [
        (true, "rev.namespace", format!("{}, {}", is(rev, r), absent(injection)), not_refused.clone()),
        (true, "rev.object", both_absent.clone(), format!("{}, {not_refused}", is(rev, r))),
        (is_default, "namespace", is(injection, "enabled"), not_refused.clone()),
        (is_default, "object", both_absent.clone(), format!("{}, {}", is(inject, "true"), absent(rev))),
        (has_auto, "auto", format!("{both_absent}, {system}"), format!("{}, {}", absent(inject), absent(rev))),
    ];
    let webhooks = entries.into_iter().filter(|(is_present, ..)| *is_present).map(|(_, entry, namespaces, objects)| {
        format!(
            "- {{name: {entry}.sidecar-injector.istio.io, namespaceSelector: {{matchExpressions: [{namespaces}]}}, \
             objectSelector: {{matchExpressions: [{objects}]}}}}\n"
        )
    });
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
         metadata: {{name: {name}, labels: {{app: sidecar-injector, {labels}}}}}\nwebhooks:\n{}",
        webhooks.collect::<String>()
    )
}

fn default_webhooks() -> String {
    webhooks("istio-sidecar-injector", "istio.io/rev: default", "default", true, false)
}

fn canary_webhooks() -> String {
    webhooks("istio-sidecar-injector-canary", CANARY, "canary", false, false)
}

fn tag_webhooks(tag: &str) -> String {
    webhooks(&format!("istio-revision-tag-{tag}"), &format!("istio.io/tag: {tag}, {CANARY}"), tag, tag == "default", false)
}

/// The revision that injects `web`, or `no`.
fn injected<'m>(mesh: &'m Mesh<'_>) -> &'m str {
    let web = instance(mesh, "web");
    assert!(matches!(web.dataplane, Dataplane::Sidecar | Dataplane::None), "{}", web.dataplane);
    if web.dataplane == Dataplane::Sidecar { web.revision.as_str() } else { "no" }
}

/// Namespace labels, pod labels, pod annotations, and the revision that injects: S141.
const TRUTH: [(&str, &str, &str, &str); 25] = [
    ("", "", "", "no"),
    ("", INJECT, "", "default"),
    ("", CANARY, "", "canary"),
    ("", "istio.io/rev: canary, sidecar.istio.io/inject: 'true'", "", "canary"),
    ("", "istio.io/rev: canary, sidecar.istio.io/inject: 'yes'", "", "canary"),
    ("", "istio.io/rev: canary, sidecar.istio.io/inject: 'false'", "", "no"),
    ("", "sidecar.istio.io/inject: 'yes'", "", "no"),
    ("", "", INJECT, "no"),
    (ENABLED, "", "", "default"),
    (ENABLED, CANARY, "", "default"),
    ("istio-injection: enabled, istio.io/rev: canary", "", "", "default"),
    ("istio-injection: enabled, istio.io/rev: canary", CANARY, "", "default"),
    ("istio-injection: enabled, istio.io/rev: canary", "sidecar.istio.io/inject: 'yes'", "", "default"),
    ("istio-injection: enabled, istio.io/rev: canary", REFUSE, "", "no"),
    (ENABLED, REFUSE, "", "no"),
    (ENABLED, "", REFUSE, "no"),
    (ENABLED, INJECT, REFUSE, "default"),
    ("istio-injection: disabled", INJECT, "", "no"),
    ("istio-injection: disabled", CANARY, "", "no"),
    ("istio-injection: disabled, istio.io/rev: canary", "", "", "no"),
    ("istio-injection: Enabled", INJECT, "", "no"),
    ("istio-injection: ''", "", "", "no"),
    ("istio-injection: ''", INJECT, "", "no"),
    (CANARY, "", "", "canary"),
    (CANARY, "istio.io/rev: default", "", "canary"),
];

fn hold(setup: &str, table: &[(&str, &str, &str, &str)]) {
    for (of_namespace, labels, annotations, expected) in table {
        let yaml = namespace("shop", of_namespace) + &deployment("shop", labels, annotations, "") + setup;
        with(&yaml, |mesh| {
            assert_eq!(injected(mesh), *expected, "namespace {{{of_namespace}}} labels {{{labels}}} annotations {{{annotations}}}");
        });
    }
}

#[test]
fn s138_webhooks_are_assumed_where_none_of_istio_was_read() {
    let foreign = "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
         metadata: {name: cert-manager-webhook, labels: {app: webhook}}\nwebhooks: [{name: webhook.cert-manager.io}]\n";
    hold("", &TRUTH);
    hold(foreign, &TRUTH);
    hold("", &[("istio.io/rev: default", "", "", "default"), ("istio.io/rev: other", "", "", "other"), (CANARY, REFUSE, "", "no")]);
}

#[test]
fn s138_namespaces_by_default() {
    let by_values = config_map("istio-sidecar-injector", "values", "{sidecarInjectorWebhook: {enableNamespacesByDefault: true}}");
    let by_webhook = webhooks("istio-sidecar-injector", "istio.io/rev: default", "default", true, true);
    let table = [
        ("", "", "", "default"),
        ("", INJECT, "", "default"),
        ("", "sidecar.istio.io/inject: 'yes'", "", "no"),
        ("", REFUSE, "", "no"),
        ("", "", REFUSE, "no"),
        ("istio-injection: disabled", "", "", "no"),
    ];
    for setup in [&by_values, &by_webhook] {
        hold(setup, &table);
        for system in ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"] {
            let yaml = namespace(system, &format!("kubernetes.io/metadata.name: {system}")) + &deployment(system, "", "", "") + setup;
            with(&yaml, |mesh| assert_eq!(injected(mesh), "no", "{system}"));
        }
    }
}

#[test]
fn s139_order_of_istiods_own_gate() {
    const NEVER: &str = "{policy: enabled, neverInjectSelector: [{matchLabels: {app: web}}]}";
    const ALWAYS: &str = "{policy: disabled, alwaysInjectSelector: [{matchLabels: {app: web}}]}";
    const BOTH: &str =
        "{policy: enabled, neverInjectSelector: [{matchLabels: {app: web}}], alwaysInjectSelector: [{matchLabels: {app: web}}]}";
    let table = [
        ("{policy: enabled}", "app: web", "", true),
        ("{policy: enabled}", "sidecar.istio.io/inject: 'False'", "", true),
        ("{policy: enabled}", "sidecar.istio.io/inject: 'yes'", REFUSE, true),
        ("{policy: disabled}", "app: web", "", false),
        ("{policy: disabled}", INJECT, "", true),
        ("{policy: disabled}", "", INJECT, true),
        ("{policy: disabled}", REFUSE, INJECT, false),
        ("{policy: disabled}", "sidecar.istio.io/inject: 'True'", "", false),
        ("{policy: disabled}", "sidecar.istio.io/inject: ''", INJECT, false),
        (NEVER, "app: web", "", false),
        (NEVER, "app: other", "", true),
        (NEVER, "app: web, sidecar.istio.io/inject: 'true'", "", true),
        (NEVER, "app: web, sidecar.istio.io/inject: 'yes'", "", false),
        ("{policy: enabled, neverInjectSelector: [{matchExpressions: [{key: app, operator: Exists}]}]}", "app: web", "", false),
        (ALWAYS, "app: web", "", true),
        (ALWAYS, "app: other", "", false),
        (ALWAYS, "app: web", REFUSE, false),
        (BOTH, "app: web", "", false),
        ("{policy: enabled, neverInjectSelector: [{}]}", "app: web", "", true),
        ("{policy: disabled, alwaysInjectSelector: [{}]}", "app: web", "", false),
    ];
    for (config, labels, annotations, expected) in table {
        let yaml = namespace("shop", ENABLED) + &deployment("shop", labels, annotations, "") + &injector(config);
        let expected = if expected { "default" } else { "no" };
        with(&yaml, |mesh| assert_eq!(injected(mesh), expected, "{config} labels {{{labels}}} annotations {{{annotations}}}"));
    }
}

#[test]
fn s140_host_network_and_ignored_namespaces() {
    let table = [
        ("shop", "hostNetwork: true", "no"),
        ("shop", "hostNetwork: false", "default"),
        ("kube-system", "", "no"),
        ("kube-public", "", "no"),
        ("kube-node-lease", "", "no"),
        ("local-path-storage", "", "no"),
        ("istio-system", "", "default"),
    ];
    for (name, spec, expected) in table {
        for of_namespace in ["", ENABLED] {
            let yaml = namespace(name, of_namespace) + &deployment(name, INJECT, "", spec);
            with(&yaml, |mesh| assert_eq!(injected(mesh), expected, "{name} {{{of_namespace}}} {spec}"));
        }
    }
}

#[test]
fn s141_truth_table_of_two_revisions() {
    let setup = default_webhooks() + &canary_webhooks();
    hold(&setup, &TRUTH);
    hold(
        &setup,
        &[
            ("istio.io/rev: bogus", "", "", "no"),
            ("istio.io/rev: bogus", INJECT, "", "no"),
            ("istio.io/rev: bogus", CANARY, "", "no"),
            ("", "istio.io/rev: bogus, sidecar.istio.io/inject: 'true'", "", "no"),
            ("istio.io/rev: default", "", "", "default"),
        ],
    );
}

#[test]
fn s142_revisioned_installs_and_tags() {
    let (rev_default, rev_prod) = ("istio.io/rev: default", "istio.io/rev: prod");
    hold(
        &canary_webhooks(),
        &[
            (ENABLED, "", "", "no"),
            ("", INJECT, "", "no"),
            (CANARY, "", "", "canary"),
            ("", CANARY, "", "canary"),
            (rev_default, "", "", "no"),
        ],
    );
    let deactivated = "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
         metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector, istio.io/rev: default}}\nwebhooks:\n\
         - name: namespace.sidecar-injector.istio.io\n  namespaceSelector: {matchLabels: {istio.io/deactivated: never-match}}\n  \
         objectSelector: {matchLabels: {istio.io/deactivated: never-match}}\n";
    for setup in [canary_webhooks() + &tag_webhooks("default"), deactivated.to_owned() + &canary_webhooks() + &tag_webhooks("default")] {
        hold(
            &setup,
            &[
                (ENABLED, "", "", "canary"),
                ("", INJECT, "", "canary"),
                (rev_default, "", "", "canary"),
                ("", rev_default, "", "canary"),
                (CANARY, "", "", "canary"),
                ("", "", "", "no"),
            ],
        );
    }
    hold(
        &(canary_webhooks() + &tag_webhooks("prod")),
        &[(rev_prod, "", "", "canary"), ("", rev_prod, "", "canary"), (ENABLED, "", "", "no"), ("istio.io/rev: bogus", INJECT, "", "no")],
    );
}

#[test]
fn s143_running_pods_are_not_what_their_labels_say() {
    let yaml = namespace("shop", ENABLED) + &pod("shop", "web", INJECT, "", &[], "");
    with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), "none"));
}

#[test]
fn s137_pods_without_status_are_manifests() {
    let web = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: app}]}\n";
    for (of_namespace, expected) in [("", "none"), (ENABLED, "sidecar"), ("istio.io/dataplane-mode: ambient", "ambient")] {
        with(&(namespace("shop", of_namespace) + web), |mesh| {
            assert_eq!((dataplane(mesh, "web"), instance(mesh, "web").is_running), (expected, false), "{{{of_namespace}}}");
        });
    }
}

#[test]
fn s144_a_template_may_hold_the_proxy_already() {
    let template = "template: {metadata: {labels: {app: web}}, spec: {containers: \
         [{name: app, image: app}, {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}]}}";
    let in_job = format!("jobTemplate: {{spec: {{{template}}}}}");
    let kinds = [
        ("apps/v1", "Deployment", template),
        ("apps/v1", "StatefulSet", template),
        ("apps/v1", "DaemonSet", template),
        ("apps/v1", "ReplicaSet", template),
        ("batch/v1", "Job", template),
        ("batch/v1", "CronJob", &in_job),
    ];
    for (api, kind, spec) in kinds {
        let web = format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n");
        for home in ["", &namespace("shop", ""), &namespace("shop", "istio-injection: disabled")] {
            with(&(web.clone() + home), |mesh| {
                assert_eq!(dataplane(mesh, "web"), "sidecar", "{kind} {home}");
                assert!(!instance(mesh, "web").is_assumed, "{kind} {home}");
            });
        }
    }
}

#[test]
fn s145_only_the_template_counts() {
    let labelled = |kind: &str, labels: &str, spec: &str| {
        let api = if kind == "CronJob" { "batch/v1" } else { "apps/v1" };
        format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, namespace: shop, labels: {{{labels}}}}}\nspec: {{{spec}}}\n")
    };
    let template = |labels: &str| format!("template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: app}}]}}}}");
    let in_job = |labels: &str| format!("jobTemplate: {{metadata: {{labels: {{{REFUSE}}}}}, spec: {{{}}}}}", template(labels));
    let table = [
        ("", labelled("Deployment", INJECT, &template("")), "none"),
        ("", labelled("Deployment", "istio.io/dataplane-mode: ambient", &template("")), "none"),
        ("", labelled("Deployment", "", &template(INJECT)), "sidecar"),
        (ENABLED, labelled("Deployment", REFUSE, &template("")), "sidecar"),
        ("", labelled("CronJob", INJECT, &in_job("")), "none"),
        ("", labelled("CronJob", "", &in_job(INJECT)), "sidecar"),
        (ENABLED, labelled("CronJob", REFUSE, &in_job("")), "sidecar"),
        (ENABLED, labelled("CronJob", "", &in_job(REFUSE)), "none"),
    ];
    for (of_namespace, web, expected) in table {
        with(&(namespace("shop", of_namespace) + &web), |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{{{of_namespace}}} {web}"));
    }
}

/// Whether nobody knows what takes the traffic of `web`, its Namespace not being there.
fn is_unknown(namespace: &str, labels: &str, annotations: &str, spec: &str) -> bool {
    with(&deployment(namespace, labels, annotations, spec), |mesh| instance(mesh, "web").is_assumed)
}

#[test]
fn s145_a_namespace_that_was_not_read_is_unknown() {
    let refuses = "sidecar.istio.io/inject: 'false', istio.io/dataplane-mode: none";
    for (of, labels, spec, expected) in
        [("shop", "", "", true), ("shop", refuses, "", false), ("shop", "", "hostNetwork: true", false), ("kube-system", "", "", false)]
    {
        assert_eq!(is_unknown(of, labels, "", spec), expected, "{of} {{{labels}}} {spec}");
        let read = namespace(of, "") + &deployment(of, labels, "", spec);
        with(&read, |mesh| assert!(!instance(mesh, "web").is_assumed, "{of} {{{labels}}} {spec} and its Namespace"));
    }
}

#[test]
fn s145_labels_of_a_pod_are_not_enough_where_its_namespace_is_unknown() {
    // A Namespace labelled `istio-injection: disabled` or with a revision that is not there would refuse these (S141).
    for labels in [INJECT, CANARY] {
        assert!(is_unknown("shop", labels, "", ""), "{labels}");
    }
}

#[test]
fn s145_ambient_may_capture_what_injection_leaves_alone() {
    // A Namespace labelled `istio.io/dataplane-mode: ambient` would enrol these (S110).
    assert!(is_unknown("shop", REFUSE, "", ""));
    assert!(is_unknown("shop", "", REFUSE, ""));
}

#[test]
fn s148_templates() {
    let table = [
        ("", "sidecar"),
        ("inject.istio.io/templates: sidecar", "sidecar"),
        ("inject.istio.io/templates: 'sidecar,custom'", "sidecar"),
        ("inject.istio.io/templates: gateway", "gateway"),
        ("inject.istio.io/templates: grpc-agent", "proxyless"),
        ("inject.istio.io/templates: grpc-simple", "proxyless"),
    ];
    for (annotations, expected) in table {
        let yaml = namespace("shop", ENABLED) + &deployment("shop", "", annotations, "");
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{{{annotations}}}"));
    }
}

#[test]
fn s148_default_templates() {
    let table = [
        ("", "sidecar, custom", "sidecar"),
        ("inject.istio.io/templates: sidecar", "grpc-agent", "sidecar"),
        ("inject.istio.io/templates: gateway", "sidecar", "gateway"),
        ("", "grpc-agent", "proxyless"),
        ("", "gateway", "gateway"),
    ];
    for (annotations, defaults, expected) in table {
        let config = injector(&format!("{{policy: enabled, defaultTemplates: [{defaults}]}}"));
        let yaml = namespace("shop", ENABLED) + &deployment("shop", "", annotations, "") + &config;
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{{{annotations}}} defaults [{defaults}]"));
    }
}

#[test]
fn s148_a_gateway_to_be_filled_in_is_no_sidecar() {
    let placeholder = "containers: [{name: istio-proxy, image: auto}]";
    let yaml = namespace("shop", "") + &deployment("shop", INJECT, "inject.istio.io/templates: gateway", placeholder);
    with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), "gateway"));
}

#[test]
fn s150_labels_that_injection_adds() {
    const TLS: &str = "security.istio.io/tlsMode";
    const TUNNEL: &str = "networking.istio.io/tunnel";
    const NAME: &str = "service.istio.io/canonical-name";
    const REVISION: &str = "service.istio.io/canonical-revision";
    let hbone = |value: &str| format!("{{proxyMetadata: {{ISTIO_META_ENABLE_HBONE: \"{value}\"}}}}");
    let of_mesh = config_map("istio", "mesh", &format!("{{defaultConfig: {}}}", hbone("true")));
    let of_pod = |value: &str| format!("proxy.istio.io/config: '{}'", hbone(value));
    let table = [
        ("", String::new(), "", TLS, Some("istio")),
        ("security.istio.io/tlsMode: disabled", String::new(), "", TLS, Some("disabled")),
        ("", "inject.istio.io/templates: gateway".into(), "", TLS, None),
        ("", "inject.istio.io/templates: grpc-agent".into(), "", TLS, None),
        (REFUSE, String::new(), "", TLS, None),
        ("", String::new(), "", TUNNEL, None),
        ("", String::new(), &of_mesh, TUNNEL, Some("http")),
        ("", of_pod("true"), "", TUNNEL, Some("http")),
        ("", of_pod("false"), &of_mesh, TUNNEL, None),
        ("networking.istio.io/tunnel: none", String::new(), &of_mesh, TUNNEL, Some("none")),
        ("", String::new(), "", NAME, Some("web")),
        ("app: a", String::new(), "", NAME, Some("a")),
        ("app: a, app.kubernetes.io/name: b", String::new(), "", NAME, Some("b")),
        ("app: a, service.istio.io/canonical-name: c", String::new(), "", NAME, Some("c")),
        ("", String::new(), "", REVISION, Some("latest")),
        ("version: v1", String::new(), "", REVISION, Some("v1")),
        ("version: v1, app.kubernetes.io/version: v2", String::new(), "", REVISION, Some("v2")),
        ("version: v1, service.istio.io/canonical-revision: v3", String::new(), "", REVISION, Some("v3")),
    ];
    for (labels, annotations, config, key, expected) in table {
        let yaml = namespace("shop", ENABLED) + &deployment("shop", labels, &annotations, "") + config;
        with(&yaml, |mesh| {
            assert_eq!(instance(mesh, "web").labels.get(key), expected, "{key} of {{{labels}}} {{{annotations}}} {config}");
        });
    }
}

#[test]
fn s150_policies_select_added_labels() {
    let selectors =
        ["security.istio.io/tlsMode=istio", "service.istio.io/canonical-name=web", "service.istio.io/canonical-revision=latest"];
    for selector in selectors {
        let strict = policy("shop", "strict", selector, "mtls: {mode: STRICT}");
        for (of_namespace, expected) in [(ENABLED, "STRICT shop/strict"), ("", "NONE -")] {
            let yaml = namespace("shop", of_namespace) + &deployment("shop", "", "", "") + &strict;
            with(&yaml, |mesh| assert_eq!(mode(mesh, "web", 0), expected, "{selector} {{{of_namespace}}}"));
        }
    }
}

#[test]
fn s150_every_template_adds_canonical_names_and_only_sidecars_the_tls_mode() {
    for template in ["sidecar", "gateway", "grpc-agent"] {
        let yaml = namespace("shop", ENABLED) + &deployment("shop", "", &format!("inject.istio.io/templates: {template}"), "");
        with(&yaml, |mesh| {
            let labels = &instance(mesh, "web").labels;
            assert!(labels.has("service.istio.io/canonical-name", "web"), "{template}");
            assert_eq!(labels.has("security.istio.io/tlsMode", "istio"), template == "sidecar", "{template}");
        });
    }
}
