//! Ports that are known to accept only TLS, because callers from outside the mesh send them TLS (S96, S239).

use super::external_caller::ExternalCallerKind;
use crate::mesh::{Instance, Mesh};

impl Mesh<'_> {
    /// Why it is known that the application behind a port accepts TLS: a probe is sent over TLS, or the API server calls the port, which
    /// sends nothing else. What a port only declares by its name is not counted.
    #[must_use]
    pub fn known_tls_server(&self, instance: &Instance<'_>, port: u16) -> Option<String> {
        if instance.tls_probes.contains(&port) {
            return Some("the kubelet probes this port over TLS".to_owned());
        }
        self.called_by_api_server(instance, port)
    }

    fn called_by_api_server(&self, instance: &Instance<'_>, target: u16) -> Option<String> {
        let calls = self.external_calls();
        let services = calls.called(self.indices.snapshot(), instance.namespace, &instance.labels);
        let of_api_server = services.flat_map(|service| {
            let ports = service.tcp_ports().filter(|port| instance.target_of(port.target) == Some(target));
            ports.flat_map(move |port| calls.of(service.id).iter().filter(move |call| call.port.is(&port)))
        });
        let mut of_api_server = of_api_server.filter(|call| call.kind == ExternalCallerKind::ApiServer);
        of_api_server.next().map(|call| format!("the API server calls this port over TLS ({})", call.message))
    }
}
