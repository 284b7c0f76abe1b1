/** A real Chromium that opens one page of a site on loopback, headless but with the name that it has with a window. */
import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../aiv.ts'
import { SITE_NAME } from './recording-site.ts'

/** Without what a browser does of its own accord on the network, and without field trials. */
const QUIET = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--disable-field-trial-config',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--lang=en-US',
  '--ignore-certificate-errors',
]

/** @param major of the program, which it would call headless by itself */
export function chromiumVisit(program: string, major: number, url: string): void {
  // Chromium's sandbox does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const agent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`
  const child = spawn(
    program,
    [
      ...QUIET,
      ...asRoot,
      `--user-agent=${agent}`,
      `--user-data-dir=${temporaryFolder()}`,
      `--host-resolver-rules=MAP ${SITE_NAME} 127.0.0.1`,
      url,
    ],
    { stdio: 'ignore', detached: true },
  )
  onTestFinished(() => {
    // With all the processes that it started.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
}
