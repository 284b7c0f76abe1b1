/** Flags that several `htx` commands share. */
import * as Flags from '@oclif/core/flags'
import { durationFlag, hostPortFlag, sizeFlag } from '../flags.ts'
import { passphraseFlags } from '../io/passphrase.ts'

/** Who we are. */
export const identityFlags = {
  key: Flags.file({ summary: 'identity file; a throw-away identity when absent', helpValue: 'FILE' }),
  ...passphraseFlags,
}

/** What both roles settle in the handshake. */
export const sessionFlags = {
  pq: Flags.string({
    summary: 'post-quantum key agreement: require it, prefer it, or turn it off',
    options: ['require', 'prefer', 'off'] as const,
  }),
  'first-contact': Flags.boolean({ summary: 'allow a handshake without knowing the key of the listener' }),
  'handshake-timeout': durationFlag({ summary: 'give a handshake this long', default: 10_000 }),
  window: sizeFlag({ summary: 'receive window of a new stream; it grows with the need' }),
  idle: durationFlag({ summary: 'close a session that was idle this long; 0 is never' }),
  'max-streams': Flags.integer({
    summary: 'streams the other side may have open at once',
    min: 1,
    max: 65_536,
  }),
  pad: Flags.boolean({
    summary: 'fill pauses with padding on every link, as https always does',
  }),
  ahead: sizeFlag({ summary: 'bytes encrypted ahead of what the socket has taken' }),
}

/** What the operator of a process can watch. */
export const operationsFlags = {
  metrics: hostPortFlag({ summary: 'serve Prometheus metrics here over HTTP; without a host on loopback' }),
}

/** How the listener is reached. */
const dialFlags = {
  proxy: Flags.string({
    summary: 'go through http://HOST:PORT or socks5://HOST:PORT',
    helpValue: 'URL',
    env: 'AIV_PROXY',
  }),
  ca: Flags.file({ summary: 'PEM file of roots for the outer TLS of wss and https', helpValue: 'FILE' }),
  pin: Flags.string({
    summary: 'SHA-256 of the public key of the outer TLS of wss and https',
    helpValue: 'HEX',
  }),
  'insecure-outer': Flags.boolean({
    summary: 'do not verify the outer TLS of wss; the peer itself is always verified',
  }),
  timeout: durationFlag({ summary: 'give reaching the listener this long', default: 10_000 }),
  ticket: Flags.string({
    summary:
      'grant of a listener that answers only holders of an access ticket; the word v1 beside it allows tickets of version 1 on https',
    helpValue: 'GRANT',
    multiple: true,
  }),
  mode: Flags.option({
    options: ['ws', 'h2'] as const,
    summary:
      'what https looks like: a WebSocket of its own (ws, the default), or one inside the load of a page (h2)',
  })(),
  ech: Flags.string({
    summary: 'encrypt the name of the site on https: a file of ECH configurations, or they in base64',
    helpValue: 'FILE',
  }),
  origin: Flags.string({
    summary:
      'site that https passes for: a connection that shows another server than its pages gets no ticket',
    helpValue: 'URL',
  }),
  tolerance: Flags.integer({
    summary: 'percent that numbers of HTTP/2 may be off from those of --origin; default 15',
    dependsOn: ['origin'],
    min: 0,
    max: 100,
  }),
  cover: Flags.file({
    summary:
      'file of at least 4 URLs, one a line, that are visited while a failed attempt over https is repeated',
    helpValue: 'FILE',
    exclusive: ['no-cover'],
  }),
  'no-cover': Flags.boolean({ summary: 'repeat failed attempts over https without visits elsewhere' }),
  chrome: Flags.integer({
    summary: 'major version of the Chrome that https looks like; default the newest that is known',
    helpValue: 'VERSION',
    min: 72,
  }),
  resume: Flags.file({
    summary: 'file of tickets from earlier sessions; the next one starts faster and adds new ones',
    helpValue: 'FILE',
  }),
}

/** What becomes of a connection that is cut. */
export const continuityFlags = {
  link: Flags.string({
    summary: 'links to try in turn, such as tcp,ws,quic, at the given addresses or at the place of the first',
    helpValue: 'LINKS',
  }),
  retry: Flags.integer({
    summary: 'how often to connect again after the link was lost before giving up',
    default: 12,
    min: 0,
    max: 1000,
  }),
  continue: Flags.boolean({
    summary: 'go on over a new session where a cut left off, if the listener can',
    default: true,
    allowNo: true,
  }),
}

/** How much a listener takes, and from whom. */
export const listenFlags = {
  ...operationsFlags,
  allow: Flags.string({
    summary: 'peer id that may connect; may be repeated; * is everybody',
    multiple: true,
    helpValue: 'PEER',
  }),
  tickets: Flags.file({
    summary: 'key file of `aiv htx ticket new`: stay silent to whoever brings no access ticket of it',
    helpValue: 'FILE',
  }),
  cert: Flags.file({
    summary: 'PEM certificate of the outer TLS of wss and https',
    dependsOn: ['cert-key'],
    helpValue: 'FILE',
  }),
  'cert-key': Flags.file({ summary: 'PEM key of that certificate', dependsOn: ['cert'], helpValue: 'FILE' }),
  decoy: Flags.string({
    summary: 'what https shows to everybody without a ticket: a folder of pages, or the URL of a site',
    helpValue: 'DIR|URL',
  }),
  ticket: Flags.option({
    options: ['v1'] as const,
    summary: 'allow tickets of version 1 on https, which are not tied to the connection',
  })(),
  'max-sessions': Flags.integer({ summary: 'sessions at once', default: 1000, min: 1 }),
  'max-buffered': sizeFlag({
    summary: 'bytes that all sessions may buffer together before new ones are refused; default 512MiB',
  }),
  'handshake-per-prefix': Flags.integer({
    summary: 'handshakes at once from one /24 or /56',
    default: 16,
    min: 1,
  }),
  'handshake-rate': Flags.integer({
    summary: 'handshakes a minute from one /24 or /56',
    default: 120,
    min: 1,
  }),
}

/** How files are moved. */
export const transferFlags = {
  parallel: Flags.integer({ summary: 'files at once', default: 4, min: 1, max: 64 }),
  retry: Flags.integer({
    summary: 'how often to connect again after the link was lost without any progress between',
    default: 8,
    min: 0,
    max: 1000,
  }),
}

/** Which specification the frames follow. */
export const specFlags = {
  spec: Flags.option({
    options: ['1.1', '1.2'] as const,
    summary: 'how frames are built; 1.2 is the Betanet 1.2 draft, which both sides must ask for; default 1.1',
  })(),
}

/** What is written down of sessions. */
export const traceFlags = {
  record: Flags.file({
    summary: 'write down all bytes that pass, for `aiv htx decode`; a second session gets FILE.2',
    helpValue: 'FILE',
  }),
  keylog: Flags.file({
    summary: 'append the keys of sessions to this file, which opens them to whoever has it',
    helpValue: 'FILE',
  }),
}

/** What every command takes that connects to a peer. */
export const clientFlags = { ...identityFlags, ...sessionFlags, ...dialFlags, ...specFlags, ...traceFlags }
