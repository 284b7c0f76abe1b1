/** Thread that creates packets for a benchmark. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { benchPacket, type PacketJob } from './packets.ts'

const { bench, count } = workerData as PacketJob
const { packetBytes } = bench.geometry
const all = new Uint8Array(count * packetBytes)
for (let at = 0; at < count; at++) all.set(benchPacket(bench), at * packetBytes)
const port = parentPort as MessagePort
port.postMessage(all, [all.buffer])
