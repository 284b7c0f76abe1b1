/** Packets and payloads in and out: binary on pipes and in files, hexadecimal for people. */
import { AivError, fromHex, latin1, toHex, utf8 } from '../../../core/index.ts'
import type { Geometry } from '../../../sphinx/index.ts'
import { readInput } from '../../io/input.ts'
import { writeOut } from '../../io/write-out.ts'
import type { Fields, Output } from '../../output.ts'

/** A packet has at most 1 MiB, twice as much in hexadecimal. */
export const MAX_INPUT_BYTES = 4 * 2 ** 20
const HEX = /^\s*(?:[0-9a-fA-F]{2})+\s*$/

/**
 * Bytes of known length from a file or stdin, as they are or as hexadecimal. What has neither length is given as it is.
 * @throws AivError as `readInput`
 */
export async function readBytes(path: string | undefined, length: number): Promise<Uint8Array> {
  const input = await readInput(path, { maxBytes: MAX_INPUT_BYTES })
  if (input.length === length) return input
  const text = latin1(input)
  return HEX.test(text) ? fromHex(text.trim()) : input
}

/** @throws AivError `E_INPUT` when it is no packet of this geometry, and as `readInput` */
export async function readPacket(path: string | undefined, { packetBytes }: Geometry): Promise<Uint8Array> {
  const packet = await readBytes(path, packetBytes)
  if (packet.length === packetBytes) return packet
  throw new AivError('E_INPUT', `the input has ${packet.length} bytes, these packets have ${packetBytes}`, {
    hint: 'Give the --format, --hops and --packet-bytes of the network.',
  })
}

export interface BytesOutput {
  readonly bytes: Uint8Array
  /** About them: with `--json` the whole answer. */
  readonly document: Fields
  /** The same for people, on stderr where the bytes go to stdout. */
  readonly text: string
}

export interface OutputFlags {
  readonly out?: string | undefined
  readonly hex?: boolean
}

/**
 * Resolves when the file or the system has the bytes.
 * @throws AivError `E_IO`
 */
export async function giveBytes(out: Output, flags: OutputFlags, given: BytesOutput): Promise<void> {
  const { bytes, document, text } = given
  if (flags.out !== undefined) await writeOut(flags.out, flags.hex === true ? `${toHex(bytes)}\n` : bytes)
  if (out.isJson) return out.json(document)
  if (flags.out !== undefined) return out.text(text)
  out.note(text)
  const asHex = flags.hex === true || process.stdout.isTTY === true
  await written(asHex ? utf8(`${toHex(bytes)}\n`) : bytes)
}

/** A packet and where it goes. */
export async function givePacket(
  out: Output,
  flags: OutputFlags,
  packet: Uint8Array,
  firstHop: Uint8Array,
): Promise<void> {
  await giveBytes(out, flags, {
    bytes: packet,
    document: { first_hop: firstHop, packet_bytes: packet.length, packet },
    text: `${packet.length} bytes for ${toHex(firstHop)}`,
  })
}

function written(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
