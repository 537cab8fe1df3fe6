//! A snapshot: everything that was read from a cluster or from manifests.

use std::collections::{BTreeMap, BTreeSet};

use super::{Configuration, Defect, DefectKind, FieldPath, Id, Kind, Labels, Origin, Tally, Text, kind_table::for_each_kind, wire};

/// Something that could not be read. It is always recorded, because an answer that depends on it is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What was requested: `document 2 of shop.yaml`, `pods in namespace shop`.
    pub resource: String,
    /// Why it could not be read.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// The kind of the missing objects; `None` if unknown.
    pub kind: Option<Kind>,
}

impl Gap {
    /// A gap of unknown kind.
    #[must_use]
    pub fn new(resource: impl Into<String>, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { resource: resource.into(), reason: reason.into(), hint: hint.into(), kind: None }
    }

    /// The gap with a known kind.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Self { kind: Some(kind), ..self }
    }
}

/// How much of a kind was read, if not all of it. The rest is unknown.
///
/// Rules that need a kind of which [`Coverage::Nothing`] was read do not run; they do if a part was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Only the objects in these namespaces.
    Within(BTreeSet<Text>),
    /// All objects but some in these namespaces.
    Except(BTreeSet<Text>),
    Nothing,
}

/// An object with its identity and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// Its identity. The namespace is filled in if the manifest does not set it.
    pub id: Id,
    /// When it was created, in seconds since 1970; `None` if it is not in a cluster yet.
    pub created: Option<i64>,
    /// Its source.
    pub origin: Origin,
    /// Its content.
    pub body: T,
}

/// A cluster, as printed in messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// Address of the API server.
    pub server: String,
    /// Version of Kubernetes.
    pub version: String,
}

/// Declares objects and snapshots: one variant and one list for each list of the table.
macro_rules! declare {
    (() $($list:ident: $wire:ident { $($kind:ident $columns:tt)+ })+) => {
        /// An object of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Object {
            $(#[doc = concat!($("`", stringify!($kind), "` "),+)] $wire(Box<wire::$wire>),)+
        }

        /// Everything that was read, by kind, and what could not be read.
        ///
        /// The lists are sorted by identity, so that nothing depends on the order of reading.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Snapshot {
            $(#[doc = concat!($("`", stringify!($kind), "` "),+)] pub $list: Vec<Read<wire::$wire>>,)+
            /// Defects of single manifests.
            pub defects: Vec<Defect>,
            /// What could not be read.
            pub gaps: Vec<Gap>,
            /// Kinds that were not read completely; every other kind was.
            pub coverage: BTreeMap<Kind, Coverage>,
            /// Counts of what was read and skipped.
            pub tally: Tally,
            /// The time of reading, in seconds since 1970.
            pub taken_at: i64,
            /// The files and folders as given by the user.
            pub files: Vec<String>,
            /// The cluster; `None` if only manifests were read.
            pub cluster: Option<ClusterInfo>,
            /// The project's configuration of findings.
            pub configuration: Option<Configuration>,
        }

        impl Object {
            /// The metadata, for any kind.
            #[must_use]
            pub fn meta(&self) -> &wire::Meta {
                match self { $(Self::$wire(body) => &body.metadata,)+ }
            }
        }

        $(impl HasMetadata for wire::$wire {
            fn metadata(&self) -> &wire::Meta {
                &self.metadata
            }

            fn metadata_mut(&mut self) -> &mut wire::Meta {
                &mut self.metadata
            }
        })+

        impl Snapshot {
            /// Adds an object. Call [`Snapshot::normalize`] after the last one.
            pub fn push(&mut self, read: Read<Object>) {
                let Read { id, created, origin, body } = read;
                match body {
                    $(Object::$wire(body) => self.$list.push(Read { id, created, origin, body: *body }),)+
                }
            }

            /// Adds the objects, defects and gaps of another snapshot. Call [`Snapshot::normalize`] after the last one.
            pub fn append(&mut self, mut other: Self) {
                $(if self.$list.is_empty() {
                    self.$list = other.$list;
                } else {
                    self.$list.append(&mut other.$list);
                })+
                self.defects.append(&mut other.defects);
                self.gaps.append(&mut other.gaps);
            }

            /// Replaces the source of every object and defect.
            pub fn relocate(&mut self, source: &mut dyn FnMut(&Id, &Origin) -> Origin) {
                $(for read in &mut self.$list {
                    read.origin = source(&read.id, &read.origin);
                })+
                for defect in &mut self.defects {
                    defect.origin = source(&defect.id, &defect.origin);
                }
            }

            /// Removes the objects that another snapshot contains with the same content.
            pub fn remove_copies(&mut self, other: &Self) {
                $(if !self.$list.is_empty() && !other.$list.is_empty() {
                    let known: BTreeMap<&Id, &wire::$wire> = other.$list.iter().map(|read| (&read.id, &read.body)).collect();
                    self.$list.retain(|read| known.get(&read.id).is_none_or(|body| **body != read.body));
                })+
            }

            /// Removes the objects that a condition excludes.
            pub fn retain(&mut self, is_kept: &mut dyn FnMut(&Id) -> bool) {
                $(self.$list.retain(|read| is_kept(&read.id));)+
            }

            /// The number of objects.
            #[must_use]
            pub fn len(&self) -> usize {
                0 $(+ self.$list.len())+
            }

            /// Sorts the lists. If an object was read twice, the later one is kept and the earlier one becomes a [`Defect`].
            pub fn normalize(&mut self) {
                $(normalize(&mut self.$list, &mut self.defects);)+
                self.defects.sort_by(|a, b| (&a.id, &a.at).cmp(&(&b.id, &b.at)));
                self.gaps.sort();
            }

            /// The identities of all objects, kind by kind.
            pub fn ids(&self) -> impl Iterator<Item = &Id> {
                std::iter::empty()$(.chain(self.$list.iter().map(|read| &read.id)))+
            }

            /// Identity, source and metadata of every object.
            pub fn metas(&self) -> impl Iterator<Item = (&Id, &Origin, &wire::Meta)> {
                std::iter::empty()$(.chain(self.$list.iter().map(|read| (&read.id, &read.origin, &read.body.metadata))))+
            }

            /// The metadata of an object; `None` if it was not read.
            #[must_use]
            pub fn meta(&self, id: &Id) -> Option<&wire::Meta> {
                $(if let Ok(at) = self.$list.binary_search_by(|r| r.id.cmp(id)) {
                    return Some(&self.$list[at].body.metadata);
                })+
                None
            }

            /// The source of an object; `None` if it was not read.
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

impl Coverage {
    /// Whether all objects in a namespace were read.
    #[must_use]
    pub fn contains(&self, namespace: &str) -> bool {
        match self {
            Self::Within(namespaces) => namespaces.contains(namespace),
            Self::Except(namespaces) => !namespaces.contains(namespace),
            Self::Nothing => false,
        }
    }
}

impl Snapshot {
    /// Whether all objects of a kind in a namespace were read.
    #[must_use]
    pub fn covers(&self, kind: Kind, namespace: &str) -> bool {
        self.coverage.get(&kind).is_none_or(|coverage| coverage.contains(namespace))
    }

    /// Restricts what was read of a kind to what another part of the input contains as well.
    pub fn restrict(&mut self, kind: Kind, other: &Coverage) {
        let both = match (self.coverage.remove(&kind), other) {
            (None, other) => other.clone(),
            (Some(Coverage::Nothing), _) | (_, Coverage::Nothing) => Coverage::Nothing,
            (Some(Coverage::Except(own)), Coverage::Except(other)) => Coverage::Except(own.union(other).cloned().collect()),
            (Some(Coverage::Within(own)), other) => Coverage::Within(own.into_iter().filter(|name| other.contains(name)).collect()),
            (Some(own), Coverage::Within(other)) => Coverage::Within(other.iter().filter(|name| own.contains(name)).cloned().collect()),
        };
        self.coverage.insert(kind, both);
    }

    /// Records that an object could not be read, with its namespace if that is known.
    pub fn lose(&mut self, kind: Kind, namespace: Option<Text>) {
        let known = self.coverage.entry(kind).or_insert_with(|| Coverage::Except(BTreeSet::new()));
        match (known, namespace.filter(|_| kind.is_namespaced())) {
            (Coverage::Nothing, _) => {}
            (Coverage::Within(namespaces), Some(namespace)) => _ = namespaces.remove(&namespace),
            (Coverage::Except(namespaces), Some(namespace)) => _ = namespaces.insert(namespace),
            (known, None) => *known = Coverage::Within(BTreeSet::new()),
        }
    }

    /// Whether the snapshot contains no objects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn normalize<T: PartialEq>(list: &mut Vec<Read<T>>, defects: &mut Vec<Defect>) {
    if !list.is_sorted_by(|a, b| a.id <= b.id) {
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    list.dedup_by(|later, kept| {
        // A generated name is new for each object, so equal prefixes are different objects.
        let is_repeated = later.id == kept.id && !later.id.name.ends_with('*');
        // Which of two copies is applied last makes no difference.
        if is_repeated && later.body != kept.body {
            defects.push(Defect {
                id: later.id.clone(),
                origin: later.origin.clone(),
                at: FieldPath::of("metadata.name"),
                kind: DefectKind::DuplicateObject { earlier: kept.origin.clone() },
            });
        }
        if is_repeated {
            std::mem::swap(later, kept);
        }
        is_repeated
    });
}

/// An object with metadata; every wire struct of a whole object is one.
pub trait HasMetadata {
    fn metadata(&self) -> &wire::Meta;

    fn metadata_mut(&mut self) -> &mut wire::Meta;
}

impl<T: HasMetadata> Read<T> {
    #[must_use]
    pub fn meta(&self) -> &wire::Meta {
        self.body.metadata()
    }

    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.meta().labels
    }

    /// Its annotations; only those that this tool reads are kept.
    #[must_use]
    pub fn annotations(&self) -> &Labels {
        &self.meta().annotations
    }
}

impl<T> Read<T> {
    /// Sort key of Istio's order by age (S9, S12): oldest first, objects not created yet last, then by name, then by namespace.
    #[must_use]
    pub fn age(&self) -> (i64, &Text, &Text) {
        (self.created.unwrap_or(i64::MAX), &self.id.name, &self.id.namespace)
    }
}
