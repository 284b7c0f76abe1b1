/** What replays of handshakes share: names of links, a standing clock, the deterministic provider. */
import { ManualClock, type RandomSource } from '../../core/index.ts'
import { type CryptoProvider, loadNobleProvider, type X25519KeyPair } from '../../crypto/index.ts'
import type { LocalHello } from '../handshake/index.ts'
import {
  type HandshakeRandomness,
  LINK_CODE,
  type LinkName,
  parseHello,
  type Suite,
  suiteOf,
} from '../handshake/index.ts'
import { integer, object, optionalBytes, optionalText, text, type Vector } from './fields.ts'

/** A replay draws nothing: every random input is in the vector. */
export const NO_RANDOM: RandomSource = {
  bytes: () => {
    throw new Error('the vector leaves a random input open')
  },
}

export interface ReplayContext {
  readonly suite: Suite
  readonly link: LinkName
  readonly clock: ManualClock
  readonly provider: CryptoProvider
}

export async function replayContext(vector: Vector): Promise<ReplayContext> {
  const suite = suiteOf(integer(vector, 'suite'))
  if (suite === undefined) throw new Error(`suite ${integer(vector, 'suite')} is unknown`)
  if ((optionalText(vector, 'bind') ?? 'none') !== 'none')
    throw new Error('a bound session without its exporter')
  return {
    suite,
    link: linkName(text(vector, 'link')),
    clock: new ManualClock(integer(vector, 'unix_time') * 1000),
    provider: await loadNobleProvider(),
  }
}

function linkName(name: string): LinkName {
  const known = name === 'websocket' ? 'ws' : name
  if (!Object.hasOwn(LINK_CODE, known)) throw new Error(`link ${name} is unknown`)
  return known as LinkName
}

/** The HELLO that would encode to this payload, and its PAD. */
export function helloOf(
  payload: Uint8Array,
  context: ReplayContext,
  message: 1 | 2,
): { readonly hello: LocalHello; readonly padLength: number | undefined } {
  const parsed = parseHello(payload, { message, suite: context.suite, link: context.link })
  const { versions, features, parameters, padLength } = parsed
  return { hello: { versions, features, parameters }, padLength }
}

/** Keys and randomness of one side as the vector gives them. */
export function sideInputs(
  vector: Vector,
  side: 'initiator' | 'responder',
  provider: CryptoProvider,
  padLengths: readonly (number | undefined)[],
): { readonly staticKey?: X25519KeyPair; readonly recorded: HandshakeRandomness } {
  const inputs = object(vector, side)
  const staticPrivate = optionalBytes(inputs, 'static_private')
  const ephemeralPrivate = optionalBytes(inputs, 'ephemeral_private')
  const kemSeed = optionalBytes(inputs, 'kem_seed_d_z')
  const kemMessage = optionalBytes(inputs, 'kem_encapsulation_m')
  return {
    ...(staticPrivate === undefined ? {} : { staticKey: provider.x25519.fromPrivate(staticPrivate) }),
    recorded: {
      ...(ephemeralPrivate === undefined ? {} : { ephemeralPrivate }),
      ...(kemSeed === undefined ? {} : { kemSeed }),
      ...(kemMessage === undefined ? {} : { kemMessage }),
      padLengths,
    },
  }
}
