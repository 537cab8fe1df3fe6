//! Workload names on the command line: `NAMESPACE/KIND/NAME:PORT`, of which only the name is required.

use anyhow::anyhow;

use super::{args::ScopeArgs, usage::usage};
use crate::{
    mesh::{Mesh, Workload},
    queries::explain::{self, WorkloadName},
};

/// Parses `NAMESPACE/KIND/NAME:PORT`, of which only the name is required.
pub(super) fn parse<'a>(what: &'a str, scope: &'a ScopeArgs) -> anyhow::Result<(WorkloadName<'a>, Option<u16>)> {
    let (path, port) = match what.rsplit_once(':') {
        Some((path, port)) => match port.parse() {
            Ok(number) if number != 0 => (path, Some(number)),
            _ => return Err(usage(format!("invalid port `{port}`: expected a number from 1 to 65535, as in {path}:8080"))),
        },
        None => (what, None),
    };
    let given = scope.namespaces.first().map(String::as_str);
    let wanted = match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] => WorkloadName { namespace: Some(namespace), kind: Some(kind), name },
        [kind, name] => WorkloadName { namespace: given, kind: Some(kind), name },
        [name] => WorkloadName { namespace: given, kind: None, name },
        _ => return Err(usage(format!("invalid workload `{what}`: expected NAMESPACE/KIND/NAME, such as shop/deploy/web"))),
    };
    if wanted.name.is_empty() {
        return Err(usage(format!("invalid workload `{what}`: expected a name, as in NAMESPACE/KIND/NAME, such as shop/deploy/web")));
    }
    Ok((wanted, port))
}

/// The one workload that the name matches.
///
/// # Errors
/// If there is none, or more than one.
pub(super) fn resolve<'m>(mesh: &'m Mesh<'m>, wanted: &WorkloadName<'_>, what: &str) -> anyhow::Result<&'m Workload<'m>> {
    match explain::find(mesh, wanted).as_slice() {
        [one] => Ok(one),
        [] => {
            let similar = mesh.workloads().iter().filter(|w| w.subject.name.contains(wanted.name)).take(3);
            let similar: Vec<String> = similar.map(|w| path(w)).collect();
            let hint = if similar.is_empty() { String::new() } else { format!("; did you mean {}?", similar.join(", ")) };
            Err(anyhow!("unknown workload `{what}`: no such workload was read{hint}"))
        }
        several => {
            let all: Vec<String> = several.iter().map(|w| path(w)).collect();
            Err(usage(format!("ambiguous workload `{what}`: expected one of {}", all.join(", "))))
        }
    }
}

fn path(workload: &Workload<'_>) -> String {
    let subject = &workload.subject;
    format!("{}/{}/{}", subject.namespace, subject.kind, subject.name)
}
