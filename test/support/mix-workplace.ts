/** What the examples of packets by hand need around them: three hops, a path, a packet on its way, a SURB and an answer. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import {
  encodePathFile,
  encodePayload,
  nodeIdOf,
  parseRecipient,
  pathHops,
  saveMixKey,
  saveSurbKeys,
} from '../../src/lib/mix/index.ts'
import {
  createPacket,
  createSurb,
  MixKey,
  makeGeometry,
  packetFromSurb,
  SURB_ID_BYTES,
  unwrap,
} from '../../src/lib/sphinx/index.ts'
import type { Workplace } from './shell.ts'

const DELAY_MS = 33

/** `hop1.json` to `hop3.json`, `path.json`, `message.txt`, `packet.bin`, `surb.bin`, `keys.json`, `reply-payload.bin`. */
export async function prepareMixPackets({ folder }: Workplace): Promise<undefined> {
  const geometry = makeGeometry()
  const write = (name: string, content: Uint8Array): void => writeFileSync(join(folder, name), content)
  const keys = [MixKey.generate(), MixKey.generate(), MixKey.generate()]
  const entries = keys.map(({ publicKey }, i) => ({
    id: nodeIdOf(publicKey),
    publicKey,
    ...(i < keys.length - 1 ? { delayMs: DELAY_MS } : {}),
  }))
  for (const [i, key] of keys.entries())
    await saveMixKey(join(folder, `hop${i + 1}.json`), nodeIdOf(key.publicKey), key)
  write('path.json', encodePathFile(entries))
  write('message.txt', utf8('hello from afar\n'))

  const payload = encodePayload(geometry, { body: utf8('hello from afar\n') })
  const forward = pathHops(entries, [{ type: 'recipient', id: parseRecipient('alice') }])
  write('packet.bin', createPacket(geometry, forward, payload, systemRandom))

  const surbId = systemRandom.bytes(SURB_ID_BYTES)
  const recipient = { type: 'recipient', id: parseRecipient('bob') } as const
  const back = pathHops(entries, [recipient, { type: 'surb-reply', id: surbId }])
  const { surb, keys: surbKeys } = createSurb(geometry, back, systemRandom)
  write('surb.bin', surb)
  await saveSurbKeys(join(folder, 'keys.json'), { geometry, surbId, keys: surbKeys }, systemRandom)
  let { packet } = packetFromSurb(geometry, surb, payload)
  for (const key of keys) {
    const unwrapped = unwrap(geometry, key, packet)
    if (unwrapped.kind === 'forward') packet = unwrapped.packet
    else if (unwrapped.kind === 'reply') write('reply-payload.bin', unwrapped.payload)
    else throw new Error(`the packet ended as ${unwrapped.kind}`)
  }
}

/** The same, where the keys of the SURB are still to be made. */
export async function prepareNewSurb(workplace: Workplace): Promise<undefined> {
  await prepareMixPackets(workplace)
  rmSync(join(workplace.folder, 'keys.json'))
}
