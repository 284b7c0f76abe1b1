/** A page as a headless Chromium shows it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { temporaryFolder } from './aiv.ts'

/** Without what a browser does of its own accord on the network. */
export const QUIET = [
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
  // Chromium's sandbox does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { stdout } = await promisify(execFile)(
    program,
    [
      ...QUIET,
      ...asRoot,
      '--ignore-certificate-errors',
      `--user-data-dir=${temporaryFolder()}`,
      `--host-resolver-rules=MAP ${name} 127.0.0.1:${port}, MAP *.${name} 127.0.0.1:${port}`,
      '--dump-dom',
      `https://${name}/`,
    ],
    { timeout: 45_000 },
  )
  return stdout
}
