//! The output of `explain FROM TO` for people: the result, both sides, and how to verify it on the proxy.

use std::io::{self, Write};

use super::{
    escape::escape,
    finding,
    grid::Tone,
    paint::{mode_tone, painted, result_tone},
    trail::step,
};
use crate::{
    object::ShellCommand,
    report::{
        document::{
            Header,
            call::{Call, CallEndpoint, ProxyCluster},
            words::{CallResult, Dataplane, Likelihood, Tls},
        },
        style::Style,
    },
};

pub(super) fn write(header: &Header, answer: &Call, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    result(answer, style, sink)?;
    causes(answer, style, sink)?;
    client(answer, style, sink)?;
    servers(answer, style, sink)?;
    write_fixes(answer, sink)?;
    proxy_commands(answer, sink)?;
    finding::write(header, style, sink)
}

fn result(answer: &Call, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let (word, tone) = match answer.result {
        CallResult::Mtls => ("yes, over mTLS", Tone::Good),
        CallResult::Tls => ("yes, over TLS other than mesh mTLS", Tone::Warning),
        CallResult::Plaintext => ("yes, in plaintext", Tone::Warning),
        CallResult::Fail => ("no", Tone::Bad),
        CallResult::Mixed => ("partly", Tone::Bad),
        CallResult::NoEndpoints => ("there are no endpoints", Tone::Warning),
        CallResult::Unknown => ("unknown from the configuration", Tone::Warning),
    };
    let subset = answer.to.subset.as_deref().map(|name| format!(", subset {name}")).unwrap_or_default();
    let call = format!("{} calls {}:{}{subset}", caller(answer), answer.to.host, answer.to.port);
    let code = answer.code.map(|code| format!(" ({code})")).unwrap_or_default();
    writeln!(sink, "{}: {}{code}", escape(&call), painted(word, tone, style))?;
    writeln!(sink, "  {}", escape(&answer.why))?;
    match answer.symptom {
        Some(symptom) => writeln!(sink, "  symptom: {symptom}"),
        None => Ok(()),
    }
}

/// The possible causes of the observed symptom.
fn causes(answer: &Call, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let Some(seen) = &answer.seen else { return Ok(()) };
    writeln!(sink, "\npossible causes of \"{}\", most likely first:", escape(seen))?;
    for (at, cause) in answer.causes.iter().enumerate() {
        let tone = match cause.likelihood {
            Likelihood::Certain | Likelihood::AtSomeEndpoints => Tone::Bad,
            Likelihood::Possible | Likelihood::LooksOtherwise | Likelihood::Elsewhere => Tone::Warning,
        };
        let code = cause.code.map(|code| format!(" ({code})")).unwrap_or_default();
        let assuming = cause.assuming.as_deref().map(|assuming| format!("if {assuming}: ")).unwrap_or_default();
        let likelihood = painted(&cause.likelihood.to_string(), tone, style);
        writeln!(sink, "  {}. {likelihood}{code}: {}", at + 1, escape(&format!("{assuming}{}", cause.message)))?;
    }
    Ok(())
}

fn caller(answer: &Call) -> String {
    let from = &answer.from;
    match (&from.namespace, &from.kind, &from.name) {
        (Some(namespace), Some(kind), Some(name)) => format!("{kind} {namespace}/{name} ({})", from.dataplane),
        (Some(namespace), ..) => format!("any {} client of namespace {namespace}", from.dataplane),
        (None, ..) => "a client outside the mesh".into(),
    }
}

fn client(answer: &Call, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let client = &answer.client;
    let by = match client.destination_rule.as_deref() {
        _ if client.tls == Tls::Unknown => "because not everything that decides it was read".to_owned(),
        Some(rule) => format!("by {} {rule}", client.rule_kind),
        None => "by no DestinationRule".to_owned(),
    };
    writeln!(sink, "\nclient: TLS {}, {}", client.tls, escape(&by))?;
    client.trail.iter().try_for_each(|one| step(one, style, sink))
}

/// The endpoints; those with the same result are grouped.
fn servers(answer: &Call, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let mut groups: Vec<(&CallEndpoint, usize)> = Vec::new();
    let is_equal = |a: &CallEndpoint, b: &CallEndpoint| {
        let is_same_place = a.workload == b.workload && (a.workload.is_some() || a.address == b.address);
        is_same_place && (a.port, a.mode, a.wire, a.result, a.code) == (b.port, b.mode, b.wire, b.result, b.code)
    };
    for endpoint in &answer.endpoints {
        match groups.iter_mut().find(|(first, _)| is_equal(first, endpoint)) {
            Some((_, count)) => *count += 1,
            None => groups.push((endpoint, 1)),
        }
    }
    for (endpoint, count) in groups {
        let written = endpoint.address.as_deref().filter(|address| *address != answer.to.host);
        let outside = || written.map_or_else(|| "an address outside the mesh".to_owned(), |at| format!("{at}, outside the mesh"));
        let name = endpoint.workload.clone().unwrap_or_else(outside);
        let many = if count > 1 { format!(", {count} pods") } else { String::new() };
        let end = painted(&endpoint.result.to_string(), result_tone(endpoint.result), style);
        let code = endpoint.code.map(|code| format!(" ({code})")).unwrap_or_default();
        let mode = painted(&endpoint.mode.to_string(), mode_tone(endpoint.mode), style);
        writeln!(sink, "\nserver: {}, port {}{many}: {mode}; receives {}: {end}{code}", escape(&name), endpoint.port, endpoint.wire)?;
        endpoint.trail.iter().try_for_each(|one| step(one, style, sink))?;
    }
    Ok(())
}

fn write_fixes(answer: &Call, sink: &mut dyn Write) -> io::Result<()> {
    let title = if matches!(answer.result, CallResult::Plaintext | CallResult::Tls) { "how to make it mTLS" } else { "how to fix it" };
    match answer.call_fixes.as_slice() {
        [] => Ok(()),
        [one] => writeln!(sink, "\n{title}: {}", escape(one)),
        several => {
            writeln!(sink, "\n{title}:")?;
            several.iter().try_for_each(|one| writeln!(sink, "  {}", escape(one)))
        }
    }
}

/// The commands that show the client's proxy configuration for the call.
fn proxy_commands(answer: &Call, sink: &mut dyn Write) -> io::Result<()> {
    let from = &answer.from;
    let (Some(namespace), Some(kind), Some(name)) = (&from.namespace, &from.kind, &from.name) else { return Ok(()) };
    let target = if kind == "Pod" { name.clone() } else { format!("{}/{name}", kind.to_lowercase()) };
    let of_cluster = |cluster: &ProxyCluster| {
        let command =
            ShellCommand::new("istioctl proxy-config cluster").name(format!("{target}.{namespace}")).option("--fqdn", &cluster.host);
        let command = cluster.port.iter().fold(command, |command, port| command.option("--port", port.to_string()));
        let command = cluster.subset.iter().fold(command, |command, subset| command.option("--subset", subset));
        command.flag("-o json")
    };
    let commands: Vec<ShellCommand> = if from.dataplane == Dataplane::Ambient {
        let server = answer.endpoints.iter().find_map(|one| one.workload.as_deref()?.split_once('/'));
        let namespace = server.map_or(namespace.as_str(), |(namespace, _)| namespace);
        vec![ShellCommand::new("istioctl ztunnel-config workloads").option("--workload-namespace", namespace)]
    } else {
        answer.proxy_clusters.iter().map(of_cluster).collect()
    };
    for (at, command) in commands.iter().enumerate() {
        let start = if at == 0 { "\n" } else { "" };
        writeln!(sink, "{start}to verify on the proxy: {}", escape(&command.to_string()))?;
    }
    Ok(())
}
