/** Descriptors from the flags of `mix descriptor new`. */
import * as Flags from '@oclif/core/flags'
import { AivError, systemClock, unixSeconds } from '../../../core/index.ts'
import type { Identity } from '../../../identity/index.ts'
import {
  DEFAULT_EPOCH_LENGTH_S,
  DELAY_MODES,
  epochAt,
  type MixKeyEntry,
  type MixRole,
  type SignedDescriptor,
  signDescriptor,
} from '../../../mix/index.ts'
import { durationFlag } from '../../flags.ts'
import { roleFlags } from '../flags.ts'
import { parseHexValue } from '../hex-value.ts'

const KEY_BYTES = 32
const DEFAULT_VALID_MS = 30 * 86_400_000
const DEFAULT_DELAY_MS = 33
const MIX_KEY = /^(?:(\d{1,15}):)?([0-9a-f]{64})$/i

export const descriptorFlags = {
  'mix-key': Flags.string({
    summary: 'public Sphinx key in hexadecimal, for the present epoch, or EPOCH:KEY; may be repeated',
    multiple: true,
    required: true,
    helpValue: 'KEY',
  }),
  address: Flags.string({
    summary: 'where the node listens, a URI; may be repeated',
    multiple: true,
    required: true,
    helpValue: 'URI',
  }),
  ...roleFlags,
  delay: Flags.option({ options: DELAY_MODES, summary: 'who chooses the delay', default: 'sender' })(),
  'delay-mean': durationFlag({ summary: "mean of the node's own delay; default 33ms" }),
  'epoch-length': durationFlag({ summary: 'length of an epoch; default 20m' }),
  valid: durationFlag({ summary: 'how long the descriptor is valid; default 30d' }),
}

export interface DescriptorFlags {
  readonly 'mix-key': readonly string[]
  readonly address: readonly string[]
  readonly role: MixRole
  readonly weight: number
  readonly family?: string | undefined
  readonly as?: number | undefined
  readonly country?: string | undefined
  readonly delay: (typeof DELAY_MODES)[number]
  readonly 'delay-mean'?: number | undefined
  readonly 'epoch-length'?: number | undefined
  readonly valid?: number | undefined
}

/** @throws AivError `E_USAGE` for keys in another form, `E_INPUT` for what no reader would take */
export function newDescriptor(flags: DescriptorFlags, identity: Identity): SignedDescriptor {
  const epochLengthS = epochLengthOf(flags)
  const epoch = epochAt(unixSeconds(systemClock), epochLengthS)
  // From the beginning of the epoch, so that it covers a directory of this epoch.
  const validFrom = epoch * epochLengthS
  return signDescriptor(
    {
      vrfKey: identity.vrf.publicKey,
      mixKeys: flags['mix-key'].map((text) => mixKeyOf(text, epoch)).sort((a, b) => a.epoch - b.epoch),
      addresses: flags.address,
      weight: flags.weight,
      role: flags.role,
      family: flags.family,
      as: flags.as,
      country: flags.country,
      delay: { mode: flags.delay, meanUs: Math.round((flags['delay-mean'] ?? DEFAULT_DELAY_MS) * 1000) },
      validFrom,
      validUntil: validFrom + Math.ceil((flags.valid ?? DEFAULT_VALID_MS) / 1000),
    },
    identity.sign,
  )
}

/** Seconds. */
export function epochLengthOf(flags: { readonly 'epoch-length'?: number | undefined }): number {
  const ms = flags['epoch-length'] ?? DEFAULT_EPOCH_LENGTH_S * 1000
  if (ms < 1000 || ms % 1000 !== 0) throw new AivError('E_USAGE', 'an epoch lasts a whole number of seconds')
  return ms / 1000
}

function mixKeyOf(text: string, present: number): MixKeyEntry {
  const [, epoch, key] = MIX_KEY.exec(text) ?? []
  if (key === undefined)
    throw new AivError('E_USAGE', '--mix-key is no public key of 32 bytes in hexadecimal, nor EPOCH:KEY')
  return {
    epoch: epoch === undefined ? present : Number(epoch),
    publicKey: parseHexValue(key, '--mix-key', KEY_BYTES),
  }
}
