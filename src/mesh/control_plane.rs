//! The istiods, and the mesh configuration each of them serves (S18–S21).

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    istio::{
        ClusterDomain, Container, ControlPlaneMap, Controller, InjectorConfig, IstioVersion, IstiodEnv, MeshConfig, MeshConfigLayer, Pod,
        PodSpec,
    },
    object::{Id, Kind, Labels, Read, Snapshot, Text},
};

/// Command-line options that concern the control plane.
#[derive(Clone, Debug)]
pub struct ControlPlaneOptions {
    /// Namespace of istiod.
    pub istio_namespace: Text,
    /// The revision whose mesh configuration is the primary one.
    pub revision: Option<Text>,
    /// Environment variables of istiod; they override those of its Deployment.
    pub istiod_env: BTreeMap<Text, Text>,
    /// The cluster's domain; it overrides the arguments of istiod and the injector's values.
    pub cluster_domain: Option<ClusterDomain>,
    /// The version of an istiod that was not read, or whose image has no version in its tag.
    pub istio_version: Option<IstioVersion>,
}

impl Default for ControlPlaneOptions {
    fn default() -> Self {
        Self {
            istio_namespace: "istio-system".into(),
            revision: None,
            istiod_env: BTreeMap::new(),
            cluster_domain: None,
            istio_version: None,
        }
    }
}

/// An istiod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPlane {
    /// Where it runs.
    pub namespace: Text,
    /// Its revision; `default` for the one without a name.
    pub revision: Text,
    /// Its version, from the image tag; `None` if the tag contains none.
    pub version: Option<Text>,
    /// Pods that are ready.
    pub ready: i64,
    /// Desired pods.
    pub desired: i64,
    /// The cluster domain in its arguments.
    domain: Option<ClusterDomain>,
    /// Its environment variables, those with a literal value.
    env: BTreeMap<Text, Text>,
}

/// All control planes and their configuration.
#[derive(Debug)]
pub struct ControlPlanes<'s> {
    all: Vec<ControlPlane>,
    settings: BTreeMap<Text, MeshConfig>,
    injectors: BTreeMap<Text, InjectorConfig<'s>>,
    primary: Text,
    defaults: MeshConfig,
    env: IstiodEnv,
    domain: ClusterDomain,
    version: VersionUsed,
    /// Tag to revision (S20).
    tags: BTreeMap<Text, Text>,
    /// The namespace of istiod, if it was not read.
    istio_namespace: Text,
}

/// The version whose rules are applied, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionUsed {
    /// That of the primary istiod.
    Read(IstioVersion),
    /// As the options set it.
    Set(IstioVersion),
    /// The newest one that this tool knows.
    Newest,
}

/// The name of the revision without a name.
pub(super) const DEFAULT: &str = "default";

impl<'s> ControlPlanes<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, options: &ControlPlaneOptions) -> Self {
        let all = istiods(snapshot);
        let env_of = |revision: &Text| all.iter().find(|plane| plane.revision == *revision).map(|plane| &plane.env);
        let istiod = |revision: &Text| all.iter().find(|plane| plane.revision == *revision).map(|plane| &plane.namespace);
        let namespace_of =
            |revision: &Text| istiod(revision).unwrap_or_else(|| configuration_namespace(snapshot, revision, &options.istio_namespace));
        let env = |revision: &Text| {
            let mut env = env_of(revision).cloned().unwrap_or_default();
            env.extend(options.istiod_env.clone());
            IstiodEnv::of(&env)
        };
        let maps = || snapshot.config_maps.iter().map(ControlPlaneMap::of);
        let shared = |revision: &Text| -> Option<MeshConfigLayer<'s>> {
            let id = Id::new(Kind::ConfigMap, namespace_of(revision).clone(), env(revision).shared_mesh_config?);
            maps().find(|map| *map.id == id)?.mesh()
        };
        let (mut settings, mut injectors) = (BTreeMap::new(), BTreeMap::<Text, InjectorConfig<'s>>::new());
        for map in maps() {
            let is_in_namespace = |revision: &Text| *namespace_of(revision) == map.id.namespace;
            if let (Some(mesh), Some(revision)) = (map.mesh(), revision_of(&map.id.name, "istio").filter(is_in_namespace)) {
                let layers = MeshConfig::of(Some(map.id), shared(&revision), Some(mesh));
                settings.insert(revision, layers);
            }
            if let Some(revision) = revision_of(&map.id.name, "istio-sidecar-injector").filter(is_in_namespace) {
                injectors.insert(revision, map.injector());
            }
        }
        let tags = tags(snapshot);
        let known = || settings.keys().chain(all.iter().map(|plane| &plane.revision));
        let primary = match (&options.revision, tags.get(DEFAULT)) {
            (Some(revision), _) => tags.get(revision).unwrap_or(revision).clone(),
            (None, Some(tagged)) => tagged.clone(),
            (None, None) if known().any(|revision| revision == DEFAULT) => DEFAULT.into(),
            (None, None) => known().min().cloned().unwrap_or_else(|| DEFAULT.into()),
        };
        let env = env(&primary);
        let of_istiod = || all.iter().find(|plane| plane.revision == primary).and_then(|plane| plane.domain.clone());
        let of_injector = || injectors.get(&primary)?.cluster_domain();
        let read = all.iter().find(|plane| plane.revision == primary).and_then(|plane| IstioVersion::of_tag(plane.version.as_ref()?));
        let configured = || IstioVersion::parse(snapshot.configuration.as_ref()?.settings.istio_version.as_ref()?).ok();
        let set = || options.istio_version.or_else(configured).map(VersionUsed::Set);
        let version = read.map(VersionUsed::Read).or_else(set).unwrap_or(VersionUsed::Newest);
        let domain = options.cluster_domain.clone().or_else(of_istiod).or_else(of_injector).unwrap_or_default();
        Self {
            defaults: MeshConfig::of(None, shared(&primary), None),
            all,
            settings,
            injectors,
            primary,
            env,
            domain,
            version,
            tags,
            istio_namespace: options.istio_namespace.clone(),
        }
    }

    /// The domain of Kubernetes Service hosts: that of the primary istiod.
    #[must_use]
    pub fn cluster_domain(&self) -> &ClusterDomain {
        &self.domain
    }

    /// The istiods, by namespace and name.
    #[must_use]
    pub fn all(&self) -> &[ControlPlane] {
        &self.all
    }

    /// Every revision whose mesh configuration was read.
    pub fn settings(&self) -> impl Iterator<Item = (&Text, &MeshConfig)> {
        self.settings.iter()
    }

    /// The root namespaces of all revisions, each once.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let of_revisions = self.settings.values().map(|settings| settings.root_namespace.as_str());
        let all: BTreeSet<&str> = of_revisions.chain([self.primary().root_namespace.as_str()]).collect();
        all.into_iter()
    }

    /// Whether a namespace is the root namespace of some istiod.
    #[must_use]
    pub fn is_root(&self, namespace: &str) -> bool {
        self.roots().any(|root| root == namespace)
    }

    /// Whether a namespace is that of an istiod, whether or not that was read, or its root namespace.
    #[must_use]
    pub fn is_of_control_plane(&self, namespace: &str) -> bool {
        self.is_root(namespace) || self.namespaces().any(|own| own == namespace)
    }

    /// The namespaces of the istiods that were read, and the one that `--istio-namespace` names.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|plane| plane.namespace.as_str()).chain([self.istio_namespace.as_str()])
    }

    /// The primary settings: those of the given revision, else of the default one, else of the first.
    #[must_use]
    pub fn primary(&self) -> &MeshConfig {
        self.of_revision(&self.primary)
    }

    /// The settings of a revision or tag; the primary settings if it is unknown.
    #[must_use]
    pub fn of_revision(&self, revision: &str) -> &MeshConfig {
        let revision = self.tags.get(revision).map_or(revision, Text::as_str);
        self.settings.get(revision).or_else(|| self.settings.get(&self.primary)).unwrap_or(&self.defaults)
    }

    /// The revision selected by a namespace's labels (S20, S138).
    #[must_use]
    pub fn revision_of_namespace<'r>(&'r self, labels: Option<&'r Labels>) -> &'r str {
        labels.and_then(namespace_revision).map_or(self.primary.as_str(), |revision| self.revision(revision))
    }

    /// The settings of the revision selected by a namespace's labels (S20, S138).
    #[must_use]
    pub fn of_namespace(&self, labels: Option<&Labels>) -> &MeshConfig {
        labels.and_then(namespace_revision).map_or_else(|| self.primary(), |revision| self.of_revision(revision))
    }

    /// Whether automatic mTLS is on in every istiod that has this root namespace.
    #[must_use]
    pub fn has_auto_mtls_with_root(&self, root: &str) -> bool {
        let mut all = self.settings.values().chain([self.primary()]).filter(|settings| settings.root_namespace == root);
        all.all(|settings| settings.auto_mtls)
    }

    /// The revision of a tag; the argument itself if it is not a tag.
    #[must_use]
    pub fn revision<'r>(&'r self, tag: &'r str) -> &'r str {
        self.tags.get(tag).map_or(tag, Text::as_str)
    }

    /// The environment of the primary istiod.
    #[must_use]
    pub fn istiod_env(&self) -> &IstiodEnv {
        &self.env
    }

    /// The version whose rules are applied: that of the primary istiod if it was read.
    #[must_use]
    pub fn version(&self) -> IstioVersion {
        match self.version {
            VersionUsed::Read(version) | VersionUsed::Set(version) => version,
            VersionUsed::Newest => IstioVersion::NEWEST,
        }
    }

    /// Where that version comes from.
    #[must_use]
    pub fn version_used(&self) -> VersionUsed {
        self.version
    }

    pub(super) fn injector(&self, revision: &str) -> InjectorConfig<'s> {
        self.injectors.get(revision).or_else(|| self.injectors.get(&self.primary)).copied().unwrap_or_default()
    }
}

impl ControlPlane {
    fn new(namespace: &Text, template: &Labels, spec: PodSpec<'_>) -> Self {
        let container = spec.containers().find(|c| c.name() == "discovery");
        let variables = container.iter().flat_map(|c| c.variables());
        Self {
            namespace: namespace.clone(),
            revision: revision_label(template).unwrap_or_else(|| DEFAULT.into()),
            version: container.and_then(Container::image_version).map(Text::from),
            ready: 0,
            desired: 0,
            domain: container.and_then(|container| domain(container.args())),
            env: variables.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

/// The domain in istiod's arguments: `--domain NAME` or `--domain=NAME`.
fn domain(args: &[Text]) -> Option<ClusterDomain> {
    let name = args.iter().enumerate().find_map(|(at, arg)| match arg.strip_prefix("--domain")? {
        "" => args.get(at + 1).map(Text::as_str),
        rest => rest.strip_prefix('='),
    });
    name.and_then(ClusterDomain::new)
}

/// The namespace of the configuration of a revision whose istiod was not read: the given one if it contains the configuration, else the
/// first that does.
fn configuration_namespace<'r>(snapshot: &'r Snapshot, revision: &Text, named: &'r Text) -> &'r Text {
    let is_its = |map: &ControlPlaneMap<'_>| map.mesh().is_some() && revision_of(&map.id.name, "istio").as_ref() == Some(revision);
    let mut found = snapshot.config_maps.iter().map(ControlPlaneMap::of).filter(is_its).map(|map| &map.id.namespace);
    let first = found.clone().next();
    if found.any(|namespace| namespace == named) { named } else { first.unwrap_or(named) }
}

/// The istiods: their Deployments, and istiod pods whose Deployment was not read (S19).
fn istiods(snapshot: &Snapshot) -> Vec<ControlPlane> {
    let is_istiod = |labels: &Labels| labels.has("app", "istiod");
    let mut found: Vec<ControlPlane> = Vec::new();
    for read in snapshot.controllers.iter().filter(|read| read.id.kind == Kind::Deployment) {
        let controller = Controller::of(read);
        let template = controller.template();
        if is_istiod(template.meta.labels()) {
            let plane = ControlPlane::new(&read.id.namespace, template.meta.labels(), template.spec);
            let revision = revision_label(template.meta.labels()).or_else(|| revision_label(read.labels()));
            let (ready, desired) = (controller.ready_replicas(), controller.replicas().unwrap_or(1));
            found.push(ControlPlane { revision: revision.unwrap_or(plane.revision), ready, desired, ..plane });
        }
    }
    let deployed = found.len();
    for pod in snapshot.pods.iter().map(Pod::of).filter(|pod| is_istiod(pod.meta().labels())) {
        let plane = ControlPlane::new(&pod.id.namespace, pod.meta().labels(), pod.spec());
        let is_ready = pod.is_ready() == Some(true);
        let same = found.iter().position(|other| (&other.namespace, &other.revision) == (&plane.namespace, &plane.revision));
        match same {
            Some(at) if at < deployed => {}
            Some(at) => {
                found[at].desired += 1;
                found[at].ready += i64::from(is_ready);
            }
            None => found.push(ControlPlane { desired: 1, ready: i64::from(is_ready), ..plane }),
        }
    }
    found
}

/// The revision that a namespace's labels name; `istio-injection` with any value overrides `istio.io/rev` (S138).
pub(super) fn namespace_revision(labels: &Labels) -> Option<&str> {
    if labels.get("istio-injection").is_some() { None } else { labels.get("istio.io/rev") }
}

fn revision_label(labels: &Labels) -> Option<Text> {
    labels.get("istio.io/rev").filter(|revision| !revision.is_empty()).map(Text::from)
}

/// The revision of a `ConfigMap`: `istio` is that of the default revision, `istio-canary` that of `canary` (S18).
fn revision_of(name: &str, prefix: &str) -> Option<Text> {
    match name.strip_prefix(prefix)? {
        "" => Some(DEFAULT.into()),
        rest => rest.strip_prefix('-').filter(|revision| !revision.starts_with("sidecar-injector")).map(Text::from),
    }
}

fn tags(snapshot: &Snapshot) -> BTreeMap<Text, Text> {
    let labels = snapshot.webhooks.iter().map(Read::labels);
    labels.filter_map(|labels| Some((labels.get("istio.io/tag")?.into(), labels.get("istio.io/rev")?.into()))).collect()
}
