//! Containers: their ports, arguments and variables.

use super::{port, service::is_tcp};
use crate::object::{Text, wire};

#[derive(Clone, Copy, Debug)]
pub struct Container<'s>(pub(super) &'s wire::Container);

/// A port that a container declares.
#[derive(Clone, Copy, Debug)]
pub struct ContainerPort<'s> {
    /// Its position in the list of ports.
    pub index: usize,
    pub number: u16,
    /// Its name, which Services may refer to; empty if it has none.
    pub name: &'s Text,
    /// The host port that forwards to it, if any (S196).
    pub host_port: Option<u16>,
    /// Whether it is TCP, which is the default.
    pub is_tcp: bool,
}

impl<'s> Container<'s> {
    pub(super) fn of(container: &'s wire::Container) -> Self {
        Self(container)
    }

    #[must_use]
    pub fn name(self) -> &'s Text {
        &self.0.name
    }

    #[must_use]
    pub fn image(self) -> &'s Text {
        &self.0.image
    }

    /// The version in its image's tag, without the variant's suffix (S149); `None` for a digest.
    #[must_use]
    pub fn image_version(self) -> Option<&'s str> {
        let image = self.0.image.as_str();
        if image.contains('@') {
            return None;
        }
        let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
        Some(["-distroless", "-debug"].iter().find_map(|suffix| tag.strip_suffix(suffix)).unwrap_or(tag))
    }

    /// Its arguments.
    #[must_use]
    pub fn args(self) -> &'s [Text] {
        &self.0.args
    }

    /// The environment variables that this tool reads, as name and value; the value is empty if it is not a literal.
    pub fn variables(self) -> impl Iterator<Item = (&'s Text, &'s Text)> + use<'s> {
        self.0.env.iter().map(|variable| (&variable.name, &variable.value))
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn variable(self, name: &str) -> Option<&'s str> {
        self.variables().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is an init container that keeps running beside the others (S146).
    #[must_use]
    pub fn is_native_sidecar(self) -> bool {
        self.0.restart_policy == "Always"
    }

    /// The user ID that its processes run as, if set.
    #[must_use]
    pub fn run_as_user(self) -> Option<i64> {
        self.0.security_context.run_as_user.map(|user| user.0)
    }

    /// The ports that it declares, without those whose number is invalid.
    pub fn ports(self) -> impl Iterator<Item = ContainerPort<'s>> + Clone + use<'s> {
        self.0.ports.iter().enumerate().filter_map(|(index, declared)| {
            Some(ContainerPort {
                index,
                number: port(declared.container_port.0)?,
                name: &declared.name,
                host_port: port(declared.host_port.0),
                is_tcp: is_tcp(&declared.protocol),
            })
        })
    }

    /// The number of its port with this name, whatever the protocol, as the kubelet looks it up (S185).
    #[must_use]
    pub fn port_named(self, name: &str) -> Option<u16> {
        self.ports().find(|port| port.name == name).map(|port| port.number)
    }
}
