// SPDX-License-Identifier: Apache-2.0
// beside_libddwaf.js FOLDER: what Datadog's libddwaf with its recommended rules says of payloads, and how long each takes
// (payloads.h), as its Node tracer calls it. A payload is a value of the query; one that is a JSON object is the parsed
// body too. FOLDER has node_modules.
'use strict'
const path = require('path')
const modules = path.join(path.resolve(process.argv[2]), 'node_modules')
const { DDWAF } = require(path.join(modules, '@datadog/native-appsec'))
const rules = require(path.join(modules, 'dd-trace/packages/dd-trace/src/appsec/recommended.json'))

const waf = new DDWAF(rules, 'recommended')

function judge(addresses) {
  const start = process.hrtime.bigint()
  const context = waf.createContext()
  const result = context.run({ persistent: addresses }, 5000000)
  const spent = process.hrtime.bigint() - start
  context.dispose()
  return [Boolean(result && result.events && result.events.length), spent]
}

const lines = require('fs').readFileSync(0, 'latin1').split('\n')
lines.pop()
const out = []
for (const line of lines) {
  const payload = Buffer.from(line, 'base64').toString('utf8')
  const addresses = { 'server.request.query': { q: [payload] } }
  try {
    const body = JSON.parse(payload)
    if (body !== null && typeof body === 'object') addresses['server.request.body'] = body
  } catch {}
  const [first, a] = judge(addresses)
  const [second, b] = judge(addresses)
  out.push(`${first && second ? 'attack' : 'benign'}\t${a < b ? a : b}`)
}
process.stdout.write(out.join('\n') + '\n')
