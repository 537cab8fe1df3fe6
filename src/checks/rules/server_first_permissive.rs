//! Server-first protocols on PERMISSIVE ports.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, Protocol},
    mesh::{Dataplane, Mesh, Subject, TargetingPort},
    object::{FieldPath, Kind, list_names},
    queries::is_system,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS113",
    name: "server-first-permissive",
    severity: Severity::Warning,
    summary: "A server-first protocol (MySQL, SMTP, FTP, SSH, IMAP, POP3) uses a PERMISSIVE port that workloads outside the mesh may call.",
    why: "To distinguish mTLS from plaintext, the sidecar waits for the client's first bytes, while the client waits for the \
          server's greeting: a plaintext connection hangs until a timeout. Clients that use mTLS are not affected.",
    fix: "Add an entry for the workload port to a PeerAuthentication: STRICT if all clients are in the mesh, DISABLE if they are not.",
    bad: include_str!("server_first_permissive.bad.yaml"),
    good: include_str!("server_first_permissive.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Service],
    aka: &[],
    see: &["S30"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    // Pods of system namespaces do not call such servers.
    let outside: Vec<&Subject> = mesh
        .workloads()
        .iter()
        .filter(|w| !is_system(&w.subject.namespace) && w.instances.iter().any(|i| i.dataplane == Dataplane::None))
        .map(|w| &w.subject)
        .collect();
    if outside.is_empty() {
        return;
    }
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Sidecar) {
        for (&port, declared) in &instance.ports {
            let Some(service) = declared.by_services.iter().find(|port| is_server_first(port)) else { continue };
            let mode = server.port(port);
            if mode.mode != Some(Mode::Permissive)
                || out.last().is_some_and(|f| f.rule.id == RULE.id && f.subject == Subject::from(service.service))
            {
                continue;
            }
            let by = mode.decided_by.map_or_else(|| "no policy".into(), ToString::to_string);
            let message = format!(
                "{} port {} uses a server-first protocol on {} port {port}, which is PERMISSIVE ({by}): clients without a proxy, such as {}, hang",
                service.service,
                service.number,
                workload.subject,
                list_names(outside.iter().filter(|client| **client != &workload.subject).take(3))
            );
            let at = FieldPath::of("spec.ports");
            out.push(Finding::about(&RULE, mesh.snapshot(), service.service, at, message).with_related(mode.decided_by));
        }
    }
}

fn is_server_first(port: &TargetingPort) -> bool {
    const NUMBERS: [u16; 9] = [21, 22, 25, 110, 143, 465, 587, 3306, 5900];
    const NAMES: [&str; 7] = ["ftp", "imap", "mariadb", "mysql", "pop3", "smtp", "ssh"];
    let name = port.name.to_ascii_lowercase();
    port.protocol == Protocol::Mysql
        || port.protocol != Protocol::Http && (NUMBERS.contains(&port.number) || name.split('-').any(|word| NAMES.contains(&word)))
}
