//! Which namespaces see an object: the values of `exportTo` (S47, S55).

use crate::object::Text;

/// One entry of `exportTo`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Export {
    /// `*`: every namespace.
    Public,
    /// `.`: the namespace of the object.
    OwnNamespace,
    /// `~`: no namespace.
    NoNamespace,
    /// A namespace by name.
    Namespace(Text),
}

/// The entries of `exportTo`, sorted and deduplicated; empty if the field is absent, and the mesh's default then applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportTo(Vec<Export>);

impl Export {
    fn of(value: &Text) -> Self {
        match value.as_str() {
            "*" => Self::Public,
            "." => Self::OwnNamespace,
            "~" => Self::NoNamespace,
            _ => Self::Namespace(value.clone()),
        }
    }

    fn is_visible_in(&self, own: &str, client: &str) -> bool {
        match self {
            Self::Public => true,
            Self::OwnNamespace => own == client,
            Self::NoNamespace => false,
            Self::Namespace(name) => *name == *client,
        }
    }
}

impl FromIterator<Export> for ExportTo {
    fn from_iter<I: IntoIterator<Item = Export>>(values: I) -> Self {
        let mut all: Vec<Export> = values.into_iter().collect();
        all.sort();
        all.dedup();
        Self(all)
    }
}

impl ExportTo {
    /// The field of an object, or a default of the mesh.
    #[must_use]
    pub fn of(values: &[Text]) -> Self {
        values.iter().map(Export::of).collect()
    }

    /// The annotation of a Service: entries separated by commas.
    #[must_use]
    pub fn of_list(list: &str) -> Self {
        list.split(',').map(str::trim).filter(|value| !value.is_empty()).map(|value| Export::of(&value.into())).collect()
    }

    /// The namespace of the object, and no other.
    #[must_use]
    pub fn own_namespace() -> Self {
        Self(vec![Export::OwnNamespace])
    }

    /// Whether the field is absent.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    /// These entries, or the default of the mesh if the field is absent.
    #[must_use]
    pub fn or<'e>(&'e self, default: &'e Self) -> &'e Self {
        if self.is_absent() { default } else { self }
    }

    /// Whether every namespace sees the object; an absent field counts as `*`.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_absent() || self.0.contains(&Export::Public)
    }

    /// Whether clients of a namespace see an object of the namespace `own`; an absent field counts as `*`.
    #[must_use]
    pub fn is_visible_in(&self, own: &str, client: &str) -> bool {
        self.is_absent() || self.0.iter().any(|export| export.is_visible_in(own, client))
    }

    /// Whether the only entry is the namespace `own` itself, by `.` or by name.
    #[must_use]
    pub fn is_only(&self, own: &str) -> bool {
        match self.0.as_slice() {
            [Export::OwnNamespace] => true,
            [Export::Namespace(name)] => *name == *own,
            _ => false,
        }
    }

    /// Whether `.` is among the entries.
    #[must_use]
    pub fn has_own_namespace(&self) -> bool {
        self.0.contains(&Export::OwnNamespace)
    }

    /// The namespaces that it names.
    pub fn namespaces(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().filter_map(|export| match export {
            Export::Namespace(name) => Some(name),
            Export::Public | Export::OwnNamespace | Export::NoNamespace => None,
        })
    }

    /// Whether these entries contain every entry of the other, and the other is not empty.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        !other.is_absent() && other.0.iter().all(|export| self.0.contains(export))
    }

    /// Whether both have an entry other than `.` in common.
    #[must_use]
    pub fn has_common_entry(&self, other: &Self) -> bool {
        self.0.iter().any(|export| *export != Export::OwnNamespace && other.0.contains(export))
    }
}
