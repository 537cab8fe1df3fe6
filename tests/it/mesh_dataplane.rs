//! Recognising what runs, by the rule of the semantics each test holds (S105, S146–S156).

use crate::{
    mesh_injection::deployment,
    support::{dataplane, instance, mode, namespace, policy, with, workload},
};

/// A running pod `web`.
fn running(labels: &str, annotations: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, labels: {{{labels}}}, annotations: {{{annotations}}}}}\n\
         spec: {{{spec}}}\nstatus: {{phase: Running}}\n"
    )
}

/// A running pod with a container beside the application's.
fn beside(container: &str) -> String {
    running("", "", &format!("containers: [{{name: app, image: app}}, {container}]"))
}

#[test]
fn s146_a_sidecar_is_a_container_called_istio_proxy() {
    let table = [
        ("containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]", "", "sidecar"),
        ("containers: [{name: istio-proxy, args: [proxy, sidecar]}, {name: app}]", "", "sidecar"),
        (
            "initContainers: [{name: istio-init}, {name: istio-proxy, restartPolicy: Always, args: [proxy, sidecar]}], \
             containers: [{name: app}]",
            "",
            "sidecar",
        ),
        ("initContainers: [{name: istio-init}], containers: [{name: app}]", "", "none"),
        ("containers: [{name: app}, {name: proxy, image: istio/proxyv2, args: [proxy, sidecar]}]", "", "none"),
        ("containers: [{name: app}]", "sidecar.istio.io/status: '{\"revision\":\"default\"}'", "none"),
    ];
    for (spec, annotations, expected) in table {
        with(&running("", annotations, spec), |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{spec} {{{annotations}}}"));
    }
}

#[test]
fn s147_roles_by_arguments() {
    let table = [
        ("{name: istio-proxy, args: [proxy, sidecar, --domain, shop.svc.cluster.local]}", "sidecar"),
        ("{name: istio-proxy, args: [proxy, router]}", "gateway"),
        ("{name: istio-proxy, args: [proxy, waypoint]}", "waypoint"),
        ("{name: istio-proxy, args: [proxy, ztunnel]}", "none"),
        ("{name: istio-proxy, args: [proxy, sidecar], env: [{name: ISTIO_META_GENERATOR, value: grpc}]}", "proxyless"),
        ("{name: istio-proxy, args: [proxy, sidecar], env: [{name: ISTIO_META_GENERATOR, value: other}]}", "sidecar"),
    ];
    for (container, expected) in table {
        with(&beside(container), |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{container}"));
    }
    let simple = running("", "", "initContainers: [{name: grpc-bootstrap-init}], containers: [{name: app}]");
    with(&simple, |mesh| assert_eq!(dataplane(mesh, "web"), "proxyless", "grpc-simple"));
}

#[test]
fn s149_version_is_the_tag_of_the_image() {
    let table = [
        ("docker.io/istio/pilot:1.32.1", Some("1.32.1")),
        ("docker.io/istio/pilot:1.32.1-distroless", Some("1.32.1")),
        ("docker.io/istio/pilot:1.32.1-debug", Some("1.32.1")),
        ("docker.io/istio/pilot:1.32-alpha.0-distroless", Some("1.32-alpha.0")),
        ("registry.local:5000/istio/pilot:1.31.0", Some("1.31.0")),
        ("registry.local:5000/istio/pilot", None),
        ("docker.io/istio/pilot@sha256:0123456789abcdef", None),
        ("docker.io/istio/pilot:1.32.1@sha256:0123456789abcdef", None),
    ];
    for (image, expected) in table {
        let yaml = deployment("istio-system", "app: istiod", "", &format!("containers: [{{name: discovery, image: '{image}'}}]"));
        with(&yaml, |mesh| assert_eq!(mesh.control_planes().all()[0].version.as_deref(), expected, "{image}"));
    }
}

#[test]
fn s149_revision_of_a_running_proxy() {
    let proxy = "containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]";
    let status = |revision: &str| format!("sidecar.istio.io/status: '{{\"containers\":[\"istio-proxy\"],\"revision\":\"{revision}\"}}'");
    let table = [
        ("istio.io/rev: canary".to_owned(), "canary"),
        (status("canary"), "canary"),
        (format!("istio.io/rev: canary, {}", status("canary")), "canary"),
        (status("default"), "default"),
        (String::new(), "default"),
    ];
    let config = |name: &str, root: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: istio-system}}\n\
             data: {{mesh: 'rootNamespace: {root}'}}\n"
        )
    };
    let mesh = config("istio", "root-default") + &config("istio-canary", "root-canary");
    let strict = ["default", "canary"].map(|of| policy(&format!("root-{of}"), "mesh", "", "mtls: {mode: STRICT}")).concat();
    for (annotations, expected) in table {
        with(&(running("", &annotations, proxy) + &mesh + &strict), |mesh| {
            assert_eq!(instance(mesh, "web").revision, *expected, "{annotations}");
            assert_eq!(mode(mesh, "web", 0), format!("STRICT root-{expected}/mesh"), "{annotations}");
        });
    }
}

/// A pod of a Job, a `CronJob`'s Job or a Deployment, in some phase.
fn ended(name: &str, owner: &str, phase: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, ownerReferences: [{owner}]}}\n\
         spec: {{containers: [{{name: app}}]}}\nstatus: {{phase: {phase}}}\n"
    )
}

#[test]
fn s153_pods_that_have_ended_do_not_exist() {
    for (phase, expected) in [("Pending", 1), ("Running", 1), ("Unknown", 1), ("Succeeded", 0), ("Failed", 0)] {
        with(&ended("web", "", phase), |mesh| assert_eq!(mesh.workloads().len(), expected, "{phase}"));
    }
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: import, namespace: shop}\n\
         spec: {template: {spec: {containers: [{name: app}]}}}\n";
    let of_job = ended("import-x", "{kind: Job, name: import, controller: true}", "Succeeded");
    with(&(job.to_owned() + &of_job), |mesh| assert_eq!(mesh.workloads().len(), 0, "Job with its ended pod"));
}

#[test]
fn s105_ended_pods_do_not_hide_what_comes_next() {
    let nightly = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly, namespace: shop}\n\
         spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: app}]}}}}}\n\
         ---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: nightly-29000000, namespace: shop, \
         ownerReferences: [{kind: CronJob, name: nightly, controller: true}]}\nspec: {template: {spec: {containers: [{name: app}]}}}\n";
    let of_job = ended("nightly-29000000-x", "{kind: Job, name: nightly-29000000, controller: true}", "Succeeded");
    with(&(namespace("shop", "istio-injection: enabled") + nightly + &of_job), |mesh| {
        assert_eq!((mesh.workloads().len(), dataplane(mesh, "nightly")), (1, "sidecar"));
        assert!(!instance(mesh, "nightly").is_running);
    });
    let evicted = ended("web-x", "{kind: Deployment, name: web, controller: true}", "Failed");
    let web = namespace("shop", "istio-injection: enabled") + &deployment("shop", "", "", "");
    with(&(web + &evicted), |mesh| assert_eq!((mesh.workloads().len(), dataplane(mesh, "web")), (1, "sidecar")));
    let set = "{kind: StatefulSet, name: db, controller: true}";
    with(&(ended("db-0", set, "Failed") + &ended("db-1", set, "Running")), |mesh| assert_eq!(workload(mesh, "db").pods(), 1));
}

#[test]
fn s154_managed_proxies_are_no_opted_out_workloads() {
    let table = [("istio.io-gateway-controller", "router", "gateway"), ("istio.io-mesh-controller", "waypoint", "waypoint")];
    for (controller, role, expected) in table {
        let labels = format!(
            "gateway.networking.k8s.io/gateway-name: web, gateway.istio.io/managed: {controller}, \
             sidecar.istio.io/inject: 'false', istio.io/dataplane-mode: none"
        );
        let spec = format!("containers: [{{name: istio-proxy, args: [proxy, {role}]}}]");
        for web in [running(&labels, "", &spec), deployment("shop", &labels, "", &spec)] {
            with(&(namespace("shop", "istio-injection: enabled") + &web), |mesh| assert_eq!(dataplane(mesh, "web"), expected, "{web}"));
        }
    }
}

#[test]
fn s156_machines_are_workloads_without_pods() {
    let yaml = "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: vm, namespace: shop}\n\
         spec: {address: 10.0.0.9, serviceAccount: vm, labels: {app: vm}}\n";
    with(&(yaml.to_owned() + &policy("shop", "vm", "app=vm", "mtls: {mode: STRICT}")), |mesh| {
        assert_eq!((workload(mesh, "vm").pods(), dataplane(mesh, "vm")), (0, "sidecar"));
        assert_eq!(mode(mesh, "vm", 0), "STRICT shop/vm");
    });
}
