//! One line on a terminal's standard error while a cluster is read.

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

use super::args::Output;
use crate::source::cluster::Progress;

/// Work that takes less than this says nothing of itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often a second the line is drawn at most.
const RATE: u8 = 20;

/// How often the line shows that something still goes on, even where no page comes.
const TICK: Duration = Duration::from_millis(100);

/// Columns at the end of the terminal's line that stay free.
///
/// A terminal shows Ctrl-C as `^C` behind the line; without room for that a second line begins, and the first one stays.
const ROOM: u16 = 4;

/// The line; it is gone when this is.
pub(super) struct Line(Option<Waiting>);

/// A line that shows itself when it has waited long enough.
struct Waiting {
    bar: ProgressBar,
    /// Its end calls the waiting off.
    wanted: Option<Sender<()>>,
    waiter: Option<JoinHandle<()>>,
}

impl Line {
    /// A line, unless nobody would see it or wants to.
    pub(super) fn new(output: &Output) -> Self {
        let is_dumb = env::var_os("TERM").is_some_and(|name| name == "dumb");
        let is_wanted = !output.quiet && io::stderr().is_terminal() && !is_dumb;
        Self(is_wanted.then(|| Waiting::new(bar())))
    }

    /// What the reading tells of itself goes into the line.
    pub(super) fn progress(&self) -> Progress {
        let Some(Waiting { bar, .. }) = &self.0 else { return Progress::default() };
        let (all, pods, bar) = (AtomicUsize::new(0), AtomicUsize::new(0), bar.clone());
        Progress::to(move |kind, more| {
            let all = all.fetch_add(more, Ordering::Relaxed) + more;
            let own = if kind == crate::object::Kind::Pod { more } else { 0 };
            let pods = pods.fetch_add(own, Ordering::Relaxed) + own;
            bar.set_message(format!("reading the cluster: {all} objects, {pods} of them pods"));
        })
    }
}

impl Waiting {
    fn new(bar: ProgressBar) -> Self {
        let (wanted, end) = mpsc::channel();
        let line = bar.clone();
        let waiter = thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                show(&line);
            }
        });
        Self { bar, wanted: Some(wanted), waiter: Some(waiter) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.wanted = None;
        // Only when nobody can show it any more is it gone for good.
        _ = self.waiter.take().map(JoinHandle::join);
        self.bar.finish_and_clear();
    }
}

/// Brings the line to the terminal. The target remembers what it has drawn, so there must never be a second one.
fn show(line: &ProgressBar) {
    line.set_draw_target(ProgressDrawTarget::term_like_with_hz(Box::<Terminal>::default(), RATE));
    line.enable_steady_tick(TICK);
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message("reading the cluster");
    // The template is a constant. What is too wide for the terminal is cut, for a line that breaks is two.
    bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    clear_on_interrupt(&bar);
    bar
}

/// Takes the line away before an interrupt ends the process.
fn clear_on_interrupt(bar: &ProgressBar) {
    let bar = bar.clone();
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

/// Standard error as one line that is written over. It needs no escape sequence, and so no terminal that knows any.
#[derive(Debug, Default)]
struct Terminal {
    /// What is sent in one piece, so that nothing flickers.
    unsent: Mutex<String>,
}

impl Terminal {
    fn columns() -> u16 {
        terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| width.0)
    }

    fn add(&self, text: &str) {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        Self::columns().saturating_sub(ROOM).max(1)
    }

    // There is one line, and the cursor never leaves it.
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
        // In the last column some terminals begin a new line.
        let blanks = " ".repeat(Self::columns().saturating_sub(1).into());
        self.add(&format!("\r{blanks}\r"));
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let text = std::mem::take(&mut *self.unsent.lock().unwrap_or_else(PoisonError::into_inner));
        io::stderr().write_all(text.as_bytes())
    }
}
