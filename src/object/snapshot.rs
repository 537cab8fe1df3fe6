//! Everything one reading gave.

use std::collections::{BTreeMap, BTreeSet};

use super::{Configuration, Defect, FieldPath, Flaw, Id, Kind, Labels, Origin, Text, kind_table::for_each_kind, wire};

/// Something that could not be read. Never silently nothing: an answer that depends on it is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What was wanted: `document 2 of shop.yaml`, `pods in namespace shop`.
    pub resource: String,
    /// Why it could not be had.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// The kind of objects that is missing; `None` where nobody can tell.
    pub kind: Option<Kind>,
}

impl Gap {
    /// Something whose kind nobody can tell.
    #[must_use]
    pub fn new(resource: impl Into<String>, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { resource: resource.into(), reason: reason.into(), hint: hint.into(), kind: None }
    }

    /// The same of a known kind.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

/// How much of a kind was looked at. What was not looked at may hold anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Only what lies in these namespaces.
    Within(BTreeSet<Text>),
    /// Nothing.
    Nothing,
}

/// An object and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// Who it is. The namespace is filled in where the manifest leaves it open.
    pub id: Id,
    /// When it was created, in seconds since 1970; `None` for what is not in a cluster yet.
    pub created: Option<i64>,
    /// Where it was read.
    pub origin: Origin,
    /// What it says.
    pub body: T,
}

/// A cluster, as messages name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterPlace {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// Address of the API server.
    pub server: String,
    /// Version of Kubernetes.
    pub version: String,
}

/// What was met on the way, for the line that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files read.
    pub files: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// Documents of nothing but blanks and comments.
    pub empty: usize,
    /// Files of folders that the configuration leaves out.
    pub excluded: usize,
    /// Objects this tool has no use for, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
}

/// Declares objects and snapshots: one variant and one list for each list of the table.
macro_rules! declare {
    (() $($list:ident: $wire:ident { $($kind:ident $columns:tt)+ })+) => {
        /// Any object that was read.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Object {
            $(#[doc = concat!($("`", stringify!($kind), "` "),+)] $wire(Box<wire::$wire>),)+
        }

        /// Everything one reading gave, by kind, and what it could not give.
        ///
        /// The lists are in order of identity, so that nothing depends on the order of reading.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Snapshot {
            $(#[doc = concat!($("`", stringify!($kind), "` "),+)] pub $list: Vec<Read<wire::$wire>>,)+
            /// What is wrong with single manifests.
            pub defects: Vec<Defect>,
            /// What could not be read.
            pub gaps: Vec<Gap>,
            /// Kinds of which not everything was looked at; of every other kind, everything was.
            pub seen: BTreeMap<Kind, Seen>,
            /// What was met on the way.
            pub tally: Tally,
            /// The moment of reading, in seconds since 1970.
            pub taken_at: i64,
            /// The files and folders that were named.
            pub files: Vec<String>,
            /// The cluster, if it was one.
            pub cluster: Option<ClusterPlace>,
            /// What the project says of its findings.
            pub configuration: Option<Configuration>,
        }

        impl Object {
            /// The metadata, whatever the kind.
            #[must_use]
            pub fn meta(&self) -> &wire::Meta {
                match self { $(Self::$wire(body) => &body.metadata,)+ }
            }
        }

        $(impl Described for wire::$wire {
            fn metadata(&self) -> &wire::Meta {
                &self.metadata
            }
        })+

        impl Snapshot {
            /// Adds an object. [`Snapshot::settle`] must follow the last one.
            pub fn push(&mut self, read: Read<Object>) {
                let Read { id, created, origin, body } = read;
                match body {
                    $(Object::$wire(body) => self.$list.push(Read { id, created, origin, body: *body }),)+
                }
            }

            /// Adds everything of another reading. [`Snapshot::settle`] must follow the last one.
            pub fn absorb(&mut self, mut other: Self) {
                $(if self.$list.is_empty() {
                    self.$list = other.$list;
                } else {
                    self.$list.append(&mut other.$list);
                })+
                self.defects.append(&mut other.defects);
                self.gaps.append(&mut other.gaps);
            }

            /// How many objects were read.
            #[must_use]
            pub fn len(&self) -> usize {
                0 $(+ self.$list.len())+
            }

            /// Puts the lists in order. Of one object read twice the later counts; the earlier becomes a [`Defect`].
            pub fn settle(&mut self) {
                $(settle(&mut self.$list, &mut self.defects);)+
                self.defects.sort_by(|a, b| (&a.id, &a.at).cmp(&(&b.id, &b.at)));
                self.gaps.sort();
            }

            /// Who was read, kind by kind.
            pub fn ids(&self) -> impl Iterator<Item = &Id> {
                std::iter::empty()$(.chain(self.$list.iter().map(|read| &read.id)))+
            }

            /// The metadata of every object, with who it is and where it was read.
            pub fn metas(&self) -> impl Iterator<Item = (&Id, &Origin, &wire::Meta)> {
                std::iter::empty()$(.chain(self.$list.iter().map(|read| (&read.id, &read.origin, &read.body.metadata))))+
            }

            /// The metadata of an object; `None` for one that was not read.
            #[must_use]
            pub fn meta(&self, id: &Id) -> Option<&wire::Meta> {
                $(if let Ok(at) = self.$list.binary_search_by(|r| r.id.cmp(id)) {
                    return Some(&self.$list[at].body.metadata);
                })+
                None
            }

            /// Where an object was read; `None` for one that was not.
            #[must_use]
            pub fn origin(&self, id: &Id) -> Option<&Origin> {
                $(if let Ok(at) = self.$list.binary_search_by(|r| r.id.cmp(id)) {
                    return Some(&self.$list[at].origin);
                })+
                self.defects.iter().find(|d| d.id == *id).map(|d| &d.origin)
            }
        }
    };
}

for_each_kind!(declare);

impl Snapshot {
    /// Whether all of a kind was looked at that lies in a namespace.
    #[must_use]
    pub fn sees(&self, kind: Kind, namespace: &str) -> bool {
        match self.seen.get(&kind) {
            None => true,
            Some(Seen::Within(namespaces)) => namespaces.contains(namespace),
            Some(Seen::Nothing) => false,
        }
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn settle<T>(list: &mut Vec<Read<T>>, defects: &mut Vec<Defect>) {
    if !list.is_sorted_by(|a, b| a.id <= b.id) {
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    list.dedup_by(|later, kept| {
        // A generated name is made anew for each object, so equal prefixes are different objects.
        let is_repeated = later.id == kept.id && !later.id.name.ends_with('*');
        if is_repeated {
            defects.push(Defect {
                id: later.id.clone(),
                origin: later.origin.clone(),
                at: FieldPath::of("metadata.name"),
                flaw: Flaw::Repeated { earlier: kept.origin.clone() },
            });
            std::mem::swap(later, kept);
        }
        is_repeated
    });
}

/// An object that has metadata, as every object has.
pub trait Described {
    /// Its metadata.
    fn metadata(&self) -> &wire::Meta;
}

impl<T: Described> Read<T> {
    /// Its metadata.
    #[must_use]
    pub fn meta(&self) -> &wire::Meta {
        self.body.metadata()
    }

    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.meta().labels
    }

    /// Its annotations, as far as this tool reads them.
    #[must_use]
    pub fn annotations(&self) -> &Labels {
        &self.meta().annotations
    }
}

impl<T> Read<T> {
    /// Istio's order of age (S9, S12): oldest first, what is not created yet last, then by name, then by namespace.
    #[must_use]
    pub fn age(&self) -> (i64, &Text, &Text) {
        (self.created.unwrap_or(i64::MAX), &self.id.name, &self.id.namespace)
    }
}
