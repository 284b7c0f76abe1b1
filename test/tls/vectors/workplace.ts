/** Vector files in a temporary folder, and what a suite says of them. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { SuiteResult } from '../../../src/lib/core/index.ts'
import { loadVectorSuite, runVectors } from '../../../src/lib/lint/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

/**
 * @param content as it stands, or as JSON
 * @param captures are copied into the folder `pcap` beside it
 * @returns the path of the vector file
 */
export function vectorFile(content: unknown, captures: readonly string[] = []): string {
  const folder = temporaryFolder()
  const path = join(folder, 'vectors')
  const isPlain = typeof content === 'string' || content instanceof Uint8Array
  writeFileSync(path, isPlain ? content : JSON.stringify(content))
  mkdirSync(join(folder, 'pcap'))
  for (const capture of captures) copyFileSync(capture, join(folder, 'pcap', basename(capture)))
  return path
}

export async function judged(suite: string, path: string): Promise<SuiteResult> {
  const [result] = await runVectors(await loadVectorSuite(suite), [path])
  return result as SuiteResult
}
