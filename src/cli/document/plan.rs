//! The document of `analyze --fix-plan`.

use super::finding::subject;
use crate::{
    checks::{Finding, Fix, FixPlan, FixStep, Harm, Rejected},
    cli::kubectl,
    report::document::plan as doc,
};

/// The document of a plan, with its changes as commands.
pub(crate) fn plan(plan: &FixPlan<'_>) -> doc::Plan {
    doc::Plan { steps: plan.steps.iter().map(step).collect(), rejected: plan.rejected.iter().map(rejected).collect(), manual: plan.manual }
}

fn step(step: &FixStep<'_>) -> doc::PlanStep {
    let command = match &step.change {
        Fix::Patch(patch) => kubectl::patch(patch),
        Fix::Restart(controller) => kubectl::restart(controller).to_string(),
    };
    doc::PlanStep { command, weakens: step.weakens.clone(), fixes: fixes(&step.fixes), mesh_name: None }
}

fn rejected(Rejected { patch, reason, fixes }: &Rejected<'_>) -> doc::Rejected {
    let (breaks, weakens) = match reason {
        Harm::Breaks(call) => (Some(call.clone()), None),
        Harm::Weakens(what) => (None, Some(what.clone())),
    };
    doc::Rejected { command: kubectl::patch(patch), breaks, weakens, fixes: self::fixes(fixes), mesh_name: None }
}

fn fixes(findings: &[&Finding]) -> Vec<doc::FixedFinding> {
    let one = |finding: &&Finding| doc::FixedFinding {
        rule: finding.rule.id,
        subject: subject(&finding.subject),
        message: finding.message.clone(),
    };
    findings.iter().map(one).collect()
}
