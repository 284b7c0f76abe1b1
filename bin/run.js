#!/usr/bin/env node
// Plain, old syntax: a Node that is too old must be able to parse this file to refuse in one line. The command
// line itself is imported only after the check, because its modules use newer syntax.
const MINIMUM_NODE = 24

if (Number(process.versions.node.split('.')[0]) < MINIMUM_NODE) {
  const message = `aiv needs Node.js ${MINIMUM_NODE} or newer. This is ${process.version}`
  const hint =
    'Install a newer Node.js from nodejs.org or your system, or run: npx -p node@26 -p aivillage aiv'
  if (process.argv.indexOf('--json') > 1) {
    const error = { code: 'E_NODE_VERSION', message: message, hint: hint }
    process.stdout.write(`${JSON.stringify({ v: 1, error: error })}\n`)
  } else {
    process.stderr.write(`error: ${message}. ${hint}\n`)
  }
  process.exitCode = 3
} else {
  // Before anything else is loaded, so that it applies to that.
  import('../dist/lib/cli/compile-cache.js')
    .then((cache) => cache.keepCompiledCode())
    .then(() => import('../dist/lib/cli/main.js'))
    .then(
      (cli) => cli.main(process.argv.slice(2)),
      (cause) => {
        process.stderr.write(
          'error: aiv is not built or not complete. ' +
            cause.message +
            '. Reinstall the package, or run: npm run build\n',
        )
        process.exitCode = 3
      },
    )
}
