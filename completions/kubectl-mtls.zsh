#compdef kubectl-mtls

autoload -U is-at-least

_kubectl-mtls() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'-h[Print help]' \
'--help[Print help]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_kubectl-mtls_commands" \
"*::: :->kubectl-mtls" \
&& ret=0
    case $state in
    (kubectl-mtls)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:kubectl-mtls-command-$line[1]:"
        case $line[1] in
            (audit)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'--by=[What a line of the table is]:WHAT:((namespace\:"A namespace"
workload\:"A workload"
port\:"A workload port; JSON then has every declared port"
client\:"Clients\: how many service ports they reach over mTLS, in plaintext, not at all. -n chooses the servers"))' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 from this severity on\: error, unless the configuration says otherwise]:SEVERITY:((error\:"At errors"
warning\:"At warnings and errors"
info\:"At any finding"
never\:"At none"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Leave out what this file has\: findings that are known, from --write-baseline]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings into this file, as known from now on]:FILE:_files' \
'*--ignore=[Leave these rules out]:CODES:_default' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(analyze)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 from this severity on\: error, unless the configuration says otherwise]:SEVERITY:((error\:"At errors"
warning\:"At warnings and errors"
info\:"At any finding"
never\:"At none"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Leave out what this file has\: findings that are known, from --write-baseline]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings into this file, as known from now on]:FILE:_files' \
'*--ignore=[Leave these rules out]:CODES:_default' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--list-rules[List the rules, with --select and --ignore, and read nothing]' \
'(--list-rules)--fix-plan[Show what mends the findings\: changes and commands in a safe order. Nothing is applied]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'*--from-labels=[Labels of a client that is named as ns/NAME, as KEY=VALUE, separated by commas]:LABELS:_default' \
'--from-kind=[Data plane of a client that is named as ns/NAME]:KIND:((sidecar\:"A sidecar sends"
ambient\:"ztunnel sends"
gateway\:"It is a gateway"
waypoint\:"It is a waypoint"
proxyless\:"It is gRPC without a proxy"))' \
'--subset=[Subset of the destination]:NAME:_default' \
'--scheme=[What the client speaks; https stands for any TLS of its own. Default\: what the port declares]:SCHEME:((http\:"HTTP"
https\:"TLS of its own"
tcp\:"Anything that is no HTTP"
grpc\:"gRPC"
ws\:"WebSocket"))' \
'--symptom=[What was seen of the call, such as "connection reset by peer" or "503 UC"\: what on this configuration looks like that?]:TEXT:_default' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--by-ip[Call the pod'\''s own address and port, not the Service]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'::what -- A workload as NAMESPACE/KIND/NAME, KIND/NAME or NAME, with \:PORT for one workload port; or a rule'\''s id or name. With TO it is the client, which may also be ns/NAMESPACE or outside:_default' \
'::to -- What the client calls\: HOST\:PORT, svc/NAME\:PORT or a workload. Without \:PORT it must have only one:_default' \
&& ret=0
;;
(policies)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(sidecars)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'(--services)--all[Show every workload, those that are as they should be too]' \
'--services[Show Services, and which of their endpoints have no proxy]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(migrate-check)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'--step=[Print the manifests of one step alone\: of those to PERMISSIVE, or of those to STRICT]:STEP:((permissive\:"PERMISSIVE in place of DISABLE"
strict\:"STRICT"))' \
'--write=[Write the manifests into this folder, a file a wave, in the order in which to apply them]:DIR:_files' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 from this severity on\: error, unless the configuration says otherwise]:SEVERITY:((error\:"At errors"
warning\:"At warnings and errors"
info\:"At any finding"
never\:"At none"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Leave out what this file has\: findings that are known, from --write-baseline]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings into this file, as known from now on]:FILE:_files' \
'*--ignore=[Leave these rules out]:CODES:_default' \
'--prometheus=[A Prometheus that scrapes the proxies\: a URL, svc\:NAMESPACE/NAME\:PORT through the API server, or find to list candidates]:PLACE:_default' \
'--window=[How far to look back, such as 12h, 7d or 4w]:TIME:_default' \
'--prometheus-token-file=[A file with a bearer token for Prometheus]:FILE:_files' \
'--prometheus-token-env=[A variable with a bearer token for Prometheus]:NAME:_default' \
'--prometheus-user=[A user of Prometheus]:USER:_default' \
'--prometheus-password-file=[A file with the user'\''s password]:FILE:_files' \
'--prometheus-ca=[A file with certificates of authorities that Prometheus is believed by]:FILE:_files' \
'*--prometheus-header=[A header of every query, such as X-Scope-OrgID=team. Repeatable]:NAME=VALUE:_default' \
'*--prometheus-match=[A matcher of every metric, such as '\''cluster="east"'\''. Repeatable]:MATCHER:_default' \
'--at=[The moment at which the window ends, in seconds since 1970]:SECONDS:_default' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'--prometheus-insecure[Do not verify the certificate of Prometheus]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'::workload -- The one workload that is to go STRICT, as KIND/NAME or NAMESPACE/KIND/NAME; every namespace in scope without it:_default' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read in place of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[The revision whose settings speak for the mesh]:REVISION:_default' \
'*--istiod-env=[A variable of istiod'\''s environment, over what its Deployment says. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[The cluster'\''s DNS domain, over what istiod'\''s arguments and the injector'\''s values say; cluster.local without either]:DOMAIN:_default' \
'--config=[The project'\''s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster]:FILE:_files' \
'--kubeconfig=[The kubeconfig file]:FILE:_files' \
'--context=[The context of it]:NAME:_default' \
'--cluster=[The cluster of it, in place of the context'\''s]:NAME:_default' \
'--user=[The user of it, in place of the context'\''s]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Longest time one request may take, such as 30s or 2m; 0 for no limit]:TIME:_default' \
'*--before=[Manifests of the state before, in place of a cluster'\''s\: a file or a folder. Repeatable. -f is what would be applied to it]:PATH:_files' \
'*--delete=[An object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME outside namespaces. Repeatable]:OBJECT:_default' \
'*-n+[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace belong to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads with these labels]:SELECTOR:_default' \
'--selector=[Show only workloads with these labels]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to leave out. Repeatable]:NAMESPACE:_default' \
'-o+[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output=[Format]:FORMAT:((table\:"For people"
wide\:"For people with room"
json\:"For programs"
yaml\:"The same as YAML"
markdown\:"For a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--color=[Colour the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` says otherwise"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 from this severity on\: error, unless the configuration says otherwise]:SEVERITY:((error\:"At errors"
warning\:"At warnings and errors"
info\:"At any finding"
never\:"At none"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Leave out what this file has\: findings that are known, from --write-baseline]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings into this file, as known from now on]:FILE:_files' \
'*--ignore=[Leave these rules out]:CODES:_default' \
'-R[Read the sub-folders of -f too]' \
'--recursive[Read the sub-folders of -f too]' \
'(--config)--no-config[Use no configuration]' \
'--insecure-skip-tls-verify[Do not verify the server'\''s certificate]' \
'--print-rbac[Print the rights that leave no gap, as a role for the cluster, and nothing else]' \
'-A[Show every namespace, which is the default]' \
'--all-namespaces[Show every namespace, which is the default]' \
'--include-system[Show istio-system, kube-system, kube-public and kube-node-lease too]' \
'--no-headers[Leave out the lines above the table and the columns'\'' names]' \
'-q[Leave out single findings and everything on standard error but trouble]' \
'--quiet[Leave out single findings and everything on standard error but trouble]' \
'(-q --quiet)-v[Say what was passed over]' \
'(-q --quiet)--verbose[Say what was passed over]' \
'--allow-gaps[Exit with 0 although something could not be read]' \
'--fail-on-break[Exit with 1 if a call that works would fail]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
'-h[Print help]' \
'--help[Print help]' \
'-V[Print version]' \
'--version[Print version]' \
':shell -- The shell:(bash zsh fish powershell)' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_kubectl-mtls__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:kubectl-mtls-help-command-$line[1]:"
        case $line[1] in
            (audit)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(analyze)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(policies)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(sidecars)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(migrate-check)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_kubectl-mtls_commands] )) ||
_kubectl-mtls_commands() {
    local commands; commands=(
'audit:The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong' \
'analyze:Everything wrong with the mTLS configuration\: every rule, and findings alone' \
'explain:Why a workload'\''s ports have their modes; whether FROM reaches TO, and why; or what a rule means' \
'policies:\`PeerAuthentications\` and \`DestinationRules\` with TLS settings\: what they govern, and whether they are in force' \
'sidecars:Which workloads have a proxy, of what kind; which should have one and have none; and why' \
'migrate-check:What breaks if this goes STRICT, for whom, and in which steps to go, with the YAML to apply' \
'diff:What would change if these manifests were applied\: modes, calls, findings' \
'completion:A script that completes this command line in a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'kubectl-mtls commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__analyze_commands] )) ||
_kubectl-mtls__subcmd__analyze_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls analyze commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__audit_commands] )) ||
_kubectl-mtls__subcmd__audit_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls audit commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__completion_commands] )) ||
_kubectl-mtls__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls completion commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__diff_commands] )) ||
_kubectl-mtls__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls diff commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__explain_commands] )) ||
_kubectl-mtls__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls explain commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help_commands] )) ||
_kubectl-mtls__subcmd__help_commands() {
    local commands; commands=(
'audit:The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong' \
'analyze:Everything wrong with the mTLS configuration\: every rule, and findings alone' \
'explain:Why a workload'\''s ports have their modes; whether FROM reaches TO, and why; or what a rule means' \
'policies:\`PeerAuthentications\` and \`DestinationRules\` with TLS settings\: what they govern, and whether they are in force' \
'sidecars:Which workloads have a proxy, of what kind; which should have one and have none; and why' \
'migrate-check:What breaks if this goes STRICT, for whom, and in which steps to go, with the YAML to apply' \
'diff:What would change if these manifests were applied\: modes, calls, findings' \
'completion:A script that completes this command line in a shell' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'kubectl-mtls help commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__analyze_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__analyze_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help analyze commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__audit_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__audit_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help audit commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__completion_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help completion commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__diff_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help diff commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__explain_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help explain commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__help_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help help commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__migrate-check_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__migrate-check_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help migrate-check commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__policies_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__policies_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help policies commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__help__subcmd__sidecars_commands] )) ||
_kubectl-mtls__subcmd__help__subcmd__sidecars_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls help sidecars commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__migrate-check_commands] )) ||
_kubectl-mtls__subcmd__migrate-check_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls migrate-check commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__policies_commands] )) ||
_kubectl-mtls__subcmd__policies_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls policies commands' commands "$@"
}
(( $+functions[_kubectl-mtls__subcmd__sidecars_commands] )) ||
_kubectl-mtls__subcmd__sidecars_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-mtls sidecars commands' commands "$@"
}

if [ "$funcstack[1]" = "_kubectl-mtls" ]; then
    _kubectl-mtls "$@"
else
    compdef _kubectl-mtls kubectl-mtls
fi
