/** Real TLS servers on loopback. Each is gone when its test ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/lib/core/index.ts'
import { selfSigned } from '../../src/lib/tls/index.ts'
import { temporaryFolder } from './aiv.ts'

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** ECDSA over P-256, signed by itself. */
export function ecdsaFiles(name: string): CertificateFiles {
  const { cert, key } = selfSigned({ names: [name], clock: systemClock })
  const files = inFolder()
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
  return files
}

/** RSA of 2,048 bits, signed by itself, by openssl. */
export function rsaFiles(openssl: string, name: string): CertificateFiles {
  return opensslFiles(openssl, name, 'rsa:2048')
}

/** Signed by itself. @param kind as `openssl req -newkey` takes it */
export function opensslFiles(openssl: string, name: string, kind: string): CertificateFiles {
  const files = inFolder()
  const made = ['req', '-x509', '-newkey', kind, '-nodes', '-keyout', files.key, '-out', files.cert]
  const about = ['-subj', '/CN=test', '-addext', `subjectAltName=DNS:${name}`, '-days', '2']
  const { status, stderr } = spawnSync(openssl, [...made, ...about], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return files
}

export function pemOf({ cert }: CertificateFiles): string {
  return readFileSync(cert, 'utf8')
}

function inFolder(): CertificateFiles {
  const folder = temporaryFolder()
  return { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
}

/** What a server prints when it is ready; it is killed when the test ends. */
async function started(child: ChildProcess, ready: RegExp): Promise<RegExpExecArray> {
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  return await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk
        const found = ready.exec(printed)
        if (found !== null) resolve(found)
      })
    child.once('exit', () => reject(new Error(`the server ended: ${printed}`)))
  })
}

export interface RunningServer {
  readonly port: number
  readonly child: ChildProcess
}

/** `openssl s_server` with these arguments. */
export async function opensslServer(
  path: string,
  { cert, key }: CertificateFiles,
  more: readonly string[] = [],
): Promise<RunningServer> {
  const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', cert, '-key', key, ...more]
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const [, port] = await started(child, /^ACCEPT .*:(\d+)$/m)
  return { port: Number(port), child }
}

/** `gnutls-serv` with these arguments; it asks for a certificate unless it is told not to. */
export async function gnutlsServer(
  path: string,
  { cert, key }: CertificateFiles,
  more: readonly string[] = [],
): Promise<RunningServer> {
  const port = await freePort()
  const args = [`--port=${port}`, `--x509certfile=${cert}`, `--x509keyfile=${key}`, ...more]
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  await started(child, /IPv4 .* port .*done/)
  return { port, child }
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
