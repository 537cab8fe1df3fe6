# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kubectl_mtls_global_optspecs
    string join \n h/help V/version
end

function __fish_kubectl_mtls_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kubectl_mtls_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kubectl_mtls_using_subcommand
    set -l cmd (__fish_kubectl_mtls_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -s h -l help -d 'Print help'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "audit" -d 'Show the effective mTLS mode of every namespace, workload and port, which policy sets it, and what is wrong'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "analyze" -d 'Check the mTLS configuration against the rules, and show only the findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "explain" -d 'Explain why a workload\'s ports have their modes; whether FROM reaches TO, and why; or what a rule means'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "policies" -d 'List `PeerAuthentications` and `DestinationRules` with TLS settings: what they apply to, and whether they are in force'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "sidecars" -d 'List which workloads have a proxy and of what kind, which should have one but do not, and why'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "migrate-check" -d 'Show what breaks if a scope is set to STRICT, for which clients, and in which steps to proceed, with the YAML to apply'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "diff" -d 'Show what would change if manifests were applied: modes, calls and findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "completion" -d 'Print a script that completes this command line in a shell'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l by -d 'What each row of the table shows' -r -f -a "namespace\t'A namespace'
workload\t'A workload'
port\t'A workload port; JSON then has every declared port'
client\t'Clients: how many service ports they reach over mTLS, in plaintext or not at all. -n selects the servers'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'
markdown\t'Markdown, for a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l fail-on -d 'Exit with 1 if there are findings of this severity or above. Default: fail-on of the configuration, else error' -r -f -a "error\t'Errors'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l baseline -d 'Omit the known findings listed in this file, which --write-baseline wrote' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l write-baseline -d 'Write the findings to this file, so that they are known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l ignore -d 'Do not apply these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'
markdown\t'Markdown, for a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l fail-on -d 'Exit with 1 if there are findings of this severity or above. Default: fail-on of the configuration, else error' -r -f -a "error\t'Errors'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l baseline -d 'Omit the known findings listed in this file, which --write-baseline wrote' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l write-baseline -d 'Write the findings to this file, so that they are known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l ignore -d 'Do not apply these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l list-rules -d 'List the rules selected by --select and --ignore; nothing is read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l fix-plan -d 'Show how to fix the findings: changes and commands in a safe order. Nothing is applied'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l allow-weakening -d 'Include changes after which plaintext is accepted or sent where it is not now'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l from-labels -d 'Labels of a client given as ns/NAMESPACE: KEY=VALUE, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l from-kind -d 'Data plane of a client given as ns/NAMESPACE' -r -f -a "sidecar\t'With a sidecar'
ambient\t'In ambient mode, through ztunnel'
gateway\t'A gateway'
waypoint\t'A waypoint'
proxyless\t'gRPC without a proxy'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l subset -d 'Subset of the destination' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l scheme -d 'Protocol that the client uses; https means any TLS that the application itself originates. Default: that of the port' -r -f -a "http\t'HTTP'
https\t'TLS that the application originates'
tcp\t'Any protocol other than HTTP'
grpc\t'gRPC'
ws\t'WebSocket'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l symptom -d 'Symptom that was observed, such as "connection reset by peer" or "503 UC"; shows what in this configuration could cause it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l by-ip -d 'Call the IP address and port of the pod directly, not the Service'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l all -d 'Show every workload, including those that need no attention'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l services -d 'Show Services, and which of their endpoints have no proxy'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l step -d 'Print only the manifests of the steps to PERMISSIVE, or only those of the steps to STRICT' -r -f -a "permissive\t'PERMISSIVE instead of DISABLE'
strict\t'STRICT'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l write -d 'Write the manifests to this folder, one file per wave, in the order in which to apply them' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'
markdown\t'Markdown, for a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l fail-on -d 'Exit with 1 if there are findings of this severity or above. Default: fail-on of the configuration, else error' -r -f -a "error\t'Errors'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l baseline -d 'Omit the known findings listed in this file, which --write-baseline wrote' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l write-baseline -d 'Write the findings to this file, so that they are known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l ignore -d 'Do not apply these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus -d 'Prometheus that scrapes the proxies: a URL, svc:NAMESPACE/NAME:PORT through the API server, or find to list candidates' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l window -d 'How far to look back, such as 12h, 7d or 4w' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-token-file -d 'File with a bearer token for Prometheus' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-token-env -d 'Environment variable with a bearer token for Prometheus' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-user -d 'User name for Prometheus' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-password-file -d 'File with the password of that user' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-ca -d 'File with CA certificates that are trusted for Prometheus' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-header -d 'Header of every query, such as X-Scope-OrgID=team. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-match -d 'Label matcher of every metric, such as \'cluster="east"\'. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-max-response -d 'Bytes of one response of Prometheus at most, such as 64Mi; a longer one is a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l at -d 'End of the window, in seconds since 1970' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l replace -d 'Remove the files of an earlier run from the folder of --write'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-insecure -d 'Do not verify the certificate of Prometheus'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s f -l filename -d 'Manifests to read instead of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s k -l kustomize -d 'Kustomization to build and read: the folder of a kustomization.yaml. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l mesh -d 'The only mesh to read, if the files contain several: a name that the answer lists, or a path' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l helm-values -d 'File with values for the charts below -f. Repeatable. Default: helm.values of the configuration' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l helm-release -d 'Release name for charts. Default: helm.release of the configuration, else the name of the chart\'s folder' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l helm-namespace -d 'Release namespace for charts. Default: helm.namespace of the configuration, else that of -n, else default' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l build-timeout -d 'Time for building one kustomization or chart, such as 30s or 5m' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l exclude -d 'Files and folders below -f that are not read, as a pattern relative to it or to the current folder. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l stdin-name -d 'Name of standard input in locations, such as the chart that it is rendered from. Requires -f -' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l revision -d 'Revision of Istio whose settings are used as those of the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l istiod-env -d 'Environment variable of istiod; overrides its Deployment. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l cluster-domain -d 'DNS domain of the cluster; overrides istiod\'s arguments and the injector\'s values. Default: cluster.local if neither sets it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l istio-version -d 'Version of Istio whose rules are applied to manifests, and where istiod was not read: X.Y or X.Y.Z. Default: istio-version of the configuration, else the newest known version' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l config -d 'Project configuration. Default: .kubectl-mtls.yaml in the folder of the first -f or above it; none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l kubeconfig -d 'Path of the kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l context -d 'Context of the kubeconfig' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l cluster -d 'Cluster of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l user -d 'User of the kubeconfig; overrides that of the context' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l request-timeout -d 'Timeout of each request, such as 30s, 2m or 1h30m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l total-timeout -d 'Time for reading the whole cluster, such as 10m or 2h; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l max-objects -d 'Objects that are read from a cluster at most; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l max-bytes -d 'Bytes of objects that are kept in memory at most, such as 500Mi or 8Gi; more are a gap' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l max-response -d 'Bytes of one response of the API server at most, unpacked' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l before -d 'Manifests of the state before the change, instead of a cluster: a file or a folder. Repeatable. -f has the manifests to apply' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l delete -d 'Object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME if it is cluster-scoped. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s n -l namespace -d 'Namespace to show; manifests without a namespace are assigned to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s l -l selector -d 'Show only workloads that match this label selector' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l exclude-namespace -d 'Namespace to exclude. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s o -l output -d 'Output format, with =FILE to write it to a file. Repeatable: one format for standard output, the others for files' -r -f -a "table\t'A table'
wide\t'A table with more columns'
json\t'JSON, for programs'
yaml\t'The same document as YAML'
markdown\t'Markdown, for a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l output-file -d 'Write to this file instead of standard output. A file is replaced as a whole, or not at all' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l color -d 'When to color the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l fail-on -d 'Exit with 1 if there are findings of this severity or above. Default: fail-on of the configuration, else error' -r -f -a "error\t'Errors'
warning\t'Warnings and errors'
info\t'Any finding'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l baseline -d 'Omit the known findings listed in this file, which --write-baseline wrote' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l write-baseline -d 'Write the findings to this file, so that they are known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l ignore -d 'Do not apply these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s R -l recursive -d 'Also read the subfolders of -f'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l no-ignore -d 'Also read hidden folders, `node_modules`, `vendor`, and what .gitignore names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l no-config -d 'Use no project configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l insecure-skip-tls-verify -d 'Do not verify the certificate of the API server'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l print-rbac -d 'Print only a cluster role with the permissions needed for an answer without gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s A -l all-namespaces -d 'Show all namespaces, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l include-system -d 'Also show istio-system, kube-system, kube-public and kube-node-lease'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l no-headers -d 'Print the rows of tables alone, for programs: no column names, no findings, no summary'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s q -l quiet -d 'Omit individual findings, and everything on standard error except errors and gaps'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s v -l verbose -d 'Print which configuration is used, and everything that was skipped'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l allow-gaps -d 'Exit with 0 even if something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l fail-on-break -d 'Exit with 1 if a call that works before the change would fail after it'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l fail-on-weaken -d 'Exit with 1 if plaintext would be accepted or sent where it is not now'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand completion" -s h -l help -d 'Print help'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand completion" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "audit" -d 'Show the effective mTLS mode of every namespace, workload and port, which policy sets it, and what is wrong'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "analyze" -d 'Check the mTLS configuration against the rules, and show only the findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "explain" -d 'Explain why a workload\'s ports have their modes; whether FROM reaches TO, and why; or what a rule means'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "policies" -d 'List `PeerAuthentications` and `DestinationRules` with TLS settings: what they apply to, and whether they are in force'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "sidecars" -d 'List which workloads have a proxy and of what kind, which should have one but do not, and why'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "migrate-check" -d 'Show what breaks if a scope is set to STRICT, for which clients, and in which steps to proceed, with the YAML to apply'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "diff" -d 'Show what would change if manifests were applied: modes, calls and findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "completion" -d 'Print a script that completes this command line in a shell'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
