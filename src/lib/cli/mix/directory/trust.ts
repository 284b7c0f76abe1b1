/** Whom a user believes about a directory, and at what time. */
import * as Flags from '@oclif/core/flags'
import { AivError, systemClock, unixSeconds } from '../../../core/index.ts'
import {
  type DirectoryTrust,
  type DirectoryVerdict,
  type MixDirectory,
  verifyDirectory,
} from '../../../mix/index.ts'
import { parseHexValue } from '../hex-value.ts'

const KEY_BYTES = 32

/** Whom to believe; the time is now. */
export const runTrustFlags = {
  authority: Flags.string({
    summary: 'public signing key of an authority in hexadecimal; may be repeated',
    multiple: true,
    helpValue: 'KEY',
  }),
  threshold: Flags.integer({ summary: 'how many of them must have signed; default more than half', min: 1 }),
  unsigned: Flags.boolean({
    summary: 'believe the file itself, without authorities',
    exclusive: ['authority', 'threshold'],
  }),
}

export const trustFlags = {
  ...runTrustFlags,
  at: Flags.string({ summary: 'judge as of this time (RFC 3339); default now', helpValue: 'TIME' }),
}

export interface TrustFlags {
  readonly authority?: readonly string[] | undefined
  readonly threshold?: number | undefined
  readonly unsigned?: boolean
  readonly at?: string | undefined
}

/**
 * What is to be said of a directory under the flags.
 * @throws AivError `E_USAGE` when the flags name nobody to believe
 */
export function judgeDirectory(directory: MixDirectory, flags: TrustFlags): DirectoryVerdict {
  return verifyDirectory(directory, trustOf(flags), timeOf(flags))
}

function trustOf({ authority = [], threshold, unsigned }: TrustFlags): DirectoryTrust {
  if (unsigned === true) return { authorities: [], threshold: 0 }
  if (authority.length === 0)
    throw new AivError('E_USAGE', 'nobody is named whose signature would count', {
      hint: 'Give --authority, or --unsigned for a file that you trust as it is.',
    })
  const authorities = authority.map((text) => parseHexValue(text, '--authority', KEY_BYTES))
  return { authorities, threshold: threshold ?? Math.floor(authorities.length / 2) + 1 }
}

function timeOf({ at }: TrustFlags): number {
  if (at === undefined) return unixSeconds(systemClock)
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) throw new AivError('E_USAGE', `"${at}" is no time, such as 2026-11-23T12:00:00Z`)
  return Math.floor(ms / 1000)
}
