/**
 * The suite `tls13`: handshakes written down with their secrets, such as that of RFC 8448 section 3, and tests of
 * Wycheproof for the primitives below them.
 */
import {
  runVectorChecks,
  type SuiteResult,
  type VectorCheck,
  type VectorFile,
  type VectorSuite,
} from '../../core/index.ts'
import { failing, isFields } from './documents.ts'
import { isTrace, traceChecks } from './trace.ts'
import { isWycheproof, wycheproofChecks } from './wycheproof.ts'

const SUITE = 'tls13'

export const tls13Suite: VectorSuite = {
  name: SUITE,
  run: async (file: VectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, checksOf(file.content)),
}

function checksOf(content: string): readonly VectorCheck[] {
  try {
    const document: unknown = JSON.parse(content)
    if (isFields(document) && isTrace(document)) return traceChecks(document)
    if (isFields(document) && isWycheproof(document)) return wycheproofChecks(document)
    return [failing('file', 'neither a trace of a handshake nor tests of Wycheproof')]
  } catch (error) {
    return [failing('file', error)]
  }
}
