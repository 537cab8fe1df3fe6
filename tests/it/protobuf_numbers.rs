//! The field numbers of protobuf against those of `k8s-pb`, which is generated from Kubernetes' own files.
#![expect(clippy::unnecessary_wraps, reason = "the fields of a message are optional")]

use std::collections::{BTreeMap, BTreeSet};

use k8s_pb::{
    api::{
        admissionregistration::v1 as admission, apps::v1 as apps, batch::v1 as batch, core::v1 as core, discovery::v1 as discovery,
        networking::v1 as networking,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1 as extensions,
    apimachinery::pkg::{
        apis::meta::v1::{ObjectMeta, OwnerReference, Time},
        runtime::{TypeMeta, Unknown},
        util::intstr::IntOrString,
    },
    kube_aggregator::pkg::apis::apiregistration::v1 as registration,
};
use kubectl_mtls::{
    object::{Encoding, Kind, Snapshot, wire},
    source::cluster,
};
use prost::Message;

use crate::{api::documents, protobuf, support};

/// A list of one object as its list message: the metadata in field 1, the items in field 2.
#[derive(Clone, PartialEq, Message)]
struct List {
    #[prost(bytes = "vec", repeated, tag = "2")]
    items: Vec<Vec<u8>>,
}

/// The object in the body that an API server sends, read as a page of its kind.
fn page(api_version: &str, kind: Kind, object: &impl Message) -> Snapshot {
    encoded(api_version, kind, object.encode_to_vec())
}

/// The same for an object that is encoded already.
fn encoded(api_version: &str, kind: Kind, object: Vec<u8>) -> Snapshot {
    let list = List { items: vec![object] };
    let type_meta = TypeMeta { api_version: Some(api_version.into()), kind: Some(format!("{}List", kind.name())) };
    let body = Unknown { type_meta: Some(type_meta), raw: Some(list.encode_to_vec()), ..Unknown::default() };
    cluster::page(kind, [[b"k8s\0".as_slice(), &body.encode_to_vec()].concat().as_slice()]).unwrap()
}

/// Asserts that the one object of a list is that of a manifest. Only the encoding of times differs.
macro_rules! assert_same {
    ($list:ident, $page:expr, $manifest:expr) => {{
        let (page, manifest) = ($page, support::snapshot($manifest));
        let ([mut read], [mut expected]) = ([page.$list[0].clone()], [manifest.$list[0].clone()]);
        assert_eq!((&read.id, read.created), (&expected.id, expected.created));
        for one in [&mut read, &mut expected] {
            one.body.metadata.creation_timestamp = wire::Time::Absent;
        }
        assert_eq!(read.body, expected.body);
        assert_eq!((page.len(), manifest.len(), page.gaps.len(), manifest.gaps.len()), (1, 1, 0, 0));
    }};
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn number(number: i32) -> Option<IntOrString> {
    Some(IntOrString { r#type: Some(0), int_val: Some(number), str_val: text("") })
}

fn named(name: &str) -> Option<IntOrString> {
    Some(IntOrString { r#type: Some(1), int_val: Some(0), str_val: text(name) })
}

fn metadata(name: &str) -> Option<ObjectMeta> {
    Some(ObjectMeta { name: text(name), namespace: text("shop"), ..ObjectMeta::default() })
}

fn http_get(path: &str) -> core::HttpGetAction {
    core::HttpGetAction { path: text(path), port: named("http"), host: text("10.0.0.9"), scheme: text("HTTPS"), ..Default::default() }
}

fn probe(handler: core::ProbeHandler) -> Option<core::Probe> {
    Some(core::Probe { handler: Some(handler), period_seconds: Some(7), ..Default::default() })
}

fn container(name: &str) -> core::Container {
    let tcp_socket = core::TcpSocketAction { port: number(8081), host: text("10.0.0.8") };
    core::Container {
        name: text(name),
        image: text("app:1"),
        command: vec!["run".into()],
        args: vec!["proxy".into(), "sidecar".into()],
        ports: vec![core::ContainerPort {
            name: text("http"),
            host_port: Some(18080),
            container_port: Some(8080),
            protocol: text("TCP"),
            host_ip: text("10.0.0.7"),
        }],
        env: vec![core::EnvVar { name: text("ISTIO_META_X"), value: text("a value"), value_from: None }],
        liveness_probe: probe(core::ProbeHandler { http_get: Some(http_get("/live")), ..Default::default() }),
        readiness_probe: probe(core::ProbeHandler { tcp_socket: Some(tcp_socket.clone()), ..Default::default() }),
        startup_probe: probe(core::ProbeHandler {
            grpc: Some(core::GrpcAction { port: Some(9090), service: text("health") }),
            ..Default::default()
        }),
        lifecycle: Some(core::Lifecycle {
            post_start: Some(core::LifecycleHandler { http_get: Some(http_get("/started")), ..Default::default() }),
            pre_stop: Some(core::LifecycleHandler { tcp_socket: Some(tcp_socket), ..Default::default() }),
            stop_signal: text("SIGTERM"),
        }),
        security_context: Some(core::SecurityContext {
            run_as_user: Some(1337),
            run_as_group: Some(1338),
            privileged: Some(true),
            ..Default::default()
        }),
        restart_policy: text("Always"),
        termination_message_path: text("/dev/log"),
        image_pull_policy: text("Never"),
        ..Default::default()
    }
}

fn pod_spec() -> core::PodSpec {
    core::PodSpec {
        containers: vec![container("app")],
        init_containers: vec![container("istio-proxy")],
        restart_policy: text("OnFailure"),
        service_account_name: text("web"),
        service_account: text("other"),
        host_network: Some(true),
        host_pid: Some(false),
        security_context: Some(core::PodSecurityContext { run_as_user: Some(1000), run_as_group: Some(1001), ..Default::default() }),
        ..Default::default()
    }
}

/// What [`pod_spec`] is in a manifest, indented as the field of a pod or of a template.
fn pod_spec_yaml(indent: &str) -> String {
    let container = |name: &str| {
        format!(
            "{{name: {name}, image: 'app:1', command: [run], args: [proxy, sidecar], env: [{{name: ISTIO_META_X, value: a value}}], \
             ports: [{{name: http, hostPort: 18080, containerPort: 8080, protocol: TCP, hostIP: 10.0.0.7}}], \
             livenessProbe: {{httpGet: {{path: /live, port: http, host: 10.0.0.9, scheme: HTTPS}}, periodSeconds: 7}}, \
             readinessProbe: {{tcpSocket: {{port: 8081, host: 10.0.0.8}}}}, startupProbe: {{grpc: {{port: 9090, service: health}}}}, \
             lifecycle: {{postStart: {{httpGet: {{path: /started, port: http, host: 10.0.0.9, scheme: HTTPS}}}}, \
             preStop: {{tcpSocket: {{port: 8081, host: 10.0.0.8}}}}}}, securityContext: {{runAsUser: 1337}}, restartPolicy: Always}}"
        )
    };
    format!(
        "{indent}spec:\n{indent}  containers: [{}]\n{indent}  initContainers: [{}]\n{indent}  serviceAccountName: web\n\
         {indent}  hostNetwork: true\n{indent}  securityContext: {{runAsUser: 1000}}\n",
        container("app"),
        container("istio-proxy")
    )
}

#[test]
fn a_pod_is_read_by_the_numbers_of_kubernetes() {
    let owner = OwnerReference {
        api_version: text("apps/v1"),
        kind: text("ReplicaSet"),
        name: text("web-7c9d"),
        uid: text("1-2-3"),
        controller: Some(true),
        block_owner_deletion: Some(false),
    };
    let metadata = ObjectMeta {
        name: text("web-7c9d-x"),
        generate_name: text("web-7c9d-"),
        namespace: text("shop"),
        self_link: text("/self"),
        uid: text("4-5-6"),
        resource_version: text("77"),
        generation: Some(3),
        creation_timestamp: Some(Time { seconds: Some(1_770_017_400), nanos: Some(0) }),
        deletion_timestamp: Some(Time { seconds: Some(1_770_099_999), nanos: Some(0) }),
        labels: pairs(&[("app", "web"), ("version", "v1")]),
        annotations: pairs(&[("sidecar.istio.io/inject", "true")]),
        owner_references: vec![owner],
        ..Default::default()
    };
    let condition = |of: &str, status: &str| core::PodCondition { r#type: text(of), status: text(status), ..Default::default() };
    let status = core::PodStatus {
        phase: text("Running"),
        conditions: vec![condition("Ready", "True")],
        message: text("a message"),
        reason: text("a reason"),
        host_ip: text("10.0.0.1"),
        pod_ip: text("10.0.0.2"),
        qos_class: text("Burstable"),
        ..Default::default()
    };
    let pod = core::Pod { metadata: Some(metadata), spec: Some(pod_spec()), status: Some(status) };
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-7c9d-x\n  generateName: web-7c9d-\n  namespace: shop\n  \
                    creationTimestamp: \"2026-02-02T07:30:00Z\"\n  labels: {app: web, version: v1}\n  \
                    annotations: {sidecar.istio.io/inject: \"true\"}\n  \
                    ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7c9d, uid: 1-2-3, controller: true}]\n"
        .to_owned()
        + &pod_spec_yaml("")
        + "status: {phase: Running, podIP: 10.0.0.2, conditions: [{type: Ready, status: \"True\"}]}\n";
    assert_same!(pods, page("v1", Kind::Pod, &pod), &manifest);
}

#[test]
fn a_deployment_is_read_by_the_numbers_of_kubernetes() {
    let template = core::PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: pairs(&[("app", "web")]), ..Default::default() }),
        spec: Some(pod_spec()),
    };
    let spec = apps::DeploymentSpec { replicas: Some(3), template: Some(template), min_ready_seconds: Some(5), ..Default::default() };
    let status = apps::DeploymentStatus { replicas: Some(3), ready_replicas: Some(2), ..Default::default() };
    let deployment = apps::Deployment { metadata: metadata("web"), spec: Some(spec), status: Some(status) };
    let manifest =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nstatus: {replicas: 3, readyReplicas: 2}\n\
                    spec:\n  replicas: 3\n  template:\n    metadata: {labels: {app: web}}\n"
            .to_owned()
            + &pod_spec_yaml("    ");
    assert_same!(controllers, page("apps/v1", Kind::Deployment, &deployment), &manifest);
}

#[test]
fn a_service_is_read_by_the_numbers_of_kubernetes() {
    let port = |name: &str, port: i32, target_port| core::ServicePort {
        name: text(name),
        protocol: text("TCP"),
        app_protocol: text("http2"),
        port: Some(port),
        target_port,
        node_port: Some(port + 30_000),
    };
    let spec = core::ServiceSpec {
        ports: vec![port("a", 80, named("http")), port("b", 81, number(8081))],
        selector: pairs(&[("app", "web")]),
        cluster_ip: text("10.96.0.1"),
        r#type: text("NodePort"),
        external_ips: vec!["192.0.2.1".into()],
        session_affinity: text("None"),
        load_balancer_ip: text("192.0.2.2"),
        external_name: text("example.com"),
        external_traffic_policy: text("Local"),
        publish_not_ready_addresses: Some(true),
        internal_traffic_policy: text("Cluster"),
        ..Default::default()
    };
    let service = core::Service { metadata: metadata("web"), spec: Some(spec), status: None };
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  clusterIP: 10.96.0.1\n  \
                    type: NodePort\n  externalName: example.com\n  publishNotReadyAddresses: true\n  ports:\n  \
                    - {name: a, protocol: TCP, appProtocol: http2, port: 80, targetPort: http, nodePort: 30080}\n  \
                    - {name: b, protocol: TCP, appProtocol: http2, port: 81, targetPort: 8081, nodePort: 30081}\n";
    assert_same!(services, page("v1", Kind::Service, &service), manifest);
}

fn pod_reference() -> Option<core::ObjectReference> {
    let (namespace, name, uid) = (text("shop"), text("web-0"), text("1-2-3"));
    Some(core::ObjectReference { kind: text("Pod"), namespace, name, uid, api_version: text("v1"), ..Default::default() })
}

#[test]
fn an_endpoint_slice_is_read_by_the_numbers_of_kubernetes() {
    let conditions = discovery::EndpointConditions { ready: Some(false), serving: Some(true), terminating: Some(true) };
    let endpoint = discovery::Endpoint {
        addresses: vec!["10.0.0.1".into()],
        conditions: Some(conditions),
        hostname: text("web-0"),
        target_ref: pod_reference(),
        node_name: text("node-1"),
        zone: text("a"),
        ..Default::default()
    };
    let port = discovery::EndpointPort { name: text("http"), protocol: text("TCP"), port: Some(8080), app_protocol: text("http2") };
    let slice =
        discovery::EndpointSlice { metadata: metadata("web-1"), address_type: text("IPv4"), endpoints: vec![endpoint], ports: vec![port] };
    let manifest = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, namespace: shop}\naddressType: IPv4\n\
                    ports: [{name: http, protocol: TCP, port: 8080, appProtocol: http2}]\nendpoints:\n\
                    - {addresses: [10.0.0.1], conditions: {ready: false}, targetRef: {kind: Pod, namespace: shop, name: web-0, uid: 1-2-3}}\n";
    assert_same!(endpoint_slices, page("discovery.k8s.io/v1", Kind::EndpointSlice, &slice), manifest);
}

/// The `uid` of an object is equal to every other, so that it is compared here by itself.
#[test]
fn the_uid_of_a_pod_is_read_by_the_number_of_kubernetes() {
    let metadata = Some(ObjectMeta { name: text("web"), namespace: text("shop"), uid: text("1-2-3"), ..ObjectMeta::default() });
    let read = page("v1", Kind::Pod, &core::Pod { metadata, ..core::Pod::default() });
    let manifest = support::snapshot("apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, uid: 1-2-3}\n");
    let uids = [&read, &manifest].map(|snapshot| snapshot.pods[0].meta().uid.0);
    assert_eq!(uids, ["1-2-3".into(); 2]);
    assert_ne!(uids[0], "1-2-4".into());
    let without = page("v1", Kind::Pod, &core::Pod { metadata: self::metadata("web"), ..core::Pod::default() });
    assert!(without.pods[0].meta().uid.0.is_absent());
}

#[test]
fn an_ingress_is_read_by_the_numbers_of_kubernetes() {
    let backend = |name: &str, port: &str, number| networking::IngressBackend {
        service: Some(networking::IngressServiceBackend {
            name: text(name),
            port: Some(networking::ServiceBackendPort { name: text(port), number: Some(number) }),
        }),
        resource: None,
    };
    let path = networking::HttpIngressPath { path: text("/a"), path_type: text("Exact"), backend: Some(backend("web", "http", 0)) };
    let value = networking::IngressRuleValue { http: Some(networking::HttpIngressRuleValue { paths: vec![path] }) };
    let spec = networking::IngressSpec {
        ingress_class_name: text("nginx"),
        default_backend: Some(backend("fallback", "", 8080)),
        tls: vec![networking::IngressTls { hosts: vec!["shop.example".into()], secret_name: text("cert") }],
        rules: vec![networking::IngressRule { host: text("shop.example"), ingress_rule_value: Some(value) }],
    };
    let ingress = networking::Ingress { metadata: metadata("edge"), spec: Some(spec), status: None };
    let manifest = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: edge, namespace: shop}\nspec:\n  ingressClassName: nginx\n  \
                    defaultBackend: {service: {name: fallback, port: {number: 8080}}}\n  tls: [{hosts: [shop.example], secretName: cert}]\n  \
                    rules: [{host: shop.example, http: {paths: [{path: /a, pathType: Exact, backend: {service: {name: web, port: {name: http}}}}]}}]\n";
    assert_same!(ingresses, page("networking.k8s.io/v1", Kind::Ingress, &ingress), manifest);
}

#[test]
fn a_custom_resource_is_read_by_the_numbers_of_kubernetes() {
    let service = extensions::ServiceReference { namespace: text("shop"), name: text("hook"), path: text("/convert"), port: Some(8443) };
    let webhook = extensions::WebhookConversion {
        client_config: Some(extensions::WebhookClientConfig { url: None, service: Some(service), ca_bundle: Some(b"cert".to_vec()) }),
        conversion_review_versions: vec!["v1".into()],
    };
    let spec = extensions::CustomResourceDefinitionSpec {
        group: text("example.com"),
        scope: text("Namespaced"),
        conversion: Some(extensions::CustomResourceConversion { strategy: text("Webhook"), webhook: Some(webhook) }),
        ..Default::default()
    };
    let metadata = Some(ObjectMeta { name: text("things.example.com"), ..Default::default() });
    let definition = extensions::CustomResourceDefinition { metadata, spec: Some(spec), status: None };
    let manifest = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec:\n  \
                    group: example.com\n  scope: Namespaced\n  conversion:\n    strategy: Webhook\n    webhook:\n      \
                    conversionReviewVersions: [v1]\n      \
                    clientConfig: {service: {namespace: shop, name: hook, path: /convert, port: 8443}}\n";
    assert_same!(custom_resources, page("apiextensions.k8s.io/v1", Kind::CustomResourceDefinition, &definition), manifest);
}

/// Decodes a message and encodes it again: a field whose number or type the message does not have is lost.
fn again<M: Message + Default>(bytes: &[u8]) -> Vec<u8> {
    M::decode(bytes).unwrap().encode_to_vec()
}

/// The same for a kind; none if the kind has no protobuf.
fn again_as(kind: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let again = match kind {
        "Namespace" => again::<core::Namespace>,
        "Pod" => again::<core::Pod>,
        "Service" => again::<core::Service>,
        "ConfigMap" => again::<core::ConfigMap>,
        "ReplicationController" => again::<core::ReplicationController>,
        "Deployment" => again::<apps::Deployment>,
        "StatefulSet" => again::<apps::StatefulSet>,
        "DaemonSet" => again::<apps::DaemonSet>,
        "ReplicaSet" => again::<apps::ReplicaSet>,
        "Job" => again::<batch::Job>,
        "CronJob" => again::<batch::CronJob>,
        "Endpoints" => again::<core::Endpoints>,
        "EndpointSlice" => again::<discovery::EndpointSlice>,
        "MutatingWebhookConfiguration" => again::<admission::MutatingWebhookConfiguration>,
        "ValidatingWebhookConfiguration" => again::<admission::ValidatingWebhookConfiguration>,
        "CustomResourceDefinition" => again::<extensions::CustomResourceDefinition>,
        "APIService" => again::<registration::APIService>,
        "Ingress" => again::<networking::Ingress>,
        _ => return None,
    };
    Some(again(bytes))
}

/// Objects of kinds that no mesh has, with every field that is read.
const SAMPLES: [(Kind, &str); 4] = [
    (
        Kind::EndpointSlice,
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\n\
         addressType: IPv4\nendpoints:\n- addresses: [10.0.0.1, 10.0.0.2]\n  conditions: {ready: false, serving: true}\n  \
         targetRef: {kind: Pod, name: web-0, namespace: shop}\nports: [{name: http, port: 8080, protocol: TCP, appProtocol: http}]\n",
    ),
    (
        Kind::ReplicaSet,
        "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 3\n  template:\n    \
         metadata: {labels: {app: web}}\n    spec: {hostNetwork: true, containers: [{name: app, image: 'app:1'}]}\nstatus: {replicas: 3, readyReplicas: 2}\n",
    ),
    (
        Kind::ReplicationController,
        "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 3\n  template:\n    \
         metadata: {labels: {app: web}}\n    spec: {hostNetwork: true, containers: [{name: app, image: 'app:1'}]}\nstatus: {replicas: 3, readyReplicas: 2}\n",
    ),
    (
        Kind::Endpoints,
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web, namespace: shop}\nsubsets:\n\
         - addresses: [{ip: 10.0.0.1, targetRef: {kind: Pod, namespace: shop, name: web-0, uid: 1-2-3}}]\n  \
         notReadyAddresses: [{ip: 10.0.0.2}]\n  ports: [{name: http, port: 8080, protocol: TCP, appProtocol: http2}]\n",
    ),
];

#[test]
fn kinds_that_no_mesh_has_are_read_by_the_numbers_of_kubernetes() {
    let page = |at: usize| {
        let (kind, manifest) = SAMPLES[at];
        encoded(&kind.api_version(), kind, protobuf::item(kind.name(), &documents(manifest)[0]))
    };
    assert_same!(endpoint_slices, page(0), SAMPLES[0].1);
    assert_same!(controllers, page(1), SAMPLES[1].1);
    assert_same!(controllers, page(2), SAMPLES[2].1);
    assert_same!(endpoints, page(3), SAMPLES[3].1);
}

/// The encoder of the tests has a table that was typed by hand.
#[test]
fn the_encoder_of_the_tests_has_the_numbers_of_kubernetes() {
    let mut kinds = BTreeSet::new();
    for path in ["ambient", "bookinfo", "clean", "legacy-versions", "migration", "external-callers", "two-revisions"] {
        for file in std::fs::read_dir(format!("testdata/meshes/{path}")).unwrap() {
            for object in documents(&std::fs::read_to_string(file.unwrap().path()).unwrap()) {
                let kind = object["kind"].as_str().unwrap_or_default();
                let group = object["apiVersion"].as_str().unwrap_or_default();
                if group.contains("istio.io") || group.contains("coreos.com") || !protobuf::is_known(kind) {
                    continue;
                }
                let bytes = protobuf::item(kind, &object);
                assert_eq!(again_as(kind, &bytes).as_deref(), Some(bytes.as_slice()), "{object:#}");
                kinds.insert(kind.to_owned());
            }
        }
    }
    for (kind, object) in SAMPLES {
        let bytes = protobuf::item(kind.name(), &documents(object)[0]);
        assert_eq!(again_as(kind.name(), &bytes).as_deref(), Some(bytes.as_slice()), "{object}");
        kinds.insert(kind.name().to_owned());
    }
    // A new kind needs an object in a mesh or a sample here, a line of the encoder and one of `again_as`.
    let built_in: BTreeSet<String> =
        Kind::ALL.iter().filter(|kind| kind.encoding() == Encoding::Protobuf).map(|kind| kind.name().to_owned()).collect();
    assert_eq!(kinds, built_in, "kinds whose field numbers are compared with those of Kubernetes, and kinds that are read as protobuf");
}
