//! The rules about what automatic mTLS leaves open, and about rules and policies that contradict each other: who is blamed, and
//! when nothing is said.

use kubectl_mtls::checks::{self, Finding};

use crate::support::{ambient_pod, meshed_pod, namespace, pod, policy, rules, with};

fn service(more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\nspec: {{selector: {{app: db}}, ports: [{{name: tcp, port: 80}}]{more}}}\n"
    )
}

fn object(group: &str, kind: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n")
}

fn rule(host: &str, tls: &str) -> String {
    object("networking", "DestinationRule", "r", &format!("host: '{host}', trafficPolicy: {{tls: {{{tls}}}}}"))
}

fn config(mesh: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata: {{mesh: '{mesh}'}}\n")
}

/// The subjects that a rule blames, each with the field.
fn blamed(rule: &str, text: &str) -> Vec<String> {
    told(rule, text, |finding| format!("{} {}", finding.subject, finding.field_path))
}

fn told<T>(rule: &str, text: &str, tell: impl Fn(&Finding) -> T) -> Vec<T> {
    with(text, |mesh| checks::run(mesh, |one| one.id == rule).iter().map(&tell).collect())
}

fn db(annotations: &str) -> String {
    meshed_pod("shop", "db", "app: db", annotations, &[80]) + &meshed_pod("shop", "web", "app: web", "", &[])
}

fn strict() -> String {
    policy("shop", "default", "", "mtls: {mode: STRICT}")
}

#[test]
fn mtls112_speaks_of_ports_that_clients_call_and_mtls111_of_the_others() {
    let excluded = db("traffic.sidecar.istio.io/excludeInboundPorts: \"80\"") + &strict();
    let at = "Pod shop/db metadata.annotations[\"traffic.sidecar.istio.io/excludeInboundPorts\"]";
    let table = [
        ("called", service(""), 1, 0),
        ("not called", String::new(), 0, 1),
        // Clients are told that the port takes no mTLS (S80).
        ("told", service("") + &policy("shop", "db", "app=db", "mtls: {mode: STRICT}, portLevelMtls: {80: {mode: DISABLE}}"), 0, 0),
        // A rule that forces mTLS is MTLS202's business.
        ("forced", service("") + &rule("db", "mode: ISTIO_MUTUAL"), 0, 1),
        ("in plaintext", service("") + &rule("db", "mode: DISABLE"), 0, 1),
    ];
    for (what, more, called, uncalled) in table {
        let text = excluded.clone() + &more;
        assert_eq!(blamed("MTLS112", &text).len(), called, "112 {what}");
        assert_eq!(blamed("MTLS111", &text).len(), uncalled, "111 {what}");
    }
    assert_eq!(blamed("MTLS112", &(excluded + &service(""))), [at]);
}

#[test]
fn mtls201_names_the_level_of_the_policy_that_refuses() {
    let base = db("") + &service("") + &rule("db", "mode: DISABLE");
    let aka = |text: &str| told("MTLS201", text, |finding| finding.equivalent_codes);
    assert_eq!(aka(&(base.clone() + &strict())), [["KIA0207"]]);
    assert_eq!(aka(&(base.clone() + &policy("istio-system", "default", "", "mtls: {mode: STRICT}"))), [["KIA0208"]]);
    assert!(aka(&base).is_empty(), "PERMISSIVE takes plaintext");
}

#[test]
fn mtls202_blames_the_policy_for_all_that_turns_mtls_off_and_else_the_rule() {
    let mutual = rule("db", "mode: ISTIO_MUTUAL");
    let bare = pod("shop", "db", "app: db", "", &[80], "") + &meshed_pod("shop", "web", "app: web", "", &[]);
    let by_rule = ["DestinationRule shop/r spec.trafficPolicy.tls.mode"];
    let table = [
        ("namespace", db("") + &policy("shop", "none", "", "mtls: {mode: DISABLE}"), &["PeerAuthentication shop/none spec.mtls.mode"]),
        (
            "mesh",
            db("") + &policy("istio-system", "none", "", "mtls: {mode: DISABLE}"),
            &["PeerAuthentication istio-system/none spec.mtls.mode"],
        ),
        ("workload", db("") + &policy("shop", "none", "app=db", "mtls: {mode: DISABLE}"), &by_rule),
        ("no proxy", bare, &by_rule),
    ];
    for (what, servers, expected) in table {
        assert_eq!(blamed("MTLS202", &(servers + &service("") + &mutual)), *expected, "{what}");
    }
}

#[test]
fn rules_and_policies_that_contradict_each_other_are_told_where_no_service_was_read() {
    let strict_mesh = policy("istio-system", "default", "", "mtls: {mode: STRICT}");
    let permissive = policy("shop", "default", "", "mtls: {mode: PERMISSIVE}");
    let plain = |host: &str| rule(host, "mode: DISABLE");
    let one = ["DestinationRule shop/r spec.trafficPolicy.tls.mode"];
    let none: [&str; 0] = [];
    let table: [(&str, String, &[&str]); 7] = [
        ("a namespace", strict() + &plain("*.shop.svc.cluster.local"), &one),
        ("one of its services", strict() + &plain("db"), &one),
        ("the mesh", strict_mesh.clone() + &plain("*.local"), &one),
        ("a namespace that lets plaintext in", strict_mesh + &permissive + &plain("*.shop.svc.cluster.local"), &none),
        ("another namespace", strict() + &plain("*.other.svc.cluster.local"), &none),
        ("a host outside", strict() + &plain("*.example.com"), &none),
        (
            "a service that was read, and takes it",
            policy("shop", "default", "", "mtls: {mode: PERMISSIVE}") + &db("") + &service("") + &plain("db"),
            &none,
        ),
    ];
    for (what, text, expected) in table {
        assert_eq!(blamed("MTLS201", &text), expected, "{what}");
    }
}

#[test]
fn mtls214_and_215_speak_only_where_auto_mtls_is_off() {
    let off = config("enableAutoMtls: false");
    let meshed = db("") + &service("");
    let own = ["PeerAuthentication shop/default spec.mtls.mode"];
    assert_eq!(blamed("MTLS214", &(off.clone() + &meshed + &strict())), own);
    assert_eq!(blamed("MTLS214", &(off.clone() + &strict() + &namespace("shop", ""))), own, "no service was read");
    assert!(blamed("MTLS214", &(meshed.clone() + &strict())).is_empty());
    assert!(blamed("MTLS214", &(off.clone() + &meshed + &strict() + &rule("*.local", "mode: ISTIO_MUTUAL"))).is_empty());
    let wide = rule("*.shop.svc.cluster.local", "mode: ISTIO_MUTUAL");
    assert_eq!(blamed("MTLS215", &(off.clone() + &wide)).len(), 1);
    assert!(blamed("MTLS215", &wide).is_empty());
    assert!(blamed("MTLS215", &(off + &wide + &policy("shop", "p", "", "mtls: {mode: PERMISSIVE}"))).is_empty());
}

#[test]
fn mtls216_speaks_of_headless_services_alone() {
    let mixed = db("") + &pod("shop", "db-2", "app: db", "", &[80], "") + &policy("shop", "db", "app=db", "mtls: {mode: STRICT}");
    assert_eq!(blamed("MTLS216", &(mixed.clone() + &service(", clusterIP: None"))), ["Service shop/db spec.clusterIP"]);
    assert!(blamed("MTLS216", &(mixed + &service(""))).is_empty());
    assert!(blamed("MTLS216", &(db("") + &strict() + &service(", clusterIP: None"))).is_empty());
    // Sidecars know no tunnel to an address that is dialled itself (S78).
    let ambient = ambient_pod("shop", "db", "app: db", &[80]) + &meshed_pod("shop", "web", "app: web", "", &[]) + &strict();
    let fixes = told("MTLS216", &(ambient + &service(", clusterIP: None")), |finding| finding.fix.clone().unwrap_or_default());
    assert!(fixes.len() == 1 && fixes[0].contains("cluster IP"), "{fixes:?}");
}

#[test]
fn mtls218_needs_something_that_says_that_the_service_is_called() {
    let sidecar = object("networking", "Sidecar", "default", "egress: [{hosts: ['other/*']}]");
    let base = db("") + &service("") + &strict() + &sidecar;
    assert!(blamed("MTLS218", &base).is_empty());
    assert_eq!(blamed("MTLS218", &(base.clone() + &rule("db", "mode: ISTIO_MUTUAL"))), ["Sidecar shop/default spec.egress"]);
    let allowed = |source: &str| {
        object(
            "security",
            "AuthorizationPolicy",
            "p",
            &format!("selector: {{matchLabels: {{app: db}}}}, rules: [{{from: [{{source: {{{source}}}}}]}}]"),
        )
    };
    assert_eq!(blamed("MTLS218", &(base.clone() + &allowed("namespaces: [shop]"))).len(), 1);
    assert_eq!(blamed("MTLS218", &(base.clone() + &allowed("principals: [cluster.local/ns/shop/sa/web]"))).len(), 1);
    assert!(blamed("MTLS218", &(base + &allowed("namespaces: [elsewhere]"))).is_empty());
}

#[test]
fn mtls219_compares_names_that_both_sides_have() {
    let base = db("") + &service("") + &strict();
    let pinned = |name: &str| rule("db", &format!("mode: ISTIO_MUTUAL, subjectAltNames: [{name}]"));
    assert_eq!(
        blamed("MTLS219", &(base.clone() + &pinned("spiffe://cluster.local/ns/shop/sa/other"))),
        ["DestinationRule shop/r spec.trafficPolicy.tls.subjectAltNames"]
    );
    assert!(blamed("MTLS219", &(base.clone() + &pinned("spiffe://cluster.local/ns/shop/sa/default"))).is_empty());
    assert!(blamed("MTLS219", &base).is_empty());
}

#[test]
fn mtls220_speaks_of_identity_without_mtls() {
    let identity = object(
        "security",
        "AuthorizationPolicy",
        "p",
        "selector: {matchLabels: {app: db}}, rules: [{from: [{source: {principals: [a]}}]}]",
    );
    let address = object("security", "AuthorizationPolicy", "p", "rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]");
    let off = policy("shop", "none", "", "mtls: {mode: DISABLE}");
    let base = db("") + &service("");
    assert_eq!(blamed("MTLS220", &(base.clone() + &identity + &off)), ["AuthorizationPolicy shop/p spec.rules.0.from.0.source.principals"]);
    assert_eq!(blamed("MTLS220", &(base.clone() + &identity + &rule("db", "mode: DISABLE"))).len(), 1, "a rule's plaintext");
    assert!(blamed("MTLS220", &(base.clone() + &identity)).is_empty());
    assert!(blamed("MTLS220", &(base.clone() + &address + &off)).is_empty(), "an address is no identity");
    let condition = object("security", "AuthorizationPolicy", "p", "rules: [{when: [{key: source.namespace, values: [a]}]}]");
    assert_eq!(blamed("MTLS220", &(base + &condition + &off)), ["AuthorizationPolicy shop/p spec.rules.0.when.0.key"]);
}

#[test]
fn mtls221_leaves_differences_that_policies_make() {
    let mixed = db("") + &pod("shop", "db-2", "app: db", "", &[80], "") + &service("");
    assert_eq!(blamed("MTLS221", &mixed), ["Service shop/db spec.selector"]);
    assert!(blamed("MTLS221", &(mixed.clone() + &strict())).is_empty(), "what STRICT does not reach is MTLS109's business");
    assert!(blamed("MTLS221", &(mixed + &policy("shop", "db", "app=none", "mtls: {mode: STRICT}"))).len() == 1);
    let split =
        meshed_pod("shop", "a", "app: db, v: one", "", &[80]) + &meshed_pod("shop", "b", "app: db, v: two", "", &[80]) + &service("");
    assert!(blamed("MTLS221", &(split + &policy("shop", "one", "v=one", "mtls: {mode: STRICT}"))).is_empty(), "a policy says so");
}

/// A client with a sidecar and an ambient server that demands mTLS, and what a rule says of its port.
fn to_ambient(policy_of_rule: &str) -> String {
    namespace("depot", "istio.io/dataplane-mode: ambient")
        + &namespace("shop", "istio-injection: enabled")
        + &ambient_pod("depot", "stock", "app: stock", &[8080])
        + &meshed_pod("shop", "web", "app: web", "", &[80])
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: stock, namespace: depot}\nspec: {selector: {app: stock}, ports: [{name: tcp, port: 80, targetPort: 8080}]}\n"
        + &format!(
            "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: stock, namespace: depot}}\nspec: {{host: stock, trafficPolicy: {{{policy_of_rule}}}}}\n"
        )
        + &policy("depot", "default", "", "mtls: {mode: STRICT}")
}

#[test]
fn what_an_ambient_workload_refuses_is_called_by_what_the_client_sends() {
    for (message, expected) in [
        ("tls: {mode: DISABLE}", vec![]),
        ("tls: {mode: DISABLE}, loadBalancer: {simple: PASSTHROUGH}", vec!["MTLS201"]),
        ("tls: {mode: ISTIO_MUTUAL}", vec![]),
        ("tls: {mode: ISTIO_MUTUAL}, loadBalancer: {simple: PASSTHROUGH}", vec!["MTLS202"]),
        ("tls: {mode: SIMPLE, caCertificates: /ca.pem, subjectAltNames: [a]}, loadBalancer: {simple: PASSTHROUGH}", vec!["MTLS203"]),
    ] {
        with(&to_ambient(message), |mesh| {
            let found: Vec<&str> = rules(mesh).into_iter().filter(|id| ["MTLS201", "MTLS202", "MTLS203"].contains(id)).collect();
            assert_eq!(found, expected, "{message}");
        });
    }
}
