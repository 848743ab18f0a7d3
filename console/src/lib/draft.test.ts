import { expect, test } from 'vitest'
import { freshDraft, freshVariant, sameDraft } from './draft'

test('a draft is the same whatever the order of its fields and whether nothing is null or missing', () => {
  const draft = freshDraft('spring', null, 'ja')
  expect(sameDraft(draft, { ...draft, topic: null, audience: undefined })).toBe(true)
  expect(sameDraft(draft, { ...draft, holdout_percent: 5 })).toBe(false)
})

test('a variant begins in its own language, or empty', () => {
  expect(freshVariant('ja').subject).toContain('様')
  expect(freshVariant('en-GB').subject).toContain('Something')
  expect(freshVariant('ko')).toMatchObject({ language: 'ko', subject: '', body: '' })
})
