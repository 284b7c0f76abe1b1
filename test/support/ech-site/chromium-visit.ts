/** A page as a headless Chromium loads it when the DNS gives it an ECH configuration. */
import { execFile } from 'node:child_process'
import { createHash, createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '../aiv.ts'
import { QUIET } from '../chromium-page.ts'

const TIMEOUT_MS = 45_000

export interface ChromiumVisit {
  readonly url: string
  readonly dohPort: number
  /** PEM of servers whose key it trusts, whoever vouches for it. */
  readonly trusted: readonly string[]
}

/** @returns the document */
export async function chromiumVisit(
  program: string,
  { url, dohPort, trusted }: ChromiumVisit,
): Promise<string> {
  const profile = temporaryFolder()
  const templates = `https://127.0.0.1:${dohPort}/dns-query`
  writeFileSync(
    join(profile, 'Local State'),
    JSON.stringify({ dns_over_https: { mode: 'secure', templates } }),
  )
  // Chromium's sandbox does not run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { stdout } = await promisify(execFile)(
    program,
    [
      ...QUIET,
      ...asRoot,
      `--user-data-dir=${profile}`,
      `--ignore-certificate-errors-spki-list=${trusted.map(keyHash).join(',')}`,
      '--dump-dom',
      url,
    ],
    { timeout: TIMEOUT_MS },
  )
  return stdout
}

function keyHash(pem: string): string {
  const key = createPublicKey(pem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}
