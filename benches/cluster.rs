//! Reading a live cluster, against the bare transfer of its pods: over a socket, and with the client that the tool uses.
//!
//! `cargo bench --bench cluster` takes 10,000 pods, `cargo bench --bench cluster -- 100000` as many as it says. With
//! `--keep` it only serves, and says with which kubeconfig the tool can be run by hand. The server is a process of its
//! own, so that neither its memory nor its threads count for the tool's.
#![allow(clippy::print_stdout, reason = "its figures are its answer")]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/protobuf.rs"]
mod protobuf;
mod server;

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use http_body_util::BodyExt as _;
use kube::{Client, Config, client::Body};
use tokio::runtime;

/// How often each is measured.
const ROUNDS: usize = 5;
/// Pods on a page, as the tool asks for them.
const LIMIT: usize = 500;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(10_000);
    }
    if arguments.iter().any(|argument| argument == "serve") {
        return server::serve(sizes[0]);
    }
    if arguments.iter().any(|argument| argument == "--keep") {
        return keep(sizes[0]);
    }
    sizes.into_iter().try_for_each(measure)
}

/// The server's process; it ends with this.
struct Server {
    process: Child,
    address: String,
    kubeconfig: PathBuf,
}

impl Server {
    fn start(pods: usize) -> io::Result<Self> {
        let mut process =
            Command::new(env::current_exe()?).args(["serve", &pods.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut address)?;
        }
        let address = address.trim().to_owned();
        let kubeconfig = kubeconfig(&address, pods)?;
        Ok(Self { process, address, kubeconfig })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A kubeconfig for a server, in the folder for such files.
fn kubeconfig(address: &str, pods: usize) -> io::Result<PathBuf> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kubeconfig-bench-{pods}"));
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: bench\nclusters:\n- name: bench\n  cluster: {{server: \"http://{address}\"}}\nusers:\n- name: bench\n  user: {{token: t}}\ncontexts:\n- name: bench\n  context: {{cluster: bench, user: bench}}\n"
    );
    fs::write(&path, text)?;
    Ok(path)
}

/// Serves until it is interrupted.
fn keep(pods: usize) -> io::Result<()> {
    let server = Server::start(pods)?;
    println!("{pods} pods; try");
    println!("  {} audit --kubeconfig {}", env!("CARGO_BIN_EXE_kubectl-mtls"), server.kubeconfig.display());
    println!("and end it with Ctrl-C");
    loop {
        thread::park();
    }
}

fn measure(pods: usize) -> io::Result<()> {
    let server = Server::start(pods)?;
    let (mut sockets, mut clients, mut audits) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        bytes = fetch(&server.address)?;
        sockets.push(start.elapsed());
        let start = Instant::now();
        let same = fetch_with_client(&server.address)?;
        clients.push(start.elapsed());
        assert_eq!(bytes, same, "both fetch the same");
        audits.push(audit(&server.kubeconfig)?);
    }
    let mut walls: Vec<Duration> = audits.iter().map(|audit| audit.wall).collect();
    let mut peaks: Vec<Option<u64>> = audits.iter().map(|audit| audit.peak).collect();
    let (socket, client, wall) = (median(&mut sockets), median(&mut clients), median(&mut walls));
    println!("{pods} pods, {:.1} MB of them, medians of {ROUNDS}", mega(bytes));
    for (name, took) in [("socket", socket), ("client", client)] {
        println!("  {name}  {:>7.3} s  {:>7.0} MB/s", took.as_secs_f64(), mega(bytes) / took.as_secs_f64());
    }
    let memory = median(&mut peaks).map_or_else(|| "unknown here (no /proc)".to_owned(), |kib| format!("{:.0} MiB", precise(kib) / 1024.0));
    let rate = precise(pods as u64) / wall.as_secs_f64();
    println!("  audit   {:>7.3} s  {rate:>7.0} pods/s, peak of memory {memory}", wall.as_secs_f64());
    let times = |bare: Duration| wall.as_secs_f64() / bare.as_secs_f64();
    println!("          {:.2} times the socket, {:.2} times the client", times(socket), times(client));
    Ok(())
}

fn median<T: Ord + Copy>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Millions of bytes.
fn mega(bytes: u64) -> f64 {
    precise(bytes) / 1e6
}

#[allow(clippy::cast_precision_loss, reason = "no figure here comes near 2^53")]
fn precise(number: u64) -> f64 {
    number as f64
}

/// What a run of the tool took.
struct Audit {
    wall: Duration,
    /// Most memory in KiB, where the system tells.
    peak: Option<u64>,
}

/// Runs the tool, and watches its memory from outside.
fn audit(kubeconfig: &Path) -> io::Result<Audit> {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-mtls"));
    let mut process = command.args(["audit", "--kubeconfig"]).arg(kubeconfig).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", process.id()));
    let watch = thread::spawn(move || watch(&status));
    let mut complaints = String::new();
    if let Some(mut stderr) = process.stderr.take() {
        stderr.read_to_string(&mut complaints)?;
    }
    let code = process.wait()?.code();
    let wall = start.elapsed();
    if !matches!(code, Some(0 | 1)) {
        return Err(io::Error::other(format!("the audit ended with {code:?}: {complaints}")));
    }
    Ok(Audit { wall, peak: watch.join().unwrap_or_default() })
}

/// The last peak of memory that a process showed before its end.
fn watch(status: &Path) -> Option<u64> {
    let mut peak = None;
    while let Some(now) = peak_of(status) {
        peak = Some(now);
        thread::sleep(Duration::from_millis(5));
    }
    peak
}

fn peak_of(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// The path of a page of pods.
fn page_path(token: &str) -> String {
    let continued = if token.is_empty() { String::new() } else { format!("&continue={token}") };
    format!("/api/v1/pods?limit={LIMIT}{continued}")
}

/// The token of the next page, which stands among the first bytes of a page.
fn next_token(start: &str) -> Option<String> {
    let digits = digits_after(start, server::TOKEN)?;
    (!digits.is_empty()).then(|| format!("{}{digits}", server::TOKEN))
}

fn digits_after(text: &str, mark: &str) -> Option<String> {
    Some(text.split_once(mark)?.1.chars().take_while(char::is_ascii_digit).collect())
}

/// Fetches every page of pods as the tool would, with its client, and drops it; the bytes of all bodies together.
fn fetch_with_client(address: &str) -> io::Result<u64> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let url = format!("http://{address}").parse().map_err(io::Error::other)?;
        let client = Client::try_from(Config::new(url)).map_err(io::Error::other)?;
        let (mut token, mut bytes) = (String::new(), 0);
        loop {
            let (length, next) = drop_answer(&client, &page_path(&token)).await?;
            bytes += length;
            let Some(next) = next else { return Ok(bytes) };
            token = next;
        }
    })
}

/// Asks for one page and drops every frame of it; its length, and the token of the next one.
async fn drop_answer(client: &Client, path: &str) -> io::Result<(u64, Option<String>)> {
    let request = http::Request::get(path).header(http::header::ACCEPT, server::PROTOBUF).body(Body::empty());
    let mut body = client.send(request.map_err(io::Error::other)?).await.map_err(io::Error::other)?.into_body();
    let (mut length, mut start) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(io::Error::other)?.into_data() else { continue };
        length += piece.len() as u64;
        // Enough for the envelope and the token.
        start.extend_from_slice(&piece[..piece.len().min(300_usize.saturating_sub(start.len()))]);
    }
    Ok((length, next_token(&String::from_utf8_lossy(&start))))
}

/// Fetches every page of pods on one connection and drops it; the bytes of all bodies together.
fn fetch(address: &str) -> io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1 << 18];
    let (mut token, mut bytes) = (String::new(), 0);
    loop {
        let accept = server::PROTOBUF;
        let request = format!("GET {} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\n\r\n", page_path(&token));
        stream.write_all(request.as_bytes())?;
        let (length, next) = drop_page(&mut stream, &mut buffer)?;
        bytes += length;
        let Some(next) = next else { return Ok(bytes) };
        token = next;
    }
}

/// Reads one answer; its length, and the token of the next page, which stands among its first bytes.
fn drop_page(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<(u64, Option<String>)> {
    // Enough for the head, the envelope and the token.
    let mut filled = 0;
    while filled < 300 {
        match stream.read(&mut buffer[filled..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    let start = String::from_utf8_lossy(&buffer[..filled.min(400)]);
    let length = digits_after(&start, "Content-Length: ").and_then(|length| length.parse().ok());
    let length: u64 = length.ok_or(io::ErrorKind::InvalidData)?;
    let next = next_token(&start);
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n").ok_or(io::ErrorKind::InvalidData)? + 4;
    let mut rest = length - (filled - head) as u64;
    while rest > 0 {
        match stream.read(buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => rest -= read as u64,
        }
    }
    Ok((length, next))
}
