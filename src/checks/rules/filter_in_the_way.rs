//! `EnvoyFilters` that can change the mTLS configuration of workloads.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::envoy_filter_selector,
    mesh::{Dataplane, Mesh, Subject},
    object::{FieldPath, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS117",
    name: "filter-in-the-way",
    severity: Severity::Info,
    summary: "An EnvoyFilter applies to workloads, so the results reported for their mTLS may be inaccurate.",
    why: "An EnvoyFilter can replace listeners, filter chains and transport sockets, and with them the mTLS that the policies \
          require. Its effect cannot be determined from the manifest alone.",
    fix: "Inspect the proxy's configuration: `istioctl proxy-config listener POD -o json`.",
    bad: include_str!("filter_in_the_way.bad.yaml"),
    good: include_str!("filter_in_the_way.good.yaml"),
    inputs: &[Kind::EnvoyFilter, Kind::Pod],
    aka: &[],
    see: &["S42"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let roots: Vec<&str> = mesh.control_planes().roots().collect();
    for read in &mesh.snapshot().envoy_filters {
        let namespace = read.id.namespace.as_str();
        let is_wide = roots.contains(&namespace);
        let selector = envoy_filter_selector(read);
        let workloads = if is_wide { mesh.workloads() } else { mesh.workloads_in(namespace) };
        let selected = workloads.iter().filter(|w| {
            let is_envoy = |dataplane| matches!(dataplane, Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint);
            w.instances.iter().any(|i| is_envoy(i.dataplane) && selector.selects(&i.labels))
        });
        let selected: Vec<&Subject> = selected.map(|workload| &workload.subject).collect();
        // A filter that changes no proxy that was read changes no result.
        if !selected.is_empty() {
            let message = format!(
                "{} changes the configuration of {} ({}): the results reported for their mTLS may be inaccurate",
                read.id,
                plural(selected.len(), "workload"),
                list_names(&selected)
            );
            let at = FieldPath::of("spec.workloadSelector");
            out.push(Finding::about(&RULE, mesh.snapshot(), &read.id, at, message).with_related(selected.into_iter().cloned()));
        }
    }
}
