/** Who may reach what. The ranges are those of the IANA special-purpose registries. */
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../../src/lib/core/index.ts'
import { AccessList, parsePermit, parsePermitFile } from '../../../../src/lib/htx/index.ts'
import { type IpAddress, parseAddressText } from '../../../../src/lib/htx/service/forward/access/addresses.ts'

const PEER = `ciq${'a'.repeat(52)}`
const OTHER = `ciq${'b'.repeat(52)}`

function ip(text: string): IpAddress {
  const address = parseAddressText(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

/** Whether `PEER` reaches `host:port` when the host leads to `address`. */
function reaches(permit: string, host: string, port: number, address = host): boolean {
  return new AccessList(parsePermit(permit)).permits(PEER, { host, port }, ip(address), 'reach')
}

const CLOSED = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fd00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
]

const PUBLIC = [
  '1.1.1.1',
  '100.128.0.1',
  '172.32.0.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00::1',
]

describe('an access list', () => {
  it('that is empty permits nothing', () => {
    const list = new AccessList([])
    expect(list.permits(PEER, { host: '1.1.1.1', port: 443 }, ip('1.1.1.1'), 'reach')).toBe(false)
    expect(list.prospectOf(PEER, { host: 'example.org', port: 443 }, 'reach')).toBe('none')
  })

  it.each(CLOSED)('does not open %s for the wildcard', (address) => {
    expect(reaches('*=*:*', address, 80)).toBe(false)
    expect(reaches('*=*:*', 'name.example', 80, address)).toBe(false)
    const socks = new AccessList([], { everythingPublic: true })
    expect(socks.permits(PEER, { host: address, port: 80 }, ip(address), 'reach')).toBe(false)
  })

  it.each(PUBLIC)('opens %s for the wildcard', (address) => {
    expect(reaches('*=*:*', address, 80)).toBe(true)
  })

  it.each(CLOSED)('does not open %s for a network that only covers it', (address) => {
    for (const wide of ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '[::]/0', '[::ffff:0:0]/96', '[2000::]/3'])
      expect(reaches(`*=${wide}:*`, address, 80), wide).toBe(false)
  })

  it.each([
    ['0.0.0.0/0', '1.1.1.1'],
    ['[::ffff:0:0]/96', '1.1.1.1'],
    ['[::]/0', '2606:4700::1111'],
    ['[2000::]/3', '2606:4700::1111'],
  ])('opens through %s what is public, such as %s', (wide, address) => {
    expect(reaches(`*=${wide}:*`, address, 80)).toBe(true)
  })

  it.each([
    ['192.168.0.0/15', '192.168.1.1', false],
    ['192.168.0.0/16', '192.168.1.1', true],
    ['172.0.0.0/8', '172.16.0.1', false],
    ['127.0.0.0/8', '127.0.0.1', true],
    ['[fc00::]/6', 'fd00::1', false],
    ['[fc00::]/7', 'fd00::1', true],
    ['[fe80::]/10', 'fe80::1', true],
    ['[::ffff:10.0.0.0]/104', '10.1.2.3', true],
    ['[::ffff:10.0.0.0]/104', '::ffff:10.1.2.3', true],
    ['[::ffff:10.0.0.0]/104', '11.1.2.3', false],
    // What NAT64 and 6to4 deliver to is what counts.
    ['[64:ff9b::]/96', '64:ff9b::808:808', true],
    ['[64:ff9b::]/96', '64:ff9b::a00:1', false],
    ['[64:ff9b::]/96', '64:ff9b::7f00:1', false],
    ['[64:ff9b::a00:0]/104', '64:ff9b::a01:203', true],
    ['[2002::]/16', '2002:808:808::1', true],
    ['[2002::]/16', '2002:a00:1::1', false],
    ['[2002::]/16', '2002:c0a8:101::1', false],
    ['[2002:a00::]/24', '2002:a01:203::1', true],
  ])('with %s opens %s: %s', (network, address, expected) => {
    expect(reaches(`*=${network}:*`, address, 80)).toBe(expected)
  })

  it('leaves the own addresses of the machine to entries that name them alone', () => {
    const own = ['1.2.3.4', '10.0.0.5', '2a00::5', '127.0.0.1', '::1']
    const isOwn = ({ address }: IpAddress): boolean => own.includes(address)
    const reaches = (permit: string, address: string, purpose: 'reach' | 'open', socks = false): boolean =>
      new AccessList(parsePermit(permit), { isOwn, everythingPublic: socks }).permits(
        PEER,
        { host: 'own.example', port: 80 },
        ip(address),
        purpose,
      )
    const wide = '*=*:*,own.example:*,1.2.3.0/24:*,10.0.0.0/8:*,[2a00::]/16:*'
    for (const purpose of ['reach', 'open'] as const) {
      for (const address of ['1.2.3.4', '10.0.0.5', '2a00::5']) {
        expect(reaches(wide, address, purpose, true), address).toBe(false)
        const text = address.includes(':') ? `[${address}]` : address
        expect(reaches(`*=${text}:80`, address, purpose), address).toBe(true)
        expect(reaches(`*=${text}/${address.includes(':') ? 128 : 32}:80`, address, purpose)).toBe(true)
      }
      expect(reaches('*=127.0.0.0/8:*', '127.0.0.1', purpose)).toBe(true)
    }
    expect(reaches(wide, '1.2.3.5', 'reach')).toBe(true)
    expect(reaches(wide, '10.0.0.6', 'reach')).toBe(true)
    expect(reaches(wide, '64:ff9b::102:304', 'reach')).toBe(false)
  })

  it.each(['0.0.0.0', '::'])('opens %s as a port and never as a target', (address) => {
    const permit = `*=[${address}]:80`.replace(/\[([\d.]+)\]/, '$1')
    expect(reaches(permit, address, 80)).toBe(false)
    const list = new AccessList(parsePermit(permit))
    expect(list.permits(PEER, { host: address, port: 80 }, ip(address), 'open')).toBe(true)
  })

  const NAMED = CLOSED.filter((address) => address !== '::' && address !== '0.0.0.0')
  it.each(NAMED)('opens %s when an entry names it', (address) => {
    expect(reaches(`*=[${address}]:80`.replace(/\[([\d.]+)\]/, '$1'), address, 80)).toBe(true)
  })

  it('opens a network that an entry names, and nothing beside it', () => {
    expect(reaches('*=10.0.0.0/8:5432', '10.255.0.1', 5432)).toBe(true)
    expect(reaches('*=10.0.0.0/8:5432', '11.0.0.1', 5432)).toBe(false)
    expect(reaches('*=[fd00::]/8:*', 'fd12::1', 22)).toBe(true)
    expect(reaches('*=[fd00::]/8:*', 'fe80::1', 22)).toBe(false)
    expect(reaches('*=[::]/0:*', '127.0.0.1', 22)).toBe(false)
  })

  it('takes a name for what stands in the request, and for public addresses only', () => {
    expect(reaches('*=example.org:443', 'EXAMPLE.org.', 443, '1.1.1.1')).toBe(true)
    expect(reaches('*=example.org:443', 'example.com', 443, '1.1.1.1')).toBe(false)
    expect(reaches('*=example.org:443', 'sub.example.org', 443, '1.1.1.1')).toBe(false)
    // Whoever runs the zone must not lead us into our own network.
    expect(reaches('*=example.org:443', 'example.org', 443, '127.0.0.1')).toBe(false)
    expect(reaches('*=localhost:22', 'localhost', 22, '127.0.0.1')).toBe(true)
    expect(reaches('*=localhost:22', 'localhost', 22, '10.0.0.1')).toBe(false)
  })

  it('goes by peer and by port', () => {
    expect(reaches(`${PEER}=1.1.1.1:443`, '1.1.1.1', 443)).toBe(true)
    expect(reaches(`${OTHER}=1.1.1.1:443`, '1.1.1.1', 443)).toBe(false)
    expect(reaches('*=1.1.1.1:443', '1.1.1.1', 444)).toBe(false)
    expect(reaches('*=9.9.9.9:53,1.1.1.1:443', '1.1.1.1', 443)).toBe(true)
  })

  it('opens UNIX sockets by their path alone', () => {
    const list = new AccessList(parsePermit(`${PEER}=/run/app.sock,*:*`))
    expect(list.permitsUnix(PEER, '/run/app.sock')).toBe(true)
    expect(list.permitsUnix(OTHER, '/run/app.sock')).toBe(false)
    expect(list.permitsUnix(PEER, '/run/other.sock')).toBe(false)
  })

  it('lets everything public be reached on request, and nothing be opened for that', () => {
    const list = new AccessList([], { everythingPublic: true })
    const target = { host: '1.1.1.1', port: 443 }
    expect(list.permits(PEER, target, ip('1.1.1.1'), 'reach')).toBe(true)
    expect(list.permits(PEER, target, ip('1.1.1.1'), 'open')).toBe(false)
    expect(list.permitsUnix(PEER, '/run/app.sock')).toBe(false)
  })

  it.each([
    ['*=example.org:443', 'named'],
    ['*=example.org:443,*:443,10.0.0.0/8:443', 'named'],
    ['*=example.com:443,*:443,10.0.0.0/8:443', 'public'],
    ['*=example.com:443,10.0.0.0/8:443', 'networks'],
    ['*=example.com:443,*:80,10.0.0.0/8:80,/run/app.sock', 'none'],
    [`${OTHER}=*:443`, 'none'],
  ])('of %s says that a name may be permitted as: %s', (permit, prospect) => {
    const list = new AccessList(parsePermit(permit))
    expect(list.prospectOf(PEER, { host: 'Example.org.', port: 443 }, 'reach')).toBe(prospect)
  })

  it('tells those who watch it of a change', () => {
    const list = new AccessList(parsePermit('*=1.1.1.1:443'))
    let told = 0
    const forget = list.watch(() => told++)
    list.replace([])
    expect(list.permits(PEER, { host: '1.1.1.1', port: 443 }, ip('1.1.1.1'), 'reach')).toBe(false)
    forget()
    list.replace([])
    expect(told).toBe(1)
  })

  it('tells all who watch it, also when one of them fails', () => {
    const list = new AccessList([])
    const told: number[] = []
    for (const [i, fails] of [false, true, false].entries())
      list.watch(() => {
        told.push(i)
        if (fails) throw new Error('no more files')
      })
    expect(() => list.replace([])).toThrow('no more files')
    expect(told).toEqual([0, 1, 2])
  })
})

describe('an entry of an access list', () => {
  it.each([
    '',
    'example.org:443',
    'nobody=example.org:443',
    '*=',
    '*=example.org',
    '*=example.org:65536',
    '*=example.org:-1',
    '*=:443',
    '*=exa mple.org:443',
    '*=*.example.org:443',
    '*=127.1:22',
    '*=0x7f000001:22',
    '*=2130706433:22',
    '*=1.1.1.1/33:22',
    '*=[fd00::]/129:22',
    '*=[::ffff:10.0.0.0]/95:22',
    '*=[::ffff:10.0.0.0]/129:22',
    '*=[fe80::1%eth0]:22',
    '*=::1:22',
    '*=1.1.1.1:443,',
  ])('that is "%s" is refused', (text) => {
    let failure: unknown
    try {
      parsePermit(text)
    } catch (error) {
      failure = error
    }
    expect(isAivError(failure, 'E_USAGE')).toBe(true)
  })

  it('stands on a line of a file; the number of a wrong line is told', () => {
    expect(parsePermitFile(`# who\n\n${PEER}=1.1.1.1:443\n  *=9.9.9.9:53\n`)).toHaveLength(2)
    expect(() => parsePermitFile('*=1.1.1.1:443\nwrong\n')).toThrow(/^line 2: /)
  })
})
