/** A handshake that somebody wrote down with all its secrets, as RFC 8448 does: each secret is derived again. */
import { AivError, fromHex, toHex, type VectorCheck } from '../../core/index.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { parseServerHello } from '../hello/server-hello.ts'
import { CIPHER_SUITES, type CipherSuite } from '../schedule/cipher-suites.ts'
import { finishedMac, KeySchedule, type TrafficSecrets } from '../schedule/key-schedule.ts'
import { Transcript } from '../schedule/transcript.ts'
import { expectSame, type Fields, isFields } from './documents.ts'

/** In the order of the handshake, the client's Finished last. */
const MESSAGES = [
  'client_hello',
  'server_hello',
  'encrypted_extensions',
  'certificate',
  'certificate_verify',
  'server_finished',
  'client_finished',
] as const

type Messages = Readonly<Record<(typeof MESSAGES)[number], Uint8Array>>

export function isTrace(document: Fields): boolean {
  return isFields(document.messages) && isFields(document.secrets)
}

/** A check for each secret and each Finished. */
export function traceChecks(document: Fields): readonly VectorCheck[] {
  const messages = messagesOf(document.messages as Fields)
  const secrets = document.secrets as Fields
  const suite = suiteOf(messages.server_hello)
  const derived = deriveAll(suite, messages, hexOf(secrets, 'ecdhe'))
  return Object.entries(derived).map(([name, value]) => ({
    id: name,
    run: () => expectSame(toHex(value), secrets[name] ?? toHex(publishedFinished(name, messages))),
  }))
}

function deriveAll(
  suite: CipherSuite,
  messages: Messages,
  ecdhe: Uint8Array,
): Readonly<Record<string, Uint8Array>> {
  const transcript = new Transcript(suite.hash)
  const schedule = new KeySchedule(suite)
  transcript.add(messages.client_hello)
  transcript.add(messages.server_hello)
  const afterHello = transcript.digest()
  schedule.enterHandshake(ecdhe)
  const handshake = schedule.handshakeTraffic(afterHello)
  for (const name of ['encrypted_extensions', 'certificate', 'certificate_verify'] as const)
    transcript.add(messages[name])
  const serverFinished = finishedOf(suite, handshake, 'server', transcript)
  transcript.add(messages.server_finished)
  const afterServer = transcript.digest()
  const clientFinished = finishedOf(suite, handshake, 'client', transcript)
  schedule.enterMaster()
  const application = schedule.applicationTraffic(afterServer)
  return {
    th_sh: afterHello,
    c_hs: handshake.client,
    s_hs: handshake.server,
    th_sfin: afterServer,
    c_ap: application.client,
    s_ap: application.server,
    exporter: schedule.exporterSecret(afterServer),
    server_finished: serverFinished,
    client_finished: clientFinished,
  }
}

function finishedOf(
  suite: CipherSuite,
  secrets: TrafficSecrets,
  side: 'client' | 'server',
  transcript: Transcript,
): Uint8Array {
  return finishedMac(suite, secrets[side], transcript.digest())
}

function publishedFinished(name: string, messages: Messages): Uint8Array {
  const message = name === 'server_finished' ? messages.server_finished : messages.client_finished
  return message.subarray(HANDSHAKE_HEADER_BYTES)
}

function suiteOf(serverHello: Uint8Array): CipherSuite {
  const { cipherSuite } = parseServerHello(serverHello.subarray(HANDSHAKE_HEADER_BYTES))
  const suite = CIPHER_SUITES.get(cipherSuite)
  if (suite === undefined) throw new AivError('E_MALFORMED', 'a trace of another suite than those of TLS 1.3')
  return suite
}

function messagesOf(fields: Fields): Messages {
  return Object.fromEntries(MESSAGES.map((name) => [name, hexOf(fields, name)])) as Messages
}

function hexOf(fields: Fields, name: string): Uint8Array {
  const text = fields[name]
  if (typeof text !== 'string') throw new AivError('E_MALFORMED', `the trace has no ${name}`)
  return fromHex(text)
}
