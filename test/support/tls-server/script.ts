/** What a scripted server is to do, and to do wrongly. */
import type { EchKey } from './ech-opening.ts'
import type { ServerIdentity } from './identity.ts'
import { number } from './wire.ts'

export type MessageName =
  | 'hello-retry-request'
  | 'server-hello'
  | 'encrypted-extensions'
  | 'certificate-request'
  | 'certificate'
  | 'certificate-verify'
  | 'finished'

/** A part of what the server sends. */
export type Piece =
  /** A handshake message, or several: they count in the transcript. */
  | Uint8Array
  /** Handshake bytes that the server's own transcript knows nothing of. */
  | { readonly unsaid: Uint8Array }
  /** What its transcript has and nobody is sent. */
  | { readonly silent: Uint8Array }
  /** A record of its own, under the present key unless it is plain. */
  | {
      readonly type: number
      readonly content: Uint8Array
      readonly isPlain?: boolean
      readonly padding?: number
    }
  /** Bytes as they are. */
  | { readonly wire: Uint8Array }
  /** The next key for what follows. */
  | 'new-key'

/** Opens hellos that are encrypted to its key, and answers what is in them. */
export interface EchScript {
  readonly key: EchKey
  /** What it shows to those that it cannot open; its other certificate when absent. */
  readonly publicIdentity?: ServerIdentity
  /** ECHConfigList for those. */
  readonly retryConfigs?: Uint8Array
}

export interface Script {
  readonly suite?: number
  readonly group?: number
  /** Asks for a second hello with these; the suite before it may be another one. */
  readonly retry?: { readonly group?: number; readonly cookie?: Uint8Array; readonly suite?: number }
  readonly alpn?: string
  /** Type of the application settings that it answers. */
  readonly settingsType?: number
  readonly asksForCertificate?: boolean
  /** Goes on with the session that this is the secret of. */
  readonly psk?: Uint8Array
  readonly ech?: EchScript
  /** How it compresses its Certificate message. */
  readonly compress?: (certificate: Uint8Array) => Uint8Array
  /** Handshake bytes in one record; default as many as it holds. */
  readonly recordBytes?: number
  /** In place of an honest message; undefined says it as it is. */
  readonly say?: (name: MessageName, honest: Uint8Array) => readonly Piece[] | undefined
}

/** Messages by name, everything else as it is. */
export function saying(
  lines: Partial<Readonly<Record<MessageName, (honest: Uint8Array) => readonly Piece[]>>>,
): NonNullable<Script['say']> {
  return (name, honest) => lines[name]?.(honest)
}

/** On the wire something else than what the transcript of the server has. */
export function tampered(honest: Uint8Array, sent: Uint8Array): readonly Piece[] {
  return [{ silent: honest }, { unsaid: sent }]
}

/** The message with another body, and a length that is right for it. */
export function withBody(honest: Uint8Array, change: (body: Uint8Array) => Uint8Array): Uint8Array {
  const body = change(honest.slice(4))
  return new Uint8Array(Buffer.concat([honest.subarray(0, 1), number(body.length, 3), body]))
}
