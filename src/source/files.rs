//! Manifests from files, folders and standard input, read in parallel over cores.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    SourceError,
    decode::{self, Decoded, Text},
    documents::{self, Head},
    json, yaml,
};
use crate::object::{FilePlace, Gap, Kind, Origin, Snapshot};

/// What to read.
#[derive(Debug, Default)]
pub struct Request<'r> {
    /// Files and folders as they were named; `-` is standard input.
    pub paths: &'r [PathBuf],
    /// Whether sub-folders are read too.
    pub recursive: bool,
    /// Namespace of manifests that name none; empty means `default`.
    pub namespace: &'r str,
    /// The moment of reading, in seconds since 1970.
    pub now: i64,
}

/// Texts are read and dropped in rounds of this size, so that a folder's size is not the memory's.
const ROUND: usize = 64 << 20;

/// Reads manifests. Everything that can be read is; the rest is in the snapshot's gaps.
///
/// # Errors
/// When a path cannot be read, a folder has no manifests, or nothing at all was found.
pub fn read(request: &Request<'_>, stdin: &mut dyn io::Read) -> Result<Snapshot, SourceError> {
    let mut snapshot =
        Snapshot { taken_at: request.now, files: request.paths.iter().map(|path| name(path)).collect(), ..Snapshot::default() };
    let mut round: Vec<(Arc<str>, String)> = Vec::new();
    let mut size = 0;
    for path in paths(request)? {
        let shown: Arc<str> = name(&path).into();
        let bytes = contents(&path, stdin)?;
        snapshot.tally.files += 1;
        match text(bytes) {
            Ok(text) => {
                size += text.len();
                round.push((shown, text));
            }
            Err(because) => snapshot.gaps.push(Gap {
                wanted: shown.to_string(),
                because: because.into(),
                hint: "give YAML or JSON in UTF-8, or leave the file out".into(),
            }),
        }
        if size >= ROUND {
            read_round(&mut snapshot, &std::mem::take(&mut round), request)?;
            size = 0;
        }
    }
    read_round(&mut snapshot, &round, request)?;
    snapshot.settle();
    if snapshot.tally.documents == 0 && snapshot.gaps.is_empty() {
        return Err(SourceError::Nothing { files: snapshot.files.join(", ") });
    }
    Ok(snapshot)
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".into() } else { path.to_string_lossy().into_owned() }
}

/// The files behind the paths, in order; those of a folder by name.
fn paths(request: &Request<'_>) -> Result<Vec<PathBuf>, SourceError> {
    let mut found = Vec::new();
    for path in request.paths {
        if path.as_os_str() != "-" && path.is_dir() {
            let before = found.len();
            folder(path, request.recursive, &mut found)?;
            if found.len() == before {
                let mut deeper = Vec::new();
                folder(path, true, &mut deeper)?;
                return Err(SourceError::NoManifests { path: name(path), deeper: !deeper.is_empty() });
            }
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn folder(path: &Path, recursive: bool, found: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    let unreadable = |because| SourceError::Unreadable { path: name(path), because };
    let entries = fs::read_dir(path).map_err(unreadable)?;
    let mut entries: Vec<fs::DirEntry> = entries.collect::<Result<_, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // A link to a folder is not followed: it may lead back up, and its target is read where it stands.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if recursive {
                folder(&path, true, found)?;
            }
        } else if is_manifest(&path) && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

fn contents(path: &Path, stdin: &mut dyn io::Read) -> Result<Vec<u8>, SourceError> {
    let read = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        stdin.read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::File::open(path).and_then(|mut file| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map(|_| bytes)
        })
    };
    read.map_err(|because| SourceError::Unreadable { path: name(path), because })
}

/// The text of a file, without byte order mark.
fn text(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.contains(&0) {
        return Err("a binary file, not a manifest");
    }
    let mut text = String::from_utf8(bytes).map_err(|_| "not UTF-8 text, so not a manifest")?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// A stretch of a file that one thread reads on its own.
struct Piece<'t> {
    path: &'t Arc<str>,
    /// Which document of the file it is in, from 1.
    document: u32,
    /// Line on which it starts, from 1.
    line: u32,
    /// The text of the whole document.
    text: &'t str,
    /// Which part of it to read.
    part: Part<'t>,
}

enum Part<'t> {
    /// All of it, as YAML.
    Document,
    /// One item of a list; its kind, if it names none itself, follows from the list's.
    Item(documents::Item, Head<'t>),
    /// A JSON object, and the head of the list around it.
    Json(Head<'t>),
}

/// What one piece gave.
#[derive(Default)]
struct Outcome {
    decoded: Vec<Decoded>,
    unused: BTreeMap<String, usize>,
}

/// Reads the files of one round and adds what they gave.
fn read_round(snapshot: &mut Snapshot, files: &[(Arc<str>, String)], request: &Request<'_>) -> Result<(), SourceError> {
    let mut pieces = Vec::new();
    for (path, text) in files {
        let (mut document, mut line, mut counted) = (0, 1, 0);
        for range in documents::split(text) {
            line += lines(&text[counted..range.start]);
            counted = range.start;
            let text = &text[range];
            if documents::is_empty(text) {
                snapshot.tally.empty += 1;
                continue;
            }
            document += 1;
            snapshot.tally.documents += 1;
            cut(Piece { path, document, line, text, part: Part::Document }, &mut pieces);
        }
    }
    for outcome in over_cores(&pieces, request)? {
        for (kind, count) in outcome.unused {
            *snapshot.tally.unused.entry(kind).or_default() += count;
        }
        for decoded in outcome.decoded {
            snapshot.defects.extend(decoded.defects);
            snapshot.gaps.extend(decoded.gaps);
            decoded.object.into_iter().for_each(|object| snapshot.push(object));
            decoded.unused.into_iter().for_each(|kind| *snapshot.tally.unused.entry(kind).or_default() += 1);
        }
    }
    Ok(())
}

fn lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&b| b == b'\n').count()).unwrap_or(u32::MAX)
}

/// Cuts a document into the pieces that can be read on their own.
fn cut<'t>(whole: Piece<'t>, pieces: &mut Vec<Piece<'t>>) {
    if let Some(documents) = json::documents(whole.text) {
        documents.into_iter().for_each(|text| cut_json(&whole, text, Head::default(), pieces));
        return;
    }
    let head = Head::of(whole.text, 0);
    match head.kind.filter(|kind| kind.ends_with("List")).and_then(|_| documents::items(whole.text)) {
        None => pieces.push(whole),
        Some(items) => {
            let (mut line, mut counted) = (whole.line, 0);
            for item in items {
                line += lines(&whole.text[counted..item.range.start]);
                counted = item.range.start;
                pieces.push(Piece { line, part: Part::Item(item, head), ..whole });
            }
        }
    }
}

fn cut_json<'t>(whole: &Piece<'t>, text: &'t str, list: Head<'t>, pieces: &mut Vec<Piece<'t>>) {
    let line = whole.line + lines(&whole.text[..json::offset(text, whole.text)]);
    let items = json::peek(text).and_then(|head| head.items);
    match items {
        Some(items) => {
            let head = json_head(text);
            items.into_iter().for_each(|item| cut_json(whole, item.get(), head, pieces));
        }
        None => pieces.push(Piece { path: whole.path, document: whole.document, line, text, part: Part::Json(list) }),
    }
}

/// The head of a JSON list, borrowed from its text: escapes in a kind's name are nobody's.
fn json_head(text: &str) -> Head<'_> {
    let borrowed = |word: Option<std::borrow::Cow<'_, str>>| {
        let word = word?;
        text.find(&format!("\"{word}\"")).map(|at| &text[at + 1..=at + word.len()])
    };
    json::peek(text).map_or_else(Head::default, |head| Head { api_version: borrowed(head.api_version), kind: borrowed(head.kind) })
}

/// Reads the pieces over all cores; the outcomes are in the order of the pieces.
fn over_cores(pieces: &[Piece<'_>], request: &Request<'_>) -> Result<Vec<Outcome>, SourceError> {
    const CHUNK: usize = 64;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = pieces.chunks(CHUNK).nth(at) else { return done };
            let mut outcome = Outcome::default();
            chunk.iter().for_each(|piece| piece.read(request, &mut outcome));
            done.push((at, outcome));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(pieces.len().div_ceil(CHUNK)).max(1);
    let mut outcomes = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().stack_size(yaml::STACK).spawn_scoped(scope, work);
        let started: Vec<_> = (0..threads).map(spawn).collect::<Result<_, _>>().map_err(SourceError::NoThread)?;
        let mut outcomes = Vec::new();
        for thread in started {
            match thread.join() {
                Ok(done) => outcomes.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(outcomes)
    })?;
    outcomes.sort_by_key(|(at, _)| *at);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}

impl Piece<'_> {
    fn read(&self, request: &Request<'_>, out: &mut Outcome) {
        match &self.part {
            Part::Document => self.document(request, out),
            Part::Item(item, list) => {
                let text = item.text(self.text);
                let head = within(Head::of(&text, item.indent), *list);
                let Some(decoded) = self.object(&text, head, request, decode::yaml_object, out) else { return };
                // An alias may stand for something in an earlier item: then only the whole list makes sense.
                let is_lost = decoded.gaps.iter().any(|gap| gap.because.contains("alias"));
                match is_lost.then(|| self.lone_item(item, *list, request, out)).flatten() {
                    Some(whole) => out.decoded.push(whole),
                    None => out.decoded.push(decoded),
                }
            }
            Part::Json(list) => {
                let head = within(json_head(self.text), *list);
                let decoded = self.object(self.text, head, request, decode::json_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// A document of YAML that is no list, or a list that only the parser can take apart.
    fn document(&self, request: &Request<'_>, out: &mut Outcome) {
        let head = Head::of(self.text, 0);
        if head.kind.is_some_and(|kind| !kind.ends_with("List")) && head.api_version.is_some() {
            let decoded = self.object(self.text, head, request, decode::yaml_object, out);
            out.decoded.extend(decoded);
            return;
        }
        match yaml::tree(self.text) {
            Err(broken) => out.decoded.push(self.unread(&broken)),
            Ok(tree) => self.tree(&tree, request, out),
        }
    }

    /// A document whose head could only be found by parsing it.
    fn tree(&self, tree: &yaml::Node, request: &Request<'_>, out: &mut Outcome) {
        let value = tree.json();
        let word = |value: &serde_json::Value, key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
        let head = Head { api_version: Some(&api_version), kind: Some(&kind) };
        match tree.items("items").filter(|_| kind.ends_with("List")) {
            Some(items) => {
                for (start, item) in items {
                    let value = item.json();
                    let (api_version, kind) = (word(&value, "apiVersion"), word(&value, "kind"));
                    let own = Head { api_version: Some(api_version.as_str()), kind: Some(kind.as_str()) };
                    let line = self.line + lines(self.text.get(..start).unwrap_or_default());
                    let piece = Piece { line, part: Part::Document, ..*self };
                    let decoded = piece.object("", within(own, head), request, |text| decode::value_object(text, &value), out);
                    out.decoded.extend(decoded);
                }
            }
            None if kind.is_empty() || !value.is_object() => {
                let what = if value.is_object() { "a mapping without kind" } else { "no mapping" };
                *out.unused.entry(what.into()).or_default() += 1;
            }
            None => {
                let decoded = self.object(self.text, head, request, decode::yaml_object, out);
                out.decoded.extend(decoded);
            }
        }
    }

    /// One item of a list that only makes sense with the items before it.
    fn lone_item(&self, item: &documents::Item, list: Head<'_>, request: &Request<'_>, out: &mut Outcome) -> Option<Decoded> {
        let tree = yaml::tree(self.text).ok()?;
        let items = tree.items("items")?;
        let (_, node) = items.into_iter().rfind(|(start, _)| item.range.contains(start))?;
        let value = node.json();
        let text = item.text(self.text);
        let head = within(Head::of(&text, item.indent), list);
        self.object("", head, request, |text| decode::value_object(text, &value), out)
    }

    /// Decodes one object, if it is of a kind that is used.
    fn object(
        &self,
        text: &str,
        head: Head<'_>,
        request: &Request<'_>,
        read: impl Fn(&Text<'_>) -> Decoded,
        out: &mut Outcome,
    ) -> Option<Decoded> {
        let (api_version, kind) = (head.api_version.unwrap_or_default(), head.kind.unwrap_or_default());
        let Some(known) = Kind::of(api_version, kind) else {
            if kind.is_empty() && !text.is_empty() {
                // An item whose head is not plain to see.
                Piece { text, part: Part::Document, ..*self }.document(request, out);
            } else {
                *out.unused.entry(format!("{api_version}/{kind}")).or_default() += 1;
            }
            return None;
        };
        let origin = self.origin(known.is_blamed().then(|| text.into()).filter(|text: &Box<str>| !text.is_empty()));
        let default_namespace = if request.namespace.is_empty() { "default" } else { request.namespace };
        Some(read(&Text { text, kind: known, api_version, origin: &origin, default_namespace, named: &self.named() }))
    }

    fn unread(&self, broken: &yaml::Broken) -> Decoded {
        let gap = decode::unread(self.text, &self.origin(None), &self.named(), broken);
        Decoded { gaps: vec![gap], ..Decoded::default() }
    }

    fn origin(&self, text: Option<Box<str>>) -> Origin {
        Origin::File(Arc::new(FilePlace { path: Arc::clone(self.path), document: self.document, line: self.line, text }))
    }

    fn named(&self) -> String {
        format!("document {} of {}", self.document, self.path)
    }
}

/// The head of a list's item: its own, or what the list's kind says (`PodList` holds Pods).
fn within<'t>(own: Head<'t>, list: Head<'t>) -> Head<'t> {
    let of_list = list.kind.and_then(|kind| kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let given = |word: Option<&'t str>| word.filter(|word| !word.is_empty());
    Head { api_version: given(own.api_version).or(list.api_version), kind: given(own.kind).or(of_list) }
}
