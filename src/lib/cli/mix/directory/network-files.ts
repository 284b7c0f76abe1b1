/** The files that authorities of a network share: the keys of each, and the network of all. */
import { AivError, isAivError } from '../../../core/index.ts'
import {
  type Authority,
  type AuthorityNetwork,
  documentJson,
  FieldReader,
  networkFields,
  parseNetwork,
} from '../../../mix/index.ts'
import { readInput } from '../../io/input.ts'
import { jsonDocument } from '../json-document.ts'
import { type AssembleFlags, rulesOf } from './assemble.ts'
import { epochLengthOf } from './descriptor.ts'

const FILE_MOST = 65_536
const KEY_BYTES = 32
const URL = /^https?:\/\/[!-~]{1,500}$/

/** @throws AivError `E_INPUT` */
export async function readNetwork(path: string): Promise<AuthorityNetwork> {
  return parseNetwork(await readInput(path, { maxBytes: FILE_MOST }))
}

/**
 * What `directory keys --json` printed.
 * @throws AivError `E_INPUT`
 */
export async function readAuthority(path: string): Promise<Authority> {
  try {
    const reader = new FieldReader(
      jsonDocument(await readInput(path, { maxBytes: FILE_MOST })),
      'json',
      'the file',
    )
    return {
      identityKey: reader.bytes('identity_key', KEY_BYTES),
      sharingKey: reader.bytes('sharing_key', KEY_BYTES),
      url: reader.text('url', URL),
    }
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw new AivError('E_INPUT', `${path} does not hold the keys of an authority: ${error.message}`, {
      hint: 'It is what aiv mix directory keys --url URL --json prints.',
      cause: error,
    })
  }
}

/**
 * The text of a network's file.
 * @throws AivError `E_INPUT` for what could not work, `E_USAGE` for impossible packets
 */
export function networkText(
  authorities: readonly Authority[],
  flags: AssembleFlags & { readonly threshold?: number | undefined; readonly active: number },
): { readonly text: string; readonly network: AuthorityNetwork } {
  const network = {
    authorities,
    threshold: flags.threshold ?? Math.floor((2 * authorities.length) / 3) + 1,
    epochLengthS: epochLengthOf(flags),
    ...rulesOf(flags, flags.active),
  }
  const text = documentJson(networkFields(network))
  return { text, network: parseNetwork(new TextEncoder().encode(text)) }
}
