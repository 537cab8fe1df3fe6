//! Runs external programs: without a shell, with few environment variables, and with limits on time and output.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// A program to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its name, which is looked up on the `PATH`.
    pub program: &'static str,
    pub arguments: Vec<OsString>,
    /// The folder in which it runs.
    pub folder: PathBuf,
    /// How long it may run.
    pub time: Duration,
}

/// Why a program has no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is not on the `PATH`.
    Missing,
    /// It ended with an error, which this text is, in a line.
    Failed(String),
    /// It did not end in time.
    TimedOut,
    /// Its output exceeds the limit.
    TooLarge,
}

/// Runs programs. Tests replace it.
pub trait Programs: fmt::Debug + Sync {
    /// Whether there is such a program.
    fn has(&self, program: &str) -> bool;

    /// Runs a program and returns its standard output.
    ///
    /// # Errors
    /// If it cannot be started, fails, or exceeds a limit.
    fn run(&self, invocation: &Invocation) -> Result<Vec<u8>, Failure>;
}

/// No program at all: what needs one is a gap.
#[derive(Clone, Copy, Debug)]
pub struct NoPrograms;

impl Programs for NoPrograms {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn run(&self, _: &Invocation) -> Result<Vec<u8>, Failure> {
        Err(Failure::Missing)
    }
}

/// The programs of the `PATH`.
#[derive(Clone, Copy, Debug)]
pub struct InstalledPrograms;

impl Programs for InstalledPrograms {
    fn has(&self, program: &str) -> bool {
        find(program).is_some()
    }

    fn run(&self, invocation: &Invocation) -> Result<Vec<u8>, Failure> {
        let program = find(invocation.program).ok_or(Failure::Missing)?;
        run(&program, invocation)
    }
}

/// In bytes; the output of a large repository has some MiB.
const MAX_OUTPUT: u64 = 256 << 20;

/// In bytes; an error is shown in a few lines.
const MAX_ERROR: u64 = 64 << 10;

/// The environment variables that a program gets. Those that select a repository, a cluster or plugins are not among them.
const VARIABLES: [&str; 12] = [
    "PATH",
    "HOME",
    "USERPROFILE",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "APPDATA",
    "LOCALAPPDATA",
    "TMPDIR",
    "TMP",
    "TEMP",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
];

/// The file of a program. Relative entries of the `PATH` are not used: they could be in the repository that is read.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let names = [program.to_owned(), format!("{program}{}", env::consts::EXE_SUFFIX)];
    let mut files =
        env::split_paths(&path).filter(|folder| folder.is_absolute()).flat_map(|folder| names.clone().map(|name| folder.join(name)));
    files.find(|file| is_executable(file))
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file()
}

fn run(program: &Path, invocation: &Invocation) -> Result<Vec<u8>, Failure> {
    let end = Instant::now() + invocation.time;
    let mut child = start(program, invocation).map_err(|error| Failure::Failed(format!("cannot start {}: {error}", program.display())))?;
    let result = output(&mut child, end);
    if result.is_err() {
        let _ = child.kill();
    }
    let _ = child.wait();
    result
}

fn start(program: &Path, invocation: &Invocation) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(&invocation.arguments).current_dir(&invocation.folder).env_clear();
    command.envs(VARIABLES.iter().filter_map(|name| Some((*name, env::var_os(name)?))));
    // No cluster is contacted, and no repository fetched.
    command.envs([("KUBECONFIG", null_device()), ("GIT_NO_LAZY_FETCH", OsStr::new("1")), ("GIT_TERMINAL_PROMPT", OsStr::new("0"))]);
    command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

fn null_device() -> &'static OsStr {
    OsStr::new(if cfg!(windows) { "NUL" } else { "/dev/null" })
}

/// The output of a program that ends without an error until then.
fn output(child: &mut Child, end: Instant) -> Result<Vec<u8>, Failure> {
    let errors = child.stderr.take().map(|stream| read(stream, MAX_ERROR));
    let Some(text) = child.stdout.take().map(|stream| read(stream, MAX_OUTPUT)) else { return Err(Failure::Failed("no output".into())) };
    let text = received(&text, end)?;
    if u64::try_from(text.len()).is_ok_and(|size| size > MAX_OUTPUT) {
        return Err(Failure::TooLarge);
    }
    let errors = errors.map(|errors| received(&errors, end)).transpose()?.unwrap_or_default();
    let is_success = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(1)),
            Ok(None) => return Err(Failure::TimedOut),
            Err(error) => return Err(Failure::Failed(error.to_string())),
        }
    };
    if is_success { Ok(text) } else { Err(Failure::Failed(in_a_line(&String::from_utf8_lossy(&errors)))) }
}

/// Reads a stream in a thread and keeps one byte more than a limit. What follows is dropped.
fn read(mut stream: impl Read + Send + 'static, limit: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes).map(|_| bytes);
        let _ = sender.send(read);
        let _ = io::copy(&mut stream, &mut io::sink());
    });
    receiver
}

fn received(stream: &Receiver<io::Result<Vec<u8>>>, end: Instant) -> Result<Vec<u8>, Failure> {
    match stream.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Failure::Failed(error.to_string())),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Failure::TimedOut),
    }
}

/// The text in one line, from the first line about an error, shortened to what a message can hold.
fn in_a_line(text: &str) -> String {
    const LENGTH: usize = 600;
    let is_error = |line: &&str| line.to_ascii_lowercase().contains("error");
    let warnings = text.lines().position(|line| is_error(&line)).unwrap_or_default();
    let line = text.lines().skip(warnings).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LENGTH) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
