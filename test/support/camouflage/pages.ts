/** The pages of the recording site, some of which make a browser do what our client does. */

export interface SitePage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Opens a WebSocket to /chat. */
export const WEBSOCKET_PAGE = '/socket'
/** Posts a form to its own address. */
export const FORM_PAGE = '/form'
export const FORM_BODY = 'bn1=abc-_'

export const EMPTY_PAGE = '/empty'

const HTML = { 'content-type': 'text/html' }

export function sitePage(method: string, path: string, cookieValue: string): SitePage {
  if (path === '/favicon.ico') return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'none' }
  if (path === EMPTY_PAGE) return { status: 204, headers: {}, body: '' }
  if (method === 'POST') {
    const cookie = `__Host-s=${cookieValue}; Path=/; Secure; HttpOnly; SameSite=Lax`
    return { status: 200, headers: { ...HTML, 'set-cookie': cookie }, body: 'thanks' }
  }
  const [name = '', value = ''] = FORM_BODY.split('=')
  if (path === FORM_PAGE)
    return {
      status: 200,
      headers: HTML,
      body: `<form method="post"><input name="${name}" value="${value}"></form><script>document.forms[0].submit()</script>`,
    }
  if (path === WEBSOCKET_PAGE)
    return {
      status: 200,
      headers: { ...HTML, 'set-cookie': '__Host-a=b; Path=/; Secure' },
      body: '<script>new WebSocket("wss://" + location.host + "/chat")</script>',
    }
  return {
    status: 200,
    headers: { ...HTML, 'alt-svc': 'h3=":443"; ma=86400' },
    body: '<title>a page</title>',
  }
}
