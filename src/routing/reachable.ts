import type { Recipient } from '../words/recipient.ts'

/** Whether anything can be sent to a recipient by its channel, as far as the directory knows. */
export function reachable({ disabled, channel }: Recipient): boolean {
  if (disabled) return false
  if (channel.kind === 'webhook') return channel.url !== ''
  if (channel.kind === 'email') return channel.address !== ''
  return true
}
