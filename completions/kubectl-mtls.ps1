
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'kubectl-mtls' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'kubectl-mtls'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'kubectl-mtls' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong')
            [CompletionResult]::new('analyze', 'analyze', [CompletionResultType]::ParameterValue, 'Everything wrong with the mTLS configuration: every rule, and findings alone')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Why a workload''s ports have their modes; whether FROM reaches TO, and why; or what a rule means')
            [CompletionResult]::new('policies', 'policies', [CompletionResultType]::ParameterValue, '`PeerAuthentications` and `DestinationRules` with TLS settings: what they govern, and whether they are in force')
            [CompletionResult]::new('sidecars', 'sidecars', [CompletionResultType]::ParameterValue, 'Which workloads have a proxy, of what kind; which should have one and have none; and why')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'What would change if these manifests were applied: modes, calls, findings')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'A script that completes this command line in a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kubectl-mtls;audit' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'What a line of the table is')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit with 1 from this severity on')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Apply only these rules: ids, prefixes of ids, or names, separated by commas')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out what this file has: findings that are known, from --write-baseline')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the findings into this file, as known from now on')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Leave these rules out')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;analyze' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit with 1 from this severity on')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Apply only these rules: ids, prefixes of ids, or names, separated by commas')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out what this file has: findings that are known, from --write-baseline')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the findings into this file, as known from now on')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Leave these rules out')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;explain' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('--from-labels', '--from-labels', [CompletionResultType]::ParameterName, 'Labels of a client that is named as ns/NAME, as KEY=VALUE, separated by commas')
            [CompletionResult]::new('--from-kind', '--from-kind', [CompletionResultType]::ParameterName, 'Data plane of a client that is named as ns/NAME')
            [CompletionResult]::new('--subset', '--subset', [CompletionResultType]::ParameterName, 'Subset of the destination')
            [CompletionResult]::new('--scheme', '--scheme', [CompletionResultType]::ParameterName, 'What the client speaks; https stands for any TLS of its own. Default: what the port declares')
            [CompletionResult]::new('--symptom', '--symptom', [CompletionResultType]::ParameterName, 'What was seen of the call, such as "connection reset by peer" or "503 UC": what on this configuration looks like that?')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--by-ip', '--by-ip', [CompletionResultType]::ParameterName, 'Call the pod''s own address and port, not the Service')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;policies' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;sidecars' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show every workload, those that are as they should be too')
            [CompletionResult]::new('--services', '--services', [CompletionResultType]::ParameterName, 'Show Services, and which of their endpoints have no proxy')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;diff' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'Manifests to read in place of a cluster: a file, a folder, or - for standard input. Repeatable')
            [CompletionResult]::new('--istio-namespace', '--istio-namespace', [CompletionResultType]::ParameterName, 'Namespace of istiod')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'The revision whose settings speak for the mesh')
            [CompletionResult]::new('--istiod-env', '--istiod-env', [CompletionResultType]::ParameterName, 'A variable of istiod''s environment, over what its Deployment says. Repeatable')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'The kubeconfig file')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'The context of it')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster of it, in place of the context''s')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The user of it, in place of the context''s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Address of the API server')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'User to impersonate')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Group to impersonate. Repeatable')
            [CompletionResult]::new('--as-uid', '--as-uid', [CompletionResultType]::ParameterName, 'UID to impersonate')
            [CompletionResult]::new('--request-timeout', '--request-timeout', [CompletionResultType]::ParameterName, 'Longest time one request may take, such as 30s or 2m; 0 for no limit')
            [CompletionResult]::new('--before', '--before', [CompletionResultType]::ParameterName, 'Manifests of the state before, in place of a cluster''s: a file or a folder. Repeatable. -f is what would be applied to it')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'An object that would be deleted, as KIND/NAMESPACE/NAME, or KIND/NAME outside namespaces. Repeatable')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace to show; manifests without a namespace belong to the first. Repeatable')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Show only workloads with these labels')
            [CompletionResult]::new('--exclude-namespace', '--exclude-namespace', [CompletionResultType]::ParameterName, 'Namespace to leave out. Repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour the output')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Exit with 1 from this severity on')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Apply only these rules: ids, prefixes of ids, or names, separated by commas')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out what this file has: findings that are known, from --write-baseline')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the findings into this file, as known from now on')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Leave these rules out')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Read the sub-folders of -f too')
            [CompletionResult]::new('--insecure-skip-tls-verify', '--insecure-skip-tls-verify', [CompletionResultType]::ParameterName, 'Do not verify the server''s certificate')
            [CompletionResult]::new('--print-rbac', '--print-rbac', [CompletionResultType]::ParameterName, 'Print the rights that leave no gap, as a role for the cluster, and nothing else')
            [CompletionResult]::new('-A', '-A ', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--all-namespaces', '--all-namespaces', [CompletionResultType]::ParameterName, 'Show every namespace, which is the default')
            [CompletionResult]::new('--include-system', '--include-system', [CompletionResultType]::ParameterName, 'Show istio-system, kube-system, kube-public and kube-node-lease too')
            [CompletionResult]::new('--no-headers', '--no-headers', [CompletionResultType]::ParameterName, 'Leave out the lines above the table and the columns'' names')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Leave out single findings and everything on standard error but trouble')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what was passed over')
            [CompletionResult]::new('--allow-gaps', '--allow-gaps', [CompletionResultType]::ParameterName, 'Exit with 0 although something could not be read')
            [CompletionResult]::new('--fail-on-break', '--fail-on-break', [CompletionResultType]::ParameterName, 'Exit with 1 if a call that works would fail')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;completion' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'kubectl-mtls;help' {
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'The mTLS mode in force for every namespace, workload and port, who decided it, and what is wrong')
            [CompletionResult]::new('analyze', 'analyze', [CompletionResultType]::ParameterValue, 'Everything wrong with the mTLS configuration: every rule, and findings alone')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Why a workload''s ports have their modes; whether FROM reaches TO, and why; or what a rule means')
            [CompletionResult]::new('policies', 'policies', [CompletionResultType]::ParameterValue, '`PeerAuthentications` and `DestinationRules` with TLS settings: what they govern, and whether they are in force')
            [CompletionResult]::new('sidecars', 'sidecars', [CompletionResultType]::ParameterValue, 'Which workloads have a proxy, of what kind; which should have one and have none; and why')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'What would change if these manifests were applied: modes, calls, findings')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'A script that completes this command line in a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kubectl-mtls;help;audit' {
            break
        }
        'kubectl-mtls;help;analyze' {
            break
        }
        'kubectl-mtls;help;explain' {
            break
        }
        'kubectl-mtls;help;policies' {
            break
        }
        'kubectl-mtls;help;sidecars' {
            break
        }
        'kubectl-mtls;help;diff' {
            break
        }
        'kubectl-mtls;help;completion' {
            break
        }
        'kubectl-mtls;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
