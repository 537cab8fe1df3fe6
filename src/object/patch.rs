//! A change of one object that fixes a finding, and the snapshot after it.

use super::{FieldPath, Id, Kind, Read, Snapshot, Text, wire};

/// A change of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Patch {
    pub object: Id,
    pub edit: Edit,
}

/// An edit of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// Deletes the object.
    Delete,
    /// Renumbers a port of `portLevelMtls`.
    RenumberPort {
        /// The current number.
        from: u16,
        /// The new number.
        to: u16,
    },
    /// Sets a field, whatever its value was.
    Set {
        at: FieldPath,
        /// The new value.
        value: Text,
    },
    /// Replaces a `tls` block of a `DestinationRule` by one with mode `ISTIO_MUTUAL` and nothing else.
    SetIstioMutual {
        /// The block.
        at: FieldPath,
    },
    /// Removes a `tls` block of a `DestinationRule`, so that automatic mTLS decides.
    RemoveTls {
        /// The block.
        at: FieldPath,
    },
}

impl Snapshot {
    /// Applies a patch. Returns whether the object and the field exist; otherwise nothing is changed.
    #[must_use]
    pub fn apply(&mut self, patch: &Patch) -> bool {
        let Patch { object, edit } = patch;
        match (object.kind, edit) {
            (Kind::PeerAuthentication, Edit::Delete) => {
                let before = self.peer_authentications.len();
                self.peer_authentications.retain(|read| read.id != *object);
                self.peer_authentications.len() < before
            }
            (Kind::PeerAuthentication, edit) => change(&mut self.peer_authentications, object, |body| edit_policy(body, edit)),
            (Kind::DestinationRule, edit) => change(&mut self.destination_rules, object, |body| edit_rule(body, edit)),
            (Kind::ServiceEntry, Edit::Set { at, value }) if *at == FieldPath::of("spec.location") => {
                change(&mut self.service_entries, object, |body| {
                    body.spec.location = value.clone();
                    true
                })
            }
            _ => false,
        }
    }
}

fn change<T>(list: &mut [Read<T>], object: &Id, change: impl FnOnce(&mut T) -> bool) -> bool {
    list.iter_mut().find(|read| read.id == *object).is_some_and(|read| change(&mut read.body))
}

fn edit_policy(policy: &mut wire::PeerAuthentication, edit: &Edit) -> bool {
    let spec = &mut policy.spec;
    match edit {
        Edit::Set { at, value } if *at == FieldPath::of("spec.mtls.mode") => {
            spec.mtls.get_or_insert_default().mode = value.clone();
            true
        }
        Edit::RenumberPort { from, to } => {
            let ports = spec.port_level_mtls.iter_mut().flat_map(|ports| &mut ports.0);
            let (from, to) = (from.to_string(), to.to_string());
            ports.into_iter().find(|(port, _)| *port == *from).is_some_and(|(port, _)| {
                *port = to.into();
                true
            })
        }
        Edit::Set { .. } | Edit::Delete | Edit::SetIstioMutual { .. } | Edit::RemoveTls { .. } => false,
    }
}

fn edit_rule(rule: &mut wire::DestinationRule, edit: &Edit) -> bool {
    match edit {
        Edit::Set { at, value } if *at == FieldPath::of("spec.host") => {
            rule.spec.host = value.clone();
            true
        }
        Edit::SetIstioMutual { at } => tls_block(rule, at).is_some_and(|tls| {
            *tls = Some(wire::Tls { mode: "ISTIO_MUTUAL".into(), ..wire::Tls::default() });
            true
        }),
        Edit::RemoveTls { at } => tls_block(rule, at).is_some_and(|tls| tls.take().is_some()),
        Edit::Set { .. } | Edit::Delete | Edit::RenumberPort { .. } => false,
    }
}

/// The `tls` block at a path such as `spec.trafficPolicy.tls`.
fn tls_block<'r>(rule: &'r mut wire::DestinationRule, at: &FieldPath) -> Option<&'r mut Option<wire::Tls>> {
    let steps: Vec<&str> = at.steps().collect();
    let (policy, rest) = match steps.as_slice() {
        ["spec", "trafficPolicy", rest @ ..] => (rule.spec.traffic_policy.as_mut()?, rest),
        ["spec", "subsets", n, "trafficPolicy", rest @ ..] => {
            (rule.spec.subsets.0.get_mut(n.parse::<usize>().ok()?)?.traffic_policy.as_mut()?, rest)
        }
        _ => return None,
    };
    match rest {
        ["tls"] => Some(&mut policy.tls),
        ["portLevelSettings", n, "tls"] => Some(&mut policy.port_level_settings.0.get_mut(n.parse::<usize>().ok()?)?.tls),
        _ => None,
    }
}
