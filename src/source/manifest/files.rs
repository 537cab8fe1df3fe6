//! Reads manifests from files, folders and standard input, in parallel.

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
    chunk::{self, Chunk, Parsed, Part},
    request::Request,
    split, yaml,
};
use crate::{
    object::{Gap, Snapshot},
    source::{configuration, error::SourceError},
};

/// Texts are read and dropped in rounds of about this size, to bound memory.
const ROUND_SIZE: usize = 64 << 20;

/// Reads manifests. What cannot be read is in the snapshot's gaps.
///
/// # Errors
/// If a given path cannot be read, a folder has no manifests, or nothing at all was found.
pub fn read(request: &Request<'_>, stdin: &mut dyn io::Read) -> Result<Snapshot, SourceError> {
    let mut snapshot =
        Snapshot { taken_at: request.now, files: request.paths.iter().map(|path| display_name(path)).collect(), ..Snapshot::default() };
    let mut round: Vec<(Arc<str>, String)> = Vec::new();
    let mut size = 0;
    for (path, is_explicit) in paths(request, &mut snapshot.gaps)? {
        if !is_explicit && request.exclude.matches(&path) {
            snapshot.tally.excluded += 1;
            continue;
        }
        let shown: Arc<str> = display_name(&path).into();
        let bytes = match contents(&path, stdin) {
            Ok(bytes) => bytes,
            Err(error) if is_explicit => return Err(SourceError::Unreadable { path: display_name(&path), source: error }),
            Err(error) => {
                snapshot.gaps.push(unreadable(&path, &error));
                continue;
            }
        };
        snapshot.tally.files += 1;
        match text(bytes) {
            Ok(text) => {
                size += text.len();
                round.push((shown, text));
            }
            Err(error) => snapshot.gaps.push(Gap::new(shown.to_string(), error, "pass YAML or JSON in UTF-8, or leave the file out")),
        }
        if size >= ROUND_SIZE {
            read_round(&mut snapshot, &std::mem::take(&mut round), request)?;
            size = 0;
        }
    }
    read_round(&mut snapshot, &round, request)?;
    snapshot.normalize();
    if snapshot.tally.documents == 0 && snapshot.gaps.is_empty() {
        return Err(SourceError::Empty { files: snapshot.files.join(", ") });
    }
    Ok(snapshot)
}

fn display_name(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".into() } else { path.to_string_lossy().into_owned() }
}

/// The files to read, in order and without duplicates, and whether each was given by name; files of a folder are sorted by name.
fn paths(request: &Request<'_>, gaps: &mut Vec<Gap>) -> Result<Vec<(PathBuf, bool)>, SourceError> {
    let mut found: Vec<(PathBuf, bool)> = Vec::new();
    for path in request.paths {
        if path.as_os_str() != "-" && path.is_dir() {
            let mut inside = Vec::new();
            folder(path, request.recursive, &mut inside, gaps)
                .map_err(|error| SourceError::Unreadable { path: display_name(path), source: error })?;
            if inside.is_empty() {
                let mut in_subfolders = Vec::new();
                let is_readable = folder(path, true, &mut in_subfolders, &mut Vec::new()).is_ok();
                return Err(SourceError::NoManifests { path: display_name(path), in_subfolders: is_readable && !in_subfolders.is_empty() });
            }
            found.extend(inside.into_iter().map(|path| (path, false)));
        } else {
            found.push((path.clone(), true));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|(path, _)| seen.insert(path.clone()));
    Ok(found)
}

/// Collects the manifests of a folder. A sub-folder that cannot be read is a gap.
fn folder(path: &Path, recursive: bool, found: &mut Vec<PathBuf>, gaps: &mut Vec<Gap>) -> io::Result<()> {
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        // Links to folders are not followed: they can form cycles, and the target is read at its own path.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if recursive && let Err(error) = folder(&path, true, found, gaps) {
                gaps.push(unreadable(&path, &error));
            }
        } else if is_manifest(&path) && entry.file_name() != configuration::NAME && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &io::Error) -> Gap {
    Gap::new(display_name(path), format!("cannot read it: {error}"), "fix the link or the permissions, or leave it out")
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    matches!(extension.as_deref(), Some("yaml" | "yml" | "json"))
}

fn contents(path: &Path, stdin: &mut dyn io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        stdin.read_to_end(&mut bytes)?;
    } else {
        fs::File::open(path)?.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
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

/// Reads the files of one round and adds the results.
fn read_round(snapshot: &mut Snapshot, files: &[(Arc<str>, String)], request: &Request<'_>) -> Result<(), SourceError> {
    let mut chunks = Vec::new();
    for (path, text) in files {
        let (mut document, mut line, mut counted) = (0, 1, 0);
        for range in split::split(text) {
            line += chunk::count_lines(&text[counted..range.start]);
            counted = range.start;
            let text = &text[range];
            if split::is_empty(text) {
                snapshot.tally.empty += 1;
                continue;
            }
            document += 1;
            snapshot.tally.documents += 1;
            chunk::split(Chunk { path, document, line, text, part: Part::Document }, &mut chunks);
        }
    }
    for parsed in parse_in_parallel(&chunks, request)? {
        for (kind, count) in parsed.unused {
            *snapshot.tally.unused.entry(kind).or_default() += count;
        }
        for decoded in parsed.decoded {
            snapshot.defects.extend(decoded.defects);
            snapshot.gaps.extend(decoded.gaps);
            decoded.object.into_iter().for_each(|object| snapshot.push(object));
            decoded.unused.into_iter().for_each(|kind| *snapshot.tally.unused.entry(kind).or_default() += 1);
        }
    }
    Ok(())
}

/// Parses the chunks on all cores; the results are in the order of the chunks.
fn parse_in_parallel(chunks: &[Chunk<'_>], request: &Request<'_>) -> Result<Vec<Parsed>, SourceError> {
    const BATCH: usize = 64;
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut finished = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = chunks.chunks(BATCH).nth(at) else { return finished };
            let mut parsed = Parsed::default();
            for chunk in batch {
                chunk.read(request, &mut parsed);
            }
            finished.push((at, parsed));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(chunks.len().div_ceil(BATCH)).max(1);
    let mut results = thread::scope(|scope| {
        let spawn = |_| thread::Builder::new().stack_size(yaml::STACK_SIZE).spawn_scoped(scope, worker);
        let started: Vec<_> = (0..threads).map(spawn).collect::<Result<_, _>>().map_err(SourceError::NoThread)?;
        let mut results = Vec::new();
        for thread in started {
            match thread.join() {
                Ok(finished) => results.extend(finished),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(results)
    })?;
    results.sort_by_key(|(at, _)| *at);
    Ok(results.into_iter().map(|(_, parsed)| parsed).collect())
}
