/** What `aiv utls connect` needs: a TLS server whose address is in `$SERVER`, its certificate, and the pin of its key. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { selfSigned } from '../link/certificates.ts'
import { startAiv } from './aiv.ts'
import { newEchKeys } from './ech-site/ech-keys.ts'
import { openEchSite } from './ech-site/ech-site.ts'
import type { Workplace } from './shell.ts'
import { newIdentity } from './tls-server/identity.ts'
import { NAMED_GROUP } from './tls-server/key-exchange.ts'

/** It answers any request with what its client looks like. */
export async function prepareTlsServer(workplace: Workplace): Promise<undefined> {
  const { folder, env } = workplace
  const { cert, key, pin } = selfSigned(['DNS:localhost', 'IP:127.0.0.1'])
  writeFileSync(join(folder, 'ca.pem'), cert)
  writeFileSync(join(folder, 'server.key'), key)
  writeFileSync(join(folder, 'request.txt'), 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const files = ['--cert', 'ca.pem', '--cert-key', 'server.key']
  const listener = startAiv(['utls', 'fingerprint', '--listen', '127.0.0.1:0', ...files, '--json'], {
    cwd: folder,
    timeoutMs: 120_000,
  })
  listener.child.stdin.end()
  const { address } = await listener.nextEvent()
  env.SERVER = new URL(String(address)).host
  env.PIN = `sha256//${Buffer.from(pin).toString('base64')}`
}

/** Beside it a server with ECH for `secret.example.com`, in `$ECH_SERVER`, and its configuration in `ech.pem`. */
export async function prepareTlsServers(workplace: Workplace): Promise<undefined> {
  await prepareTlsServer(workplace)
  const { folder, env } = workplace
  const { key, file } = newEchKeys()
  const identity = newIdentity('secret.example.com', systemClock)
  writeFileSync(join(folder, 'ech.pem'), file)
  appendFileSync(join(folder, 'ca.pem'), identity.pem)
  const script = { alpn: 'http/1.1', group: NAMED_GROUP.x25519, ech: { key } }
  const { port } = await openEchSite(identity, script)
  env.ECH_SERVER = `127.0.0.1:${port}`
}
