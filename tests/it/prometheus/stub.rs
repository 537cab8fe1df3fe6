//! A server that answers as a test says: a Prometheus, or an API server before one.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its first line.
    pub(crate) line: String,
    /// Its headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status, a media type and a body.
    Answer(u16, &'static str, String),
    /// Headers, each with its line break, and a body of bytes.
    Bytes(&'static str, Vec<u8>),
    /// A way elsewhere.
    Redirect(&'static str),
    /// Nothing: the connection ends.
    Reset,
    /// Nothing, for as long as the client waits.
    Silence,
}

pub(crate) const JSON: &str = "application/json";

impl Reply {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::Answer(200, JSON, body.into())
    }
}

/// The server; it ends with the process.
pub(crate) struct Stub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { url, asked }
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Asked {
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut lines = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let line = lines.next()?;
        let header = |line: String| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        Some(Self { line, headers: lines.filter_map(header).collect() })
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    /// A parameter of the query, decoded.
    pub(crate) fn parameter(&self, name: &str) -> String {
        let (_, query) = self.target().split_once('?').unwrap_or_default();
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
        percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
    }

    /// The values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Reply) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let Some(asked) = Asked::read(&mut reader) else { return };
    seen.lock().unwrap().push(asked.clone());
    let (head, body) = match answer(&asked) {
        Reply::Reset => return stream.shutdown(Shutdown::Both).unwrap_or_default(),
        Reply::Silence => {
            // Held until the client gives up.
            let _ = reader.read(&mut [0]);
            return;
        }
        Reply::Redirect(place) => (format!("302 Found\r\nLocation: {place}\r\n"), Vec::new()),
        Reply::Answer(code, media, body) => (format!("{code} X\r\nContent-Type: {media}\r\n"), body.into_bytes()),
        Reply::Bytes(headers, body) => (format!("200 X\r\nContent-Type: {JSON}\r\n{headers}"), body),
    };
    let head = format!("HTTP/1.1 {head}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.into_bytes(), body].concat());
}
