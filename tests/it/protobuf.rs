//! Kubernetes's protobuf, written from JSON: what an API server sends to a client that asks for it.
//!
//! The field numbers are those of the `generated.proto` files of Kubernetes 1.35, read for this file alone: a server
//! that shared its tables with the reader would agree with it about every mistake. Kubernetes's own encoder writes a
//! field that is no pointer in Go even when it is empty, and so does this one, because a reader must not take the empty
//! string for a value.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use serde_json::{Map, Value};

/// What every body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// What stands behind `raw` in the envelope: an empty content encoding and an empty content type.
const TAIL: &[u8] = &[0x1a, 0, 0x22, 0];

/// The wire type of numbers.
const VARINT: u64 = 0;
/// The wire type of everything with a length.
const LENGTH: u64 = 2;

/// How a value is written.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Int,
    Bool,
    /// Base64 in JSON.
    Bytes,
    /// RFC 3339 in JSON, seconds and nanoseconds in protobuf.
    Time,
    /// A quantity of a resource: a message around its text.
    Quantity,
    /// A number or a name.
    IntOrString,
    /// Managed fields: a message around JSON as it stands.
    Fields,
    Message(&'static str),
}

/// How often a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One,
    /// One message, whose keys stand among those of the message around it.
    Inline,
    Many,
    /// By a text as key.
    Map,
}

#[derive(Debug)]
struct Field {
    number: u64,
    /// The key in JSON; none where the keys are inline.
    name: &'static str,
    shape: Shape,
    kind: Kind,
    /// Whether it is written even when it is empty.
    is_always: bool,
}

type Table = BTreeMap<&'static str, Vec<Field>>;

/// A whole body with one list: objects of a kind, and the token of the next page (empty for none).
pub(crate) fn list(api_version: &str, kind: &str, continue_token: &str, items: &[Value]) -> Vec<u8> {
    let elements: Vec<u8> = items.iter().flat_map(|object| element(&item(kind, object))).collect();
    let (head, tail) = frame(api_version, kind, continue_token, elements.len());
    [head, elements, tail].concat()
}

/// A whole body with one object.
pub(crate) fn object(object: &Value) -> Vec<u8> {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let raw = item(text("kind"), object);
    [envelope(text("apiVersion"), text("kind"), raw.len()), raw, TAIL.to_vec()].concat()
}

/// The message of one object alone, as it stands in a list.
pub(crate) fn item(kind: &str, object: &Value) -> Vec<u8> {
    Encoder::default().object(kind, object)
}

/// One message as an element of a list: with its number and its length.
pub(crate) fn element(item: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(item.len() + 6);
    bytes(&mut out, 2, item);
    out
}

/// What stands before and behind the elements of a list, given how long they are together.
pub(crate) fn frame(api_version: &str, kind: &str, continue_token: &str, elements: usize) -> (Vec<u8>, Vec<u8>) {
    let meta = serde_json::json!({"resourceVersion": "1", "continue": continue_token});
    let meta = Encoder::default().object("ListMeta", &meta);
    let mut head = Vec::new();
    bytes(&mut head, 1, &meta);
    let raw = head.len() + elements;
    ([envelope(api_version, &format!("{kind}List"), raw), head].concat(), TAIL.to_vec())
}

/// Whether there is a table for a kind.
pub(crate) fn is_known(kind: &str) -> bool {
    message(kind).is_some()
}

/// The keys of an object that no table knows, and those with a value that is not of the table's type: `Pod.spec.x`.
pub(crate) fn unknown(kind: &str, object: &Value) -> BTreeSet<String> {
    let mut encoder = Encoder::default();
    encoder.object(kind, object);
    encoder.unknown
}

/// The envelope up to `raw`, which is to follow with this length.
fn envelope(api_version: &str, kind: &str, raw: usize) -> Vec<u8> {
    let mut types = Vec::new();
    bytes(&mut types, 1, api_version.as_bytes());
    bytes(&mut types, 2, kind.as_bytes());
    let mut out = MAGIC.to_vec();
    bytes(&mut out, 1, &types);
    tag(&mut out, 2, LENGTH);
    varint(&mut out, raw as u64);
    out
}

/// Writes objects, and notes what it could not write.
#[derive(Default)]
struct Encoder {
    unknown: BTreeSet<String>,
}

impl Encoder {
    /// The message of an object that carries its type, or would.
    fn object(&mut self, kind: &str, object: &Value) -> Vec<u8> {
        let name = message(kind).unwrap_or_else(|| panic!("no table for {kind}"));
        let empty = Map::new();
        let mut keys = object.as_object().unwrap_or(&empty).clone();
        keys.remove("apiVersion");
        keys.remove("kind");
        let mut out = Vec::new();
        self.message(&mut out, name, &keys, kind);
        out
    }

    /// The fields of a message from the keys of an object, which stands at a place.
    fn message(&mut self, out: &mut Vec<u8>, name: &str, object: &Map<String, Value>, at: &str) {
        for key in object.keys().filter(|key| !knows(name, key)) {
            self.unknown.insert(format!("{at}.{key}"));
        }
        self.fields(out, name, object, at);
    }

    fn fields(&mut self, out: &mut Vec<u8>, name: &str, object: &Map<String, Value>, at: &str) {
        for field in &table()[name] {
            let value = object.get(field.name).unwrap_or(&Value::Null);
            let at = format!("{at}.{}", field.name);
            match field.shape {
                Shape::Inline => {
                    let Kind::Message(inner) = field.kind else { panic!("{at} is inline and no message") };
                    let mut part = Vec::new();
                    self.fields(&mut part, inner, object, &at);
                    bytes(out, field.number, &part);
                }
                Shape::One => self.value(out, field, value, &at),
                Shape::Many => self.many(out, field, value, &at),
                Shape::Map => self.map(out, field, value, &at),
            }
        }
    }

    fn many(&mut self, out: &mut Vec<u8>, field: &Field, value: &Value, at: &str) {
        let Some(values) = self.typed(value, value.as_array(), at) else { return };
        let element = Field { is_always: true, shape: Shape::One, ..*field };
        for value in values {
            self.value(out, &element, value, at);
        }
    }

    /// Entries with the key as field 1 and the value as field 2, in the order of the keys.
    fn map(&mut self, out: &mut Vec<u8>, field: &Field, value: &Value, at: &str) {
        let Some(object) = self.typed(value, value.as_object(), at) else { return };
        let entry_value = Field { number: 2, is_always: true, shape: Shape::One, ..*field };
        for (key, value) in object.iter().collect::<BTreeMap<_, _>>() {
            let mut entry = Vec::new();
            bytes(&mut entry, 1, key.as_bytes());
            self.value(&mut entry, &entry_value, value, at);
            bytes(out, field.number, &entry);
        }
    }

    /// One value with its number; nothing for null, unless the field is always written.
    fn value(&mut self, out: &mut Vec<u8>, field: &Field, value: &Value, at: &str) {
        if value.is_null() && !field.is_always {
            return;
        }
        match field.kind {
            Kind::Int => {
                let number = self.typed(value, value.as_i64(), at).unwrap_or_default();
                int(out, field.number, number);
            }
            Kind::Bool => {
                let is_so = self.typed(value, value.as_bool(), at).unwrap_or_default();
                int(out, field.number, is_so.into());
            }
            Kind::Text => bytes(out, field.number, self.text(value, at).as_bytes()),
            Kind::Bytes => {
                let decoded = base64(self.text(value, at));
                let decoded = self.typed(value, decoded, at).unwrap_or_default();
                bytes(out, field.number, &decoded);
            }
            Kind::Time | Kind::Quantity | Kind::IntOrString | Kind::Fields | Kind::Message(_) => {
                let mut part = Vec::new();
                self.part(&mut part, field.kind, value, at);
                bytes(out, field.number, &part);
            }
        }
    }

    /// The inside of a value that is a message.
    fn part(&mut self, out: &mut Vec<u8>, kind: Kind, value: &Value, at: &str) {
        match kind {
            Kind::Time => {
                let moment = seconds_and_nanos(self.text(value, at));
                // The zero time of Go is an empty message.
                if let Some((seconds, nanos)) = self.typed(value, moment, at) {
                    int(out, 1, seconds);
                    int(out, 2, nanos);
                }
            }
            // YAML lets a quantity be a number.
            Kind::Quantity if value.is_number() => bytes(out, 1, value.to_string().as_bytes()),
            Kind::Quantity => bytes(out, 1, self.text(value, at).as_bytes()),
            Kind::IntOrString => {
                int(out, 1, value.is_string().into());
                int(out, 2, value.as_i64().unwrap_or_default());
                bytes(out, 3, value.as_str().unwrap_or_default().as_bytes());
            }
            Kind::Fields => bytes(out, 1, value.to_string().as_bytes()),
            Kind::Message(name) => {
                let empty = Map::new();
                let object = self.typed(value, value.as_object(), at).unwrap_or(&empty);
                self.message(out, name, object, at);
            }
            Kind::Text | Kind::Int | Kind::Bool | Kind::Bytes => panic!("{at} is no message"),
        }
    }

    fn text<'v>(&mut self, value: &'v Value, at: &str) -> &'v str {
        self.typed(value, value.as_str(), at).unwrap_or_default()
    }

    /// What a value was read as; what could not be read, and is not null, is noted.
    fn typed<T>(&mut self, value: &Value, read: Option<T>, at: &str) -> Option<T> {
        if read.is_none() && !value.is_null() {
            self.unknown.insert(format!("{at} = {value}"));
        }
        read
    }
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

fn tag(out: &mut Vec<u8>, number: u64, wire: u64) {
    varint(out, number << 3 | wire);
}

/// A number with its tag; a negative one as 64 bits of two's complement.
fn int(out: &mut Vec<u8>, number: u64, value: i64) {
    tag(out, number, VARINT);
    varint(out, value.cast_unsigned());
}

/// Anything with a length, with its tag.
fn bytes(out: &mut Vec<u8>, number: u64, value: &[u8]) {
    tag(out, number, LENGTH);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Bytes from base64 with padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = text.trim_end_matches('=').bytes().map(digit).collect::<Option<_>>()?;
    let group = |four: &[u32]| {
        let all = four.iter().chain(std::iter::repeat_n(&0, 4 - four.len())).fold(0, |all, digit| all << 6 | digit);
        all.to_be_bytes()[1..four.len()].to_vec()
    };
    Some(digits.chunks(4).flat_map(group).collect())
}

/// Seconds since 1970 and nanoseconds, from a time in UTC: `2026-02-02T07:30:00Z`, with or without a fraction.
fn seconds_and_nanos(text: &str) -> Option<(i64, i64)> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    Some((days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second, nanos))
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let parts: Vec<i64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Days from 1970 to a date of the Gregorian calendar; a year begins in March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The message of a kind: `apps.Deployment` for `Deployment`.
fn message(kind: &str) -> Option<&'static str> {
    table().keys().copied().find(|name| name.rsplit('.').next() == Some(kind))
}

/// Whether a message has a field with that key, itself or inline.
fn knows(name: &str, key: &str) -> bool {
    table()[name].iter().any(|field| match (field.shape, field.kind) {
        (Shape::Inline, Kind::Message(inner)) => knows(inner, key),
        _ => field.name == key,
    })
}

/// The tables below, read once.
fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let mut table = Table::new();
        let mut name = "";
        for line in MESSAGES.lines() {
            match line.strip_prefix("  ") {
                None => name = line,
                Some(fields) => table.entry(name).or_default().extend(fields.split(',').filter(|f| !f.trim().is_empty()).map(field)),
            }
        }
        table
    })
}

/// A field from its line: `5 uid string!`, `2 =VolumeSource!`.
fn field(text: &'static str) -> Field {
    let (text, is_always) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let mut words = text.split_whitespace();
    let number = words.next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("`{text}` has no number"));
    let (name, kind) = match (words.next(), words.next()) {
        (Some(name), Some(kind)) => (name, kind),
        (Some(kind), None) => ("", kind),
        _ => panic!("`{text}` has no type"),
    };
    let shapes = [("=", Shape::Inline), ("[]", Shape::Many), ("{}", Shape::Map)];
    let (kind, shape) = shapes.iter().find_map(|(mark, shape)| Some((kind.strip_prefix(mark)?, *shape))).unwrap_or((kind, Shape::One));
    Field { number, name, shape, kind: self::kind(kind), is_always }
}

fn kind(name: &'static str) -> Kind {
    match name {
        "string" => Kind::Text,
        "int" => Kind::Int,
        "bool" => Kind::Bool,
        "bytes" => Kind::Bytes,
        "time" => Kind::Time,
        "quantity" => Kind::Quantity,
        "intorstring" => Kind::IntOrString,
        "fields" => Kind::Fields,
        message => Kind::Message(message),
    }
}

/// The messages: a name, then `number key type` of every field. `[]` is repeated, `{}` a map by text, `=` inline; what
/// ends in `!` is no pointer in Go, and always written. Messages outside of the core group bear a group's name. Missing
/// are the sources of volumes that only one cloud or one kind of storage has.
const MESSAGES: &str = "\
Namespace
  1 metadata meta.ObjectMeta!, 2 spec NamespaceSpec!, 3 status NamespaceStatus!
meta.ObjectMeta
  1 name string!, 2 generateName string!, 3 namespace string!, 4 selfLink string!, 5 uid string!, 6 resourceVersion string!,
  7 generation int!, 8 creationTimestamp time!, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds int, 11 labels {}string,
  12 annotations {}string, 13 ownerReferences []meta.OwnerReference, 14 finalizers []string, 17 managedFields []meta.ManagedFieldsEntry
meta.OwnerReference
  1 kind string!, 3 name string!, 4 uid string!, 5 apiVersion string!, 6 controller bool, 7 blockOwnerDeletion bool
meta.ManagedFieldsEntry
  1 manager string!, 2 operation string!, 3 apiVersion string!, 4 time time, 6 fieldsType string!, 7 fieldsV1 fields,
  8 subresource string!
NamespaceSpec
  1 finalizers []string
NamespaceStatus
  1 phase string!, 2 conditions []NamespaceCondition
NamespaceCondition
  1 type string!, 2 status string!, 4 lastTransitionTime time!, 5 reason string!, 6 message string!
Pod
  1 metadata meta.ObjectMeta!, 2 spec PodSpec!, 3 status PodStatus!
PodSpec
  1 volumes []Volume, 2 containers []Container, 3 restartPolicy string!, 4 terminationGracePeriodSeconds int,
  5 activeDeadlineSeconds int, 6 dnsPolicy string!, 7 nodeSelector {}string, 8 serviceAccountName string!, 9 serviceAccount string!,
  10 nodeName string!, 11 hostNetwork bool!, 12 hostPID bool!, 13 hostIPC bool!, 14 securityContext PodSecurityContext,
  15 imagePullSecrets []LocalObjectReference, 16 hostname string!, 17 subdomain string!, 18 affinity Affinity, 19 schedulerName string!,
  20 initContainers []Container, 21 automountServiceAccountToken bool, 22 tolerations []Toleration, 23 hostAliases []HostAlias,
  24 priorityClassName string!, 25 priority int, 26 dnsConfig PodDNSConfig, 27 shareProcessNamespace bool,
  28 readinessGates []PodReadinessGate, 29 runtimeClassName string, 30 enableServiceLinks bool, 31 preemptionPolicy string,
  32 overhead {}quantity, 33 topologySpreadConstraints []TopologySpreadConstraint, 34 ephemeralContainers []EphemeralContainer,
  35 setHostnameAsFQDN bool, 36 os PodOS, 37 hostUsers bool, 38 schedulingGates []PodSchedulingGate,
  39 resourceClaims []PodResourceClaim, 40 resources ResourceRequirements, 41 hostnameOverride string
Volume
  1 name string!, 2 =VolumeSource!
VolumeSource
  1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource, 6 secret SecretVolumeSource, 7 nfs NFSVolumeSource,
  10 persistentVolumeClaim PersistentVolumeClaimVolumeSource, 16 downwardAPI DownwardAPIVolumeSource,
  19 configMap ConfigMapVolumeSource, 26 projected ProjectedVolumeSource, 28 csi CSIVolumeSource, 30 image ImageVolumeSource
HostPathVolumeSource
  1 path string!, 2 type string
EmptyDirVolumeSource
  1 medium string!, 2 sizeLimit quantity
SecretVolumeSource
  1 secretName string!, 2 items []KeyToPath, 3 defaultMode int, 4 optional bool
KeyToPath
  1 key string!, 2 path string!, 3 mode int
NFSVolumeSource
  1 server string!, 2 path string!, 3 readOnly bool!
PersistentVolumeClaimVolumeSource
  1 claimName string!, 2 readOnly bool!
DownwardAPIVolumeSource
  1 items []DownwardAPIVolumeFile, 2 defaultMode int
DownwardAPIVolumeFile
  1 path string!, 2 fieldRef ObjectFieldSelector, 3 resourceFieldRef ResourceFieldSelector, 4 mode int
ObjectFieldSelector
  1 apiVersion string!, 2 fieldPath string!
ResourceFieldSelector
  1 containerName string!, 2 resource string!, 3 divisor quantity!
ConfigMapVolumeSource
  1 =LocalObjectReference!, 2 items []KeyToPath, 3 defaultMode int, 4 optional bool
LocalObjectReference
  1 name string!
ProjectedVolumeSource
  1 sources []VolumeProjection, 2 defaultMode int
VolumeProjection
  1 secret SecretProjection, 2 downwardAPI DownwardAPIProjection, 3 configMap ConfigMapProjection,
  4 serviceAccountToken ServiceAccountTokenProjection, 5 clusterTrustBundle ClusterTrustBundleProjection,
  6 podCertificate PodCertificateProjection
SecretProjection
  1 =LocalObjectReference!, 2 items []KeyToPath, 4 optional bool
DownwardAPIProjection
  1 items []DownwardAPIVolumeFile
ConfigMapProjection
  1 =LocalObjectReference!, 2 items []KeyToPath, 4 optional bool
ServiceAccountTokenProjection
  1 audience string!, 2 expirationSeconds int, 3 path string!
ClusterTrustBundleProjection
  1 name string, 2 signerName string, 3 labelSelector meta.LabelSelector, 4 path string!, 5 optional bool
meta.LabelSelector
  1 matchLabels {}string, 2 matchExpressions []meta.LabelSelectorRequirement
meta.LabelSelectorRequirement
  1 key string!, 2 operator string!, 3 values []string
PodCertificateProjection
  1 signerName string!, 2 keyType string!, 3 maxExpirationSeconds int, 4 credentialBundlePath string!, 5 keyPath string!,
  6 certificateChainPath string!, 7 userAnnotations {}string
CSIVolumeSource
  1 driver string!, 2 readOnly bool, 3 fsType string, 4 volumeAttributes {}string, 5 nodePublishSecretRef LocalObjectReference
ImageVolumeSource
  1 reference string!, 2 pullPolicy string!
Container
  1 name string!, 2 image string!, 3 command []string, 4 args []string, 5 workingDir string!, 6 ports []ContainerPort, 7 env []EnvVar,
  8 resources ResourceRequirements!, 9 volumeMounts []VolumeMount, 10 livenessProbe Probe, 11 readinessProbe Probe,
  12 lifecycle Lifecycle, 13 terminationMessagePath string!, 14 imagePullPolicy string!, 15 securityContext SecurityContext,
  16 stdin bool!, 17 stdinOnce bool!, 18 tty bool!, 19 envFrom []EnvFromSource, 20 terminationMessagePolicy string!,
  21 volumeDevices []VolumeDevice, 22 startupProbe Probe, 23 resizePolicy []ContainerResizePolicy, 24 restartPolicy string,
  25 restartPolicyRules []ContainerRestartRule
ContainerPort
  1 name string!, 2 hostPort int!, 3 containerPort int!, 4 protocol string!, 5 hostIP string!
EnvFromSource
  1 prefix string!, 2 configMapRef ConfigMapEnvSource, 3 secretRef SecretEnvSource
ConfigMapEnvSource
  1 =LocalObjectReference!, 2 optional bool
SecretEnvSource
  1 =LocalObjectReference!, 2 optional bool
EnvVar
  1 name string!, 2 value string!, 3 valueFrom EnvVarSource
EnvVarSource
  1 fieldRef ObjectFieldSelector, 2 resourceFieldRef ResourceFieldSelector, 3 configMapKeyRef ConfigMapKeySelector,
  4 secretKeyRef SecretKeySelector, 5 fileKeyRef FileKeySelector
ConfigMapKeySelector
  1 =LocalObjectReference!, 2 key string!, 3 optional bool
SecretKeySelector
  1 =LocalObjectReference!, 2 key string!, 3 optional bool
FileKeySelector
  1 volumeName string!, 2 path string!, 3 key string!, 4 optional bool
ResourceRequirements
  1 limits {}quantity, 2 requests {}quantity, 3 claims []ResourceClaim
ResourceClaim
  1 name string!, 2 request string!
ContainerResizePolicy
  1 resourceName string!, 2 restartPolicy string!
ContainerRestartRule
  1 action string!, 2 exitCodes ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes
  1 operator string!, 2 values []int
VolumeMount
  1 name string!, 2 readOnly bool!, 3 mountPath string!, 4 subPath string!, 5 mountPropagation string, 6 subPathExpr string!,
  7 recursiveReadOnly string
VolumeDevice
  1 name string!, 2 devicePath string!
Probe
  1 =ProbeHandler!, 2 initialDelaySeconds int!, 3 timeoutSeconds int!, 4 periodSeconds int!, 5 successThreshold int!,
  6 failureThreshold int!, 7 terminationGracePeriodSeconds int
ProbeHandler
  1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 grpc GRPCAction
ExecAction
  1 command []string
HTTPGetAction
  1 path string!, 2 port intorstring!, 3 host string!, 4 scheme string!, 5 httpHeaders []HTTPHeader
HTTPHeader
  1 name string!, 2 value string!
TCPSocketAction
  1 port intorstring!, 2 host string!
GRPCAction
  1 port int!, 2 service string
Lifecycle
  1 postStart LifecycleHandler, 2 preStop LifecycleHandler, 3 stopSignal string
LifecycleHandler
  1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 sleep SleepAction
SleepAction
  1 seconds int!
SecurityContext
  1 capabilities Capabilities, 2 privileged bool, 3 seLinuxOptions SELinuxOptions, 4 runAsUser int, 5 runAsNonRoot bool,
  6 readOnlyRootFilesystem bool, 7 allowPrivilegeEscalation bool, 8 runAsGroup int, 9 procMount string,
  10 windowsOptions WindowsSecurityContextOptions, 11 seccompProfile SeccompProfile, 12 appArmorProfile AppArmorProfile
Capabilities
  1 add []string, 2 drop []string
SELinuxOptions
  1 user string!, 2 role string!, 3 type string!, 4 level string!
WindowsSecurityContextOptions
  1 gmsaCredentialSpecName string, 2 gmsaCredentialSpec string, 3 runAsUserName string, 4 hostProcess bool
SeccompProfile
  1 type string!, 2 localhostProfile string
AppArmorProfile
  1 type string!, 2 localhostProfile string
EphemeralContainer
  1 =EphemeralContainerCommon!, 2 targetContainerName string!
EphemeralContainerCommon
  1 name string!, 2 image string!, 3 command []string, 4 args []string, 5 workingDir string!, 6 ports []ContainerPort, 7 env []EnvVar,
  8 resources ResourceRequirements!, 9 volumeMounts []VolumeMount, 10 livenessProbe Probe, 11 readinessProbe Probe,
  12 lifecycle Lifecycle, 13 terminationMessagePath string!, 14 imagePullPolicy string!, 15 securityContext SecurityContext,
  16 stdin bool!, 17 stdinOnce bool!, 18 tty bool!, 19 envFrom []EnvFromSource, 20 terminationMessagePolicy string!,
  21 volumeDevices []VolumeDevice, 22 startupProbe Probe, 23 resizePolicy []ContainerResizePolicy, 24 restartPolicy string,
  25 restartPolicyRules []ContainerRestartRule
PodSecurityContext
  1 seLinuxOptions SELinuxOptions, 2 runAsUser int, 3 runAsNonRoot bool, 4 supplementalGroups []int, 5 fsGroup int, 6 runAsGroup int,
  7 sysctls []Sysctl, 8 windowsOptions WindowsSecurityContextOptions, 9 fsGroupChangePolicy string, 10 seccompProfile SeccompProfile,
  11 appArmorProfile AppArmorProfile, 12 supplementalGroupsPolicy string, 13 seLinuxChangePolicy string
Sysctl
  1 name string!, 2 value string!
Affinity
  1 nodeAffinity NodeAffinity, 2 podAffinity PodAffinity, 3 podAntiAffinity PodAntiAffinity
NodeAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector,
  2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm
NodeSelector
  1 nodeSelectorTerms []NodeSelectorTerm
NodeSelectorTerm
  1 matchExpressions []NodeSelectorRequirement, 2 matchFields []NodeSelectorRequirement
NodeSelectorRequirement
  1 key string!, 2 operator string!, 3 values []string
PreferredSchedulingTerm
  1 weight int!, 2 preference NodeSelectorTerm!
PodAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm,
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
PodAffinityTerm
  1 labelSelector meta.LabelSelector, 2 namespaces []string, 3 topologyKey string!, 4 namespaceSelector meta.LabelSelector,
  5 matchLabelKeys []string, 6 mismatchLabelKeys []string
WeightedPodAffinityTerm
  1 weight int!, 2 podAffinityTerm PodAffinityTerm!
PodAntiAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm,
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
Toleration
  1 key string!, 2 operator string!, 3 value string!, 4 effect string!, 5 tolerationSeconds int
HostAlias
  1 ip string!, 2 hostnames []string
PodDNSConfig
  1 nameservers []string, 2 searches []string, 3 options []PodDNSConfigOption
PodDNSConfigOption
  1 name string!, 2 value string
PodReadinessGate
  1 conditionType string!
TopologySpreadConstraint
  1 maxSkew int!, 2 topologyKey string!, 3 whenUnsatisfiable string!, 4 labelSelector meta.LabelSelector, 5 minDomains int,
  6 nodeAffinityPolicy string, 7 nodeTaintsPolicy string, 8 matchLabelKeys []string
PodOS
  1 name string!
PodSchedulingGate
  1 name string!
PodResourceClaim
  1 name string!, 3 resourceClaimName string, 4 resourceClaimTemplateName string
PodStatus
  1 phase string!, 2 conditions []PodCondition, 3 message string!, 4 reason string!, 5 hostIP string!, 6 podIP string!,
  7 startTime time, 8 containerStatuses []ContainerStatus, 9 qosClass string!, 10 initContainerStatuses []ContainerStatus,
  11 nominatedNodeName string!, 12 podIPs []PodIP, 13 ephemeralContainerStatuses []ContainerStatus, 14 resize string!,
  15 resourceClaimStatuses []PodResourceClaimStatus, 16 hostIPs []HostIP, 17 observedGeneration int!,
  18 extendedResourceClaimStatus PodExtendedResourceClaimStatus, 19 allocatedResources {}quantity, 20 resources ResourceRequirements
PodCondition
  1 type string!, 2 status string!, 3 lastProbeTime time!, 4 lastTransitionTime time!, 5 reason string!, 6 message string!,
  7 observedGeneration int!
HostIP
  1 ip string!
PodIP
  1 ip string!
ContainerStatus
  1 name string!, 2 state ContainerState!, 3 lastState ContainerState!, 4 ready bool!, 5 restartCount int!, 6 image string!,
  7 imageID string!, 8 containerID string!, 9 started bool, 10 allocatedResources {}quantity, 11 resources ResourceRequirements,
  12 volumeMounts []VolumeMountStatus, 13 user ContainerUser, 14 allocatedResourcesStatus []ResourceStatus, 15 stopSignal string
ContainerState
  1 waiting ContainerStateWaiting, 2 running ContainerStateRunning, 3 terminated ContainerStateTerminated
ContainerStateWaiting
  1 reason string!, 2 message string!
ContainerStateRunning
  1 startedAt time!
ContainerStateTerminated
  1 exitCode int!, 2 signal int!, 3 reason string!, 4 message string!, 5 startedAt time!, 6 finishedAt time!, 7 containerID string!
VolumeMountStatus
  1 name string!, 2 mountPath string!, 3 readOnly bool!, 4 recursiveReadOnly string
ContainerUser
  1 linux LinuxContainerUser
LinuxContainerUser
  1 uid int!, 2 gid int!, 3 supplementalGroups []int
ResourceStatus
  1 name string!, 2 resources []ResourceHealth
ResourceHealth
  1 resourceID string!, 2 health string!
PodResourceClaimStatus
  1 name string!, 2 resourceClaimName string
PodExtendedResourceClaimStatus
  1 requestMappings []ContainerExtendedResourceRequest, 2 resourceClaimName string!
ContainerExtendedResourceRequest
  1 containerName string!, 2 resourceName string!, 3 requestName string!
Service
  1 metadata meta.ObjectMeta!, 2 spec ServiceSpec!, 3 status ServiceStatus!
ServiceSpec
  1 ports []ServicePort, 2 selector {}string, 3 clusterIP string!, 4 type string!, 5 externalIPs []string, 7 sessionAffinity string!,
  8 loadBalancerIP string!, 9 loadBalancerSourceRanges []string, 10 externalName string!, 11 externalTrafficPolicy string!,
  12 healthCheckNodePort int!, 13 publishNotReadyAddresses bool!, 14 sessionAffinityConfig SessionAffinityConfig,
  17 ipFamilyPolicy string, 18 clusterIPs []string, 19 ipFamilies []string, 20 allocateLoadBalancerNodePorts bool,
  21 loadBalancerClass string, 22 internalTrafficPolicy string, 23 trafficDistribution string
ServicePort
  1 name string!, 2 protocol string!, 3 port int!, 4 targetPort intorstring!, 5 nodePort int!, 6 appProtocol string
SessionAffinityConfig
  1 clientIP ClientIPConfig
ClientIPConfig
  1 timeoutSeconds int
ServiceStatus
  1 loadBalancer LoadBalancerStatus!, 2 conditions []meta.Condition
LoadBalancerStatus
  1 ingress []LoadBalancerIngress
LoadBalancerIngress
  1 ip string!, 2 hostname string!, 3 ipMode string, 4 ports []PortStatus
PortStatus
  1 port int!, 2 protocol string!, 3 error string
meta.Condition
  1 type string!, 2 status string!, 3 observedGeneration int!, 4 lastTransitionTime time!, 5 reason string!, 6 message string!
ConfigMap
  1 metadata meta.ObjectMeta!, 2 data {}string, 3 binaryData {}bytes, 4 immutable bool
Endpoints
  1 metadata meta.ObjectMeta!, 2 subsets []EndpointSubset
EndpointSubset
  1 addresses []EndpointAddress, 2 notReadyAddresses []EndpointAddress, 3 ports []EndpointPort
EndpointAddress
  1 ip string!, 2 targetRef ObjectReference, 3 hostname string!, 4 nodeName string
EndpointPort
  1 name string!, 2 port int!, 3 protocol string!, 4 appProtocol string
ReplicationController
  1 metadata meta.ObjectMeta!, 2 spec ReplicationControllerSpec!, 3 status ReplicationControllerStatus!
ReplicationControllerSpec
  1 replicas int, 2 selector {}string, 3 template PodTemplateSpec, 4 minReadySeconds int!
PodTemplateSpec
  1 metadata meta.ObjectMeta!, 2 spec PodSpec!
ReplicationControllerStatus
  1 replicas int!, 2 fullyLabeledReplicas int!, 3 observedGeneration int!, 4 readyReplicas int!, 5 availableReplicas int!,
  6 conditions []ReplicationControllerCondition
ReplicationControllerCondition
  1 type string!, 2 status string!, 3 lastTransitionTime time!, 4 reason string!, 5 message string!
apps.Deployment
  1 metadata meta.ObjectMeta!, 2 spec apps.DeploymentSpec!, 3 status apps.DeploymentStatus!
apps.DeploymentSpec
  1 replicas int, 2 selector meta.LabelSelector, 3 template PodTemplateSpec!, 4 strategy apps.DeploymentStrategy!,
  5 minReadySeconds int!, 6 revisionHistoryLimit int, 7 paused bool!, 9 progressDeadlineSeconds int
apps.DeploymentStrategy
  1 type string!, 2 rollingUpdate apps.RollingUpdateDeployment
apps.RollingUpdateDeployment
  1 maxUnavailable intorstring, 2 maxSurge intorstring
apps.DeploymentStatus
  1 observedGeneration int!, 2 replicas int!, 3 updatedReplicas int!, 4 availableReplicas int!, 5 unavailableReplicas int!,
  6 conditions []apps.DeploymentCondition, 7 readyReplicas int!, 8 collisionCount int, 9 terminatingReplicas int
apps.DeploymentCondition
  1 type string!, 2 status string!, 4 reason string!, 5 message string!, 6 lastUpdateTime time!, 7 lastTransitionTime time!
apps.StatefulSet
  1 metadata meta.ObjectMeta!, 2 spec apps.StatefulSetSpec!, 3 status apps.StatefulSetStatus!
apps.StatefulSetSpec
  1 replicas int, 2 selector meta.LabelSelector, 3 template PodTemplateSpec!, 4 volumeClaimTemplates []PersistentVolumeClaim,
  5 serviceName string!, 6 podManagementPolicy string!, 7 updateStrategy apps.StatefulSetUpdateStrategy!, 8 revisionHistoryLimit int,
  9 minReadySeconds int!, 10 persistentVolumeClaimRetentionPolicy apps.StatefulSetPersistentVolumeClaimRetentionPolicy,
  11 ordinals apps.StatefulSetOrdinals
PersistentVolumeClaim
  1 metadata meta.ObjectMeta!, 2 spec PersistentVolumeClaimSpec!, 3 status PersistentVolumeClaimStatus!
PersistentVolumeClaimSpec
  1 accessModes []string, 2 resources VolumeResourceRequirements!, 3 volumeName string!, 4 selector meta.LabelSelector,
  5 storageClassName string, 6 volumeMode string, 7 dataSource TypedLocalObjectReference, 8 dataSourceRef TypedObjectReference,
  9 volumeAttributesClassName string
VolumeResourceRequirements
  1 limits {}quantity, 2 requests {}quantity
TypedLocalObjectReference
  1 apiGroup string, 2 kind string!, 3 name string!
TypedObjectReference
  1 apiGroup string, 2 kind string!, 3 name string!, 4 namespace string
PersistentVolumeClaimStatus
  1 phase string!, 2 accessModes []string, 3 capacity {}quantity, 4 conditions []PersistentVolumeClaimCondition,
  5 allocatedResources {}quantity, 7 allocatedResourceStatuses {}string, 8 currentVolumeAttributesClassName string,
  9 modifyVolumeStatus ModifyVolumeStatus
PersistentVolumeClaimCondition
  1 type string!, 2 status string!, 3 lastProbeTime time!, 4 lastTransitionTime time!, 5 reason string!, 6 message string!
ModifyVolumeStatus
  1 targetVolumeAttributesClassName string!, 2 status string!
apps.StatefulSetUpdateStrategy
  1 type string!, 2 rollingUpdate apps.RollingUpdateStatefulSetStrategy
apps.RollingUpdateStatefulSetStrategy
  1 partition int, 2 maxUnavailable intorstring
apps.StatefulSetPersistentVolumeClaimRetentionPolicy
  1 whenDeleted string!, 2 whenScaled string!
apps.StatefulSetOrdinals
  1 start int!
apps.StatefulSetStatus
  1 observedGeneration int!, 2 replicas int!, 3 readyReplicas int!, 4 currentReplicas int!, 5 updatedReplicas int!,
  6 currentRevision string!, 7 updateRevision string!, 9 collisionCount int, 10 conditions []apps.StatefulSetCondition,
  11 availableReplicas int!
apps.StatefulSetCondition
  1 type string!, 2 status string!, 3 lastTransitionTime time!, 4 reason string!, 5 message string!
apps.DaemonSet
  1 metadata meta.ObjectMeta!, 2 spec apps.DaemonSetSpec!, 3 status apps.DaemonSetStatus!
apps.DaemonSetSpec
  1 selector meta.LabelSelector, 2 template PodTemplateSpec!, 3 updateStrategy apps.DaemonSetUpdateStrategy!, 4 minReadySeconds int!,
  6 revisionHistoryLimit int
apps.DaemonSetUpdateStrategy
  1 type string!, 2 rollingUpdate apps.RollingUpdateDaemonSet
apps.RollingUpdateDaemonSet
  1 maxUnavailable intorstring, 2 maxSurge intorstring
apps.DaemonSetStatus
  1 currentNumberScheduled int!, 2 numberMisscheduled int!, 3 desiredNumberScheduled int!, 4 numberReady int!,
  5 observedGeneration int!, 6 updatedNumberScheduled int!, 7 numberAvailable int!, 8 numberUnavailable int!, 9 collisionCount int,
  10 conditions []apps.DaemonSetCondition
apps.DaemonSetCondition
  1 type string!, 2 status string!, 3 lastTransitionTime time!, 4 reason string!, 5 message string!
apps.ReplicaSet
  1 metadata meta.ObjectMeta!, 2 spec apps.ReplicaSetSpec!, 3 status apps.ReplicaSetStatus!
apps.ReplicaSetSpec
  1 replicas int, 2 selector meta.LabelSelector, 3 template PodTemplateSpec!, 4 minReadySeconds int!
apps.ReplicaSetStatus
  1 replicas int!, 2 fullyLabeledReplicas int!, 3 observedGeneration int!, 4 readyReplicas int!, 5 availableReplicas int!,
  6 conditions []apps.ReplicaSetCondition, 7 terminatingReplicas int
apps.ReplicaSetCondition
  1 type string!, 2 status string!, 3 lastTransitionTime time!, 4 reason string!, 5 message string!
batch.Job
  1 metadata meta.ObjectMeta!, 2 spec batch.JobSpec!, 3 status batch.JobStatus!
batch.JobSpec
  1 parallelism int, 2 completions int, 3 activeDeadlineSeconds int, 4 selector meta.LabelSelector, 5 manualSelector bool,
  6 template PodTemplateSpec!, 7 backoffLimit int, 8 ttlSecondsAfterFinished int, 9 completionMode string, 10 suspend bool,
  11 podFailurePolicy batch.PodFailurePolicy, 12 backoffLimitPerIndex int, 13 maxFailedIndexes int, 14 podReplacementPolicy string,
  15 managedBy string, 16 successPolicy batch.SuccessPolicy
batch.PodFailurePolicy
  1 rules []batch.PodFailurePolicyRule
batch.PodFailurePolicyRule
  1 action string!, 2 onExitCodes batch.PodFailurePolicyOnExitCodesRequirement,
  3 onPodConditions []batch.PodFailurePolicyOnPodConditionsPattern
batch.PodFailurePolicyOnExitCodesRequirement
  1 containerName string, 2 operator string!, 3 values []int
batch.PodFailurePolicyOnPodConditionsPattern
  1 type string!, 2 status string!
batch.SuccessPolicy
  1 rules []batch.SuccessPolicyRule
batch.SuccessPolicyRule
  1 succeededIndexes string, 2 succeededCount int
batch.JobStatus
  1 conditions []batch.JobCondition, 2 startTime time, 3 completionTime time, 4 active int!, 5 succeeded int!, 6 failed int!,
  7 completedIndexes string!, 8 uncountedTerminatedPods batch.UncountedTerminatedPods, 9 ready int, 10 failedIndexes string,
  11 terminating int
batch.JobCondition
  1 type string!, 2 status string!, 3 lastProbeTime time!, 4 lastTransitionTime time!, 5 reason string!, 6 message string!
batch.UncountedTerminatedPods
  1 succeeded []string, 2 failed []string
batch.CronJob
  1 metadata meta.ObjectMeta!, 2 spec batch.CronJobSpec!, 3 status batch.CronJobStatus!
batch.CronJobSpec
  1 schedule string!, 2 startingDeadlineSeconds int, 3 concurrencyPolicy string!, 4 suspend bool, 5 jobTemplate batch.JobTemplateSpec!,
  6 successfulJobsHistoryLimit int, 7 failedJobsHistoryLimit int, 8 timeZone string
batch.JobTemplateSpec
  1 metadata meta.ObjectMeta!, 2 spec batch.JobSpec!
batch.CronJobStatus
  1 active []ObjectReference, 4 lastScheduleTime time, 5 lastSuccessfulTime time
ObjectReference
  1 kind string!, 2 namespace string!, 3 name string!, 4 uid string!, 5 apiVersion string!, 6 resourceVersion string!,
  7 fieldPath string!
adm.MutatingWebhookConfiguration
  1 metadata meta.ObjectMeta!, 2 webhooks []adm.MutatingWebhook
adm.MutatingWebhook
  1 name string!, 2 clientConfig adm.WebhookClientConfig!, 3 rules []adm.RuleWithOperations, 4 failurePolicy string,
  5 namespaceSelector meta.LabelSelector, 6 sideEffects string, 7 timeoutSeconds int, 8 admissionReviewVersions []string,
  9 matchPolicy string, 10 reinvocationPolicy string, 11 objectSelector meta.LabelSelector, 12 matchConditions []adm.MatchCondition
adm.WebhookClientConfig
  1 service adm.ServiceReference, 2 caBundle bytes, 3 url string
adm.ServiceReference
  1 namespace string!, 2 name string!, 3 path string, 4 port int
adm.RuleWithOperations
  1 operations []string, 2 =adm.Rule!
adm.Rule
  1 apiGroups []string, 2 apiVersions []string, 3 resources []string, 4 scope string
adm.MatchCondition
  1 name string!, 2 expression string!
adm.ValidatingWebhookConfiguration
  1 metadata meta.ObjectMeta!, 2 webhooks []adm.ValidatingWebhook
adm.ValidatingWebhook
  1 name string!, 2 clientConfig adm.WebhookClientConfig!, 3 rules []adm.RuleWithOperations, 4 failurePolicy string,
  5 namespaceSelector meta.LabelSelector, 6 sideEffects string, 7 timeoutSeconds int, 8 admissionReviewVersions []string,
  9 matchPolicy string, 10 objectSelector meta.LabelSelector, 11 matchConditions []adm.MatchCondition
ext.CustomResourceDefinition
  1 metadata meta.ObjectMeta!, 2 spec ext.CustomResourceDefinitionSpec!
ext.CustomResourceDefinitionSpec
  1 group string!, 3 names ext.CustomResourceDefinitionNames!, 4 scope string!, 7 versions []ext.CustomResourceDefinitionVersion,
  9 conversion ext.CustomResourceConversion, 10 preserveUnknownFields bool!
ext.CustomResourceDefinitionNames
  1 plural string!, 2 singular string!, 3 shortNames []string, 4 kind string!, 5 listKind string!, 6 categories []string
ext.CustomResourceDefinitionVersion
  1 name string!, 2 served bool!, 3 storage bool!, 7 deprecated bool!, 8 deprecationWarning string
ext.CustomResourceConversion
  1 strategy string!, 2 webhook ext.WebhookConversion
ext.WebhookConversion
  2 clientConfig ext.WebhookClientConfig, 3 conversionReviewVersions []string
ext.WebhookClientConfig
  1 service ext.ServiceReference, 2 caBundle bytes, 3 url string
ext.ServiceReference
  1 namespace string!, 2 name string!, 3 path string, 4 port int
reg.APIService
  1 metadata meta.ObjectMeta!, 2 spec reg.APIServiceSpec!
reg.APIServiceSpec
  1 service reg.ServiceReference, 2 group string!, 3 version string!, 4 insecureSkipTLSVerify bool!, 5 caBundle bytes,
  7 groupPriorityMinimum int!, 8 versionPriority int!
reg.ServiceReference
  1 namespace string!, 2 name string!, 3 port int
net.Ingress
  1 metadata meta.ObjectMeta!, 2 spec net.IngressSpec!
net.IngressSpec
  1 defaultBackend net.IngressBackend, 2 tls []net.IngressTLS, 3 rules []net.IngressRule, 4 ingressClassName string
net.IngressTLS
  1 hosts []string, 2 secretName string!
net.IngressRule
  1 host string!, 2 =net.IngressRuleValue!
net.IngressRuleValue
  1 http net.HTTPIngressRuleValue
net.HTTPIngressRuleValue
  1 paths []net.HTTPIngressPath
net.HTTPIngressPath
  1 path string!, 2 backend net.IngressBackend!, 3 pathType string
net.IngressBackend
  3 resource TypedLocalObjectReference, 4 service net.IngressServiceBackend
net.IngressServiceBackend
  1 name string!, 2 port net.ServiceBackendPort!
net.ServiceBackendPort
  1 name string!, 2 number int!
discovery.EndpointSlice
  1 metadata meta.ObjectMeta!, 2 endpoints []discovery.Endpoint, 3 ports []discovery.EndpointPort, 4 addressType string!
discovery.Endpoint
  1 addresses []string, 2 conditions discovery.EndpointConditions!, 3 hostname string, 4 targetRef ObjectReference,
  5 deprecatedTopology {}string, 6 nodeName string, 7 zone string, 8 hints discovery.EndpointHints
discovery.EndpointConditions
  1 ready bool, 2 serving bool, 3 terminating bool
discovery.EndpointHints
  1 forZones []discovery.ForZone, 2 forNodes []discovery.ForNode
discovery.ForZone
  1 name string!
discovery.ForNode
  1 name string!
discovery.EndpointPort
  1 name string, 2 protocol string, 3 port int, 4 appProtocol string
meta.ListMeta
  1 selfLink string!, 2 resourceVersion string!, 3 continue string!, 4 remainingItemCount int
";

/// A body written down by hand, from the numbers in `generated.proto`.
#[test]
fn a_small_object_is_encoded_to_the_byte() {
    let namespace = serde_json::json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "shop", "creationTimestamp": "2026-02-02T07:30:00Z", "labels": {"b": "2", "a": "1"}},
        "status": {"phase": "Active"},
    });
    let metadata = [
        b"\x0a\x04shop\x12\0\x1a\0\x22\0\x2a\0\x32\0\x38\0".as_slice(),
        // 1,770,017,400 seconds.
        b"\x42\x08\x08\xf8\xa4\x81\xcc\x06\x10\0",
        b"\x5a\x06\x0a\x01a\x12\x011\x5a\x06\x0a\x01b\x12\x012",
    ]
    .concat();
    let raw = [b"\x0a".as_slice(), &[u8::try_from(metadata.len()).unwrap()], &metadata, b"\x12\0\x1a\x08\x0a\x06Active"].concat();
    let types = b"\x0a\x0f\x0a\x02v1\x12\x09Namespace";
    let expected = [b"k8s\0".as_slice(), types, b"\x12", &[u8::try_from(raw.len()).unwrap()], &raw, b"\x1a\0\x22\0"].concat();
    assert_eq!(object(&namespace), expected);
}

#[test]
fn a_list_is_its_frame_around_its_elements() {
    let items = [serde_json::json!({"metadata": {"name": "a"}}), serde_json::json!({"metadata": {"name": "b"}})];
    let body = list("apps/v1", "Deployment", "next", &items);
    let element = element(&item("Deployment", &items[1]));
    assert!(body.starts_with(b"k8s\0\x0a\x19\x0a\x07apps/v1\x12\x0eDeploymentList\x12"));
    assert!(body.ends_with(&[&element, TAIL].concat()));
    let meta = b"\x0a\x0b\x0a\0\x12\x011\x1a\x04next";
    assert!(body.windows(meta.len()).any(|window| window == meta), "{body:?}");
}

#[test]
fn values_of_every_type_have_their_encoding() {
    let mut out = Vec::new();
    int(&mut out, 1, -1);
    assert_eq!(out, [8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert_eq!(seconds_and_nanos("1970-01-01T00:00:00Z"), Some((0, 0)));
    assert_eq!(seconds_and_nanos("2024-02-29T12:00:01.5Z"), Some((1_709_208_001, 500_000_000)));
    assert_eq!(seconds_and_nanos("yesterday"), None);
    assert_eq!(base64("TWFu").as_deref(), Some(b"Man".as_slice()));
    assert_eq!(base64("TWE=").as_deref(), Some(b"Ma".as_slice()));
    assert_eq!(base64("TQ==").as_deref(), Some(b"M".as_slice()));
    assert_eq!(base64("not base64"), None);
    let mut part = Vec::new();
    let mut encoder = Encoder::default();
    encoder.part(&mut part, Kind::IntOrString, &"http".into(), "");
    assert_eq!(part, b"\x08\x01\x10\0\x1a\x04http");
    part.clear();
    encoder.part(&mut part, Kind::IntOrString, &8080.into(), "");
    assert_eq!(part, b"\x08\0\x10\x90\x3f\x1a\0");
}

#[test]
fn inline_keys_stand_in_a_message_of_their_own() {
    let volume = serde_json::json!({"name": "v", "emptyDir": {}});
    let mut encoder = Encoder::default();
    let mut out = Vec::new();
    encoder.message(&mut out, "Volume", volume.as_object().unwrap(), "");
    assert_eq!(out, b"\x0a\x01v\x12\x04\x12\x02\x0a\0");
    assert!(encoder.unknown.is_empty());
}

#[test]
fn every_message_that_a_field_names_has_a_table_with_rising_numbers() {
    for (name, fields) in table() {
        assert!(fields.is_sorted_by_key(|field| field.number), "{name}");
        for field in fields {
            let Kind::Message(inner) = field.kind else { continue };
            assert!(table().contains_key(inner), "{name}.{} is a {inner}", field.name);
        }
    }
}

/// A key that no table knows would be in the answer by way of JSON and not by way of protobuf.
#[test]
fn nothing_in_the_meshes_is_lost_on_the_way() {
    use crate::api::documents;
    let mut lost = BTreeSet::new();
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "external-callers", "two-revisions"] {
        let folder = std::fs::read_dir(format!("testdata/meshes/{mesh}")).unwrap();
        for text in folder.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()) {
            for object in documents(&text) {
                let kind = object["kind"].as_str().unwrap_or_default();
                let version = object["apiVersion"].as_str().unwrap_or_default();
                let is_built_in = !version.contains("istio.io") && !version.contains("coreos.com");
                if is_built_in && is_known(kind) {
                    lost.extend(unknown(kind, &object));
                }
            }
        }
    }
    assert_eq!(lost, BTreeSet::new());
}
