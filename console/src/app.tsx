import { createTheme, MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { queries } from './api/client'
import { router } from './router'
import { schemeManager } from './shell/scheme'
import { theme, variables } from './theme'

/** Everything that every page stands in. */
export function App() {
  const { t } = useTranslation('shell')
  const spoken = mergeThemeOverrides(
    theme,
    createTheme({
      components: {
        Modal: { defaultProps: { closeButtonProps: { 'aria-label': t('close') } } },
        Drawer: { defaultProps: { closeButtonProps: { 'aria-label': t('close') } } },
      },
    }),
  )
  return (
    <MantineProvider
      theme={spoken}
      cssVariablesResolver={variables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  )
}
