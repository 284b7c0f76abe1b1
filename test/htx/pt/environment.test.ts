import { describe, expect, it } from 'vitest'
import { PtVersionError, readPtEnvironment } from '../../../src/lib/htx/index.ts'

const CLIENT = {
  TOR_PT_MANAGED_TRANSPORT_VER: '1',
  TOR_PT_STATE_LOCATION: '/var/lib/tor/pt_state/',
  TOR_PT_CLIENT_TRANSPORTS: 'obfs2,htx',
}
const SERVER = {
  TOR_PT_MANAGED_TRANSPORT_VER: '1,2',
  TOR_PT_STATE_LOCATION: '/state',
  TOR_PT_SERVER_TRANSPORTS: 'htx',
  TOR_PT_ORPORT: '127.0.0.1:9001',
}

describe('the environment of a pluggable transport', () => {
  it('names the role, our transport and those of others', () => {
    expect(readPtEnvironment(CLIENT)).toMatchObject({ role: 'client', wanted: true, unknown: ['obfs2'] })
    expect(readPtEnvironment({ ...CLIENT, TOR_PT_CLIENT_TRANSPORTS: '*' })).toMatchObject({
      wanted: true,
      unknown: [],
    })
    expect(readPtEnvironment({ ...CLIENT, TOR_PT_CLIENT_TRANSPORTS: 'obfs4' })).toMatchObject({
      wanted: false,
    })
  })

  it('gives a server its addresses, options and where the bytes go', () => {
    const asked = readPtEnvironment({
      ...SERVER,
      TOR_PT_SERVER_BINDADDR: 'obfs3-198.51.100.1:1984,htx-[2001:db8::1]:4891',
      TOR_PT_SERVER_TRANSPORT_OPTIONS: 'obfs3:a=b;htx:link=ws',
      TOR_PT_EXTENDED_SERVER_PORT: '127.0.0.1:4200',
      TOR_PT_AUTH_COOKIE_FILE: '/cookie',
    })
    expect(asked).toMatchObject({
      bind: { host: '2001:db8::1', port: 4891 },
      options: new Map([['link', 'ws']]),
      orPort: { host: '127.0.0.1', port: 9001 },
      extended: { at: { host: '127.0.0.1', port: 4200 }, cookieFile: '/cookie' },
    })
    expect(readPtEnvironment({ ...SERVER, TOR_PT_EXTENDED_SERVER_PORT: '' })).toMatchObject({
      bind: { host: '0.0.0.0', port: 0 },
      extended: undefined,
    })
  })

  it.each([
    [{ ...CLIENT, TOR_PT_STATE_LOCATION: '' }],
    [{ ...CLIENT, ...SERVER }],
    [{ ...SERVER, TOR_PT_ORPORT: '' }],
    [{ ...SERVER, TOR_PT_ORPORT: '127.0.0.1' }],
    [{ ...SERVER, TOR_PT_ORPORT: '127.0.0.1:70000' }],
    [{ ...SERVER, TOR_PT_SERVER_BINDADDR: 'htx-nowhere' }],
    [{ ...SERVER, TOR_PT_EXTENDED_SERVER_PORT: '127.0.0.1:1' }],
    [{}],
  ])('that is not whole is refused: %j', (env) => {
    expect(() => readPtEnvironment(env)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('of a later version alone is not ours', () => {
    expect(() => readPtEnvironment({ ...CLIENT, TOR_PT_MANAGED_TRANSPORT_VER: '2,3' })).toThrow(
      PtVersionError,
    )
  })
})
