//! Computes the exit status from findings and gaps.

use crate::checks::{Finding, Severity};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// No findings at or above the threshold.
    Success = 0,
    /// Findings at or above the threshold.
    Findings = 1,
    /// The command line or the configuration is invalid.
    InvalidUsage = 2,
    /// There is no result, or it is incomplete and gaps are not allowed.
    Incomplete = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The lowest severity that makes the exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Any finding.
    Info,
    /// Never.
    Never,
}

impl FailOn {
    /// The lowest severity that reaches it; `None` if none does.
    pub(super) fn lowest(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }

    fn is_reached_by(self, severity: Severity) -> bool {
        self.lowest().is_some_and(|lowest| severity >= lowest)
    }
}

/// The status of several meshes: findings in one of them, else what is incomplete.
pub(super) fn worst(statuses: impl IntoIterator<Item = Exit>) -> Exit {
    let rank = |status: &Exit| match status {
        Exit::Success => 0,
        Exit::Incomplete => 1,
        Exit::Findings => 2,
        Exit::InvalidUsage => 3,
    };
    statuses.into_iter().max_by_key(rank).unwrap_or(Exit::Success)
}

/// The exit status of a command with findings. It depends on neither format nor verbosity.
pub(super) fn status<'f>(findings: impl IntoIterator<Item = &'f Finding>, fail_on: FailOn, has_gaps: bool, allow_gaps: bool) -> Exit {
    if findings.into_iter().any(|finding| fail_on.is_reached_by(finding.severity)) {
        Exit::Findings
    } else if has_gaps && !allow_gaps {
        Exit::Incomplete
    } else {
        Exit::Success
    }
}
