/** Making SURBs and reading what came by them. */
import { AivError, toHex } from '../../../core/index.ts'
import { erase, systemRandom } from '../../../crypto/index.ts'
import { destroyFile, loadSurbKeys, parseRecipient, pathHops, saveSurbKeys } from '../../../mix/index.ts'
import {
  createSurb,
  type Geometry,
  openSurbReply,
  PAYLOAD_TAG_BYTES,
  SURB_ID_BYTES,
} from '../../../sphinx/index.ts'
import type { Output } from '../../output.ts'
import { type BytesOutput, giveBytes, type OutputFlags, readBytes } from './bytes.ts'
import { readPath } from './creation.ts'
import { framedPayload } from './unwrapped.ts'

export interface NewSurbFlags {
  readonly path: string
  readonly recipient: string
  readonly keys: string
}

/**
 * The SURB; its keys are in their file before anybody can use it.
 * @throws AivError `E_INPUT` when the file of the keys exists or the path does not fit, `E_USAGE`, `E_IO`
 */
export async function makeSurb(geometry: Geometry, flags: NewSurbFlags): Promise<BytesOutput> {
  const surbId = systemRandom.bytes(SURB_ID_BYTES)
  const hops = pathHops(await readPath(flags.path), [
    { type: 'recipient', id: parseRecipient(flags.recipient) },
    { type: 'surb-reply', id: surbId },
  ])
  const { surb, keys } = createSurb(geometry, hops, systemRandom)
  try {
    await saveSurbKeys(flags.keys, { geometry, surbId, keys }, systemRandom)
  } finally {
    erase(keys)
  }
  return {
    bytes: surb,
    document: { surb_id: surbId, first_hop: hops[0]?.id, keys: flags.keys, surb },
    text: `SURB ${toHex(surbId)}, ${surb.length} bytes; its keys are in ${flags.keys}`,
  }
}

export interface OpenReplyFlags extends OutputFlags {
  readonly keys: string
  readonly keep?: boolean
  readonly raw?: boolean
}

/**
 * Prints the answer, and then destroys its keys: keys that were gone before could lose it.
 * @throws AivError `E_AUTHENTICATION` when it is no answer to this SURB, `E_KEY_FILE`, `E_INPUT`, `E_IO`
 */
export async function openReply(out: Output, path: string | undefined, flags: OpenReplyFlags): Promise<void> {
  const { geometry, surbId, keys } = await loadSurbKeys(flags.keys)
  const sealed = await readBytes(path, geometry.payloadBytes + PAYLOAD_TAG_BYTES)
  const payload = openSurbReply(geometry, keys, sealed)
  erase(keys)
  if (payload === undefined)
    throw new AivError('E_AUTHENTICATION', 'this is no answer to the SURB, or it was touched on its way', {
      hint: 'The keys are kept: the answer may still come.',
    })
  const framed = framedPayload(geometry, payload, flags.raw === true)
  await giveBytes(out, flags, { ...framed, document: { surb_id: surbId, ...framed.document } })
  if (flags.keep !== true) await destroyFile(flags.keys)
}
