/** Connections of `aiv utls connect`: what is trusted, and what was agreed on. */
import { readFile } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'
import {
  type EchRejectedError,
  joinRoots,
  parseRoots,
  parseSpkiPin,
  pinOfCertificate,
  systemRoots,
  type TlsConnection,
  type TrustRoots,
} from '../../tls/index.ts'
import type { Fields } from '../output.ts'
import { listBase64 } from './ech-lines.ts'

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

/** @param name that was asked for */
export function connectionDocument({ negotiated, path, publicName }: TlsConnection, name: string): Fields {
  const { cipherSuite, group, alpn, ech, wasRetried, wasResumed } = negotiated
  const [leaf] = path
  return {
    tls_version: '0304',
    cipher_suite: cipherSuite,
    group: groupName(group),
    alpn: alpn === '' ? null : alpn,
    retried: wasRetried,
    resumed: wasResumed,
    ech: {
      status: ech,
      public_name: publicName ?? null,
      inner_name: publicName === undefined ? null : name,
    },
    certificates: path.length,
    pin: leaf === undefined ? null : pinOfCertificate(leaf),
  }
}

export function connectionText({ negotiated, publicName }: TlsConnection): string {
  const { cipherSuite, group, alpn } = negotiated
  const parts = [
    'TLS 1.3',
    cipherSuite,
    groupName(group),
    ...(alpn === '' ? [] : [alpn]),
    ...(publicName === undefined ? [] : [`ECH behind ${publicName}`]),
  ]
  return `connected: ${parts.join(', ')}`
}

/** A connection that the server ended, because it does not know the configuration. */
export function rejectionDocument({ publicName, retryConfigs }: EchRejectedError, name: string): Fields {
  return {
    ech: { status: 'rejected', public_name: publicName, inner_name: name },
    retry_configs: retryConfigs.length === 0 ? null : listBase64(retryConfigs),
  }
}

export function rejectionText({ publicName, retryConfigs }: EchRejectedError): string {
  const given = retryConfigs.length === 0 ? 'gave no newer one' : `gave ${listBase64(retryConfigs)}`
  return `${publicName} does not know the ECH configuration, and ${given}`
}

function groupName(group: number): string {
  return GROUP_NAMES.get(group) ?? `0x${group.toString(16)}`
}
