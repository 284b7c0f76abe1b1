import { expect, it } from 'vitest'
import { MemoryVolume, openMemoryStore, openStore } from '../../src/lib/storage/index.ts'
import { describeStore, put, SCHEMA } from './compliance.ts'

describeStore('the memory store', async () => {
  const volume = new MemoryVolume()
  return { open: (schema) => openMemoryStore(schema, volume), dispose: async () => {} }
})

it('a store opened at :memory: is alone and gone when closed', async () => {
  const first = await openStore({ path: ':memory:', schema: SCHEMA })
  const second = await openStore({ path: ':memory:', schema: SCHEMA })
  await first.batch([put('a', '1')])
  expect(await second.count()).toBe(0)
  await first.close()
  const third = await openStore({ path: ':memory:', schema: SCHEMA })
  expect(await third.count()).toBe(0)
})
