//! Routes that send plaintext to servers that only accept TLS.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::TlsMode,
    mesh::{Mesh, PlaintextRoute},
    object::{Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS223",
    name: "plaintext-to-tls-server",
    severity: Severity::Error,
    summary: "A route sends plaintext to a server that only accepts TLS (F13); a warning if only the port declares TLS.",
    why: "A route changes where an HTTP request goes, not what it is: it arrives as plaintext, inside mTLS or not, whatever protocol the \
          port of the destination declares. Only a rule makes the client's proxy originate TLS. A server that only accepts TLS answers \
          with 400 or a reset.",
    fix: "Originate TLS: SIMPLE for the port in a DestinationRule for the host. Or route to a port that declares HTTP, or let the clients' \
          own TLS pass (`tls` routes). If the server accepts HTTP at this port, declare that: `appProtocol: http`.",
    bad: include_str!("plaintext_to_tls_server.bad.yaml"),
    good: include_str!("plaintext_to_tls_server.good.yaml"),
    inputs: &[Kind::VirtualService, Kind::Service, Kind::ServiceEntry, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S236", "S239", "S241"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(mesh.plaintext_routes().iter().map(|route| finding(mesh, route)));
}

fn finding(mesh: &Mesh<'_>, route: &PlaintextRoute<'_>) -> Finding {
    let (severity, reason) = match &route.known_by {
        Some(why) => (Severity::Error, format!("which only accepts TLS ({why})")),
        None => (Severity::Warning, "which declares TLS".to_owned()),
    };
    let (by, host, port) = (route.by, &route.service.host, route.port);
    let clients = if route.clients.is_empty() { String::new() } else { format!(" for clients in {}", list_names(&route.clients)) };
    let message = format!("{by} sends plaintext HTTP to {host}:{port}, {reason}, and no DestinationRule originates TLS{clients}");
    let finding = Finding::about(&RULE, mesh.snapshot(), by, route.at.clone(), message).with_severity(severity);
    finding.with_related([route.service.id]).with_fix(fix(route))
}

/// A server that requires mTLS refuses TLS that a proxy originates (S241).
fn fix(route: &PlaintextRoute<'_>) -> String {
    let (host, port) = (&route.service.host, route.port);
    let pass = if route.is_from_gateways {
        "let the clients' own TLS pass the gateway: a server with mode PASSTHROUGH, and a `tls` route"
    } else {
        "let applications call the port with their own TLS, without this route"
    };
    let declare = "If the server accepts HTTP at this port, declare that: `appProtocol: http`.";
    if route.is_strict {
        return format!("The workload requires mTLS, so it refuses TLS that a proxy originates: {pass}. {declare}");
    }
    let visible = if route.clients.is_empty() { String::new() } else { format!(" that clients in {} see", list_names(&route.clients)) };
    let originate = match route.mode {
        TlsMode::IstioMutual => "ISTIO_MUTUAL, with `sni` one of the hosts of the gateway's server,",
        TlsMode::Mutual => "MUTUAL, with a certificate that the gateway accepts,",
        TlsMode::Simple | TlsMode::Disable => "SIMPLE",
    };
    let originate = format!("Originate TLS: {originate} for port {port} in a DestinationRule for {host}{visible}.");
    if route.mode == TlsMode::Simple { format!("{originate} Or {pass}. {declare}") } else { originate }
}
