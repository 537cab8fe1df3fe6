//! The plan of `analyze --fix-plan` for people: a script of commands, with the findings they fix as comments.

use std::io::{self, Write};

use super::{escape::escape, summary::write_summary};
use crate::{
    object::plural,
    report::{
        document::{
            Header,
            plan::{FixedFinding, Plan},
        },
        style::Style,
    },
};

pub(super) fn write(header: &Header, plan: &Plan, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    for (at, step) in plan.steps.iter().enumerate() {
        fixes(&step.fixes, &format!("{}. ", at + 1), sink)?;
        if let Some(weakens) = &step.weakens {
            writeln!(sink, "# Weakens protection: {}", escape(weakens))?;
        }
        writeln!(sink, "{}\n", escape(&step.command))?;
    }
    for rejected in &plan.rejected {
        writeln!(sink, "# Rejected ({}):", escape(&rejected.reason()))?;
        fixes(&rejected.fixes, "", sink)?;
        writeln!(sink, "# {}\n", escape(&rejected.command))?;
    }
    write_summary(header, &summary(plan), style, sink)
}

/// The fixes as shell comments; names are escaped, so that they cannot end the line.
fn fixes(all: &[FixedFinding], number: &str, sink: &mut dyn Write) -> io::Result<()> {
    all.iter().enumerate().try_for_each(|(at, one)| {
        let number = if at == 0 { number } else { "" };
        writeln!(sink, "# {number}{}: {}", one.rule, escape(&one.message))
    })
}

/// The summary line, such as `3 steps for 4 findings, 1 finding whose change would break a call or weaken protection`.
pub(crate) fn summary(plan: &Plan) -> String {
    let fixed: usize = plan.steps.iter().map(|step| step.fixes.len()).sum();
    let rejected: usize = plan.rejected.iter().map(|rejected| rejected.fixes.len()).sum();
    let mut parts = vec![format!("{} for {}", plural(plan.steps.len(), "step"), plural(fixed, "finding"))];
    if rejected > 0 {
        parts.push(format!("{} whose change would break a call or weaken protection", plural(rejected, "finding")));
    }
    if plan.manual > 0 {
        parts.push(format!("{} to fix manually (analyze shows how)", plural(plan.manual, "finding")));
    }
    parts.join(", ")
}
