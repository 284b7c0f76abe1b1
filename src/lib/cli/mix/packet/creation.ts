/** What `mix packet new`, `mix surb new` and `mix surb use` read: paths, payloads and SURBs. */
import { AivError } from '../../../core/index.ts'
import {
  bodyRoom,
  encodePayload,
  MAX_PATH_FILE_BYTES,
  type PathEntry,
  parsePathFile,
} from '../../../mix/index.ts'
import type { Geometry } from '../../../sphinx/index.ts'
import { readInput } from '../../io/input.ts'
import { MAX_INPUT_BYTES, readBytes } from './bytes.ts'

/** @throws AivError `E_INPUT` when it cannot be read or is no path */
export async function readPath(path: string): Promise<PathEntry[]> {
  return parsePathFile(await readInput(path, { maxBytes: MAX_PATH_FILE_BYTES }))
}

export interface PayloadFlags {
  readonly raw?: boolean
  /** File with a SURB that travels along, for the answer. */
  readonly surb?: string | undefined
}

/**
 * The payload of a packet from a file or stdin.
 * @throws AivError `E_TOO_LARGE` when it does not fit, `E_INPUT`, `E_USAGE`
 */
export async function readPayload(
  geometry: Geometry,
  path: string | undefined,
  flags: PayloadFlags,
): Promise<Uint8Array> {
  const { payloadBytes } = geometry
  if (flags.raw === true) {
    if (flags.surb !== undefined)
      throw new AivError('E_USAGE', 'a raw payload has no place for a SURB', {
        hint: 'Leave one of them out.',
      })
    const raw = await readInput(path, { maxBytes: MAX_INPUT_BYTES })
    if (raw.length === payloadBytes) return raw
    throw new AivError('E_INPUT', `the payload has ${raw.length} bytes, a raw one has ${payloadBytes}`)
  }
  const surb = flags.surb === undefined ? undefined : await readSurb(geometry, flags.surb)
  const room = bodyRoom(geometry)
  const body = await readInput(path, { maxBytes: MAX_INPUT_BYTES })
  if (body.length <= room) return encodePayload(geometry, surb === undefined ? { body } : { surb, body })
  throw new AivError(
    'E_TOO_LARGE',
    `the payload has ${body.length} bytes, these packets have room for ${room}`,
    {
      hint: 'Shorten it, use larger packets with --packet-bytes, or --raw, which has no frame.',
    },
  )
}

/** @throws AivError `E_INPUT` unless it is as long as the SURBs of these packets */
export async function readSurb({ surbBytes }: Geometry, path: string): Promise<Uint8Array> {
  const surb = await readBytes(path, surbBytes)
  if (surb.length === surbBytes) return surb
  throw new AivError(
    'E_INPUT',
    `${path} is no SURB of these packets: it has ${surb.length} bytes, not ${surbBytes}`,
    {
      hint: 'Give the --format, --hops and --packet-bytes with which it was made.',
    },
  )
}
