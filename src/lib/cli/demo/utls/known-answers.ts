/** What documents print: the examples of JA4.md, and the packet of RFC 9001 appendix A. */
import { concat, type DemoCheck, equal, fromHex, fromUtf8, u16, utf8 } from '../../../core/index.ts'
import {
  type ClientHello,
  encodeClientHello,
  ja4,
  parseClientHello,
  QuicHellos,
  serverName,
} from '../../../tls/index.ts'
import { RFC9001_CLIENT_HELLO, RFC9001_PACKET } from './rfc9001-packet.ts'

const HANDSHAKE_HEADER_BYTES = 4
const VERSION = 0x0303

/** The lists of FoxIO-LLC/ja4, technical_details/JA4.md, in the order that they have there. */
const CIPHERS = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035'
const EXTENSIONS = '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015'
const ALGORITHMS = '0403,0804,0401,0503,0805,0501,0806,0601'
const JA4 = 't13d1516h2_8daaf6152771_e5627efa2ab1'
/** With the extensions in that order (JA4_o). */
const JA4_ORIGINAL = 't13d1516h2_acb858a92679_18f69afefd3d'
const RAW_END = '0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_'

/** RFC 8701: to be ignored wherever it stands. */
const GREASE = 0x5a5a

/** First ALPN value as hexadecimal, and what stands for it. */
const ALPN_TABLE: readonly (readonly [value: string, mark: string])[] = [
  ['6832', 'h2'],
  ['687474702f312e31', 'h1'],
  ['ab', 'ab'],
  ['20', '20'],
  ['abcd', 'ad'],
  ['2061', '21'],
  ['30ab', '3b'],
  ['6120', '60'],
  ['3031abcd', '3d'],
  ['30abcd31', '01'],
]

export function showDocument(): DemoCheck {
  const { ja4: found, original, raw } = ja4(exampleHello(utf8('h2')), 'tcp')
  return {
    name: 'a hello with the lists of the JA4 document has the JA4 that it prints, GREASE or not',
    passed: found === JA4 && original === JA4_ORIGINAL && raw.endsWith(RAW_END + ALGORITHMS),
    detail: found,
  }
}

export function showAlpnTable(): DemoCheck {
  const wrong = ALPN_TABLE.filter(([value, mark]) => {
    const [head = ''] = ja4(exampleHello(fromHex(value)), 'tcp').ja4.split('_')
    return !head.endsWith(mark)
  })
  return {
    name: 'so has every ALPN value of its table',
    passed: wrong.length === 0,
    detail: wrong.length === 0 ? `${ALPN_TABLE.length} values` : wrong.map(([value]) => value).join(),
  }
}

export function showQuic(): DemoCheck {
  const [message] = new QuicHellos().datagram(1, RFC9001_PACKET).messages
  const altered = RFC9001_PACKET.slice()
  altered[altered.length - 1] = (altered[altered.length - 1] as number) ^ 1
  const refused = new QuicHellos().datagram(1, altered)
  const hello = message === undefined ? undefined : parseClientHello(message.subarray(HANDSHAKE_HEADER_BYTES))
  const host = hello === undefined ? undefined : serverName(hello)
  return {
    name: 'the QUIC packet of RFC 9001 decrypts to its ClientHello, and not when one bit is another',
    passed:
      message !== undefined &&
      equal(message, RFC9001_CLIENT_HELLO) &&
      refused.messages.length === 0 &&
      refused.skips.includes('undecryptable'),
    ...(hello === undefined || host === undefined
      ? {}
      : { detail: `${fromUtf8(host)}, ${ja4(hello, 'quic').ja4}` }),
  }
}

/** Written and read again. */
function exampleHello(alpn: Uint8Array): ClientHello {
  const bodies: Readonly<Record<number, Uint8Array>> = {
    13: vector16(concat(u16(GREASE), ...numbers(ALGORITHMS).map(u16))),
    16: vector16(concat(Uint8Array.of(alpn.length), alpn)),
    43: fromHex('04' + '5a5a' + '0304'),
  }
  const extensions = numbers(EXTENSIONS).map((type) => ({ type, body: bodies[type] ?? new Uint8Array(0) }))
  const hello: ClientHello = {
    version: VERSION,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cipherSuites: [GREASE, ...numbers(CIPHERS)],
    compressionMethods: Uint8Array.of(0),
    extensions: [{ type: GREASE, body: new Uint8Array(0) }, ...extensions],
  }
  return parseClientHello(encodeClientHello(hello))
}

function vector16(bytes: Uint8Array): Uint8Array {
  return concat(u16(bytes.length), bytes)
}

function numbers(list: string): number[] {
  return list.split(',').map((digits) => Number.parseInt(digits, 16))
}
