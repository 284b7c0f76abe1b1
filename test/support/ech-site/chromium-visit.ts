/** A page as a headless Chromium loads it when the DNS gives it an ECH configuration. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../aiv.ts'
import { chromiumDom, keyHash } from '../chromium-page.ts'

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
  return await chromiumDom(
    program,
    url,
    [`--ignore-certificate-errors-spki-list=${trusted.map(keyHash).join(',')}`],
    profile,
  )
}
