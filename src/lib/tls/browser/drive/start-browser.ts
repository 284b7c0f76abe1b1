/**
 * How each browser is told to open one page without a window, to find all names at one address, and to talk to nobody
 * else.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from '../template/template.ts'

const LOOPBACK = '127.0.0.1'

const CHROMIUM_ARGUMENTS: readonly string[] = [
  '--headless',
  '--disable-gpu',
  // Only TLS over TCP is asked for.
  '--disable-quic',
  // What a browser without field trials sends; Chromium has those of its testers built in.
  '--disable-field-trial-config',
  '--no-proxy-server',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-features=MediaRouter',
  '--disable-sync',
  '--password-store=basic',
  '--use-mock-keychain',
  // Without anybody at the pipes it ends: so it does when this process is killed.
  '--remote-debugging-pipe',
]

const FIREFOX_PREFERENCES: Readonly<Record<string, string | number | boolean>> = {
  'network.dns.forceResolve': LOOPBACK,
  'network.trr.mode': 5,
  'network.proxy.type': 0,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.http.http3.enable': false,
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.region.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.topsites.contile.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.push.connection.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'services.settings.server': `http://${LOOPBACK}:1/`,
  'toolkit.telemetry.enabled': false,
}

/** What would show it a desktop, or lead it to a proxy. */
const NOT_INHERITED = /^(?:DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_.*|XDG_.*|MOZ_.*|.*_proxy)$/i

export interface BrowserStart {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly withControlPipes: boolean
}

export interface Surroundings {
  /** A folder of its own, which it may write to. */
  readonly folder: string
  readonly pageUrl: string
  /** Where every name leads. */
  readonly port: number
  readonly isRoot: boolean
}

/** Chromium takes a port with its names, Firefox only an address: there, the page has to name the port. */
export function mapsPorts(browser: Browser): boolean {
  return browser === 'chrome'
}

export async function prepareBrowser(browser: Browser, surroundings: Surroundings): Promise<BrowserStart> {
  const profile = join(surroundings.folder, 'profile')
  await mkdir(profile)
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name))
  const env = { ...Object.fromEntries(inherited), HOME: surroundings.folder, TMPDIR: surroundings.folder }
  return browser === 'chrome'
    ? { args: chromiumArguments(profile, surroundings), env, withControlPipes: true }
    : { args: await firefoxArguments(profile, surroundings), env, withControlPipes: false }
}

function chromiumArguments(profile: string, { pageUrl, port, isRoot }: Surroundings): readonly string[] {
  return [
    ...CHROMIUM_ARGUMENTS,
    // It does not start with its sandbox as root. It opens nothing but our page here.
    ...(isRoot ? ['--no-sandbox'] : []),
    `--user-data-dir=${profile}`,
    `--host-resolver-rules=MAP * ${LOOPBACK}:${port}`,
    pageUrl,
  ]
}

async function firefoxArguments(profile: string, { pageUrl }: Surroundings): Promise<readonly string[]> {
  const lines = Object.entries(FIREFOX_PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  await writeFile(join(profile, 'user.js'), lines.join(''))
  return ['--headless', '--no-remote', '--profile', profile, pageUrl]
}
