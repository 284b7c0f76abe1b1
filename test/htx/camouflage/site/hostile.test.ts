/** Hostile bytes where tickets are looked for, and hostile visitors. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latin1, SeededRandom, utf8 } from '../../../../src/lib/core/index.ts'
import { findCandidates } from '../../../../src/lib/htx/camouflage/site/candidates.ts'
import { FORM_BYTES_MOST } from '../../../../src/lib/htx/camouflage/site/constants.ts'
import { readForm } from '../../../../src/lib/htx/camouflage/site/form-body.ts'
import { decoyFolder, openTls, PAGE, PATH, RawReader, startSite, upgradeRequest } from './site.ts'

const TICKET = Buffer.from(new SeededRandom(1).bytes(150)).toString('base64url')

const piece = fc.oneof(
  fc.constantFrom(
    'bn1',
    'bn1=',
    '__Host-bn1=',
    '__Host-s=',
    TICKET,
    '=',
    ';',
    '; ',
    '&',
    '?',
    '%',
    '%62n1=',
    '"',
    ' ',
    '\t',
  ),
  fc.string({ maxLength: 12, unit: 'binary' }),
)
const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))

describe('the places of tickets', () => {
  it('give a ticket only when there is exactly one text, spelled as it must be', () => {
    const run = (cookies: readonly string[], query: string, form: string | undefined): void => {
      const { ticket, count, session } = findCandidates({
        target: `/x?${query}`,
        fields: cookies.map((value) => ['Cookie', value] as const),
        form: form === undefined ? undefined : new Uint8Array(Buffer.from(form, 'latin1')),
        cookieName: '__Host-bn1',
      })
      // An independent count, by regular expressions.
      const inCookies = cookies.flatMap((value) => [
        ...value.matchAll(/(?:^|;)\s*__Host-bn1(?=\s*(?:=|;|$))/g),
      ])
      const inPairs = [query, form === undefined ? '' : latin1(Buffer.from(form, 'latin1'))].flatMap(
        (value) => [...value.matchAll(/(?:^|&)bn1(?=[=&]|$)/g)],
      )
      expect(count).toBeGreaterThanOrEqual(inPairs.length)
      if (ticket !== undefined) {
        expect(count).toBe(1)
        const spelled = Buffer.from(ticket.payload).toString('base64url')
        const whole = { cookie: cookies.join('; '), query, body: form ?? '' }[ticket.carrier]
        expect(whole).toContain(`bn1=${spelled}`)
        expect(inPairs.length + inCookies.length).toBeLessThanOrEqual(1)
      }
      if (session !== undefined) expect(cookies.join(';')).toContain(`__Host-s`)
    }
    fc.assert(fc.property(fc.array(text, { maxLength: 3 }), text, fc.option(text, { nil: undefined }), run), {
      numRuns: 20_000,
      seed: 5,
    })
  })

  it('are found in each carrier', () => {
    const base = { target: '/x', fields: [], form: undefined, cookieName: 'c' } as const
    const found = (changes: Partial<Parameters<typeof findCandidates>[0]>): string | undefined =>
      findCandidates({ ...base, ...changes }).ticket?.carrier
    expect(found({ fields: [['cookie', `a=b;c=${TICKET} ; d`]] })).toBe('cookie')
    expect(found({ target: `/x?a&bn1=${TICKET}&b=c` })).toBe('query')
    expect(found({ form: utf8(`a=b&bn1=${TICKET}`) })).toBe('body')
    expect(found({ target: `/x?bn1=${TICKET}`, fields: [['cookie', 'c=']] })).toBeUndefined()
    expect(found({ target: `/x?bn1=${TICKET}&bn1` })).toBeUndefined()
    expect(found({ target: `/x#?bn1%3d${TICKET}` })).toBeUndefined()
  })

  it.each([FORM_BYTES_MOST, FORM_BYTES_MOST + 1])('a form of %i bytes comes through whole', async (bytes) => {
    const sent = 'z'.repeat(bytes)
    const chunks = [sent.slice(0, 1), sent.slice(1, 5000), sent.slice(5000)].map((chunk) =>
      Buffer.from(chunk),
    )
    const { form, body } = await readForm(Readable.from(chunks, { objectMode: false }))
    expect(form?.length).toBe(bytes > FORM_BYTES_MOST ? undefined : bytes)
    expect(Buffer.concat(await body.toArray()).toString()).toBe(sent)
  })
})

describe('hostile visitors', () => {
  it('that send pieces of requests and leave break nothing', { timeout: 60_000 }, async () => {
    const site = await startSite()
    const random = new SeededRandom(9)
    const form = `POST /contact HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n${'a=b&'.repeat(100)}`
    const requests = [upgradeRequest(`${PATH}?bn1=${TICKET}`), upgradeRequest('/'), form]
    for (let i = 0; i < 300; i++) {
      const socket = await openTls(site.port)
      const request = requests[random.below(requests.length)] as string
      socket.write(request.slice(0, 1 + random.below(request.length)))
      if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve))
      socket.destroy()
    }
    const reader = new RawReader(await openTls(site.port))
    expect((await reader.ask('GET / HTTP/1.1\r\nHost: d\r\n\r\n')).body).toBe(PAGE)
    expect(site.errors).toEqual([])
  })

  it('that send requests behind each other get each answer, in order, upgrades among them', async () => {
    const folder = decoyFolder()
    const large = 'x'.repeat(3_000_000)
    writeFileSync(join(folder, 'large.txt'), large)
    const site = await startSite({ decoy: { kind: 'directory', path: folder } })
    const reader = new RawReader(await openTls(site.port))
    const page = 'GET / HTTP/1.1\r\nHost: d\r\n\r\n'
    const style = 'GET /css/site.css HTTP/1.1\r\nHost: d\r\n\r\n'
    reader.socket.write(page + upgradeRequest('/css/site.css') + upgradeRequest('/') + style)
    const bodies = []
    for (let i = 0; i < 4; i++) bodies.push((await reader.answer()).body)
    expect(bodies).toEqual([PAGE, 'p { color: green }\n', PAGE, 'p { color: green }\n'])
    // And an upgrade first, with requests behind it.
    reader.socket.write(upgradeRequest('/') + style + upgradeRequest('/') + page)
    const more = []
    for (let i = 0; i < 4; i++) more.push((await reader.answer()).body)
    expect(more).toEqual([PAGE, 'p { color: green }\n', PAGE, PAGE])
    // And behind an answer that waits for the visitor to read.
    reader.socket.write(`GET /large.txt HTTP/1.1\r\nHost: d\r\n\r\n${upgradeRequest('/')}${page}`)
    expect((await reader.answer()).body === large).toBe(true)
    expect([(await reader.answer()).body, (await reader.answer()).body]).toEqual([PAGE, PAGE])
    // And an upgrade to something else.
    const other = 'GET / HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
    reader.socket.write(other + style)
    expect([(await reader.answer()).body, (await reader.answer()).body]).toEqual([
      PAGE,
      'p { color: green }\n',
    ])
  })

  it('that hold connections lose the oldest of them, and links are not counted', async () => {
    const site = await startSite({ visitorLimits: { total: 3, perPrefix: 3 } })
    const member = new RawReader(await openTls(site.port))
    await member.ask(upgradeRequest(`${PATH}?bn1=${site.ticket(member.socket)}`))
    expect(site.links).toHaveLength(1)
    const held = []
    for (let i = 0; i < 4; i++) held.push(await openTls(site.port))
    const [oldest, ...others] = held
    if (oldest?.destroyed === false) await new Promise((resolve) => oldest.once('close', resolve))
    expect([member.socket, ...others].map(({ destroyed }) => destroyed)).toEqual([false, false, false, false])
  })

  it('are let go of when the listener closes, and links live on', async () => {
    const site = await startSite()
    const member = new RawReader(await openTls(site.port))
    await member.ask(upgradeRequest(`${PATH}?bn1=${site.ticket(member.socket)}`))
    const idle = await openTls(site.port)
    const gone = new Promise((resolve) => idle.once('close', resolve))
    await site.close()
    await gone
    expect(member.socket.destroyed).toBe(false)
    await expect(openTls(site.port)).rejects.toThrow()
  })
})
