import { expect, test } from 'vitest'
import { journey, leaving } from './journey'

const events = (purchase: string | undefined, ...others: string[]) =>
  journey({ purchase, others, known: true }).map(({ event }) => event)

test('a funnel begins with the way to a purchase, whatever a shop calls its stages', () => {
  expect(events('purchase', 'searched', 'checkout_started', 'product_viewed', 'cart_added')).toEqual([
    'product_viewed',
    'cart_added',
    'checkout_started',
    'purchase',
  ])
  expect(events('Order Completed', 'Product Viewed', 'Product Added')).toEqual([
    'Product Viewed',
    'Product Added',
    'Order Completed',
  ])
  expect(events('purchase', 'view_item', 'add_to_cart', 'begin_checkout')).toEqual([
    'view_item',
    'add_to_cart',
    'begin_checkout',
    'purchase',
  ])
})

test('without such names, or without a purchase, it begins empty', () => {
  expect(events('purchase', 'app_open', 'review_added')).toEqual([])
  expect(events(undefined, 'product_viewed')).toEqual([])
})

test('people leave by uninstalling, before anything else that may mean so', () => {
  const of = (...others: string[]) => leaving({ purchase: undefined, others, known: true })
  expect(of('order_cancelled', 'app_uninstall')).toBe('app_uninstall')
  expect(of('app_open')).toBeUndefined()
})
