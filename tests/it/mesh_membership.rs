//! Who is in the mesh and who should be, by the rule of the semantics each test holds (S109–S119, S137–S156).

use kubectl_mtls::{
    mesh::{Mesh, MeshState},
    queries::{
        Scope,
        sidecars::{self, Expected, ProxyRow},
    },
};

use crate::{
    mesh_injection::deployment,
    support::{ambient_pod, meshed_pod, namespace, pod, with},
};

const ENABLED: &str = "istio-injection: enabled";
const AMBIENT: &str = "istio.io/dataplane-mode: ambient";
const SIDECAR: &str = "{name: istio-proxy, image: proxyv2:1.29.1, args: [proxy, sidecar]}";

fn everything() -> Scope {
    Scope { include_system: true, ..Scope::default() }
}

fn ask<T>(yaml: &str, name: &str, say: impl FnOnce(&ProxyRow<'_>) -> T) -> T {
    with(yaml, |mesh| {
        let inventory = sidecars::inventory(mesh, &everything());
        let row = inventory.workloads.iter().find(|row| row.workload.subject.name == name);
        say(row.unwrap_or_else(|| panic!("no workload {name} in {yaml}")))
    })
}

/// The standing of a workload, and how many of its pods should have a proxy and have none.
fn state(yaml: &str, name: &str) -> (MeshState, usize) {
    ask(yaml, name, |row| (row.membership.state.clone(), row.missing))
}

/// The first word of a standing, with what is to blame for an absence.
fn word(yaml: &str, name: &str) -> String {
    ask(yaml, name, |row| format!("{:?}", row.membership.state).split(['(', ')', ' ']).take(2).collect::<Vec<_>>().join(" ").trim().into())
}

/// A pod of the Deployment `web`, running.
fn pod_of_web(labels: &str, annotations: &str, beside: &str) -> String {
    let labels = if labels.is_empty() { String::new() } else { format!("{labels}, ") };
    pod("shop", "web-7d-1", &format!("{labels}pod-template-hash: 7d"), annotations, &[8080], beside)
        .replace("annotations:", "ownerReferences: [{kind: ReplicaSet, name: web-7d, controller: true}], annotations:")
}

/// S141, for pods that run without a proxy: what they lack is what a new pod would get.
#[test]
fn s141_who_is_missing_follows_the_truth_table() {
    let inject = "sidecar.istio.io/inject: 'true'";
    let refuse = "sidecar.istio.io/inject: 'false'";
    let table = [
        ("", "", "", "Outside NotEnrolled"),
        ("", inject, "", "Missing"),
        ("", "istio.io/rev: canary", "", "Missing"),
        ("", "istio.io/rev: canary, sidecar.istio.io/inject: 'false'", "", "Outside OptedOut"),
        ("", "sidecar.istio.io/inject: 'yes'", "", "Outside Unsupported"),
        ("", "", inject, "Outside Unsupported"),
        (ENABLED, "", "", "Missing"),
        (ENABLED, "istio.io/rev: canary", "", "Missing"),
        (ENABLED, refuse, "", "Outside OptedOut"),
        (ENABLED, "", refuse, "Outside OptedOut"),
        (ENABLED, inject, refuse, "Missing"),
        ("istio-injection: disabled", inject, "", "Outside NamespaceOptedOut"),
        ("istio-injection: disabled, istio.io/rev: canary", "", "", "Outside NamespaceOptedOut"),
        ("istio-injection: ''", "", "", "Outside NamespaceOptedOut"),
        ("istio.io/rev: canary", "istio.io/rev: default", "", "Missing"),
        (AMBIENT, "", "", "Missing"),
        (AMBIENT, "istio.io/dataplane-mode: none", "", "Outside OptedOut"),
        (AMBIENT, refuse, "", "Missing"),
        ("", AMBIENT, "", "Missing"),
    ];
    for (of_namespace, labels, annotations, expected) in table {
        let yaml = namespace("shop", of_namespace) + &pod("shop", "web", labels, annotations, &[], "");
        assert_eq!(word(&yaml, "web"), expected, "namespace {{{of_namespace}}} labels {{{labels}}} annotations {{{annotations}}}");
    }
}

#[test]
fn s142_a_label_that_no_webhook_answers_to_is_told() {
    let canary = std::fs::read_to_string("testdata/meshes/two-revisions/webhooks.yaml").unwrap();
    for (of_namespace, labels, expected) in [
        ("istio.io/rev: bogus", "", "Outside NoWebhook"),
        ("", "istio.io/rev: bogus", "Outside NoWebhook"),
        ("istio.io/rev: prod", "", "Missing"),
        (ENABLED, "", "Missing"),
    ] {
        let yaml = format!("{}{}---\n{canary}", namespace("shop", of_namespace), pod("shop", "web", labels, "", &[], ""));
        assert_eq!(word(&yaml, "web"), expected, "{{{of_namespace}}} {{{labels}}}");
    }
}

#[test]
fn s143_pods_older_than_the_label_are_missing_and_new_ones_are_not() {
    let old = pod_of_web("app: web", "", "");
    let new = pod_of_web("app: web", "istio.io/rev: default", SIDECAR).replace("web-7d-1", "web-7d-2");
    let home = namespace("shop", ENABLED) + &deployment("shop", "app: web", "", "");
    assert_eq!(state(&(home.clone() + &old), "web"), (MeshState::Missing, 1));
    assert_eq!(state(&(home.clone() + &new), "web"), (MeshState::Meshed, 0));
    ask(&(home + &old + &new), "web", |row| {
        assert_eq!((row.pods, row.with_proxy, row.missing, row.pods_in_state), (2, 1, 1, 1));
        assert_eq!((row.dataplane.as_str(), row.expected(), row.would_inject()), ("none", Some(Expected::Sidecar), Some(true)));
    });
}

#[test]
fn s143_a_new_pod_has_the_labels_of_the_template_of_today() {
    let home = namespace("shop", "");
    let asking = deployment("shop", "sidecar.istio.io/inject: 'true'", "", "");
    assert_eq!(state(&(home.clone() + &asking + &pod_of_web("", "", "")), "web").0, MeshState::Missing);
    // A label that another webhook has added to the pods will be added to new ones, too.
    let silent = deployment("shop", "", "", "");
    assert_eq!(state(&(home + &silent + &pod_of_web("sidecar.istio.io/inject: 'true'", "", "")), "web").0, MeshState::Missing);
}

#[test]
fn s143_what_nothing_asks_for_any_more_is_lost_with_the_next_pod() {
    let status = r#"sidecar.istio.io/status: '{"revision":"default"}'"#;
    let running = pod_of_web("", status, SIDECAR);
    for (of_namespace, template, expected) in [
        (ENABLED, "", MeshState::Meshed),
        ("", "", MeshState::OtherDataplane),
        (AMBIENT, "", MeshState::OtherDataplane),
        // `istioctl kube-inject` has written the sidecar into the template (S144).
        ("", "containers: [{name: app, image: app}, {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}]", MeshState::Meshed),
    ] {
        let yaml = namespace("shop", of_namespace) + &deployment("shop", "", "", template) + &running;
        assert_eq!(state(&yaml, "web"), (expected, 0), "{{{of_namespace}}} {template}");
    }
    let yaml = namespace("shop", AMBIENT) + &deployment("shop", "", "", "") + &running;
    ask(&yaml, "web", |row| assert_eq!((row.expected(), row.would_capture()), (Some(Expected::Ambient), Some(true))));
}

#[test]
fn s143_no_webhook_is_called_for_what_a_node_starts() {
    let yaml = namespace("shop", ENABLED)
        + &pod("shop", "web", "", "", &[], "").replace("annotations:", "ownerReferences: [{kind: Node, name: n1}], annotations:");
    assert_eq!(word(&yaml, "web"), "Outside StaticPod");
    ask(&yaml, "web", |row| assert_eq!(row.would_inject(), Some(false)));
    // ztunnel takes in what runs, whoever has started it (S116).
    ask(&yaml.replace(ENABLED, AMBIENT), "web", |row| assert_eq!((row.membership.state.clone(), row.missing), (MeshState::Missing, 1)));
}

#[test]
fn s145_without_its_namespace_nobody_knows() {
    assert_eq!(state(&pod("shop", "web", "", "", &[], ""), "web"), (MeshState::Unknown, 0));
    assert_eq!(state(&deployment("shop", "", "", ""), "web"), (MeshState::Unknown, 0));
    assert_eq!(state(&meshed_pod("shop", "web", "app: web", "", &[]), "web"), (MeshState::Meshed, 0));
    assert_eq!(word(&pod("kube-system", "web", "", "", &[], ""), "web"), "Outside IgnoredNamespace");
}

/// What is as it should be, whatever it is, is never missing.
#[test]
fn s146_every_kind_of_proxy_counts_as_one() {
    let container = |args: &str| format!("{{name: istio-proxy, image: proxyv2, args: [{args}]}}");
    let grpc = "{name: istio-proxy, image: proxyv2, args: [proxy, sidecar], env: [{name: ISTIO_META_GENERATOR, value: grpc}]}";
    let native = pod("shop", "web", "", "", &[], "").replace(
        "spec: {",
        "spec: {initContainers: [{name: istio-proxy, image: 'proxyv2:1.29.1', args: [proxy, sidecar], restartPolicy: Always}], ",
    );
    let managed = "gateway.istio.io/managed: istio.io-gateway-controller, sidecar.istio.io/inject: 'false'";
    let rows = [
        (ENABLED, pod("shop", "web", "", "", &[], SIDECAR), "sidecar"),
        (ENABLED, native, "sidecar"),
        (ENABLED, pod("shop", "web", "", "", &[], grpc), "proxyless"),
        (ENABLED, pod("shop", "web", "", "inject.istio.io/templates: gateway", &[], &container("proxy, router")), "gateway"),
        ("", pod("shop", "web", managed, "", &[], &container("proxy, router")), "gateway"),
        (AMBIENT, pod("shop", "web", "istio.io/dataplane-mode: none", "", &[], &container("proxy, waypoint")), "waypoint"),
        (AMBIENT, ambient_pod("shop", "web", "", &[]), "ambient"),
    ];
    for (of_namespace, yaml, dataplane) in rows {
        ask(&(namespace("shop", of_namespace) + &yaml), "web", |row| {
            assert_eq!((row.dataplane.as_str(), row.missing, row.needs_attention), (dataplane, 0, false), "{yaml}");
            assert_eq!((row.membership.state.clone(), row.with_proxy), (MeshState::Meshed, 1), "{yaml}");
        });
    }
}

#[test]
fn s153_jobs_that_are_done_are_not_listed() {
    let job = |status: &str| {
        format!(
            "---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: once, namespace: shop}}\n\
             spec: {{template: {{spec: {{containers: [{{name: app}}]}}}}}}\nstatus: {{{status}}}\n"
        )
    };
    let done = pod("shop", "once-1", "", "", &[], "")
        .replace("annotations:", "ownerReferences: [{kind: Job, name: once, controller: true}], annotations:")
        .replace("phase: Running", "phase: Succeeded");
    let home = namespace("shop", ENABLED);
    for yaml in [home.clone() + &job("conditions: [{type: Complete, status: 'True'}]"), home.clone() + &job("") + &done] {
        with(&yaml, |mesh| assert!(sidecars::inventory(mesh, &everything()).workloads.is_empty(), "{yaml}"));
    }
    // One that runs without a proxy in an enrolled namespace is.
    let yaml = home + &job("") + &done.replace("phase: Succeeded", "phase: Running");
    assert_eq!(state(&yaml, "once"), (MeshState::Missing, 1));
}

#[test]
fn s112_redirection_is_what_counts_in_ambient() {
    let redirected = |state: &str| pod("shop", "web", "", &format!("ambient.istio.io/redirection: {state}"), &[], "");
    let home = namespace("shop", AMBIENT);
    assert_eq!(state(&(home.clone() + &redirected("enabled")), "web").0, MeshState::Meshed);
    assert_eq!(state(&(home.clone() + &redirected("pending")), "web").0, MeshState::PendingInZtunnel);
    assert_eq!(state(&(home.clone() + &redirected("disabled")), "web").0, MeshState::Missing);
    assert_eq!(state(&(home + &pod("shop", "web", "", "", &[], "").replace("spec: {", "spec: {hostNetwork: true, ")), "web").1, 0);
}

#[test]
fn s113_both_at_once_and_s114_both_labels() {
    let home = namespace("shop", &format!("{ENABLED}, {AMBIENT}"));
    let both = pod("shop", "web", "", "ambient.istio.io/redirection: enabled", &[], SIDECAR);
    assert_eq!(state(&(home.clone() + &both), "web").0, MeshState::SidecarAndAmbient);
    let older = ambient_pod("shop", "web", "", &[]);
    assert_eq!(state(&(home + &older), "web").0, MeshState::OtherDataplane);
}

#[test]
fn s115_istio_itself_is_neither_missing_nor_opted_out() {
    let home = namespace("istio-system", "");
    for labels in ["app: istiod", "app: ztunnel", "k8s-app: istio-cni-node"] {
        let labels = format!("{labels}, sidecar.istio.io/inject: 'false', istio.io/dataplane-mode: none");
        ask(&(home.clone() + &pod("istio-system", "own", &labels, "", &[], "")), "own", |row| {
            assert_eq!((row.membership.state.clone(), row.needs_attention), (MeshState::PartOfIstio, false), "{labels}");
        });
    }
}

#[test]
fn s149_versions_and_revisions_against_the_control_plane() {
    let istiod = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: istiod, namespace: istio-system}\n\
         spec: {template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, image: 'pilot:1.29.1'}]}}}\n";
    let proxy = |tag: &str| format!("{{name: istio-proxy, image: 'proxyv2:{tag}', args: [proxy, sidecar]}}");
    for (tag, version, is_too_far) in [
        ("1.29.4-distroless", Some("1.29.4"), false),
        ("1.27.0", Some("1.27.0"), false),
        ("1.26.9", Some("1.26.9"), true),
        ("1.30.0", Some("1.30.0"), true),
        ("2.29.1", Some("2.29.1"), true),
        ("latest", Some("latest"), false),
    ] {
        let yaml = namespace("shop", ENABLED) + istiod + &pod("shop", "web", "", "istio.io/rev: default", &[], &proxy(tag));
        ask(&yaml, "web", |row| assert_eq!((row.proxy_version, row.skewed_from.is_some()), (version, is_too_far), "{tag}"));
    }
    let yaml = namespace("shop", "istio.io/rev: canary") + &pod("shop", "web", "", "istio.io/rev: default", &[], SIDECAR);
    assert_eq!(state(&yaml, "web").0, MeshState::OtherRevision("canary".into()));
}

/// What passes the proxy of `web`.
fn bypasses(yaml: &str) -> Vec<String> {
    ask(yaml, "web", |row| row.bypasses.iter().map(|bypass| bypass.what.clone()).collect())
}

#[test]
fn s33_ways_past_the_proxy_inbound_and_outbound() {
    let home = namespace("shop", ENABLED);
    for (annotations, expected) in [
        ("", vec![]),
        ("traffic.sidecar.istio.io/excludeInboundPorts: '9090,15020'", vec!["port 9090"]),
        ("traffic.sidecar.istio.io/excludeOutboundPorts: '3306, 6379'", vec!["outbound port 3306", "outbound port 6379"]),
        ("traffic.sidecar.istio.io/excludeOutboundIPRanges: 10.0.0.0/8", vec!["outbound range 10.0.0.0/8"]),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges: '*'", vec![]),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges: 10.0.0.0/8", vec!["every outbound range except 10.0.0.0/8"]),
        ("traffic.sidecar.istio.io/excludeInterfaces: eth1", vec!["interface eth1"]),
        ("sidecar.istio.io/interceptionMode: NONE", vec!["every port"]),
    ] {
        assert_eq!(bypasses(&(home.clone() + &pod("shop", "web", "", annotations, &[], SIDECAR))), expected, "{annotations}");
    }
    let injected = pod("shop", "web", "", "", &[], SIDECAR).replace(
        "spec: {",
        "spec: {initContainers: [{name: istio-init, args: [istio-iptables, -i, '*', -x, '10.1.0.0/16', -o, '8125', -b, '*', -d, '15090']}], ",
    );
    assert_eq!(bypasses(&(home.clone() + &injected)), ["outbound port 8125", "outbound range 10.1.0.0/16"]);
    let as_proxy = pod("shop", "web", "", "", &[], SIDECAR).replace("spec: {", "spec: {securityContext: {runAsUser: 1337}, ");
    assert_eq!(bypasses(&(home + &as_proxy)), ["every container"]);
}

#[test]
fn s152_init_containers_run_before_a_classic_sidecar_only() {
    let early = |yaml: &str| ask(yaml, "web", |row| row.early_containers.iter().map(ToString::to_string).collect::<Vec<_>>());
    let classic = pod("shop", "web", "", "", &[], SIDECAR)
        .replace("spec: {", "spec: {initContainers: [{name: migrate, image: m}, {name: istio-init, image: p}], ");
    assert_eq!(early(&classic), ["migrate"]);
    let native = pod("shop", "web", "", "", &[], "").replace(
        "spec: {",
        "spec: {initContainers: [{name: istio-proxy, image: p, args: [proxy, sidecar], restartPolicy: Always}, {name: migrate, image: m}], ",
    );
    assert!(early(&native).is_empty());
}

#[test]
fn s156_machines_have_what_they_registered_with() {
    let entry = |account: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {{name: vm, namespace: shop}}\nspec: {{address: 10.0.0.1{account}}}\n"
        )
    };
    assert_eq!(state(&entry(", serviceAccount: vm"), "vm").0, MeshState::Meshed);
    assert_eq!(word(&entry(""), "vm"), "Outside Machine");
}

#[test]
fn services_tell_which_endpoints_have_no_proxy() {
    let service = |name: &str, spec: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}, ports: [{{port: 80}}]}}\n"
        )
    };
    let slice = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n\
         metadata: {name: far-1, namespace: shop, labels: {kubernetes.io/service-name: far}}\n\
         endpoints: [{addresses: [192.0.2.1]}]\nports: [{port: 80}]\n";
    let yaml = namespace("shop", "")
        + &meshed_pod("shop", "one", "app: web", "", &[80])
        + &pod("shop", "two", "app: web", "", &[80], "")
        + &service("web", "selector: {app: web}")
        + &service("far", "clusterIP: 10.0.0.9")
        + &service("nobody", "selector: {app: nobody}")
        + slice;
    with(&yaml, |mesh: &Mesh<'_>| {
        let rows = sidecars::services(mesh, &everything());
        let said: Vec<_> = rows.iter().map(|row| (row.service.name.as_str(), row.endpoints, row.without, row.unknown_addresses)).collect();
        assert_eq!(said, [("far", 1, 1, 1), ("web", 2, 1, 0)]);
        assert_eq!(rows[1].workloads[0].0.subject.name, "two");
    });
}
