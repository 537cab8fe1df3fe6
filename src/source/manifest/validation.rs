//! What the API server requires of names, labels and ports, for every kind.
//!
//! An object that breaks one of these rules is never stored.

use super::yaml::Node;
use crate::object::{FieldPath, Kind};

/// The fields of an object that the API server would reject, each with the reason.
pub(super) fn violations(kind: Kind, node: &Node<'_>) -> Vec<(FieldPath, String)> {
    let mut found = Vec::new();
    let mut validator = Validator { found: &mut found };
    if let Some(metadata) = node.get("metadata") {
        validator.names(kind, metadata);
        validator.labels(metadata, &FieldPath::of("metadata"));
    }
    for path in TEMPLATES {
        if let Some(metadata) = at(node, path.iter().copied().chain(["metadata"])) {
            validator.labels(metadata, &field(path).then("metadata"));
        }
    }
    if kind == Kind::Service {
        validator.service(node);
    } else if kind == Kind::Pod {
        validator.containers(node, &[]);
    } else {
        for path in TEMPLATES {
            validator.containers(node, path);
        }
    }
    found
}

/// Where kinds have a pod template.
const TEMPLATES: [&[&str]; 2] = [&["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];

fn at<'n, 't, 'p>(node: &'n Node<'t>, path: impl IntoIterator<Item = &'p str>) -> Option<&'n Node<'t>> {
    path.into_iter().try_fold(node, |node, key| node.get(key))
}

fn field(path: &[&str]) -> FieldPath {
    path.iter().fold(FieldPath::default(), |path, step| path.then(*step))
}

struct Validator<'v> {
    found: &'v mut Vec<(FieldPath, String)>,
}

impl Validator<'_> {
    fn require(&mut self, is_valid: bool, at: &FieldPath, reason: impl FnOnce() -> String) {
        if !is_valid {
            self.found.push((at.clone(), reason()));
        }
    }

    fn names(&mut self, kind: Kind, metadata: &Node<'_>) {
        let text = |key| metadata.get(key).and_then(Node::text).filter(|text| !text.is_empty());
        let at = |key: &str| FieldPath::of("metadata").then(key);
        if let Some(name) = text("name") {
            let (is_valid, expected) = if is_named_by_label(kind) {
                (is_dns_label(name), "at most 63 lower-case letters, digits and `-`")
            } else {
                (is_dns_subdomain(name), "at most 253 lower-case letters, digits, `-` and `.`")
            };
            self.require(is_valid, &at("name"), || format!("invalid name `{name}`: expected {expected} (RFC 1123)"));
        }
        if let Some(prefix) = text("generateName") {
            let is_valid = is_dns_subdomain(&format!("{prefix}x"));
            self.require(is_valid, &at("generateName"), || {
                format!("invalid generateName `{prefix}`: expected the beginning of a DNS name")
            });
        }
        if let Some(namespace) = text("namespace").filter(|_| kind.is_namespaced()) {
            let expected = "at most 63 lower-case letters, digits and `-` (RFC 1123)";
            self.require(is_dns_label(namespace), &at("namespace"), || format!("invalid namespace `{namespace}`: expected {expected}"));
        }
    }

    /// Labels, and the keys of annotations, of an object or of a pod template.
    fn labels(&mut self, metadata: &Node<'_>, path: &FieldPath) {
        for (field, has_label_values) in [("labels", true), ("annotations", false)] {
            for (key, value) in metadata.get(field).into_iter().flat_map(Node::pairs) {
                let at = path.clone().then(field).then(key);
                // The keys of annotations may have capitals.
                let is_key = if has_label_values { is_qualified_name(key) } else { is_qualified_name(&key.to_ascii_lowercase()) };
                self.require(is_key, &at, || format!("invalid key `{key}`: expected [PREFIX/]NAME with at most 63 characters in NAME"));
                if let Some(value) = value.text().filter(|_| has_label_values) {
                    self.label_value(value, &at);
                }
            }
        }
    }

    fn label_value(&mut self, value: &str, at: &FieldPath) {
        let is_valid = value.is_empty() || is_label_name(value);
        self.require(is_valid, at, || format!("invalid label value `{value}`: expected at most 63 letters, digits, `-`, `_` and `.`"));
    }

    fn service(&mut self, node: &Node<'_>) {
        let selector = FieldPath::of("spec").then("selector");
        for (key, value) in at(node, ["spec", "selector"]).into_iter().flat_map(Node::pairs) {
            if let Some(value) = value.text() {
                self.label_value(value, &selector.clone().then(key));
            }
        }
        for (number, port) in list(at(node, ["spec", "ports"])).enumerate() {
            let path = FieldPath::of("spec").then("ports").then(number.to_string());
            self.port(port, "port", &path, 1);
            // The API server replaces a target 0 by the port.
            self.port(port, "targetPort", &path, 0);
            self.port(port, "nodePort", &path, 0);
        }
    }

    fn containers(&mut self, node: &Node<'_>, template: &[&str]) {
        for list_name in ["containers", "initContainers"] {
            let containers = at(node, template.iter().copied().chain(["spec", list_name]));
            for (number, container) in list(containers).enumerate() {
                let path = field(template).then("spec").then(list_name).then(number.to_string()).then("ports");
                for (number, port) in list(container.get("ports")).enumerate() {
                    let path = path.clone().then(number.to_string());
                    self.port(port, "containerPort", &path, 1);
                    self.port(port, "hostPort", &path, 0);
                }
            }
        }
    }

    /// A number of a port; names are left to their references.
    fn port(&mut self, port: &Node<'_>, key: &str, path: &FieldPath, minimum: i64) {
        if let Some(number) = port.get(key).and_then(Node::int) {
            let is_valid = (minimum..=65535).contains(&number);
            self.require(is_valid, &path.clone().then(key), || format!("invalid port `{number}`: expected a number from 1 to 65535"));
        }
    }
}

fn list<'n, 't>(node: Option<&'n Node<'t>>) -> impl Iterator<Item = &'n Node<'t>> {
    node.and_then(Node::items).unwrap_or_default().iter()
}

fn is_named_by_label(kind: Kind) -> bool {
    matches!(kind, Kind::Namespace | Kind::Service)
}

/// A label of RFC 1123: 1 to 63 lower-case letters, digits and `-`, with neither end a `-`.
fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_label_of_subdomain(text)
}

/// Labels of RFC 1123 with dots between them, 253 characters at most; each may be longer than 63.
fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label_of_subdomain)
}

fn is_label_of_subdomain(text: &str) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_end) && bytes.last().is_some_and(is_end) && bytes.iter().all(|byte| is_end(byte) || *byte == b'-')
}

/// A key of a label: a name, optionally with a DNS name and `/` before it.
fn is_qualified_name(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_label_name(name),
        None => is_label_name(key),
    }
}

/// 1 to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_label_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_end = |byte: &u8| byte.is_ascii_alphanumeric();
    text.len() <= 63
        && bytes.first().is_some_and(is_end)
        && bytes.last().is_some_and(is_end)
        && bytes.iter().all(|byte| is_end(byte) || b"-_.".contains(byte))
}
