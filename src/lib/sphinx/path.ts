/** Checks of what a caller asks to be put into a packet. */
import { AivError } from '../core/index.ts'
import type { RoutingCommand } from './commands.ts'
import { ELEMENT_BYTES, NODE_ID_BYTES } from './constants.ts'
import type { Geometry } from './geometry.ts'
import type { PathHop } from './types.ts'

/** What the last hop of a path does with the payload. */
export type PathEnd = 'deliver' | 'reply'

/**
 * @throws AivError `E_INPUT` unless every node of the path would accept its commands: at most a delay on the way; at the
 *   end a recipient, and a SURB reply if and only if the path is that of a SURB
 */
export function checkPath({ hops }: Geometry, path: readonly PathHop[], end: PathEnd): void {
  if (path.length < 1 || path.length > hops)
    throw new AivError('E_INPUT', `the path has ${path.length} hops, the packets have room for 1 to ${hops}`)
  path.forEach((hop, i) => {
    if (hop.id.length !== NODE_ID_BYTES) throw unusable(i, `the id is not ${NODE_ID_BYTES} bytes long`)
    if (hop.publicKey.length !== ELEMENT_BYTES)
      throw unusable(i, `the public key is not ${ELEMENT_BYTES} bytes long`)
    const problem = i < path.length - 1 ? onTheWay(hop.commands) : atTheEnd(hop.commands, end)
    if (problem !== undefined) throw unusable(i, problem)
  })
}

function unusable(index: number, problem: string): AivError {
  return new AivError('E_INPUT', `hop ${index + 1} of the path: ${problem}`)
}

function onTheWay(commands: readonly RoutingCommand[]): string | undefined {
  const isDelayAtMost = commands.length <= 1 && commands.every(({ type }) => type === 'delay')
  return isDelayAtMost ? undefined : 'a hop on the way takes a delay and nothing else'
}

function atTheEnd(commands: readonly RoutingCommand[], end: PathEnd): string | undefined {
  const types = commands.map(({ type }) => type)
  const wanted = end === 'reply' ? ['recipient', 'surb-reply'] : ['recipient']
  if (
    types.length === wanted.length &&
    wanted.every((type) => types.includes(type as RoutingCommand['type']))
  )
    return undefined
  return end === 'reply'
    ? 'the last hop of a SURB takes a recipient and a SURB reply, and nothing else'
    : 'the last hop takes a recipient and nothing else'
}
