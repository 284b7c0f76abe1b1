/** Fuzz targets of what reads the traffic and the files of others. A target takes a seed, and the same seed does the same again. */
import { fuzzFirstFlight, fuzzMatch, fuzzTemplate } from './browser-fuzz.ts'
import { fuzzPcap, fuzzPcapng, fuzzReassembly } from './capture-fuzz.ts'
import { fuzzCertificates } from './certificate-fuzz.ts'
import { DATAGRAMS_PER_RUN, fuzzDtls, fuzzQuic } from './datagram-fuzz.ts'
import { fuzzEch } from './ech-fuzz.ts'
import { fuzzHello, fuzzHelloStream, fuzzServerHello } from './hello-fuzz.ts'
import { fuzzInput } from './input-fuzz.ts'
import { fuzzEchFlight, fuzzServerFlight } from './server-fuzz.ts'

export interface TlsFuzzTarget {
  /** Makes what this seed says and gives it to the target. @throws Error when a property does not hold */
  readonly run: (seed: number) => void | Promise<void>
  /** Hostile inputs in one run. */
  readonly inputs: number
}

export const TLS_FUZZ_TARGETS: Readonly<Record<string, TlsFuzzTarget>> = {
  hello: { run: fuzzHello, inputs: 1 },
  'server-hello': { run: fuzzServerHello, inputs: 1 },
  'hello-stream': { run: fuzzHelloStream, inputs: 1 },
  pcap: { run: fuzzPcap, inputs: 1 },
  pcapng: { run: fuzzPcapng, inputs: 1 },
  reassembly: { run: fuzzReassembly, inputs: 1 },
  quic: { run: fuzzQuic, inputs: DATAGRAMS_PER_RUN },
  dtls: { run: fuzzDtls, inputs: DATAGRAMS_PER_RUN },
  input: { run: fuzzInput, inputs: 1 },
  ech: { run: fuzzEch, inputs: 1 },
  certificates: { run: fuzzCertificates, inputs: 1 },
  'first-flight': { run: fuzzFirstFlight, inputs: 1 },
  match: { run: fuzzMatch, inputs: 1 },
  template: { run: fuzzTemplate, inputs: 1 },
  'server-flight': { run: fuzzServerFlight, inputs: 1 },
  'ech-flight': { run: fuzzEchFlight, inputs: 1 },
}
