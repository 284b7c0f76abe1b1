/** What the examples of proofs, paths and directories of a mixnet need around them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, toHex } from '../../src/lib/core/index.ts'
import { loadEcvrf } from '../../src/lib/crypto/index.ts'
import type { Workplace } from './shell.ts'

/** RFC 9381 appendix B.3, Example 18, with its input in a file. */
export async function prepareVrf({ folder, env }: Workplace): Promise<undefined> {
  const seed = fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7')
  const ecvrf = await loadEcvrf()
  const alpha = fromHex('af82')
  writeFileSync(join(folder, 'seed.hex'), `${toHex(seed)}\n`, { mode: 0o600 })
  writeFileSync(join(folder, 'input.bin'), alpha)
  env.KEY = toHex(ecvrf.publicKey(seed))
  env.PROOF = toHex(ecvrf.prove('tai', seed, alpha))
}
