/** Saved questions, and the board of Home. */
import { queryOptions } from '@tanstack/react-query'
import { api, body, queries } from './client'
import type { Question, SavedQuestion } from './types'

export const savedQuery = queryOptions({
  queryKey: ['questions'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/questions', { signal })),
  staleTime: 30_000,
})

async function changed<T>(answer: Promise<T>): Promise<T> {
  const done = await answer
  await queries.invalidateQueries({ queryKey: ['questions'] })
  return done
}

const at = ({ id }: { id: number }) => ({ path: { id: String(id) } })

export const saveQuestion = (name: string, question: Question): Promise<SavedQuestion> =>
  changed(body(api.POST('/api/v1/questions', { body: { name, question } })))

/** Renames a saved question, or changes what it asks. */
export const replaceQuestion = (
  saved: SavedQuestion,
  change: { name?: string; question?: Question },
): Promise<SavedQuestion> => {
  const { name, question, version } = { ...saved, ...change }
  return changed(
    body(api.PUT('/api/v1/questions/{id}', { params: at(saved), body: { name, question, version } })),
  )
}

export const deleteQuestion = (saved: SavedQuestion): Promise<void> =>
  changed(body(api.DELETE('/api/v1/questions/{id}', { params: at(saved) })))

/** Puts a question on the board of Home, or takes it down. */
export const pinQuestion = (saved: { id: number }, pinned: boolean): Promise<SavedQuestion> =>
  changed(
    body(
      pinned
        ? api.PUT('/api/v1/questions/{id}/pin', { params: at(saved) })
        : api.DELETE('/api/v1/questions/{id}/pin', { params: at(saved) }),
    ),
  )

/** The questions on the board of Home, in the order people gave them. */
export const boardOf = (all: readonly SavedQuestion[]): SavedQuestion[] =>
  all.filter(({ place }) => place != null).toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))

/** Moves a question of the board to another place, counted from 1. */
export const moveQuestion = (saved: { id: number }, place: number): Promise<SavedQuestion> =>
  changed(body(api.PUT('/api/v1/questions/{id}/place', { params: at(saved), body: { place } })))
