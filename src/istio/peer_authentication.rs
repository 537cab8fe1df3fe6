//! `PeerAuthentication`: what a server accepts (S2–S5).

use std::collections::BTreeMap;

use super::{Decoded, Mode, decode::Errors, parse_port};
use crate::object::{FieldPath, Id, Labels, Origin, Read, Text, wire};

#[derive(Clone, Debug)]
pub struct PeerAuthentication {
    pub id: Id,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    /// The workloads that it selects.
    pub selector: Selector,
    /// Its mode; `None` is UNSET (S3).
    pub mode: Option<Mode>,
    /// Modes of individual workload ports (S16); `None` is UNSET.
    pub ports: BTreeMap<u16, Option<Mode>>,
}

/// The selector of a policy. Absent and empty are equivalent for sidecars, but not for ambient (S127).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// No field `selector`.
    Absent,
    /// A field `selector` without labels.
    Empty,
    /// Labels that a workload must all have.
    Labels(Labels),
}

impl Selector {
    /// The labels, if it has any.
    #[must_use]
    pub fn labels(&self) -> Option<&Labels> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Labels(labels) => Some(labels),
        }
    }

    fn encode(&self) -> Option<wire::Selector> {
        match self {
            Self::Absent => None,
            Self::Empty => Some(wire::Selector::default()),
            Self::Labels(labels) => Some(wire::Selector { match_labels: labels.clone() }),
        }
    }

    pub(super) fn of(selector: Option<&wire::Selector>) -> Self {
        match selector {
            None => Self::Absent,
            Some(selector) if selector.match_labels.is_empty() => Self::Empty,
            Some(selector) => Self::Labels(selector.match_labels.clone()),
        }
    }
}

impl PeerAuthentication {
    /// Decodes a policy, with everything that Istio would reject in it (S4). The schema of the API server rejects the same, so a manifest
    /// with errors will not exist; what was created may be older than the schema, and exists.
    #[must_use]
    pub fn decode(read: &Read<wire::PeerAuthentication>) -> Decoded<Self> {
        let spec = &read.body.spec;
        let mut errors = Errors::new(&read.id);
        let selector = Selector::of(spec.selector.as_ref());
        if let Some(selector) = &spec.selector {
            errors.check_selector(selector, &FieldPath::of("spec.selector"));
        }
        let mode = mode(spec.mtls.as_ref(), &FieldPath::of("spec.mtls.mode"), &mut errors);
        let ports = ports(spec, &selector, &mut errors);
        let is_stored = read.created.is_some() || matches!(read.origin, Origin::Cluster);
        let known = mode.zip(ports).filter(|_| is_stored || errors.errors.is_empty());
        let value = known.map(|(mode, ports)| Self { id: read.id.clone(), created: read.created, selector, mode, ports });
        Decoded { value, errors: errors.errors }
    }

    /// The object that decodes to this policy, with labels and annotations, as the API server would store it.
    #[must_use]
    pub fn encode(&self, labels: &Labels, annotations: &Labels) -> Read<wire::PeerAuthentication> {
        let mode_text = |mode: Option<Mode>| Text::from(mode.map_or("UNSET", Mode::as_str));
        let of_port = |(port, mode): (&u16, &Option<Mode>)| (Text::from(port.to_string()), Some(wire::Mtls { mode: mode_text(*mode) }));
        let mut body = wire::PeerAuthentication::default();
        body.metadata.name = self.id.name.clone();
        body.metadata.namespace = self.id.namespace.clone();
        body.metadata.labels = labels.clone();
        body.metadata.annotations = annotations.clone();
        body.spec = wire::PeerAuthenticationSpec {
            selector: self.selector.encode(),
            mtls: Some(wire::Mtls { mode: mode_text(self.mode) }),
            port_level_mtls: (!self.ports.is_empty()).then(|| wire::Pairs(self.ports.iter().map(of_port).collect())),
        };
        Read { id: self.id.clone(), created: self.created, origin: Origin::Cluster, body }
    }

    /// Istio's ordering by age (S9, S12): see [`Read::age`].
    #[must_use]
    pub fn age(&self) -> (i64, &Text, &Text) {
        (self.created.unwrap_or(i64::MAX), &self.id.name, &self.id.namespace)
    }

    /// The field that sets the mode of a port, or of the workload.
    #[must_use]
    pub fn mode_field(&self, port: Option<u16>) -> FieldPath {
        match port.filter(|port| self.ports.contains_key(port)) {
            Some(port) => FieldPath::of("spec.portLevelMtls").then(port.to_string()).then("mode"),
            None => FieldPath::of("spec.mtls.mode"),
        }
    }
}

/// `Some(None)` is UNSET, `None` a value that the schema rejects.
#[allow(clippy::option_option, reason = "the outer Option is None if the schema rejects the mode")]
fn mode(mtls: Option<&wire::Mtls>, at: &FieldPath, errors: &mut Errors<'_>) -> Option<Option<Mode>> {
    match mtls.map_or("", |mtls| mtls.mode.as_str()) {
        "" | "UNSET" => Some(None),
        "DISABLE" => Some(Some(Mode::Disable)),
        "PERMISSIVE" => Some(Some(Mode::Permissive)),
        "STRICT" => Some(Some(Mode::Strict)),
        mode => {
            errors.add(at.clone(), format!("`{mode}`"), "UNSET, DISABLE, PERMISSIVE or STRICT, in upper case");
            None
        }
    }
}

fn ports(spec: &wire::PeerAuthenticationSpec, selector: &Selector, errors: &mut Errors<'_>) -> Option<BTreeMap<u16, Option<Mode>>> {
    let Some(given) = &spec.port_level_mtls else { return Some(BTreeMap::new()) };
    let at = FieldPath::of("spec.portLevelMtls");
    if given.is_empty() {
        errors.add(at.clone(), "an empty map", "at least one port, or no portLevelMtls");
    } else if selector.labels().is_none() {
        errors.add(
            at.clone(),
            "ports without a selector",
            "a selector with matchLabels: port modes apply only to selected workloads (S16)",
        );
    }
    let mut all = Some(BTreeMap::new());
    for (key, setting) in given.iter() {
        let at = at.clone().then(key.clone());
        let number = parse_port(key);
        if number.is_none() {
            errors.add(at.clone(), format!("`{key}`"), "the number of a workload port, 1 to 65535");
        }
        let mode = mode(setting.as_ref(), &at.then("mode"), errors);
        match (all.as_mut(), number, mode) {
            (Some(all), Some(number), Some(mode)) => _ = all.insert(number, mode),
            _ => all = None,
        }
    }
    all
}
