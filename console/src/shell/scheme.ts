import { localStorageColorSchemeManager } from '@mantine/core'

/** Where the choice of light or dark is kept; `before-paint.js` reads the same place. */
export const schemeManager = localStorageColorSchemeManager({ key: 'scheme' })
