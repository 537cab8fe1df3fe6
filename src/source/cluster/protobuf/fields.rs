//! Numbers of the fields that this tool uses, from Kubernetes' `generated.proto` files.

use super::message::{Field, ProtobufError, Value, fields, next};
use crate::object::{
    Expression, LabelSelector, Text, Uid,
    wire::{
        ApiService, ApiServiceSpec, Condition, Conditions, ConfigMap, Container, ContainerPort, CustomResourceConversion,
        CustomResourceDefinition, CustomResourceDefinitionSpec, Endpoint, EndpointAddress, EndpointConditions, EndpointPort, EndpointSlice,
        EndpointSubset, Endpoints, EnvVar, Environment, GrpcCall, HttpGet, HttpIngress, Ingress, IngressBackend, IngressPath, IngressPort,
        IngressRule, IngressService, IngressSpec, IntOrText, JobTemplate, JobTemplateSpec, Lifecycle, LifecycleHandler, MutatingWebhook,
        MutatingWebhookConfiguration, Namespace, Owner, PodSecurityContext, PodSpec, PodStatus, Probe, ProbeHandler, SecurityContext,
        Service, ServicePort, ServiceReference, ServiceSpec, TargetPod, TcpSocket, Template, Time, ValidatingWebhook,
        ValidatingWebhookConfiguration, WebhookClientConfig, WebhookConversion, is_relevant_variable,
    },
};

/// Declares which fields of a message are decoded, and into what.
///
/// Messages with unused fields that differ from pod to pod are `cached`: only their used fields are compared in the cache. Other
/// messages are compared as a whole.
macro_rules! message {
    ($name:ident { $($number:literal $field:ident),* $(,)? }) => {
        impl Field for $name {
            fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
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
    (cached $name:ident { $($number:literal $field:ident),* $(,)? }) => {
        impl Field for $name {
            fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
                fields(value, |number, value| match number {
                    $($number => self.$field.merge(value),)*
                    _ => Ok(()),
                })
            }

            fn fingerprint(value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
                into.push(b'{');
                fields(value, |number, value| match number {
                    $($number => {
                        into.push($number);
                        fingerprint_like(|message: &Self| &message.$field, value, into)
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

/// Calls `fingerprint` of a field's type. The function is never called; it only names the type.
fn fingerprint_like<M, T: Field>(_: fn(&M) -> &T, value: Value<'_>, into: &mut Vec<u8>) -> Result<(), ProtobufError> {
    T::fingerprint(value, into)
}

message!(Owner { 1 kind, 3 name, 6 controller });
message!(Namespace { 1 metadata });
message!(cached PodSpec { 2 containers, 8 service_account_name, 11 host_network, 14 security_context, 20 init_containers });
message!(cached Container {
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
message!(Condition { 1 condition_type, 2 status });
message!(Service { 1 metadata, 2 spec });
message!(ServiceSpec { 1 ports, 2 selector, 3 cluster_ip, 4 type_, 10 external_name, 13 publish_not_ready_addresses, 18 cluster_ips });
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
message!(TargetPod { 1 kind, 2 namespace, 3 name, 4 uid });
message!(EndpointPort { 1 name, 2 protocol, 3 port, 4 app_protocol });
message!(Endpoints { 1 metadata, 2 subsets });
message!(EndpointAddress { 1 ip, 2 target_ref });

impl Field for EndpointSubset {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| match number {
            1 => self.addresses.merge(value),
            2 => self.not_ready_addresses.merge(value),
            3 => {
                let mut port = EndpointPort::default();
                subset_port(&mut port, value)?;
                self.ports.0.push(port);
                Ok(())
            }
            _ => Ok(()),
        })
    }
}

/// A port of `Endpoints`, which has other field numbers than that of an `EndpointSlice`.
fn subset_port(port: &mut EndpointPort, value: Value<'_>) -> Result<(), ProtobufError> {
    fields(value, |number, value| match number {
        1 => port.name.merge(value),
        2 => port.port.merge(value),
        3 => port.protocol.merge(value),
        4 => port.app_protocol.merge(value),
        _ => Ok(()),
    })
}

impl Field for Uid {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let Value::Bytes(bytes) = value else { return Err(ProtobufError::Malformed) };
        *self = std::str::from_utf8(bytes).map_err(|_| ProtobufError::NotUtf8)?.into();
        Ok(())
    }
}

impl Field for IngressRule {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        // In protobuf the rule contains a nested message with the fields that JSON has in the rule itself.
        fields(value, |number, value| if number == 2 { self.inner(value) } else { Ok(()) })
    }
}

impl IngressRule {
    fn inner(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| if number == 1 { self.http.merge(value) } else { Ok(()) })
    }
}

impl Field for ApiServiceSpec {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| if number == 1 { api(self.service.get_or_insert_default(), value) } else { Ok(()) })
    }
}

/// The Service of an `APIService`, whose port has another field number than that of a webhook's Service.
fn api(service: &mut ServiceReference, value: Value<'_>) -> Result<(), ProtobufError> {
    fields(value, |number, value| match number {
        1 => service.namespace.merge(value),
        2 => service.name.merge(value),
        3 => service.port.merge(value),
        _ => Ok(()),
    })
}

impl Field for Time {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        fields(value, |number, value| {
            if let (1, Value::Number(seconds)) = (number, value) {
                *self = Self::Seconds(seconds.cast_signed());
            }
            Ok(())
        })
    }
}

impl Field for Conditions {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        if first_text(value)?.is_some_and(Self::is_relevant) {
            let mut condition = Condition::default();
            condition.merge(value)?;
            self.add(condition);
        }
        Ok(())
    }
}

impl Field for Environment {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
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

/// The string in the first field of a message, which is its name or type.
fn first_text(message: Value<'_>) -> Result<Option<&str>, ProtobufError> {
    let Value::Bytes(bytes) = message else { return Err(ProtobufError::Malformed) };
    Ok(match bytes {
        [] => None,
        bytes => match next(bytes)? {
            (1, Value::Bytes(text), _) => std::str::from_utf8(text).ok(),
            _ => None,
        },
    })
}

impl Field for IntOrText {
    fn merge(&mut self, value: Value<'_>) -> Result<(), ProtobufError> {
        let (mut is_text, mut number, mut text) = (false, 0, Text::default());
        fields(value, |field, value| match (field, value) {
            (1, Value::Number(kind)) => {
                is_text = kind == 1;
                Ok(())
            }
            (2, Value::Number(int)) => {
                number = int.cast_signed();
                Ok(())
            }
            (3, value) => text.merge(value),
            _ => Ok(()),
        })?;
        *self = if is_text { Self::Text(text) } else { Self::Int(number) };
        Ok(())
    }
}
