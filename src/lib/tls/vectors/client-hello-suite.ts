/**
 * The suite `clienthello`: captured hellos, as records, as hexadecimal or in a capture. Each is read, written again
 * byte for byte, and compared with a second reading that shares no code with the first. Or a document of what others
 * have read in hellos that lie beside it, judged field by field.
 */
import {
  equal,
  type RawVectorFile,
  type RawVectorSuite,
  runVectorChecks,
  type SuiteResult,
  type VectorCheck,
} from '../../core/index.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { encodeClientHello } from '../hello/client-hello.ts'
import { findHellos } from '../observe/find/find-hellos.ts'
import type { FoundHello } from '../observe/find/found-hello.ts'
import { type Fields, failing, parseDocumentText, skipped } from './documents.ts'
import { FIELD_FORMS } from './hello-fields.ts'
import { rowChecks } from './published-rows.ts'
import { firstMessageOf, readAgain } from './second-reading.ts'

const SUITE = 'clienthello'
/** No capture and no message begins with it. */
const OPENING_BRACE = 0x7b

type ClientFound = FoundHello & { readonly kind: 'client' }

export const clientHelloSuite: RawVectorSuite = {
  name: SUITE,
  isRaw: true,
  run: async (file: RawVectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, await checksOf(file)),
}

async function checksOf(file: RawVectorFile): Promise<Iterable<VectorCheck>> {
  return file.bytes[0] === OPENING_BRACE ? await documentChecks(file) : await capturedChecks(file)
}

async function documentChecks(file: RawVectorFile): Promise<Iterable<VectorCheck>> {
  try {
    return rowChecks((await parseDocumentText(file.bytes)) as Fields, file, FIELD_FORMS)
  } catch (error) {
    return [failing('file', error)]
  }
}

async function capturedChecks({ bytes }: RawVectorFile): Promise<readonly VectorCheck[]> {
  const checks: VectorCheck[] = []
  let hellos = 0
  const onHello = (found: FoundHello): void => {
    if (found.kind === 'client') checks.push(...helloChecks(found, ++hellos, bytes))
  }
  try {
    const { format, isCut, skipped: passedOver } = await findHellos(once(bytes), { onHello })
    if (isCut) checks.push(skipped('file', 'the capture is cut'))
    for (const { reason, count, firstPacket } of passedOver)
      checks.push(
        (reason === 'malformed-hello' ? failing : skipped)(
          `packet ${firstPacket}`,
          `${reason}, ${count} in all`,
        ),
      )
    if (hellos === 0) checks.push(skipped('file', `these ${format} hold no hello of a client`))
  } catch (error) {
    checks.push(failing('file', error))
  }
  return checks
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

function helloChecks(found: ClientFound, number: number, file: Uint8Array): readonly VectorCheck[] {
  const id = `hello ${number}${found.packet === undefined ? '' : ` in packet ${found.packet}`}`
  const { message } = found
  const checks: VectorCheck[] = [
    { id: `${id} written again`, run: () => expectRoundTrip(found) },
    { id: `${id} lengths`, run: () => expectSameParts(found) },
  ]
  // What a file of records begins with can be cut out by hand; from captures it cannot.
  if (number === 1 && found.packet === undefined && file[0] === 22)
    checks.push({
      id: `${id} cut out`,
      run() {
        const byHand = firstMessageOf(file)
        if (byHand !== undefined && !equal(byHand, message))
          throw new Error(`the records hold a message of ${byHand.length} bytes, ${message.length} were read`)
      },
    })
  return checks
}

function expectRoundTrip({ hello, message }: ClientFound): void {
  const body = message.subarray(HANDSHAKE_HEADER_BYTES)
  const again = encodeClientHello(hello)
  const at = body.findIndex((byte, index) => byte !== again[index])
  if (at >= 0 || again.length !== body.length)
    throw new Error(
      `written again it has ${again.length} bytes of ${body.length}, the first other one at ${at}`,
    )
}

function expectSameParts({ hello, message, transport }: ClientFound): void {
  const { sessionIdBytes, cookieBytes, cipherSuites, compressionMethods, extensions } = readAgain(
    message,
    transport === 'dtls',
  )
  const parts = (...lengths: readonly (number | undefined)[]): string =>
    lengths.map((n) => n ?? '-').join(' ')
  const types = hello.extensions?.map(({ type, body }) => `${type}:${body.length}`)
  for (const [what, first, second] of [
    [
      'session id, cookie, cipher suites and compression methods',
      parts(
        hello.sessionId.length,
        hello.cookie?.length,
        hello.cipherSuites.length,
        hello.compressionMethods.length,
      ),
      parts(sessionIdBytes, cookieBytes, cipherSuites, compressionMethods),
    ],
    ['extensions', types?.join(' ') ?? 'none', extensions?.join(' ') ?? 'none'],
  ] as const)
    if (first !== second)
      throw new Error(`${what} are ${first} in the first reading and ${second} in the second`)
}
