/** The HTX step: two processes on loopback show what sessions, transfers, tickets and forwards do. */
import { join } from 'node:path'
import type { DemoCheck, DemoStep } from '../../../core/index.ts'
import { formatSize } from '../../quantities.ts'
import { showResumption, showTickets, showWrongPeer } from './access.ts'
import { showCamouflage } from './camouflage.ts'
import { FILE_BYTES, LINKS, makeFile, showCut, showLink } from './files.ts'
import { showContinuity, showForward } from './forwards.ts'
import { showDecoding, showMetrics } from './operations.ts'

export const htxStep: DemoStep = {
  name: 'htx',
  summary: 'two processes send files over TCP, WebSocket and QUIC, and inside a web site',
  run: async (context) => {
    const file = join(context.folder, 'file.bin')
    const expected = await makeFile(file)
    const checks: DemoCheck[] = [
      { name: `made a file of ${formatSize(FILE_BYTES)}`, passed: true, detail: expected },
    ]
    for (const link of LINKS) checks.push(...(await showLink(link, file, expected, context)))
    checks.push(...(await showCamouflage(context)))
    checks.push(
      await showCut(file, expected, context),
      await showWrongPeer(context),
      await showTickets(context),
      await showMetrics(context),
      await showDecoding(context),
      await showForward(context),
      await showContinuity(context),
      await showResumption(context),
    )
    return checks
  },
}
