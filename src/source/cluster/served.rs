//! Which API groups and versions a server has.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    api::Api,
    kinds::{Kinds, listable},
    path::Resource,
    request_error::RequestError,
    type_meta::shortened,
};
use crate::object::Kind;

/// `/version`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(default)]
    pub(super) git_version: String,
}

#[derive(Debug, Deserialize)]
struct Groups {
    #[serde(default)]
    kind: String,
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Debug, Deserialize)]
struct GroupVersion {
    version: String,
}

/// The API groups of a server, and their versions.
#[derive(Debug)]
pub(super) struct ApiGroups(BTreeMap<String, Vec<String>>);

/// The `kind` of the list of API groups.
const GROUP_LIST: &str = "APIGroupList";

impl ApiGroups {
    /// Requests the groups from the server.
    pub(super) async fn discover(api: &Api) -> Result<Self, RequestError> {
        let Groups { kind, groups } = api.json("/apis").await?;
        let versions = |group: Group| (group.name, group.versions.into_iter().map(|v| v.version).collect());
        let read = Self(groups.into_iter().map(versions).collect());
        // Without its kind the list proves what the server has, but not what it lacks.
        if kind == GROUP_LIST || kind.is_empty() && read.has_istio() {
            return Ok(read);
        }
        let found = if kind.is_empty() { "of no kind".to_owned() } else { format!("a {}", shortened(&kind)) };
        Err(RequestError::invalid_response(
            "/apis",
            &format!("the response is {found}, not an {GROUP_LIST}, so it is unknown which APIs the server has"),
        ))
    }

    /// Whether Istio's security API is served.
    pub(super) fn has_istio(&self) -> bool {
        self.0.contains_key(Kind::PeerAuthentication.group())
    }

    /// The requested kinds that are served, and the kinds that are not requested.
    ///
    /// An absent group is empty and not a gap: the Gateway API, for example, is optional.
    pub(super) fn resources(&self, wanted: Kinds) -> (Vec<Resource>, Vec<Kind>) {
        let (wanted, unwanted): (Vec<Kind>, Vec<Kind>) = listable().partition(|kind| wanted.contains(*kind));
        let resource = |kind: &Kind| Some(Resource { kind: *kind, version: self.version(*kind)? });
        (wanted.iter().filter_map(resource).collect(), unwanted)
    }

    fn version(&self, kind: Kind) -> Option<String> {
        if kind.group().is_empty() {
            return Some("v1".into());
        }
        let served = self.0.get(kind.group())?;
        // `EnvoyFilter` exists in v1alpha3 only; other kinds are read in the newest version that both sides know (S1).
        let supported: &[&str] = kind.served_versions().unwrap_or(&["v1", "v1beta1"]);
        let version = supported.iter().find(|version| served.iter().any(|v| v == *version));
        version.map(ToString::to_string).or_else(|| served.first().cloned())
    }
}
