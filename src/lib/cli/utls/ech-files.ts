/** ECH configurations and keys, as a user names them. */
import { existsSync } from 'node:fs'
import { AivError, fromHex, fromUtf8, isAivError, utf8 } from '../../core/index.ts'
import { erase, systemRandom } from '../../crypto/index.ts'
import { createFileAtomically, readBounded } from '../../identity/index.ts'
import { type ListedConfig, type NewEchKey, parseEchConfigList, parseEchKeyFile } from '../../tls/index.ts'
import { readInput } from '../io/input.ts'

/** The longest list has 65,537 bytes, and a third more in base64. */
const FILE_MOST = 131_072
/** Bits of a file mode for others than the owner. */
const OTHERS = 0o077
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const HEX = /^(?:[0-9a-f]{2})+$/i

/**
 * @param named a file with PEM, base64, hexadecimal or the bytes of a list, `-` for stdin, or the list itself in base64 or
 *   hexadecimal
 * @throws AivError `E_INPUT`, `E_MALFORMED`, `E_KEY_FILE`, `E_TOO_LARGE`
 */
export async function readEchConfigs(named: string): Promise<readonly ListedConfig[]> {
  if (named !== '-' && !existsSync(named)) {
    if (!BASE64.test(named))
      throw new AivError('E_INPUT', 'the ECH configuration is neither a file nor in base64', {
        hint: 'Name a file, or give the value of ech= of an HTTPS record.',
      })
    return parseEchConfigList(fromText(named))
  }
  const bytes = await readInput(named, { maxBytes: FILE_MOST })
  const text = textOf(bytes)
  if (text?.includes('-----BEGIN ') === true) {
    const { privateKey, configs } = parseEchKeyFile(text)
    erase(privateKey, bytes)
    return configs
  }
  return parseEchConfigList(text !== undefined && BASE64.test(text) ? fromText(text) : bytes)
}

export interface EchKeys {
  /** 32 bytes, to be erased. */
  readonly privateKey: Uint8Array
  readonly configs: readonly ListedConfig[]
  /** Users other than its owner may read the file. */
  readonly isOpen: boolean
}

/** @throws AivError `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_TOO_LARGE`, `E_IO` */
export async function readEchKeys(path: string): Promise<EchKeys> {
  const { bytes, mode } = await readBounded(path, FILE_MOST)
  const { privateKey, configs } = parseEchKeyFile(textOf(bytes) ?? '')
  erase(bytes)
  if (privateKey === undefined) throw new AivError('E_KEY_FILE', `${path} has no private key`)
  return { privateKey, configs, isOpen: process.platform !== 'win32' && (mode & OTHERS) !== 0 }
}

/**
 * Writes a new file that is for its owner only.
 * @throws AivError `E_INPUT` when there is one, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function writeEchKey(path: string, { file }: NewEchKey): Promise<void> {
  const content = utf8(file)
  await createFileAtomically(path, content, systemRandom).finally(() => erase(content))
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes).trim()
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}

/** Hexadecimal is base64 of something else: it is taken for itself where it says its own length. */
function fromText(text: string): Uint8Array {
  const isOwnLength = HEX.test(text) && Number.parseInt(text.slice(0, 4), 16) === text.length / 2 - 2
  return isOwnLength ? fromHex(text.toLowerCase()) : new Uint8Array(Buffer.from(text, 'base64'))
}
