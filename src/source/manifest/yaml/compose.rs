//! Builds the tree of a document from the parser's events, as kubectl's parser does: the last value of a repeated key is effective, and
//! a merge key overrides what stands before it.

use std::{borrow::Cow, collections::BTreeMap, rc::Rc};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span as Marks, StructureStyle, Tag};

use super::{
    error::ParseError,
    node::{Document, Entry, Node, Span, Standing, Value},
    scalar,
};

/// The maximum nesting of a document.
pub const MAX_LEVELS: usize = 64;

/// The tag that makes a merge key of a quoted `<<`.
const MERGE: &str = "merge";

const UNKNOWN_ANCHOR: &str = "an alias without an anchor before it";

/// Parses one document.
///
/// # Errors
/// If the text is not YAML, has values that kubectl rejects, more than one document, too many levels, or aliases that repeat more
/// values than the text has bytes.
pub(super) fn compose(text: &str) -> Result<Document<'_>, ParseError> {
    let mut composer = Composer { text, open: Vec::new(), anchors: BTreeMap::new(), root: None, repeated: 0, repeats_keys: false };
    let mut ignored_from = None;
    let mut options = Options::default();
    // The parser accepts only so many comments in a row if it has to emit them.
    options.set_emit_comments(false);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, marks) = event.map_err(|error| unreadable(&error))?;
        if composer.root.is_some() && matches!(event, Event::DocumentStart(..)) {
            if text.get(span(marks).start as usize..).is_some_and(|text| text.starts_with("---")) {
                return Err(broken(marks, "a second document starts inside it; `---` must be alone on its line"));
            }
            ignored_from = Some(broken(marks, "").line);
            break;
        }
        composer.event(event, marks)?;
    }
    let root = composer.root.unwrap_or(Node { span: Span::default(), value: Value::Null });
    Ok(Document { root, repeats_keys: composer.repeats_keys, ignored_from })
}

/// A collection whose end was not reached yet.
struct Open<'t> {
    collection: Collection<'t>,
    /// Whether it is written in brackets or braces.
    is_flow: bool,
    start: u32,
    anchor: usize,
    /// The number of values in it, those that aliases repeat included.
    size: usize,
}

enum Collection<'t> {
    List(Vec<Node<'t>>),
    Map { entries: Vec<Entry<'t>>, key: Option<Key<'t>> },
}

/// A key whose value was not reached yet.
enum Key<'t> {
    Merge,
    Name(Cow<'t, str>, Span),
}

/// A value with an anchor, and the number of values in it; `None` before its end.
type Anchored<'t> = Option<(Rc<Node<'t>>, usize)>;

struct Composer<'t> {
    text: &'t str,
    open: Vec<Open<'t>>,
    anchors: BTreeMap<usize, Anchored<'t>>,
    root: Option<Node<'t>>,
    /// The number of values that aliases repeated.
    repeated: usize,
    repeats_keys: bool,
}

impl<'t> Composer<'t> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the parser's other events have no value, and more can be added")]
    fn event(&mut self, event: Event<'t>, marks: Marks) -> Result<(), ParseError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), marks),
            Event::SequenceStart(style, anchor, _) => self.enter(Collection::List(Vec::new()), style, anchor, marks),
            Event::MappingStart(style, anchor, _) => self.enter(Collection::Map { entries: Vec::new(), key: None }, style, anchor, marks),
            Event::SequenceEnd | Event::MappingEnd => self.leave(marks),
            Event::Alias(anchor) => self.alias(anchor, marks),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: Cow<'t, str>, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, marks: Marks) -> Result<(), ParseError> {
        let span = span(marks);
        let is_flow = self.open.last().is_some_and(|open| open.is_flow);
        if is_flow && style == ScalarStyle::Plain && text.contains('?') {
            return Err(broken(marks, "a `?` in brackets or braces begins a key; put the text in quotes"));
        }
        let is_key = matches!(self.open.last(), Some(Open { collection: Collection::Map { key: None, .. }, .. }));
        let is_merge = is_key && text == "<<" && (tag.is_none() && style == ScalarStyle::Plain || tag.is_some_and(is_merge_tag));
        if is_merge {
            self.key(Key::Merge);
            return Ok(());
        }
        let value = resolved(text, style, tag).map_err(|reason| broken(marks, reason))?;
        if is_key {
            let name = scalar::key(value.clone()).ok_or_else(|| broken(marks, "a key must be a string, a number or a boolean"))?;
            if anchor > 0 {
                self.anchors.insert(anchor, Some((Rc::new(Node { span, value }), 1)));
            }
            self.key(Key::Name(name, span));
            return Ok(());
        }
        let value = scalar::json(value).ok_or_else(|| broken(marks, "not a finite number"))?;
        self.attach(Node { span, value }, anchor, 1, marks)
    }

    fn enter(&mut self, collection: Collection<'t>, style: StructureStyle, anchor: usize, marks: Marks) -> Result<(), ParseError> {
        if let Some(Open { collection: Collection::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(broken(marks, "a key must be a string, a number or a boolean"));
        }
        if self.open.len() >= MAX_LEVELS {
            return Err(broken(marks, format!("nested deeper than {MAX_LEVELS} levels")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        self.open.push(Open { collection, is_flow: style == StructureStyle::Flow, start: span(marks).start, anchor, size: 1 });
        Ok(())
    }

    fn leave(&mut self, marks: Marks) -> Result<(), ParseError> {
        let Some(Open { collection, is_flow, start, anchor, size }) = self.open.pop() else { return Ok(()) };
        let span = Span { start, end: span(marks).end };
        let value = match collection {
            Collection::List(items) => Value::List(items),
            Collection::Map { entries, .. } => self.mapping(entries, is_flow, span),
        };
        self.attach(Node { span, value }, anchor, size, marks)
    }

    /// A mapping with all its entries. In brackets and braces, a key without a value whose colon is directly before the next delimiter
    /// has the colon in its name, and is a string if it stands in a list: kubectl's parser reads `[2001:db8::]` so.
    fn mapping(&mut self, mut entries: Vec<Entry<'t>>, is_flow: bool, span: Span) -> Value<'t> {
        let is_pair = entries.first().is_some_and(|entry| entry.key_span.start == span.start)
            && matches!(self.open.last(), Some(Open { collection: Collection::List(_), .. }));
        for entry in entries.iter_mut().filter(|_| is_flow || is_pair) {
            let Some(text) = self.with_colon(entry) else { continue };
            if is_pair {
                return Value::Text(text);
            }
            entry.key = text;
        }
        self.repeats_keys |= settle(&mut entries);
        Value::Map(entries)
    }

    fn with_colon(&self, entry: &Entry<'t>) -> Option<Cow<'t, str>> {
        let text = self.text.get(entry.key_span.start as usize..)?;
        let end = (entry.key_span.end - entry.key_span.start) as usize;
        let is_plain = !text.starts_with(['"', '\'', '{', '[', '?', '&', '*', '!']);
        let is_end = text.get(end..)?.strip_prefix(':')?.starts_with([',', ']', '[', '{', '}']);
        (is_plain && is_end && matches!(entry.value.value, Value::Null)).then(|| Cow::Borrowed(&text[..=end]))
    }

    fn alias(&mut self, anchor: usize, marks: Marks) -> Result<(), ParseError> {
        let (node, size) = match self.anchors.get(&anchor) {
            Some(Some((node, size))) => (Rc::clone(node), *size),
            Some(None) => return Err(broken(marks, "an alias inside the value that it refers to")),
            None => return Err(broken(marks, UNKNOWN_ANCHOR)),
        };
        self.repeated = self.repeated.saturating_add(size);
        if self.repeated > self.text.len().saturating_add(100) {
            return Err(broken(marks, "alias expansion limit exceeded"));
        }
        if let Some(Open { collection: Collection::Map { key: None, .. }, .. }) = self.open.last() {
            let name = scalar::key(node.value().clone()).ok_or_else(|| broken(marks, "a key must be a string, a number or a boolean"))?;
            self.key(Key::Name(name, span(marks)));
            return Ok(());
        }
        self.attach(Node { span: span(marks), value: Value::Shared(node) }, 0, size, marks)
    }

    fn key(&mut self, name: Key<'t>) {
        if let Some(Open { collection: Collection::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(name);
        }
    }

    /// Adds a complete value to the innermost open collection, or makes it the root.
    fn attach(&mut self, mut node: Node<'t>, anchor: usize, size: usize, marks: Marks) -> Result<(), ParseError> {
        let is_alias = matches!(node.value, Value::Shared(_));
        if anchor > 0 {
            let span = node.span;
            let shared = Rc::new(node);
            self.anchors.insert(anchor, Some((Rc::clone(&shared), size)));
            node = Node { span, value: Value::Shared(shared) };
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        parent.size = parent.size.saturating_add(size);
        match &mut parent.collection {
            Collection::List(items) => items.push(node),
            Collection::Map { entries, key } => match key.take() {
                Some(Key::Name(name, key_span)) => {
                    entries.push(Entry { key: name, key_span, value: node, standing: Standing::Effective });
                }
                Some(Key::Merge) => {
                    merge(&node, is_alias, entries).ok_or_else(|| broken(marks, "a merge key needs a mapping, or a list of mappings"))?;
                }
                None => return Err(broken(marks, "a value without a key")),
            },
        }
        Ok(())
    }
}

/// Adds the entries of a merge key's value: a mapping, or a list of mappings of which the first has precedence.
fn merge<'t>(node: &Node<'t>, is_alias: bool, into: &mut Vec<Entry<'t>>) -> Option<()> {
    let mut add = |node: &Node<'t>| {
        node.is_map().then(|| {
            for entry in node.entries() {
                for before in into.iter_mut().filter(|before| before.key == entry.key) {
                    before.standing = Standing::Merged;
                }
                into.push(entry.clone());
            }
        })
    };
    // kubectl rejects an alias of a list.
    match node.items().filter(|_| !is_alias) {
        Some(items) => items.iter().rev().try_for_each(add),
        None => add(node),
    }
}

/// Marks all but the last entry of each key; `true` if a key is repeated.
pub(super) fn settle(entries: &mut [Entry<'_>]) -> bool {
    const FEW: usize = 16;
    let mut repeats = false;
    let mark = |entry: &mut Entry<'_>, repeats: &mut bool| {
        if entry.standing == Standing::Effective {
            entry.standing = Standing::Repeated;
            *repeats = true;
        }
    };
    if entries.len() <= FEW {
        for at in 1..entries.len() {
            let (before, rest) = entries.split_at_mut(at);
            before.iter_mut().filter(|entry| entry.key == rest[0].key).for_each(|entry| mark(entry, &mut repeats));
        }
        return repeats;
    }
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut overridden = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        overridden.extend(last.insert(&entry.key, at));
    }
    for at in overridden {
        mark(&mut entries[at], &mut repeats);
    }
    repeats
}

fn is_merge_tag(tag: &Tag) -> bool {
    tag.suffix_in_namespace("tag:yaml.org,2002:").is_some_and(|suffix| suffix == MERGE)
}

fn resolved<'t>(text: Cow<'t, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value<'t>, String> {
    let Some(tag) = tag else {
        return Ok(if style == ScalarStyle::Plain { scalar::plain(text) } else { Value::Text(text) });
    };
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("binary") => {
            let bytes = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect::<Vec<_>>();
            let decoded = BASE64.decode(bytes).map_err(|_| "a value with the tag !!binary is not base64".to_owned())?;
            Ok(Value::Text(String::from_utf8_lossy(&decoded).into_owned().into()))
        }
        Some(suffix) => {
            let shown = text.to_string();
            scalar::tagged(suffix, text).ok_or_else(|| format!("`{shown}` does not match its tag !!{suffix}"))
        }
        None => Ok(Value::Text(text)),
    }
}

fn span(marks: Marks) -> Span {
    let byte = |mark: granit_parser::Marker| mark.byte_offset().and_then(|at| u32::try_from(at).ok()).unwrap_or_default();
    Span { start: byte(marks.start), end: byte(marks.end) }
}

fn broken(marks: Marks, reason: impl Into<String>) -> ParseError {
    at(marks.start, reason.into())
}

fn at(mark: granit_parser::Marker, reason: String) -> ParseError {
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    ParseError { line: narrow(mark.line()), column: narrow(mark.col() + 1), reason }
}

fn unreadable(error: &ScanError) -> ParseError {
    let reason = error.info();
    let reason = if reason.contains("unknown anchor") { UNKNOWN_ANCHOR.to_owned() } else { reason };
    at(*error.marker(), reason)
}
