/** Connections of `aiv utls connect`: what is trusted, and what was agreed on. */
import { readFile } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'
import {
  joinRoots,
  parseRoots,
  parseSpkiPin,
  pinOfCertificate,
  systemRoots,
  type TlsConnection,
  type TrustRoots,
} from '../../tls/index.ts'
import type { Fields } from '../output.ts'

const GROUP_NAMES: ReadonlyMap<number, string> = new Map([
  [0x0017, 'secp256r1'],
  [0x0018, 'secp384r1'],
  [0x001d, 'x25519'],
  [0x11ec, 'X25519MLKEM768'],
])

export interface Trust {
  readonly roots: TrustRoots
  readonly pins: readonly Uint8Array[]
}

/** @throws AivError `E_USAGE` for a pin that is none, `E_INPUT` for a file that holds no certificates */
export async function trustOf(flags: {
  readonly ca?: readonly string[] | undefined
  readonly pin?: readonly string[] | undefined
}): Promise<Trust> {
  const pins = (flags.pin ?? []).map(parseSpkiPin)
  // Where the key decides, the roots are not even read.
  if (pins.length > 0) return { roots: joinRoots(), pins }
  const own = await Promise.all((flags.ca ?? []).map(readRoots))
  return { roots: joinRoots(systemRoots(), ...own), pins }
}

async function readRoots(path: string): Promise<TrustRoots> {
  let text: string
  try {
    text = await readFile(path, 'latin1')
  } catch (cause) {
    throw new AivError('E_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
  return parseRoots(text)
}

export function connectionDocument({ negotiated, path }: TlsConnection): Fields {
  const { cipherSuite, group, alpn, wasRetried, wasResumed } = negotiated
  const [leaf] = path
  return {
    tls_version: '0304',
    cipher_suite: cipherSuite,
    group: groupName(group),
    alpn: alpn === '' ? null : alpn,
    retried: wasRetried,
    resumed: wasResumed,
    certificates: path.length,
    pin: leaf === undefined ? null : pinOfCertificate(leaf),
  }
}

export function connectionText({ negotiated: { cipherSuite, group, alpn } }: TlsConnection): string {
  return `connected: TLS 1.3, ${cipherSuite}, ${groupName(group)}${alpn === '' ? '' : `, ${alpn}`}`
}

function groupName(group: number): string {
  return GROUP_NAMES.get(group) ?? `0x${group.toString(16)}`
}
