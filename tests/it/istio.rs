//! What one Istio object means and what is wrong with it, by the rule of the semantics each test holds (S1–S4, S26).

use kubectl_mtls::{
    istio::{Protocol, ProtocolClass},
    object::wire::{Int, IntOrText, ServicePort},
};

use crate::support::{meshed_pod, mode, policy, policy_at, rules, with};

/// Whether rule MTLS001 calls the manifest invalid.
fn is_invalid(yaml: &str) -> bool {
    with(yaml, |mesh| rules(mesh).contains(&"MTLS001"))
}

#[test]
fn s01_every_served_version_is_read_and_no_other() {
    let security = [("v1", true), ("v1beta1", true), ("v1alpha1", false), ("v1alpha3", false), ("v2", false)];
    let networking = [("v1", true), ("v1beta1", true), ("v1alpha3", true), ("v1alpha1", false), ("v2", false)];
    let kinds = [
        ("security.istio.io", "PeerAuthentication", "", security),
        ("networking.istio.io", "DestinationRule", "host: web", networking),
        ("networking.istio.io", "ServiceEntry", "hosts: [web.example]", networking),
        ("networking.istio.io", "Sidecar", "", networking),
        ("networking.istio.io", "WorkloadEntry", "address: 10.0.0.1", networking),
        ("networking.istio.io", "WorkloadGroup", "template: {serviceAccount: vm}", networking),
        ("networking.istio.io", "Gateway", "", networking),
    ];
    for (group, kind, spec, versions) in kinds {
        for (version, is_served) in versions {
            let yaml = format!("apiVersion: {group}/{version}\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\nspec: {{{spec}}}\n");
            assert_eq!(is_invalid(&yaml), !is_served, "{group}/{version} {kind}");
        }
    }
}

#[test]
fn s01_both_versions_mean_the_same_and_the_old_policy_means_nothing() {
    let rows = [
        ("security.istio.io/v1", "PeerAuthentication", "mtls: {mode: STRICT}", "STRICT shop/a"),
        ("security.istio.io/v1beta1", "PeerAuthentication", "mtls: {mode: STRICT}", "STRICT shop/a"),
        ("authentication.istio.io/v1alpha1", "Policy", "peers: [{mtls: {mode: STRICT}}]", "PERMISSIVE -"),
    ];
    for (version, kind, spec, expected) in rows {
        let object = format!("---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, namespace: shop}}\nspec: {{{spec}}}\n");
        let yaml = [meshed_pod("shop", "web", "app: web", "", &[8080]), object];
        with(&yaml.concat(), |mesh| assert_eq!(mode(mesh, "web", 8080), expected, "{version} {kind}"));
    }
}

#[test]
fn s02_a_field_or_mode_that_the_schema_lacks_is_told() {
    let rows = [
        ("mtls: {mode: STRICT}", false),
        ("selector: {matchLabels: {app: web}}, mtls: {mode: UNSET}, portLevelMtls: {8080: {mode: DISABLE}}", false),
        ("mTLS: {mode: STRICT}", true),
        ("mtls: {mod: STRICT}", true),
        ("mtls: {mode: strict}", true),
        ("mtls: {mode: MUTUAL}", true),
        ("mode: STRICT", true),
        ("selector: {matchLabel: {app: web}}", true),
        ("selector: {matchExpressions: [{key: app, operator: Exists}]}", true),
        ("targetRef: {kind: Gateway, name: waypoint}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMTLS: {8080: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {8080: {mod: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {8080: {mode: Permissive}}", true),
    ];
    for (spec, expected) in rows {
        assert_eq!(is_invalid(&policy("shop", "p", "", spec)), expected, "{spec}");
    }
}

#[test]
fn s02_the_name_of_a_policy_is_irrelevant() {
    for name in ["default", "anything", "zzz"] {
        let yaml = [meshed_pod("shop", "web", "app: web", "", &[8080]), policy("istio-system", name, "", "mtls: {mode: STRICT}")];
        with(&yaml.concat(), |mesh| assert_eq!(mode(mesh, "web", 8080), format!("STRICT istio-system/{name}")));
    }
}

#[test]
fn s03_unset_has_several_spellings_at_both_levels() {
    let web = meshed_pod("shop", "web", "app: web", "", &[8080]);
    let mesh_policy = policy("istio-system", "default", "", "mtls: {mode: STRICT}");
    for spelling in ["", "mtls: {}", "mtls: {mode: UNSET}"] {
        let yaml = [&web, &mesh_policy, &policy("shop", "w", "app=web", spelling)].map(String::as_str).concat();
        with(&yaml, |mesh| assert_eq!(mode(mesh, "web", 8080), "STRICT istio-system/default", "workload: `{spelling}`"));
    }
    for spelling in ["{}", "{mode: UNSET}"] {
        let spec = format!("mtls: {{mode: DISABLE}}, portLevelMtls: {{8080: {spelling}}}");
        let yaml = [&web, &mesh_policy, &policy("shop", "w", "app=web", &spec)].map(String::as_str).concat();
        with(&yaml, |mesh| assert_eq!(mode(mesh, "web", 8080), "DISABLE shop/w", "port: `{spelling}`"));
    }
}

#[test]
fn s04_what_admission_rejects_is_an_error() {
    let rows = [
        ("portLevelMtls: {8080: {mode: STRICT}}", true),
        ("selector: {}, portLevelMtls: {8080: {mode: STRICT}}", true),
        ("selector: {matchLabels: {}}, portLevelMtls: {8080: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {0: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {65536: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {-1: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {http: {mode: STRICT}}", true),
        ("selector: {matchLabels: {app: 'we*'}}", true),
        ("selector: {matchLabels: {'a*': web}}", true),
        ("selector: {matchLabels: {'': web}}", true),
        ("selector: {}", false),
        ("selector: {matchLabels: {}}", false),
        ("selector: {matchLabels: {app: ''}}", false),
        ("selector: {matchLabels: {app: web}}, portLevelMtls: {1: {mode: STRICT}, '65535': {}}", false),
    ];
    for (spec, is_rejected) in rows {
        let yaml = policy("shop", "p", "", spec);
        with(&yaml, |mesh| assert_eq!(!mesh.indices().errors().is_empty(), is_rejected, "{spec}: {:?}", mesh.indices().errors()));
        assert_eq!(is_invalid(&yaml), is_rejected, "MTLS001 for {spec}");
        // What no API server accepts does not count among manifests.
        with(&yaml, |mesh| {
            assert_eq!(mesh.policies().all().is_empty(), is_rejected, "{spec}");
            assert_eq!(mesh.gaps().is_empty(), !is_rejected, "{spec}");
        });
    }
}

#[test]
fn s04_what_exists_counts_although_admission_would_reject_it() {
    let yaml = policy_at("2020-01-01T00:00:00Z", "shop", "p", "", "mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}");
    with(&yaml, |mesh| assert_eq!((mesh.policies().all().len(), mesh.gaps().len()), (1, 0)));
    assert!(is_invalid(&yaml));
}

#[test]
fn s26_the_protocol_class_of_a_port() {
    // Name, appProtocol, number.
    let rows = [
        ("http", "", 80, ProtocolClass::Http),
        ("http2", "", 80, ProtocolClass::Http),
        ("grpc", "", 80, ProtocolClass::Http),
        ("grpc-web", "", 80, ProtocolClass::Http),
        ("http_proxy", "", 80, ProtocolClass::Http),
        ("http-admin", "", 80, ProtocolClass::Http),
        ("HTTP-Admin", "", 80, ProtocolClass::Http),
        ("grpc-api", "", 80, ProtocolClass::Http),
        ("grpc-webby", "", 80, ProtocolClass::Http),
        ("GRPC-Web-x", "", 80, ProtocolClass::Http),
        ("tcp", "", 80, ProtocolClass::Tcp),
        ("tls-x", "", 80, ProtocolClass::Tcp),
        ("https", "", 443, ProtocolClass::Tcp),
        ("mongo", "", 80, ProtocolClass::Tcp),
        ("redis-main", "", 80, ProtocolClass::Tcp),
        ("MySQL", "", 80, ProtocolClass::Tcp),
        ("", "", 80, ProtocolClass::Auto),
        ("web", "", 80, ProtocolClass::Auto),
        ("web-http", "", 80, ProtocolClass::Auto),
        ("httpx", "", 80, ProtocolClass::Auto),
        ("", "", 25, ProtocolClass::Tcp),
        ("", "", 53, ProtocolClass::Tcp),
        ("db", "", 3306, ProtocolClass::Tcp),
        ("db", "", 27017, ProtocolClass::Tcp),
        ("http", "", 3306, ProtocolClass::Http),
        ("http", "tcp", 80, ProtocolClass::Tcp),
        ("tcp", "HTTP", 80, ProtocolClass::Http),
        ("http", "unheard-of", 80, ProtocolClass::Auto),
        ("http", "unheard-of", 3306, ProtocolClass::Tcp),
        ("tcp", "grpc-web", 80, ProtocolClass::Http),
        ("tcp", "kubernetes.io/h2c", 80, ProtocolClass::Http),
        ("tcp", "kubernetes.io/ws", 80, ProtocolClass::Http),
        ("http", "kubernetes.io/wss", 80, ProtocolClass::Tcp),
    ];
    for (name, app, number, expected) in rows {
        let port = ServicePort { name: name.into(), app_protocol: app.into(), port: Int(number), ..ServicePort::default() };
        assert_eq!(Protocol::of(&port).class(), expected, "name `{name}`, appProtocol `{app}`, {number}");
    }
    let udp = ServicePort { name: "http".into(), app_protocol: "http".into(), protocol: "UDP".into(), ..ServicePort::default() };
    assert_eq!(Protocol::of(&udp), Protocol::Udp, "UDP comes before appProtocol and name");
    let behind = ServicePort { port: Int(80), target_port: Some(IntOrText::Int(3306)), ..ServicePort::default() };
    assert_eq!(Protocol::of(&behind).class(), ProtocolClass::Auto, "the number that counts is the service port's");
}
