//! JUnit XML, which every CI system reads: a suite per rule, a case per finding; gaps are errors.
//!
//! What makes the status of the run other than 0 fails, and nothing else: another finding is a passed case with a message. A rule that could
//! not be applied is skipped, never passed, and so is what could not be read if that is allowed. So are the findings that annotations, the configuration or a baseline leave out or lower, one case per rule and cause.

use std::io::{self, Write};

use crate::report::{
    document::{
        Body, Document, Finding, Gap, Gate, Header,
        diff::{CallChange, Diff, ModeChange, WorkloadState},
        rules::RulePage,
        words::Effect,
    },
    human::{
        diff,
        escape::escape,
        summary::{adjustment, other_adjustments},
    },
};

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    let effects = effects(&document.body, header.gate);
    let findings = header.findings.iter().filter(|finding| header.gate.is_failed_by(finding.severity)).count();
    let failures = findings + effects.iter().filter(|effect| effect.fails).count();
    let errors = if header.gate.gaps { header.gaps.len() } else { 0 };
    writeln!(sink, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        sink,
        "<testsuites name=\"kubectl-mtls {}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        attribute(header.command),
        header.rules.iter().map(|rule| findings_of(header, rule).count().max(1)).sum::<usize>()
            + effects.len()
            + header.gaps.len()
            + left_out(header).len(),
    )?;
    header.rules.iter().try_for_each(|rule| suite(header, rule, sink))?;
    write_effects(&effects, sink)?;
    gaps(&header.gaps, header.gate, sink)?;
    let (suppressed, known) = (header.suppressed, header.known);
    if suppressed + known > 0 {
        writeln!(sink, "  <!-- {suppressed} suppressed, {known} known -->")?;
    }
    adjusted(header, sink)?;
    writeln!(sink, "</testsuites>")
}

/// What annotations, the configuration and a baseline leave out or lower: the rule, and what happened to how many of its findings.
fn left_out(header: &Header) -> Vec<(&str, String)> {
    let of_rules = header.adjustments.iter().map(|one| (one.rule, adjustment(one)));
    of_rules.chain(other_adjustments(header).into_iter().map(|text| ("configuration", text))).collect()
}

/// A suite of what is left out or lowered, with the configuration as a property.
fn adjusted(header: &Header, sink: &mut dyn Write) -> io::Result<()> {
    let (all, source) = (left_out(header), &header.source);
    if all.is_empty() && source.config.is_none() {
        return Ok(());
    }
    let count = all.len();
    writeln!(sink, "  <testsuite name=\"suppressed or lowered\" tests=\"{count}\" failures=\"0\" errors=\"0\" skipped=\"{count}\">")?;
    let properties = [("config", &source.config), ("overriddenConfig", &source.overridden_config)];
    let properties: Vec<(&str, &str)> = properties.into_iter().filter_map(|(name, path)| Some((name, path.as_deref()?))).collect();
    if !properties.is_empty() {
        writeln!(sink, "    <properties>")?;
        for (name, path) in properties {
            writeln!(sink, "      <property name=\"{name}\" value=\"{}\"/>", attribute(path))?;
        }
        writeln!(sink, "    </properties>")?;
    }
    for (rule, what) in all {
        let (rule, what) = (attribute(rule), attribute(&what));
        writeln!(sink, "    <testcase classname=\"{rule}\" name=\"{what}\"><skipped message=\"{what}\"/></testcase>")?;
    }
    writeln!(sink, "  </testsuite>")
}

fn findings_of<'h>(header: &'h Header, rule: &'h RulePage) -> impl Iterator<Item = &'h Finding> {
    header.findings.iter().filter(|finding| finding.rule == rule.id)
}

fn suite(header: &Header, rule: &RulePage, sink: &mut dyn Write) -> io::Result<()> {
    let is_skipped = header.not_run.iter().any(|id| id == rule.id);
    let count = findings_of(header, rule).count();
    let failures = findings_of(header, rule).filter(|finding| header.gate.is_failed_by(finding.severity)).count();
    let name = format!("{} {}", rule.id, rule.name);
    let skipped = usize::from(is_skipped && count == 0);
    let tests = count.max(1);
    writeln!(
        sink,
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">",
        attribute(&name)
    )?;
    match (count, is_skipped) {
        (0, true) => writeln!(
            sink,
            "    <testcase classname=\"{}\" name=\"all\"><skipped message=\"{}\"/></testcase>",
            attribute(rule.id),
            attribute(&header.why_not_run(rule.id))
        )?,
        (0, false) => writeln!(sink, "    <testcase classname=\"{}\" name=\"all\"/>", attribute(rule.id))?,
        _ => findings_of(header, rule).try_for_each(|finding| case(finding, header.gate, sink))?,
    }
    writeln!(sink, "  </testsuite>")
}

fn case(finding: &Finding, gate: Gate, sink: &mut dyn Write) -> io::Result<()> {
    let mesh = finding.mesh_name.as_ref().map(|mesh| format!(" in {mesh}")).unwrap_or_default();
    let name = format!("{} {}{mesh}", finding.subject.title(), finding.field);
    let place = finding
        .location
        .as_ref()
        .map(|at| format!(" file=\"{}\" line=\"{}\"", attribute(at.repository_path()), at.line))
        .unwrap_or_default();
    writeln!(sink, "    <testcase classname=\"{}\" name=\"{}\"{place}>", attribute(finding.rule), attribute(&name))?;
    let (message, fix) = (&finding.message, &finding.fix);
    if gate.is_failed_by(finding.severity) {
        writeln!(sink, "      <failure type=\"{}\" message=\"{}\">{}</failure>", finding.severity, attribute(message), text(fix))?;
    } else {
        writeln!(sink, "      <system-out>{}: {}\n{}</system-out>", finding.severity, text(message), text(fix))?;
    }
    writeln!(sink, "    </testcase>")
}

/// What a change does to a call or a mode, if that can fail a run.
struct ChangeEffect {
    effect: Effect,
    name: String,
    message: String,
    fails: bool,
}

/// The calls that work before a change and fail after it, and what it weakens if that fails the run.
fn effects(body: &Body, gate: Gate) -> Vec<ChangeEffect> {
    let Body::Diff(Diff { calls, modes, .. }) = body else { return Vec::new() };
    let is_case = |effect: Effect| effect == Effect::Breaks || (gate.weakens && effect == Effect::Weakens);
    let of_mode = |mode: &ModeChange| {
        let port = mode.port.map(|port| format!(" port {port}")).unwrap_or_default();
        let name = format!("{} {}/{}{port}", mode.kind, mode.namespace, mode.name);
        let state = |state: Option<&WorkloadState>| state.map_or_else(|| "absent".to_owned(), |state| state.mode.to_string());
        let message = format!("{} before the change, {} after it", state(mode.before.as_ref()), state(mode.after.as_ref()));
        ChangeEffect { effect: mode.effect, name, message, fails: true }
    };
    let of_call = |call: &CallChange| {
        let name = format!("{} calls {}:{}", diff::callers(&call.from), call.to.host, call.to.port);
        let symptom = call.after.as_ref().and_then(|after| after.symptom);
        let usual = match call.effect {
            Effect::Breaks => "it works before the change and fails after it",
            Effect::Weakens | Effect::Disappears | Effect::Changes | Effect::Appears | Effect::Strengthens | Effect::Fixes => {
                "plaintext is accepted or sent after the change where it is not before it"
            }
        };
        let fails = if call.effect == Effect::Breaks { gate.breaks } else { true };
        ChangeEffect { effect: call.effect, name, message: symptom.unwrap_or(usual).to_owned(), fails }
    };
    let modes = modes.iter().filter(|mode| is_case(mode.effect)).map(of_mode);
    calls.iter().filter(|call| is_case(call.effect)).map(of_call).chain(modes).collect()
}

fn write_effects(effects: &[ChangeEffect], sink: &mut dyn Write) -> io::Result<()> {
    if effects.is_empty() {
        return Ok(());
    }
    let (count, failures) = (effects.len(), effects.iter().filter(|effect| effect.fails).count());
    writeln!(sink, "  <testsuite name=\"effects of the change\" tests=\"{count}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">")?;
    for ChangeEffect { effect, name, message, fails } in effects {
        let result = if *fails {
            format!("<failure type=\"{effect}\" message=\"{}\"/>", attribute(message))
        } else {
            format!("<system-out>{}</system-out>", text(message))
        };
        writeln!(sink, "    <testcase classname=\"{effect}\" name=\"{}\">{result}</testcase>", attribute(name))?;
    }
    writeln!(sink, "  </testsuite>")
}

fn gaps(gaps: &[Gap], gate: Gate, sink: &mut dyn Write) -> io::Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    let count = gaps.len();
    let (errors, skipped) = if gate.gaps { (count, 0) } else { (0, count) };
    writeln!(sink, "  <testsuite name=\"not read\" tests=\"{count}\" failures=\"0\" errors=\"{errors}\" skipped=\"{skipped}\">")?;
    for Gap { resource, reason, hint } in gaps {
        let (resource, reason, hint) = (attribute(resource), attribute(reason), text(hint));
        let result = if gate.gaps {
            format!("<error message=\"{reason}\">{hint}</error>")
        } else {
            format!("<skipped message=\"{reason}\">{hint}</skipped>")
        };
        writeln!(sink, "    <testcase classname=\"gap\" name=\"{resource}\">{result}</testcase>")?;
    }
    writeln!(sink, "  </testsuite>")
}

/// Escapes text between tags: markup, and control characters, which XML does not allow.
fn text(text: &str) -> String {
    escape(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Escapes text between quotes.
fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_tag_or_breaks_the_document() {
        assert_eq!(attribute("a\"b<c>&\u{0}\u{1b}\n"), "a&quot;b&lt;c&gt;&amp;\\u{0}\\u{1b}\\n");
        assert_eq!(text("]]>\u{ffff}"), "]]&gt;\\u{ffff}");
    }
}
