/**
 * What a censor sees in the first payload of a TCP connection (section 15): the published heuristic for fully encrypted
 * traffic (Wu et al., USENIX Security 2023), and whether the readable header of a plain HTX link is there.
 */
import { readU16 } from '../../core/index.ts'
import { MAX_HANDSHAKE_MESSAGE } from '../constants.ts'
import { suiteOf } from '../handshake/index.ts'

/** Each rule exempts from blocking; a payload that none of them fits is taken for fully encrypted. */
export interface ExemptionRules {
  /** At most 3.4 or at least 4.6 bits set per byte. */
  readonly ex1: boolean
  /** The first six bytes are printable. */
  readonly ex2: boolean
  /** More than half of the bytes are printable. */
  readonly ex3: boolean
  /** More than 20 printable bytes in a row. */
  readonly ex4: boolean
  /** TLS or HTTP by its first bytes. */
  readonly ex5: boolean
}

export interface FirstFlight extends ExemptionRules {
  /** Bits set per byte: about 4 in anything encrypted. */
  readonly bitsPerByte: number
  readonly exempt: boolean
  /** What the first bytes say it is, to anybody who looks. */
  readonly looksLike: 'tls' | 'http' | 'htx' | 'unknown'
}

const PRINTABLE_START = 6
const PRINTABLE_RUN = 20
const HTTP_METHODS = ['GET ', 'PUT ', 'POST ', 'HEAD ']

/**
 * Judges a first payload.
 * @param payload everything the client sent before the server's first byte, at least 1 byte
 */
export function judgeFirstFlight(payload: Uint8Array): FirstFlight {
  const { bits, printable, longestRun } = countBytes(payload)
  const { length } = payload
  const tls = isTls(payload)
  const http = isHttp(payload)
  const rules: ExemptionRules = {
    // In whole numbers: 3.4 and 4.6 have no exact binary form, and the borders count.
    ex1: bits * 10 <= length * 34 || bits * 10 >= length * 46,
    ex2: length >= PRINTABLE_START && payload.subarray(0, PRINTABLE_START).every(isPrintable),
    ex3: printable * 2 > length,
    ex4: longestRun > PRINTABLE_RUN,
    ex5: tls || http,
  }
  return {
    ...rules,
    bitsPerByte: bits / length,
    exempt: Object.values(rules).some(Boolean),
    looksLike: tls ? 'tls' : http ? 'http' : isHtx(payload) ? 'htx' : 'unknown',
  }
}

interface ByteCounts {
  readonly bits: number
  readonly printable: number
  readonly longestRun: number
}

function countBytes(payload: Uint8Array): ByteCounts {
  let bits = 0
  let printable = 0
  let longestRun = 0
  let run = 0
  for (const byte of payload) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) bits++
    if (isPrintable(byte)) {
      printable++
      run++
      if (run > longestRun) longestRun = run
    } else run = 0
  }
  return { bits, printable, longestRun }
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e
}

function isTls([type, major, minor]: Uint8Array): boolean {
  return (type === 0x16 || type === 0x17) && major === 0x03 && minor !== undefined && minor <= 0x09
}

function isHttp(payload: Uint8Array): boolean {
  const start = String.fromCharCode(...payload.subarray(0, 5))
  return HTTP_METHODS.some((method) => start.startsWith(method))
}

/** Message 1 of a plain link: its length, then a suite for which that length is plausible. */
function isHtx(payload: Uint8Array): boolean {
  if (payload.length < 3) return false
  const length = readU16(payload, 0)
  const suite = suiteOf(payload[2] as number)
  return suite !== undefined && length >= suite.message1Least && length <= MAX_HANDSHAKE_MESSAGE
}
