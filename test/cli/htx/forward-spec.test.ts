/** The grammar of ssh for forwards. */
import { describe, expect, it } from 'vitest'
import {
  parseDynamic,
  parseForward,
  parseStdioTarget,
} from '../../../src/lib/cli/htx/forward/forward-spec.ts'

describe('a forward', () => {
  it.each([
    ['8080:localhost:80', { host: '127.0.0.1', port: 8080 }, { host: 'localhost', port: 80 }],
    ['0:h:65535', { host: '127.0.0.1', port: 0 }, { host: 'h', port: 65_535 }],
    ['192.168.1.1:8080:h:80', { host: '192.168.1.1', port: 8080 }, { host: 'h', port: 80 }],
    ['[::1]:8080:[2001:db8::1]:80', { host: '::1', port: 8080 }, { host: '2001:db8::1', port: 80 }],
    ['*:8080:h:80', { port: 8080 }, { host: 'h', port: 80 }],
    [':8080:h:80', { port: 8080 }, { host: 'h', port: 80 }],
    ['/run/a.sock:h:80', { path: '/run/a.sock' }, { host: 'h', port: 80 }],
    ['8080:/run/b.sock', { host: '127.0.0.1', port: 8080 }, { host: '/run/b.sock', port: 0 }],
    ['/run/a.sock:/run/b.sock', { path: '/run/a.sock' }, { host: '/run/b.sock', port: 0 }],
  ])('%s', (text, listen, target) => {
    expect(parseForward('-L', text)).toEqual({ listen, target })
  })

  it.each([
    '',
    '8080',
    '8080:h',
    'h:80:x',
    '8080:h:0',
    '8080:h:65536',
    '8080::80',
    'a:8080:h:80:1',
    '[::1:8080:h:80',
    '8080:h:80:',
    '-1:h:80',
  ])('"%s" is refused', (text) => {
    expect(() => parseForward('-L', text)).toThrow(/-L does not understand/)
  })
})

describe('a dynamic forward', () => {
  it('opens a port of the loopback unless another address is named', () => {
    expect(parseDynamic('1080')).toEqual({ host: '127.0.0.1', port: 1080 })
    expect(parseDynamic('[::1]:0')).toEqual({ host: '::1', port: 0 })
    expect(parseDynamic('*:1080')).toEqual({ port: 1080 })
    expect(() => parseDynamic('h:1:2')).toThrow(/-D does not understand/)
    expect(() => parseDynamic('')).toThrow(/-D does not understand/)
  })
})

describe('a target for stdin and stdout', () => {
  it('is a host and a port, or a UNIX socket', () => {
    expect(parseStdioTarget('localhost:22')).toEqual({ host: 'localhost', port: 22 })
    expect(parseStdioTarget('[::1]:22')).toEqual({ host: '::1', port: 22 })
    expect(parseStdioTarget('/run/b.sock')).toEqual({ host: '/run/b.sock', port: 0 })
    expect(() => parseStdioTarget('22')).toThrow(/-W does not understand/)
  })
})
