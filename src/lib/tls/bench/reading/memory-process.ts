/** Entry of the process whose memory is measured. */
import { createReadStream } from 'node:fs'
import type { MemoryReport, MemoryTask } from './memory-measurement.ts'
import { readWhole } from './work.ts'

/** Looked at after each piece: what the system calls the largest includes that of the process that started this one. */
class PeakMemory {
  #peakBytes = 0

  get peakBytes(): number {
    return this.#peakBytes
  }

  look(): void {
    this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss())
  }
}

async function* watched(path: string, peak: PeakMemory): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of createReadStream(path)) {
    peak.look()
    yield piece as Uint8Array
  }
  peak.look()
}

const { path, ...content } = JSON.parse(process.argv[2] ?? '') as MemoryTask
const peak = new PeakMemory()
const beforeBytes = process.memoryUsage.rss()
await readWhole(watched(path, peak), content, new AbortController().signal)
const report: MemoryReport = { beforeBytes, peakBytes: peak.peakBytes }
process.send?.(report)
