import { expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { getFile } from '../../../../src/lib/htx/service/file/index.ts'
import { getParams } from '../../../../src/lib/htx/service/file/wire/items.ts'
import { openService } from '../../../../src/lib/htx/service/open-service.ts'
import { Turns } from '../../../../src/lib/htx/service/turns.ts'
import { content, FileExchange, turns, until } from '../../../support/file-exchange.ts'
import { digestOf, openFileService, type RawPeer } from '../../../support/raw-file-peer.ts'
import type { StreamPair } from '../../../support/stream-pair.ts'

const REQUEST = getParams('f', { offset: 0, prefix: digestOf() })

/** Asks for `f` many times and reads none of it. */
async function unread(pair: StreamPair, count: number): Promise<RawPeer[]> {
  const answered: RawPeer[] = []
  for (let i = 0; i < count; i++) {
    void openFileService(pair.client, REQUEST).then(
      (peer) => answered.push(peer),
      () => {},
    )
  }
  await until(() => answered.length >= 16)
  await turns(200)
  return answered
}

function serving(): FileExchange {
  const exchange = new FileExchange()
  exchange.write('served', 'f', content(1000))
  return exchange
}

it('a peer that asks for 40 files at once and reads none is given 16 and the others in turn', async () => {
  const exchange = serving()
  const answered = await unread(exchange.connect({ clock: new ManualClock() }), 40)
  expect(answered).toHaveLength(16)
  for (const { stream } of answered.slice(0, 5)) stream.destroy()
  await until(() => answered.length >= 21)
  await turns(200)
  expect(answered).toHaveLength(21)
})

it('a request that was given up while it waited takes no turn away from the next', async () => {
  const exchange = serving()
  const pair = exchange.connect({ clock: new ManualClock() })
  const answered = await unread(pair, 16)
  const controller = new AbortController()
  const givenUp = openService(pair.client, 'file/1', REQUEST, { signal: controller.signal })
  let isNextAnswered = false
  void openFileService(pair.client, REQUEST).then(() => {
    isNextAnswered = true
  })
  await turns(200)
  controller.abort()
  await expect(givenUp).rejects.toMatchObject({ code: 'E_ABORTED' })
  await turns(200)
  expect(isNextAnswered).toBe(false)
  answered[0]?.stream.destroy()
  await until(() => isNextAnswered)
})

it('another session does not wait for a peer that reads nothing', async () => {
  const exchange = serving()
  await unread(exchange.connect({ clock: new ManualClock() }), 40)
  const { size } = await getFile(exchange.connect().client, 'f', exchange.fetched)
  expect(size).toBe(1000)
})

it('a turn that is given up is left at once, not when it would have come', async () => {
  const row = new Turns(1)
  const never = new AbortController().signal
  void row.run(never, () => new Promise(() => {}))
  const controller = new AbortController()
  let hasWorked = false
  const waiting = row.run(controller.signal, async () => {
    hasWorked = true
  })
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'E_ABORTED' })
  expect(hasWorked).toBe(false)
})
