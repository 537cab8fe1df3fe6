//! What the kubelet calls on a container: probes and lifecycle hooks (S183, S185).

use std::collections::BTreeSet;

use super::{Container, PodSpec, port};
use crate::object::{
    Text,
    wire::{self, HttpGet, IntOrText, LifecycleHandler, ProbeHandler, TcpSocket},
};

/// A call of the kubelet to a port of the pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KubeletCall<'s> {
    /// The field that configures it.
    pub field: KubeletField,
    /// The port of the pod.
    pub port: u16,
    /// What the kubelet sends.
    pub action: KubeletAction<'s>,
}

/// A field of a container that makes the kubelet call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeletField {
    /// `readinessProbe`.
    Readiness,
    /// `livenessProbe`.
    Liveness,
    /// `startupProbe`.
    Startup,
    /// `lifecycle.postStart`.
    PostStart,
    /// `lifecycle.preStop`.
    PreStop,
}

/// What the kubelet sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeletAction<'s> {
    /// A GET of this path.
    Http {
        /// The path; `/` if none is set.
        path: &'s str,
        /// Whether it is sent over TLS.
        is_tls: bool,
    },
    /// A TCP connection that is opened and closed.
    Connect,
    /// A call of gRPC's health service.
    Grpc,
}

impl KubeletField {
    /// The field's path below the container.
    #[must_use]
    pub fn path(self) -> &'static [&'static str] {
        match self {
            Self::Readiness => &["readinessProbe"],
            Self::Liveness => &["livenessProbe"],
            Self::Startup => &["startupProbe"],
            Self::PostStart => &["lifecycle", "postStart"],
            Self::PreStop => &["lifecycle", "preStop"],
        }
    }

    /// A description of the field: `readiness probe`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readiness => "readiness probe",
            Self::Liveness => "liveness probe",
            Self::Startup => "startup probe",
            Self::PostStart => "postStart hook",
            Self::PreStop => "preStop hook",
        }
    }
}

impl<'s> Container<'s> {
    /// Every call of the kubelet to a port of the pod. Calls to another host are left out, and so are calls to a port name that the
    /// container does not declare, which fail in every mode (S185).
    #[must_use]
    pub fn kubelet_calls(self) -> Vec<KubeletCall<'s>> {
        let probes = self.probes().filter_map(|(field, handler)| Some((field, self.of_probe(handler)?)));
        let hooks = self.hooks().filter_map(|(field, handler)| Some((field, self.of_hook(handler)?)));
        probes.chain(hooks).map(|(field, (port, action))| KubeletCall { field, port, action }).collect()
    }

    /// The names of ports that probes and hooks call and that the container does not declare: the kubelet looks for no other containers and
    /// sends nothing, so these calls always fail (S185).
    #[must_use]
    pub fn unknown_ports(self) -> Vec<(KubeletField, &'s Text)> {
        let of_probe = |handler: &'s ProbeHandler| (handler.http_get.as_ref(), handler.tcp_socket.as_ref());
        let of_hook = |handler: &'s LifecycleHandler| (handler.http_get.as_ref(), handler.tcp_socket.as_ref());
        let probes = self.probes().map(|(field, handler)| (field, of_probe(handler)));
        let hooks = self.hooks().map(|(field, handler)| (field, of_hook(handler)));
        let port =
            |(get, socket): (Option<&'s HttpGet>, Option<&'s TcpSocket>)| get.map(|get| &get.port).or(socket.map(|socket| &socket.port));
        let named = probes.chain(hooks).filter_map(|(field, call)| match port(call)? {
            IntOrText::Text(name) => Some((field, name)),
            IntOrText::Int(_) => None,
        });
        named.filter(|(_, name)| self.port_named(name).is_none() && name.parse::<u16>().is_err()).collect()
    }

    fn probes(self) -> impl Iterator<Item = (KubeletField, &'s ProbeHandler)> {
        let all = [
            (KubeletField::Readiness, &self.0.readiness_probe),
            (KubeletField::Liveness, &self.0.liveness_probe),
            (KubeletField::Startup, &self.0.startup_probe),
        ];
        all.into_iter().filter_map(|(field, probe)| Some((field, &probe.as_ref()?.handler)))
    }

    fn hooks(self) -> impl Iterator<Item = (KubeletField, &'s LifecycleHandler)> {
        let lifecycle = self.0.lifecycle.iter();
        lifecycle.flat_map(|all| [(KubeletField::PostStart, &all.post_start), (KubeletField::PreStop, &all.pre_stop)])
    }

    fn has_probes(self) -> bool {
        let wire::Container { readiness_probe, liveness_probe, startup_probe, lifecycle, .. } = self.0;
        readiness_probe.is_some() || liveness_probe.is_some() || startup_probe.is_some() || lifecycle.is_some()
    }

    fn of_probe(self, handler: &'s ProbeHandler) -> Option<(u16, KubeletAction<'s>)> {
        let grpc = || Some((port(handler.grpc?.port.0)?, KubeletAction::Grpc));
        let http = handler.http_get.as_ref().and_then(|get| self.request(get));
        let tcp = || handler.tcp_socket.as_ref().and_then(|socket| self.connection(&socket.port, &socket.host));
        http.or_else(tcp).or_else(grpc)
    }

    fn of_hook(self, handler: &'s LifecycleHandler) -> Option<(u16, KubeletAction<'s>)> {
        let http = handler.http_get.as_ref().and_then(|get| self.request(get));
        http.or_else(|| handler.tcp_socket.as_ref().and_then(|socket| self.connection(&socket.port, &socket.host)))
    }

    fn request(self, get: &'s HttpGet) -> Option<(u16, KubeletAction<'s>)> {
        let path = if get.path.is_empty() { "/" } else { get.path.as_str() };
        Some((self.called_port(&get.port, &get.host)?, KubeletAction::Http { path, is_tls: get.scheme.eq_ignore_ascii_case("HTTPS") }))
    }

    fn connection(self, port: &IntOrText, host: &str) -> Option<(u16, KubeletAction<'s>)> {
        Some((self.called_port(port, host)?, KubeletAction::Connect))
    }

    fn called_port(self, written: &IntOrText, host: &str) -> Option<u16> {
        match written {
            _ if !host.is_empty() => None,
            IntOrText::Int(number) => port(*number),
            IntOrText::Text(name) => self.port_named(name),
        }
    }
}

impl PodSpec<'_> {
    /// The ports that a probe or hook calls over TLS.
    #[must_use]
    pub fn tls_probes(self) -> BTreeSet<u16> {
        self.probed_ports(|action| matches!(action, KubeletAction::Http { is_tls: true, .. }))
    }

    /// The ports that a probe or hook calls over HTTP, with or without TLS.
    #[must_use]
    pub fn http_probes(self) -> BTreeSet<u16> {
        self.probed_ports(|action| matches!(action, KubeletAction::Http { .. }))
    }

    fn probed_ports(self, is_wanted: fn(KubeletAction<'_>) -> bool) -> BTreeSet<u16> {
        let containers = self.containers().chain(self.init_containers()).filter(|container| container.has_probes());
        let calls = containers.flat_map(Container::kubelet_calls);
        calls.filter(|call| is_wanted(call.action)).map(|call| call.port).collect()
    }
}
