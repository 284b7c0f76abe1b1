/** Signed bills of materials, and the identities that signed them or did not. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import { createIdentity, saveIdentity } from '../../src/lib/identity/index.ts'
import { signBom } from '../../src/lib/lint/sign/index.ts'

const CYCLONEDX = `${JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: 'example', version: '1.0.0' } },
})}\n`

export const SIGNED_SPDX = `${JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'example',
  documentNamespace: 'https://example.com/1',
  creationInfo: { created: '2026-11-23T00:00:00Z', creators: ['Person: Alice'] },
})}\n`

/**
 * `alice.json` signed `bom.cdx.json`, and `bom.spdx.json` in the envelope beside it; `mallory.json` signed nothing,
 * and nobody `unsigned.cdx.json`.
 * @returns the peer id of alice
 */
export async function prepareSignedBoms(folder: string): Promise<{ readonly peer: string }> {
  const alice = createIdentity(systemRandom, systemClock)
  await saveIdentity(join(folder, 'alice.json'), alice)
  await saveIdentity(join(folder, 'mallory.json'), createIdentity(systemRandom, systemClock))
  writeFileSync(join(folder, 'unsigned.cdx.json'), CYCLONEDX)
  writeFileSync(join(folder, 'bom.cdx.json'), signBom(CYCLONEDX, 'cdx-json', alice.sign))
  writeFileSync(join(folder, 'bom.spdx.json'), SIGNED_SPDX)
  writeFileSync(join(folder, 'bom.spdx.json.dsse.json'), signBom(SIGNED_SPDX, 'spdx-json', alice.sign))
  return { peer: alice.peer }
}
