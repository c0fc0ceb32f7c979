/**
 * Why a webhook's address cannot be used, or null. The address guard at the moment of sending is apart from this: a name
 * that is public today may point inside tomorrow. `allow` holds the `host:port` that may go without https.
 */
export function urlFault(text: string, allow: ReadonlySet<string>): string | null {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) return 'Write a whole https address'
  if (url.username !== '' || url.password !== '') return 'Leave credentials out: calls are signed with the secret instead'
  if (text.includes('#')) return 'Leave the fragment out: it is never sent'
  if (url.protocol === 'http:' && !allow.has(`${url.hostname}:${url.port || '80'}`)) return 'Use https'
  return null
}
