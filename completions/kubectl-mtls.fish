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
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "audit" -d 'The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "analyze" -d 'Everything wrong with the mTLS configuration: every rule, and findings alone'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "explain" -d 'Why a workload\'s ports have their modes; whether FROM reaches TO, and why; or what a rule means'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "policies" -d '`PeerAuthentications` and `DestinationRules` with TLS settings: what they govern, and whether they are in force'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "sidecars" -d 'Which workloads have a proxy, of what kind; which should have one and have none; and why'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "migrate-check" -d 'What breaks if this goes STRICT, for whom, and in which steps to go, with the YAML to apply'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "diff" -d 'What would change if these manifests were applied: modes, calls, findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "completion" -d 'A script that completes this command line in a shell'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l by -d 'What a line of the table is' -r -f -a "namespace\t'A namespace'
workload\t'A workload'
port\t'A workload port; JSON then has every declared port'
client\t'Clients: how many service ports they reach over mTLS, in plaintext, not at all. -n chooses the servers'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'
markdown\t'For a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l fail-on -d 'Exit with 1 from this severity on: error, unless the configuration says otherwise' -r -f -a "error\t'At errors'
warning\t'At warnings and errors'
info\t'At any finding'
never\t'At none'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l baseline -d 'Leave out what this file has: findings that are known, from --write-baseline' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l write-baseline -d 'Write the findings into this file, as known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l ignore -d 'Leave these rules out' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand audit" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'
markdown\t'For a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l fail-on -d 'Exit with 1 from this severity on: error, unless the configuration says otherwise' -r -f -a "error\t'At errors'
warning\t'At warnings and errors'
info\t'At any finding'
never\t'At none'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l baseline -d 'Leave out what this file has: findings that are known, from --write-baseline' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l write-baseline -d 'Write the findings into this file, as known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l ignore -d 'Leave these rules out' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l list-rules -d 'List the rules, with --select and --ignore, and read nothing'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l fix-plan -d 'Show what mends the findings: changes and commands in a safe order. Nothing is applied'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand analyze" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l from-labels -d 'Labels of a client that is named as ns/NAME, as KEY=VALUE, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l from-kind -d 'Data plane of a client that is named as ns/NAME' -r -f -a "sidecar\t'A sidecar sends'
ambient\t'ztunnel sends'
gateway\t'It is a gateway'
waypoint\t'It is a waypoint'
proxyless\t'It is gRPC without a proxy'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l subset -d 'Subset of the destination' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l scheme -d 'What the client speaks; https stands for any TLS of its own. Default: what the port declares' -r -f -a "http\t'HTTP'
https\t'TLS of its own'
tcp\t'Anything that is no HTTP'
grpc\t'gRPC'
ws\t'WebSocket'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l symptom -d 'What was seen of the call, such as "connection reset by peer" or "503 UC": what on this configuration looks like that?' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l by-ip -d 'Call the pod\'s own address and port, not the Service'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand explain" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand policies" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l all -d 'Show every workload, those that are as they should be too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l services -d 'Show Services, and which of their endpoints have no proxy'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand sidecars" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l step -d 'Print the manifests of one step alone: of those to PERMISSIVE, or of those to STRICT' -r -f -a "permissive\t'PERMISSIVE in place of DISABLE'
strict\t'STRICT'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l write -d 'Write the manifests into this folder, a file a wave, in the order in which to apply them' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'
markdown\t'For a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l fail-on -d 'Exit with 1 from this severity on: error, unless the configuration says otherwise' -r -f -a "error\t'At errors'
warning\t'At warnings and errors'
info\t'At any finding'
never\t'At none'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l baseline -d 'Leave out what this file has: findings that are known, from --write-baseline' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l write-baseline -d 'Write the findings into this file, as known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l ignore -d 'Leave these rules out' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus -d 'A Prometheus that scrapes the proxies: a URL, svc:NAMESPACE/NAME:PORT through the API server, or find to list candidates' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l window -d 'How far to look back, such as 12h, 7d or 4w' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-token-file -d 'A file with a bearer token for Prometheus' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-token-env -d 'A variable with a bearer token for Prometheus' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-user -d 'A user of Prometheus' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-password-file -d 'A file with the user\'s password' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-ca -d 'A file with certificates of authorities that Prometheus is believed by' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-header -d 'A header of every query, such as X-Scope-OrgID=team. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-match -d 'A matcher of every metric, such as \'cluster="east"\'. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l at -d 'The moment at which the window ends, in seconds since 1970' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -l prometheus-insecure -d 'Do not verify the certificate of Prometheus'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand migrate-check" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s f -l filename -d 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l istio-namespace -d 'Namespace of istiod' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l revision -d 'The revision whose settings speak for the mesh' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l istiod-env -d 'A variable of istiod\'s environment, over what its Deployment says. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l cluster-domain -d 'The cluster\'s DNS domain, over what istiod\'s arguments and the injector\'s values say; cluster.local without either' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l config -d 'The project\'s configuration; .kubectl-mtls.yaml above the first file without it, and none for a cluster' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l kubeconfig -d 'The kubeconfig file' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l context -d 'The context of it' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l cluster -d 'The cluster of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l user -d 'The user of it, in place of the context\'s' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as -d 'User to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as-group -d 'Group to impersonate. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l as-uid -d 'UID to impersonate' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l request-timeout -d 'Longest time one request may take, such as 30s or 2m; 0 for no limit' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l before -d 'Manifests of the state before, in place of a cluster\'s: a file or a folder. Repeatable. -f is what would be applied to it' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l delete -d 'An object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME outside namespaces. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s n -l namespace -d 'Namespace to show; manifests without a namespace belong to the first. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s l -l selector -d 'Show only workloads with these labels' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l exclude-namespace -d 'Namespace to leave out. Repeatable' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s o -l output -d 'Format' -r -f -a "table\t'For people'
wide\t'For people with room'
json\t'For programs'
yaml\t'The same as YAML'
markdown\t'For a pull request or a wiki'
sarif\t'SARIF 2.1.0, for code scanning'
junit\t'JUnit XML, for any CI system'
github\t'Annotations for GitHub Actions'
policyreport\t'Reports of Kubernetes\' policy working group, for clusters that collect them'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l color -d 'Colour the output' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` says otherwise'
always\t'Always'
never\t'Never'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l fail-on -d 'Exit with 1 from this severity on: error, unless the configuration says otherwise' -r -f -a "error\t'At errors'
warning\t'At warnings and errors'
info\t'At any finding'
never\t'At none'"
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l select -d 'Apply only these rules: ids, prefixes of ids, or names, separated by commas' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l baseline -d 'Leave out what this file has: findings that are known, from --write-baseline' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l write-baseline -d 'Write the findings into this file, as known from now on' -r -F
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l ignore -d 'Leave these rules out' -r
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s R -l recursive -d 'Read the sub-folders of -f too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l no-config -d 'Use no configuration'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l insecure-skip-tls-verify -d 'Do not verify the server\'s certificate'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l print-rbac -d 'Print the rights that leave no gap, as a role for the cluster, and nothing else'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s A -l all-namespaces -d 'Show every namespace, which is the default'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l include-system -d 'Show istio-system, kube-system, kube-public and kube-node-lease too'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l no-headers -d 'Leave out the lines above the table and the columns\' names'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s q -l quiet -d 'Leave out single findings and everything on standard error but trouble'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s v -l verbose -d 'Say what was passed over'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l allow-gaps -d 'Exit with 0 although something could not be read'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -l fail-on-break -d 'Exit with 1 if a call that works would fail'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand diff" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand completion" -s h -l help -d 'Print help'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand completion" -s V -l version -d 'Print version'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "audit" -d 'The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "analyze" -d 'Everything wrong with the mTLS configuration: every rule, and findings alone'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "explain" -d 'Why a workload\'s ports have their modes; whether FROM reaches TO, and why; or what a rule means'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "policies" -d '`PeerAuthentications` and `DestinationRules` with TLS settings: what they govern, and whether they are in force'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "sidecars" -d 'Which workloads have a proxy, of what kind; which should have one and have none; and why'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "migrate-check" -d 'What breaks if this goes STRICT, for whom, and in which steps to go, with the YAML to apply'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "diff" -d 'What would change if these manifests were applied: modes, calls, findings'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "completion" -d 'A script that completes this command line in a shell'
complete -c kubectl-mtls -n "__fish_kubectl_mtls_using_subcommand help; and not __fish_seen_subcommand_from audit analyze explain policies sidecars migrate-check diff completion help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
