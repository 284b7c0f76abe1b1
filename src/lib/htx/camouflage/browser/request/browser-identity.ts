/** Who the requests say that they are from: one version of Chrome on one system, as its hello and its TCP show. */
import { AivError } from '../../../../core/index.ts'
import { newestMajor } from '../../../../tls/index.ts'
import { brandList } from './client-hints.ts'

/** What the system of this machine is called: the TCP SYN shows which it is. */
const PLATFORMS = {
  linux: { agent: 'X11; Linux x86_64', hint: 'Linux' },
  darwin: { agent: 'Macintosh; Intel Mac OS X 10_15_7', hint: 'macOS' },
  win32: { agent: 'Windows NT 10.0; Win64; x64', hint: 'Windows' },
} as const

export type BrowserPlatform = keyof typeof PLATFORMS

/** The first version with zstd and with the priority header: what came before spoke otherwise. */
const FIRST_MAJOR = 124
/** The version that JPEG XL was measured with; it was not yet there in 150. */
const JPEG_XL_SINCE = 156

const PAGE_TYPES = 'text/html,application/xhtml+xml,application/xml;q=0.9'
const OTHER_TYPES = '*/*;q=0.8,application/signed-exchange;v=b3;q=0.7'

/** Chrome's own default where the system speaks American English. */
const DEFAULT_ACCEPT_LANGUAGE = 'en-US,en;q=0.9'
const ACCEPT_LANGUAGE = /^[A-Za-z0-9*][A-Za-z0-9*,;=. -]{0,199}$/

export interface BrowserIdentity {
  readonly major: number
  readonly userAgent: string
  /** Of sec-ch-ua. */
  readonly brands: string
  /** Of sec-ch-ua-platform, without quotation marks. */
  readonly platform: string
  /** Of a page. */
  readonly accept: string
  readonly acceptLanguage: string
}

export interface BrowserIdentityOptions {
  /** Default: the newest that is known. */
  readonly major?: number
  /** Default: that of this machine, and Linux for what Chrome does not run on. */
  readonly platform?: BrowserPlatform
  readonly acceptLanguage?: string
  /** Default `Google Chrome`. */
  readonly product?: 'Google Chrome' | 'Chromium'
}

/** @throws AivError `E_UNSUPPORTED` for a version whose requests are not known, `E_USAGE` for unusable languages */
export function browserIdentity(options: BrowserIdentityOptions = {}): BrowserIdentity {
  const newest = newestMajor('chrome')
  const { major = newest, product = 'Google Chrome', acceptLanguage = DEFAULT_ACCEPT_LANGUAGE } = options
  if (!Number.isInteger(major) || major < FIRST_MAJOR || major > newest)
    throw new AivError('E_UNSUPPORTED', `the requests of Chrome ${major} are not known`, {
      hint: `Known are those of ${FIRST_MAJOR} to ${newest}.`,
    })
  if (!ACCEPT_LANGUAGE.test(acceptLanguage))
    throw new AivError('E_USAGE', 'the languages are not of the form of Accept-Language', {
      hint: `Write them such as ${DEFAULT_ACCEPT_LANGUAGE}.`,
    })
  const { agent, hint } = PLATFORMS[options.platform ?? platformOfMachine()]
  const images = `${major >= JPEG_XL_SINCE ? 'image/jxl,' : ''}image/avif,image/webp,image/apng`
  return {
    major,
    userAgent: `Mozilla/5.0 (${agent}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
    brands: brandList(major, product),
    platform: hint,
    accept: `${PAGE_TYPES},${images},${OTHER_TYPES}`,
    acceptLanguage,
  }
}

function platformOfMachine(): BrowserPlatform {
  const { platform } = process
  return platform === 'darwin' || platform === 'win32' ? platform : 'linux'
}
