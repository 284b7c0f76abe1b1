/** tshark reads a generated hello of every template without a complaint. */
import { describe, expect, it } from 'vitest'
import { ethernet, pcap, tcpIpv4 } from '../../observe/capture/capture-writer.ts'
import { runJudge, withFile } from '../../observe/capture/tshark.ts'
import { generatedRecords, WRITTEN } from './generated.ts'
import { readRecord } from './reference-reader.ts'

const HELLOS_OF_EACH = 5

const FIELDS = [
  'tcp.srcport',
  'tls.handshake.extensions_server_name',
  'tls.handshake.ciphersuite',
  'tls.handshake.extension.type',
  'tls.record.length',
  '_ws.malformed',
  '_ws.expert.message',
]

describe('tshark', () => {
  it('finds in each hello one name, the suites and the extensions in their order, and nothing malformed', async (context) => {
    const records = WRITTEN.flatMap((template) => generatedRecords(template, { count: HELLOS_OF_EACH }))
    const packets = records.map((payload, index) => ({
      data: ethernet('0800', tcpIpv4({ from: 20_000 + index, sequence: 1, payload })),
    }))
    const listing = await withFile(pcap(packets), async (path) =>
      runJudge('tshark', [
        '-r',
        path,
        '-Y',
        'tls.handshake.type == 1',
        '-T',
        'fields',
        ...FIELDS.flatMap((field) => ['-e', field]),
      ]),
    )
    if (listing === undefined) {
      context.skip('no tshark')
      return
    }
    const lines = listing
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
    expect(lines).toHaveLength(records.length)
    for (const [index, [port, name, suites, types, length, malformed, expert]] of lines.entries()) {
      const hello = readRecord(records[index] as Uint8Array)
      expect([port, name, malformed]).toEqual([String(20_000 + index), 'example.test', ''])
      expect(suites?.split(',').map(Number)).toEqual(hello.cipherSuites)
      expect(types?.split(',').map(Number)).toEqual(hello.extensions.map(({ type }) => type))
      expect(length).toBe(String(hello.recordLength))
      // The packets around them have no window: it has no other remark.
      expect(expert).toBe('TCP Zero Window segment')
    }
  })
})
