/**
 * What the maker of a SURB keeps to read the answer, in a file of mode 0600. It serves once: after the answer has been read
 * the file goes, so that whoever recorded the answer and takes the disk later cannot read it.
 */
import { open, rm, stat } from 'node:fs/promises'
import { AivError, isAivError, type RandomSource, toHex, utf8 } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { createFileAtomically, JsonFields, readBounded, refuseOpenFile } from '../../identity/index.ts'
import {
  type Geometry,
  KEM_PRFS,
  makeGeometry,
  PACKET_FORMATS,
  SPRP_KEY_MATERIAL_BYTES,
  SURB_ID_BYTES,
} from '../../sphinx/index.ts'

const TYPE = 'aiv surb keys'
const VERSION = 1
const MAX_FILE_BYTES = 16_384

export interface SurbKeys {
  readonly geometry: Geometry
  /** By which the answer names its SURB, 16 bytes. */
  readonly surbId: Uint8Array
  /** 64 bytes for each hop and 64 more. */
  readonly keys: Uint8Array
}

/** @throws AivError `E_INPUT` when the file exists; `E_NOT_FOUND`, `E_PERMISSION`, `E_IO` */
export async function saveSurbKeys(
  path: string,
  { geometry, surbId, keys }: SurbKeys,
  random: RandomSource,
): Promise<void> {
  const { format, prf, hops, packetBytes } = geometry
  const document = {
    v: VERSION,
    type: TYPE,
    geometry: { format, prf, hops, packet_bytes: packetBytes },
    surb_id: toHex(surbId),
    hops: keys.length / SPRP_KEY_MATERIAL_BYTES - 1,
    keys: toHex(keys),
  }
  const content = utf8(`${JSON.stringify(document, null, 2)}\n`)
  try {
    await createFileAtomically(path, content, random)
  } finally {
    erase(content)
  }
}

/** @throws AivError `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO` */
export async function loadSurbKeys(path: string): Promise<SurbKeys> {
  const { bytes, mode } = await readBounded(path, MAX_FILE_BYTES)
  try {
    const keys = parse(bytes)
    refuseOpenFile(path, mode)
    return keys
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED') || isAivError(error, 'E_USAGE'))
      throw new AivError('E_KEY_FILE', `${path} holds no SURB keys: ${error.message}`)
    throw error
  } finally {
    erase(bytes)
  }
}

function parse(bytes: Uint8Array): SurbKeys {
  const fields = JsonFields.ofJson(bytes)
  if (fields.text('type') !== TYPE) throw new AivError('E_MALFORMED', `its type is not "${TYPE}"`)
  const version = fields.integer('v')
  if (version !== VERSION)
    throw new AivError('E_MALFORMED', `its version is ${version}; this program knows ${VERSION}`)
  const geometry = geometryOf(new JsonFields(fields.optional('geometry')))
  const hops = fields.integer('hops')
  if (hops < 1 || hops > geometry.hops)
    throw new AivError('E_MALFORMED', `these packets have 1 to ${geometry.hops} hops`)
  const surbId = fields.bytes('surb_id', SURB_ID_BYTES)
  const keys = fields.bytes('keys', (hops + 1) * SPRP_KEY_MATERIAL_BYTES)
  fields.finish()
  return { geometry, surbId, keys }
}

function geometryOf(fields: JsonFields): Geometry {
  const format = oneOf(PACKET_FORMATS, fields.text('format'))
  const prf = oneOf(KEM_PRFS, fields.text('prf'))
  const options = { format, prf, hops: fields.integer('hops'), packetBytes: fields.integer('packet_bytes') }
  fields.finish()
  return makeGeometry(options)
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text)
  if (found === undefined) throw new AivError('E_MALFORMED', 'its geometry is of an unknown kind')
  return found
}

/**
 * Overwrites a file that must not serve twice, and removes it. A file system may keep old blocks all the same: this shortens
 * the life of the secret, and cannot promise more. What is no regular file, such as a pipe, keeps nothing.
 * @throws AivError `E_IO`
 */
export async function destroyFile(path: string): Promise<void> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return
    const file = await open(path, 'r+')
    try {
      await file.write(new Uint8Array(Math.min(found.size, MAX_FILE_BYTES)), 0, undefined, 0)
      await file.sync()
    } finally {
      await file.close()
    }
    await rm(path)
  } catch (cause) {
    throw new AivError('E_IO', `cannot remove ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'Remove it yourself: it must not be used a second time.',
    })
  }
}
