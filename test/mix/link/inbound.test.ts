import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { InboundLinks } from '../../../src/lib/mix/link/inbound.ts'
import { MemoryPipe } from './memory-pipe.ts'

function lab() {
  const clock = new ManualClock()
  const counts = { received: 0, refused: 0, flushed: 0 }
  const links = new InboundLinks({
    packetBytes: 8,
    clock,
    ratePerPeer: 100,
    burstPerPeer: 10,
    intake: {
      receive: () => {
        counts.received++
      },
      refuse: () => {
        counts.refused++
      },
      flush: () => {
        counts.flushed++
      },
    },
  })
  return { clock, counts, links }
}

it('refuses and counts what one peer sends too fast, and what another sends is not touched by it', () => {
  const { clock, counts, links } = lab()
  const [flooder, other] = [new MemoryPipe(), new MemoryPipe()]
  links.add(flooder)
  links.add(other)
  flooder.send(new Uint8Array(8 * 50))
  expect(counts).toMatchObject({ received: 10, refused: 40 })
  other.send(new Uint8Array(8 * 10))
  expect(counts).toMatchObject({ received: 20, refused: 40 })
  clock.advance(50)
  flooder.send(new Uint8Array(8 * 10))
  expect(counts).toMatchObject({ received: 25, refused: 45 })
})

it('shows the node what came together at once', () => {
  const { counts, links } = lab()
  const pipe = new MemoryPipe()
  links.add(pipe)
  pipe.send(new Uint8Array(8 * 5 + 3))
  expect(counts).toMatchObject({ received: 5, flushed: 1 })
})

it('closes links beyond 1,024, and has room again when one ends', () => {
  const { links } = lab()
  const pipes = Array.from({ length: 1_024 }, () => new MemoryPipe())
  for (const pipe of pipes) links.add(pipe)
  const late = new MemoryPipe()
  links.add(late)
  expect(late.isClosed).toBe(true)
  pipes[5]?.break()
  const next = new MemoryPipe()
  links.add(next)
  expect(next.isClosed).toBe(false)
  expect(links.count).toBe(1_024)
})
