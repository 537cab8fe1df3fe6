//! Folders without workloads: a pull request shows policies, rules and Services, and seldom the pods. What these contradict of each
//! other is told all the same, and nothing that depends on a pod.

use kubectl_mtls::checks;

use crate::support::{meshed_pod, policy, rules, with};

fn service(target: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: cart, namespace: shop}}\nspec: {{selector: {{app: cart}}, ports: [{{name: http, port: 80{target}}}]}}\n"
    )
}

fn rule(namespace: &str, name: &str, host: &str, mode: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{host: '{host}', trafficPolicy: {{tls: {{mode: {mode}}}}}}}\n"
    )
}

fn identity(selector: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: identity, namespace: shop}}\nspec: {{{selector}rules: [{{from: [{{source: {{principals: [cluster.local/ns/front/sa/web]}}}}]}}]}}\n"
    )
}

fn mtls(namespace: &str, name: &str, selector: &str, mode: &str) -> String {
    policy(namespace, name, selector, &format!("mtls: {{mode: {mode}}}"))
}

fn manual() -> String {
    "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: 'enableAutoMtls: false'}\n"
        .to_owned()
}

fn namespace(labels: &str) -> String {
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n")
}

/// The errors and warnings of a folder.
fn told(text: &str) -> Vec<&'static str> {
    let of_interest = ["MTLS110", "MTLS201", "MTLS202", "MTLS203", "MTLS204", "MTLS214", "MTLS220"];
    with(text, |mesh| rules(mesh).into_iter().filter(|id| of_interest.contains(id)).collect())
}

const ALL: &str = "*.shop.svc.cluster.local";

#[test]
fn a_service_whose_pods_were_not_read_is_judged_by_the_labels_that_it_selects_by() {
    let strict = mtls("shop", "default", "", "STRICT");
    let plain = rule("shop", "cart", "cart", "DISABLE");
    let table = [
        ("namespace STRICT", strict.clone() + &plain, vec!["MTLS201"]),
        ("mesh STRICT", mtls("istio-system", "default", "", "STRICT") + &plain, vec!["MTLS201"]),
        ("PERMISSIVE", mtls("shop", "default", "", "PERMISSIVE") + &plain, vec![]),
        ("its own policy", strict.clone() + &mtls("shop", "own", "app=cart", "PERMISSIVE") + &plain, vec![]),
        ("another's policy", strict.clone() + &mtls("shop", "other", "app=other", "PERMISSIVE") + &plain, vec!["MTLS201"]),
        ("maybe its own", strict.clone() + &mtls("shop", "v1", "version=v1", "PERMISSIVE") + &plain, vec![]),
        ("only its own", mtls("shop", "own", "app=cart", "STRICT") + &plain, vec!["MTLS201"]),
        ("mTLS nothing ends", mtls("shop", "own", "app=cart", "DISABLE") + &rule("shop", "cart", "cart", "ISTIO_MUTUAL"), vec!["MTLS202"]),
        ("foreign TLS", strict.clone() + &rule("shop", "cart", "cart", "SIMPLE"), vec!["MTLS203"]),
        ("foreign TLS to HTTP", rule("shop", "cart", "cart", "SIMPLE"), vec!["MTLS204"]),
        ("auto mTLS off", manual() + &strict, vec!["MTLS214"]),
        ("auto mTLS off and a rule", manual() + &strict + &rule("shop", "cart", "cart", "ISTIO_MUTUAL"), vec![]),
        ("a namespace in the mesh", namespace("istio-injection: enabled") + &strict + &plain, vec!["MTLS201"]),
        ("a namespace that says nothing, with a policy", namespace("") + &strict + &plain, vec!["MTLS201"]),
        ("a namespace that says nothing", namespace("") + &mtls("istio-system", "default", "", "STRICT") + &plain, vec![]),
        ("a namespace outside", namespace("istio-injection: disabled") + &strict + &plain, vec![]),
        ("a namespace of ambient", namespace("istio.io/dataplane-mode: ambient") + &strict + &plain, vec![]),
        ("pods that were read", meshed_pod("shop", "web", "app: web", "", &[80]) + &strict + &plain, vec![]),
    ];
    for (what, text, expected) in table {
        assert_eq!(told(&(service("") + &text)), expected, "{what}");
    }
}

#[test]
fn a_port_without_pods_is_the_target_that_the_service_names() {
    let ported = policy("shop", "own", "app=cart", "mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}");
    let text = |target: &str| service(target) + &ported + &rule("shop", "cart", "cart", "DISABLE");
    assert!(told(&text(", targetPort: 8080")).is_empty());
    assert_eq!(told(&text(", targetPort: 9090")), ["MTLS201"]);
}

#[test]
fn a_rule_for_the_whole_mesh_is_judged_by_every_namespace_with_a_policy_of_its_own() {
    let mesh_wide = |mode: &str| rule("istio-system", "mesh", "*.local", mode);
    let table = [
        ("plaintext", mtls("shop", "default", "", "STRICT") + &mesh_wide("DISABLE"), vec!["MTLS201"]),
        ("mTLS", mtls("shop", "default", "", "DISABLE") + &mesh_wide("ISTIO_MUTUAL"), vec!["MTLS202"]),
        ("PERMISSIVE takes both", mtls("shop", "default", "", "PERMISSIVE") + &mesh_wide("DISABLE"), vec![]),
        (
            "a rule of the namespace comes first",
            mtls("shop", "default", "", "DISABLE") + &mesh_wide("ISTIO_MUTUAL") + &rule("shop", "own", ALL, "DISABLE"),
            vec![],
        ),
    ];
    for (what, text, expected) in table {
        assert_eq!(told(&text), expected, "{what}");
    }
}

#[test]
fn every_tls_block_of_a_rule_is_judged_where_no_service_was_read() {
    let rule = |policy: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: cart, namespace: shop}}\nspec: {{host: cart, {policy}}}\n"
        )
    };
    let table = [
        (
            "port",
            "trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}",
            "spec.trafficPolicy.portLevelSettings.0.tls.mode",
        ),
        ("subset", "subsets: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]", "spec.subsets.0.trafficPolicy.tls.mode"),
        (
            "port of a subset",
            "subsets: [{name: v1, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}]",
            "spec.subsets.0.trafficPolicy.portLevelSettings.0.tls.mode",
        ),
    ];
    for (what, policy, at) in table {
        let fields = with(&(mtls("shop", "default", "", "STRICT") + &rule(policy)), |mesh| {
            let found = checks::run(mesh, |rule| rule.id == "MTLS201");
            found.iter().map(|finding| finding.field_path.to_string()).collect::<Vec<_>>()
        });
        assert_eq!(fields, [at], "{what}");
    }
}

#[test]
fn a_single_host_whose_service_was_not_read_is_judged_only_where_no_policy_may_say_otherwise() {
    let base = mtls("shop", "default", "", "STRICT") + &rule("shop", "cart", "cart", "DISABLE");
    assert_eq!(told(&base), ["MTLS201"]);
    assert_eq!(told(&(base.clone() + &mtls("shop", "same", "app=cart", "STRICT"))), ["MTLS201"]);
    assert!(told(&(base + &mtls("shop", "other", "app=cart", "PERMISSIVE"))).is_empty());
}

#[test]
fn mtls220_goes_by_the_labels_that_the_policy_selects_by_where_no_pod_was_read() {
    let cart = identity("selector: {matchLabels: {app: cart}}, ");
    let table = [
        ("its own DISABLE", mtls("shop", "own", "app=cart", "DISABLE"), true),
        ("another's DISABLE", mtls("shop", "other", "app=other", "DISABLE"), false),
        ("maybe its own", mtls("shop", "v1", "version=v1", "DISABLE"), false),
        ("a rule for the namespace", rule("shop", "plain", ALL, "DISABLE"), true),
        ("a rule for the mesh", rule("istio-system", "plain", "*.local", "DISABLE"), true),
        ("a rule for its Service", service("") + &rule("shop", "cart", "cart", "DISABLE"), true),
        ("a rule for another", service("") + &rule("shop", "other", "other", "DISABLE"), false),
        ("what is STRICT refuses plaintext", mtls("shop", "own", "app=cart", "STRICT") + &rule("shop", "plain", ALL, "DISABLE"), false),
    ];
    for (what, text, expected) in table {
        assert_eq!(told(&(cart.clone() + &text)).contains(&"MTLS220"), expected, "{what}");
    }
}

#[test]
fn mtls110_is_told_of_policies_alone_where_no_pod_was_read() {
    let off = mtls("shop", "default", "", "DISABLE");
    let strict = mtls("shop", "own", "app=cart", "STRICT");
    assert_eq!(told(&(off.clone() + &strict)), ["MTLS110"]);
    assert!(told(&(off.clone() + &mtls("shop", "own", "app=cart", "PERMISSIVE"))).is_empty());
    assert!(told(&(manual() + &off + &strict)).is_empty(), "auto mTLS is off");
    let read = meshed_pod("shop", "web", "app: web", "", &[80]);
    assert!(told(&(read + &off + &strict)).is_empty(), "the pods were read, and the policy selects none");
}

/// A Deployment without status and without a Namespace object: nobody knows whether its pods get a proxy.
fn deployment(namespace: &str, app: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {app}, namespace: {namespace}}}\nspec: {{selector: {{matchLabels: {{app: {app}}}}}, template: {{metadata: {{labels: {{app: {app}, security.istio.io/tlsMode: istio}}}}, spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 80}}]}}]}}}}}}\n"
    )
}

#[test]
fn s145_pods_to_come_whose_namespace_was_not_read_are_taken_neither_for_meshed_nor_for_bare() {
    let base = service("") + &deployment("shop", "cart") + &meshed_pod("front", "web", "app: web", "", &[]);
    let rule = |mode: &str| rule("shop", "cart", "cart", mode);
    let table = [
        ("mTLS to who may end it", rule("ISTIO_MUTUAL"), vec![]),
        ("plaintext to who may refuse it", mtls("shop", "default", "", "STRICT") + &rule("DISABLE"), vec!["MTLS201"]),
        ("mTLS to who ends none, proxy or not", mtls("shop", "default", "", "DISABLE") + &rule("ISTIO_MUTUAL"), vec!["MTLS202"]),
        ("a label that may be right", String::new(), vec![]),
    ];
    for (what, text, expected) in table {
        assert_eq!(told(&(base.clone() + &text)), expected, "{what}");
    }
    let stray = |text: &str| with(text, |mesh| rules(mesh).contains(&"MTLS305"));
    assert!(!stray(&base));
    assert!(stray(&(base + &namespace(""))));
}
