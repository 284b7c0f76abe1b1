/** What `aiv utls connect` needs: a TLS server whose address is in `$SERVER`, its certificate, and the pin of its key. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '../link/certificates.ts'
import { startAiv } from './aiv.ts'
import type { Workplace } from './shell.ts'

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
