import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/lib/core/index.ts'
import { type AivResult, aiv } from '../support/aiv.ts'
import { conformancePath } from '../support/conformance.ts'

const folder = conformancePath('utls')

function json({ stdout }: AivResult): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe.runIf(folder !== undefined)('aiv utls fingerprint', () => {
  const capture = `${folder}/ja4-foxio/pcap/tls12.pcap`
  const hello = readFileSync(`${folder}/chromium-156.0.8078.79-clienthello-1.bin`)

  // Values published by FoxIO, and those that tshark prints.
  it('prints one JSON line for each hello, from a file or from a pipe', async () => {
    const result = await aiv(['utls', 'fingerprint', capture, '--json'])
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(json(result)).toEqual([
      {
        v: 1,
        kind: 'client',
        src: '192.168.133.129:36372',
        dst: '34.117.237.239:443',
        packet: 1,
        transport: 'tcp',
        sni: 'contile.services.mozilla.com',
        alpn: ['h2', 'http/1.1'],
        ja3: '771,4865-4867-4866-49195-49199-52393-52392-49196-49200-49162-49161-49171-49172-156-157-47-53,0-23-65281-10-11-35-16-5-34-51-43-13-45-28-21,29-23-24-25-256-257,0',
        ja3_hash: '579ccef312d18482fc42e2b822ca2430',
        ja3n_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
        ja4: 't13d1715h2_5b57614c22b0_3d5424432f57',
        ja4_r: expect.stringMatching(/^t13d1715h2_002f,0035,/),
        ja4_o: expect.stringMatching(/^t13d1715h2_[0-9a-f]{12}_[0-9a-f]{12}$/),
        ja4_ro: expect.stringMatching(/^t13d1715h2_1301,1303,1302,/),
        tls_versions: ['0304', '0303'],
        ech: null,
      },
    ])
    for (const args of [[], ['-']]) {
      const piped = await aiv(['utls', 'fingerprint', ...args, '--json'], { input: readFileSync(capture) })
      expect(piped.stdout).toBe(result.stdout)
    }
  })

  it('reads the bytes of a connection, also as hexadecimal', async () => {
    const ech = { kdf: '0001', aead: '0001', config_id: 155, enc_bytes: 32, payload_bytes: 240 }
    const [fromBytes] = json(await aiv(['utls', 'fingerprint', '--json'], { input: hello }))
    expect(fromBytes).toMatchObject({ sni: 'example.test', ja4: 't13d1517h2_8daaf6152771_cb7bf5808d99', ech })
    const lines = toHex(hello).replaceAll(/.{32}/g, '$& \n')
    expect(json(await aiv(['utls', 'fingerprint', '--json'], { input: lines }))).toEqual([fromBytes])
  })

  it('shows a table to people, with servers in it', async () => {
    const { stdout } = await aiv(['utls', 'fingerprint', `${folder}/ja4-foxio/pcap/https-connect.pcap`])
    const [head, client, server, ...more] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^from +to +via +fingerprint +name$/)
    expect(client).toBe(
      '10.11.12.13:54723      10.9.8.7:8080          tcp   t12i860500_e18388e7f3a3_a1e935682795',
    )
    expect(server).toMatch(/^10\.9\.8\.7:8080 .* server, JA3S [0-9a-f]{32}$/)
    expect(more).toEqual([])
  })

  it('says where a capture is cut, and what was passed over', async () => {
    const whole = readFileSync(`${folder}/ja4-foxio/pcap/tls-handshake.pcapng`)
    const cut = await aiv(['utls', 'fingerprint', '--json'], { input: whole.subarray(0, whole.length - 100) })
    expect(cut.code).toBe(0)
    expect(json({ stdout: cut.stderr } as AivResult)).toContainEqual(
      expect.objectContaining({ log: 'warn', message: 'the capture is cut', packets: 193 }),
    )
  })

  it('has exit code 2 for what holds no hello', async () => {
    const { code, stdout } = await aiv(['utls', 'fingerprint', '--json'], {
      input: 'SSH-2.0-OpenSSH_9.2\r\n',
    })
    expect(code).toBe(2)
    expect(json({ stdout } as AivResult)).toMatchObject([
      { error: { code: 'E_MALFORMED', message: 'the input holds no hello' } },
    ])
  })

  it('does not let a name speak to the terminal', async () => {
    const bytes = new Uint8Array(hello)
    const at = Buffer.from(bytes).indexOf('example.test')
    bytes.set([27, 91, 50, 74], at)
    expect((await aiv(['utls', 'fingerprint'], { input: bytes })).stdout).not.toContain('\u001b')
  })
})
