//! A `DestinationRule` after a change of one of its tls blocks.

use super::{DestinationRule, Tls, TlsMode, TrafficPolicy};
use crate::object::{Edit, FieldPath};

impl DestinationRule {
    /// The rule after a change of a tls block; `None` if the block has no effect, or if the change is not one of a block.
    #[must_use]
    pub fn edited(&self, edit: &Edit) -> Option<Self> {
        let mut edited = self.clone();
        let (at, tls) = match edit {
            Edit::SetIstioMutual { at } => (at, Some(Tls::istio_mutual())),
            Edit::RemoveTls { at } => (at, None),
            Edit::Delete | Edit::RenumberPort { .. } | Edit::Set { .. } => return None,
        };
        *edited.effective_block(at)? = tls;
        Some(edited)
    }

    /// The settings of the block at a path such as `spec.trafficPolicy.tls`.
    fn effective_block(&mut self, at: &FieldPath) -> Option<&mut Option<Tls>> {
        let steps: Vec<&str> = at.steps().collect();
        match steps.as_slice() {
            ["spec", "trafficPolicy", rest @ ..] => block_of(&mut self.policy, rest),
            ["spec", "subsets", n, "trafficPolicy", rest @ ..] => {
                block_of(&mut self.subsets.get_mut(n.parse::<usize>().ok()?)?.policy, rest)
            }
            _ => None,
        }
    }
}

fn block_of<'p>(policy: &'p mut TrafficPolicy, rest: &[&str]) -> Option<&'p mut Option<Tls>> {
    match rest {
        ["tls"] => Some(&mut policy.tls),
        ["portLevelSettings", n, "tls"] => {
            let index = n.parse::<usize>().ok()?;
            let (port, _) = policy.entry_indices.iter().find(|(_, at)| **at == index)?;
            policy.port_tls.get_mut(port)
        }
        _ => None,
    }
}

impl Tls {
    /// The mesh's mTLS, without other settings.
    fn istio_mutual() -> Self {
        Self {
            mode: TlsMode::IstioMutual,
            is_mode_set: true,
            credential_name: String::new().into(),
            has_certificate: false,
            subject_alt_names: None,
            verification: super::destination_rule::Verification::default(),
        }
    }
}
