//! The rules about proxies and their injection, beyond their own examples.

use crate::{
    mesh_injection::deployment,
    support::{ambient_pod, meshed_pod, namespace, pod, rules, with},
};

const ENABLED: &str = "istio-injection: enabled";
const AMBIENT: &str = "istio.io/dataplane-mode: ambient";

/// The rules about injection that fire.
fn fired(yaml: &str) -> Vec<&'static str> {
    with(yaml, |mesh| rules(mesh).into_iter().filter(|id| id.starts_with("MTLS3")).collect())
}

#[test]
fn s161_labels_conflict_only_where_one_of_them_does_not_count() {
    for (labels, expected) in [
        (ENABLED, vec![]),
        (AMBIENT, vec![]),
        ("istio-injection: enabled, istio.io/rev: canary", vec!["MTLS303"]),
        ("istio-injection: enabled, istio.io/dataplane-mode: ambient", vec!["MTLS303"]),
        ("istio.io/rev: canary, istio.io/dataplane-mode: ambient", vec!["MTLS303"]),
        ("istio-injection: disabled, istio.io/dataplane-mode: ambient", vec![]),
        ("istio-injection: enabled, istio.io/dataplane-mode: none", vec![]),
    ] {
        assert_eq!(fired(&namespace("shop", labels)), expected, "{labels}");
    }
}

#[test]
fn a_wish_is_unheard_only_where_nothing_comes_of_it() {
    let inject = "sidecar.istio.io/inject: 'true'";
    for (of_namespace, labels, annotations, expected) in [
        ("", "", inject, vec!["MTLS304"]),
        ("", "sidecar.istio.io/inject: enabled", "", vec!["MTLS304"]),
        ("istio-injection: disabled", inject, "", vec!["MTLS304"]),
        ("istio-injection: disabled", "", "", vec![]),
        (ENABLED, "", inject, vec![]),
        ("", inject, "", vec![]),
        ("", "sidecar.istio.io/inject: 'false'", "", vec![]),
    ] {
        let yaml = namespace("shop", of_namespace) + &deployment("shop", labels, annotations, "");
        assert_eq!(fired(&yaml), expected, "{{{of_namespace}}} {{{labels}}} {{{annotations}}}");
    }
}

#[test]
fn pods_of_one_workload_are_one_finding() {
    let owned =
        |text: String| text.replace("annotations:", "ownerReferences: [{kind: Deployment, name: web, controller: true}], annotations:");
    let pods: String = (1..5).map(|n| owned(pod("shop", &format!("web-{n}"), "app: web", "", &[], ""))).collect();
    let new = owned(meshed_pod("shop", "web-9", "app: web", "", &[]));
    let yaml = namespace("shop", ENABLED) + &deployment("shop", "app: web", "", "") + &pods + &new;
    with(&yaml, |mesh| {
        let found = kubectl_mtls::checks::run(mesh, |rule| rule.id == "MTLS301");
        let [finding] = &found[..] else { panic!("{found:?}") };
        assert!(finding.message.contains("4 of 5 pods of Deployment shop/web (web-1, web-2, web-3 and 1 more)"), "{}", finding.message);
    });
}

#[test]
fn a_sidecar_resource_is_idle_where_nobody_obeys_it() {
    let sidecar = |name: &str, created: &str, selector: &str| {
        let selector = if selector.is_empty() { String::new() } else { format!("workloadSelector: {{labels: {{{selector}}}}}") };
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{name: {name}, namespace: shop, creationTimestamp: {created}}}\nspec: {{{selector}}}\n"
        )
    };
    let (old, new) = ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    let web = meshed_pod("shop", "web", "app: web", "", &[]);
    let stock = ambient_pod("shop", "stock", "app: stock", &[]);
    let lone = sidecar("a", old, "");
    for (yaml, expected) in [
        (web.clone() + &lone, 0),
        (web.clone() + &lone + &sidecar("b", new, ""), 1),
        (web.clone() + &lone + &sidecar("b", new, "app: web"), 0),
        (web.clone() + &sidecar("a", old, "app: web") + &sidecar("b", new, "app: web"), 1),
        (web.clone() + &lone + &sidecar("b", new, "app: nobody"), 0),
        (stock.clone() + &lone, 1),
        (stock.clone() + &sidecar("a", old, "app: stock"), 1),
        (stock + &web + &lone, 0),
    ] {
        let labels = "istio-injection: disabled";
        let found = fired(&(namespace("shop", labels) + &yaml)).into_iter().filter(|id| *id == "MTLS314").count();
        assert_eq!(found, expected, "{yaml}");
    }
}

#[test]
fn an_unknown_revision_needs_webhooks_to_be_known() {
    let webhooks = std::fs::read_to_string("testdata/meshes/two-revisions/webhooks.yaml").unwrap();
    for (labels, expected) in [("istio.io/rev: prod", vec![]), ("istio.io/rev: default", vec![]), ("istio.io/rev: gone", vec!["MTLS310"])] {
        assert_eq!(fired(&format!("{}---\n{webhooks}", namespace("shop", labels))), expected, "{labels}");
        assert!(fired(&namespace("shop", labels)).is_empty(), "{labels} without webhooks");
    }
    let both = namespace("shop", "") + &deployment("shop", "istio.io/rev: gone", "", "");
    assert_eq!(fired(&format!("{both}---\n{webhooks}")), ["MTLS310"]);
}

#[test]
fn a_namespace_is_undecided_where_neither_label_nor_pod_says_anything() {
    let silent = deployment("shop", "app: web", "", "");
    for (labels, workloads, expected) in [
        ("", silent.as_str(), vec!["MTLS302"]),
        ("", "", vec![]),
        ("istio-injection: disabled", &silent, vec![]),
        (ENABLED, &silent, vec![]),
        (AMBIENT, &silent, vec![]),
        ("", &deployment("shop", "sidecar.istio.io/inject: 'false'", "", ""), vec![]),
        ("", &deployment("shop", "", "", "hostNetwork: true"), vec![]),
    ] {
        assert_eq!(fired(&(namespace("shop", labels) + workloads)), expected, "{{{labels}}} {workloads}");
    }
}

/// `MTLS302 Namespace shop IST0102`: the findings about injection with istioctl's codes for them.
fn named(yaml: &str) -> Vec<String> {
    with(yaml, |mesh| {
        let found = kubectl_mtls::checks::run(mesh, |rule| rule.id.starts_with("MTLS3"));
        found
            .iter()
            .map(|one| format!("{} {} {} {}", one.rule.id, one.subject.kind, one.subject.name, one.equivalent_codes.join(" ")))
            .collect()
    })
}

/// A webhook of an injector that is called for namespaces with this label.
fn injector(name: &str, label: &str, service: &str) -> String {
    let (key, value) = label.split_once('=').unwrap();
    format!(
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{name: {name}, labels: {{app: sidecar-injector, istio.io/rev: {value}}}}}\n\
         webhooks: [{{name: a.sidecar-injector.istio.io, clientConfig: {{{service}}}, namespaceSelector: {{matchLabels: {{{key}: {value}}}}}}}]\n"
    )
}

#[test]
fn s159_s160_a_namespace_is_outside_where_its_pods_get_no_proxy() {
    let silent = namespace("shop", "") + &deployment("shop", "app: web", "", "");
    let by_default = crate::mesh_capture::config_map(
        "istio-system",
        "istio-sidecar-injector",
        "values",
        r#"{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}"#,
    );
    assert_eq!(named(&silent), ["MTLS302 Namespace shop IST0102"]);
    let outside = namespace("shop", "") + &pod("shop", "web", "app: web", "", &[], "");
    assert_eq!(named(&(outside + &by_default)), ["MTLS301 Pod web "], "a new pod would get a proxy");
    let root = namespace("istio-system", "") + &deployment("istio-system", "app: web", "", "");
    assert!(named(&root).iter().all(|one| !one.contains("IST0102")), "{:?}", named(&root));
}

#[test]
fn s163_an_empty_proxy_has_a_code_of_its_own_in_a_pod_and_in_a_deployment() {
    let proxy = "{name: istio-proxy, image: auto}";
    let of_pod = namespace("shop", "istio-injection: disabled") + &pod("shop", "gw", "app: gw", "", &[], proxy);
    assert_eq!(named(&of_pod), ["MTLS312 Pod gw IST0147"]);
    let controller = |kind: &str| {
        format!(
            "{}---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: gw, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: gw}}}}, spec: {{containers: [{proxy}]}}}}}}\n",
            namespace("shop", "istio-injection: disabled")
        )
    };
    assert_eq!(named(&controller("Deployment")), ["MTLS312 Deployment gw IST0146"]);
    assert_eq!(named(&controller("StatefulSet")), ["MTLS312 StatefulSet gw "]);
}

#[test]
fn s165_webhooks_that_meet_are_an_error_where_pods_are_and_a_warning_where_none_is_yet() {
    let two = injector("one", "istio-injection=enabled", "") + &injector("two", "istio-injection=enabled", "");
    let severities = |yaml: &str| {
        with(yaml, |mesh| {
            let found = kubectl_mtls::checks::run(mesh, |rule| rule.id == "MTLS311");
            found.iter().map(|one| format!("{} {}", one.severity, one.subject.name)).collect::<Vec<_>>()
        })
    };
    assert_eq!(severities(&two), ["warning two"]);
    assert_eq!(severities(&(two.clone() + &namespace("shop", ENABLED) + &deployment("shop", "app: web", "", ""))), ["error two"]);
    assert!(severities(&injector("one", "istio-injection=enabled", "")).is_empty());
    assert!(severities(&(injector("one", "istio.io/rev=a", "") + &injector("two", "istio.io/rev=b", ""))).is_empty());
}

#[test]
fn s165_a_webhook_without_its_service_is_left_behind() {
    let calls = "service: {namespace: istio-system, name: istiod}";
    let service = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: istio-system}}\nspec: {{ports: [{{port: 443}}]}}\n"
        )
    };
    let hook = injector("one", "istio-injection=enabled", calls);
    assert_eq!(named(&(hook.clone() + &service("other"))), ["MTLS310 MutatingWebhookConfiguration one IST0139"]);
    assert!(named(&(hook.clone() + &service("istiod"))).is_empty());
    assert!(named(&hook).is_empty(), "where no Service of the namespace was read nobody knows");
    let by_url = injector("one", "istio-injection=enabled", "url: 'https://istiod.example.com/inject'");
    assert!(named(&(by_url + &service("other"))).is_empty());
    let off = injector("one", "istio.io/deactivated=never", calls);
    assert!(named(&(off + &service("other"))).is_empty(), "S142: nobody calls it");
}

/// The webhooks of an installation with a named revision alone, as its chart makes them.
fn revision_webhooks() -> String {
    "---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\n\
     metadata: {name: injector-1-26, labels: {app: sidecar-injector, istio.io/rev: 1-26}}\nwebhooks:\n\
     - name: rev.namespace.sidecar-injector.istio.io\n  \
     namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: In, values: [1-26]}, {key: istio-injection, operator: DoesNotExist}]}\n  \
     objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ['false']}]}\n\
     - name: rev.object.sidecar-injector.istio.io\n  \
     namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: DoesNotExist}, {key: istio-injection, operator: DoesNotExist}]}\n  \
     objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ['false']}, {key: istio.io/rev, operator: In, values: [1-26]}]}\n"
        .to_owned()
}

/// The findings about injection with their advice.
fn advised(yaml: &str) -> Vec<String> {
    with(yaml, |mesh| {
        let found = kubectl_mtls::checks::run(mesh, |rule| ["MTLS303", "MTLS304", "MTLS310", "MTLS312"].contains(&rule.id));
        found.iter().map(|one| format!("{} {}", one.rule.id, one.fix.as_deref().unwrap_or(one.rule.fix))).collect()
    })
}

#[test]
fn s257_labels_are_advised_only_where_a_webhook_then_injects() {
    let inject = "sidecar.istio.io/inject: 'true'";
    let rev = "istio.io/rev: 1-26";
    // Labels of the namespace, labels and annotations of the pods, what is advised, and the labels after that.
    let table = [
        ("", inject, "", "MTLS304", "`istio.io/rev: \"1-26\"`", "", "sidecar.istio.io/inject: 'true', istio.io/rev: 1-26"),
        ("", "", inject, "MTLS304", "`istio.io/rev: \"1-26\"`", "", rev),
        ("", "istio.io/rev: 1-99", "", "MTLS310", "istioctl tag set 1-99 --revision 1-26", "", rev),
        ("istio.io/rev: prod", "", "", "MTLS310", "namespace shop istio.io/rev=1-26`", rev, ""),
        (ENABLED, "", "", "MTLS310", "namespace shop istio-injection- istio.io/rev=1-26`", rev, ""),
        ("istio-injection: 'true'", "", "", "MTLS304", "namespace shop istio-injection- istio.io/rev=1-26`", rev, ""),
        ("istio-injection: Enabled", "", "", "MTLS304", "namespace shop istio-injection- istio.io/rev=1-26`", rev, ""),
    ];
    for (of_namespace, labels, annotations, rule, advice, namespace_after, labels_after) in table {
        let yaml = |of_namespace: &str, labels: &str| {
            namespace("shop", of_namespace) + &deployment("shop", labels, annotations, "") + &revision_webhooks()
        };
        let found = advised(&yaml(of_namespace, labels));
        let [one] = &found[..] else { panic!("{of_namespace} {labels} {annotations}: {found:?}") };
        assert!(one.starts_with(rule) && one.contains(advice), "{of_namespace} {labels} {annotations}: {one}");
        let cured = yaml(namespace_after, labels_after);
        assert!(advised(&cured).is_empty(), "{namespace_after} {labels_after}: {:?}", advised(&cured));
        with(&cured, |mesh| assert_eq!(crate::support::dataplane(mesh, "web"), "sidecar", "{namespace_after} {labels_after}"));
    }
}

#[test]
fn s141_an_exclusion_of_a_namespace_is_no_misspelling() {
    for value in ["disabled", "'false'", "Disabled", "none", "'no'"] {
        let yaml = namespace("shop", &format!("istio-injection: {value}")) + &deployment("shop", "", "", "") + &revision_webhooks();
        assert!(advised(&yaml).is_empty(), "{value}: {:?}", advised(&yaml));
    }
}

#[test]
fn s255_a_gateway_in_a_namespace_that_opts_out_is_one_finding_that_frees_the_namespace() {
    let proxy = "{name: istio-proxy, image: auto}";
    let gateway = |of_namespace: &str, labels: &str| {
        namespace("shop", of_namespace)
            + &deployment("shop", labels, "", "").replace("containers: [", &format!("containers: [{proxy}, "))
            + &revision_webhooks()
    };
    let found = advised(&gateway("istio-injection: disabled", "sidecar.istio.io/inject: 'true'"));
    let [one] = &found[..] else { panic!("{found:?}") };
    assert!(
        one.starts_with("MTLS312") && one.contains("namespace shop istio-injection-`") && one.contains("`istio.io/rev: \"1-26\"`"),
        "{one}"
    );
    let cured = gateway("", "sidecar.istio.io/inject: 'true', istio.io/rev: 1-26");
    assert!(advised(&cured).is_empty(), "{:?}", advised(&cured));
}

#[test]
fn s114_a_label_that_no_webhook_matches_does_not_conflict_with_ambient() {
    let yaml = namespace("shop", "istio-injection: enabled, istio.io/dataplane-mode: ambient")
        + &deployment("shop", "", "", "")
        + &revision_webhooks();
    assert!(advised(&yaml).iter().all(|one| !one.starts_with("MTLS303")), "{:?}", advised(&yaml));
}
