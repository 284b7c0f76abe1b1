/** Hellos as browsers and servers send them today: with the shares of X25519MLKEM768, so larger than one segment. */

import { concat, SeededRandom, u16, writeU16, writeU24 } from '../../core/index.ts'
import { HelloBuilder } from '../browser/build/build-hello.ts'
import type { HelloTemplate } from '../browser/template/template.ts'
import { templateById } from '../browser/template/templates.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { vector16 } from '../hello/byte-writer.ts'
import { EXTENSION } from '../hello/extensions.ts'
import { SERVER_HELLO } from '../hello/hello-stream.ts'
import { RECORD_HEADER_BYTES } from '../record/constants.ts'

/** Published for Chrome 152 to 156 (FoxIO-LLC/ja4, sigalg-grease.pcap). */
export const SAMPLE_JA4 = 't13d1517h2_8daaf6152771_cb7bf5808d99'
export const SAMPLE_HOST = 'www.example.com'

const VERSION = 0x0303
const TLS13 = 0x0304
const RANDOM_BYTES = 32
const KEY_SHARE = 0x0033
const X25519MLKEM768 = 0x11ec
const SERVER_SHARE_BYTES = 1_120
const AES_128_GCM_SHA256 = 0x1301

export function sampleTemplate(): HelloTemplate {
  return templateById('chrome-154')
}

/** Records of different clients, repeatable: their keys are known to everybody. */
export function clientRecords(count: number, seed: number): readonly Uint8Array[] {
  const builder = new HelloBuilder(sampleTemplate(), new SeededRandom(seed))
  return Array.from({ length: count }, () => builder.build({ host: SAMPLE_HOST }).record)
}

/** The answer to such a hello; every call gives another one. */
export function serverRecord(random: SeededRandom): Uint8Array {
  const share = concat(u16(X25519MLKEM768), vector16(random.bytes(SERVER_SHARE_BYTES)))
  const body = concat(
    u16(VERSION),
    random.bytes(RANDOM_BYTES),
    Uint8Array.of(RANDOM_BYTES),
    random.bytes(RANDOM_BYTES),
    u16(AES_128_GCM_SHA256),
    Uint8Array.of(0),
    vector16(concat(extension(EXTENSION.supportedVersions, u16(TLS13)), extension(KEY_SHARE, share))),
  )
  const header = new Uint8Array(RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES)
  header.set([0x16, 3, 3])
  writeU16(header, 3, HANDSHAKE_HEADER_BYTES + body.length)
  header[RECORD_HEADER_BYTES] = SERVER_HELLO
  writeU24(header, RECORD_HEADER_BYTES + 1, body.length)
  return concat(header, body)
}

function extension(type: number, body: Uint8Array): Uint8Array {
  return concat(u16(type), vector16(body))
}
