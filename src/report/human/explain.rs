//! The output of `explain WORKLOAD` for people: each group of pods, and why its ports have their modes.

use std::io::{self, Write};

use super::{
    escape::escape,
    finding,
    paint::{mode_tone, painted},
    trail::step,
};
use crate::report::{
    document::{
        Header,
        explain::{ExplainedPort, Explanation, PodGroup},
        words::Mode,
    },
    style::Style,
};

pub(super) fn write(header: &Header, explain: &Explanation, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let workload = &explain.workload;
    let name = format!("{} {}/{}", workload.kind, workload.namespace, workload.name);
    if let Some(hint) = &explain.hint {
        writeln!(sink, "{}\n", escape(hint))?;
    }
    for group in &explain.parts {
        let pods = match group.pods.as_slice() {
            [] if workload.pods.is_none() => "not all pods were read".to_owned(),
            [] => "no pods yet".to_owned(),
            [one] => format!("pod {one}"),
            [first, rest @ ..] => format!("{} pods, {first} and {} more", group.pods.len(), rest.len()),
        };
        let mark = if workload.assumed { "?" } else { "" };
        writeln!(sink, "{}", escape(&format!("{name}: {}{mark}, revision {}{mark}, {pods}", group.dataplane, group.revision)))?;
        for bypass in &group.bypasses {
            writeln!(sink, "{}", escape(&format!("bypasses the proxy: {} ({})", bypass.what, bypass.opened_by)))?;
        }
        ports(group, style, sink)?;
    }
    finding::write(header, style, sink)
}

/// The ports of a part; those with the same mode for the same reasons are grouped.
fn ports(group: &PodGroup, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let mut groups: Vec<(&ExplainedPort, Vec<u16>, bool)> = Vec::new();
    for port in &group.ports {
        match groups.iter_mut().find(|(first, ..)| (first.mode, &first.trail) == (port.mode, &port.trail)) {
            Some((_, numbers, _)) => numbers.extend(port.port),
            None => groups.push((port, port.port.into_iter().collect(), port.port.is_none())),
        }
    }
    for (port, numbers, has_others) in groups {
        let title = title(&numbers, has_others, group.ports.len() == 1);
        let mode = painted(&port.mode.to_string(), mode_tone(port.mode), style);
        let policy = if port.mode == port.policy_mode { String::new() } else { format!(" (the policies set {})", port.policy_mode) };
        let by = match &port.decided_by {
            Some(by) => format!(" by {}", escape(by)),
            None if port.policy_mode == Mode::Unknown => String::new(),
            None => " by default".into(),
        };
        writeln!(sink, "\n{title}: {mode}{policy}{by}")?;
        port.trail.iter().try_for_each(|step| self::step(step, style, sink))?;
    }
    writeln!(sink)
}

fn title(numbers: &[u16], has_others: bool, is_only: bool) -> String {
    let list = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (numbers.len(), has_others) {
        (0, _) if is_only => "every port".into(),
        (0, _) => "every other port".into(),
        (1, false) => format!("port {list}"),
        (1, true) => format!("port {list} and every other"),
        (_, false) => format!("ports {list}"),
        (_, true) => format!("ports {list} and every other"),
    }
}
