/**
 * Values that somebody published for the hellos in captures, one list a capture:
 * `{"a.pcap": [{"src", "dst", "srcport", "dstport", …values}]}`, as FoxIO's tools print them. A row stands for the
 * first hello of its sender in that connection, and one without addresses for the first hello at all.
 */
import { isIPv6, SocketAddress } from 'node:net'
import type { RawVectorFile, VectorCheck } from '../../core/index.ts'
import { findHellos } from '../observe/find/find-hellos.ts'
import type { FoundHello } from '../observe/find/found-hello.ts'
import { type Fields, failing, isFields } from './documents.ts'

/** Where captures lie, unless they lie next to the vector file. */
const CAPTURE_FOLDER = 'pcap'

/** The flow of a row without addresses, as of a file that holds the bytes of one connection. */
const ANY = 'any connection'

/** Judges one published value. @throws Error when it is another one */
export type JudgeValue = (found: FoundHello, value: unknown, note: (text: string) => void) => void

/** The values that a suite knows, by the field that holds them. */
export type JudgedForms = Readonly<
  Record<string, { readonly kind: FoundHello['kind']; readonly judge: JudgeValue }>
>

interface Row {
  readonly id: string
  /** Sender and receiver, or {@link ANY}. */
  readonly flow: string
  readonly values: readonly (readonly [form: string, value: unknown])[]
}

/** One check for each value. */
export function* rowChecks(
  document: Fields,
  file: RawVectorFile,
  forms: JudgedForms,
): Generator<VectorCheck> {
  for (const [name, list] of Object.entries(document)) {
    if (!Array.isArray(list)) {
      yield failing(name, 'not a list of hellos')
      continue
    }
    const rows = list.map((value, index) => rowOf(value, `${name} #${index}`, forms))
    const wanted = new Set(rows.flatMap((row) => ('flow' in row ? [row.flow] : [])))
    // Read once for all of its values, when the first of them is judged.
    let reading: Promise<ReadonlyMap<string, FoundHello>> | undefined
    for (const row of rows) {
      if (!('flow' in row)) {
        yield row
        continue
      }
      for (const [form, value] of row.values) {
        const { kind, judge } = forms[form] as JudgedForms[string]
        yield {
          id: `${row.id} ${form}`,
          async run(note) {
            reading ??= firstHellos(file, name, wanted)
            const found = (await reading).get(`${kind} ${row.flow}`)
            if (found === undefined) throw new Error(`the capture has no hello of a ${kind} in ${row.flow}`)
            judge(found, value, note)
          },
        }
      }
    }
  }
}

function rowOf(value: unknown, id: string, forms: JudgedForms): Row | VectorCheck {
  if (!isFields(value)) return failing(id, 'not an object')
  const values = Object.keys(forms).flatMap((form) =>
    value[form] === undefined ? [] : [[form, value[form]] as const],
  )
  if (values.length === 0) return failing(id, `none of ${Object.keys(forms).join(', ')} is published here`)
  const { src, srcport, dst, dstport } = value
  if (src === undefined && dst === undefined) return { id, flow: ANY, values }
  if (typeof src !== 'string' || typeof dst !== 'string') return failing(id, 'src and dst must be text')
  if (typeof srcport !== 'number' || typeof dstport !== 'number')
    return failing(id, 'srcport and dstport must be numbers')
  const sender = endpoint(src, srcport)
  return { id: `${id} ${sender}`, flow: `${sender} to ${endpoint(dst, dstport)}`, values }
}

/** As a reading of a capture writes it. */
function endpoint(address: string, port: number): string {
  if (!isIPv6(address)) return `${address}:${port}`
  return `[${new SocketAddress({ address, family: 'ipv6' }).address}]:${port}`
}

async function firstHellos(
  file: RawVectorFile,
  name: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, FoundHello>> {
  const first = new Map<string, FoundHello>()
  const capture = file.beside([`${CAPTURE_FOLDER}/${name}`, name])
  await findHellos(capture, {
    onHello(found) {
      for (const flow of [`${found.src} to ${found.dst}`, ANY]) {
        const key = `${found.kind} ${flow}`
        if (wanted.has(flow) && !first.has(key)) first.set(key, found)
      }
    },
  })
  return first
}
