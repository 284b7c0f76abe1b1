export { RESUME_SERVICE } from './constants.ts'
export { type OpenContinuedOptions, type OpenedContinued, openContinued } from './open-continued.ts'
export { ResumeAcceptor, type ResumeAcceptorOptions } from './resume-acceptor.ts'
