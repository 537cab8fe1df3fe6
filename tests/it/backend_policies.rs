//! Policies of the Gateway API for backends: what istiod of each version makes of them, and which version that is (S260–S263, S292).

use kubectl_mtls::{
    istio::IstioVersion,
    mesh::{Client, ClientKind, ControlPlaneOptions, Failure, Mesh, VersionUsed},
    object::{Kind, Labels},
    queries::{
        assumptions::assumptions,
        reach::{self, CallQuestion, CallTarget},
    },
};

use crate::support::{instance, meshed_pod, policy, snapshot, workload};

const DB: &str = "db.data.svc.cluster.local";

/// A `BackendTLSPolicy` in namespace `data`, created on a day of January.
fn backend(day: u8, name: &str, target: &str, validation: &str, annotations: &str) -> String {
    format!(
        "---\napiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {{name: {name}, namespace: data, \
         creationTimestamp: 2026-01-0{day}T00:00:00Z, annotations: {{{annotations}}}}}\n\
         spec: {{targetRefs: [{{group: '', kind: Service, name: db{target}}}], validation: {{hostname: db.example{validation}}}}}\n"
    )
}

fn system(name: &str, target: &str) -> String {
    backend(1, name, target, ", wellKnownCACertificates: System", "")
}

fn rule(namespace: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r, namespace: {namespace}, creationTimestamp: 2025-01-01T00:00:00Z}}\n\
         spec: {{host: {DB}, {spec}}}\n"
    )
}

/// A Service `data/db` with ports 80 (`web`) and 81 (`admin`) behind a PERMISSIVE sidecar.
fn mesh(more: &str) -> String {
    meshed_pod("data", "db", "app: db", "", &[80, 81])
        + &meshed_pod("shop", "web", "app: web", "", &[80])
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: data}\nspec: {selector: {app: db}, ports: [{name: web, port: 80, appProtocol: tcp}, {name: admin, port: 81, appProtocol: tcp}]}\n"
        + more
}

fn asked<T>(yaml: &str, version: &str, env: &[(&str, &str)], ask: impl FnOnce(&Mesh<'_>) -> T) -> T {
    let snapshot = snapshot(yaml);
    let istio_version = Some(IstioVersion::parse(version).unwrap());
    let istiod_env = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    ask(&Mesh::new(&snapshot, &ControlPlaneOptions { istiod_env, istio_version, ..ControlPlaneOptions::default() }))
}

/// What clients of `shop` send to port 80 and to port 81, and the lowest failure at port 80.
fn wires(yaml: &str, version: &str, kind: ClientKind) -> (&'static str, &'static str, Option<&'static str>) {
    asked(yaml, version, &[], |mesh| {
        let call = |port| {
            let from = Client::any(mesh.indices(), "shop", Labels::default(), kind);
            let answer = reach::reach(mesh, &CallQuestion { from, to: CallTarget::Host(DB.into()), port, subset: None, scheme: None });
            (answer.endpoints[0].sent_as.as_str(), answer.lowest_failure().map(Failure::code))
        };
        let ((first, code), (second, _)) = (call(80), call(81));
        (first, second, code)
    })
}

fn sent(yaml: &str, version: &str) -> (&'static str, &'static str) {
    let (first, second, _) = wires(yaml, version, ClientKind::Sidecar);
    (first, second)
}

#[test]
fn s260_a_policy_applies_to_all_clients_with_an_envoy_from_1_28() {
    let (whole, port) = (mesh(&system("b", "")), mesh(&system("b", ", sectionName: admin")));
    assert_eq!(sent(&whole, "1.27.9"), ("mtls", "mtls"));
    assert_eq!(sent(&whole, "1.28.0"), ("tls", "tls"));
    assert_eq!(sent(&whole, "1.32"), ("tls", "tls"));
    assert_eq!(sent(&port, "1.28.0"), ("mtls", "tls"));
    assert_eq!(wires(&whole, "1.32", ClientKind::Gateway).0, "tls");
    // Neither ztunnel nor gRPC without a proxy applies it (S261).
    assert_eq!(wires(&whole, "1.32", ClientKind::Ambient).0, "plaintext");
    assert_eq!(wires(&whole, "1.32", ClientKind::Proxyless).0, "plaintext");
    // Up to 1.27 it is an experiment.
    let rules = |env: &[(&str, &str)]| asked(&whole, "1.27", env, |mesh| mesh.destination_rules().len());
    assert_eq!((rules(&[]), rules(&[("PILOT_ENABLE_ALPHA_GATEWAY_API", "true")])), (0, 1));
}

#[test]
fn s260_a_target_that_does_not_exist_has_no_rule() {
    for target in [", sectionName: none", "x", ", group: apps"] {
        assert_eq!(sent(&mesh(&system("b", target)), "1.32"), ("mtls", "mtls"), "{target}");
    }
}

#[test]
fn s260_of_several_policies_for_one_target_the_oldest_applies() {
    let secret = ", caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]";
    let both = backend(2, "a", "", secret, "") + &backend(1, "z", "", secret, "") + &backend(3, "x", ", sectionName: admin", secret, "");
    asked(&mesh(&both), "1.32", &[], |mesh| {
        let from = Client::any(mesh.indices(), "shop", Labels::default(), ClientKind::Sidecar);
        let by = |port| {
            let to = CallTarget::Host(DB.into());
            let answer = reach::reach(mesh, &CallQuestion { from: from.clone(), to, port, subset: None, scheme: None });
            let (id, field) = mesh.indices().deciding_field(answer.client.cluster.as_ref().unwrap(), port, None).unwrap();
            assert_eq!((id.kind, field.to_string().as_str()), (Kind::BackendTLSPolicy, "spec.validation"));
            id.name.to_string()
        };
        assert_eq!((by(80), by(81)), ("z".to_owned(), "x".to_owned()));
    });
}

#[test]
fn s262_the_rule_of_a_user_is_replaced_up_to_1_30_and_applies_first_from_1_31() {
    let mutual = "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}";
    let port = "trafficPolicy: {portLevelSettings: [{port: {number: 81}, tls: {mode: ISTIO_MUTUAL}}]}";
    let empty_port = "trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 81}, connectionPool: {}}]}";
    let apart = "exportTo: ['*'], trafficPolicy: {tls: {mode: DISABLE}}";
    // The target, the rule of the user, and what is sent to ports 80 and 81 in 1.30 and in 1.31.
    for (target, spec, old, new) in [
        ("", mutual, ("tls", "tls"), ("mtls", "mtls")),
        ("", "trafficPolicy: {connectionPool: {}}", ("tls", "tls"), ("tls", "tls")),
        (", sectionName: admin", mutual, ("mtls", "tls"), ("mtls", "tls")),
        (", sectionName: admin", port, ("mtls", "tls"), ("mtls", "mtls")),
        ("", port, ("tls", "tls"), ("tls", "mtls")),
        // S292: an entry without `tls` excludes the port, and automatic mTLS follows the host's mode (S64).
        ("", empty_port, ("tls", "tls"), ("plaintext", "plaintext")),
        // Another exportTo keeps them apart, and the rule of the user is the newer one.
        ("", apart, ("plaintext", "plaintext"), ("plaintext", "plaintext")),
    ] {
        let yaml = mesh(&(system("b", target) + &rule("data", spec)));
        assert_eq!((sent(&yaml, "1.30"), sent(&yaml, "1.31.0")), (old, new), "{target} {spec}");
    }
}

#[test]
fn s262_a_traffic_policy_alone_removes_the_tls_of_the_users_rule_up_to_1_30() {
    let traffic = "---\napiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XBackendTrafficPolicy\nmetadata: {name: t, namespace: data}\n\
                   spec: {targetRefs: [{group: '', kind: Service, name: db}]}\n";
    let yaml = mesh(&(traffic.to_owned() + &rule("data", "trafficPolicy: {tls: {mode: DISABLE}}")));
    assert_eq!((sent(&yaml, "1.30"), sent(&yaml, "1.31")), (("mtls", "mtls"), ("plaintext", "plaintext")));
}

#[test]
fn s292_a_rule_of_the_clients_namespace_hides_the_policy_and_one_of_the_root_namespace_does_not() {
    let disable = "trafficPolicy: {tls: {mode: DISABLE}}";
    assert_eq!(sent(&mesh(&(system("b", "") + &rule("shop", disable))), "1.32"), ("plaintext", "plaintext"));
    assert_eq!(sent(&mesh(&(system("b", "") + &rule("istio-system", disable))), "1.32"), ("tls", "tls"));
}

#[test]
fn s263_a_ca_that_cannot_be_used_fails_at_gateways_and_is_not_determined_for_sidecars() {
    let unusable = mesh(&backend(1, "b", "", ", caCertificateRefs: [{group: '', kind: Secret, name: ca}]", ""));
    assert_eq!(wires(&unusable, "1.32", ClientKind::Gateway).2, Some("F5"));
    asked(&unusable, "1.32", &[], |mesh| {
        let from = Client::workload(workload(mesh, "web"), instance(mesh, "web"));
        let to = CallTarget::Host(DB.into());
        let answer = reach::reach(mesh, &CallQuestion { from, to, port: 80, subset: None, scheme: None });
        assert_eq!(format!("{:?}", answer.result()), "All(Unknown)");
        assert!(reach::why(&answer).contains("S263"));
    });
    let usable = mesh(&backend(1, "b", "", ", caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]", ""));
    assert_eq!(wires(&usable, "1.32", ClientKind::Sidecar), ("tls", "tls", None));
}

#[test]
fn s263_an_annotation_excludes_a_policy_from_1_30_1() {
    let system = ", wellKnownCACertificates: System";
    let excluded = mesh(&backend(1, "b", "", system, "istio.io/ignore-policy-attachment: 'TRUE'"));
    assert_eq!((sent(&excluded, "1.30.0").0, sent(&excluded, "1.30.1").0), ("tls", "mtls"));
    let kept = mesh(&backend(1, "b", "", system, "istio.io/ignore-policy-attachment: 'yes'"));
    assert_eq!(sent(&kept, "1.30.1").0, "tls");
}

#[test]
fn s261_a_strict_port_refuses_the_tls_of_sidecars_and_the_finding_names_the_policy() {
    let strict = mesh(&(system("b", "") + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")));
    asked(&strict, "1.32", &[], |mesh| {
        let findings = kubectl_mtls::checks::run(mesh, |rule| rule.id == "MTLS203");
        let found: Vec<_> = findings.iter().map(|one| (one.subject.to_string(), one.patch.is_some())).collect();
        assert_eq!(found, [("BackendTLSPolicy data/b".to_owned(), false)]);
        assert!(findings[0].fix.as_ref().unwrap().contains("exportTo"));
    });
    // Its advice works in every version.
    let advised = strict + &rule("data", "exportTo: ['*'], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}");
    for version in ["1.28.0", "1.30.3", "1.31", "1.32"] {
        assert_eq!(sent(&advised, version), ("mtls", "mtls"), "{version}");
    }
}

fn istiod(image: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: istiod, namespace: istio-system}}\n\
         spec: {{template: {{metadata: {{labels: {{app: istiod}}}}, spec: {{containers: [{{name: discovery, image: '{image}'}}]}}}}}}\n"
    )
}

#[test]
fn an_istiod_that_was_read_is_believed_rather_than_the_option() {
    let used = |yaml: &str, option: Option<&str>| {
        let snapshot = snapshot(yaml);
        let istio_version = option.map(|version| IstioVersion::parse(version).unwrap());
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions { istio_version, ..ControlPlaneOptions::default() });
        let all = assumptions(&mesh).into_iter().map(|one| (one.setting(), one.value()));
        let assumed: Vec<_> = all.filter(|(setting, _)| setting == "istioVersion").collect();
        (mesh.control_planes().version_used(), assumed)
    };
    let version = |text: &str| IstioVersion::parse(text).unwrap();
    let assumed = |value: &str| vec![("istioVersion".to_owned(), value.to_owned())];
    assert_eq!(used(&mesh(""), None), (VersionUsed::Newest, assumed("1.32")));
    assert_eq!(used(&mesh(""), Some("1.29.1")), (VersionUsed::Set(version("1.29.1")), assumed("1.29.1")));
    let read = istiod("docker.io/istio/pilot:1.28.2-distroless");
    assert_eq!(used(&read, Some("1.29.1")), (VersionUsed::Read(version("1.28.2")), Vec::new()));
    // A tag without a version shows nothing.
    for image in ["istio/pilot:latest", "istio/pilot", "istio/pilot@sha256:0", "istio/pilot:1.2.3.4"] {
        assert_eq!(used(&istiod(image), Some("1.29")), (VersionUsed::Set(version("1.29")), assumed("1.29")), "{image}");
    }
}

#[test]
fn a_version_without_a_patch_is_the_newest_patch() {
    let at_least = |text: &str, minor, patch| IstioVersion::parse(text).unwrap().is_at_least(minor, patch);
    assert!(at_least("1.30", 30, 1) && at_least("1.30.1", 30, 1) && at_least("1.31.0", 30, 1));
    assert!(!at_least("1.30.0", 30, 1) && !at_least("1.29", 30, 1) && !at_least("1.9.9", 10, 0));
    for wrong in ["", "1", "1.", "1.30.", "1.30.1.2", "2.0", "v1.30", "1.x", "1.+3", "1.30-alpha", "1.99999999"] {
        assert!(IstioVersion::parse(wrong).is_err(), "{wrong}");
    }
    let tag = |tag: &str| IstioVersion::of_tag(tag).map(|version| version.to_string());
    assert_eq!(tag("1.32-alpha.9f1c").as_deref(), Some("1.32"));
    assert_eq!(tag("1.30.0-rc.1").as_deref(), Some("1.30.0"));
    assert_eq!(tag("master"), None);
}
