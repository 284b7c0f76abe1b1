/** Listens over TCP and then over QUIC where the QUIC packages cannot be found; prints what happens. */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('@chainsafe/')) throw new Error(`no such package: ${specifier}`)
    return nextResolve(specifier, context)
  },
})

const { listenLink } = await import('../../../src/lib/link/index.ts')
const options = { host: '127.0.0.1', port: 0, onLink: () => {} }
await (await listenLink('tcp', options)).close()
process.stdout.write('tcp works\n')
try {
  await listenLink('quic', options)
} catch (error) {
  const { code, message, hint } = error as Error & { readonly code: string; readonly hint: string }
  process.stdout.write(`${code}: ${message}; ${hint}\n`)
}
