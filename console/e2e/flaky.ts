/** Says which tests passed only when they were run again, and what stopped them before. */
import type { Reporter, TestCase } from 'vitest/node'

export default class Flaky implements Reporter {
  private readonly found: TestCase[] = []

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.found.push(test)
  }

  onTestRunEnd(): void {
    for (const test of this.found) {
      const why = test.result().errors?.[0]?.message ?? 'no reason given'
      const times = String(test.diagnostic()?.retryCount)
      process.stdout.write(`flaky: ${test.module.relativeModuleId} > ${test.fullName}\n`)
      process.stdout.write(`  passed after ${times} failed: ${why.replaceAll('\n', '\n  ')}\n`)
    }
  }
}
