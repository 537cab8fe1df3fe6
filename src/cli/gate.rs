//! From findings and gaps to an exit status.

use crate::checks::{Finding, Severity};

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Asked, answered, nothing at or above the threshold.
    Clean = 0,
    /// Findings at or above the threshold.
    Found = 1,
    /// The command line is wrong.
    Usage = 2,
    /// There is no answer, or it is incomplete where it matters.
    Incomplete = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// From which severity on a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FailOn {
    /// At errors.
    Error,
    /// At warnings and errors.
    Warning,
    /// At any finding.
    Info,
    /// At none.
    Never,
}

impl FailOn {
    fn is_reached(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

/// The exit status of a command that judges. Neither format nor verbosity has a part in it.
pub(super) fn exit<'f>(findings: impl IntoIterator<Item = &'f Finding>, fail_on: FailOn, has_gaps: bool, allow_gaps: bool) -> Exit {
    if findings.into_iter().any(|finding| fail_on.is_reached(finding.severity)) {
        Exit::Found
    } else if has_gaps && !allow_gaps {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}
