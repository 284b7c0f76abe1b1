/**
 * The suite `ja4`: published JA4 values of captures. They are judged by the document of JA4; where a published value
 * is known to disagree with the document, the value that the document gives is judged, and a note says so.
 */
import {
  type RawVectorFile,
  type RawVectorSuite,
  runVectorChecks,
  type SuiteResult,
  toHex,
  type VectorCheck,
} from '../../core/index.ts'
import { type Ja4, ja4 } from '../fingerprint/ja4.ts'
import type { ClientHello } from '../hello/client-hello.ts'
import { alpnProtocols, serverName } from '../hello/extensions.ts'
import type { FoundHello } from '../observe/find/found-hello.ts'
import { expectSame, failing, isFields, parseDocumentText } from './documents.ts'
import { type JudgedForms, type JudgeValue, rowChecks } from './published-rows.ts'

const SUITE = 'ja4'

/** Where the mark of the ALPN value stands, and what some programs write there instead of hexadecimal. */
const ALPN_MARK = { at: 8, end: 10 } as const
const NINES = '99'

export const ja4Suite: RawVectorSuite = {
  name: SUITE,
  isRaw: true,
  run: async (file: RawVectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, await checksOf(file)),
}

async function checksOf(file: RawVectorFile): Promise<Iterable<VectorCheck>> {
  try {
    const document = await parseDocumentText(file.bytes)
    if (!isFields(document)) throw new Error('the file has no list of hellos for each capture')
    return rowChecks(document, file, FORMS)
  } catch (error) {
    return [failing('file', error)]
  }
}

const FORMS: JudgedForms = {
  sni: { kind: 'client', judge: judgeName },
  ja4: { kind: 'client', judge: judgeForm((forms) => forms.ja4) },
  ja4_r: { kind: 'client', judge: judgeForm((forms) => forms.raw) },
  ja4_o: { kind: 'client', judge: judgeForm((forms) => forms.original) },
  ja4_ro: { kind: 'client', judge: judgeForm((forms) => forms.originalRaw) },
}

function judgeName(found: FoundHello, published: unknown): void {
  const name = found.kind === 'client' ? serverName(found.hello) : undefined
  expectSame(name && Buffer.from(name).toString('latin1'), published)
}

function judgeForm(form: (forms: Ja4) => string): JudgeValue {
  return (found, value, note) => {
    if (found.kind !== 'client') return
    const published = String(value)
    const documented = byDocument(published, found.hello)
    expectSame(form(ja4(found.hello, found.transport)), documented)
    if (documented !== published)
      note(
        `the published ${head(published)} has ${NINES} for an ALPN value that does not begin and end with a letter ` +
          `or digit; judged was what JA4.md says: ${head(documented)}`,
      )
  }
}

function head(value: string): string {
  return value.slice(0, ALPN_MARK.end)
}

/** The published value, with the mark that the document gives where nines stand for bytes that are no characters. */
function byDocument(published: string, hello: ClientHello): string {
  const name = Buffer.from(alpnProtocols(hello)[0] ?? [])
  const isText = /^[0-9A-Za-z](.*[0-9A-Za-z])?$/s.test(name.toString('latin1'))
  if (published.slice(ALPN_MARK.at, ALPN_MARK.end) !== NINES || name.length === 0 || isText) return published
  const digits = toHex(name)
  return published.slice(0, ALPN_MARK.at) + digits.at(0) + digits.at(-1) + published.slice(ALPN_MARK.end)
}
