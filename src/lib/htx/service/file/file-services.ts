/** Several services of the one name `file/1`, chosen by the operation that a peer asks for. */
import { refusal, type Service } from '../accept-service.ts'

export interface FileServices {
  /** From `receiveFiles`: answers put. */
  readonly receive?: Service
  /** From `serveFiles`: answers get and list. */
  readonly serve?: Service
}

/** What a listener that may both take and give files registers as `file/1`. */
export function fileServices({ receive, serve }: FileServices): Service {
  return async (request) => {
    const service = request.params.op === 'put' ? receive : serve
    if (service === undefined) throw refusal('this operation is not offered here')
    await service(request)
  }
}
