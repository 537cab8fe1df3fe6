//! DISABLE around something STRICT.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding, Rule, Severity,
    example::{mesh_policy, shop, web},
    finding::some,
};
use crate::{
    istio::Mode,
    mesh::{Dataplane, Mesh, Subject},
    object::{Edit, FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS110",
    name: "namespace-disable-strands-strict-workload",
    severity: Severity::Error,
    summary: "A namespace or mesh policy says DISABLE over a workload or port that is STRICT and that Services lead to.",
    why: "Clients with auto mTLS look at the policy of the namespace, not at that of the workload. They send plaintext, and the \
          STRICT workload closes every connection.",
    fix: "Set the namespace to PERMISSIVE or STRICT, and DISABLE only the workloads that need it.",
    bad: concat!(
        shop!(),
        web!(),
        mesh_policy!("STRICT"),
        r"---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: DISABLE
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  mtls:
    mode: STRICT
"
    ),
    good: concat!(
        shop!(),
        web!(),
        mesh_policy!("STRICT"),
        r"---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: PERMISSIVE
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  mtls:
    mode: STRICT
"
    ),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S17", "S70", "S71"],
};

/// The ports that one policy strands.
#[derive(Default)]
struct Stranded<'m> {
    ports: BTreeSet<(&'m Subject, u16)>,
    policies: BTreeSet<&'m Id>,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<&Id, Stranded<'_>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let namespace = &workload.subject.namespace;
        // Clients of ambient workloads use HBONE, whatever the policies say (S97).
        if instance.dataplane != Dataplane::Sidecar || !mesh.control_planes().of_revision(&instance.revision).auto_mtls {
            continue;
        }
        let wide = mesh.namespace_mode(namespace);
        let Some(cause) = wide.decided_by.filter(|_| wide.mode == Mode::Disable) else { continue };
        for (&port, declared) in &instance.ports {
            let mode = server.port(port);
            if mode.mode == Some(Mode::Strict) && !declared.by_services.is_empty() {
                let stranded = causes.entry(cause).or_default();
                stranded.ports.insert((&workload.subject, port));
                stranded.policies.extend(mode.decided_by);
            }
        }
    }
    for (id, stranded) in causes {
        let ports = some(stranded.ports.iter().map(|(subject, port)| format!("{subject} port {port}")));
        let message = format!(
            "{id} says DISABLE, so clients with auto mTLS send plaintext to {ports}, which {} makes STRICT",
            some(stranded.policies.iter().map(|id| id.path()))
        );
        let at = FieldPath::of("spec.mtls.mode");
        let finding = Finding::about(&RULE, mesh.snapshot(), id, at.clone(), message).related(stranded.policies);
        out.push(finding.patch(id, Edit::Set { at, value: "PERMISSIVE".into() }));
    }
}
