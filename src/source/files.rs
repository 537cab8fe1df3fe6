//! Manifests from files, folders and standard input, read in parallel over cores.

use std::{
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
    SourceError, documents,
    pieces::{self, Outcome, Part, Piece},
    yaml,
};
use crate::object::{Gap, Snapshot};

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

/// Reads the files of one round and adds what they gave.
fn read_round(snapshot: &mut Snapshot, files: &[(Arc<str>, String)], request: &Request<'_>) -> Result<(), SourceError> {
    let mut pieces = Vec::new();
    for (path, text) in files {
        let (mut document, mut line, mut counted) = (0, 1, 0);
        for range in documents::split(text) {
            line += pieces::lines(&text[counted..range.start]);
            counted = range.start;
            let text = &text[range];
            if documents::is_empty(text) {
                snapshot.tally.empty += 1;
                continue;
            }
            document += 1;
            snapshot.tally.documents += 1;
            pieces::cut(Piece { path, document, line, text, part: Part::Document }, &mut pieces);
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
            for piece in chunk {
                piece.read(request, &mut outcome);
            }
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
