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
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'--by=[What each row of the table shows]:WHAT:((namespace\:"A namespace"
workload\:"A workload"
port\:"A workload port; JSON then has every declared port"
client\:"Clients\: how many service ports they reach over mTLS, in plaintext or not at all. -n selects the servers"))' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 if there are findings of this severity or above. Default\: fail-on of the configuration, else error]:SEVERITY:((error\:"Errors"
warning\:"Warnings and errors"
info\:"Any finding"
never\:"Never"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Omit the known findings listed in this file, which --write-baseline wrote]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings to this file, so that they are known from now on]:FILE:_files' \
'*--ignore=[Do not apply these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(analyze)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 if there are findings of this severity or above. Default\: fail-on of the configuration, else error]:SEVERITY:((error\:"Errors"
warning\:"Warnings and errors"
info\:"Any finding"
never\:"Never"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Omit the known findings listed in this file, which --write-baseline wrote]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings to this file, so that they are known from now on]:FILE:_files' \
'*--ignore=[Do not apply these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--list-rules[List the rules selected by --select and --ignore; nothing is read]' \
'(--list-rules)--fix-plan[Show how to fix the findings\: changes and commands in a safe order. Nothing is applied]' \
'--allow-weakening[Include changes after which plaintext is accepted or sent where it is not now]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'*--from-labels=[Labels of a client given as ns/NAMESPACE\: KEY=VALUE, separated by commas]:LABELS:_default' \
'--from-kind=[Data plane of a client given as ns/NAMESPACE]:KIND:((sidecar\:"With a sidecar"
ambient\:"In ambient mode, through ztunnel"
gateway\:"A gateway"
waypoint\:"A waypoint"
proxyless\:"gRPC without a proxy"))' \
'--subset=[Subset of the destination]:NAME:_default' \
'--scheme=[Protocol that the client uses; https means any TLS that the application itself originates. Default\: that of the port]:SCHEME:((http\:"HTTP"
https\:"TLS that the application originates"
tcp\:"Any protocol other than HTTP"
grpc\:"gRPC"
ws\:"WebSocket"))' \
'--symptom=[Symptom that was observed, such as "connection reset by peer" or "503 UC"; shows what in this configuration could cause it]:TEXT:_default' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--by-ip[Call the IP address and port of the pod directly, not the Service]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'::what -- A workload as NAMESPACE/KIND/NAME, KIND/NAME or NAME, with \:PORT for one workload port; or a rule'\''s id or name. With TO, it is the client, which may also be ns/NAMESPACE or outside:_default' \
'::to -- What the client calls\: HOST\:PORT, svc/NAME\:PORT or a workload. Without \:PORT it must have only one port:_default' \
&& ret=0
;;
(policies)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(sidecars)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'(--services)--all[Show every workload, including those that need no attention]' \
'--services[Show Services, and which of their endpoints have no proxy]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
&& ret=0
;;
(migrate-check)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'--step=[Print only the manifests of the steps to PERMISSIVE, or only those of the steps to STRICT]:STEP:((permissive\:"PERMISSIVE instead of DISABLE"
strict\:"STRICT"))' \
'--write=[Write the manifests to this folder, one file per wave, in the order in which to apply them]:DIR:_files' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 if there are findings of this severity or above. Default\: fail-on of the configuration, else error]:SEVERITY:((error\:"Errors"
warning\:"Warnings and errors"
info\:"Any finding"
never\:"Never"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Omit the known findings listed in this file, which --write-baseline wrote]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings to this file, so that they are known from now on]:FILE:_files' \
'*--ignore=[Do not apply these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--prometheus=[Prometheus that scrapes the proxies\: a URL, svc\:NAMESPACE/NAME\:PORT through the API server, or find to list candidates]:PLACE:_default' \
'--window=[How far to look back, such as 12h, 7d or 4w]:TIME:_default' \
'--prometheus-token-file=[File with a bearer token for Prometheus]:FILE:_files' \
'--prometheus-token-env=[Environment variable with a bearer token for Prometheus]:NAME:_default' \
'--prometheus-user=[User name for Prometheus]:USER:_default' \
'--prometheus-password-file=[File with the password of that user]:FILE:_files' \
'--prometheus-ca=[File with CA certificates that are trusted for Prometheus]:FILE:_files' \
'*--prometheus-header=[Header of every query, such as X-Scope-OrgID=team. Repeatable]:NAME=VALUE:_default' \
'*--prometheus-match=[Label matcher of every metric, such as '\''cluster="east"'\''. Repeatable]:MATCHER:_default' \
'--prometheus-max-response=[Bytes of one response of Prometheus at most, such as 64Mi; a longer one is a gap]:SIZE:_default' \
'--at=[End of the window, in seconds since 1970]:SECONDS:_default' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--replace[Remove the files of an earlier run from the folder of --write]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'--prometheus-insecure[Do not verify the certificate of Prometheus]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
'::workload -- The only workload to set to STRICT, as KIND/NAME or NAMESPACE/KIND/NAME. Default\: every namespace in scope:_default' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'*-f+[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*--filename=[Manifests to read instead of a cluster\: a file, a folder, or - for standard input. Repeatable]:PATH:_files' \
'*-k+[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'*--kustomize=[Kustomization to build and read\: the folder of a kustomization.yaml. Repeatable]:DIR:_files' \
'--mesh=[The only mesh to read, if the files contain several\: a name that the answer lists, or a path]:NAME:_default' \
'*--helm-values=[File with values for the charts below -f. Repeatable. Default\: helm.values of the configuration]:FILE:_files' \
'--helm-release=[Release name for charts. Default\: helm.release of the configuration, else the name of the chart'\''s folder]:NAME:_default' \
'--helm-namespace=[Release namespace for charts. Default\: helm.namespace of the configuration, else that of -n, else default]:NAMESPACE:_default' \
'--build-timeout=[Time for building one kustomization or chart, such as 30s or 5m]:TIME:_default' \
'*--exclude=[Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable]:GLOB:_default' \
'--stdin-name=[Name of standard input in locations, such as the chart that it is rendered from. Requires -f -]:NAME:_default' \
'--istio-namespace=[Namespace of istiod]:NAMESPACE:_default' \
'--revision=[Revision of Istio whose settings are used as those of the mesh]:REVISION:_default' \
'*--istiod-env=[Environment variable of istiod; overrides its Deployment. Repeatable]:NAME=VALUE:_default' \
'--cluster-domain=[DNS domain of the cluster; overrides istiod'\''s arguments and the injector'\''s values. Default\: cluster.local if neither sets it]:DOMAIN:_default' \
'--istio-version=[Version of Istio whose rules are applied to manifests, and where istiod was not read\: X.Y or X.Y.Z. Default\: istio-version of the configuration, else the newest known version]:VERSION:_default' \
'--config=[Project configuration. Default\: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster]:FILE:_files' \
'--kubeconfig=[Path of the kubeconfig file]:FILE:_files' \
'--context=[Context of the kubeconfig]:NAME:_default' \
'--cluster=[Cluster of the kubeconfig; overrides that of the context]:NAME:_default' \
'--user=[User of the kubeconfig; overrides that of the context]:NAME:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate. Repeatable]:GROUP:_default' \
'--as-uid=[UID to impersonate]:UID:_default' \
'--request-timeout=[Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit]:TIME:_default' \
'--total-timeout=[Time for reading the whole cluster, such as 10m or 2h; 0 for no limit]:TIME:_default' \
'--max-objects=[Objects that are read from a cluster at most; more are a gap]:NUMBER:_default' \
'--max-bytes=[Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap]:SIZE:_default' \
'--max-response=[Bytes of one response of the API server at most, unpacked]:SIZE:_default' \
'*--before=[Manifests of the state before the change, instead of a cluster\: a file or a folder. Repeatable. -f has the manifests to apply]:PATH:_files' \
'*--delete=[Object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME if it is cluster-scoped. Repeatable]:OBJECT:_default' \
'*-n+[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'*--namespace=[Namespace to show; manifests without a namespace are assigned to the first. Repeatable]:NAMESPACE:_default' \
'-l+[Show only workloads that match this label selector]:SELECTOR:_default' \
'--selector=[Show only workloads that match this label selector]:SELECTOR:_default' \
'*--exclude-namespace=[Namespace to exclude. Repeatable]:NAMESPACE:_default' \
'*-o+[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'*--output=[Output format, with =FILE to write it to a file. Repeatable\: one format for standard output, the others for files]:FORMAT[=FILE]:((table\:"A table"
wide\:"A table with more columns"
json\:"JSON, for programs"
yaml\:"The same document as YAML"
markdown\:"Markdown, for a pull request or a wiki"
sarif\:"SARIF 2.1.0, for code scanning"
junit\:"JUnit XML, for any CI system"
github\:"Annotations for GitHub Actions"
policyreport\:"Reports of Kubernetes'\'' policy working group, for clusters that collect them"))' \
'--output-file=[Write to this file instead of standard output. A file is replaced as a whole, or not at all]:FILE:_files' \
'--color=[When to color the output]:WHEN:((auto\:"On a terminal, unless \`NO_COLOR\` is set"
always\:"Always"
never\:"Never"))' \
'--fail-on=[Exit with 1 if there are findings of this severity or above. Default\: fail-on of the configuration, else error]:SEVERITY:((error\:"Errors"
warning\:"Warnings and errors"
info\:"Any finding"
never\:"Never"))' \
'*--select=[Apply only these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'--baseline=[Omit the known findings listed in this file, which --write-baseline wrote]:FILE:_files' \
'(--baseline)--write-baseline=[Write the findings to this file, so that they are known from now on]:FILE:_files' \
'*--ignore=[Do not apply these rules\: ids, prefixes of ids, or names, separated by commas]:CODES:_default' \
'-R[Also read the subfolders of -f]' \
'--recursive[Also read the subfolders of -f]' \
'--no-ignore[Also read hidden folders, \`node_modules\`, \`vendor\`, and what .gitignore names]' \
'(--config)--no-config[Use no project configuration]' \
'--insecure-skip-tls-verify[Do not verify the certificate of the API server]' \
'--print-rbac[Print only a cluster role with the permissions needed for an answer without gaps]' \
'-A[Show all namespaces, which is the default]' \
'--all-namespaces[Show all namespaces, which is the default]' \
'--include-system[Also show istio-system, kube-system, kube-public and kube-node-lease]' \
'--no-headers[Print the rows of tables alone, for programs\: no column names, no findings, no summary]' \
'-q[Omit individual findings, and everything on standard error except errors and gaps]' \
'--quiet[Omit individual findings, and everything on standard error except errors and gaps]' \
'(-q --quiet)-v[Print which configuration is used, and everything that was skipped]' \
'(-q --quiet)--verbose[Print which configuration is used, and everything that was skipped]' \
'--allow-gaps[Exit with 0 even if something could not be read]' \
'--fail-on-break[Exit with 1 if a call that works before the change would fail after it]' \
'--fail-on-weaken[Exit with 1 if plaintext would be accepted or sent where it is not now]' \
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
'audit:Show the effective mTLS mode of every namespace, workload and port, which policy sets it, and what is wrong' \
'analyze:Check the mTLS configuration against the rules, and show only the findings' \
'explain:Explain why a workload'\''s ports have their modes; whether FROM reaches TO, and why; or what a rule means' \
'policies:List \`PeerAuthentications\` and \`DestinationRules\` with TLS settings\: what they apply to, and whether they are in force' \
'sidecars:List which workloads have a proxy and of what kind, which should have one but do not, and why' \
'migrate-check:Show what breaks if a scope is set to STRICT, for which clients, and in which steps to proceed, with the YAML to apply' \
'diff:Show what would change if manifests were applied\: modes, calls and findings' \
'completion:Print a script that completes this command line in a shell' \
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
'audit:Show the effective mTLS mode of every namespace, workload and port, which policy sets it, and what is wrong' \
'analyze:Check the mTLS configuration against the rules, and show only the findings' \
'explain:Explain why a workload'\''s ports have their modes; whether FROM reaches TO, and why; or what a rule means' \
'policies:List \`PeerAuthentications\` and \`DestinationRules\` with TLS settings\: what they apply to, and whether they are in force' \
'sidecars:List which workloads have a proxy and of what kind, which should have one but do not, and why' \
'migrate-check:Show what breaks if a scope is set to STRICT, for which clients, and in which steps to proceed, with the YAML to apply' \
'diff:Show what would change if manifests were applied\: modes, calls and findings' \
'completion:Print a script that completes this command line in a shell' \
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
