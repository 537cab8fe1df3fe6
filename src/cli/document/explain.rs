//! The document of `explain WORKLOAD`.

use super::{
    audit::workload,
    header::decided_by,
    words::{enforced, policy_mode},
};
use crate::{
    mesh::{Mesh, PortMode, TrailStep},
    object::list_names,
    queries::explain::{Explanation, InstanceExplanation},
    report::document::{audit::Workload, explain as doc},
};

/// A workload with all ports, and why each has its mode.
pub(crate) fn explain(mesh: &Mesh<'_>, answer: &Explanation<'_>) -> doc::Explanation {
    let parts: Vec<doc::PodGroup> = answer.instances.iter().map(|one| part(mesh, one)).collect();
    let hint = answer.confused_port.as_ref().map(|(service, ports)| {
        let targets = list_names(ports);
        format!(
            "this is a port of {service}, which forwards it to port {targets} of the workload: a workload is asked about by its own ports"
        )
    });
    doc::Explanation { workload: with_trails(workload(&answer.row, true), &parts), parts, hint }
}

/// Adds to each port of the workload the trail of the first pods that have the port with that mode.
fn with_trails(mut workload: Workload, parts: &[doc::PodGroup]) -> Workload {
    for port in &mut workload.ports {
        let explained =
            parts.iter().flat_map(|part| &part.ports).find(|explained| explained.port == Some(port.port) && explained.mode == port.mode);
        port.trail = Some(explained.map(|explained| explained.trail.clone()).unwrap_or_default());
    }
    workload
}

fn part(mesh: &Mesh<'_>, part: &InstanceExplanation<'_>) -> doc::PodGroup {
    let instance = part.instance;
    let explained = |(number, mode, trail): &(Option<u16>, PortMode<'_>, Vec<TrailStep>)| doc::ExplainedPort {
        port: *number,
        mode: enforced(mode.mode, mode.is_enforcement_certain()),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: decided_by(mode.known_policy()),
        trail: super::trail::trail(mesh, trail),
    };
    doc::PodGroup {
        pods: instance.pods.iter().map(ToString::to_string).collect(),
        labels: instance.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        dataplane: instance.dataplane.into(),
        revision: instance.revision.to_string(),
        bypasses: instance
            .bypasses
            .iter()
            .map(|bypass| doc::Bypass { what: bypass.what.clone(), opened_by: bypass.caused_by.clone() })
            .collect(),
        ports: part.ports.iter().map(explained).collect(),
    }
}
