/** A page as a headless Chromium shows it. */
import { execFile } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { promisify } from 'node:util'
import { temporaryFolder } from './aiv.ts'

/** Without what a browser does of its own accord on the network. */
const QUIET = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Major version of the program, by its own word. */
export async function chromiumMajor(program: string): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 20_000 })
  return Number(/\b(\d+)\.\d+\.\d+\.\d+\b/.exec(stdout)?.[1])
}

/** The document at `https://NAME/`, where NAME and all below it are on this port of loopback, whatever the certificate. */
export async function chromiumPage(program: string, name: string, port: number): Promise<string> {
  return await chromiumDom(program, `https://${name}/`, [
    '--ignore-certificate-errors',
    `--host-resolver-rules=MAP ${name} 127.0.0.1:${port}, MAP *.${name} 127.0.0.1:${port}`,
  ])
}

/** The document there, as a Chromium with these arguments shows it. @param profile a folder of its own */
export async function chromiumDom(
  program: string,
  url: string,
  args: readonly string[],
  profile: string = temporaryFolder(),
): Promise<string> {
  // Chromium's sandbox does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const words = [...QUIET, ...asRoot, ...args, `--user-data-dir=${profile}`, '--dump-dom', url]
  const { stdout } = await promisify(execFile)(program, words, { timeout: 45_000 })
  return stdout
}

/** What `--ignore-certificate-errors-spki-list` names a server by: the key alone decides then. @param pem its certificate */
export function keyHash(pem: string): string {
  const key = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}
