/** The suite `ech`: captured hellos with ECH, with the key that opens them; and vectors of HPKE, which seals them. */
import {
  concat,
  fromHex,
  isAivError,
  type RawVectorFile,
  type RawVectorSuite,
  runVectorChecks,
  type SuiteResult,
  toHex,
  type VectorCheck,
} from '../../core/index.ts'
import { X25519_BYTES } from '../../crypto/index.ts'
import { encodeEchConfigList, type ListedConfig, parseEchConfigList } from '../ech/ech-config.ts'
import { openHello } from '../ech/open-hello.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { HelloStream } from '../hello/hello-stream.ts'
import { expectSame, failing, isFields, parseDocumentText } from './documents.ts'
import { hpkeChecks } from './hpke-vectors.ts'

const SUITE = 'ech'
const LIST = 'ech-configlist.bin'
/** Pairs of files beside one key. */
const HELLOS_MOST = 1_000

export const echSuite: RawVectorSuite = {
  name: SUITE,
  isRaw: true,
  run: async (file: RawVectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, await checksOf(file)),
}

async function checksOf(file: RawVectorFile): Promise<readonly VectorCheck[]> {
  try {
    const document = await parseDocumentText(file.bytes)
    if (Array.isArray(document)) return hpkeChecks(document)
    const privateKey = keyOf(document)
    const list = await bytesBeside(file, LIST)
    const configs = parseEchConfigList(list)
    const same: VectorCheck = {
      id: LIST,
      run: () => expectSame(toHex(encodeEchConfigList(configs)), toHex(list)),
    }
    return [same, ...(await helloChecks(file, privateKey, configs))]
  } catch (error) {
    return [failing('file', error)]
  }
}

function keyOf(document: unknown): Uint8Array {
  if (!isFields(document) || typeof document.d !== 'string') throw new Error('the file has no key `d`')
  const key = fromHex(document.d)
  if (key.length !== X25519_BYTES) throw new Error(`the key has ${key.length} bytes`)
  return key
}

async function helloChecks(
  file: RawVectorFile,
  privateKey: Uint8Array,
  configs: readonly ListedConfig[],
): Promise<readonly VectorCheck[]> {
  const checks: VectorCheck[] = []
  for (let number = 1; number <= HELLOS_MOST; number++) {
    const name = `raw-${number}.bin`
    const record = await bytesBeside(file, name).catch(absent)
    if (record === undefined) break
    const inner = await bytesBeside(file, `inner-${number}.bin`).catch(absent)
    checks.push(
      inner === undefined
        ? failing(name, new Error(`there is no inner-${number}.bin`))
        : { id: name, run: async () => await judgeHello(record, inner, privateKey, configs) },
    )
  }
  return checks
}

async function judgeHello(
  record: Uint8Array,
  inner: Uint8Array,
  privateKey: Uint8Array,
  configs: readonly ListedConfig[],
): Promise<void> {
  const [message] = new HelloStream().push(record)
  if (message === undefined) throw new Error('there is no hello in it')
  const opened = await openHello(message.subarray(HANDSHAKE_HEADER_BYTES), privateKey, configs)
  if (opened === undefined) throw new Error('the key does not open it')
  expectSame(toHex(opened.encoded), toHex(inner))
}

async function bytesBeside(file: RawVectorFile, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of file.beside([name])) parts.push(part)
  return concat(...parts)
}

function absent(error: unknown): undefined {
  if (isAivError(error, 'E_INPUT')) return undefined
  throw error
}
