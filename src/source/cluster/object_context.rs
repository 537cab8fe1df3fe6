//! What the decoder has to know of an object that a cluster sent.

use super::path::Resource;
use crate::{
    object::{Kind, Origin},
    source::manifest::decode::RawObject,
};

/// What the objects of one list have in common.
pub(super) struct ObjectContext {
    pub(super) kind: Kind,
    api_version: String,
    description: String,
}

impl ObjectContext {
    pub(super) fn new(resource: &Resource) -> Self {
        Self { kind: resource.kind, api_version: resource.api_version(), description: format!("an object of {}", resource.resource_name()) }
    }

    pub(super) fn raw<'t>(&'t self, text: &'t str) -> RawObject<'t> {
        let Self { kind, api_version, description } = self;
        RawObject { text, kind: *kind, api_version, origin: &Origin::Cluster, default_namespace: "", description }
    }
}
