/** Measurements of reading: whole captures, and hellos alone. */
import { AivError } from '../../../core/index.ts'
import { matchHello } from '../../browser/match/match-hello.ts'
import { HelloStream } from '../../hello/hello-stream.ts'
import { type FoundHello, readHello } from '../../observe/find/found-hello.ts'
import { HELLO_ROUNDS, HELLOS, MEGABYTE } from '../constants.ts'
import type { Measurement } from '../measurement.ts'
import { clientRecords, SAMPLE_JA4, sampleTemplate } from '../sample-hellos.ts'
import { inPieces } from './capture.ts'
import { fingerprintsOf, readWhole } from './work.ts'

const MS_PER_SECOND = 1_000
const HELLOS_SEED = 0x68656c6c

export const captureRate: Measurement = {
  name: 'fingerprint.pcap',
  unit: 'MB/s',
  processes: 1,
  quote: 'p50',
  async start({ capture, clock, signal }) {
    const made = capture()
    const { bytes, packets, clientHellos, serverHellos } = made
    await readWhole(inPieces(bytes), made, signal)
    return async () => {
      const startedAt = clock.now()
      await readWhole(inPieces(bytes), made, signal)
      const seconds = (clock.now() - startedAt) / MS_PER_SECOND
      return {
        values: [bytes.length / MEGABYTE / seconds],
        bytes: bytes.length,
        fields: { packets, clientHellos, serverHellos },
      }
    }
  },
}

/** Each from its record to JA3, JA3N and JA4. */
export const helloRate: Measurement = rateOf('fingerprint.hellos', (found) => {
  const print = fingerprintsOf(found)
  return print === SAMPLE_JA4 ? undefined : `the fingerprint ${print}`
})

/** Each from its record to the versions of the browser. */
export const matchRate: Measurement = rateOf('match.hellos', ({ kind, hello }) => {
  const match = kind === 'client' ? matchHello(hello, 'tcp') : undefined
  const isNamed = match?.verdict === 'match' && match.templates.includes(sampleTemplate().id)
  return isNamed ? undefined : `the answer ${match?.verdict}`
})

/** @param wrong what is wrong with the result, if anything */
function rateOf(name: string, wrong: (found: FoundHello) => string | undefined): Measurement {
  return {
    name,
    unit: 'hellos/s',
    processes: 1,
    quote: 'p50',
    async start({ clock }) {
      const records = clientRecords(HELLOS, HELLOS_SEED)
      const read = (): void => {
        for (const record of records) {
          const fault = wrong(helloIn(record))
          if (fault !== undefined) throw new AivError('E_INTERNAL', `a hello got ${fault}`)
        }
      }
      read()
      return async () => {
        const startedAt = clock.now()
        for (let round = 0; round < HELLO_ROUNDS; round++) read()
        const seconds = (clock.now() - startedAt) / MS_PER_SECOND
        return { values: [(HELLOS * HELLO_ROUNDS) / seconds], fields: { hellos: HELLOS * HELLO_ROUNDS } }
      }
    },
  }
}

function helloIn(record: Uint8Array): FoundHello {
  const [message] = new HelloStream().push(record)
  const found = message === undefined ? undefined : readHello(message, 'tcp', {})
  if (found === undefined) throw new AivError('E_INTERNAL', 'a hello was not found in its record')
  return found
}
