/**
 * Hostile servers against the TLS client. What they change reaches it behind all protection: messages are changed before
 * they are sealed, so that the reading of each is tried and not the AEAD. The judge is a server with a key schedule of
 * its own: a client that believes in a handshake has to have heard what that server said.
 */
import { brotliCompressSync, constants } from 'node:zlib'
import { concat, equal, ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import type { OfferedSession } from '../../../src/lib/tls/client/handshake/session-resumption.ts'
import type { TlsClient } from '../../../src/lib/tls/client/tls-client.ts'
import { type ChosenConfig, chooseEchConfig } from '../../../src/lib/tls/ech/choose-config.ts'
import { type ListedConfig, parseEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { type EchSetup, setUpEch } from '../../../src/lib/tls/ech/seal-hello.ts'
import { type EchKeys, newEchKeys, PUBLIC_NAME } from '../ech-site/ech-keys.ts'
import { mutate, pickOne } from '../session-mutation.ts'
import { identity, newClient, SERVER_NAME, WALL_MS } from '../tls-server/conversation.ts'
import { newIdentity, type ServerIdentity } from '../tls-server/identity.ts'
import { NAMED_GROUP } from '../tls-server/key-exchange.ts'
import {
  type EchScript,
  type MessageName,
  type Piece,
  type Script,
  tampered,
  withBody,
} from '../tls-server/script.ts'
import { ScriptedServer } from '../tls-server/scripted-server.ts'
import { message, number, vector } from '../tls-server/wire.ts'
import { codeOf, corrupt, fail, inPieces } from './corruption.ts'

/** The best compression takes longer than the whole handshake. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
/** What a client says to one flight, bytes: hellos, a Finished, answers to key updates. */
const OUTPUT_MOST = 16_384

const CLOCK = new ManualClock(WALL_MS)
const PSK = new Uint8Array(32).fill(7)
const SESSION: OfferedSession = {
  ticket: { psk: PSK, ticket: Uint8Array.of(1, 2), ageAdd: 3, lifetime: 60, cipherSuite: 0x1301 },
  ageMs: 5,
}
const NAMES: readonly MessageName[] = [
  'server-hello',
  'encrypted-extensions',
  'certificate-request',
  'certificate',
  'certificate-verify',
  'finished',
]
/** What servers may change. */
type Change = 'wire' | 'speech' | 'records' | 'bytes' | 'later'

/** Has the name hidden, from servers that know the configuration and from others. */
interface HiddenFlight {
  readonly setup: EchSetup
  readonly script: EchScript
  readonly isKnown: boolean
}

/** @throws Error when the client fails in another way than with a typed error, or believes what was not said */
export function fuzzServerFlight(seed: number): void {
  fuzzFlight(new SeededRandom(seed))
}

/** @throws Error as {@link fuzzServerFlight}, and when the name is in the open */
export async function fuzzEchFlight(seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  echKeys ??= [newEchKeys(), newEchKeys()]
  const [known, other] = echKeys
  const isKnown = random.chance(0.6)
  const retryConfigs = random.chance(0.5) ? corrupt(random, other.list) : other.list
  const [listed] = parseEchConfigList(known.list)
  const chosen = chooseEchConfig([listed as ListedConfig]) as ChosenConfig
  fuzzFlight(random, {
    setup: await setUpEch(chosen, random),
    script: { key: (isKnown ? known : other).key, ...(random.chance(0.8) ? { retryConfigs } : {}) },
    isKnown,
  })
}

let echKeys: readonly [EchKeys, EchKeys] | undefined
let bothNames: ServerIdentity | undefined

function fuzzFlight(random: SeededRandom, hidden?: HiddenFlight): void {
  const change = pickOne<Change>(random, [
    'wire',
    'wire',
    'speech',
    'speech',
    'speech',
    'records',
    'bytes',
    'later',
  ])
  const template = hidden === undefined && random.chance(0.95) ? 'chrome-110' : 'chrome-154'
  const script = plausibleScript(random, change, template, hidden)
  const isResumed = script.psk !== undefined
  bothNames ??= newIdentity(SERVER_NAME, CLOCK, PUBLIC_NAME)
  const own = hidden === undefined ? identity() : bothNames
  const client = newClient({
    template,
    trusted: own,
    ...(hidden === undefined ? {} : { ech: hidden.setup }),
    seed: random.below(8),
    ...(isResumed || random.chance(0.1) ? { session: SESSION } : {}),
  })
  const { say, wasChanged } = changing(random, change, script.retry !== undefined)
  const server = new ScriptedServer({ ...script, say }, own)
  client.start()
  const outcome = talk(random, client, server, change, hidden !== undefined)
  if (outcome.isEstablished && (wasChanged() || !server.isDone))
    fail('a handshake that the server did not have', outcome.sent)
  if (outcome.isEstablished && hidden?.isKnown === false) fail('a refusal that was overheard', outcome.sent)
  if (change === 'later' && outcome.isEstablished !== (hidden?.isKnown ?? true))
    fail('an honest handshake that failed', outcome.sent)
  client.destroy()
}

function plausibleScript(
  random: SeededRandom,
  change: Change,
  template: string,
  hidden: HiddenFlight | undefined,
): Script {
  const retry = random.chance(0.1) ? { retry: { group: NAMED_GROUP.p256 } } : {}
  const isResumed = hidden === undefined && random.chance(0.1)
  const alpn = pickOne(random, ['h2', 'h2', 'http/1.1', undefined])
  return {
    suite: isResumed ? 0x1301 : pickOne(random, [0x1301, 0x1302, 0x1303]),
    recordBytes: pickOne(random, [16_384, 16_384, 16_384, 200, 20]),
    asksForCertificate: random.chance(0.2),
    ...retry,
    ...(alpn === undefined ? {} : { alpn }),
    ...(alpn === 'h2' && random.chance(0.5)
      ? { settingsType: template === 'chrome-110' ? 0x4469 : 0x44cd }
      : {}),
    ...(isResumed ? { psk: PSK } : {}),
    ...(hidden === undefined ? {} : { ech: hidden.script }),
    ...(random.chance(0.3)
      ? { compress: (m: Uint8Array) => compressed(random, m, change === 'speech') }
      : {}),
  }
}

function compressed(random: SeededRandom, certificate: Uint8Array, mayLie: boolean): Uint8Array {
  const body =
    mayLie && random.chance(0.3) ? corrupt(random, certificate.subarray(4)) : certificate.subarray(4)
  return message(25, number(2, 2), number(body.length, 3), vector(3, brotliCompressSync(body, QUICK)))
}

/** One message is another one, or stands among strange records. */
function changing(
  random: SeededRandom,
  change: Change,
  isRetried: boolean,
): { readonly say: NonNullable<Script['say']>; readonly wasChanged: () => boolean } {
  const target = isRetried && random.chance(0.3) ? 'hello-retry-request' : pickOne(random, NAMES)
  let wasChanged = false
  const say = (name: MessageName, honest: Uint8Array): readonly Piece[] | undefined => {
    if (name !== target) return undefined
    if (change === 'wire') {
      const sent = corrupt(random, honest)
      wasChanged ||= !equal(sent.subarray(0, honest.length), honest)
      return tampered(honest, sent)
    }
    if (change === 'speech') {
      const said = spoken(random, honest)
      // These two prove something: another one is never as good.
      const isProof = name === 'certificate-verify' || name === 'finished'
      wasChanged ||= isProof && !(said[0] instanceof Uint8Array && equal(said[0], honest))
      return said
    }
    if (change === 'records') return among(random, honest)
    return undefined
  }
  return { say, wasChanged: () => wasChanged }
}

/** Said by a server that means it: what it signs and finishes has the change too. */
function spoken(random: SeededRandom, honest: Uint8Array): readonly Piece[] {
  switch (random.below(8)) {
    case 0:
      return []
    case 1:
      // Behind Finished stands nothing that counts.
      return [honest, { unsaid: honest }]
    case 2:
      return [message(random.below(30), honest.subarray(4))]
    case 3:
      return [message(random.below(30), random.bytes(random.below(60))), honest]
    default:
      return [withBody(honest, (body) => (random.chance(0.5) ? corrupt(random, body) : mutate(random, body)))]
  }
}

function among(random: SeededRandom, honest: Uint8Array): readonly Piece[] {
  const strange = (): Piece => ({
    type: pickOne(random, [0, 20, 20, 21, 22, 23, 24, 255]),
    content: random.chance(0.3) ? Uint8Array.of(1) : random.bytes(random.below(4)),
    isPlain: random.chance(0.5),
    padding: pickOne(random, [0, 0, 100, 16_383]),
  })
  const records = Array.from({ length: 1 + random.below(pickOne(random, [2, 40])) }, strange)
  if (random.chance(0.5)) return [...records, honest]
  const at = random.below(honest.length)
  return [{ silent: honest }, { unsaid: honest.subarray(0, at) }, ...records, { unsaid: honest.subarray(at) }]
}

interface Outcome {
  readonly isEstablished: boolean
  /** The last thing that the client heard. */
  readonly sent: Uint8Array
}

function talk(
  random: SeededRandom,
  client: TlsClient,
  server: ScriptedServer,
  change: Change,
  isHidden: boolean,
): Outcome {
  let [isEstablished, sent, said] = [false, new Uint8Array(0) as Uint8Array, 0]
  for (let turn = 0; turn < 4; turn++) {
    const output = client.takeOutput()
    said += output.length
    if (said > OUTPUT_MOST) fail('a client that says more than it heard', sent)
    if (isHidden && Buffer.from(output).includes(SERVER_NAME)) fail('the hidden name in the open', output)
    const answer = output.length === 0 ? output : answerOf(server, output, isHidden)
    if (answer === undefined) break
    sent = change === 'bytes' && random.chance(0.8) ? corrupt(random, answer) : answer
    if (sent.length === 0 && server.isDone && change === 'later') sent = server.send(...later(random))
    if (sent.length === 0) break
    const heard = hear(random, client, sent, isEstablished)
    isEstablished ||= heard === 'established'
    if (heard !== 'failed') continue
    answerOf(server, client.takeOutput(), isHidden)
    if (client.receive(sent).length > 0) fail('a client that goes on after a failure', sent)
    break
  }
  return { isEstablished, sent }
}

/** Undefined when the server leaves: a signal that was changed on its way makes a second hello that it cannot open. */
function answerOf(server: ScriptedServer, output: Uint8Array, mayLeave: boolean): Uint8Array | undefined {
  try {
    return server.receive(output)
  } catch (error) {
    if (!mayLeave) throw error
    return undefined
  }
}

function hear(
  random: SeededRandom,
  client: TlsClient,
  sent: Uint8Array,
  wasEstablished: boolean,
): 'established' | 'failed' | 'more' {
  const pieces = random.chance(0.7) ? [sent] : inPieces(random, sent)
  let isEstablished = false
  try {
    for (const piece of pieces)
      for (const { kind } of client.receive(piece)) {
        isEstablished ||= kind === 'established'
        if (!isEstablished && !wasEstablished) fail(`${kind} of nobody`, sent)
      }
  } catch (error) {
    codeOf(error, ['E_HANDSHAKE', 'E_CERTIFICATE', 'E_UNSUPPORTED', 'E_ECH_REJECTED'], sent)
    return isEstablished ? 'established' : 'failed'
  }
  return isEstablished ? 'established' : 'more'
}

/** Tickets, updates, data and goodbyes, right and wrong. */
function later(random: SeededRandom): readonly Piece[] {
  const ticket = concat(
    number(7200, 4),
    number(1, 4),
    vector(1, Uint8Array.of(1)),
    vector(2, random.bytes(9)),
    vector(2),
  )
  const one = (): readonly Piece[] => {
    switch (random.below(5)) {
      case 0:
        return [message(24, Uint8Array.of(random.below(3))), 'new-key']
      case 1:
        return [message(4, random.chance(0.5) ? ticket : corrupt(random, ticket))]
      case 2:
        return [{ type: 21, content: random.bytes(random.below(4)) }]
      case 3:
        return [message(random.below(30), random.bytes(random.below(20)))]
      default:
        return [{ type: 23, content: random.bytes(random.below(50)), padding: random.below(50) }]
    }
  }
  return Array.from({ length: 1 + random.below(pickOne(random, [3, 60])) }, one).flat()
}
