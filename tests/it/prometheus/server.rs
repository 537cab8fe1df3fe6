//! A real Prometheus over the invented history, where there is one.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{
    history,
    stub::{Asked, JSON, Reply},
};

/// The server; it ends when this is dropped, and its data with it.
pub(crate) struct Server {
    child: Child,
    address: String,
    folder: PathBuf,
}

/// Longest time a server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

impl Server {
    /// Starts one. `None` where there is no Prometheus, which is said; with `REQUIRE_PROMETHEUS` that is a failure.
    pub(crate) fn start() -> Option<Self> {
        let is_there = |program| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
        if !(is_there("prometheus") && is_there("promtool")) {
            assert!(
                std::env::var_os("REQUIRE_PROMETHEUS").is_none(),
                "REQUIRE_PROMETHEUS is set, and there is no prometheus with promtool"
            );
            // Written past the harness, which would keep the words of a test that passes to itself.
            let mut sink = std::io::stderr().lock();
            writeln!(sink, "prometheus is not there: whether the recorded answers are still its own was not tried").unwrap();
            return None;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("prometheus-{}", std::process::id()));
        let (text, data, config) = (folder.join("history.om"), folder.join("data"), folder.join("prometheus.yml"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&text, history::open_metrics()).unwrap();
        std::fs::write(&config, "global: {}\n").unwrap();
        let built = Command::new("promtool").args(["tsdb", "create-blocks-from", "openmetrics"]).arg(&text).arg(&data).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let mut child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .args(["--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:0"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (told, ready) = mpsc::channel();
        let log = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            let mut address = None;
            // Read to its end: a full pipe would stop the server.
            for line in log.lines().map_while(Result::ok) {
                if line.contains("Listening on") {
                    address = line.split("address=").nth(1).map(|rest| rest.split_whitespace().next().unwrap_or_default().to_owned());
                }
                if line.contains("Server is ready") {
                    let _ = told.send(address.clone());
                }
            }
        });
        // Made before anything can fail, so that the server ends in any case.
        let mut server = Self { child, address: String::new(), folder };
        server.address = ready.recv_timeout(PATIENCE).expect("Prometheus is ready in time").expect("it says where it listens");
        Some(server)
    }

    /// What it answers to a request.
    pub(crate) fn answer(address: &str, asked: &Asked) -> Reply {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {} HTTP/1.0\r\nHost: {address}\r\n\r\n", asked.target()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let code = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply::Answer(code, JSON, body.to_owned())
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
