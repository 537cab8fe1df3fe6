//! A progress line on the terminal's standard error while a cluster is read.

use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::args::DisplayArgs;
use crate::source::cluster::Progress;

/// No progress is shown for work that takes less than this.
const DELAY: Duration = Duration::from_millis(500);

/// Maximum number of redraws per second.
const REDRAWS_PER_SECOND: u8 = 20;

/// Interval at which the spinner moves, even if no page arrives.
const TICK_INTERVAL: Duration = Duration::from_millis(100);

/// Columns at the end of the terminal's line that are left free.
///
/// A terminal prints `^C` after the line on Ctrl-C; without room for it the text would wrap, and the first line would not be cleared.
const MARGIN: u16 = 4;

/// The progress line; it is cleared on drop.
pub(super) struct ProgressLine(Option<DelayedLine>);

/// A line that is shown after a delay.
struct DelayedLine {
    bar: ProgressBar,
    /// Dropping it cancels the delay.
    cancel: Option<Sender<()>>,
    timer: Option<JoinHandle<()>>,
}

impl ProgressLine {
    /// A line, unless standard error is not a capable terminal or `--quiet` is set.
    pub(super) fn new(display: &DisplayArgs) -> Self {
        let is_dumb = env::var_os("TERM").is_some_and(|name| name == "dumb");
        let is_wanted = !display.quiet && io::stderr().is_terminal() && !is_dumb;
        Self(is_wanted.then(|| DelayedLine::new(bar())))
    }

    /// A progress callback that updates the line.
    pub(super) fn progress(&self) -> Progress {
        let Some(DelayedLine { bar, .. }) = &self.0 else { return Progress::default() };
        let (all, pods, bar) = (AtomicUsize::new(0), AtomicUsize::new(0), bar.clone());
        Progress::new(move |kind, more| {
            let all = all.fetch_add(more, Ordering::Relaxed) + more;
            let own = if kind == crate::object::Kind::Pod { more } else { 0 };
            let pods = pods.fetch_add(own, Ordering::Relaxed) + own;
            bar.set_message(format!("reading the cluster: {all} objects, {pods} of them pods"));
        })
    }
}

impl DelayedLine {
    fn new(bar: ProgressBar) -> Self {
        let (cancel, end) = mpsc::channel();
        let line = bar.clone();
        let timer = thread::spawn(move || {
            if end.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout) {
                show(&line);
            }
        });
        Self { bar, cancel: Some(cancel), timer: Some(timer) }
    }
}

impl Drop for DelayedLine {
    fn drop(&mut self) {
        self.cancel = None;
        // After the thread has ended, the line cannot be shown again.
        _ = self.timer.take().map(JoinHandle::join);
        self.bar.finish_and_clear();
    }
}

/// Shows the line on the terminal. The draw target keeps track of what it has drawn, so there must never be a second one.
fn show(line: &ProgressBar) {
    line.set_draw_target(ProgressDrawTarget::term_like_with_hz(Box::<Terminal>::default(), REDRAWS_PER_SECOND));
    line.enable_steady_tick(TICK_INTERVAL);
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message("reading the cluster");
    // The template is a constant and valid. A message wider than the terminal is truncated, because a wrapped line could not be cleared.
    bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    clear_on_interrupt(&bar);
    bar
}

/// Clears the line before an interrupt ends the process.
fn clear_on_interrupt(bar: &ProgressBar) {
    let bar = bar.clone();
    // If the handler cannot be set, the interrupt has its default behaviour.
    let _ = ctrlc::set_handler(move || {
        bar.finish_and_clear();
        exit_interrupted();
    });
}

/// Exits with the status that shells expect of an interrupted process.
#[allow(clippy::exit, reason = "an interrupt handler has no caller to return to")]
fn exit_interrupted() {
    std::process::exit(130);
}

/// Standard error as a single line that is overwritten. It uses no escape sequences, so any terminal supports it.
#[derive(Debug, Default)]
struct Terminal {
    /// Buffered text, written in one piece to avoid flicker.
    buffer: Mutex<String>,
}

impl Terminal {
    fn columns() -> u16 {
        terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0)
    }

    fn add(&self, text: &str) {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        Self::columns().saturating_sub(MARGIN).max(1)
    }

    // There is only one line, so the cursor never moves.
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        // Some terminals wrap after the last column.
        let blanks = " ".repeat(Self::columns().saturating_sub(1).into());
        self.add(&format!("\r{blanks}\r"));
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let text = std::mem::take(&mut *self.buffer.lock().unwrap_or_else(PoisonError::into_inner));
        io::stderr().write_all(text.as_bytes())
    }
}
