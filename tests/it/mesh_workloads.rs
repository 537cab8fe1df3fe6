//! What a workload is and which ports it has, by the rule of the semantics each test holds (S23, S44, S74, S82, S104).

use kubectl_mtls::mesh::Mesh;

use crate::{
    mesh_injection::deployment,
    support::{ambient_pod, dataplane, instance, meshed_pod, mode, namespace, pod, policy, ports, with, workload},
};

/// An object of some kind in namespace `shop`: its owner as `Kind/name` (empty for none), and the rest of it.
fn owned(api: &str, kind: &str, name: &str, labels: &str, owner: &str, rest: &str) -> String {
    let owner = owner.split_once('/').map(|(kind, name)| format!("{{kind: {kind}, name: {name}, controller: true}}")).unwrap_or_default();
    format!(
        "---\napiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop, labels: {{{labels}}}, \
         ownerReferences: [{owner}]}}\n{rest}\n"
    )
}

fn owned_pod(name: &str, labels: &str, owner: &str) -> String {
    owned("v1", "Pod", name, labels, owner, "spec: {containers: [{name: app}]}\nstatus: {phase: Running}")
}

fn controller(kind: &str, name: &str, owner: &str) -> String {
    let api = if kind == "Job" { "batch/v1" } else { "apps/v1" };
    owned(api, kind, name, "", owner, "spec: {template: {spec: {containers: [{name: app}]}}}")
}

/// `Kind/name` of every workload.
fn subjects(mesh: &Mesh<'_>) -> Vec<String> {
    mesh.workloads().iter().map(|workload| format!("{}/{}", workload.subject.kind, workload.subject.name)).collect()
}

fn networking(kind: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n")
}

fn service(namespace: &str, spec: &str) -> String {
    format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: {namespace}}}\nspec: {{{spec}}}\n")
}

/// Workload port, and the number that clients call.
type Served<'p> = &'p [(u16, u16)];

/// Workload ports that Services or `ServiceEntries` lead to, with the number that clients call.
fn served(mesh: &Mesh<'_>, name: &str) -> Vec<(u16, u16)> {
    let workload = workload(mesh, name);
    let declared = &workload.instances[0].ports;
    declared.iter().flat_map(|(port, by)| by.by_services.iter().map(|service| (*port, service.number))).collect()
}

#[test]
fn pods_belong_to_their_topmost_owner() {
    let hash = "pod-template-hash: 5d8f";
    let table = [
        ("bare pod", owned_pod("web", "", ""), "Pod/web"),
        ("mirror pod", owned_pod("web", "", "Node/n1"), "Pod/web"),
        ("StatefulSet", owned_pod("db-0", "", "StatefulSet/db"), "StatefulSet/db"),
        ("DaemonSet", owned_pod("log-x", "", "DaemonSet/log"), "DaemonSet/log"),
        ("Job", owned_pod("import-x", "", "Job/import"), "Job/import"),
        ("unknown kind", owned_pod("web-x", "", "CloneSet/web"), "CloneSet/web"),
        (
            "ReplicaSet of a Deployment",
            owned_pod("web-5d8f-x", hash, "ReplicaSet/web-5d8f") + &controller("ReplicaSet", "web-5d8f", "Deployment/web"),
            "Deployment/web",
        ),
        (
            "ReplicaSet of a Rollout",
            owned_pod("web-5d8f-x", "", "ReplicaSet/web-5d8f") + &controller("ReplicaSet", "web-5d8f", "Rollout/web"),
            "Rollout/web",
        ),
        (
            "ReplicaSet of its own",
            owned_pod("web-5d8f-x", hash, "ReplicaSet/web-5d8f") + &controller("ReplicaSet", "web-5d8f", ""),
            "ReplicaSet/web-5d8f",
        ),
        ("absent ReplicaSet of a Deployment", owned_pod("web-5d8f-x", hash, "ReplicaSet/web-5d8f"), "Deployment/web"),
        ("absent ReplicaSet of its own", owned_pod("web-a-x", "", "ReplicaSet/web-a"), "ReplicaSet/web-a"),
        ("Job of a CronJob", owned_pod("night-x-y", "", "Job/night-x") + &controller("Job", "night-x", "CronJob/night"), "CronJob/night"),
        ("absent Job of a CronJob", owned_pod("night-29000000-y", "", "Job/night-29000000"), "CronJob/night"),
    ];
    for (row, yaml, expected) in table {
        with(&yaml, |mesh| assert_eq!(subjects(mesh), [expected], "{row}"));
    }
}

#[test]
fn a_controller_with_pods_is_not_counted_twice() {
    let pods = ["a", "b"].map(|tail| owned_pod(&format!("web-5d8f-{tail}"), "app: web", "ReplicaSet/web-5d8f")).concat();
    let set = controller("ReplicaSet", "web-5d8f", "Deployment/web");
    let web = deployment("shop", "app: web", "", "");
    with(&(namespace("shop", "istio-injection: enabled") + &web + &set + &pods), |mesh| {
        assert_eq!(subjects(mesh), ["Deployment/web"]);
        assert_eq!((workload(mesh, "web").pods(), dataplane(mesh, "web")), (2, "none"));
        assert!(workload(mesh, "web").instances.iter().all(|instance| instance.is_running));
    });
    with(&(namespace("shop", "istio-injection: enabled") + &web + &set), |mesh| {
        assert_eq!(subjects(mesh), ["Deployment/web"]);
        assert_eq!((workload(mesh, "web").pods(), dataplane(mesh, "web")), (0, "sidecar"));
        assert!(!instance(mesh, "web").is_running);
    });
}

#[test]
fn a_replica_set_of_an_unknown_controller_stands_for_its_pods() {
    with(&controller("ReplicaSet", "web-5d8f", "Rollout/web"), |mesh| assert_eq!(mesh.workloads().len(), 1));
}

#[test]
fn s74_which_machines_are_in_the_mesh() {
    let table = [
        ("serviceAccount: vm", "sidecar"),
        ("labels: {security.istio.io/tlsMode: istio}", "sidecar"),
        ("serviceAccount: vm, labels: {security.istio.io/tlsMode: istio}", "sidecar"),
        ("labels: {app: vm}", "none"),
    ];
    for (spec, expected) in table {
        let yaml = networking("WorkloadEntry", "vm", &format!("address: 10.0.0.9, {spec}"));
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "vm"), expected, "{spec}"));
    }
}

#[test]
fn s82_machines_of_a_group_are_one_workload() {
    let group = networking("WorkloadGroup", "vms", "metadata: {labels: {app: vm}}, template: {serviceAccount: vm}");
    let entry = |name: &str| {
        let spec = "spec: {address: 10.0.0.9, serviceAccount: vm, labels: {app: vm}}";
        owned("networking.istio.io/v1", "WorkloadEntry", name, "", "WorkloadGroup/vms", spec)
    };
    let strict = policy("shop", "strict", "app=vm", "mtls: {mode: STRICT}");
    for entries in [String::new(), entry("vms-1"), entry("vms-1") + &entry("vms-2")] {
        with(&(group.clone() + &entries + &strict), |mesh| {
            assert_eq!(subjects(mesh), ["WorkloadGroup/vms"], "{entries}");
            assert_eq!(mode(mesh, "vms", 0), "STRICT shop/strict", "{entries}");
        });
    }
}

#[test]
fn s82_services_select_machines_and_entries_select_pods() {
    let yaml = [
        networking("WorkloadEntry", "vm", "address: 10.0.0.9, serviceAccount: vm, labels: {app: web}"),
        meshed_pod("shop", "pod", "app: web", "", &[]),
        meshed_pod("depot", "elsewhere", "app: web", "", &[]),
        service("shop", "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]"),
        networking(
            "ServiceEntry",
            "entry",
            "hosts: [web.example], workloadSelector: {labels: {app: web}}, \
             ports: [{number: 81, targetPort: 8181, name: a, protocol: HTTP}, {number: 82, name: b, protocol: TCP}]",
        ),
    ];
    with(&yaml.concat(), |mesh| {
        for name in ["vm", "pod"] {
            assert_eq!(served(mesh, name), [(82, 82), (8080, 80), (8181, 81)], "{name}");
        }
        assert_eq!(served(mesh, "elsewhere"), []);
    });
}

#[test]
fn s104_target_ports() {
    let one = "containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]";
    let two = "containers: [{name: a, ports: [{name: http, containerPort: 8081}]}, {name: b, ports: [{name: http, containerPort: 8082}]}]";
    let protocols =
        "containers: [{name: a, ports: [{name: dns, containerPort: 53, protocol: UDP}, {name: dns, containerPort: 5353, protocol: TCP}]}]";
    let native =
        "initContainers: [{name: i, restartPolicy: Always, ports: [{name: http, containerPort: 7070}]}], containers: [{name: app}]";
    let both = "initContainers: [{name: i, restartPolicy: Always, ports: [{name: http, containerPort: 7070}]}], \
                containers: [{name: app, ports: [{name: http, containerPort: 8080}]}]";
    let init = "initContainers: [{name: i, ports: [{name: http, containerPort: 7070}]}], containers: [{name: app}]";
    let table: [(&str, &str, Served<'_>); 12] = [
        (one, "{port: 80}", &[(80, 80)]),
        (one, "{port: 80, targetPort: 8080}", &[(8080, 80)]),
        (one, "{port: 80, targetPort: 9999}", &[(9999, 80)]),
        (one, "{port: 80, targetPort: http}", &[(8080, 80)]),
        (one, "{port: 80, targetPort: grpc}", &[]),
        (one, "{port: 80, targetPort: http, protocol: TCP}", &[(8080, 80)]),
        (one, "{name: a, port: 80}, {name: b, port: 81, targetPort: http}", &[(80, 80), (8080, 81)]),
        (two, "{port: 80, targetPort: http}", &[(8081, 80)]),
        (protocols, "{port: 53, targetPort: dns}", &[(5353, 53)]),
        (native, "{port: 80, targetPort: http}", &[(7070, 80)]),
        (both, "{port: 80, targetPort: http}", &[(8080, 80)]),
        (init, "{port: 80, targetPort: http}", &[]),
    ];
    for (spec, port, expected) in table {
        let running = format!("spec: {{{spec}}}\nstatus: {{phase: Running}}");
        let yaml =
            owned("v1", "Pod", "pod", "app: web", "", &running) + &service("shop", &format!("selector: {{app: web}}, ports: [{port}]"));
        with(&yaml, |mesh| assert_eq!(served(mesh, "pod"), expected, "{port} of {spec}"));
    }
}

#[test]
fn s104_pods_of_one_service_may_listen_on_different_ports() {
    let listening = |name: &str, port: u16| {
        let rest =
            format!("spec: {{containers: [{{name: app, ports: [{{name: http, containerPort: {port}}}]}}]}}\nstatus: {{phase: Running}}");
        owned("v1", "Pod", name, "app: web", "", &rest)
    };
    let yaml =
        listening("a", 8080) + &listening("b", 9090) + &service("shop", "selector: {app: web}, ports: [{port: 80, targetPort: http}]");
    with(&yaml, |mesh| assert_eq!((served(mesh, "a"), served(mesh, "b")), (vec![(8080, 80)], vec![(9090, 80)])));
}

#[test]
fn s23_services_declare_ports_of_the_pods_they_select() {
    let table: [(&str, &str, &[u16]); 6] = [
        ("shop", "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]", &[7070, 8080]),
        ("depot", "selector: {app: web}, ports: [{port: 80, targetPort: 8080}]", &[7070]),
        ("shop", "selector: {app: web, tier: front}, ports: [{port: 80, targetPort: 8080}]", &[7070]),
        ("shop", "ports: [{port: 80, targetPort: 8080}]", &[7070]),
        ("shop", "type: ExternalName, externalName: web.example, selector: {app: web}, ports: [{port: 80}]", &[7070]),
        ("shop", "selector: {app: web}, ports: [{port: 53, targetPort: 5353, protocol: UDP}]", &[7070]),
    ];
    for (of, spec, expected) in table {
        let yaml = meshed_pod("shop", "pod", "app: web", "", &[7070]) + &service(of, spec);
        with(&yaml, |mesh| assert_eq!(ports(mesh, "pod"), expected, "{of} {spec}"));
    }
}

#[test]
fn s44_ingress_of_the_sidecar_in_force() {
    let ingress = |namespace: &str, name: &str, selector: &str, port: u16| {
        let selector = if selector.is_empty() { String::new() } else { format!("workloadSelector: {{labels: {{{selector}}}}}, ") };
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
             spec: {{{selector}ingress: [{{port: {{number: {port}, protocol: HTTP, name: http}}, defaultEndpoint: '127.0.0.1:80'}}]}}\n"
        )
    };
    let (own, whole, root) =
        (ingress("shop", "z", "app: web", 9001), ingress("shop", "a", "", 9002), ingress("istio-system", "default", "", 9003));
    let other = ingress("shop", "other", "app: other", 9004);
    let in_root = ingress("istio-system", "selecting", "app: web", 9005);
    let table: [(&str, String, &[u16]); 6] = [
        ("own before the namespace's", format!("{own}{whole}{root}"), &[7070, 9001]),
        ("the namespace's before the root's", format!("{whole}{root}"), &[7070, 9002]),
        ("the root's", root.clone(), &[7070, 9003]),
        ("another workload's", other.clone(), &[7070]),
        ("another workload's, then the root's", format!("{other}{root}"), &[7070, 9003]),
        ("a selector in the root namespace", in_root, &[7070]),
    ];
    for (row, sidecars, expected) in table {
        let yaml = meshed_pod("shop", "pod", "app: web", "", &[7070]) + &sidecars;
        with(&yaml, |mesh| assert_eq!(ports(mesh, "pod"), expected, "{row}"));
    }
    for other in [ambient_pod("shop", "pod", "app: web", &[7070]), pod("shop", "pod", "app: web", "", &[7070], "")] {
        with(&(other + &own), |mesh| assert_eq!(ports(mesh, "pod"), [7070], "Sidecars are for sidecars"));
    }
}

/// Services and workloads of which every one selects all, but each workload has a name of its own.
fn square(count: u16) -> String {
    let namespaces = namespace("shop", "istio-injection: enabled") + &policy("shop", "default", "", "mtls: {mode: STRICT}");
    (0..count).fold(namespaces, |text, at| {
        let pod = meshed_pod("shop", &format!("web-{at}"), &format!("part-of: shop, app: web-{at}"), "", &[8080]);
        let spec = "{selector: {part-of: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}";
        text + &pod + &format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: s-{at}, namespace: shop}}\nspec: {spec}\n")
    })
}

#[test]
fn where_every_service_selects_every_workload_the_work_grows_with_their_sum_and_not_their_product() {
    for count in [10, 20, 40] {
        with(&square(count), |mesh| {
            let evaluated = |service: &kubectl_mtls::mesh::Service<'_>| mesh.endpoint_classes(service, &service.ports[0]).len();
            let total: usize = mesh.registry().services().iter().map(evaluated).sum();
            assert_eq!(total, usize::from(count), "one endpoint of each Service is evaluated");
            assert!(mesh.registry().services().iter().all(|one| mesh.endpoints(one, &one.ports[0]).len() == usize::from(count)));
            let lists: Vec<_> = mesh.workloads().iter().map(|workload| workload.instances[0].ports[&8080].by_services.as_ptr()).collect();
            assert!(lists.windows(2).all(|pair| pair[0] == pair[1]), "the declared ports are one list, not one for each workload");
        });
    }
}

#[test]
fn workloads_that_a_policy_or_a_subset_tells_apart_are_in_classes_of_their_own() {
    let classes = |more: &str| {
        with(&(square(10) + more), |mesh| {
            let service = &mesh.registry().services()[0];
            mesh.endpoint_classes(service, &service.ports[0]).len()
        })
    };
    assert_eq!(classes(""), 1);
    assert_eq!(classes(&policy("shop", "one", "app=web-3", "mtls: {mode: PERMISSIVE}")), 10, "`app` decides");
    let subset = networking("DestinationRule", "split", "host: s-0, subsets: [{name: one, labels: {app: web-1}}]");
    assert_eq!(classes(&subset), 10, "`app` decides");
    assert_eq!(classes(&policy("other", "one", "app=web-3", "mtls: {mode: PERMISSIVE}")), 1, "a policy of another namespace does not");
}
