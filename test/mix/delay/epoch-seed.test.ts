import { describe, expect, it } from 'vitest'
import { loadEcvrf } from '../../../src/lib/crypto/index.ts'
import { proveDelaySeed, verifyDelaySeed } from '../../../src/lib/mix/delay/epoch-seed.ts'

const vrfSeed = new Uint8Array(32).fill(5)
const input = {
  epoch: 0x0102030405,
  sharedRandom: new Uint8Array(32).fill(0xaa),
  node: new Uint8Array(32).fill(0xbb),
}

describe('the seed of an epoch', () => {
  it('is the function of label, epoch, random value and node, in this order and no other', async () => {
    const vrf = await loadEcvrf()
    const alpha = Buffer.concat([
      Buffer.from('aiv-mix-delay-v1', 'ascii'),
      Buffer.from('0000000102030405', 'hex'),
      input.sharedRandom,
      input.node,
    ])
    const seed = proveDelaySeed(vrf, vrfSeed, input)
    expect(vrf.verify('tai', vrf.publicKey(vrfSeed), alpha, seed.proof)).toEqual(seed.beta)
  })

  it('is another one for each epoch, value and node', async () => {
    const vrf = await loadEcvrf()
    const { proof } = proveDelaySeed(vrf, vrfSeed, input)
    const key = vrf.publicKey(vrfSeed)
    expect(verifyDelaySeed(vrf, key, input, proof)).toHaveLength(64)
    for (const change of [{ epoch: 1 }, { sharedRandom: input.node }, { node: input.sharedRandom }])
      expect(verifyDelaySeed(vrf, key, { ...input, ...change }, proof)).toBeUndefined()
  })

  it.each([
    { epoch: -1 },
    { epoch: 0.5 },
    { node: new Uint8Array(31) },
    { sharedRandom: new Uint8Array(33) },
  ])('is not made of %j', async (change) => {
    const vrf = await loadEcvrf()
    expect(() => proveDelaySeed(vrf, vrfSeed, { ...input, ...change })).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })
})
