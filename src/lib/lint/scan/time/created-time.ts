/** The time that a document bears. It follows from the input, so that the same input gives the same document. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AivError, type Clock } from '../../../core/index.ts'
import { findRepository } from './git/repository.ts'

/** 9999-12-31: the last day that RFC 3339 can write. */
const MAX_SECONDS = 253_402_300_799

/**
 * `SOURCE_DATE_EPOCH`; else the time of the commit that is checked out; else that of the newest input; else now.
 * @param inputs files that were read, relative to `root`
 * @returns RFC 3339, UTC, whole seconds
 * @throws AivError `E_USAGE` when SOURCE_DATE_EPOCH is no whole number of seconds
 */
export async function createdTime(
  root: string,
  inputs: readonly string[],
  sourceDateEpoch: string | undefined,
  clock: Clock,
): Promise<string> {
  if (sourceDateEpoch !== undefined && sourceDateEpoch !== '') return rfc3339(epochSeconds(sourceDateEpoch))
  const seconds = (await commitTimeOf(root)) ?? newestOf(root, inputs) ?? Math.floor(clock.wallMs() / 1000)
  return rfc3339(Math.min(Math.max(seconds, 0), MAX_SECONDS))
}

/** What reads objects of git is loaded for a repository only: start-up time is a feature. */
async function commitTimeOf(root: string): Promise<number | undefined> {
  if (findRepository(root) === undefined) return undefined
  return (await import('./commit-time.ts')).commitTime(root)
}

/** @see https://reproducible-builds.org/specs/source-date-epoch/ */
function epochSeconds(text: string): number {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= MAX_SECONDS) return seconds
  throw new AivError('E_USAGE', 'SOURCE_DATE_EPOCH is no time', {
    hint: 'It is a whole number of seconds since 1970, such as 1700000000',
  })
}

function newestOf(root: string, inputs: readonly string[]): number | undefined {
  const times = inputs.flatMap((path) => {
    try {
      return [Math.floor(statSync(join(root, path)).mtimeMs / 1000)]
    } catch {
      return []
    }
  })
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b))
}

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
