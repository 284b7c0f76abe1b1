/** Finds the parts of a signed document and verifies them. */
import { existsSync } from 'node:fs'
import type { Verification } from '../../lint/sign/index.ts'
import { readInput } from '../io/input.ts'
import { trustedSigner } from './trusted-signers.ts'

/** As large as the largest document that is read. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024

/**
 * @param file path of the document, or `-`
 * @param envelope path of its envelope; default the one that lies beside it, where there is one
 * @param keys as {@link trustedSigner} takes them
 * @returns what came of it, and which envelope was used
 * @throws AivError `E_INPUT`, `E_TOO_LARGE`, `E_MALFORMED`, and as {@link trustedSigner}
 */
export async function verifySigned(
  file: string,
  envelope: string | undefined,
  keys: readonly string[],
): Promise<{ readonly verification: Verification; readonly envelope: string | undefined }> {
  const { ENVELOPE_SUFFIX, verifyBom } = await import('../../lint/sign/index.ts')
  const trusted = await Promise.all(keys.map(trustedSigner))
  const beside = envelope ?? (existsSync(file + ENVELOPE_SUFFIX) ? file + ENVELOPE_SUFFIX : undefined)
  const limit = { maxBytes: MAX_DOCUMENT_BYTES }
  const document = await readInput(file, limit)
  const around = beside === undefined ? undefined : await readInput(beside, limit)
  return { verification: verifyBom(document, trusted, around), envelope: beside }
}
