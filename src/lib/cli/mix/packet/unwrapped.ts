/** What `mix packet unwrap` and `mix surb open` say about what they found in a packet. */
import { toHex } from '../../../core/index.ts'
import { decodePayload } from '../../../mix/index.ts'
import {
  type Geometry,
  MAC_BYTES,
  type MixKey,
  type RoutingCommand,
  type Unwrapped,
  unwrap,
} from '../../../sphinx/index.ts'
import type { Fields } from '../../output.ts'
import type { BytesOutput } from './bytes.ts'

type Dropped = Extract<Unwrapped, { kind: 'drop' }>
type Kept = Exclude<Unwrapped, Dropped>

export interface Opened extends BytesOutput {
  /** That came along for the answer. */
  readonly surb?: Uint8Array | undefined
}

/** Tries each key, as a node does at the change of an epoch: only a MAC that does not fit can mean another key. */
export function unwrapWith(geometry: Geometry, keys: readonly MixKey[], packet: Uint8Array): Unwrapped {
  let last: Unwrapped = { kind: 'drop', reason: 'no_mix_key' }
  for (const key of keys) {
    last = unwrap(geometry, key, packet)
    if (last.kind !== 'drop' || last.reason !== 'bad_mac') return last
  }
  return last
}

export function describeDrop({ reason, replayTag }: Dropped): {
  readonly document: Fields
  readonly text: string
} {
  return {
    document: { kind: 'drop', reason, ...(replayTag === undefined ? {} : { replay_tag: replayTag }) },
    text: `dropped: ${reason}`,
  }
}

/** @param raw payloads as they are */
export function describe(geometry: Geometry, unwrapped: Kept, raw: boolean): Opened {
  const { kind } = unwrapped
  const common = {
    kind,
    commands: commandsOf(geometry, unwrapped).map(commandFields),
    replay_tag: unwrapped.replayTag,
  }
  if (kind === 'forward') {
    const { next, delayMs, packet } = unwrapped
    return {
      bytes: packet,
      document: { ...common, next_hop: next, delay_ms: delayMs, packet },
      text: `forward to ${toHex(next)} after ${delayMs} ms`,
    }
  }
  if (kind === 'reply') {
    const { surbId, recipient, payload } = unwrapped
    return {
      bytes: payload,
      document: { ...common, recipient, surb_id: surbId, payload },
      text: `a reply by SURB ${toHex(surbId)} for ${recipientText(recipient)}: read it with aiv mix surb open`,
    }
  }
  const { recipient, payload } = unwrapped
  const framed = framedPayload(geometry, payload, raw)
  return {
    ...framed,
    document: { ...common, recipient, ...framed.document },
    text: `deliver to ${recipientText(recipient)}: ${framed.text}`,
  }
}

/** The body of a payload, or the payload as it is where it has no frame or none is wanted. */
export function framedPayload(geometry: Geometry, payload: Uint8Array, raw: boolean): Opened {
  const framed = raw ? undefined : decodePayload(geometry, payload)
  if (framed === undefined)
    return {
      bytes: payload,
      document: { framed: false, payload },
      text: raw
        ? `${payload.length} bytes as they are`
        : `${payload.length} bytes without a frame, as they are`,
    }
  const { surb, body } = framed
  return {
    bytes: body,
    surb,
    document: { framed: true, payload: body, ...(surb === undefined ? {} : { surb }) },
    text: `${body.length} bytes${surb === undefined ? '' : ' and a SURB for the answer'}`,
  }
}

function commandsOf(geometry: Geometry, unwrapped: Kept): RoutingCommand[] {
  if (unwrapped.kind === 'forward') {
    const { next, delayMs, packet } = unwrapped
    const mac = packet.subarray(geometry.headerBytes - MAC_BYTES, geometry.headerBytes)
    const delay: RoutingCommand[] = delayMs === 0 ? [] : [{ type: 'delay', ms: delayMs }]
    return [...delay, { type: 'next-hop', node: next, mac }]
  }
  const recipient: RoutingCommand = { type: 'recipient', id: unwrapped.recipient }
  return unwrapped.kind === 'reply' ? [recipient, { type: 'surb-reply', id: unwrapped.surbId }] : [recipient]
}

function commandFields(command: RoutingCommand): Fields {
  switch (command.type) {
    case 'next-hop':
      return { command: 'next-hop', node: command.node, mac: command.mac }
    case 'delay':
      return { command: 'delay', ms: command.ms }
    default:
      return { command: command.type, id: command.id }
  }
}

/** As a name, where it is one filled with zeros, else in hex. */
function recipientText(id: Uint8Array): string {
  const end = id.indexOf(0)
  const name = end === -1 ? id : id.subarray(0, end)
  const isName =
    name.length > 0 &&
    name.every((byte) => byte > 0x20 && byte < 0x7f) &&
    id.subarray(name.length).every((byte) => byte === 0)
  return isName ? Buffer.from(name).toString('latin1') : toHex(id)
}
