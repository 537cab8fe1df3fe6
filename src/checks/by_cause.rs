//! Shared by the rules about client-server mismatches: one finding per cause, with the affected calls.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding, Rule,
    block_advice::{Goal, with_block_advice},
};
use crate::{
    mesh::{Mesh, Mismatch, Subject},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

/// The fix if the application behind the port terminates TLS itself: with the mesh's mTLS it would receive plaintext (S241).
const TLS_SERVER: &str = "Weakens protection of the port, which then accepts plaintext too: set PERMISSIVE for it in `portLevelMtls`, and keep \
    a name or `appProtocol` that declares TLS, not HTTP. The application terminates this TLS itself, so with ISTIO_MUTUAL it would receive \
    plaintext. Or pass the TLS of outside clients through the gateway (mode PASSTHROUGH and a `tls` route).";

/// The fix if the Gateway API sets the TLS of all clients, not only of its gateways (S261, S262).
const BACKEND_POLICY: &str = "The policy also applies to sidecars. Create a DestinationRule for the host in the namespace of the Service, with \
    `exportTo: [\"*\"]` and `tls.mode: ISTIO_MUTUAL`, which is applied instead of the policy; or exclude the policy with the annotation \
    `istio.io/ignore-policy-attachment: \"true\"` (from Istio 1.30.1). If the application terminates this TLS itself, set PERMISSIVE for \
    the port in `portLevelMtls`, and declare it as TCP: a name that begins with tcp, or `appProtocol: tcp`.";

/// All mismatches caused by one field of one object.
pub(super) struct MismatchCause<'m> {
    pub(super) id: &'m Id,
    pub(super) at: FieldPath,
    pub(super) mismatches: Vec<&'m Mismatch>,
}

/// Groups the mismatches by cause. `cause_of` returns `None` for those that the rule does not report.
pub(super) fn causes<'m>(mesh: &'m Mesh<'_>, cause_of: impl Fn(&'m Mismatch) -> Option<(&'m Id, FieldPath)>) -> Vec<MismatchCause<'m>> {
    let mut causes: BTreeMap<(&Id, FieldPath), Vec<&Mismatch>> = BTreeMap::new();
    for one in mesh.mismatches() {
        if let Some(cause) = cause_of(one) {
            causes.entry(cause).or_default().push(one);
        }
    }
    causes.into_iter().map(|((id, at), mismatches)| MismatchCause { id, at, mismatches }).collect()
}

/// Adds a finding for every setting of a `DestinationRule` that causes mismatches selected by `is_selected`.
pub(super) fn by_rule(mesh: &Mesh<'_>, rule: &'static Rule, is_selected: impl Fn(&Mismatch) -> bool, does: &str, out: &mut Vec<Finding>) {
    for cause in causes(mesh, |one| one.cause.as_ref().filter(|_| is_selected(one)).map(|(id, at)| (id, at.clone()))) {
        let finding = cause.finding(mesh, rule, does);
        let meets_tls = |one: &&Mismatch| one.is_tls_port && one.sent_as.is_tls_of_rule();
        out.push(if cause.id.kind == Kind::BackendTLSPolicy {
            finding.with_fix(BACKEND_POLICY)
        } else if cause.mismatches.iter().any(meets_tls) {
            finding.with_fix(TLS_SERVER)
        } else {
            cause.with_block_fix(mesh, finding, Goal::FixCalls)
        });
    }
}

impl MismatchCause<'_> {
    /// The finding: what the object does, to which service ports, for which clients.
    pub(super) fn finding(&self, mesh: &Mesh<'_>, rule: &'static Rule, does: &str) -> Finding {
        let message = format!("{} {does} {}; clients: {}", self.id, self.describe_ports(), list_names(self.clients()));
        Finding::about(rule, mesh.snapshot(), self.id, self.at.clone(), message)
            .with_related(self.servers().into_iter().cloned())
            .with_clients(self.mismatches.iter().map(|one| one.clients.as_ref()))
    }

    /// Adds the change of the tls block that reaches the goal, if the field is in one.
    pub(super) fn with_block_fix(&self, mesh: &Mesh<'_>, finding: Finding, goal: Goal) -> Finding {
        match block(&self.at) {
            Some(at) => with_block_advice(mesh, finding, self.id, &at, goal),
            None => finding,
        }
    }

    /// The affected service ports as text: `2 service ports: db.shop.svc.cluster.local:80, …`.
    pub(super) fn describe_ports(&self) -> String {
        let ports_where = |is_selected: &dyn Fn(&Mismatch) -> bool| -> BTreeSet<String> {
            self.mismatches.iter().filter(|one| is_selected(one)).map(|one| describe_port(one)).collect()
        };
        let with_count = |ports: &BTreeSet<String>| {
            (!ports.is_empty()).then(|| format!("{}: {}", plural(ports.len(), "service port"), list_names(ports)))
        };
        let read = with_count(&ports_where(&|one| one.service.1.is_some() && !one.is_assumed));
        let without_workload = with_count(&ports_where(&|one| one.service.1.is_some() && one.is_assumed && one.server.is_none()));
        let assumed = with_count(&ports_where(&|one| one.service.1.is_some() && one.is_assumed && one.server.is_some()));
        let any = ports_where(&|one| one.service.1.is_none());
        let without_workload = without_workload.map(|ports| format!("{ports} (no workload behind them was read)"));
        let assumed = assumed.map(|ports| format!("{ports} (assumed to have sidecars: the namespace was not read)"));
        let unread = (!any.is_empty()).then(|| format!("any endpoint of {} (no Service for it was read)", list_names(&any)));
        read.into_iter().chain(assumed).chain(without_workload).chain(unread).collect::<Vec<_>>().join(", and ")
    }

    pub(super) fn clients(&self) -> BTreeSet<String> {
        self.mismatches.iter().map(|one| describe_clients(one.clients.as_ref())).collect()
    }

    pub(super) fn servers(&self) -> BTreeSet<&Subject> {
        self.mismatches.iter().filter_map(|one| Some(&one.server.as_ref()?.0)).collect()
    }

    /// Whether mesh-wide policies, and whether policies of a namespace or workload, decide what the servers accept.
    pub(super) fn levels(&self, mesh: &Mesh<'_>) -> (bool, bool) {
        let policies: BTreeSet<&Id> = self.mismatches.iter().filter_map(|one| one.policy.as_ref()).collect();
        let is_mesh = |id: &&Id| is_mesh_wide(mesh, id);
        (policies.iter().any(is_mesh), policies.iter().any(|id| !is_mesh(id)))
    }
}

/// The tls block that contains a field.
fn block(at: &FieldPath) -> Option<FieldPath> {
    let steps: Vec<&str> = at.steps().collect();
    let end = steps.iter().rposition(|step| *step == "tls")?;
    Some(steps[..=end].iter().copied().collect())
}

/// Whether a policy is in a root namespace, which makes it mesh-wide (S5).
pub(super) fn is_mesh_wide(mesh: &Mesh<'_>, id: &Id) -> bool {
    mesh.control_planes().is_root(&id.namespace)
}

fn describe_port(one: &Mismatch) -> String {
    let (host, port) = &one.service;
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let subset = one.subset.as_ref().map(|name| format!(" subset {name}")).unwrap_or_default();
    format!("{host}{port}{subset}")
}

/// Display text for the clients of a namespace; `None` means every namespace without rules of its own.
pub(super) fn describe_clients(namespace: Option<&Text>) -> String {
    namespace.map_or_else(|| "every namespace without a rule of its own".to_owned(), |namespace| format!("namespace {namespace}"))
}
