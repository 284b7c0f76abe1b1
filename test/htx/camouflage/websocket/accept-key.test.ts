import { expect, it } from 'vitest'
import { acceptKeyOf } from '../../../../src/lib/htx/camouflage/websocket/accept-key.ts'

it('answers the key of RFC 6455 section 1.3 as the RFC does', () => {
  expect(acceptKeyOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})
