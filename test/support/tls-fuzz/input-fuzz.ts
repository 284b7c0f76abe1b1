/** Hostile input that is no capture: bytes of a connection, and what people paste as hexadecimal. */
import { concat, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { findHellos } from '../../../src/lib/tls/index.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail, inPieces } from './corruption.ts'
import { inRecords, plausibleHello, plausibleServerHello } from './material.ts'

export async function fuzzInput(seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  const hello = random.chance(0.8) ? plausibleHello(random) : plausibleServerHello(random)
  const bytes = random.chance(0.3) ? hello : inRecords(random, hello)
  const isHonest = random.chance(0.2)
  const sent = isHonest ? bytes : corrupt(random, bytes)
  const plain = await said(random, sent)
  const text = asHex(random, sent)
  // Bytes that happen to be text of digits are read as such; a dump of them is not.
  if (!isHexText(sent) && (await said(random, text)) !== plain)
    fail('hexadecimal that is read differently', sent)
  if (isHonest && plain !== toHex(hello)) fail('a hello that was lost', sent)
  await said(random, random.chance(0.5) ? corrupt(random, text) : random.bytes(random.below(60)))
}

/** The hellos that are found, or why there are none. */
async function said(random: SeededRandom, input: Uint8Array): Promise<string> {
  const found: string[] = []
  const pieces = inPieces(random, input)
  try {
    await findHellos(
      (async function* () {
        yield* pieces
      })(),
      { onHello: ({ message }) => found.push(toHex(message)) },
    )
  } catch (error) {
    return codeOf(error, ['E_MALFORMED', 'E_TOO_LARGE', 'E_UNSUPPORTED'], input)
  }
  return found.join(' ')
}

/** As dumps are written: with spaces, colons, line ends, capitals or a prefix. */
function asHex(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const between = pickOne(random, ['', ' ', ':', '\n', '  \t'])
  const digits = (toHex(bytes).match(/../g) ?? []).join(between)
  const cased = random.chance(0.3) ? digits.toUpperCase() : digits
  const prefix = random.chance(0.2) && cased !== '' ? '0x' : ''
  return concat(utf8(prefix + cased), utf8(random.chance(0.5) ? '\n' : ''))
}

function isHexText(bytes: Uint8Array): boolean {
  return /^\s*(?:0x)?[0-9a-fA-F\s:]*$/.test(Buffer.from(bytes).toString('latin1'))
}
