//! One line on a terminal's standard error while a cluster is read.

use std::{
    io::{self, IsTerminal as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Output;
use crate::source::cluster::Progress;

/// Work that takes less than this says nothing of itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// The line; it is gone when this is.
pub(super) struct Line(Option<ProgressBar>);

impl Line {
    /// A line, unless nobody would see it or wants to.
    pub(super) fn new(output: &Output) -> Self {
        let is_wanted = !output.quiet && io::stderr().is_terminal();
        Self(is_wanted.then(bar))
    }

    /// What the reading tells of itself goes into the line.
    pub(super) fn progress(&self) -> Progress {
        let Some(bar) = self.0.clone() else { return Progress::default() };
        let (all, pods) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Progress::to(move |kind, more| {
            let all = all.fetch_add(more, Ordering::Relaxed) + more;
            let own = if kind == crate::object::Kind::Pod { more } else { 0 };
            let pods = pods.fetch_add(own, Ordering::Relaxed) + own;
            if bar.elapsed() >= PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.set_message(format!("reading the cluster: {all} objects, {pods} of them pods"));
            }
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    // The template is a constant, and a test draws it.
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    clear_on_interrupt(&bar);
    bar
}

/// Takes the line away before an interrupt ends the process.
fn clear_on_interrupt(bar: &ProgressBar) {
    let bar = Arc::new(bar.clone());
    // Where the handler cannot be set, the interrupt does what it always does.
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        interrupted();
    });
}

/// Ends the process as a shell expects of one that was interrupted.
#[allow(clippy::exit, reason = "an interrupt has nobody to return to")]
fn interrupted() {
    std::process::exit(130);
}
