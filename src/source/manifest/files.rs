//! Reads manifests from files, folders and standard input, in parallel.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    chunk::{self, Chunk, Parsed, Part},
    folder::{self, FoundFile, display_name},
    request::Request,
    split, yaml,
};
use crate::{
    object::{Gap, Snapshot},
    source::error::SourceError,
};

/// Texts are read and dropped in rounds of about this size, to bound memory.
const ROUND_SIZE: usize = 64 << 20;

/// A text to read, and the name of its file.
struct ReadFile {
    path: Arc<str>,
    text: String,
    /// Whether the file was given by name.
    is_explicit: bool,
}

/// Reads manifests. What cannot be read is in the snapshot's gaps.
///
/// # Errors
/// If a given path cannot be read, a folder has no manifests, or nothing at all was found.
pub fn read(request: &Request<'_>, stdin: &mut dyn io::Read) -> Result<Snapshot, SourceError> {
    let found = folder::find(request)?;
    let mut snapshot = read_files(&found.files, request, stdin)?;
    snapshot.tally.excluded = found.excluded;
    snapshot.tally.exclude = request.exclude.patterns().to_vec();
    snapshot.tally.not_entered = found.not_entered;
    snapshot.gaps.extend(found.gaps);
    snapshot.normalize();
    check_content(&snapshot)?;
    Ok(snapshot)
}

/// An error if nothing was read that could be an object.
pub(in crate::source) fn check_content(snapshot: &Snapshot) -> Result<(), SourceError> {
    let files = || snapshot.files.join(", ");
    match snapshot.tally.documents - snapshot.tally.not_objects {
        _ if !snapshot.gaps.is_empty() => Ok(()),
        0 if snapshot.tally.documents > 0 => Err(SourceError::NoObjects { files: files() }),
        0 => Err(SourceError::Empty { files: files() }),
        _ => Ok(()),
    }
}

/// Reads files. The snapshot is not normalized.
///
/// # Errors
/// If a file that was given by name cannot be read.
pub(in crate::source) fn read_files(files: &[FoundFile], request: &Request<'_>, stdin: &mut dyn io::Read) -> Result<Snapshot, SourceError> {
    let mut snapshot =
        Snapshot { taken_at: request.now, files: request.paths.iter().map(|path| display_name(path)).collect(), ..Snapshot::default() };
    let mut round: Vec<ReadFile> = Vec::new();
    let mut size = 0;
    for FoundFile { path, is_explicit } in files {
        let shown: Arc<str> = shown(path, request).into();
        let bytes = match folder::contents(path, stdin, request.max_file_size) {
            Ok(bytes) => bytes,
            Err(error) if *is_explicit => return Err(SourceError::Unreadable { path: display_name(path), source: error }),
            Err(error) => {
                snapshot.gaps.push(folder::unreadable(path, &error));
                continue;
            }
        };
        snapshot.tally.files += 1;
        match text(bytes) {
            Ok(text) => {
                size += text.len();
                round.push(ReadFile { path: shown, text, is_explicit: *is_explicit });
            }
            Err(error) => snapshot.gaps.push(Gap::new(shown.to_string(), error, "pass YAML or JSON in UTF-8, or leave the file out")),
        }
        if size >= ROUND_SIZE {
            read_round(&mut snapshot, &std::mem::take(&mut round), request)?;
            size = 0;
        }
    }
    read_round(&mut snapshot, &round, request)?;
    Ok(snapshot)
}

/// Reads the output of a program. The snapshot is not normalized.
///
/// # Errors
/// If the text is not UTF-8, or no thread can be started.
pub(in crate::source) fn read_output(name: &str, bytes: Vec<u8>, request: &Request<'_>) -> Result<Snapshot, SourceError> {
    let mut snapshot = Snapshot { taken_at: request.now, ..Snapshot::default() };
    match text(bytes) {
        Ok(text) => read_round(&mut snapshot, &[ReadFile { path: name.into(), text, is_explicit: true }], request)?,
        Err(error) => snapshot.gaps.push(Gap::new(name, error, "check what the builder prints")),
    }
    Ok(snapshot)
}

/// How a file is named in messages and locations.
fn shown(path: &Path, request: &Request<'_>) -> String {
    if folder::is_stdin(path) { request.stdin_name.to_owned() } else { display_name(path) }
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
fn read_round(snapshot: &mut Snapshot, files: &[ReadFile], request: &Request<'_>) -> Result<(), SourceError> {
    let mut chunks = Vec::new();
    for ReadFile { path, text, is_explicit } in files {
        let (mut document, mut line, mut counted) = (0, 1, 0);
        for range in split::split(text) {
            line += chunk::count_lines(&text[counted..range.start]);
            counted = range.start;
            let is_first = range.start == 0;
            let text = &text[range];
            if split::is_empty(text) {
                snapshot.tally.empty += 1;
                continue;
            }
            document += 1;
            snapshot.tally.documents += 1;
            chunk::split(Chunk { path, is_explicit: *is_explicit, document, line, text, part: Part::Document }, is_first, &mut chunks);
        }
    }
    for parsed in whole_lists(&chunks, parse_in_parallel(&chunks, request)?, request) {
        snapshot.tally.not_objects += parsed.not_objects;
        for (kind, count) in parsed.unused {
            *snapshot.tally.unused.entry(kind).or_default() += count;
        }
        for decoded in parsed.decoded {
            snapshot.defects.extend(decoded.defects);
            snapshot.gaps.extend(decoded.gaps);
            decoded.lost.into_iter().for_each(|(kind, namespace)| snapshot.lose(kind, namespace));
            decoded.object.into_iter().for_each(|object| snapshot.push(object));
            decoded.unused.into_iter().for_each(|kind| *snapshot.tally.unused.entry(kind).or_default() += 1);
        }
    }
    Ok(())
}

/// Parses lists as a whole where an item is not YAML on its own: it can refer to an anchor of another one, or be no item at all.
fn whole_lists(chunks: &[Chunk<'_>], parsed: Vec<Parsed>, request: &Request<'_>) -> Vec<Parsed> {
    let mut results = Vec::with_capacity(parsed.len());
    let mut left = parsed.into_iter();
    for group in chunks.chunk_by(Chunk::is_same_list) {
        let items: Vec<Parsed> = left.by_ref().take(group.len()).collect();
        let whole = items.iter().any(|item| item.is_unreadable).then(|| group[0].whole_list()?.read(request).readable()).flatten();
        match whole {
            Some(whole) => results.push(whole),
            None => results.extend(items),
        }
    }
    results
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
            finished.push((at, batch.iter().map(|chunk| chunk.read(request)).collect::<Vec<_>>()));
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
    Ok(results.into_iter().flat_map(|(_, parsed)| parsed).collect())
}
