import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** 藍, indigo: the one accent. Everything else is grey, unless a colour means something. */
const accent: MantineColorsTuple = [
  '#eef4fb',
  '#dbe7f5',
  '#b5cdea',
  '#8bb1dd',
  '#6898d2',
  '#4d84c6',
  '#3a70b3',
  '#2f5f9e',
  '#264f86',
  '#1c3d6a',
]

/** Greys with a breath of blue, so that they sit beside the accent without looking brown. */
const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f1f3f6',
  '#e6e9ee',
  '#d5dae1',
  '#b4bcc8',
  '#8a94a3',
  '#626d7d',
  '#48515f',
  '#2f3743',
  '#1b212b',
]

const dark: MantineColorsTuple = [
  '#d6dae1',
  '#b0b7c3',
  '#9aa3b1',
  '#5c6573',
  '#3d4551',
  '#2c333e',
  '#222831',
  '#181d25',
  '#12161c',
  '#0c0f14',
]

/** Good and bad differ in lightness and in hue along the blue–orange axis, which every kind of colour vision sees. */
const good: MantineColorsTuple = [
  '#e6f6f4',
  '#cdebe7',
  '#9ad8d0',
  '#63c3b7',
  '#37ae9f',
  '#189685',
  '#0b7c6d',
  '#076458',
  '#064f46',
  '#043a34',
]

const bad: MantineColorsTuple = [
  '#fff0e9',
  '#fedfd0',
  '#fbbd9f',
  '#f6976b',
  '#ee7440',
  '#d9581f',
  '#b84512',
  '#94370d',
  '#742b0a',
  '#561f07',
]

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.25,
  colors: { accent, gray, dark, good, bad },
  fontFamily: "'Inter Variable', 'Noto Sans JP Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, monospace, 'Noto Sans JP Variable'",
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '2rem' },
      h2: { fontSize: '1rem', lineHeight: '1.5rem' },
      h3: { fontSize: '0.875rem', lineHeight: '1.25rem' },
    },
  },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', fw: 550 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, comboboxProps: { shadow: 'md' } } },
    Textarea: { defaultProps: { size: 'sm' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Tooltip: {
      defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 } } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.2 } } },
  },
})

/** The few surfaces and inks that pages use by name. Contrast of each ink on each surface is at least 4.5. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1b212b',
    '--mantine-color-dimmed': '#5b6574',
    '--mantine-color-placeholder': '#6b7585',
    '--surface': '#ffffff',
    '--surface-quiet': '#f6f7f9',
    '--line': '#e3e6eb',
    '--line-strong': '#cdd3db',
    '--hover': '#f0f3f7',
    '--accent-ink': '#2a5791',
    '--accent-wash': '#e8f0fa',
    '--good-ink': '#076458',
    '--bad-ink': '#a13c0f',
    '--warn-ink': '#7a5600',
    '--warn-wash': '#fff6df',
    '--bad-wash': '#fff0e9',
  },
  dark: {
    '--mantine-color-body': '#12161c',
    '--mantine-color-text': '#dde1e8',
    '--mantine-color-dimmed': '#9aa3b1',
    '--mantine-color-placeholder': '#8b95a4',
    '--surface': '#12161c',
    '--surface-quiet': '#0d1116',
    '--line': '#262d37',
    '--line-strong': '#3a434f',
    '--hover': '#1c222b',
    '--accent-ink': '#8bb1dd',
    '--accent-wash': '#1a2a40',
    '--good-ink': '#63c3b7',
    '--bad-ink': '#f6976b',
    '--warn-ink': '#e8c468',
    '--warn-wash': '#2d2610',
    '--bad-wash': '#331a0d',
  },
})
