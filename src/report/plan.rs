//! The plan of `analyze --fix-plan`: commands with what they mend, as a script to read before it is run.

use std::io::{self, Write};

use super::{
    Style,
    document::{Header, Mends, Plan},
    escape, table,
    text::{code, markdown as harmless, plural},
};

pub(super) fn write(header: &Header, plan: &Plan, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    for (at, step) in plan.steps.iter().enumerate() {
        mends(&step.mends, &format!("{}. ", at + 1), sink)?;
        writeln!(sink, "{}\n", escape(&step.command))?;
    }
    for refused in &plan.refused {
        writeln!(sink, "# Not a step, as {}:", escape(&refused.breaks))?;
        mends(&refused.mends, "", sink)?;
        writeln!(sink, "# {}\n", escape(&refused.command))?;
    }
    table::last_line(header, &summary(plan), style, sink)
}

/// Comments of a shell: a name from outside never ends its line.
fn mends(all: &[Mends], number: &str, sink: &mut dyn Write) -> io::Result<()> {
    all.iter().enumerate().try_for_each(|(at, one)| {
        let number = if at == 0 { number } else { "" };
        writeln!(sink, "# {number}{}: {}", one.rule, escape(&one.message))
    })
}

/// `3 steps mend 4 findings; 1 is refused; 2 are left to their authors`.
fn summary(plan: &Plan) -> String {
    let mended: usize = plan.steps.iter().map(|step| step.mends.len()).sum();
    let refused: usize = plan.refused.iter().map(|refused| refused.mends.len()).sum();
    let mut parts = vec![format!("{} for {}", plural(plan.steps.len(), "step"), plural(mended, "finding"))];
    if refused > 0 {
        parts.push(format!("{} whose change would break a call", plural(refused, "finding")));
    }
    if plan.by_hand > 0 {
        parts.push(format!("{} to mend by hand (analyze shows how)", plural(plan.by_hand, "finding")));
    }
    parts.join(", ")
}

pub(super) fn markdown(plan: &Plan, sink: &mut dyn Write) -> io::Result<()> {
    writeln!(sink, "{}.\n", harmless(&summary(plan)))?;
    for (at, step) in plan.steps.iter().enumerate() {
        for (n, one) in step.mends.iter().enumerate() {
            let number = if n == 0 { format!("{}. ", at + 1) } else { "   ".into() };
            writeln!(sink, "{number}{}: {}  ", one.rule, harmless(&one.message))?;
        }
        writeln!(sink)?;
        code("sh", &escape(&step.command)).lines().try_for_each(|line| writeln!(sink, "   {line}"))?;
        writeln!(sink)?;
    }
    for refused in &plan.refused {
        writeln!(sink, "- not a step, as {}: {}", harmless(&refused.breaks), harmless(&refused.command))?;
    }
    Ok(())
}
