//! The numbers of the fields that this tool uses, as Kubernetes' `generated.proto` files give them.

use super::{Broken, Field, Value, cache::Memory, entry, next, raw, read};
use crate::object::{
    Kind, Object, is_relevant_annotation,
    wire::{
        ApiService, ApiServiceSpec, Condition, Conditions, ConfigMap, Container, ContainerPort, Controller, CustomResourceConversion,
        CustomResourceDefinition, CustomResourceDefinitionSpec, Endpoint, EndpointConditions, EndpointPort, EndpointSlice, EnvVar,
        Environment, Expression, GrpcCall, HttpGet, HttpIngress, Ingress, IngressBackend, IngressPath, IngressPort, IngressRule,
        IngressService, IngressSpec, IntOrText, JobTemplate, JobTemplateSpec, LabelSelector, Lifecycle, LifecycleHandler, Meta,
        MutatingWebhook, MutatingWebhookConfiguration, Namespace, Owner, Pod, PodSecurityContext, PodSpec, PodStatus, Probe, ProbeHandler,
        SecurityContext, Service, ServicePort, ServiceReference, ServiceSpec, TargetPod, TcpSocket, Template, Time, ValidatingWebhook,
        ValidatingWebhookConfiguration, WebhookClientConfig, WebhookConversion, is_relevant_variable,
    },
};

/// Declares which fields of a message are read, and into what.
///
/// Messages with fields that differ from pod to pod and are of no use are `sifted` by their fields; others are taken as they are.
macro_rules! message {
    ($name:ident { $($number:literal $field:ident),* $(,)? }) => {
        impl Field for $name {
            fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
                fields(value, |number, value| match number {
                    $($number => self.$field.merge(value),)*
                    _ => Ok(()),
                })
            }

            fn compact(&mut self) {
                $(self.$field.compact();)*
            }
        }
    };
    (sifted $name:ident { $($number:literal $field:ident),* $(,)? }) => {
        impl Field for $name {
            fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
                fields(value, |number, value| match number {
                    $($number => self.$field.merge(value),)*
                    _ => Ok(()),
                })
            }

            fn sieve(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), Broken> {
                into.push(b'{');
                fields(value, |number, value| match number {
                    $($number => {
                        into.push($number);
                        sieve_like(|message: &Self| &message.$field, value, into)
                    })*
                    _ => Ok(()),
                })?;
                into.push(0);
                Ok(())
            }

            fn compact(&mut self) {
                $(self.$field.compact();)*
            }
        }
    };
}

/// Sieves a value for the field that the function picks, which is not called: it names the field's type.
fn sieve_like<M, T: Field>(_: fn(&M) -> &T, value: Value<'_>, into: &mut Vec<u8>) -> Result<(), Broken> {
    T::sieve(value, into)
}

message!(Owner { 1 kind, 3 name, 6 controller });
message!(Namespace { 1 metadata });
message!(sifted PodSpec { 2 containers, 8 service_account_name, 11 host_network, 14 security_context, 20 init_containers });
message!(sifted Container {
    1 name, 2 image, 4 args, 6 ports, 7 env, 10 liveness_probe, 11 readiness_probe, 12 lifecycle, 15 security_context,
    22 startup_probe, 24 restart_policy,
});
message!(Probe { 1 handler });
message!(ProbeHandler { 2 http_get, 3 tcp_socket, 4 grpc });
message!(Lifecycle { 1 post_start, 2 pre_stop });
message!(LifecycleHandler { 2 http_get, 3 tcp_socket });
message!(HttpGet { 1 path, 2 port, 3 host, 4 scheme });
message!(TcpSocket { 1 port, 2 host });
message!(GrpcCall { 1 port });
message!(PodSecurityContext { 2 run_as_user });
message!(SecurityContext { 4 run_as_user });
message!(ContainerPort { 1 name, 2 host_port, 3 container_port, 4 protocol });
message!(EnvVar { 1 name, 2 value });
message!(PodStatus { 1 phase, 2 conditions, 6 pod_ip });
message!(Condition { 1 of, 2 status });
message!(Service { 1 metadata, 2 spec });
message!(ServiceSpec { 1 ports, 2 selector, 3 cluster_ip, 4 type_, 10 external_name, 13 publish_not_ready_addresses });
message!(ServicePort { 1 name, 2 protocol, 3 port, 4 target_port, 5 node_port, 6 app_protocol });
message!(ConfigMap { 1 metadata, 2 data });
message!(Template { 1 metadata, 2 spec });
message!(JobTemplate { 2 spec });
message!(JobTemplateSpec { 6 template });
message!(MutatingWebhookConfiguration { 1 metadata, 2 webhooks });
message!(MutatingWebhook { 1 name, 2 client_config, 5 namespace_selector, 11 object_selector });
message!(ValidatingWebhookConfiguration { 1 metadata, 2 webhooks });
message!(ValidatingWebhook { 1 name, 2 client_config });
message!(WebhookClientConfig { 1 service });
message!(ServiceReference { 1 namespace, 2 name, 4 port });
message!(CustomResourceDefinition { 1 metadata, 2 spec });
message!(CustomResourceDefinitionSpec { 9 conversion });
message!(CustomResourceConversion { 2 webhook });
message!(WebhookConversion { 2 client_config });
message!(ApiService { 1 metadata, 2 spec });
message!(Ingress { 1 metadata, 2 spec });
message!(IngressSpec { 1 default_backend, 3 rules, 4 ingress_class_name });
message!(HttpIngress { 1 paths });
message!(IngressPath { 2 backend });
message!(IngressBackend { 4 service });
message!(IngressService { 1 name, 2 port });
message!(IngressPort { 1 name, 2 number });
message!(LabelSelector { 1 match_labels, 2 match_expressions });
message!(Expression { 1 key, 2 operator, 3 values });
message!(EndpointSlice { 1 metadata, 2 endpoints, 3 ports, 4 address_type });
message!(Endpoint { 1 addresses, 2 conditions, 4 target_ref });
message!(EndpointConditions { 1 ready });
message!(TargetPod { 1 kind, 2 namespace, 3 name });
message!(EndpointPort { 1 name, 2 protocol, 3 port, 4 app_protocol });

fn fields(value: Value<'_>, field: impl FnMut(u64, Value<'_>) -> Result<(), Broken>) -> Result<(), Broken> {
    match value {
        Value::Bytes(bytes) => read(bytes, field),
        Value::Number(_) | Value::Fixed => Err(Broken::Malformed),
    }
}

impl Field for IngressRule {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        // What JSON has in the rule itself stands in a message of its own.
        fields(value, |number, value| if number == 2 { self.inner(value) } else { Ok(()) })
    }
}

impl IngressRule {
    fn inner(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| if number == 1 { self.http.merge(value) } else { Ok(()) })
    }
}

impl Field for ApiServiceSpec {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| if number == 1 { api(self.service.get_or_insert_default(), value) } else { Ok(()) })
    }
}

/// The Service of an `APIService`, whose port has another number than that of a webhook's Service.
fn api(service: &mut ServiceReference, value: Value<'_>) -> Result<(), Broken> {
    fields(value, |number, value| match number {
        1 => service.namespace.merge(value),
        2 => service.name.merge(value),
        3 => service.port.merge(value),
        _ => Ok(()),
    })
}

impl Field for Meta {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| self.field(number, value))
    }

    fn compact(&mut self) {
        self.labels.compact();
        self.annotations.compact();
        self.owner_references.compact();
    }
}

/// One field of a message, merged by its number.
trait ByNumber {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Broken>;
}

impl ByNumber for Meta {
    fn field(&mut self, number: u64, value: Value<'_>) -> Result<(), Broken> {
        match number {
            1 => self.name.merge(value),
            2 => self.generate_name.merge(value),
            3 => self.namespace.merge(value),
            8 => self.creation_timestamp.merge(value),
            11 => self.labels.merge(value),
            ANNOTATIONS => {
                let (key, said) = entry(value)?;
                if is_relevant_annotation(key) {
                    self.annotations.set(key, said);
                }
                Ok(())
            }
            13 => self.owner_references.merge(value),
            _ => Ok(()),
        }
    }
}

impl Field for Time {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| {
            if let (1, Value::Number(seconds)) = (number, value) {
                *self = Self::Seconds(seconds.cast_signed());
            }
            Ok(())
        })
    }
}

impl Field for Conditions {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        if first_text(value)?.is_some_and(Self::keep) {
            let mut condition = Condition::default();
            condition.merge(value)?;
            self.add(condition);
        }
        Ok(())
    }
}

impl Field for Environment {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        if first_text(value)?.is_some_and(is_relevant_variable) {
            let mut variable = EnvVar::default();
            variable.merge(value)?;
            self.0.push(variable);
        }
        Ok(())
    }

    fn compact(&mut self) {
        self.0.shrink_to_fit();
    }
}

/// The string in the first field of a message, which tells what the message is about.
fn first_text(message: Value<'_>) -> Result<Option<&str>, Broken> {
    let Value::Bytes(bytes) = message else { return Err(Broken::Malformed) };
    Ok(match bytes {
        [] => None,
        bytes => match next(bytes)? {
            (1, Value::Bytes(text), _) => std::str::from_utf8(text).ok(),
            _ => None,
        },
    })
}

/// A pod: what it has in common with those before it is taken from them.
fn pod(bytes: &[u8], memory: &mut Memory) -> Result<Box<Pod>, Broken> {
    let mut pod = Box::<Pod>::default();
    read(bytes, |number, value| match number {
        1 => {
            pod.metadata = memory.metadata.recall(value, |_| ())?;
            fields(value, |number, value| match number {
                1 => pod.metadata.name.merge(value),
                8 => pod.metadata.creation_timestamp.merge(value),
                _ => Ok(()),
            })
        }
        2 => {
            let drops_kubelet = memory.drops_kubelet;
            pod.spec = memory.specs.recall(value, |spec| {
                if drops_kubelet {
                    spec.make_mut().without_kubelet();
                }
            })?;
            Ok(())
        }
        3 => pod.status.merge(value),
        _ => Ok(()),
    })?;
    Ok(pod)
}

/// The metadata that pods of one workload have in common: all but name and creation.
#[derive(Clone, Debug, Default)]
pub(super) struct CommonMeta(Meta);

impl From<CommonMeta> for Meta {
    fn from(common: CommonMeta) -> Self {
        common.0
    }
}

impl Field for CommonMeta {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        fields(value, |number, value| if is_common(number) { self.0.field(number, value) } else { Ok(()) })
    }

    fn sieve(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), Broken> {
        fields(value, |number, value| {
            let is_wanted = match (number, value) {
                (ANNOTATIONS, value) => is_relevant_annotation(entry(value)?.0),
                (number, _) => is_common(number),
            };
            if !is_wanted {
                return Ok(());
            }
            into.push(number.to_le_bytes()[0]);
            raw(value, into);
            Ok(())
        })
    }

    fn compact(&mut self) {
        self.0.compact();
    }
}

/// Number of the field `annotations` of the metadata.
const ANNOTATIONS: u64 = 12;

/// `generateName`, `namespace`, `labels`, `annotations` and `ownerReferences`.
fn is_common(number: u64) -> bool {
    matches!(number, 2 | 3 | 11 | ANNOTATIONS | 13)
}

impl Field for IntOrText {
    fn merge(&mut self, value: Value<'_>) -> Result<(), Broken> {
        let (mut is_text, mut number, mut text) = (false, 0, crate::object::Text::default());
        fields(value, |field, value| match (field, value) {
            (1, Value::Number(kind)) => {
                is_text = kind == 1;
                Ok(())
            }
            (2, Value::Number(said)) => {
                number = said.cast_signed();
                Ok(())
            }
            (3, value) => text.merge(value),
            _ => Ok(()),
        })?;
        *self = if is_text { Self::Text(text) } else { Self::Int(number) };
        Ok(())
    }
}

/// Numbers of the fields in which the workload kinds differ; 0 where there is none.
struct Numbers {
    replicas: u64,
    template: u64,
    ready: u64,
    conditions: u64,
}

impl Numbers {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the caller has chosen the workload kinds")]
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::DaemonSet => Self { replicas: 0, template: 2, ready: 4, conditions: 10 },
            Kind::Job => Self { replicas: 0, template: 6, ready: 0, conditions: 1 },
            Kind::StatefulSet => Self { replicas: 1, template: 3, ready: 3, conditions: 10 },
            Kind::Deployment => Self { replicas: 1, template: 3, ready: 7, conditions: 6 },
            // ReplicaSets and ReplicationControllers; nothing else has pods to make.
            _ => Self { replicas: 1, template: 3, ready: 4, conditions: 6 },
        }
    }
}

fn controller(kind: Kind, bytes: &[u8], drops_kubelet: bool) -> Result<Controller, Broken> {
    let (numbers, is_cron) = (Numbers::of(kind), kind == Kind::CronJob);
    let mut controller = Controller::default();
    read(bytes, |number, value| match number {
        1 => controller.metadata.merge(value),
        2 => fields(value, |number, value| match number {
            5 if is_cron => controller.spec.job_template.merge(value),
            _ if is_cron => Ok(()),
            n if n == numbers.replicas => controller.spec.replicas.merge(value),
            n if n == numbers.template => controller.spec.template.merge(value),
            _ => Ok(()),
        }),
        3 if !is_cron => fields(value, |number, value| match number {
            n if n == numbers.ready => controller.status.ready_replicas.merge(value),
            n if n == numbers.conditions => controller.status.conditions.merge(value),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    if drops_kubelet {
        controller.without_kubelet();
    }
    controller.metadata.compact();
    controller.spec.template.compact();
    controller.spec.job_template.compact();
    Ok(controller)
}

fn message<M: Field + Default>(bytes: &[u8]) -> Result<Box<M>, Broken> {
    let mut message = Box::<M>::default();
    message.merge(Value::Bytes(bytes))?;
    message.compact();
    Ok(message)
}

/// Reads an object of a built-in kind.
pub(super) fn object(kind: Kind, bytes: &[u8], memory: &mut Memory) -> Result<Object, Broken> {
    Ok(match kind {
        Kind::Namespace => Object::Namespace(message(bytes)?),
        Kind::Pod => Object::Pod(pod(bytes, memory)?),
        Kind::Service => Object::Service(message(bytes)?),
        Kind::ConfigMap => Object::ConfigMap(message(bytes)?),
        Kind::ReplicationController
        | Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Job
        | Kind::CronJob => Object::Controller(Box::new(controller(kind, bytes, memory.drops_kubelet)?)),
        Kind::EndpointSlice => Object::EndpointSlice(message(bytes)?),
        Kind::MutatingWebhookConfiguration => Object::MutatingWebhookConfiguration(message(bytes)?),
        Kind::ValidatingWebhookConfiguration => Object::ValidatingWebhookConfiguration(message(bytes)?),
        Kind::CustomResourceDefinition => Object::CustomResourceDefinition(message(bytes)?),
        Kind::APIService => Object::ApiService(message(bytes)?),
        Kind::Ingress => Object::Ingress(message(bytes)?),
        // A server that answers protobuf for kinds that have none is not one.
        Kind::PeerAuthentication
        | Kind::AuthorizationPolicy
        | Kind::DestinationRule
        | Kind::VirtualService
        | Kind::ServiceEntry
        | Kind::WorkloadEntry
        | Kind::WorkloadGroup
        | Kind::Sidecar
        | Kind::Gateway
        | Kind::EnvoyFilter
        | Kind::KubernetesGateway
        | Kind::ServiceMonitor
        | Kind::PodMonitor => return Err(Broken::NoEnvelope),
    })
}
