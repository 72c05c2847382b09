// A server that takes signed requests only, for the tests of whatever signs: `node --test examples/node`
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'

const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'for-tests-only', AWS_REGION: 'us-east-1' }
const env = { ...process.env, ...keys }
let server, url

before(async () => {
  server = spawn('sigcurl', ['serve', '--port', '0', '--ready', 'json', '--log', 'off'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  url = JSON.parse(line).url
})

after(async () => {
  server.kill()
  await once(server, 'exit')
})

// In place of the client that is tested: a URL that sigcurl signed.
const presigned = (path) =>
  execFileSync('sigcurl', ['presign', '--service', 'execute-api', `${url}${path}`], { env, encoding: 'utf8' }).trim()

test('what is signed arrives', async () => {
  const answer = await fetch(presigned('/pets?name=Rex'))
  const echo = await answer.json()
  assert.equal(echo.path, '/pets')
  assert.equal(echo.signed.access_key_id, keys.AWS_ACCESS_KEY_ID)
})

test('what is changed is refused', async () => {
  const answer = await fetch(presigned('/pets?name=Rex').replace('Rex', 'Max'))
  assert.equal(answer.status, 403)
  assert.equal(answer.headers.get('x-amzn-errortype'), 'InvalidSignatureException')
})
