import { expect, test } from 'vitest'
import { settled } from './settled'

const none = {
  planned: 0,
  held: 0,
  suppressed: 0,
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  failed: 0,
  complained: 0,
  unsubscribed: 0,
}

test('a message that waits for its turn is not behind the campaign, though it was decided on', () => {
  const messages = { ...none, planned: 80, suppressed: 20, sent: 30, failed: 1 }
  expect(settled({ messages, progress: { decided: 100, of: 100 } })).toEqual({ done: 51, of: 100 })
})

test('before anybody knows the audience there is nothing to say', () => {
  expect(settled({ messages: none, progress: null })).toBeNull()
})
