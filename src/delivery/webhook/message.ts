import type { Webhook } from 'standardwebhooks'

export const EVENT_TYPE = 'uk.daymark.dispatch.released.v1'
const SOURCE = 'urn:daymark:dispatches'

/**
 * The body of a webhook: a CloudEvent around the frozen content. It is put together from the text that was sealed and from
 * columns that never change, so that every attempt sends the same bytes under the same id.
 */
export function bodyOf(dispatch: { id: string; release_at: Temporal.Instant }, content: string): string {
  return cloudEvent({ id: dispatch.id, source: SOURCE, type: EVENT_TYPE, time: dispatch.release_at }, content)
}

/** A CloudEvent 1.0 around data that is JSON text already. */
export function cloudEvent(
  { id, source, type, time }: { id: string; source: string; type: string; time: Temporal.Instant },
  data: string,
): string {
  const envelope = JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type,
    time: time.toString({ smallestUnit: 'millisecond' }),
    datacontenttype: 'application/json',
  })
  return `${envelope.slice(0, -1)},"data":${data}}`
}

/**
 * The headers of Standard Webhooks 1.0. The id is the dispatch's on every attempt, so that a recipient that hears twice can
 * tell; there is one signature a live secret, so that a rotated one is accepted on either side of the change.
 * @param wallSeconds the real time, in seconds since 1970: the recipient compares it with its own clock
 */
export function headersOf(id: string, body: string, signers: readonly Webhook[], wallSeconds: number): Record<string, string> {
  const seconds = Math.floor(wallSeconds)
  return {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'user-agent': 'Daymark',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signers.map((signer) => signer.sign(id, new Date(seconds * 1000), body)).join(' '),
  }
}
