//! The table of kinds: group, scope, encoding, purposes and plural of every kind.

/// Calls a macro with the table, after the caller's arguments in parentheses.
///
/// Each list of a snapshot has its wire struct, and a line for each kind whose objects it contains: the API group (empty: core),
/// whether the kind is namespaced, how the API server encodes it, which [`Purpose`](super::Purpose)s need it (none: it is never
/// listed), its plural in API paths and RBAC rules, and the value of `kind` if another group has a kind of the same name.
///
/// The order of the kinds is that of [`Kind`](super::Kind), and so of everything sorted by identity.
macro_rules! for_each_kind {
    ($callback:ident $($argument:tt)*) => { $callback! { ($($argument)*)
    namespaces: Namespace {
        Namespace                      (""                             Cluster    Protobuf [Calls Policies Workloads] namespaces)
    }
    pods: Pod {
        Pod                            (""                             Namespaced Protobuf [Calls Policies Workloads] pods)
    }
    services: Service {
        Service                        (""                             Namespaced Protobuf [Calls Policies Workloads] services)
    }
    config_maps: ConfigMap {
        ConfigMap                      (""                             Namespaced Protobuf []                         configmaps)
    }
    controllers: Controller {
        ReplicationController          (""                             Namespaced Protobuf [Calls Policies Workloads] replicationcontrollers)
        Deployment                     ("apps"                         Namespaced Protobuf [Calls Policies Workloads] deployments)
        StatefulSet                    ("apps"                         Namespaced Protobuf [Calls Policies Workloads] statefulsets)
        DaemonSet                      ("apps"                         Namespaced Protobuf [Calls Policies Workloads] daemonsets)
        ReplicaSet                     ("apps"                         Namespaced Protobuf [Calls Policies Workloads] replicasets)
        Job                            ("batch"                        Namespaced Protobuf [Calls Policies Workloads] jobs)
        CronJob                        ("batch"                        Namespaced Protobuf [Calls Policies Workloads] cronjobs)
    }
    endpoint_slices: EndpointSlice {
        EndpointSlice                  ("discovery.k8s.io"             Namespaced Protobuf [Calls Workloads]          endpointslices)
    }
    endpoints: Endpoints {
        Endpoints                      (""                             Namespaced Protobuf []                         endpoints)
    }
    webhooks: MutatingWebhookConfiguration {
        MutatingWebhookConfiguration   ("admissionregistration.k8s.io" Cluster    Protobuf [Calls Policies Workloads] mutatingwebhookconfigurations)
    }
    peer_authentications: PeerAuthentication {
        PeerAuthentication             ("security.istio.io"            Namespaced Json     [Calls Policies Workloads] peerauthentications)
    }
    authorization_policies: AuthorizationPolicy {
        AuthorizationPolicy            ("security.istio.io"            Namespaced Json     [Calls]                    authorizationpolicies)
    }
    destination_rules: DestinationRule {
        DestinationRule                ("networking.istio.io"          Namespaced Json     [Calls Policies]           destinationrules)
    }
    virtual_services: VirtualService {
        VirtualService                 ("networking.istio.io"          Namespaced Json     [Calls]                    virtualservices)
    }
    service_entries: ServiceEntry {
        ServiceEntry                   ("networking.istio.io"          Namespaced Json     [Calls Policies]           serviceentries)
    }
    workload_entries: WorkloadEntry {
        WorkloadEntry                  ("networking.istio.io"          Namespaced Json     [Calls Policies Workloads] workloadentries)
    }
    workload_groups: WorkloadGroup {
        WorkloadGroup                  ("networking.istio.io"          Namespaced Json     [Calls Policies Workloads] workloadgroups)
    }
    sidecars: Sidecar {
        Sidecar                        ("networking.istio.io"          Namespaced Json     [Calls Policies Workloads] sidecars)
    }
    gateways: Gateway {
        Gateway                        ("networking.istio.io"          Namespaced Json     [Calls]                    gateways)
    }
    envoy_filters: EnvoyFilter {
        EnvoyFilter                    ("networking.istio.io"          Namespaced Json     [Calls]                    envoyfilters)
    }
    kubernetes_gateways: KubernetesGateway {
        KubernetesGateway              ("gateway.networking.k8s.io"    Namespaced Json     [Calls Policies]           gateways called Gateway)
    }
    backend_policies: BackendPolicy {
        BackendTLSPolicy               ("gateway.networking.k8s.io"    Namespaced Json     [Calls Policies]           backendtlspolicies)
        XBackendTrafficPolicy          ("gateway.networking.x-k8s.io"  Namespaced Json     [Calls Policies]           xbackendtrafficpolicies)
    }
    gateway_routes: GatewayRoute {
        HTTPRoute                      ("gateway.networking.k8s.io"    Namespaced Json     [Calls]                    httproutes)
        GRPCRoute                      ("gateway.networking.k8s.io"    Namespaced Json     [Calls]                    grpcroutes)
        TLSRoute                       ("gateway.networking.k8s.io"    Namespaced Json     [Calls]                    tlsroutes)
        TCPRoute                       ("gateway.networking.k8s.io"    Namespaced Json     [Calls]                    tcproutes)
    }
    validating_webhooks: ValidatingWebhookConfiguration {
        ValidatingWebhookConfiguration ("admissionregistration.k8s.io" Cluster    Protobuf [ExternalCallers]          validatingwebhookconfigurations)
    }
    custom_resources: CustomResourceDefinition {
        CustomResourceDefinition       ("apiextensions.k8s.io"         Cluster    Protobuf [ExternalCallers]          customresourcedefinitions)
    }
    api_services: ApiService {
        APIService                     ("apiregistration.k8s.io"       Cluster    Protobuf [ExternalCallers]          apiservices)
    }
    ingresses: Ingress {
        Ingress                        ("networking.k8s.io"            Namespaced Protobuf [ExternalCallers]          ingresses)
    }
    monitors: Monitor {
        ServiceMonitor                 ("monitoring.coreos.com"        Namespaced Json     [ExternalCallers]          servicemonitors)
        PodMonitor                     ("monitoring.coreos.com"        Namespaced Json     [ExternalCallers]          podmonitors)
        VMServiceScrape                ("operator.victoriametrics.com" Namespaced Json     [ExternalCallers]          vmservicescrapes)
        VMPodScrape                    ("operator.victoriametrics.com" Namespaced Json     [ExternalCallers]          vmpodscrapes)
    }
    } };
}

pub(crate) use for_each_kind;
