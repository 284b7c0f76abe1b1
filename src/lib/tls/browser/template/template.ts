/** What stays the same in the ClientHellos of a range of versions of one browser, and by what rules the rest is drawn. */

/** A number of a TLS registry, or a value of RFC 8701 that is drawn for each hello. */
export type Code = number | 'GREASE'

export type Browser = 'chrome' | 'firefox'

export interface HelloTemplate {
  /** Lower-case letters, digits and hyphens, such as `chrome-154`. */
  readonly id: string
  readonly browser: Browser
  /** What carries its hellos. */
  readonly transport: 'tcp' | 'quic'
  /** Major versions, both included. */
  readonly versions: { readonly first: number; readonly last: number }
  /** Of a field trial that only some installations of these versions take part in: known, never chosen by a version. */
  readonly trial?: string
  /** Where its facts come from. */
  readonly source: string
  /** `shuffled`: the extensions between the two of GREASE stand in another order in each hello. */
  readonly extensionOrder: 'shuffled' | 'fixed'
  readonly cipherSuites: readonly Code[]
  readonly extensions: readonly ExtensionTemplate[]
}

export interface ExtensionTemplate {
  readonly type: Code
  /** Some hellos of these versions do not have it. */
  readonly optional?: true
  readonly content: ExtensionContent
}

/** Whether a shuffle gives it another place: GREASE and padding keep theirs. */
export function isMoved({ type, content }: ExtensionTemplate): boolean {
  return type !== 'GREASE' && content.kind !== 'padding'
}

export type ExtensionContent =
  | { readonly kind: 'fixed'; readonly body: Uint8Array }
  | { readonly kind: 'server_name' }
  /** What is offered for a page; other requests offer less. */
  | { readonly kind: 'alpn'; readonly protocols: readonly string[] }
  | { readonly kind: CodeList; readonly list: readonly Code[] }
  | KeyShareContent
  /** Empty without a ticket of TLS 1.2. */
  | { readonly kind: 'session_ticket' }
  /** Of QUIC (RFC 9000 section 18). */
  | { readonly kind: 'quic_transport_parameters' }
  | AlpsContent
  | GreaseEchContent
  | TrustAnchorsContent
  /** To this many bytes of hello where it has from 256 to one less, as BoringSSL does. */
  | { readonly kind: 'padding'; readonly to: number }

export type CodeList = 'supported_groups' | 'signature_algorithms' | 'supported_versions'

export interface KeyShareContent {
  readonly kind: 'key_share'
  readonly list: readonly Code[]
  /** `shared`: one X25519 key stands both alone and in the hybrid share. */
  readonly x25519: 'fresh' | 'shared'
}

/** Application settings (draft-vvv-tls-alps). */
export interface AlpsContent {
  readonly kind: 'application_settings'
  readonly protocols: readonly string[]
  /**
   * What must be among the offered protocols for it to be sent: `h2`, or `any`. `unproved`: with h2 for certain, without it
   * nobody has shown.
   */
  readonly when: 'h2' | 'any' | 'unproved'
}

/** An encrypted_client_hello without meaning (RFC 9849 section 6.2). */
export interface GreaseEchContent {
  readonly kind: 'grease_ech'
  /** HPKE identifiers (RFC 9180 section 7). */
  readonly kdf: number
  /** Each as likely as the others. */
  readonly aeads: readonly number[]
  /** Whether its encapsulated key is one, or 32 random bytes, half of which are no X25519 key. */
  readonly enc: 'x25519' | 'random'
  /** Each as likely as the others. */
  readonly payloadBytes: readonly number[]
}

/** Names of roots that are trusted (draft-ietf-tls-trust-anchor-ids). */
export interface TrustAnchorsContent {
  readonly kind: 'trust_anchors'
  /** Relative object identifiers in DER, without tag and length. */
  readonly ids: readonly Uint8Array[]
  /** `process`: drawn once when the browser starts. */
  readonly order: 'sorted' | 'process'
}
