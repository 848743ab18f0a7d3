import js from '@eslint/js'
import hooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist', 'src/api/schema.ts', 'screenshots', 'public'] },
  js.configs.recommended,
  ...ts.configs.strict,
  hooks.configs.flat.recommended,
  {
    rules: {
      'max-lines': ['error', 400],
      'max-params': ['error', 5],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'foreign markup is shown in a sandboxed frame (ui/MailFrame), never in the page',
        },
      ],
      // TanStack Table hands out functions that the compiler cannot memoise; we do not use the compiler.
      'react-hooks/incompatible-library': 'off',
    },
  },
)
