/**
 * The suite `ja3`: published JA3, JA3N and JA3S values. They are of a capture beside the file, of a hello in
 * hexadecimal, or of fields alone; the last judge what becomes of fields, not how they are read from a real hello.
 */
import {
  fromHex,
  type RawVectorFile,
  type RawVectorSuite,
  runVectorChecks,
  type SuiteResult,
  type VectorCheck,
} from '../../core/index.ts'
import { ja3, ja3n, ja3s } from '../fingerprint/ja3.ts'
import { type ClientHello, parseClientHello } from '../hello/client-hello.ts'
import { findHellos } from '../observe/find/find-hellos.ts'
import type { FoundHello } from '../observe/find/found-hello.ts'
import { expectSame, type Fields, failing, isFields, parseDocumentText, skipped } from './documents.ts'
import { helloFromJa3 } from './ja3-fields.ts'
import { type JudgedForms, rowChecks } from './published-rows.ts'

const SUITE = 'ja3'

const CLIENT_FORMS: Readonly<Record<string, (hello: ClientHello) => string>> = {
  ja3: (hello) => ja3(hello).text,
  ja3_hash: (hello) => ja3(hello).hash,
  ja3n: (hello) => ja3n(hello).text,
  ja3n_hash: (hello) => ja3n(hello).hash,
}

const FORMS: JudgedForms = Object.fromEntries([
  ...Object.entries(CLIENT_FORMS).map(
    ([form, compute]) =>
      [
        form,
        {
          kind: 'client' as const,
          judge: (found: FoundHello, published: unknown) =>
            expectSame(found.kind === 'client' ? compute(found.hello) : undefined, published),
        },
      ] as const,
  ),
  ...(['text', 'hash'] as const).map(
    (part) =>
      [
        part === 'text' ? 'ja3s' : 'ja3s_hash',
        {
          kind: 'server' as const,
          judge: (found: FoundHello, published: unknown) =>
            expectSame(found.kind === 'server' ? ja3s(found.hello)[part] : undefined, published),
        },
      ] as const,
  ),
])

export const ja3Suite: RawVectorSuite = {
  name: SUITE,
  isRaw: true,
  run: async (file: RawVectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, await checksOf(file)),
}

async function checksOf(file: RawVectorFile): Promise<Iterable<VectorCheck>> {
  try {
    const document = await parseDocumentText(file.bytes)
    const list = isFields(document) ? document.vectors : document
    if (Array.isArray(list)) return list.flatMap((value, index) => vectorChecks(value, index))
    if (!isFields(document)) throw new Error('the file holds no vectors')
    return isFields(document.signature) ? signatureChecks(document) : rowChecks(document, file, FORMS)
  } catch (error) {
    return [failing('file', error)]
  }
}

/** A hello in hexadecimal with its values, or a `ja3` with its hashes. */
function vectorChecks(value: unknown, index: number): readonly VectorCheck[] {
  if (!isFields(value)) return [failing(`#${index}`, 'not an object')]
  const id = typeof value.id === 'string' ? value.id : `#${index}`
  const { hello } = value
  const forms = Object.keys(FORMS).filter((form) => value[form] !== undefined)
  if (forms.length === 0) return [failing(id, `none of ${Object.keys(FORMS).join(', ')} is published here`)]
  if (typeof hello === 'string') return helloChecks(id, hello, value, forms)
  return typeof value.ja3 === 'string'
    ? fieldChecks(id, value.ja3, value)
    : [failing(id, 'neither a hello nor a ja3 to compute from')]
}

function helloChecks(
  id: string,
  hex: string,
  value: Fields,
  forms: readonly string[],
): readonly VectorCheck[] {
  return forms.map((form) => ({
    id: `${id} ${form}`,
    async run(note) {
      const { kind, judge } = FORMS[form] as JudgedForms[string]
      const found = (await hellosIn(hex)).find((hello) => hello.kind === kind)
      if (found === undefined) throw new Error(`the hello is not one of a ${kind}`)
      judge(found, value[form], note)
    },
  }))
}

async function hellosIn(hex: string): Promise<readonly FoundHello[]> {
  const found: FoundHello[] = []
  const bytes = fromHex(hex)
  await findHellos(
    (async function* () {
      yield bytes
    })(),
    { onHello: (hello) => found.push(hello) },
  )
  return found
}

/** Values without their hello: one with these fields is made, with GREASE, and read. */
function fieldChecks(id: string, text: string, published: Fields): readonly VectorCheck[] {
  return Object.entries(CLIENT_FORMS)
    .filter(([form]) => published[form] !== undefined)
    .map(([form, compute]) => ({
      id: `${id} ${form} from fields`,
      run: () => expectSame(compute(parseClientHello(helloFromJa3(text))), String(published[form])),
    }))
}

/** What other services said of a browser, in a file of curl-impersonate's signatures. */
function signatureChecks({ third_party: values, browser }: Fields): readonly VectorCheck[] {
  const { name, version } = isFields(browser) ? browser : {}
  const id = `${name} ${version}`
  if (!isFields(values) || typeof values.ja3_text !== 'string')
    return [skipped(id, 'nobody has published a JA3 in this signature')]
  const { ja3_text, ja3_hash, ja3n_text, ja3n_hash } = values
  return fieldChecks(id, ja3_text, { ja3: ja3_text, ja3_hash, ja3n: ja3n_text, ja3n_hash })
}
