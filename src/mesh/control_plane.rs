//! The istiods, and the mesh configuration each of them serves (S18–S21).

use std::collections::{BTreeMap, BTreeSet};

use crate::object::{
    Id, Kind, Labels, Read, Snapshot, Text,
    wire::{self, InjectorPolicy, InjectorValues, ProxyConfig},
};

/// What the command line says of the control plane.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Namespace of istiod.
    pub istio_namespace: Text,
    /// The revision whose settings speak for the mesh.
    pub revision: Option<Text>,
    /// Environment of istiod, over what its Deployment says.
    pub istiod_env: BTreeMap<Text, Text>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { istio_namespace: "istio-system".into(), revision: None, istiod_env: BTreeMap::new() }
    }
}

/// An istiod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPlane {
    /// Where it runs.
    pub namespace: Text,
    /// Its revision; `default` for the unnamed one.
    pub revision: Text,
    /// Version, from the image; `None` where the image does not say.
    pub version: Option<Text>,
    /// Pods that are ready.
    pub ready: i64,
    /// Pods that are wanted.
    pub desired: i64,
}

/// The mesh configuration of one revision, defaults filled in (S21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeshSettings {
    /// The `ConfigMap` it was read from; `None` for Istio's defaults.
    pub read_from: Option<Id>,
    /// Root namespace.
    pub root_namespace: Text,
    /// Whether clients use mTLS wherever the server can.
    pub auto_mtls: bool,
    /// Trust domain.
    pub trust_domain: Text,
    /// Settings of every proxy.
    pub proxy: ProxyConfig,
}

/// Everything known of the control planes.
#[derive(Debug)]
pub struct ControlPlanes<'s> {
    all: Vec<ControlPlane>,
    settings: BTreeMap<Text, MeshSettings>,
    injectors: BTreeMap<Text, Injector<'s>>,
    primary: Text,
    defaults: MeshSettings,
    env: BTreeMap<Text, Text>,
    /// Tag to revision (S20).
    tags: BTreeMap<Text, Text>,
}

/// The injector's configuration of one revision.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Injector<'s> {
    pub(super) policy: Option<&'s InjectorPolicy>,
    pub(super) values: Option<&'s InjectorValues>,
}

/// The name of the revision that has none.
pub(super) const DEFAULT: &str = "default";

impl<'s> ControlPlanes<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, given: &Settings) -> Self {
        let deployments: Vec<_> = snapshot.controllers.iter().filter(|read| is_istiod(read)).collect();
        let homes: BTreeSet<&str> = deployments.iter().map(|d| d.id.namespace.as_str()).chain([given.istio_namespace.as_str()]).collect();
        let at_home = |read: &&'s Read<wire::ConfigMap>| homes.contains(read.id.namespace.as_str());
        let env = env(&deployments, given);
        let shared = env
            .get("SHARED_MESH_CONFIG")
            .and_then(|name| snapshot.config_maps.iter().filter(at_home).find(|read| read.id.name == *name)?.body.mesh.0.as_deref());
        let (mut settings, mut injectors) = (BTreeMap::new(), BTreeMap::<Text, Injector<'s>>::new());
        for read in snapshot.config_maps.iter().filter(at_home) {
            let map = &read.body;
            if let (Some(mesh), Some(revision)) = (&map.mesh.0, revision_of(&read.id.name, "istio")) {
                settings.insert(revision, MeshSettings::of(Some(&read.id), shared, Some(mesh)));
            }
            if let Some(revision) = revision_of(&read.id.name, "istio-sidecar-injector") {
                injectors.insert(revision, Injector { policy: map.injector.0.as_deref(), values: map.values.0.as_deref() });
            }
        }
        let all: Vec<ControlPlane> = deployments.iter().map(|read| ControlPlane::of(read)).collect();
        let known = || settings.keys().chain(all.iter().map(|plane| &plane.revision));
        let primary = match &given.revision {
            Some(revision) => revision.clone(),
            None if known().any(|revision| revision == DEFAULT) => DEFAULT.into(),
            None => known().min().cloned().unwrap_or_else(|| DEFAULT.into()),
        };
        Self { defaults: MeshSettings::of(None, shared, None), all, settings, injectors, primary, env, tags: tags(snapshot) }
    }

    /// The istiods, by namespace and name.
    #[must_use]
    pub fn all(&self) -> &[ControlPlane] {
        &self.all
    }

    /// Every revision whose mesh configuration was read.
    pub fn settings(&self) -> impl Iterator<Item = (&Text, &MeshSettings)> {
        self.settings.iter()
    }

    /// The root namespaces of all revisions, each once.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let of_revisions = self.settings.values().map(|settings| settings.root_namespace.as_str());
        let all: BTreeSet<&str> = of_revisions.chain([self.primary().root_namespace.as_str()]).collect();
        all.into_iter()
    }

    /// The settings that speak for the mesh: those of the given revision, else of the default one, else of the first.
    #[must_use]
    pub fn primary(&self) -> &MeshSettings {
        self.of_revision(&self.primary)
    }

    /// The settings of a revision or tag; those of the mesh where it is not known.
    #[must_use]
    pub fn of_revision(&self, revision: &str) -> &MeshSettings {
        let revision = self.tags.get(revision).map_or(revision, Text::as_str);
        self.settings.get(revision).or_else(|| self.settings.get(&self.primary)).unwrap_or(&self.defaults)
    }

    /// The settings that a namespace's labels lead to (S20, S138).
    #[must_use]
    pub fn of_namespace(&self, _name: &str, labels: Option<&Labels>) -> &MeshSettings {
        let revision = labels.filter(|labels| labels.get("istio-injection").is_none()).and_then(|labels| labels.get("istio.io/rev"));
        revision.map_or_else(|| self.primary(), |revision| self.of_revision(revision))
    }

    /// The revision a tag stands for; the word itself where it is no tag.
    #[must_use]
    pub fn revision<'r>(&'r self, tag: &'r str) -> &'r str {
        self.tags.get(tag).map_or(tag, Text::as_str)
    }

    /// A variable of istiod's environment.
    #[must_use]
    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(Text::as_str)
    }

    pub(super) fn injector(&self, revision: &str) -> Injector<'s> {
        self.injectors.get(revision).or_else(|| self.injectors.get(&self.primary)).copied().unwrap_or_default()
    }
}

impl MeshSettings {
    fn of(read_from: Option<&Id>, shared: Option<&wire::MeshConfig>, own: Option<&wire::MeshConfig>) -> Self {
        // The shared configuration is applied first and the revision's own on top (S18).
        let layers = || own.into_iter().chain(shared);
        let text = |pick: fn(&wire::MeshConfig) -> &Text, default: &str| {
            layers().map(pick).find(|text| !text.is_empty()).cloned().unwrap_or_else(|| default.into())
        };
        Self {
            read_from: read_from.cloned(),
            root_namespace: text(|mesh| &mesh.root_namespace, "istio-system"),
            trust_domain: text(|mesh| &mesh.trust_domain, "cluster.local"),
            auto_mtls: layers().find_map(|mesh| mesh.enable_auto_mtls).is_none_or(|flag| flag.0),
            proxy: layers().map(|mesh| &mesh.default_config).find(|proxy| **proxy != ProxyConfig::default()).cloned().unwrap_or_default(),
        }
    }
}

impl ControlPlane {
    fn of(read: &Read<wire::Controller>) -> Self {
        let template = read.body.template();
        let image = template.spec.containers.iter().find(|c| c.name == "discovery").map_or("", |c| c.image.as_str());
        Self {
            namespace: read.id.namespace.clone(),
            revision: revision_label(&template.metadata.labels)
                .or_else(|| revision_label(&read.body.metadata.labels))
                .unwrap_or_else(|| DEFAULT.into()),
            version: image_version(image).map(Text::from),
            ready: read.body.status.ready_replicas.0,
            desired: read.body.spec.replicas.map_or(1, |n| n.0),
        }
    }
}

fn revision_label(labels: &Labels) -> Option<Text> {
    labels.get("istio.io/rev").filter(|revision| !revision.is_empty()).map(Text::from)
}

/// The version in an image's tag, without the variant's suffix (S149); `None` for a digest.
pub(super) fn image_version(image: &str) -> Option<&str> {
    if image.contains('@') {
        return None;
    }
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    Some(["-distroless", "-debug"].iter().find_map(|suffix| tag.strip_suffix(suffix)).unwrap_or(tag))
}

fn is_istiod(read: &Read<wire::Controller>) -> bool {
    read.id.kind == Kind::Deployment && read.body.template().metadata.labels.has("app", "istiod")
}

/// `istio` is the default revision's map, `istio-canary` that of `canary` (S18).
fn revision_of(name: &str, prefix: &str) -> Option<Text> {
    match name.strip_prefix(prefix)? {
        "" => Some(DEFAULT.into()),
        rest => rest.strip_prefix('-').filter(|revision| !revision.starts_with("sidecar-injector")).map(Text::from),
    }
}

fn env(deployments: &[&Read<wire::Controller>], given: &Settings) -> BTreeMap<Text, Text> {
    let containers = deployments.iter().flat_map(|read| read.body.template().spec.containers.iter());
    let literal = containers.filter(|c| c.name == "discovery").flat_map(|c| &c.env).map(|var| (var.name.clone(), var.value.clone()));
    let mut env: BTreeMap<Text, Text> = literal.collect();
    env.extend(given.istiod_env.clone());
    env
}

fn tags(snapshot: &Snapshot) -> BTreeMap<Text, Text> {
    let labels = snapshot.webhooks.iter().map(|read| &read.body.metadata.labels);
    labels.filter_map(|labels| Some((labels.get("istio.io/tag")?.into(), labels.get("istio.io/rev")?.into()))).collect()
}
