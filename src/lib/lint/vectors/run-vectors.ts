/** Replays vector files against one suite. */
import { createReadStream } from 'node:fs'
import {
  AivError,
  concat,
  isAivError,
  type RawVectorSuite,
  type SuiteResult,
  type VectorSuite,
} from '../../core/index.ts'
import { readBeside } from './files-beside.ts'

/** The largest published vector files are a few megabytes. */
const MAX_VECTOR_FILE_BYTES = 256 * 2 ** 20

/**
 * One result a file, in the order of `paths`.
 * @throws AivError `E_INPUT` on a file that cannot be read, `E_TOO_LARGE` above 256 MiB
 */
export async function runVectors(
  suite: VectorSuite | RawVectorSuite,
  paths: readonly string[],
): Promise<readonly SuiteResult[]> {
  const results: SuiteResult[] = []
  for (const path of paths) results.push(await runFile(suite, path, await readWhole(path)))
  return results
}

/** True when every file was judged by at least one vector and none failed. */
export function vectorsHold(results: readonly SuiteResult[]): boolean {
  return results.length > 0 && results.every(({ passed, failed }) => passed > 0 && failed === 0)
}

async function runFile(
  suite: VectorSuite | RawVectorSuite,
  path: string,
  bytes: Uint8Array,
): Promise<SuiteResult> {
  if (!('isRaw' in suite)) return await suite.run({ path, content: textOf(path, bytes) })
  return await suite.run({
    path,
    bytes,
    beside: (names) => readBeside(path, names, MAX_VECTOR_FILE_BYTES),
  })
}

async function readWhole(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    // A device or a pipe does not say how much it has.
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > MAX_VECTOR_FILE_BYTES) throw new AivError('E_TOO_LARGE', `${path} is too large`)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (isAivError(cause)) throw cause
    throw new AivError('E_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  return concat(...chunks)
}

function textOf(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AivError('E_INPUT', `${path} is not text`, { cause })
  }
}
