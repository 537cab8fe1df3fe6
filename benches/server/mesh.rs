//! What the server holds: a mesh like those of large companies, of one kind of workload in eight shapes.

use serde_json::{Value, json};

use super::{
    Encoding, Items,
    stamp::{REPLICAS, Stamp, VARIANTS, variant},
};
use crate::protobuf;

/// Namespaces of workloads.
pub(super) const NAMESPACES: u64 = 200;

/// A mesh of so many pods; five pods are a Deployment with its `ReplicaSet` and its Service.
pub(super) struct Mesh {
    pods: u64,
}

impl Mesh {
    pub(super) fn new(pods: usize) -> Self {
        Self { pods: pods as u64 }
    }

    /// All objects of a kind in an encoding.
    pub(super) fn items(&self, kind: &str, encoding: Encoding) -> Items {
        let mut items = Items::default();
        for object in singles(kind) {
            items.bytes.extend(match encoding {
                Encoding::Protobuf => protobuf::element(&protobuf::item(kind, &object)),
                Encoding::Json => format!("{object},").into_bytes(),
            });
            items.close();
        }
        let Some((text, step)) = stamped(kind) else { return items };
        let stamps: Vec<Stamp> = (0..VARIANTS).map(|shape| Stamp::new(kind, shaped(text, shape), encoding)).collect();
        for n in (0..self.pods).step_by(step) {
            stamps[variant(n)].write(&mut items.bytes, n);
            items.close();
        }
        items
    }
}

/// The object of which a kind is made, and how many pods lie between two of its objects.
fn stamped(kind: &str) -> Option<(&'static str, usize)> {
    let each = usize::try_from(REPLICAS).unwrap_or(1);
    match kind {
        "Pod" => Some((include_str!("pod.json"), 1)),
        "Deployment" => Some((include_str!("deployment.json"), each)),
        "ReplicaSet" => Some((include_str!("replica-set.json"), each)),
        "Service" => Some((include_str!("service.json"), each)),
        _ => None,
    }
}

/// An object in one of its shapes: with more or fewer variables, and every fourth with a native sidecar.
fn shaped(text: &str, shape: usize) -> Value {
    let mut object: Value = serde_json::from_str(text).expect("the file is JSON");
    let pod = if object["kind"] == "Pod" { "/spec" } else { "/spec/template/spec" };
    if let Some(env) = object.pointer_mut(&format!("{pod}/containers/0/env")).and_then(Value::as_array_mut) {
        env.extend((0..shape).map(|n| json!({"name": format!("UPSTREAM_{n}_URL"), "value": format!("http://upstream-{n}.platform:8080")})));
    }
    if shape % 4 == 3 {
        native_sidecar(&mut object);
    }
    object
}

/// Moves the proxy among the init containers, as where Kubernetes knows sidecars.
fn native_sidecar(pod: &mut Value) {
    for (from, to) in [("/spec/containers", "/spec/initContainers"), ("/status/containerStatuses", "/status/initContainerStatuses")] {
        let moved = pod.pointer_mut(from).and_then(Value::as_array_mut).filter(|all| all.len() > 1).map(|all| all.remove(1));
        if let (Some(proxy), Some(all)) = (moved, pod.pointer_mut(to).and_then(Value::as_array_mut)) {
            all.push(proxy);
        }
    }
    if let Some(proxy) = pod.pointer_mut("/spec/initContainers/1").and_then(Value::as_object_mut) {
        proxy.insert("restartPolicy".into(), "Always".into());
    }
}

/// Objects that there are one by one.
fn singles(kind: &str) -> Vec<Value> {
    match kind {
        "Namespace" => {
            let teams = (0..NAMESPACES).map(|n| namespace(&format!("team-{n:03}"), "enabled"));
            teams.chain([namespace("istio-system", "disabled"), namespace("default", "disabled")]).collect()
        }
        "Deployment" => vec![istiod()],
        "PeerAuthentication" => vec![json!({
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": {"name": "default", "namespace": "istio-system", "creationTimestamp": "2025-01-01T00:00:00Z"},
            "spec": {"mtls": {"mode": "STRICT"}},
        })],
        _ => Vec::new(),
    }
}

fn namespace(name: &str, injection: &str) -> Value {
    json!({
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name, "istio-injection": injection}},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
    })
}

fn istiod() -> Value {
    let labels = json!({"app": "istiod", "istio": "pilot", "istio.io/rev": "default"});
    let env = json!([{"name": "REVISION", "value": "default"}, {"name": "PILOT_TRACE_SAMPLING", "value": "1"}]);
    json!({
        "metadata": {"name": "istiod", "namespace": "istio-system", "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": "istiod"}}, "template": {
            "metadata": {"labels": labels, "annotations": {"sidecar.istio.io/inject": "false"}},
            "spec": {"containers": [{"name": "discovery", "image": "docker.io/istio/pilot:1.29.1", "args": ["discovery"], "env": env}]},
        }},
    })
}

/// The answers that are no lists.
pub(super) fn one(path: &str) -> Option<Value> {
    let group = |name: &str| json!({"name": name, "versions": [{"version": "v1"}, {"version": "v1alpha3"}]});
    match path {
        "/version" => Some(json!({"gitVersion": "v1.36.2"})),
        "/apis" => Some(json!({"groups": [
            group("apps"), group("batch"), group("admissionregistration.k8s.io"), group("discovery.k8s.io"),
            group("security.istio.io"), group("networking.istio.io"),
        ]})),
        "/api/v1/namespaces/istio-system/configmaps/istio" => Some(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"},
            "data": {"mesh": "rootNamespace: istio-system\ntrustDomain: cluster.local\n"},
        })),
        _ => None,
    }
}
