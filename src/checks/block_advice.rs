//! Which change of a tls block fixes a finding: automatic mTLS decides for each endpoint, so removing the block comes before `ISTIO_MUTUAL`, and
//! either is proposed only if no call that works would fail.

use super::Finding;
use crate::{
    mesh::{ChangedCall, Mesh, RuleChange},
    object::{Edit, FieldPath, Id},
};

/// What a change has to do besides breaking nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The calls that have the settings of the block succeed, and use mTLS where it is accepted.
    FixCalls,
    /// The block is valid; calls that fail for another reason have findings of their own.
    ReplaceBlock,
    /// The block is removed, even if clients then send plaintext: the advice begins with it.
    AllowPlaintext,
}

/// Why a change is not proposed.
enum Obstacle {
    Breaks(ChangedCall),
    Weakens(ChangedCall),
    StillFails(ChangedCall),
    AutomaticMtlsIsOff,
}

/// Adds the change of a tls block that reaches the goal to the finding, or why none does.
pub(super) fn with_block_advice(mesh: &Mesh<'_>, finding: Finding, id: &Id, block: &FieldPath, goal: Goal) -> Finding {
    let [remove, mutual] = [Edit::RemoveTls { at: block.clone() }, Edit::SetIstioMutual { at: block.clone() }];
    let without = match obstacle(mesh, id, &remove, goal) {
        None => {
            let fix = format!("Remove `{block}` from {id}, so that automatic mTLS decides for each endpoint.");
            return finding.with_fix(fix).with_patch(id, remove);
        }
        Some(Obstacle::Weakens(call)) if goal == Goal::AllowPlaintext => {
            let fix = format!(
                "Weakens protection, because clients then send plaintext to {}: remove `{block}` from {id}. To keep mTLS, give this server a \
                 proxy instead.",
                place(&call)
            );
            return finding.with_fix(fix).with_weakening_patch(id, remove);
        }
        Some(other) => other,
    };
    if goal == Goal::AllowPlaintext {
        return finding.with_fix(format!("It is not enough to remove `{block}` from {id}: {without}. Give the servers a proxy first."));
    }
    match obstacle(mesh, id, &mutual, goal) {
        None => {
            let fix = format!("Set `mode: ISTIO_MUTUAL`, and nothing else, in `{block}` of {id}. Removing it is not enough: {without}.");
            finding.with_fix(fix).with_patch(id, mutual)
        }
        Some(with) => finding.with_fix(format!(
            "No change of `{block}` in {id} is enough: without it, {without}; with ISTIO_MUTUAL, {with}. Change these servers first, so that \
             all of them accept mTLS, or give them a host of their own."
        )),
    }
}

fn obstacle(mesh: &Mesh<'_>, id: &Id, edit: &Edit, goal: Goal) -> Option<Obstacle> {
    let RuleChange { broken, weakened, unfixed, is_evaluated } = mesh.rule_change(id, edit)?;
    // Without endpoints, only the mesh configuration shows what automatic mTLS does.
    let is_off = || !mesh.control_planes().of_namespace(mesh.namespace_labels(&id.namespace)).auto_mtls;
    if !is_evaluated && matches!(edit, Edit::RemoveTls { .. }) && goal == Goal::FixCalls && is_off() {
        return Some(Obstacle::AutomaticMtlsIsOff);
    }
    let unfixed = unfixed.filter(|_| goal != Goal::ReplaceBlock);
    broken.map(Obstacle::Breaks).or_else(|| unfixed.map(Obstacle::StillFails)).or_else(|| weakened.map(Obstacle::Weakens))
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let result = |call: &ChangedCall| call.failure().map_or("it is not protected by mTLS", |failure| failure.cause());
        match self {
            Self::Breaks(call) => write!(f, "a call to {} that works now would fail ({})", place(call), result(call)),
            Self::Weakens(call) => write!(f, "clients would send plaintext to {}", place(call)),
            Self::StillFails(call) => write!(f, "a call to {} would stay as it is ({})", place(call), result(call)),
            Self::AutomaticMtlsIsOff => f.write_str("automatic mTLS is off (`enableAutoMtls: false`)"),
        }
    }
}

/// The server of a call, and the service through which it is called.
fn place(call: &ChangedCall) -> String {
    let (host, port) = &call.service;
    match &call.server {
        Some((workload, _)) => format!("{workload} ({host}:{port})"),
        None => format!("{host}:{port}"),
    }
}
